"""Which steps use a model, and where each says what it sends as a parameter."""

from __future__ import annotations

from typing import Any

import pytest

from runner import document, layout, uses
from runner.document import Path

RECIPE = """\
recipe: 1
inputs: {photo: {type: image}, logo: {type: image}}
model: paint
seed: 7
steps:
  - name: one
    prompt: Paint it
    settings:
      size: 512*512
      extra: {noise: 2, loras: [{path: a}]}
  - name: small
    resize: {width: 10}
  - {name: two, prompt: Again, model: other}
  - {name: three, prompt: Again, seed: 8, from: [one, logo], settings: "{{ photo }}"}
  - prompt: Nameless
    model: paint
  - text
  - {name: bare, model: paint}
  - {name: seven, model: other, settings: {size: 1*1}}
"""
SCHEMA: dict[str, Any] = {
    "properties": {
        "prompt": {"type": "string"},
        "seed": {"type": "integer"},
        "images": {"type": "array", "items": {"type": "string"}},
        "size": {"type": "string"},
        "extra": {"type": "object", "properties": {"noise": {"type": "integer"}}},
    }
}
TEXT = document.load(RECIPE, "r.yaml")
LAYOUT = layout.of(SCHEMA)
ONE, THREE = ("steps", 0), ("steps", 3)


def test_steps_with_a_model() -> None:
    """Their own model, or the one on top; a model alone is a step too. Operations and what is no step are passed by."""
    assert uses.steps_with(TEXT, "paint") == (ONE, THREE, ("steps", 4), ("steps", 6))
    assert uses.steps_with(TEXT, "other") == (("steps", 2), ("steps", 7))
    assert uses.steps_with(document.load("- a list\n", "r.yaml"), "paint") == ()
    assert uses.steps_with(document.load("recipe: 1\nsteps: none\n", "r.yaml"), "paint") == ()


def test_names() -> None:
    """A step is shown by its name; one without, by its number and place."""
    assert (uses.name_of(TEXT, ONE), uses.name_place(TEXT, ONE)) == ("one", (*ONE, "name"))
    nameless = ("steps", 4)
    assert (uses.name_of(TEXT, nameless), uses.name_place(TEXT, nameless)) == ("step 5", nameless)


@pytest.mark.parametrize(
    ("step", "parameter", "place"),
    [
        (ONE, ("prompt",), (*ONE, "prompt")),
        (ONE, ("seed",), ("seed",)),
        (THREE, ("seed",), (*THREE, "seed")),
        (ONE, ("images",), None),
        (THREE, ("images",), (*THREE, "from")),
        (ONE, ("size",), (*ONE, "settings", "size")),
        (ONE, ("steps",), None),
        (ONE, ("extra", "noise"), (*ONE, "settings", "extra", "noise")),
        (ONE, ("extra", "other"), None),
        (ONE, ("extra", "loras", "path"), (*ONE, "settings", "extra", "loras")),
        (THREE, ("size",), None),
    ],
)
def test_where_a_parameter_is_said(step: Path, parameter: tuple[str, ...], place: Path | None) -> None:
    """Keys of the step's own for prompt, seed and pictures, `settings:` for the rest; None where nothing is said."""
    assert uses.place_of(TEXT, step, parameter, LAYOUT) == place


def test_no_seed_anywhere() -> None:
    """A seed that is drawn stands nowhere."""
    bare = document.load("recipe: 1\nmodel: paint\nsteps: [{name: a, prompt: b}]\n", "r.yaml")
    assert uses.place_of(bare, ONE, ("seed",), LAYOUT) is None
