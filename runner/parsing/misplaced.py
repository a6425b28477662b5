"""Lines in the wrong column, or with a dash too many, that YAML reads all the same, as something else.

Each is told once, where it stands; what else is wrong because of it need not be told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from runner.document import NO_PART, Path, is_prose, too_far_left
from runner.language import INPUT_KEYS, KEYS, TOP_KEYS
from runner.parsing.notes import Notes


def note_misplaced(data: Mapping[str, Any], verbs: Collection[str], notes: Notes) -> None:
    """Keys of a step or an input at the very left, and steps that a dash has cut in two."""
    steps = data.get("steps")
    _note_prose(data, verbs, notes)
    last = len(steps) - 1 if isinstance(steps, list) and steps else None
    block: Path | None = None
    for key, value in data.items():
        if key == "inputs" and value is None:
            block = ("inputs",)
        elif key in TOP_KEYS:
            block = ("steps", last) if key == "steps" and last is not None else None
        elif block == ("inputs",) and isinstance(value, dict) and "type" in value:
            notes.told.add(block)
            _note_left(notes, key, 2, "an input stands below `inputs:`, moved in by two spaces")
        elif block is not None and last is not None and (key in verbs or key in KEYS):
            _excuse(notes, last)
            keys = steps[last] if isinstance(steps, list) and isinstance(steps[last], dict) else {}
            column = min((notes.column((*block, each)) for each in keys), default=5) - 1
            _note_left(notes, key, column, "it belongs to the step above: move it in")
    _note_beside_inputs(data.get("inputs"), notes)
    if isinstance(steps, list):
        _note_cut(steps, verbs, notes)
        for at, step in enumerate(steps):
            if isinstance(step, dict):
                _note_beside(step, ("steps", at), verbs, notes)


def _note_prose(data: Mapping[str, Any], verbs: Collection[str], notes: Notes) -> None:
    """Lines of a text that begin keys of their own. Where it was hard to read on, it is told already."""
    told = {each.location.line for each in notes.document.found if each.message == NO_PART[0]}
    steps = data["steps"] if isinstance(data.get("steps"), list) else []
    blocks: list[tuple[Path, Any]] = [((), data), *((("steps", at), step) for at, step in enumerate(steps))]
    for path, block in blocks:
        above: Any = None
        for key, value in block.items() if isinstance(block, dict) else ():
            if isinstance(above, str) and " " in key and key not in verbs and is_prose(f"{key}: "):
                if notes.line((*path, key)) in told:
                    notes.told.add((*path, key))
                else:
                    notes.note((*path, key), *NO_PART, key=True)
            above = value
            if key == "steps" and steps and isinstance(steps[-1], dict) and not path:
                above = next(reversed(steps[-1].values()), None)


def _note_left(notes: Notes, key: str, column: int, hint: str) -> None:
    notes.note((key,), f"`{key}` stands too far to the left", hint, key=True, instead=" " * column + key)


def _note_beside(step: Mapping[str, Any], path: Path, verbs: Collection[str], notes: Notes) -> None:
    """What belongs into an empty block, and stands beside it."""
    empty: str | None = None
    for key, value in step.items():
        if key in KEYS or key in verbs:
            empty = key if value is None and (key == "settings" or key in verbs) else None
        elif empty is not None:
            _note_outside(notes, (*path, key), empty)


def _note_beside_inputs(inputs: Any, notes: Notes) -> None:
    """What says of an input what it is, and stands beside it, where it would be an input itself."""
    above: str | None = None
    for key, value in inputs.items() if isinstance(inputs, dict) else ():
        if above is None or key not in INPUT_KEYS or isinstance(value, dict) or key in (inputs[above] or {}):
            above = key if value is None or isinstance(value, dict) else None
        else:
            _note_outside(notes, ("inputs", key), above)


def _note_outside(notes: Notes, path: Path, block: str) -> None:
    """A key that belongs to the block above it, and stands beside that."""
    notes.told.add((*path[:-1], block))
    key = str(path[-1])
    notes.note(path, *too_far_left(key, block), key=True, instead=f"  {key}")


def _note_cut(steps: list[Any], verbs: Collection[str], notes: Notes) -> None:
    """A dash before every key: each of them would be a step."""
    for at in range(1, len(steps)):
        above, step = steps[at - 1], steps[at]
        if not isinstance(above, dict) or not isinstance(step, dict) or not step:
            continue
        idle = not {"prompt", "model", *verbs} & set(above)
        if "name" in above and idle and "name" not in step and not set(above) & set(step):
            _excuse(notes, at - 1)
            _excuse(notes, at)
            notes.missing.add(("steps", at, "name"))
            hint = "a dash begins a new step: leave it out, so that this line belongs to the step above"
            key = next(iter(step))
            notes.note(("steps", at, key), "this dash cuts a step in two", hint, key=True, dash=True)


def _excuse(notes: Notes, step: int) -> None:
    """Say nothing of a step that does nothing: what it does stands elsewhere."""
    notes.missing.add(("steps", step, "prompt"))
