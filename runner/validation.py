"""Data checked against a JSON Schema, told in words an author understands.

The only module that imports jsonschema. It knows nothing of files: a Problem carries the path of the value, and
whoever has the document turns that into a line and a column. Schemas choose branches with `if`/`then` on constants,
never with `oneOf`, so that every problem has one place and one cause.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry

Path = tuple[str | int, ...]
"""Where a value stands: keys and list positions (from 0), from the top."""

_TYPES = {
    "object": "a block of `key: value` lines",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a value. With `on_key`, the key itself is at fault and not what it holds."""

    path: Path
    message: str
    hint: str | None = None
    on_key: bool = False


def problems(data: Any, schema: Mapping[str, Any]) -> list[Problem]:
    """Everything wrong with `data`, in the order of the document's paths; empty when it fits.

    Of a value of the wrong type nothing else is told: its size or form means nothing yet.

    `schema` is a draft 2020-12 schema with no references outside itself; nothing is ever fetched.
    """
    registry: Registry[Any] = Registry()
    validator = _Validator(schema, registry=registry)
    errors = list(validator.iter_errors(data))
    mistyped = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
    errors = [each for each in errors if each.validator == "type" or tuple(each.absolute_path) not in mistyped]
    misspelt = {each for error in errors if error.validator == "additionalProperties" for each in _misspelt(error)}
    found: dict[tuple[Path, str], Problem] = {}
    for error in errors:
        for problem in _told(error, misspelt):
            found.setdefault((problem.path, problem.message), problem)
    return list(found.values())


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like this one, or None when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not known: the nearest one, or all there are."""
    words = list(known)
    near = nearest(word, words)
    if near is not None:
        return f"did you mean `{near}`?"
    return "known here: " + ", ".join(f"`{each}`" for each in words) if words else "nothing is expected here"


def shown(value: Any) -> str:
    """A value as its author would write it, shortened: for messages."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return _TYPES["object"]
    if isinstance(value, list):
        return _TYPES["array"]
    text = str(value).replace("\n", " ")
    return f"`{text if len(text) <= 40 else text[:37] + '…'}`"


def as_written(value: bool | int | float) -> str:
    """A number or truth value as an author writes it in a text: `1000000` for 1e6, `4` for 4.0, `true`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


def read_number(text: str) -> int | float | None:
    """The number that a text says in plain digits, or None. One too large for a float is infinite."""
    if _INTEGER.fullmatch(text) and len(text) <= 300:
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else None


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


def _is_integer(_: Any, value: Any) -> bool:
    """A whole number written as one: `4.0` would be sent as it is, and counts as no number of pictures."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(checker: Any, value: Any) -> bool:
    return _is_integer(checker, value) or (isinstance(value, float) and math.isfinite(value))


_NOTHING: Mapping[str, Any] = {"not": {}}
_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern, "properties": _properties},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number}),
)


