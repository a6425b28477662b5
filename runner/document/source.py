"""How a value is written in a recipe: without quotes where it reads as what it is, else with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.validation import as_written, read_number

_PLAIN = re.compile(r"[^\W_][\w.%*/+()-]*(?:[ :][\w.%*/+()-]+)*")
"""Texts that mean themselves anywhere, also inside { } and [ ]: `:` and spaces only between other characters."""
_MEANT_OTHERWISE = frozenset({"null", "true", "false"})


def source_of(value: str | int | float | bool | list[str], like: str = "") -> str:
    """A value as its author would write it. `like` is what stands there now: its kind of quotes is kept."""
    if isinstance(value, list):
        return "[" + ", ".join(source_of(each) for each in value) + "]"
    if not isinstance(value, str):
        return as_written(value)
    mark = like[:1]
    if mark and mark in "\"'" and mark not in value and "\\" not in value:
        return mark + value + mark
    plain = _PLAIN.fullmatch(value) and read_number(value) is None and value.lower() not in _MEANT_OTHERWISE
    return value if plain else next(in_quotes(value), value)


def in_quotes(text: str) -> Iterator[str]:
    """The text in quotes, as far as it needs no sign that its author would have to learn: double ones come first."""
    if '"' not in text and "\\" not in text:
        yield f'"{text}"'
    if "'" not in text:
        yield f"'{text}'"
