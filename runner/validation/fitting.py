"""Whether data fits a schema, decided at once where the schema is made of the rules that ours are made of.

The library makes an object for each rule it applies, and a recipe is held against rules for every model there is. Most
recipes fit: for those nobody needs its reasons. What is not known here is left to it, and so is every "no".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Unsure(Exception):
    """A rule stands here that only the library knows."""


def fits(value: Any, schema: Any, root: Mapping[str, Any] | None = None) -> bool:
    """Whether a value fits a schema (draft 2020-12); `root` is where its references lead. Raises Unsure."""
    if isinstance(schema, bool):
        return schema
    for keyword, stated in schema.items():
        rule = _RULES.get(keyword)
        if rule is not None:
            if not rule(value, stated, schema, root):
                return False
        elif keyword not in _ABOUT and not keyword.startswith("x-"):
            raise Unsure(keyword)
    return True


def matches(pattern: str, text: str) -> bool:
    """Whether a text has the form of a pattern as JSON Schema means it: Python's `$` would also accept a line end after
    the last character.

    Many are one plain word, the name of a model. Those are compared: to compile so many takes long.
    """
    word = pattern[1:-1]
    if pattern == f"^{word}$" and word.replace("-", "").isalnum():
        return text == word
    return re.search(re.sub(r"(?<!\\)\$\Z", r"\\Z", pattern), text) is not None


def is_integer(value: Any) -> bool:
    """A whole number written as one: `4.0` would be sent as it is, and counts as no number of pictures."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """A number there is: JSON has no infinite ones."""
    return is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def first_repeated(values: Sequence[Any]) -> int | None:
    """The position of the first value that stands further up already; None where there is none. 1 and 1.0 are one
    number, 1 and true are not the same."""
    seen: set[str] = set()
    for at, each in enumerate(values):
        whole = int(each) if isinstance(each, float) and each.is_integer() else each
        text = json.dumps(whole, sort_keys=True)
        if text in seen:
            return at
        seen.add(text)
    return None


Rule = Callable[[Any, Any, Mapping[str, Any], Mapping[str, Any] | None], bool]
"""Whether a value keeps a rule: the value, what the rule states, the schema it stands in, the root."""

_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": is_integer,
    "number": is_number,
    "null": lambda value: value is None,
}
_ABOUT = {"$comment", "$defs", "$id", "$schema", "default", "deprecated", "description", "examples", "format", "title"}
_ABOUT |= {"doNotSuggest", "enumDescriptions", "patternErrorMessage"}  # for editors
_ABOUT |= {"then", "else"}  # read by `if`
"""What says nothing of the value."""


def _type(value: Any, stated: Any, _: Any, __: Any) -> bool:
    if isinstance(stated, str):
        return _KINDS[stated](value)
    return any(_KINDS[each](value) for each in stated)


def _one_of(value: Any, stated: Any, _: Any, __: Any) -> bool:
    if isinstance(value, (dict, list)):
        raise Unsure
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in stated)


def _reference(value: Any, stated: str, _: Any, root: Mapping[str, Any] | None) -> bool:
    name = stated.removeprefix("#/$defs/")
    if root is None or name == stated or name not in root.get("$defs", {}):
        raise Unsure
    return fits(value, root["$defs"][name], root)


def _if(value: Any, condition: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None) -> bool:
    return fits(value, schema.get("then" if fits(value, condition, root) else "else", True), root)


def _properties(value: Any, stated: Mapping[str, Any], _: Any, root: Mapping[str, Any] | None) -> bool:
    if isinstance(value, dict):
        for key in value.keys() & stated.keys():
            if not fits(value[key], stated[key], root):
                return False
    return True


def _other_keys(value: Any, stated: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None) -> bool:
    known = schema.get("properties", {})
    return not isinstance(value, dict) or all(
        fits(each, stated, root) for key, each in value.items() if key not in known
    )


def _depending(value: Any, stated: Mapping[str, Any], _: Any, root: Mapping[str, Any] | None) -> bool:
    if not isinstance(value, dict):
        return True
    return all(fits(value, stated[key], root) for key in value.keys() & stated.keys())


_RULES: Mapping[str, Rule] = {
    "$ref": _reference,
    "additionalProperties": _other_keys,
    "allOf": lambda value, stated, _, root: all(fits(value, each, root) for each in stated),
    "anyOf": lambda value, stated, _, root: any(fits(value, each, root) for each in stated),
    "const": lambda value, stated, _, __: _one_of(value, [stated], _, __),
    "dependentSchemas": _depending,
    "enum": _one_of,
    "exclusiveMaximum": lambda value, stated, _, __: not is_number(value) or value < stated,
    "exclusiveMinimum": lambda value, stated, _, __: not is_number(value) or value > stated,
    "if": _if,
    "items": lambda value, stated, _, root: (
        not isinstance(value, list) or all(fits(each, stated, root) for each in value)
    ),
    "maxItems": lambda value, stated, _, __: not isinstance(value, list) or len(value) <= stated,
    "maxLength": lambda value, stated, _, __: not isinstance(value, str) or len(value) <= stated,
    "maximum": lambda value, stated, _, __: not is_number(value) or value <= stated,
    "minItems": lambda value, stated, _, __: not isinstance(value, list) or len(value) >= stated,
    "minLength": lambda value, stated, _, __: not isinstance(value, str) or len(value) >= stated,
    "minimum": lambda value, stated, _, __: not is_number(value) or value >= stated,
    "not": lambda value, stated, _, root: not fits(value, stated, root),
    "pattern": lambda value, stated, _, __: not isinstance(value, str) or matches(stated, value),
    "properties": _properties,
    "required": lambda value, stated, _, __: not isinstance(value, dict) or all(key in value for key in stated),
    "type": _type,
    "uniqueItems": lambda value, stated, _, __: (
        not stated or not isinstance(value, list) or first_repeated(value) is None
    ),
}
