"""A single value as it is written in a recipe, such that it is read again exactly, wherever it stands."""

from __future__ import annotations

import re

from runner.validation import as_written

_PLAIN = re.compile(r"(?:\.\./)*[^\W\d_][\w'()!?./-]*(?: [\w'()!?./-]+)*")
"""Begins with a letter, and holds nothing that means something else in a recipe: `samples/mug.jpg`, `Moss teapot`."""
_OTHER_MEANING = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Words that some reader of such files takes for something else than text."""
_MOST_DIGITS = 18
"""Of a number in plain digits; longer ones are read as text."""
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def scalar(value: str | int | float | bool) -> str:
    """The value on one line: a number or truth value, or a text, in quotes where it needs them."""
    if not isinstance(value, str):
        plain = as_written(value)
        return plain if len(plain) <= _MOST_DIGITS else repr(value)
    if _PLAIN.fullmatch(value) and value.isprintable() and value.lower() not in _OTHER_MEANING:
        return value
    return '"' + "".join(_ESCAPES.get(each) or _visible(each) for each in value) + '"'


def _visible(char: str) -> str:
    """A character, or its number where it could not be seen or would end the line."""
    if char.isprintable():
        return char
    number = ord(char)
    return f"\\x{number:02X}" if number < 0x100 else f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"
