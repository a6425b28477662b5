"""The schema of a model, held against the form that everything else here relies on.

Workspaces hold schemas that anybody may have written. What retouch makes of a documentation page uses a few keywords of
JSON Schema and some of its own (`x-dimension`, `x-form`, `x-in`, `x-retouch`); no others are understood, and a keyword
with a value of the wrong kind would end any command somewhere deep inside. Patterns are run on texts, so only the form
is let through that a size has: it takes no time, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.validation.checking import errors_of
from runner.validation.telling import Path, Problem, told

MOST_DEEP = 48
"""Blocks and lists inside each other: two for every parameter that stands in another one."""

_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
_SIDE = r"(\(\?:([0-9|]|\[[0-9]-[0-9]\]){1,4000}\)|\[1-9\]\[0-9\]\*)"
_PATTERN = rf"^\^{_SIDE}(\\?[*x×:]){_SIDE}\(\?!\[\\s\\S\]\)$"
"""Two sides and their separator, as schemagen.dimensions writes them: nothing in it can be repeated in two ways."""
_TEXT: Mapping[str, Any] = {"type": "string"}
_MAYBE: Mapping[str, Any] = {"type": ["string", "null"]}
_NUMBER: Mapping[str, Any] = {"type": "number"}
_LENGTH: Mapping[str, Any] = {"type": "integer", "minimum": 0}
_COUNT: Mapping[str, Any] = {"type": ["integer", "null"], "minimum": 0}
_ONE_TYPE: Mapping[str, Any] = {"type": "string", "enum": list(_TYPES)}
_PARAMETER: Mapping[str, Any] = {"$ref": "#/$defs/parameter"}

_KEYWORDS: Mapping[str, Any] = {
    "$comment": {},
    "$id": _TEXT,
    "$schema": _TEXT,
    "additionalProperties": {"if": {"type": "boolean"}, "else": _PARAMETER},
    "const": {},
    "default": {},
    "deprecated": {"type": "boolean"},
    "description": _TEXT,
    "enum": {"type": "array", "minItems": 1, "items": {"type": ["string", "integer", "number", "boolean", "null"]}},
    "examples": {"type": "array"},
    "exclusiveMaximum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "format": _TEXT,
    "items": _PARAMETER,
    "maxItems": _LENGTH,
    "maxLength": _LENGTH,
    "maximum": _NUMBER,
    "minItems": _LENGTH,
    "minLength": _LENGTH,
    "minimum": _NUMBER,
    "multipleOf": {"type": "number", "exclusiveMinimum": 0},
    "pattern": {
        "type": "string",
        "pattern": _PATTERN,
        "x-form": "only the pattern of a size is understood, as `retouch schemas add` writes it beside `x-dimension`",
    },
    "properties": {"type": "object", "additionalProperties": _PARAMETER},
    "required": {"type": "array", "items": _TEXT},
    "title": _TEXT,
    "type": {"if": {"type": "array"}, "then": {"minItems": 1, "items": _ONE_TYPE}, "else": _ONE_TYPE},
    "uniqueItems": {"type": "boolean"},
    "x-dimension": {
        "type": "object",
        "required": ["separator"],
        "properties": {"separator": _TEXT, "minimum": _COUNT, "maximum": _COUNT, "multipleOf": _COUNT},
    },
    "x-form": _TEXT,
    "x-in": {"type": "string", "enum": ["query", "path", "body"]},
    "x-text-to-image-only": {"type": "boolean"},
}

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["x-retouch"],
    "additionalProperties": False,
    "properties": {
        **_KEYWORDS,
        "type": {"type": "string", "enum": ["object"]},
        "x-retouch": {
            "type": "object",
            "properties": {
                "title": _MAYBE,
                "method": _MAYBE,
                "path": _MAYBE,
                "source": _MAYBE,
                "read": _MAYBE,
                "digest": _MAYBE,
                "sync": {"type": ["boolean", "null"]},
                "deprecated": {"type": ["boolean", "null"]},
                "response": {"if": {"type": "null"}, "else": _PARAMETER},
            },
        },
    },
    "$defs": {"parameter": {"type": "object", "additionalProperties": False, "properties": _KEYWORDS}},
}


def schema_problem(schema: Any) -> Problem | None:
    """The first thing wrong with the schema of a model, or None when everything can rely on it."""
    if (deepest := _too_deep(schema)) is not None:
        return Problem(deepest[:6], f"blocks stand inside each other more than {MOST_DEEP} deep")
    for error in errors_of(schema, _SCHEMA):
        for problem in told(error, set()):
            return problem
    return _unusable_pattern(schema, ())


def _too_deep(schema: Any) -> Path | None:
    """Where blocks and lists are nested deeper than anything may look, found without going in as deep."""
    waiting: list[tuple[Path, Any]] = [((), schema)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > MOST_DEEP:
            return path
        if isinstance(value, dict):
            waiting += [((*path, key), each) for key, each in value.items() if isinstance(each, dict | list)]
        elif isinstance(value, list):
            waiting += [((*path, at), each) for at, each in enumerate(value) if isinstance(each, dict | list)]
    return None


def _unusable_pattern(value: Any, path: Path) -> Problem | None:
    """A pattern that looks like one and is none: `[9-0]`."""
    if not isinstance(value, dict):
        return None
    if isinstance(pattern := value.get("pattern"), str):
        try:
            re.compile(pattern)
        except re.error:
            return Problem((*path, "pattern"), "this is no regular expression")
    found = (_unusable_pattern(each, (*path, key)) for key, each in value.items())
    return next((each for each in found if each is not None), None)
