"""A document becomes a recipe. All problems are found in one pass: those of its shape (validation against the recipe
schema) and those of its meaning (names, edges, templates, what a model takes). Later code never meets raw YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from runner import templating
from runner.document import Document, Path
from runner.errors import Diagnostic, InvalidRecipe
from runner.inputs import Input
from runner.language import INPUT_NAME, INPUT_NAME_FORM, INPUT_TYPES, PAID_KEYS
from runner.operation import Catalogue, Model
from runner.recipe import Recipe, Step
from runner.validation import problems, shown, suggestion


def parse(document: Document, name: str, schema: Mapping[str, Any], catalogue: Catalogue) -> Recipe:
    """The recipe of a document. `schema` is the shape of recipes (schemagen.recipe_schema) for the same catalogue.

    Raises InvalidRecipe with all problems.
    """
    data = document.data
    if not isinstance(data, dict):
        raise InvalidRecipe(
            [document.diagnostic((), "this file holds no recipe", "a recipe begins with the line `recipe: 1`")]
        )
    reader = _Meaning(document, catalogue)
    found = reader.problems()
    found += [document.diagnostic(p.path, p.message, p.hint, key=p.on_key) for p in problems(data, schema)]
    if found:
        raise InvalidRecipe(_without_cascade(found))
    budget = data.get("budget")
    return Recipe(
        name=name,
        title=data.get("title") or name,
        description=data.get("description") or "",
        inputs=reader.inputs,
        steps=tuple(reader.steps),
        seed=data.get("seed"),
        budget=Decimal(budget.split()[0]) if budget else None,
        document=document,
    )


def _without_cascade(found: list[Diagnostic]) -> list[Diagnostic]:
    """One problem per place: the first told there, which is about its meaning if there is one."""
    first: dict[Any, Diagnostic] = {}
    for each in found:
        first.setdefault(each.location, each)
    return list(first.values())


class _Meaning:
    """Reads inputs and steps of one document, tolerating what the shape check has reported already."""

    def __init__(self, document: Document, catalogue: Catalogue) -> None:
        self.document = document
        self.data: dict[str, Any] = document.data
        self.catalogue = catalogue
        self.inputs: dict[str, Input] = {}
        self.steps: list[Step] = []
        self.found: list[Diagnostic] = []
        self.types: dict[str, str] = {}

    def problems(self) -> list[Diagnostic]:
        inputs = self.data.get("inputs")
        for name, raw in (inputs if isinstance(inputs, dict) else {}).items():
            self._read_input(name, raw)
        steps = self.data.get("steps")
        listed = steps if isinstance(steps, list) else []
        names = [raw.get("name") if isinstance(raw, dict) else None for raw in listed]
        for position, raw in enumerate(listed):
            if isinstance(raw, dict):
                self._read_step(position, raw, names)
        return self.found

    def _note(self, path: Path, message: str, hint: str | None = None, *, key: bool = False) -> None:
        self.found.append(self.document.diagnostic(path, message, hint, key=key))

    def _read_input(self, name: str, raw: Any) -> None:
        path: Path = ("inputs", name)
        kind = raw.get("type") if isinstance(raw, dict) else None
        self.types[name] = kind if kind in INPUT_TYPES else "text"
        if not re.search(INPUT_NAME, name):
            self._note(path, f"`{name}` cannot be the name of an input", INPUT_NAME_FORM, key=True)
        if kind not in INPUT_TYPES:
            return
        for key in _input_keys_out_of_place(kind, raw):
            owner = next(word for word, keys in _INPUT_KEYS.items() if key in keys)
            self._note(
                (*path, key), f"`{key}` does not belong to an input of type {kind}", f"it is for {owner}", key=True
            )
        bounds = {key: raw.get(key) for key in ("minimum", "maximum") if _is_number(raw.get(key))}
        lengths = {key: raw.get(key) for key in ("min_length", "max_length") if isinstance(raw.get(key), int)}
        options = raw.get("options") if isinstance(raw.get("options"), list) else []
        declared = Input(
            name=name,
            type=kind,
            help=str(raw.get("help") or ""),
            default=raw.get("default"),
            options=tuple(each for each in options if isinstance(each, str)),
            minimum=bounds.get("minimum"),
            maximum=bounds.get("maximum"),
            min_length=lengths.get("min_length", 0),
            max_length=lengths.get("max_length"),
        )
        if declared.default is not None and (kind != "choice" or declared.options):
            objection = declared.objection(declared.default)
            if objection:
                message = f"the default {shown(declared.default)} does not suit an input of type {kind}"
                self._note((*path, "default"), message, f"expected: {objection}")
        self.inputs[name] = declared

    def _read_step(self, position: int, raw: dict[str, Any], names: list[Any]) -> None:
        path: Path = ("steps", position)
        name = raw.get("name")
        if isinstance(name, str):
            if name in names[:position]:
                hint = (
                    f"the step on line {self.document.span(('steps', names.index(name), 'name')).line} has it already"
                )
                self._note((*path, "name"), f"two steps are called `{name}`", hint)
            elif name in self.types:
                self._note((*path, "name"), f"`{name}` is an input already", "give the step a name of its own")
        sources = self._sources(path, raw, names, position)
        self._check_templates(path, raw)
        verb = next((verb for verb in self.catalogue.operations if verb in raw), None)
        if "prompt" in raw:
            step = self._paid_step(path, raw, sources)
        elif verb:
            step = self._operation_step(path, raw, verb, sources)
        else:
            return
        self.steps.append(step)

    def _sources(self, path: Path, raw: dict[str, Any], names: list[Any], position: int) -> tuple[str, ...] | None:
        """What the step takes; None when that cannot be told because of a problem."""
        if "from" not in raw:
            if position:
                above = names[position - 1]
                return (above,) if isinstance(above, str) else None
            first = next((name for name, kind in self.types.items() if kind == "image"), None)
            return (first,) if first else ()
        listed = raw["from"] if isinstance(raw["from"], list) else [raw["from"]]
        sources: list[str] = []
        for at, source in enumerate(listed):
            place = (*path, "from", at) if isinstance(raw["from"], list) else (*path, "from")
            if isinstance(source, str) and self._is_above(place, source, names, position):
                sources.append(source)
        return tuple(sources) if len(sources) == len(listed) else None

    def _is_above(self, place: Path, source: str, names: list[Any], position: int) -> bool:
        above = list(dict.fromkeys(name for name in names[:position] if isinstance(name, str)))
        images = [name for name, kind in self.types.items() if kind == "image"]
        if source in above or source in images:
            return True
        if source == names[position]:
            self._note(place, f"the step `{source}` cannot take its own picture", suggestion(source, above + images))
        elif source in names[position:]:
            self._note(
                place, f"the step `{source}` stands below", "a step takes pictures from steps above it: move it up"
            )
        elif source in self.types:
            self._note(
                place, f"the input `{source}` is no picture", "`from:` takes steps above and inputs of type image"
            )
        else:
            self._note(place, f"there is no step or image input `{source}` above", suggestion(source, above + images))
        return False

    def _check_templates(self, path: Path, raw: dict[str, Any]) -> None:
        read = {name: templating.Known(each.type, each.options) for name, each in self.inputs.items()}
        known = {name: read.get(name, templating.Known("")) for name in self.types}
        for leaf, text in _texts(raw, path):
            key = leaf[len(path)]
            if key == "when":
                found = templating.check_condition(text, known)
            elif key == "prompt" or key == "settings" or key in self.catalogue.operations:
                found = templating.check(text, known)
            else:
                found = []
            for each in found:
                self.found.append(self.document.diagnostic_in_text(leaf, each.line, each.word, each.message, each.hint))

    def _paid_step(self, path: Path, raw: dict[str, Any], sources: tuple[str, ...] | None) -> Step:
        for verb in self.catalogue.operations:
            if verb in raw:
                hint = f"give `{verb}` a step of its own, with a name"
                self._note((*path, verb), f"a step does one thing: `prompt` or `{verb}`", hint, key=True)
        named = raw.get("model", self.data.get("model"))
        model = self.catalogue.models.get(named) if isinstance(named, str) else None
        if named is None:
            hint = "write `model:` here, or once at the top: " + ", ".join(self.catalogue.models)
            self._note((*path, "prompt"), "no model is named for this prompt", hint, key=True)
        settings = _block(raw, "settings")
        candidates = raw.get("candidates") if isinstance(raw.get("candidates"), int) else 1
        if model is not None:
            self._check_model(path, raw, model, sources)
        if "candidates" in raw and "num_images" in settings:
            hint = "`candidates` makes a task for each picture, `num_images` asks one task for all: keep one of the two"
            self._note((*path, "candidates"), "`candidates` and `num_images` exclude each other", hint, key=True)
        count = settings.get("num_images", 1) if "num_images" in settings else candidates
        return Step(
            name=str(raw.get("name")),
            position=int(path[1]),
            sources=sources or (),
            when=raw.get("when"),
            prompt=raw.get("prompt"),
            model=model.name if model else None,
            settings=settings,
            candidates=candidates or 1,
            choose=self._choice(path, raw.get("choose", "first"), count),
            seed=raw.get("seed"),
        )

    def _choice(self, path: Path, choose: Any, count: Any) -> int:
        if choose == "by-hand":
            message = "`by-hand` is not in this version of retouch"
            self._note(
                (*path, "choose"), message, "write `first`, or the number of the picture once you have seen them"
            )
        elif isinstance(choose, str) and choose != "first":
            self._note((*path, "choose"), f"{shown(choose)} is no choice", "write `first`, or a number from 1")
        elif isinstance(choose, int) and isinstance(count, int) and choose > count:
            hint = "ask for more with `candidates:`, or choose a smaller number"
            self._note((*path, "choose"), f"there is no picture {choose}: this step makes {count}", hint)
        return choose if isinstance(choose, int) else 1

    def _check_model(self, path: Path, raw: dict[str, Any], model: Model, sources: tuple[str, ...] | None) -> None:
        """What the model takes: pictures, seed, settings that go only with text."""
        settings = _block(raw, "settings")
        for key in settings:
            if key in model.properties and key not in model.settings:
                own = "`from:`" if key in {"image", "images"} else f"`{key}:`, a key of the step itself"
                self._note((*path, "settings", key), f"`{key}` never stands in `settings`", f"use {own}", key=True)
        seed = raw.get("seed")
        if isinstance(seed, int) and model.seeds is None:
            self._note((*path, "seed"), f"{model.name} takes no seed", "delete this line", key=True)
        elif isinstance(seed, int) and model.seeds is not None and seed > model.seeds[1]:
            self._note((*path, "seed"), f"{shown(seed)} is too large: at most {model.seeds[1]} for {model.name}")
        if sources is None:
            return
        where: Path = (*path, "from") if "from" in raw else (*path, "prompt")
        if len(sources) > model.most_images:
            message = f"{model.name} takes at most {model.most_images} pictures, {len(sources)} are given"
            self._note(where, message, "leave out some, or join them with `overlay` first", key="from" not in raw)
        if len(sources) < model.fewest_images:
            message = f"{model.name} edits a picture, and there is none here"
            self._note(where, message, "add an input of type image", key="from" not in raw)
        for key in settings:
            if sources and model.settings.get(key, {}).get("x-text-to-image-only"):
                message = f"`{key}` works only where a picture is made from text alone"
                self._note((*path, "settings", key), message, "delete it: this step edits a picture", key=True)

    def _operation_step(self, path: Path, raw: dict[str, Any], verb: str, sources: tuple[str, ...] | None) -> Step:
        for key in PAID_KEYS:
            if key in raw:
                self._note((*path, key), f"`{key}` goes only with a `prompt:`", "delete it from this step", key=True)
        fewest, most = self.catalogue.operations[verb].IMAGES
        if sources is not None and not fewest <= len(sources) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            message = f"`{verb}` takes {wanted} picture{'' if most == 1 else 's'}, {len(sources) or 'none'} given"
            hint = "name one with `from:`"
            if fewest > len(sources):
                hint = "name them with `from: [first, second]`" if fewest > 1 else "add an input of type image"
            self._note((*path, "from") if "from" in raw else (*path, verb), message, hint, key="from" not in raw)
        return Step(
            name=str(raw.get("name")),
            position=int(path[1]),
            sources=sources or (),
            when=raw.get("when"),
            operation=verb,
            params=_block(raw, verb),
        )


_INPUT_KEYS = {
    "inputs of type choice": ("options",),
    "numbers": ("minimum", "maximum"),
    "texts": ("min_length", "max_length"),
}


def _input_keys_out_of_place(kind: str, raw: Mapping[str, Any]) -> Iterator[str]:
    own = {"choice": ("options",), "text": ("min_length", "max_length")}.get(kind, ())
    own = ("minimum", "maximum") if kind in {"number", "integer"} else own
    for keys in _INPUT_KEYS.values():
        yield from (key for key in keys if key in raw and key not in own)


def _block(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A block of a step; empty when it is missing or no block, which the shape check reports."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in a value, with its path."""
    waiting: list[tuple[Path, Any]] = [(path, value)]
    while waiting:
        at, each = waiting.pop()
        if isinstance(each, str):
            yield at, each
        elif isinstance(each, dict):
            waiting.extend(((*at, key), inner) for key, inner in each.items())
        elif isinstance(each, list):
            waiting.extend(((*at, key), inner) for key, inner in enumerate(each))
