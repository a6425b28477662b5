"""Which steps of a recipe use a model, and at which place of the file each says what it sends as a parameter.

Pure, and made for recipes that need not be valid: what has not the shape of a step is passed by.
"""

from __future__ import annotations

from typing import Any

from runner.document import Document, Path
from runner.layout import Layout
from runner.layout import Path as Parameter

_PAID = ("prompt", "model")
"""Either of them makes a step one for a model (parsing.steps)."""


def steps_with(document: Document, model: str) -> tuple[Path, ...]:
    """The places of the steps that use a model: their own `model:`, which may be all they say, or the one on top."""
    data = document.data if isinstance(document.data, dict) else {}
    steps = data.get("steps")
    return tuple(
        ("steps", at)
        for at, step in enumerate(steps if isinstance(steps, list) else ())
        if isinstance(step, dict)
        and not step.keys().isdisjoint(_PAID)
        and step.get("model", data.get("model")) == model
    )


def name_of(document: Document, step: Path) -> str:
    """What the step at this place is called; its number where it has no name."""
    name = _step(document, step).get("name")
    return name if isinstance(name, str) else f"step {int(step[1]) + 1}"


def name_place(document: Document, step: Path) -> Path:
    """Where the step itself is shown: its name, else its first line."""
    return (*step, "name") if "name" in _step(document, step) else step


def place_of(document: Document, step: Path, parameter: Parameter, layout: Layout) -> Path | None:
    """Where a step says what it sends as a parameter; None where it leaves it to the model.

    `layout` tells which parameters are prompt, seed and pictures. The seed of a step may stand on top of the recipe;
    pictures that simply come from the step above stand nowhere. Of a parameter inside a list the place is the list's.
    """
    raw = _step(document, step)
    if parameter == layout.prompt:
        return (*step, "prompt")
    if parameter == layout.seed:
        if "seed" in raw:
            return (*step, "seed")
        return ("seed",) if "seed" in document.data else None
    if any(parameter == each.path for each in layout.pictures):
        return (*step, "from") if "from" in raw else None
    value: Any = raw.get("settings")
    place: Path = (*step, "settings")
    for key in parameter:
        if not isinstance(value, dict):
            return place if place[-1] != "settings" and value is not None else None
        if key not in value:
            return None
        value, place = value[key], (*place, key)
    return place


def _step(document: Document, step: Path) -> dict[str, Any]:
    found: dict[str, Any] = document.data["steps"][step[1]]
    return found
