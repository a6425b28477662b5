"""The steps of a recipe: names, edges, templates, and what a model or an operation takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner import layout, templating
from runner.document import Path
from runner.language import PAID_KEYS
from runner.operation import Catalogue, Model
from runner.parsing.inputs import Inputs
from runner.parsing.notes import Notes
from runner.parsing.unused import texts
from runner.recipe import Step
from runner.validation import shown, suggestion


class StepReader:
    """Reads the steps of one recipe, tolerating what the shape check reports."""

    def __init__(self, data: Mapping[str, Any], inputs: Inputs, catalogue: Catalogue, notes: Notes) -> None:
        self._data = data
        self._inputs = inputs
        self._known = inputs.known()
        self._catalogue = catalogue
        self._note = notes.note
        self._notes = notes

    def steps(self) -> list[Step]:
        """All steps that can be read."""
        listed = self._data.get("steps")
        if not isinstance(listed, list):
            return []
        names = [raw.get("name") if isinstance(raw, dict) else None for raw in listed]
        read = [self._read(at, raw, names) for at, raw in enumerate(listed) if isinstance(raw, dict)]
        return [step for step in read if step is not None]

    def _read(self, position: int, raw: dict[str, Any], names: list[Any]) -> Step | None:
        path: Path = ("steps", position)
        name = raw.get("name")
        if isinstance(name, str):
            if name in names[:position]:
                line = self._notes.line(("steps", names.index(name), "name"))
                hint = f"the step on line {line} has it already"
                self._note((*path, "name"), f"two steps are called `{name}`", hint)
            elif name in self._inputs.types:
                self._note((*path, "name"), f"`{name}` is an input already", "give the step a name of its own")
        sources = self._sources(path, raw, names, position)
        self._check_templates(path, raw)
        verb = next((verb for verb in self._catalogue.operations if verb in raw), None)
        if "prompt" in raw:
            return self._paid_step(path, raw, sources)
        return self._operation_step(path, raw, verb, sources) if verb else None

    def _sources(self, path: Path, raw: dict[str, Any], names: list[Any], position: int) -> tuple[str, ...] | None:
        """What the step takes; None when that cannot be told because of a problem."""
        if "from" not in raw:
            if position:
                above = names[position - 1]
                return (above,) if isinstance(above, str) else None
            unread = not self._inputs.images and "" in self._inputs.types.values()
            return None if unread else tuple(self._inputs.images[:1])
        listed = raw["from"] if isinstance(raw["from"], list) else [raw["from"]]
        sources: list[str] = []
        for at, source in enumerate(listed):
            place = (*path, "from", at) if isinstance(raw["from"], list) else (*path, "from")
            if isinstance(source, str) and self._is_above(place, source, names, position):
                sources.append(source)
        return tuple(sources) if len(sources) == len(listed) else None

    def _is_above(self, place: Path, source: str, names: list[Any], position: int) -> bool:
        above = list(dict.fromkeys(name for name in names[:position] if isinstance(name, str)))
        images = self._inputs.images
        if source in above or source in images:
            return True
        if source == names[position]:
            self._note(place, f"the step `{source}` cannot take its own picture", suggestion(source, above + images))
        elif source in names[position:]:
            self._note(
                place, f"the step `{source}` stands below", "a step takes pictures from steps above it: move it up"
            )
        elif self._inputs.types.get(source) == "":
            pass  # what it is cannot be told, and the shape check says so
        elif source in self._inputs.types:
            self._note(
                place, f"the input `{source}` is no picture", "`from:` takes steps above and inputs of type image"
            )
        else:
            self._note(place, f"there is no step or image input `{source}` above", suggestion(source, above + images))
        return False

    def _check_templates(self, path: Path, raw: dict[str, Any]) -> None:
        for leaf, text in texts(raw, path):
            key = leaf[len(path)]
            condition = key == "when"
            if condition:
                found = templating.check_condition(text, self._known)
            elif key == "prompt" or key == "settings" or key in self._catalogue.operations:
                found = templating.check(text, self._known)
            else:
                found = []
            for each in found:
                self._notes.note_in_text(leaf, each, self._hint(each), condition=condition)

    def _hint(self, problem: templating.TemplateProblem) -> str | None:
        """The problem's own hint; in a recipe without inputs there is none that could have been meant."""
        if problem.word and not self._known and problem.hint == suggestion(problem.word, ()):
            return f"declare it below `inputs:`, like: {problem.word}: {{type: text}}"
        return problem.hint

    def _paid_step(self, path: Path, raw: dict[str, Any], sources: tuple[str, ...] | None) -> Step:
        for verb in self._catalogue.operations:
            if verb in raw:
                hint = f"give `{verb}` a step of its own, with a name"
                self._note((*path, verb), f"a step does one thing: `prompt` or `{verb}`", hint, key=True)
        named = raw.get("model", self._data.get("model"))
        model = self._catalogue.models.get(named) if isinstance(named, str) else None
        if named is None:
            hint = "write `model:` here, or once at the top: " + ", ".join(self._catalogue.models)
            self._note((*path, "prompt"), "no model is named for this prompt", hint, key=True)
        settings = _block(raw, "settings")
        candidates = raw.get("candidates") if isinstance(raw.get("candidates"), int) else 1
        if model is not None:
            self._check_model(path, raw, model, sources)
        count = candidates
        for asked in model.layout.counts if model else ():
            if (number := layout.get(settings, asked)) is None:
                continue
            count, key = number, asked[-1]
            if "candidates" in raw and number != 1:
                hint = f"`candidates` makes a task for each picture, `{key}` asks one task for all: keep one of the two"
                self._note((*path, "candidates"), f"`candidates` and `{key}` exclude each other", hint, key=True)
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
        own = {place.path: "`from:`" for place in model.layout.pictures}
        for taken in (model.layout.prompt, model.layout.seed):
            if taken is not None:
                own[taken] = f"`{taken[-1]}:`, a key of the step itself"
        for place, instead in own.items():
            if layout.get(settings, place) is not None:
                message = f"`{place[-1]}` never stands in `settings`"
                self._note((*path, "settings", *place), message, f"use {instead}", key=True)
        seed = raw.get("seed")
        if isinstance(seed, int) and model.seeds is None:
            self._note((*path, "seed"), f"{model.name} takes no seed", "delete this line", key=True)
        elif isinstance(seed, int) and model.seeds is not None and seed > model.seeds[1]:
            self._note((*path, "seed"), f"{shown(seed)} is too large: at most {model.seeds[1]} for {model.name}")
        if sources is None:
            return
        where: Path = (*path, "from") if "from" in raw else (*path, "prompt")
        fewest, most = model.layout.fewest, model.layout.most
        if len(sources) > most:
            takes = f"takes at most {most} picture{'' if most == 1 else 's'}" if most else "takes no pictures"
            message = f"{model.name} {takes}, {len(sources)} are given"
            self._note(where, message, "leave out some, or join them with `overlay` first", key="from" not in raw)
        if not sources and fewest:
            message = f"{model.name} edits a picture, and there is none here"
            self._note(where, message, "add an input of type image", key="from" not in raw)
        elif len(sources) < fewest:
            message = f"{model.name} takes {fewest} pictures, {len(sources)} is given"
            self._note(where, message, "name them with `from: [first, second]`", key="from" not in raw)
        for key in settings:
            if sources and model.properties.get(key, {}).get("x-text-to-image-only"):
                message = f"`{key}` works only where a picture is made from text alone"
                self._note((*path, "settings", key), message, "delete it: this step edits a picture", key=True)

    def _operation_step(self, path: Path, raw: dict[str, Any], verb: str, sources: tuple[str, ...] | None) -> Step:
        for other in self._catalogue.operations:
            if other in raw and other != verb:
                hint = f"give `{other}` a step of its own, with a name"
                self._note((*path, other), f"a step does one thing: `{verb}` or `{other}`", hint, key=True)
        for key in PAID_KEYS:
            if key in raw:
                self._note((*path, key), f"`{key}` goes only with a `prompt:`", "delete it from this step", key=True)
        fewest, most = self._catalogue.operations[verb].IMAGES
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


def _block(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A block of a step; empty when it is missing or no block, which the shape check reports."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}
