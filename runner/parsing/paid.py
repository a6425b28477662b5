"""Steps that ask a model: what it takes and needs, as its schema has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner import layout
from runner.document import Path
from runner.language import PAID_KEYS
from runner.operation import Catalogue, Model
from runner.parsing import foreign
from runner.parsing.amounts import candidates, choice
from runner.parsing.notes import Notes, nested
from runner.recipe import Step
from runner.validation import first_paragraph, problems, shown

_STEP_KEYS = frozenset({"name", "prompt", "from", "when", *PAID_KEYS})


def block(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A block of a step; empty when it is missing or no block, which the shape check reports."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


class PaidStepReader:
    """Reads the steps of one recipe that have a prompt, or a model of their own."""

    def __init__(self, on_top: Any, catalogue: Catalogue, notes: Notes) -> None:
        """`on_top` is the model that the recipe names for all steps, if any."""
        self._on_top = on_top
        self._catalogue = catalogue
        self._models = catalogue.models
        self._operations = catalogue.operations
        self._note = notes.note
        self._notes = notes
        self._no_model = "model" in notes.document.data and on_top is None
        """Whether it is told already that no model is named."""
        self._settings: dict[str, Mapping[str, Any]] = {}
        self._misplaced: set[Path] = set()
        """Settings that stand in the wrong block, by where they belong: they are not missing."""

    def step(self, path: Path, raw: dict[str, Any], sources: tuple[str, ...] | None) -> Step:
        """One step; `sources` is None when what it takes cannot be told because of a problem."""
        for verb in self._operations:
            if verb in raw:
                hint = f"give `{verb}` a step of its own, with a name"
                self._note((*path, verb), f"a step does one thing: `prompt` or `{verb}`", hint, key=True)
        model = self._model(path, raw)
        settings = block(raw, "settings")
        if model is not None:
            self._check_prompt(path, raw, model)
            self._check_seed(path, raw.get("seed"), model)
            self._check_pictures(path, raw, model, sources)
            self._check_settings(path, settings, model, edits=bool(sources))
            self._check_outside(path, raw, model)
            if "settings" not in raw or isinstance(raw["settings"], dict):
                self._check_needs(path, raw, model, len(sources or ()))
        return Step(
            name=str(raw.get("name")),
            position=int(path[1]),
            sources=sources or (),
            when=raw.get("when"),
            prompt=raw.get("prompt"),
            model=model.name if model else None,
            settings=settings,
            candidates=candidates(raw),
            choose=choice(path, raw, model, settings, self._note),
            seed=raw.get("seed"),
        )

    def note_idle(self, path: Path) -> None:
        """A step with neither prompt nor model nor operation: the shape check reports it, unless more can be said."""
        model = self._models.get(self._on_top) if isinstance(self._on_top, str) else None
        if model is not None and model.layout.prompt is None:
            hint = f"name its model here too, as a step without a prompt must: `model: {model.name}`"
            self._note(path, "this step does nothing", hint, key=True, whole=False)
            self._notes.missing.add((*path, "prompt"))

    def _model(self, path: Path, raw: Mapping[str, Any]) -> Model | None:
        named = raw.get("model", self._on_top)
        if named is None and "model" not in raw:
            if not self._no_model:
                hint = "write `model:` here, or once at the top; `retouch models` lists them all"
                self._note((*path, "prompt"), "no model is named for this prompt", hint, key=True)
            self._no_model = True
            self._notes.missing.add((*path, "model"))
        return self._models.get(named) if isinstance(named, str) else None

    def _check_prompt(self, path: Path, raw: Mapping[str, Any], model: Model) -> None:
        if "prompt" in raw and model.layout.prompt is None:
            hint = "delete this line" if "model" in raw else f"replace it with `model: {model.name}`"
            self._note((*path, "prompt"), f"{model.name} takes no prompt", hint, key=True)
        elif "prompt" not in raw and model.layout.prompt_required:
            message = f"{model.name} needs a prompt, and this step has none"
            self._note((*path, "model"), message, "add a `prompt:` that says what to change", key=True, whole=False)
            self._notes.missing.add((*path, "prompt"))

    def _check_seed(self, path: Path, seed: Any, model: Model) -> None:
        if isinstance(seed, int) and model.seeds is None:
            self._note((*path, "seed"), f"{model.name} takes no seed", "delete this line", key=True)
        elif isinstance(seed, int) and seed < 0:
            hint = "without this line the seed comes from the recipe's own `seed:`, or is drawn and shown"
            self._note((*path, "seed"), f"{shown(seed)} is too small: at least 0", hint)
        elif isinstance(seed, int) and model.seeds is not None and seed > model.seeds[1]:
            self._note((*path, "seed"), f"{shown(seed)} is too large: at most {model.seeds[1]} for {model.name}")

    def _check_pictures(
        self, path: Path, raw: Mapping[str, Any], model: Model, sources: tuple[str, ...] | None
    ) -> None:
        if sources is None:
            return
        where, key = (*path, "from" if "from" in raw else _main_key(raw)), "from" not in raw
        fewest, most = model.layout.fewest, model.layout.most
        if len(sources) > most:
            takes = f"takes at most {most} picture{'' if most == 1 else 's'}" if most else "takes no pictures"
            message = f"{model.name} {takes}, {len(sources)} {'is' if len(sources) == 1 else 'are'} given"
            hint = (
                "leave out some, or join them with `overlay` first" if most else "it paints from text: write `from: []`"
            )
            self._note(where, message, hint, key=key)
        if not sources and fewest:
            message = f"{model.name} edits a picture, and there is none here"
            hint = "name it with `from:`" if "from" in raw else "add an input of type image"
            self._note(where, message, hint, key=key)
        elif len(sources) < fewest:
            message = f"{model.name} takes {fewest} pictures, {len(sources)} is given"
            self._note(where, message, "name them with `from: [first, second]`", key=key)

    def _check_settings(self, path: Path, settings: Mapping[str, Any], model: Model, *, edits: bool) -> None:
        """Parts of the request that have keys of their own, and settings that go only with text."""
        own = {place.path: "`from:`" for place in model.layout.pictures}
        for taken in (model.layout.prompt, model.layout.seed):
            if taken is not None:
                own[taken] = f"`{taken[-1]}:`, a key of the step itself"
        for place, instead in own.items():
            if layout.get(settings, place) is not None:
                message = f"`{place[-1]}` never stands in `settings`"
                self._note((*path, "settings", *place), message, f"use {instead}", key=True)
        known = self._settings_of(model)
        self._check_places((*path, "settings"), settings, known, model)
        for place, schema, _ in layout.leaves(known):
            if edits and schema.get("x-text-to-image-only") and layout.get(settings, place) is not None:
                message = f"`{layout.dotted(place)}` works only where a picture is made from text alone"
                hint = "delete it: this step edits a picture"
                self._note((*path, "settings", *place), message, hint, key=True)

    def _settings_of(self, model: Model) -> Mapping[str, Any]:
        """The schema of what may stand in `settings:`, made once for all steps."""
        if model.name not in self._settings:
            self._settings[model.name] = model.settings
        return self._settings[model.name]

    def _check_places(self, path: Path, written: Mapping[str, Any], schema: Mapping[str, Any], model: Model) -> None:
        """Settings that stand in the wrong block."""
        known = schema.get("properties", {})
        for key, value in written.items():
            if isinstance(value, dict) and known.get(key, {}).get("properties"):
                self._check_places((*path, key), value, known[key], model)
            if key not in known and (*path, key) not in self._notes.told:
                self._note_misplaced((*path, key), path[3:], model)

    def _check_outside(self, path: Path, raw: Mapping[str, Any], model: Model) -> None:
        """Settings that stand beside `settings:`, one level too high."""
        for key in raw:
            if key not in _STEP_KEYS and key not in self._operations and (*path, key) not in self._notes.told:
                self._note_misplaced((*path, key), None, model)

    def _note_misplaced(self, path: Path, above: Path | None, model: Model) -> None:
        """An unknown key that is a setting of the model elsewhere, or one with dots where blocks are written.

        `above` are the blocks of `settings` that it stands in; None where it stands outside of `settings`.
        """
        if self._notes.full:
            self._notes.told.add(path)
            return
        key = str(path[-1])
        wanted = tuple(key.split("."))
        leaves = [place for place, *_ in layout.leaves(self._settings_of(model))]
        places = dict.fromkeys(place[:end] for place in leaves for end in range(1, len(place) + 1))
        found = [place for place in places if place[-len(wanted) :] == wanted]
        if not found:
            self._note_foreign(path, key, model)
            return
        dots = len(wanted) > 1 and above is not None and (*above, *wanted) in found
        words = "blocks are written without dots" if dots else "it stands elsewhere"
        words = "it stands in `settings`" if above is None else words
        self._note(path, f"unknown key `{key}`", f"{words}: write {nested(found[0])}", key=True)
        self._misplaced |= {(*path[:2], "settings", *place) for place in found}

    def _note_foreign(self, path: Path, key: str, model: Model) -> None:
        """An unknown key that other models have, or that other tools know by this name."""
        told = foreign.belongs_elsewhere(key, model, self._catalogue)
        said = foreign.said_otherwise(key, model)
        if said is not None:
            hint, instead = said
            self._note(path, f"unknown key `{key}`", hint, key=True, instead=instead)
        elif told is not None:
            self._note(path, told[0], told[1], key=True)

    def _check_needs(self, path: Path, raw: Mapping[str, Any], model: Model, pictures: int) -> None:
        """Settings that a request cannot do without, told where they would stand."""
        settings = block(raw, "settings")
        for missing in _missing(model, settings, "prompt" in raw, pictures):
            self._notes.missing |= {(*path, "settings", *missing[:end]) for end in range(len(missing) + 1)}
            if any((*path, "settings", *missing[:end]) in self._misplaced for end in range(1, len(missing) + 1)):
                continue
            present = missing[:-1]
            while present and not isinstance(layout.get(settings, present), dict):
                present = present[:-1]
            inside = (*path, "settings", *present) if "settings" in raw else (*path, _main_key(raw))
            about = first_paragraph(layout.schema_at(model.schema, missing).get("description"))
            message = f"{model.name} needs the setting `{layout.dotted(missing)}`"
            hint = f"write {nested(missing)}" + (f". {about}" if about else "")
            self._note(inside, message, hint, key=True, whole=False)


def _main_key(raw: Mapping[str, Any]) -> str:
    """The key that makes it a step for a model."""
    return "prompt" if "prompt" in raw else "model"


def _missing(model: Model, settings: Mapping[str, Any], prompt: bool, pictures: int) -> Iterator[layout.Path]:
    """Paths of the settings that a request lacks. All its other parts are filled in, with whatever."""
    parts = model.layout
    request = settings
    for part, there in ((parts.prompt, prompt or parts.prompt_required), (parts.seed, True)):
        if part is not None and there:
            request = layout.put(request, part, "")
    for place, taken in parts.filled(["picture"] * max(pictures, parts.fewest)):
        request = layout.put(request, place.path, taken)
    for problem in problems(request, model.schema):
        inside = tuple(str(key) for key in problem.path)
        if problem.missing is not None and inside == problem.path and _may_hold(settings, inside):
            yield from _needed(model.schema, (*inside, problem.missing))


def _may_hold(settings: Mapping[str, Any], inside: layout.Path) -> bool:
    """Whether each value on the way is a block or not there; what else it is, the shape check reports."""
    values = (layout.get(settings, inside[:end]) for end in range(1, len(inside) + 1))
    return all(value is None or isinstance(value, dict) for value in values)


def _needed(schema: Mapping[str, Any], path: layout.Path) -> Iterator[layout.Path]:
    """A missing setting; of a missing block, those settings in it that are needed."""
    inner = layout.schema_at(schema, path)
    required = [key for key in inner.get("required", ()) if key in inner.get("properties", {})]
    if not required:
        yield path
    for key in required:
        yield from _needed(schema, (*path, key))
