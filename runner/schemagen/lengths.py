"""Lengths in prose: how many elements a list may have, how many characters a text.

"Limit to a maximum of 4 images", "Array length: 1 - 14", "up to 5 LoRAs"; "length limit: 1-255 characters",
"Maximum length: 50,000 characters". A count of pixels, bytes, words or tokens is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runner.schemagen.ranges import NUMBER

_CHARACTERS = r"\s(?:characters|chars)\b"
_TO = r"(?:\s{0,3}(?:-|~|–|to|and)\s{0,3}|,\s)"
_WHOSE = r"(?:\s(?:text|string|character))?"
_LOW, _HIGH = f"(?P<low>{NUMBER})", f"(?P<high>{NUMBER})"
_OF_TEXT = [
    rf"\blength(?:\slimit|\srange)?(?::|\sis|\s(?:must|should)\sbe)?\s{{0,3}}(?:between\s|from\s)?\[?{_LOW}{_TO}{_HIGH}",
    rf"\bmax(?:imum)?{_WHOSE}\s(?:length|limit)(?::|\sof|\sis)?\s{{0,3}}{_HIGH}",
    rf"\bmin(?:imum)?{_WHOSE}\slength(?::|\sof|\sis)?\s{{0,3}}{_LOW}",
    rf"\b(?:up\sto|at\smost|no\smore\sthan|maximum(?:\sof)?|not\sexceed|max\.?)\s{{1,3}}{_HIGH}{_CHARACTERS}",
    rf"\b(?:at\sleast|no\sless\sthan|minimum(?:\sof)?)\s{{1,3}}{_LOW}{_CHARACTERS}",
    rf"\b{_HIGH}{_CHARACTERS}\s(?:or\s(?:less|fewer)|max(?:imum)?|at\smost)\b",
]
_OTHER_UNIT = (
    r"(?![\d.,]{0,20}\d)(?!\s?(?:[x×*%]|px|pixels?|mega|[kmg]b\b|seconds?|minutes?|characters?|chars|words?|tokens?))"
)
_OF_LIST = [
    rf"\b(?:array|list)\s(?:length|size):?\s{{0,3}}\[?(?P<low>\d{{1,6}})(?:{_TO}(?P<high>\d{{1,6}}))?",
    rf"\b(?:maximum(?:\sof)?|max\.?(?:\sof)?|up\sto|at\smost|no\smore\sthan)\s(?P<high>\d{{1,6}}){_OTHER_UNIT}",
    rf"\b(?:minimum\sof|at\sleast)\s(?P<low>\d{{1,6}}){_OTHER_UNIT}",
]
_TEXT_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _OF_TEXT)
_LIST_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _OF_LIST)


@dataclass(frozen=True, slots=True)
class Length:
    """A stated length; an end that is not stated is None."""

    low: int | None
    high: int | None
    start: int
    end: int
    """Where the statement stands in the prose."""


def of_text(prose: str) -> Iterator[Length]:
    """Every statement about the number of characters."""
    for pattern in _TEXT_PATTERNS:
        for found in pattern.finditer(prose):
            yield _length(found)


def of_list(prose: str) -> Iterator[Length]:
    """Every statement about the number of elements."""
    for number, pattern in enumerate(_LIST_PATTERNS):
        for found in pattern.finditer(prose):
            length = _length(found)
            if number == 0 and length.high is None:  # "Array length: 3": exactly three
                length = Length(length.low, length.low, length.start, length.end)
            yield length


def _length(found: re.Match[str]) -> Length:
    groups = found.groupdict()
    low, high = ((int(text.replace(",", "")) if (text := groups.get(end)) else None) for end in ("low", "high"))
    return Length(low, high, found.start(), found.end())
