"""Words for values, and for what may stand somewhere."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

TYPES = {
    "object": "a block of `key: value` lines",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
"""What a type of JSON Schema is to an author."""
_MOST_COMPARED = 160
"""Words that another one is held against; all colours are fewer."""
_MOST_LISTED = 12
"""Words that a message lists; the others are counted."""
_MOST_KNOWN = 20
"""The same for a hint that lists all there are."""

SYNONYMS = {
    "picture": "image", "photo": "image", "file": "image", "string": "text", "str": "text", "word": "text",
    "int": "integer", "float": "number", "decimal": "number", "bool": "boolean", "select": "choice", "list": "choice",
    "jpg": "jpeg", "colour": "color", "middle": "center", "centre": "center", "gray": "grayscale", "grey": "grayscale",
}  # fmt: skip
"""Words for what is called otherwise here."""


def nearest(word: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known word most like this one, or None when none is `alike`. Capitals, and what joins words, do not count."""
    return _nearest(word, tuple(islice(known, _MOST_COMPARED)), alike)


@lru_cache(maxsize=512)
def _nearest(word: str, known: tuple[str, ...], alike: float) -> str | None:
    words = {_plain(each): each for each in known}
    near = difflib.get_close_matches(_plain(word), words, n=1, cutoff=alike)
    return words[near[0]] if near else None


def likeness(word: str, other: str) -> float:
    """How much alike two words are, from 0 to 1, as nearest() sees it."""
    return difflib.SequenceMatcher(None, _plain(other), _plain(word)).ratio()


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", "-", word.strip("\"'“”„«»‘’")).casefold()


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not known: the nearest one, or all there are."""
    words = list(known)
    near = nearest(word, words)
    if near is not None:
        return f"did you mean `{near}`?"
    quoted = [f"`{each}`" for each in words[: _MOST_KNOWN + 1]]
    return f"known here: {listed(quoted, len(words), _MOST_KNOWN)}" if words else "nothing is expected here"


def listed(words: Sequence[str], number: int | None = None, most: int = _MOST_LISTED) -> str:
    """Words one after the other, on one line; of a long list the first, and how many more there are.

    `number` is how many there are in all, where not all of them are given.
    """
    told = ", ".join(one_line(each) for each in words[:most])
    more = (len(words) if number is None else number) - most
    return f"{told} and {more} more" if more > 0 else told


def one_line(text: str) -> str:
    """The text with its line ends written out: nobody may take what stands in a value for a line of ours."""
    return text.replace("\n", "\\n")


def shown(value: Any) -> str:
    """A value as its author would write it, shortened: for messages."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return TYPES["object"]
    if isinstance(value, list):
        return TYPES["array"]
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


def choice_hint(value: Any, choices: list[Any], where: str | None = None) -> str:
    """A hint for a value that is not among the choices: what was most likely meant, and what there is.

    `where` says where all of them are listed, when they are too many to be listed here.
    """
    words = [each for each in choices if isinstance(each, str)]
    near = nearest(value, words) if isinstance(value, str) else None
    near = SYNONYMS[value] if isinstance(value, str) and SYNONYMS.get(value) in words else near
    every = where or "one of: " + listed([str(each) for each in choices])
    if any(str(each) == str(value) and type(each) is not type(value) for each in choices):
        return f'put it in quotes to make it text: "{value}"'
    return f"did you mean `{one_line(near)}`? {every}" if near else every


def first_paragraph(text: str | None) -> str | None:
    """A description up to its first empty line: what follows is for editors, which show nothing else of a schema."""
    return text.split("\n\n", 1)[0] if text is not None else None


def allowed(schema: Mapping[str, Any]) -> str:
    """What may stand where this schema holds, in a few words: `whole number from 1 to 50`; empty when anything may."""
    if "enum" in schema:
        return ", ".join(as_listed(each) for each in schema["enum"])
    if "x-dimension" in schema:
        return _dimension(schema["x-dimension"])
    kind = schema.get("type", ())
    kinds = [kind] if isinstance(kind, str) else list(kind)
    if kinds == ["array"]:
        return _list(schema)
    if kinds == ["object"]:
        return ""
    name = " or ".join(TYPES[each].removeprefix("a ") if len(kinds) == 1 else TYPES[each] for each in kinds)
    if name and {"integer", "number"} & set(kinds):
        return name + _range(schema)
    if kinds == ["string"] and "maxLength" in schema:
        return f"text of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    return name


def as_listed(value: Any) -> str:
    """A choice as its author writes it: a text that would be read as a number stands in quotes."""
    if isinstance(value, str):
        mistaken = read_number(value) is not None or value in {"", "true", "false", "null"}
        return f'"{value}"' if mistaken else one_line(value)
    return as_written(value) if isinstance(value, (bool, int, float)) else str(value)


def _dimension(size: Mapping[str, Any]) -> str:
    words = f"text like width{size['separator']}height"
    least, most = size.get("minimum"), size.get("maximum")
    bounds = _range({key: each for key, each in size.items() if each is not None})
    return f"{words}, each{bounds}" if least is not None or most is not None else words


def _list(schema: Mapping[str, Any]) -> str:
    items = schema["items"] if isinstance(schema.get("items"), Mapping) else {}
    held = "block" if items.get("type") == "object" else allowed(items)
    least, most = schema.get("minItems"), schema.get("maxItems")
    count = f", {least} to {most}" if least and most else f", at least {least}" if least else ""
    count = f", at most {most}" if most and not least else count
    if held in {"block", "text", "number", "whole number"}:
        return f"list of {held}s{count}"
    return f"list{count}, each {held}" if held else f"list{count}"


def _range(schema: Mapping[str, Any]) -> str:
    least, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    most, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if least is not None and most is not None:
        return f" from {as_written(least)} to {as_written(most)}"
    bounds = [
        words + as_written(bound)
        for words, bound in (("of at least ", least), ("above ", above), ("of at most ", most), ("below ", below))
        if bound is not None
    ]
    return " " + " and ".join(bounds) if bounds else ""
