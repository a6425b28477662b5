"""Ranges in prose: `Range [1 ~ 50]`, `Value range: (0, 10]`, `-1 to 2147483647`, `1 < x <= 4`, `between 0 and 2`, …

A found range carries the word that stands before "range" and what follows it, because only that tells whether it
bounds the parameter itself: `Total pixel range: [a, b]` and `[256 ~ 1536 per dimension]` do not. Who decides is
schemagen.prose. Two kinds of statement exist: marked ones ("range", "must be") and passing ones (", between 0 and 2").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runner.schemagen.kinds import number_of

NUMBER = r"[-+−]?(?:\d{1,3}(?:,\d{3}){1,5}(?![\d,])|\d{1,18})(?:\.\d{1,18})?"
"""A number in prose; bounded, and used inside longer patterns."""

_JOIN = r"\s{0,3}(?:,|~|～|\bto\b|\band\b|-|–|—|\.\.\.?|…)\s{0,3}"
_ENDLESS = r"[-+]?(?:∞|\binf(?:inity|inite)?\b)"
_CLOSED = re.compile(
    rf"(?P<open>[\[(（])\s{{0,3}}(?P<low>{NUMBER}|{_ENDLESS}){_JOIN}(?P<high>{NUMBER}|{_ENDLESS})"
    rf"(?P<inner>[^\])）\n]{{0,40}})(?P<close>[\])）])",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?P<low>{NUMBER}){_JOIN}(?P<high>{NUMBER})(?![\d/])")
_COMPARED = re.compile(
    rf"(?P<low>{NUMBER})\s{{0,3}}(?P<left><=?|≤|&lt;=?)\s{{0,3}}[a-z_]\w{{0,40}}\s{{0,3}}(?P<right><=?|≤|&lt;=?)\s{{0,3}}"
    rf"(?P<high>{NUMBER})",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\[([-+−\d][-+−\d., ]{4,2000})\]")
_RANGE = re.compile(r"\brang(?:e|es|ing)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"\s{0,3}(?:is|of|:|：|=|within)?\s{0,3}(?:from|between|within|of|is)?\s{0,3}`?\s{0,3}", re.IGNORECASE
)
_BEFORE = re.compile(r"([A-Za-z]{1,30})\s{1,3}\Z")
_AFTER = re.compile(r"`?\s{0,3}(\(?[A-Za-z%][A-Za-z ]{0,30})?")
_MUST = re.compile(
    r"\b(?:(?:must|should|can|may|needs? to|has to|have to)\s(?:\w{1,12}\s){0,2}"
    r"|(?:an?\s)?(?:integer|number|float|value)\s)(?:between|from|within)\s{1,3}`?",
    re.IGNORECASE,
)
_CLAUSE_END = r"`?(?=\s{0,3}(?:[.,;)\n]|\Z))"
_PASSING = re.compile(rf",\sbetween\s(?P<low>{NUMBER})\sand\s(?P<high>{NUMBER}){_CLAUSE_END}")
_OF_IT = r"(?:\s?value)?(?:\sfor\s(?:this\sparameter|`?\w{1,40}`?))?\s{0,3}(?:is|of|:|=)?\s{0,3}`?"
_LOW, _HIGH = rf"(?P<low>{NUMBER}){_CLAUSE_END}", rf"(?P<high>{NUMBER}){_CLAUSE_END}"
_ONE_SIDED = (
    (re.compile(rf"\bmin(?:imum)?{_OF_IT}{_LOW}", re.IGNORECASE), "["),
    (re.compile(rf"\bmax(?:imum)?{_OF_IT}{_HIGH}", re.IGNORECASE), "]"),
    (re.compile(rf"\bmust\sbe\s(?:greater|larger|more)\sthan\s`?{_LOW}"), "("),
    (re.compile(rf"\bmust\sbe\s(?:less|smaller|lower)\sthan\s`?{_HIGH}"), ")"),
    (re.compile(rf"\bmust\sbe\s(?:at\sleast|no\sless\sthan|>=|≥)\s{{0,3}}`?{_LOW}"), "["),
    (re.compile(rf"\bmust\sbe\s(?:at\smost|no\smore\sthan|<=|≤)\s{{0,3}}`?{_HIGH}"), "]"),
)


@dataclass(frozen=True, slots=True)
class Range:
    """A stated range. A bound that is not stated is None; `above` and `below`: the bound itself is not allowed."""

    low: int | float | None
    high: int | float | None
    above: bool
    below: bool
    marked: bool
    """Whether words like "range" or "must" introduce it."""
    before: str
    """The word before "range", lower case; "" at the start of a sentence."""
    after: str
    """The words behind it, or inside its brackets, lower case."""
    start: int
    end: int
    """Where the statement stands in the prose."""

    @property
    def bounds(self) -> tuple[int | float | None, int | float | None, bool, bool]:
        """What it says, without where and how."""
        return self.low, self.high, self.above, self.below


def ranges(prose: str) -> Iterator[Range]:
    """Every range with two ends, and one with an open end."""
    for word in _RANGE.finditer(prose):
        lead = _LEAD.match(prose, word.end())
        at = lead.end() if lead else word.end()
        yield from _interval(prose, word.start(), at)
    for word in _MUST.finditer(prose):
        yield from _interval(prose, word.start(), word.end(), before="")
    for found in _PASSING.finditer(prose):
        yield _range(prose, found, found.start(), marked=False)


def limits(prose: str) -> Iterator[Range]:
    """Every statement of one bound: "minimum -1", "must be greater than 0"."""
    for pattern, bracket in _ONE_SIDED:
        for found in pattern.finditer(prose):
            yield _range(prose, found, found.start(), above=bracket == "(", below=bracket == ")", before="")


def listed(prose: str) -> Iterator[tuple[list[str], int, int]]:
    """`Range: [8000, 16000, 22050]`: a list of values called a range, with its place."""
    for word in _RANGE.finditer(prose):
        lead = _LEAD.match(prose, word.end())
        at = lead.end() if lead else word.end()
        values = _list(prose, at)
        if values:
            yield values, word.start(), prose.index("]", at) + 1


def _list(prose: str, at: int) -> list[str]:
    """Three numbers or more in brackets at `at`; none when it is a range. `[0, 1,000]` holds two numbers."""
    found = _BRACKET.match(prose, at)
    if not found:
        return []
    inner = found.group(1)
    parts = [part.strip() for part in inner.split(", " if ", " in inner else ",")]
    return parts if len(parts) > 2 and all(number_of(part) is not None for part in parts) else []


def _interval(prose: str, start: int, at: int, before: str | None = None) -> Iterator[Range]:
    if _list(prose, at):
        return
    for pattern in (_CLOSED, _COMPARED, _BARE):
        found = pattern.match(prose, at)
        if found:
            yield _range(prose, found, start, before=before)
            return


def _range(
    prose: str,
    found: re.Match[str],
    start: int,
    *,
    marked: bool = True,
    above: bool = False,
    below: bool = False,
    before: str | None = None,
) -> Range:
    groups = found.groupdict()
    if before is None:
        word = _BEFORE.search(prose[max(0, start - 34) : start])
        before = word.group(1).lower() if word else ""
    behind = _AFTER.match(prose, found.end())
    after = (groups.get("inner") or "") + " " + ((behind.group(1) or "") if behind else "")
    return Range(
        low=number_of(groups.get("low") or ""),
        high=number_of(groups.get("high") or ""),
        above=above or groups.get("open") in {"(", "（"} or groups.get("left") in {"<", "&lt;"},
        below=below or groups.get("close") in {")", "）"} or groups.get("right") in {"<", "&lt;"},
        marked=marked,
        before=before,
        after=after.strip(" (").lower(),
        start=start,
        end=found.end(),
    )
