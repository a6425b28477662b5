"""The steps of a recipe: names, edges, templates, and what an operation takes. Steps for a model are read by `paid`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner import templating
from runner.document import Path
from runner.language import PAID_KEYS
from runner.operation import Catalogue
from runner.parsing.inputs import Inputs
from runner.parsing.notes import Notes
from runner.parsing.paid import PaidStepReader, block
from runner.parsing.unused import texts
from runner.recipe import Step
from runner.validation import suggestion


class StepReader:
    """Reads the steps of one recipe, tolerating what the shape check reports."""

    def __init__(self, data: Mapping[str, Any], inputs: Inputs, catalogue: Catalogue, notes: Notes) -> None:
        self._data = data
        self._inputs = inputs
        self._known = inputs.known()
        self._catalogue = catalogue
        self._note = notes.note
        self._notes = notes
        self._paid = PaidStepReader(data.get("model"), catalogue, notes)

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
        if "prompt" in raw or ("model" in raw and verb is None):
            return self._paid.step(path, raw, sources)
        if verb is None:
            self._paid.note_idle(path)
            return None
        return self._operation_step(path, raw, verb, sources)

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

    def _operation_step(self, path: Path, raw: dict[str, Any], verb: str, sources: tuple[str, ...] | None) -> Step:
        for other in self._catalogue.operations:
            if other in raw and other != verb:
                hint = f"give `{other}` a step of its own, with a name"
                self._note((*path, other), f"a step does one thing: `{verb}` or `{other}`", hint, key=True)
        for key in PAID_KEYS:
            if key in raw:
                hint = "it is for steps that ask a model: delete it from this one"
                self._note((*path, key), f"`{key}` does not go with `{verb}`", hint, key=True)
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
            params=block(raw, verb),
        )