def _misspelt(error: ValidationError) -> Iterator[tuple[Path, str | None]]:
    """Where unknown keys stand, and which keys they were meant to be: those are not missing."""
    known = list(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else []
    value: Any = error.instance
    yield from ((tuple(error.absolute_path), nearest(key, known)) for key in value if key not in known)


def _told(error: ValidationError, misspelt: Set[tuple[Path, str | None]]) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    value: Any = error.instance
    limit: Any = error.validator_value
    rule = str(error.validator)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    if rule == "additionalProperties":
        known = list(schema.get("properties", {}))
        for key in value:
            if key not in known:
                yield Problem((*path, key), f"unknown key `{key}`", suggestion(key, known), on_key=True)
    elif rule == "required":
        for key in limit:
            told: str | None = schema.get("x-missing")
            meant = any(place == path for place, _ in misspelt) if told else (path, key) in misspelt
            if key not in value and not meant:
                yield Problem(path, told or f"`{key}:` is missing here", _purpose(schema, key), on_key=True)
    elif rule == "not" and limit == {} and "dependentSchemas" in error.absolute_schema_path:
        yield _forbidden(error, path)
    else:
        message, hint = _against(rule, limit, value, schema)
        yield Problem(path, message, hint, on_key=rule == "not" and limit == {})


def _purpose(schema: Mapping[str, Any], key: str) -> str | None:
    told: str | None = schema.get("properties", {}).get(key, {}).get("description")
    return told


def _forbidden(error: ValidationError, path: Path) -> Problem:
    """A key that may not stand beside another one: `dependentSchemas` with a `false` for it."""
    route = list(error.absolute_schema_path)
    other = route[len(route) - route[::-1].index("dependentSchemas")]
    return Problem(path, f"`{path[-1]}` cannot stand beside `{other}`", "keep one of the two", on_key=True)


def _against(rule: str, limit: Any, value: Any, schema: Mapping[str, Any]) -> tuple[str, str | None]:
    """Message and hint for a value that breaks one rule of its schema."""
    about = schema.get("description")
    match rule:
        case "type":
            kinds = limit if isinstance(limit, list) else [limit]
            expected = " or ".join(_TYPES[kind] for kind in kinds)
            return f"expected {expected}, found {shown(value)}", schema.get("x-form") or _type_hint(
                kinds, value
            ) or about
        case "enum" if len(limit) == 1:
            return f"expected {shown(limit[0])}, found {shown(value)}", about
        case "enum":
            return f"{shown(value)} is not one of the choices", choice_hint(value, limit)
        case "const":
            return f"expected {shown(limit)}, found {shown(value)}", about
        case "minimum":
            return f"{shown(value)} is too small: at least {limit}", about
        case "maximum":
            return f"{shown(value)} is too large: at most {limit}", about
        case "exclusiveMinimum":
            return f"{shown(value)} is too small: more than {limit}", about
        case "exclusiveMaximum":
            return f"{shown(value)} is too large: less than {limit}", about
        case "multipleOf":
            return f"{shown(value)} is not a multiple of {limit}", about
        case "minLength":
            return f"this text is too short: at least {limit} characters" if value else "this text is empty", about
        case "maxLength":
            return f"this text is too long: {len(value)} characters, at most {limit}", about
        case "minItems":
            return f"too few entries: at least {limit}" if value else "this list is empty", about
        case "maxItems":
            return f"too many entries: {len(value)}, at most {limit}", about
        case "uniqueItems":
            return "an entry stands twice in this list", about
        case "minProperties":
            return "nothing stands here", about
        case "not":
            return about or "this cannot stand here", None
        case "pattern":
            return f"{shown(value)} does not have the right form", schema.get("x-form", about)
        case _:
            return f"{shown(value)} does not fit here", about


def _type_hint(kinds: list[str], value: Any) -> str | None:
    """What an author most likely meant by a value of the wrong type."""
    if "integer" in kinds and isinstance(value, float) and value.is_integer():
        return f"write it without a point: {as_written(value)}"
    if "string" in kinds and isinstance(value, (bool, int, float)):
        return f'put it in quotes to make it text: "{as_written(value)}"'
    if "boolean" in kinds and isinstance(value, str) and value.lower() in {"yes", "no", "on", "off"}:
        return f"write `{'true' if value.lower() in {'yes', 'on'} else 'false'}`"
    number = read_number(value) if isinstance(value, str) else None
    if number is not None and (isinstance(number, int) or "number" in kinds) and {"number", "integer"} & set(kinds):
        return f"write it without quotes: {value}"
    return None


def choice_hint(value: Any, choices: list[Any]) -> str:
    """A hint for a value that is not among the choices: what was most likely meant, and what there is."""
    near = nearest(value, [each for each in choices if isinstance(each, str)]) if isinstance(value, str) else None
    listed = "one of: " + ", ".join(str(each) for each in choices)
    if any(str(each) == str(value) and type(each) is not type(value) for each in choices):
        return f'put it in quotes to make it text: "{value}"'
    return f"did you mean `{near}`? {listed}" if near else listed
