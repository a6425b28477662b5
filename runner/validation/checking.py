"""The validator: JSON Schema as it is meant, with the library's surprises closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from runner.validation.fitting import Unsure, first_repeated, fits, is_integer, is_number, matches

_MOST_ERRORS = 400
"""Against one recipe: several may be one mistake, and of more than a hundred nobody is told."""


def errors_of(data: Any, schema: Mapping[str, Any]) -> list[ValidationError]:
    """What the library has against the data, rule by rule; no more than _MOST_ERRORS."""
    try:
        if fits(data, schema, schema):
            return []
    except Unsure:
        pass  # a schema that somebody wrote by hand
    return list(islice(validator_for(schema).iter_errors(data), _MOST_ERRORS))


def validator_for(schema: Mapping[str, Any]) -> Any:
    """The library's validator with our rules. It fetches nothing."""
    registry: Registry[Any] = Registry()
    return _Validator(schema, registry=registry)


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """`pattern` as JSON Schema means it."""
    if isinstance(value, str) and not matches(pattern, value):
        yield ValidationError("does not match")


def _if(validator: Any, condition: Any, value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """`if` with its `then` and `else`: which branch counts is decided without the library where that can be."""
    try:
        holds = fits(value, condition)
    except Unsure:
        holds = validator.evolve(schema=condition).is_valid(value)
    branch = "then" if holds else "else"
    if branch in schema:
        yield from validator.descend(value, schema[branch], schema_path=branch)


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


def _any_of(validator: Any, alternatives: Sequence[Any], value: Any, schema: Any) -> Iterator[ValidationError]:
    """`anyOf`, told as what the first alternative has against the value, with the description of the whole."""
    against = list(validator.descend(value, alternatives[0], schema_path=0))
    if not against or any(validator.evolve(schema=other).is_valid(value) for other in alternatives[1:]):
        return
    for error in against:
        if not error.relative_path and isinstance(error.schema, Mapping) and "description" in schema:
            error.schema = {"description": schema["description"], **error.schema}
        yield error


_NOTHING: Mapping[str, Any] = {"not": {}}
_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern, "properties": _properties, "anyOf": _any_of, "if": _if, "uniqueItems": _unique},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": lambda _, value: is_integer(value), "number": lambda _, value: is_number(value)}
    ),
)
