"""What the validator found, in words: one place, one cause, and what was most likely meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError

from runner.language import TEMPLATE_PART
from runner.validation import guessing
from runner.validation.fitting import first_repeated
from runner.validation.words import (
    TYPES,
    as_listed,
    as_written,
    choice_hint,
    first_paragraph,
    nearest,
    read_number,
    shown,
    suggestion,
)

Path = tuple[str | int, ...]
"""Where a value stands: keys and list positions (from 0), from the top."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a value. With `on_key`, the key itself is at fault and not what it holds."""

    path: Path
    message: str
    hint: str | None = None
    on_key: bool = False
    missing: str | None = None
    """The key that should stand in the block at `path`, where that is the problem."""
    meant: guessing.Meant | None = None
    """The value that was most likely meant; with `on_key`, the key."""


def misspelt(error: ValidationError) -> Iterator[tuple[Path, str | None]]:
    """Where unknown keys stand, and which keys they were meant to be: those are not missing."""
    known = list(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else []
    value: Any = error.instance
    yield from ((tuple(error.absolute_path), nearest(key, known)) for key in value if key not in known)


def told(error: ValidationError, wrong: Set[tuple[Path, str | None]]) -> Iterator[Problem]:
    """One error as problems, one for each key it speaks of. `wrong` is what misspelt() gives for all errors."""
    path: Path = tuple(error.absolute_path)
    value: Any = error.instance
    limit: Any = error.validator_value
    rule = str(error.validator)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    if rule == "additionalProperties":
        known = [key for key, each in schema.get("properties", {}).items() if not _is_refused(each)]
        for key in value:
            if key not in schema.get("properties", {}):
                near = nearest(key, known)
                right = None if near in value else near
                yield Problem((*path, key), *_unknown(key, known), on_key=True, meant=right)
    elif rule == "required":
        for key in limit:
            own: str | None = schema.get("x-missing")
            meant = any(place == path for place, _ in wrong) if own else (path, key) in wrong
            if key not in value and not meant:
                words = own or f"`{key}:` is missing here"
                yield Problem(path, words, _purpose(schema, key), on_key=True, missing=key)
    elif rule == "not" and limit == {} and "dependentSchemas" in error.absolute_schema_path:
        yield _forbidden(error, path)
    else:
        key = path[-1] if path and isinstance(path[-1], str) else None
        message, hint = _against(rule, limit, value, schema, key)
        refused = rule == "not" and limit == {}
        yield Problem(path, message, hint, on_key=refused, meant=None if refused else guessing.meant(value, schema))


def _is_refused(schema: Any) -> bool:
    """Whether a key is known only to say what stands in its place."""
    return isinstance(schema, Mapping) and schema.get("not") == {}


def _unknown(key: str, known: list[str]) -> tuple[str, str]:
    """Message and hint for a key that is none of those known here."""
    if key == "<<":
        return "a recipe has no `<<`", "write the keys out, each on its own line"
    if key.startswith("-"):
        return f"unknown key `{key}`", "a space belongs after the dash of a list entry"
    return f"unknown key `{key}`", suggestion(key, known)


def _purpose(schema: Mapping[str, Any], key: str) -> str | None:
    own = schema.get("properties", {}).get(key, {})
    return _only(key, own["enum"]) if len(own.get("enum", ())) == 1 else first_paragraph(own.get("description"))


def _only(key: str | int, choices: Sequence[Any]) -> str:
    """A hint for a key that has only one value."""
    return f"write `{key}: {as_listed(choices[0])}`"


def _forbidden(error: ValidationError, path: Path) -> Problem:
    """A key that may not stand beside another one: `dependentSchemas` with a `false` for it."""
    route = list(error.absolute_schema_path)
    other = route[len(route) - route[::-1].index("dependentSchemas")]
    return Problem(path, f"`{path[-1]}` cannot stand beside `{other}`", "keep one of the two", on_key=True)


def _against(rule: str, limit: Any, value: Any, schema: Mapping[str, Any], key: str | None) -> tuple[str, str | None]:
    """Message and hint for a value, that of `key` if it has one, which breaks one rule of its schema."""
    about = first_paragraph(schema.get("description"))
    match rule:
        case "type" if limit == "string" and _is_other_number(value, schema.get("enum", ())):
            return f"{shown(value)} is not one of the choices", choice_hint(value, schema["enum"], schema.get("x-form"))
        case "type":
            kinds = limit if isinstance(limit, list) else [limit]
            expected = " or ".join(TYPES[kind] for kind in kinds)
            hint = _template_hint(kinds, value) or schema.get("x-form") or _type_hint(kinds, value) or about
            return f"expected {expected}, found {shown(value)}", hint
        case "enum" if len(limit) == 1:
            return f"expected {shown(limit[0])}, found {shown(value)}", _only(key, limit) if key else about
        case "enum":
            return f"{shown(value)} is not one of the choices", choice_hint(value, limit, schema.get("x-form"))
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
            return f"{shown(value[first_repeated(value) or 0])} stands twice in this list", "leave one of the two out"
        case "minProperties":
            return "nothing stands here", about
        case "not":
            return about or "this cannot stand here", None
        case "pattern" if value == "":
            return "this text is empty", schema.get("x-form", about)
        case "pattern" if read_number(value) is not None and _is_number(guessing.meant(value, schema)):
            return f"expected a number, found the text {shown(value)}", f"write it without quotes: {value}"
        case "pattern":
            return f"{shown(value)} does not have the right form", schema.get("x-form", about)
        case _:
            return f"{shown(value)} does not fit here", about


def _is_other_number(value: Any, choices: Collection[Any]) -> bool:
    """Whether a number stands where only some texts may, none of which is that number in quotes."""
    return bool(choices) and isinstance(value, (int, float)) and as_written(value) not in choices


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _template_hint(kinds: list[str], value: Any) -> str | None:
    """Why a template is no help here: where it may stand, it is no value of the wrong type."""
    if not isinstance(value, str) or not re.search(TEMPLATE_PART, value, re.DOTALL):
        return None
    if {"object", "array"} & set(kinds):
        return "`{{ … }}` gives one value, never a block or a list: write it out, with `{{ … }}` inside"
    return "`{{ … }}` can stand only in prompts, in settings and in operations"


def _type_hint(kinds: list[str], value: Any) -> str | None:
    """What an author most likely meant by a value of the wrong type."""
    if "integer" in kinds and isinstance(value, float) and value.is_integer():
        return f"write it without a point: {as_written(value)}"
    if "string" in kinds and isinstance(value, (bool, int, float)):
        return f'put it in quotes to make it text: "{as_written(value)}"'
    if "array" in kinds and isinstance(value, str):
        return "write a list: [" + ", ".join(each.strip() for each in value.split(",")) + "]"
    if "boolean" in kinds and isinstance(value, str) and value.lower() in {"true", "false"}:
        return f"write it without quotes: {value.lower()}"
    if "boolean" in kinds and isinstance(value, str) and value.lower() in {"yes", "no", "on", "off"}:
        return f"write `{'true' if value.lower() in {'yes', 'on'} else 'false'}`"
    number = read_number(value) if isinstance(value, str) else None
    if number is not None and (isinstance(number, int) or "number" in kinds) and {"number", "integer"} & set(kinds):
        return f"write it without quotes: {value}"
    return None
