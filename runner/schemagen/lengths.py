"""Lengths in prose: how many elements a list may have, how many characters a text.

"Limit to a maximum of 4 images", "Array length: 1 - 14", "up to 5 LoRAs"; "length limit: 1-255 characters",
"Maximum length: 50,000 characters", "less than 10000 characters". A count of pixels, bytes, words or tokens is none,
nor is the length of a film or a sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runner.schemagen.ranges import NUMBER
from runner.schemagen.units import NOT_A_COUNT
from runner.schemagen.whose import Whose

_CHARACTERS = r"(?:\s|-)(?:characters?|chars?|letters)\b"
_TO = r"(?:\s{0,3}(?:-|~|–|to|and)\s{0,3}|,\s)"
_WHOSE = r"(?:\s(?:text|string|character|prompt|input))?"
_LOW, _HIGH = f"(?P<low>{NUMBER})", f"(?P<high>{NUMBER}|unlimited\\b|∞)"
_BELOW = f"(?P<below>{NUMBER})"
_ENDED = rf"\]?(?:{_CHARACTERS}|(?=\s{{0,3}}(?:[;)\n(]|[.,](?!\d)|\Z)))"
"""Behind the number: "characters", or nothing."""
_LENGTH = r"\b(?P<whose>[A-Za-z]{1,20}\s)?length(?:\s(?:limit|range))?"
_IS = r"(?::|\sof|\sis|\s(?:must|should)\sbe)?\s{0,3}"
_OF_TEXT = [
    rf"{_LENGTH}{_IS}(?:between\s|from\s)?\[?{_LOW}{_TO}{_HIGH}{_ENDED}",
    rf"{_LENGTH}{_IS}(?:less|fewer|shorter)\sthan\s{_BELOW}{_CHARACTERS}",
    rf"\bmax(?:imum)?{_WHOSE}\s(?:length|limit){_IS}{_HIGH}{_ENDED}",
    rf"\bmin(?:imum)?{_WHOSE}\slength{_IS}{_LOW}{_ENDED}",
    r"\b(?:up\sto|at\smost|no\s(?:more|longer)\sthan|maximum(?:\sof)?|(?:not|cannot)\sexceed|max\.?|limit(?:ed)?\sto"
    rf"|limit\s(?:of|is)|limit:|within)\s{{1,3}}{_HIGH}{_CHARACTERS}",
    rf"\b(?:at\sleast|no\s(?:less|fewer)\sthan|minimum(?:\sof)?)\s{{1,3}}{_LOW}{_CHARACTERS}",
    rf"\b{_LOW}{_TO}{_HIGH}{_CHARACTERS}",
    rf"\b{_HIGH}{_CHARACTERS}\s(?:or\s(?:less|fewer)|max(?:imum)?|at\smost|limit)\b",
]
_COUNT = (
    rf"(?![\d.,]{{0,20}}\d)(?!{NOT_A_COUNT})(?![A-Za-z])(?!\s(?:or|to)\s\d)"
    rf"(?!\sand\s(?:at\s\w{{4,5}}\s)?\d{{1,9}}{NOT_A_COUNT})"
)
_MOST = r"(?:maximum(?:\sof)?|max\.?(?:\sof)?:?|up\sto|at\smost|no\smore\sthan|(?:not|cannot)\sexceed|limited\sto)"
_LEAST = r"(?:minimum(?:\sof)?|min\.?:?|at\sleast)"
_SPELLED = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_OF_LIST = [
    r"\b(?:array|list)\s(?:length|size):?\s{0,3}\[?(?P<low>\d{1,6})"
    rf"(?:(?P<open>\s?\+|\sor\smore)|{_TO}(?P<high>\d{{1,6}}|unlimited\b|∞))?(?!{NOT_A_COUNT})",
    rf"\b{_MOST}\s(?P<high>\d{{1,6}}){_COUNT}",
    rf"\b{_LEAST}\s(?P<low>\d{{1,6}}){_COUNT}",
    r"(?:\b(?:accepts|supports|contains|takes|between|from|of|with)\s|[(,]\s?)(?P<low>\d{1,3})\s?(?:-|–|to|and)\s?(?P<high>\d{1,3})\s(?P<noun>[a-z]{1,30})\b",
    r"\bonly\s(?:accepts|supports|takes)\s(?P<high>\d{1,3})\s(?P<noun>[a-z]{1,30})\b",
    rf"\bonly\s(?P<high>\d{{1,3}}|{'|'.join(_SPELLED)})\s(?P<noun>[a-z]{{1,30}})\s(?:is|are|can\sbe)\s(?:\w{{1,12}}\s)?"
    r"(?:supported|allowed|accepted|permitted|given)(?=\s{0,3}(?:[.;\n]|\Z))",
]
_TEXT_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _OF_TEXT)
_LIST_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _OF_LIST)
_OF_TEXTS = frozenset({
    "", "string", "text", "prompt", "character", "maximum", "minimum", "max", "min", "the", "its", "with", "a",
    "total", "input", "allowed", "valid", "name", "and", "required",
})  # fmt: skip
"""Words before "length" after which it still counts characters: not `video`, `audio`, `focal`."""
_BRACKETED = re.compile(r"([A-Za-z]{1,30})`?\s?[(（]\s?\Z")
_SEVERAL = re.compile(rf"Up\sto\s(?!1\b)\d{{1,4}}{_COUNT}\s(?!words?\b|tokens?\b|char)[a-z]{{2,30}}s\b")
_OF_EACH = re.compile(r"\b(?:each|every|per|total number)\b", re.IGNORECASE)
_OF_A_PART = re.compile(r"\beach\s(?!chinese)|\bper\s(?:line|word|item|segment|entry)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Length:
    """A stated length; an end that is not stated is None."""

    low: int | None
    high: int | None
    start: int
    end: int
    """Where the statement stands in the prose."""


def of_text(whose: Whose) -> Iterator[Length]:
    """Every statement about the number of characters."""
    for pattern in _TEXT_PATTERNS:
        for found in pattern.finditer(whose.prose):
            word = (found.groupdict().get("whose") or "").strip().lower()
            own = word in _OF_TEXTS or whose.named(word)
            if own and not _is_aside(whose, found.start()) and _counts(whose, found, _OF_A_PART):
                yield _length(found)


def of_list(whose: Whose) -> Iterator[Length]:
    """Every statement about the number of elements."""
    for number, pattern in enumerate(_LIST_PATTERNS):
        for found in pattern.finditer(whose.prose):
            noun = found.groupdict().get("noun")
            if (noun is not None and not whose.named(noun)) or not _counts(whose, found, _OF_EACH):
                continue
            length = _length(found)
            if number == 0 and not (found.group("high") or found.group("open")):  # "Array length: 3": exactly three
                length = Length(length.low, length.low, length.start, length.end)
            yield length


def several(whose: Whose) -> str | None:
    """The words that make a text one of several: "Up to 4 sequences …", as the first thing said of it."""
    found = _SEVERAL.match(whose.prose)
    return found.group() if found else None


def _is_aside(whose: Whose, start: int) -> bool:
    """Whether it stands in brackets behind a word that is not the parameter: "cut into sentences (up to 50 …)"."""
    before = _BRACKETED.search(whose.prose[max(0, start - 60) : start])
    word = before.group(1).lower() if before else ""
    return not (word in _OF_TEXTS or whose.named(word))


def _counts(whose: Whose, found: re.Match[str], of_a_part: re.Pattern[str]) -> bool:
    """Whether it is a rule about the whole parameter, and not one about each part of it."""
    start, end = found.span()
    if not whose.is_rule(start, end) or whose.is_conditional(start):
        return False
    return not of_a_part.search(whose.sentence(start, end))


def _length(found: re.Match[str]) -> Length:
    groups = found.groupdict()
    low, high, below = (_number(groups.get(end)) for end in ("low", "high", "below"))
    return Length(low, high if below is None else below - 1, found.start(), found.end())


def _number(text: str | None) -> int | None:
    bare = (text or "").replace(",", "").lower()
    return int(bare) if bare.isdigit() else _SPELLED.get(bare)
