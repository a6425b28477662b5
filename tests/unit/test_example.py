"""The recipe that `retouch models NAME` ends with fits the model, whatever its page says of a setting."""

from __future__ import annotations

from typing import Any

import pytest

from runner import document, parsing
from runner.cli.wiring import model_of
from runner.operation import Catalogue
from runner.operations import OPERATIONS
from runner.report.example import example
from runner.schemagen.recipe_schema import recipe_schema


@pytest.mark.parametrize(
    "setting",
    [
        {"type": "string", "default": "a\nb"},
        {"type": "string", "default": 'it\'s "quoted"'},
        {"type": "string", "enum": ["on", "off"]},
        {"type": ["string", "null"], "default": None},
        {"type": "string", "minLength": 5},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
        {"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1},
        {"type": "integer", "maximum": -3},
        {"type": "integer", "minimum": 10, "multipleOf": 16},
        {"type": "boolean"},
        {"type": "array", "minItems": 2, "items": {"type": "integer", "minimum": 4}},
        {"type": "array", "items": {"type": "object", "required": ["a"], "properties": {"a": {"type": "number"}}}},
    ],
    ids=str,
)
def test_a_setting_that_has_to_be_given_gets_a_value_that_fits(setting: dict[str, Any]) -> None:
    """The example is a recipe with which nothing is wrong, for every kind of setting."""
    schema = {
        "type": "object",
        "required": ["prompt", "odd"],
        "properties": {"prompt": {"type": "string"}, "odd": setting},
        "x-retouch": {"path": "/v3/async/odd", "method": "POST"},
    }
    model = model_of("odd-one", schema)
    shape = recipe_schema({"odd-one": schema}, {verb: each.PARAMS for verb, each in OPERATIONS.items()})
    read = document.load(example(model), "example.yaml")
    (step,) = parsing.parse(read, "example", shape, Catalogue({"odd-one": model}, OPERATIONS)).steps
    assert "odd" in step.settings
