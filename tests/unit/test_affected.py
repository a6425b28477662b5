"""Which lines of a recipe a change touches, down to what a step leaves unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from runner import document
from runner.cli.schemas.affected import lines_of
from runner.schemagen.drift import request_changes

RECIPE = document.load(
    """\
recipe: 1
model: paint
seed: 7
steps:
  - name: one
    prompt: Paint it
    settings:
      size: big
      extra: {noise: 2}
  - {name: two, prompt: Again}
  - {name: three, prompt: Again, model: other}
  - {name: four, model: cut, settings: {size: big}}
""",
    "r.yaml",
)
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}


def schema(*required: str, **properties: dict[str, Any]) -> dict[str, Any]:
    """A model's schema; prompt and seed stand in each."""
    about = {"method": "POST", "path": "/p", "sync": False, "deprecated": None, "response": None}
    every = {"prompt": TEXT, "seed": NUMBER, "size": TEXT, **properties}
    return {"type": "object", "properties": every, "required": list(required), "x-retouch": about}


def extra(*required: str, **properties: dict[str, Any]) -> dict[str, Any]:
    """An object."""
    return {"type": "object", "properties": properties, "required": list(required)}


OLD = schema(extra=extra(noise=NUMBER))


@pytest.mark.parametrize(
    ("now", "lines"),
    [
        (OLD, []),
        (schema("size", extra=extra(noise=NUMBER)), [(8, "settings.size"), (10, "two")]),
        (schema(extra=extra(noise=TEXT)), [(9, "settings.extra.noise")]),
        (schema(extra=extra("grain", noise=NUMBER, grain=NUMBER)), [(5, "one")]),
        (schema(extra=extra(noise=NUMBER, grain=NUMBER)), []),
        (schema("steps", extra=extra(noise=NUMBER), steps=NUMBER), [(5, "one"), (10, "two")]),
        (schema(extra=extra(noise=NUMBER), steps=NUMBER), []),
        (schema(), [(9, "settings.extra")]),
        (schema(extra=extra(noise=NUMBER), size=TEXT | {"default": "small"}), [(8, "settings.size"), (10, "two")]),
        (schema(extra=extra(noise=NUMBER), seed=NUMBER | {"maximum": 5}), [(3, "seed")]),
        (schema(extra=extra(noise=NUMBER), seed=NUMBER | {"default": 5}), []),
        (schema(extra=extra(noise=NUMBER), prompt=TEXT | {"maxLength": 5}), [(6, "prompt"), (10, "prompt")]),
        (schema(extra=extra(noise=NUMBER), images={"type": "array", "items": TEXT}), []),
        (schema("image", extra=extra(noise=NUMBER), image=TEXT), [(5, "one"), (10, "two")]),
    ],
)
def test_lines(now: dict[str, Any], lines: list[tuple[int, str]]) -> None:
    """A setting at its line; what is required, moved or left to the model at the line of the step."""
    found = lines_of(RECIPE, "paint", request_changes(OLD, now), OLD, now)
    assert [(line.line, line.about) for line in found] == lines
    assert not lines_of(RECIPE, "unknown", request_changes(OLD, now), OLD, now)


def test_a_step_that_is_a_model_alone() -> None:
    """Models without a prompt are used by steps without one."""
    now = schema(extra=extra(noise=NUMBER), size=TEXT | {"enum": ["small"]})
    found = lines_of(RECIPE, "cut", request_changes(OLD, now), OLD, now)
    assert [(line.line, line.about) for line in found] == [(12, "settings.size")]
