"""What a schema asks of a parameter, in a few words: `list of at most 4, optional`. Pure; for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runner import validation
from runner.validation import as_written, one_line, read_number

Schema = Mapping[str, Any]

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "block",
    "null": "nothing",
}


def types(schema: Schema) -> tuple[str, ...]:
    """The types that a schema allows, sorted; empty when it does not say."""
    kind = schema.get("type", ())
    return (kind,) if isinstance(kind, str) else tuple(sorted(kind))


def described(schema: Schema, required: bool | None) -> str:
    """Everything at once: `whole number from 1 to 50, optional`. `required` is None for what can be neither."""
    words = " or ".join(_TYPES.get(each, each) for each in types(schema)) or "anything"
    limits = range_of(schema)
    lengths = length_of(schema, counted=False)
    if limits is not None:
        words += f" from {limits}" if limits[:1] in "-0123456789" else f", {limits}"
    if lengths is not None:
        words += f" of {lengths}"
    parts = [words]
    entries = schema.get("items", {})
    if types(entries) not in {(), ("string",)}:
        parts.append(f"each entry a {described(entries, None)}")
    if choices := schema.get("enum", entries.get("enum")):
        parts.append(f"one of {listed(choices)}")
    if form := form_of(schema):
        parts.append(f"written as {form}")
    if required is not None:
        parts.append("required" if required else "optional")
    return ", ".join(parts)


def range_of(schema: Schema) -> str | None:
    """Bounds and step of a number: `1 to 20`, `above 0, at most 1`, `at least 8, in steps of 8`."""
    low, high = schema.get("minimum"), schema.get("maximum")
    parts = []
    if low is not None and high is not None:
        parts.append(f"{as_written(low)} to {as_written(high)}")
    named = {"exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most"}
    for key, word in named.items():
        if schema.get(key) is not None and not (key in {"minimum", "maximum"} and parts and " to " in parts[0]):
            parts.append(f"{word} {as_written(schema[key])}")
    if schema.get("multipleOf") is not None:
        parts.append(f"in steps of {as_written(schema['multipleOf'])}")
    return ", ".join(parts) or None


def length_of(schema: Schema, *, counted: bool = True) -> str | None:
    """How long a text or a list may be: `at most 4 entries`; `counted` says whether the unit is named for lists."""
    parts = []
    for least, most, unit in (("minItems", "maxItems", "entries"), ("minLength", "maxLength", "characters")):
        low, high = schema.get(least), schema.get(most)
        if low is None and high is None:
            continue
        words = f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
        if low == high:
            words = f"exactly {low}"
        parts.append(f"{words} {unit}" if counted or unit == "characters" else words)
    return ", ".join(parts) or None


def form_of(schema: Schema) -> str | None:
    """The form of a text: `width*height, each side 256 to 1536`."""
    form = schema.get("x-dimension")
    if form is None:
        stated: str | None = schema.get("x-form", schema.get("pattern"))
        return stated
    sides = range_of({key: each for key, each in form.items() if each is not None})
    return f"width{form.get('separator') or ' '}height" + (f", each side {sides}" if sides else "")


def listed(values: Sequence[Any]) -> str:
    """Values one after the other: ``` `jpeg`, `png` ```; long lists are cut, and the rest is counted."""
    return validation.listed([value(each) for each in values])


def value(given: Any) -> str:
    """One value as an author writes it, on one line: texts that look like numbers have their quotes."""
    if given is None:
        return "nothing"
    if given == "":
        return "an empty text"
    if isinstance(given, bool | int | float):
        return f"`{as_written(given)}`"
    mistaken = isinstance(given, str) and (read_number(given) is not None or given in {"true", "false", "null"})
    return f'`"{given}"`' if mistaken else f"`{one_line(str(given))}`"
