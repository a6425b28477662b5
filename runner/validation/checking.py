"""The validator: JSON Schema as it is meant, with the library's surprises closed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry

_MOST_ERRORS = 400
"""Against one recipe: several may be one mistake, and of more than a hundred nobody is told."""


def errors_of(data: Any, schema: Mapping[str, Any]) -> list[ValidationError]:
    """What the library has against the data, rule by rule; no more than _MOST_ERRORS."""
    registry: Registry[Any] = Registry()
    return list(islice(_Validator(schema, registry=registry).iter_errors(data), _MOST_ERRORS))


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """`pattern` as JSON Schema means it: Python's `$` would also accept a line end after the last character.

    Many are one plain word, the name of a model. Those are compared: to compile so many takes long.
    """
    if isinstance(value, str) and not _matches(pattern, value):
        yield ValidationError("does not match")


def _matches(pattern: str, text: str) -> bool:
    word = pattern[1:-1]
    if pattern == f"^{word}$" and word.replace("-", "").isalnum():
        return text == word
    return re.search(re.sub(r"(?<!\\)\$\Z", r"\\Z", pattern), text) is not None


def _if(validator: Any, condition: Any, value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """`if` with its `then` and `else`."""
    branch = "then" if _holds(validator, condition, value) else "else"
    if branch in schema:
        yield from validator.descend(value, schema[branch], schema_path=branch)


def _holds(validator: Any, condition: Any, value: Any) -> bool:
    """Whether a value fits a condition.

    A recipe is asked for each model whether it names it, and for that the library would take half of all its time. What
    such conditions are made of is decided here; it decides the others.
    """
    if not isinstance(condition, Mapping) or not condition.keys() <= _PLAIN:
        valid: bool = validator.evolve(schema=condition).is_valid(value)
        return valid
    for keyword, stated in condition.items():
        match keyword:
            case "type":
                types = [stated] if isinstance(stated, str) else stated
                holds = any(validator.is_type(value, each) for each in types)
            case "required":
                holds = not isinstance(value, dict) or all(key in value for key in stated)
            case "properties":
                holds = not isinstance(value, dict) or all(
                    _holds(validator, each, value[key]) for key, each in stated.items() if key in value
                )
            case "pattern":
                holds = not isinstance(value, str) or _matches(stated, value)
            case "not":
                holds = not _holds(validator, stated, value)
            case _:
                holds = any(_holds(validator, each, value) for each in stated)
        if not holds:
            return False
    return True


def _properties(validator: Any, properties: Mapping[str, Any], value: Any, _: Any) -> Iterator[ValidationError]:
    """`properties`, told with the key's path even where its schema is `false`; the library leaves that one out."""
    for key, schema in properties.items():
        if isinstance(value, dict) and key in value:
            stated = _NOTHING if schema is False else schema
            yield from validator.descend(value[key], stated, path=key, schema_path=key)


def _unique(_: Any, unique: bool, value: Any, __: Any) -> Iterator[ValidationError]:
    """`uniqueItems`: the library compares every entry with every other one where they are blocks."""
    if unique and isinstance(value, list) and first_repeated(value) is not None:
        yield ValidationError("has repeated entries")


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


def _any_of(validator: Any, alternatives: Sequence[Any], value: Any, schema: Any) -> Iterator[ValidationError]:
    """`anyOf`, told as what the first alternative has against the value, with the description of the whole."""
    against = list(validator.descend(value, alternatives[0], schema_path=0))
    if not against or any(validator.evolve(schema=other).is_valid(value) for other in alternatives[1:]):
        return
    for error in against:
        if not error.relative_path and isinstance(error.schema, Mapping) and "description" in schema:
            error.schema = {"description": schema["description"], **error.schema}
        yield error


def _is_integer(_: Any, value: Any) -> bool:
    """A whole number written as one: `4.0` would be sent as it is, and counts as no number of pictures."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(checker: Any, value: Any) -> bool:
    return _is_integer(checker, value) or (isinstance(value, float) and math.isfinite(value))


_NOTHING: Mapping[str, Any] = {"not": {}}
_PLAIN = {"type", "required", "properties", "pattern", "not", "anyOf"}
_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern, "properties": _properties, "anyOf": _any_of, "if": _if, "uniqueItems": _unique},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number}),
)
