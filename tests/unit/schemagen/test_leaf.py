"""Settings as editors know them: words, choices, and templates where a value may be one."""

from __future__ import annotations

from typing import Any

import pytest

from runner.operations import OPERATIONS
from runner.schemagen.leaf import TEMPLATE, leaf
from runner.schemagen.recipe_schema import recipe_schema
from runner.validation import problems


def whole(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of one setting that stands alone."""
    return {"$defs": {"template": TEMPLATE}, "properties": {"x": leaf("x", schema)}}


@pytest.mark.parametrize(
    ("schema", "fits", "wrong"),
    [
        ({"type": "integer", "minimum": 1}, [1, "{{ n }}", "{% if n %}1{% endif %}"], [0, "1", "one", 1.5, True]),
        ({"type": "number", "maximum": 2}, [1.5, "{{ n }}"], [3, "many"]),
        ({"type": "boolean"}, [True, "{{ n }}"], ["on", 1]),
        ({"type": "string", "enum": ["a"]}, ["a", "{{ n }}"], ["b", 1]),
        ({"type": "integer", "enum": [1, 2]}, [1, "{{ n }}"], [3, "1"]),
        ({"type": "string", "pattern": "^a$"}, ["a", "{{ n }}"], ["b"]),
        ({"type": "string", "maxLength": 3}, ["abc", "{{ n }} and more"], ["abcd"]),
        ({"type": "string", "minLength": 1}, ["a", "{{ n }}"], ["", 1]),
        ({"type": ["integer", "string"], "minimum": 1}, [1, "a", "{{ n }}"], [0, True]),
        ({"type": "array", "maxItems": 2}, [[1, 2]], [[1, 2, 3], "{{ n }}"]),
        ({"type": "array", "items": {"type": "integer"}}, [[1, "{{ n }}"]], [["a"], "{{ n }}"]),
        (
            {"type": "object", "properties": {"y": {"type": "integer"}}},
            [{"y": 1}, {"y": "{{ n }}"}],
            [{"y": "a"}, "{{ n }}"],
        ),
        ({"type": "object"}, [{"y": 1}], ["{{ n }}"]),
        (
            {"type": "array", "items": {"type": "object", "properties": {"y": {"enum": ["a"]}}}},
            [[{"y": "{{ n }}"}]],
            [[{"y": "b"}], ["{{ n }}"]],
        ),
        ({}, [1, "a", None, [], {}], []),
    ],
)
def test_templates_stand_for_single_values_only(schema: dict[str, Any], fits: list[Any], wrong: list[Any]) -> None:
    """Whatever the leaf may be, a template may be there too; blocks and lists come from no template."""
    assert [value for value in fits if problems({"x": value}, whole(schema))] == []
    assert [value for value in wrong if not problems({"x": value}, whole(schema))] == []


def test_what_is_wrong_is_told_as_if_there_were_no_templates() -> None:
    """One problem, with the words for the setting itself."""
    schema = {"type": "integer", "minimum": 1, "description": "How many."}
    (found,) = problems({"x": 0}, whole(schema))
    assert (found.path, found.message, found.hint) == (("x",), "`0` is too small: at least 1", "How many.")
    (found,) = problems({"x": "many"}, whole(schema))
    assert found.message == "expected a whole number, found `many`"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 50, "default": 28}, "Whole number from 1 to 50. Default: 28."),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "Number above 0 and of at most 1."),
        ({"type": "number", "minimum": 0.5}, "Number of at least 0.5."),
        ({"type": "boolean", "default": False}, "True or false. Default: false."),
        ({"type": "string", "enum": ["a", "b"], "default": "a"}, "Default: a."),
        ({"type": "string", "pattern": "^a$", "x-form": "write an a"}, "Write an a."),
        ({"type": "string", "maxLength": 9}, "Text of 0 to 9 characters."),
        (
            {"type": "array", "items": {"type": "integer", "minimum": 2}, "maxItems": 3},
            "List, at most 3, each whole number of at least 2.",
        ),
        ({"type": "array", "items": {"type": "object"}}, "List of blocks."),
        ({"type": "string", "x-text-to-image-only": True}, "Text. Only where a picture is made from text alone."),
        ({"type": "string", "default": ""}, "Text."),
        ({}, ""),
    ],
)
def test_hover_tells_range_and_default_in_words(schema: dict[str, Any], words: str) -> None:
    """They follow the description, in a paragraph of their own."""
    assert leaf("x", schema).get("description", "") == words
    assert leaf("x", {**schema, "description": "What it is."})["description"].split("\n\n")[1:] == (
        [words] if words else []
    )


def test_rules_that_come_again_stand_once() -> None:
    """The names of all colours are written once, however many params take a colour."""
    operations = {verb: each.PARAMS for verb, each in OPERATIONS.items()}
    text = str(recipe_schema({}, operations))
    colours = sum(str(params).count("papayawhip") for params in operations.values())
    assert colours > 5
    assert text.count("papayawhip") == 1


def test_every_setting_has_a_title() -> None:
    """Editors show it where they complete and where one points: its own, else its name."""
    inner = {"y": {"type": "integer", "title": "Why"}, "z": {"type": "array", "items": {"type": "string"}}}
    made = leaf("x", {"type": "object", "properties": inner})
    assert made["title"] == "x"
    assert {name: each["title"] for name, each in made["properties"].items()} == {"y": "Why", "z": "z"}
