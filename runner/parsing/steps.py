"""The steps of a recipe: names, edges, templates, and what an operation takes. Steps for a model are read by `paid`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner import templating
from runner.document import Path
from runner.language import PAID_KEYS, STEP_NAME
from runner.operation import Catalogue
from runner.parsing.blocks import note_no_block
from runner.parsing.foreign import MEANT_AS_PROMPT
from runner.parsing.inputs import Inputs
from runner.parsing.notes import Notes
from runner.parsing.paid import PaidStepReader, block
from runner.parsing.unused import texts
from runner.recipe import Step
from runner.validation import nearest, suggestion

_MOST_TEMPLATES = 100_000
"""Characters of all templates and conditions of a recipe: it takes a second to look through them."""


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
        self._first: dict[str, int] = {}
        """The position of the first step of each name."""
        self._last: dict[str, int] = {}
        self._templates = 0
        """Characters of all templates and conditions up to here."""
        self._names_known = True
        """Whether every step has a name that can be one."""

    def steps(self) -> list[Step]:
        """All steps that can be read."""
        listed = self._data.get("steps")
        if not isinstance(listed, list):
            return []
        names = [raw.get("name") if isinstance(raw, dict) else None for raw in listed]
        for at, name in enumerate(names):
            if isinstance(name, str):
                self._first.setdefault(name, at)
                self._last[name] = at
        self._names_known = _all_named(names) and not self._notes.document.doubled
        read = [self._read(at, raw, names) for at, raw in enumerate(listed) if isinstance(raw, dict)]
        return [step for step in read if step is not None]

    def _read(self, position: int, raw: dict[str, Any], names: list[Any]) -> Step | None:
        path: Path = ("steps", position)
        name = raw.get("name")
        if isinstance(name, str):
            if self._first[name] < position:
                line = self._notes.line(("steps", self._first[name], "name"))
                another = next((each for at in range(2, 10) if (each := f"{name}-{at}") not in self._first), None)
                hint = (
                    f"the step on line {line} has it already: give this one another, like `{another or 'warm-light'}`"
                )
                self._note((*path, "name"), f"two steps are called `{name}`", hint, instead=another)
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
        if verb == MEANT_AS_PROMPT and isinstance(raw[verb], str) and any(key in raw for key in PAID_KEYS):
            self._note_meant_as_prompt((*path, verb), raw)
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
        if self._first.get(source, position) < position or self._inputs.types.get(source) == "image":
            return True
        if self._notes.full:
            self._notes.told.add(place)
        elif source == names[position]:
            known = self._known_above(names, position)
            self._note(place, f"the step `{source}` cannot take its own picture", suggestion(source, known))
        elif self._last.get(source, -1) >= position:
            self._note(
                place, f"the step `{source}` stands below", "a step takes pictures from steps above it: move it up"
            )
        elif self._inputs.types.get(source) == "":
            pass  # what it is cannot be told, and the shape check says so
        elif not self._names_known:
            pass  # it may be the name that is wrong, or missing, and that is told
        elif source in self._inputs.types:
            self._note(
                place, f"the input `{source}` is no picture", "`from:` takes steps above and inputs of type image"
            )
        else:
            self._note_no_source(place, source, self._known_above(names, position))
        return False

    def _known_above(self, names: list[Any], position: int) -> list[str]:
        """All that a step may take."""
        return [*dict.fromkeys(name for name in names[:position] if isinstance(name, str)), *self._inputs.images]

    def _note_no_source(self, place: Path, source: str, known: list[str]) -> None:
        near, parts = nearest(source, known), [each.strip() for each in source.split(",")]
        meant = parts if len(parts) > 1 and set(parts) <= set(known) else near
        instead = None if meant is None else self._notes.source(place, meant)
        hint = f"write a list: {instead}" if meant is parts else suggestion(source, known)
        self._note(place, f"there is no step or image input `{source}` above", hint, instead=instead)

    def _check_templates(self, path: Path, raw: dict[str, Any]) -> None:
        for leaf, text in texts(raw, path):
            key = leaf[len(path)]
            condition = key == "when"
            if (condition or templating.is_template(text)) and not self._is_room_for(text, leaf):
                return
            if condition:
                found = templating.check_condition(text, self._known)
            elif key == "prompt" or key == "settings" or key in self._catalogue.operations:
                found = templating.check(text, self._known)
            else:
                found = []
            for each in found:
                self._notes.note_in_text(leaf, each, self._hint(each), condition=condition)

    def _is_room_for(self, text: str, path: Path) -> bool:
        """Whether one more template is looked at; says so where it is the first for which there is no room."""
        if self._notes.full or self._templates > _MOST_TEMPLATES:
            return False
        if len(text) <= templating.MOST_CHARACTERS:  # else it is told of this one alone
            self._templates += len(text)
        if self._templates > _MOST_TEMPLATES:
            message = f"with this one, the templates of this recipe are longer than {_MOST_TEMPLATES} characters"
            self._note(path, message, "make two recipes of it")
            return False
        return True

    def _hint(self, problem: templating.TemplateProblem) -> str | None:
        """The problem's own hint; in a recipe without inputs there is none that could have been meant."""
        if problem.word and not self._known and problem.hint == suggestion(problem.word, ()):
            return f"declare it below `inputs:`, like: {problem.word}: {{type: text}}"
        return problem.hint

    def _note_meant_as_prompt(self, path: Path, raw: Mapping[str, Any]) -> None:
        self._notes.told.update((*path[:-1], key) for key in PAID_KEYS if key in raw)
        message = f"`{path[-1]}:` writes on the picture, and asks no model"
        self._note(path, message, "what a model is asked stands behind `prompt:`", key=True, instead="prompt")

    def _operation_step(self, path: Path, raw: dict[str, Any], verb: str, sources: tuple[str, ...] | None) -> Step:
        for other in self._catalogue.operations:
            if other in raw and other != verb:
                hint = f"give `{other}` a step of its own, with a name"
                self._note((*path, other), f"a step does one thing: `{verb}` or `{other}`", hint, key=True)
        for key in PAID_KEYS:
            if key in raw:
                hint = "it is for steps that ask a model: delete it from this one"
                self._note((*path, key), f"`{key}` does not go with `{verb}`", hint, key=True)
        operation = self._catalogue.operations[verb]
        fewest, most = operation.IMAGES
        if sources is not None and not fewest <= len(sources) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            message = f"`{verb}` takes {wanted} picture{'' if most == 1 else 's'}, {len(sources) or 'none'} given"
            hint = "name one with `from:`"
            if fewest > len(sources):
                hint = "name them with `from: [first, second]`" if fewest > 1 else "add an input of type image"
            if fewest > max(len(sources), 1) and isinstance(raw[verb], str):
                hint = "declare each picture below `inputs:`, like logo: {type: image}; "
                hint += f"then write `from: [first, second]` and `{verb}: {{}}`"
            self._note((*path, "from") if "from" in raw else (*path, verb), message, hint, key="from" not in raw)
        if isinstance(raw[verb], (str, int, float)) and (*path, verb) not in self._notes.told:
            note_no_block((*path, verb), raw[verb], operation.PARAMS, self._notes)
        return Step(
            name=str(raw.get("name")),
            position=int(path[1]),
            sources=sources or (),
            when=raw.get("when"),
            operation=verb,
            params=block(raw, verb),
        )


def _all_named(names: list[Any]) -> bool:
    return all(isinstance(name, str) and re.search(STEP_NAME, name) for name in names)
