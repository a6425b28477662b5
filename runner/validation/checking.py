"""The validator: JSON Schema as it is meant, with the library's surprises closed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry


def errors_of(data: Any, schema: Mapping[str, Any]) -> list[ValidationError]:
    """What the library has against the data, rule by rule."""
    registry: Registry[Any] = Registry()
    return list(_Validator(schema, registry=registry).iter_errors(data))


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """`pattern` as JSON Schema means it: Python's `$` would also accept a line end after the last character."""
    if isinstance(value, str) and not re.search(re.sub(r"(?<!\\)\$\Z", r"\\Z", pattern), value):
        yield ValidationError("does not match")


def _properties(validator: Any, properties: Mapping[str, Any], value: Any, _: Any) -> Iterator[ValidationError]:
    """`properties`, told with the key's path even where its schema is `false`; the library leaves that one out."""
    for key, schema in properties.items():
        if isinstance(value, dict) and key in value:
            stated = _NOTHING if schema is False else schema
            yield from validator.descend(value[key], stated, path=key, schema_path=key)


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
_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern, "properties": _properties, "anyOf": _any_of},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number}),
)
