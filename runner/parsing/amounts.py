"""How many pictures a step for a model makes, and which of them goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner import layout, templating
from runner.document import Path
from runner.layout import Count
from runner.operation import Model
from runner.parsing.notes import nested
from runner.validation import shown

Note = Callable[..., None]
"""Notes.note of the recipe that is read."""


def candidates(raw: Mapping[str, Any]) -> int:
    """How many tasks a step makes."""
    asked = raw.get("candidates")
    return asked if isinstance(asked, int) and asked else 1


def choice(path: Path, raw: Mapping[str, Any], model: Model | None, settings: Mapping[str, Any], note: Note) -> int:
    """The picture that goes on, from 1. Notes a choice of one that is not made, and two ways of asking for several."""
    choose = raw.get("choose", "first")
    counts = model.layout.counts if model else ()
    numbers = [_number(count, settings) for count in counts]
    for count, number in zip(counts, numbers, strict=True):
        if "candidates" in raw and number != 1:
            _exclude(path, count, settings, note)
    in_one = model.layout.count(settings) if model else 1
    made = None if None in numbers else max(candidates(raw), in_one)
    if choose == "by-hand":
        message = "`by-hand` is not in this version of retouch"
        note((*path, "choose"), message, "write `first`, or the number of the picture once you have seen them")
    elif isinstance(choose, str) and choose != "first":
        note((*path, "choose"), f"{shown(choose)} is no choice", "write `first`, or a number from 1")
    elif isinstance(choose, int) and made is not None and choose > made:
        hint = _switched_off(counts, settings) or "ask for more with `candidates:`, or choose a smaller number"
        note((*path, "choose"), f"there is no picture {choose}: this step makes {made}", hint)
    return choose if isinstance(choose, int) else 1


def _said(count: Count, settings: Mapping[str, Any]) -> list[layout.Path]:
    """What the recipe itself says of a number."""
    return [place for place in (count.path, count.switch) if place and layout.get(settings, place) is not None]


def _number(count: Count, settings: Mapping[str, Any]) -> int | None:
    """How many pictures, or rounds, it says; None where nobody knows, or a template says it: that fills the plan."""
    values = [layout.get(settings, place) for place in _said(count, settings)]
    if any(isinstance(value, str) and templating.is_template(value) for value in values):
        return None
    return count.of(settings)


def _exclude(path: Path, count: Count, settings: Mapping[str, Any], note: Note) -> None:
    said = _said(count, settings)
    key = layout.dotted(said[0] if said else count.path)
    hint = f"`candidates` makes a task for each picture, `{key}` asks one task for all: keep one of the two"
    if not said:
        hint = f"without `{key}` one task makes several: write {nested(count.path, '1')}"
    note((*path, "candidates"), f"`candidates` and `{key}` exclude each other", hint, key=True)


def _switched_off(counts: tuple[Count, ...], settings: Mapping[str, Any]) -> str | None:
    """Why a number of pictures that is asked for does not count, if so it is."""
    for count in counts:
        if count.switch and count.off(settings) and layout.get(settings, count.path) is not None:
            return f"`{layout.dotted(count.path)}` counts only once `{layout.dotted(count.switch)}` is switched on"
    return None
