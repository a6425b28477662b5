"""Ranges in prose: `Range [1 ~ 50]`, `Value range: (0, 10]`, `-1 to 2147483647`, `1 < x <= 4`, `between 0 and 2`, …

A found range carries what stands before and behind it, because only that tells whether it bounds the parameter itself:
`Total pixel range: [a, b]` and `[256 ~ 1536 per dimension]` do not. Who decides is schemagen.whose. Three kinds of
statement exist: with a label ("range"), with a rule ("must be"), and in passing (", between 0 and 2").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from runner.schemagen.kinds import number_of

NUMBER = r"[-+−]?(?:\d{1,3}(?:,\d{3}){1,5}(?![\d,])|\d{1,18})(?:\.\d{1,18})?"
"""A number in prose; bounded, and used inside longer patterns."""

_POWER = r"[-−]?\d{1,2}(?:\^|\*\*)\d{1,2}(?:\s?[-−]\s?\d)?(?!\d)"
_JOIN = r"\s{0,3}(?:,|~|～|\bto\b|\band\b|-|–|—|\.\.\.?|…)\s{0,3}"
_ENDLESS = r"[-+]?(?:∞|\b(?:inf(?:inity|inite)?|unlimited)\b)"
_CLOSED = re.compile(
    rf"(?P<open>[\[(（])\s{{0,3}}(?P<low>{_POWER}|{NUMBER}|{_ENDLESS}){_JOIN}(?P<high>{_POWER}|{NUMBER}|{_ENDLESS})"
    rf"(?P<inner>[^\])）\n]{{0,40}})(?P<close>[\])）])",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?P<low>{NUMBER}){_JOIN}(?P<high>{_POWER}|{NUMBER}|{_ENDLESS})(?![\d/:*^x])", re.IGNORECASE)
_LESS, _MORE = r"(?:<=?|≤|&lt;=?)", r"(?:>=?|≥|&gt;=?)"
_COMPARED = re.compile(
    rf"(?P<low>{NUMBER})\s{{0,3}}(?P<left>{_LESS})\s{{0,3}}[a-z_]\w{{0,40}}\s{{0,3}}(?P<right>{_LESS})\s{{0,3}}"
    rf"(?P<high>{NUMBER})",
    re.IGNORECASE,
)
_HALF = (
    re.compile(rf"(?:[a-z_]\w{{0,40}}\s{{0,3}})?(?P<left>{_MORE})\s{{0,3}}(?P<low>{NUMBER})", re.IGNORECASE),
    re.compile(rf"(?:[a-z_]\w{{0,40}}\s{{0,3}})?(?P<right>{_LESS})\s{{0,3}}(?P<high>{NUMBER})", re.IGNORECASE),
)
_BRACKET = re.compile(r"\[([-+−\d][-+−\d., ]{4,2000})\]")
_RANGE = re.compile(r"\brang(?:e|es|ing)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"\s{0,3}(?:is|of|:|：|=|within)?\s{0,3}(?:from|between|within|of|is)?\s{0,3}`?\s{0,3}", re.IGNORECASE
)
_BEFORE = re.compile(r"([A-Za-z_]{1,30})`?\s{1,3}\Z")
_AFTER = re.compile(r"`?\s{0,3}(\(?[A-Za-z%][A-Za-z ]{0,30})?")
_NEXT = re.compile(r"`?\s{0,3}(?:[,;/|]|or\b|and\b)?\s{0,3}`?[\[(]\s{0,3}[-+]?\d", re.IGNORECASE)
_CLAUSE_END = r"`?(?=\s{0,3}(?:[;)\n]|[.,](?!\d)|\Z))"
_MODAL = r"(?:must|should|can|may|needs? to|has to|have to)"
_MUST = re.compile(rf"\b{_MODAL}\s(?:\w{{1,12}}\s){{0,2}}(?:between|from|within)\s{{1,3}}`?", re.IGNORECASE)
_NOUN = re.compile(
    r"\b(?:an?\s)?(?:(?:integer|number|float|decimal)|(?:select|choose|use|pick|enter|accepts?|takes?|specify|is)\sa\svalue)"
    r"\s(?:between|from|within)\s{1,3}`?",
    re.IGNORECASE,
)
_PASSING = (
    re.compile(
        rf"(?:\A|\.\s|\n)(?:A\s)?[Vv]alues?\s(?:between|from)\s(?P<low>{NUMBER})\s(?:and|to)\s(?P<high>{NUMBER}){_CLAUSE_END}"
    ),
    re.compile(rf",\sbetween\s(?P<low>{NUMBER})\sand\s(?P<high>{NUMBER}){_CLAUSE_END}"),
    re.compile(rf"(?:,\sf|\.\sF)rom\s(?P<low>{NUMBER})\sto\s(?P<high>{NUMBER}){_CLAUSE_END}"),
    re.compile(
        rf"\A[^.\n\d(]{{1,200}}?\s\((?P<low>{NUMBER})\s?(?:-|–|~|to)\s?(?P<high>{NUMBER})\)(?=\s{{0,3}}(?:[;\n]|[.,](?!\d)|\Z))"
    ),
)
_OF_IT = r"(?:\s?value)?(?:\sfor\s(?:this\sparameter|`?\w{1,40}`?))?\s{0,3}(?:is|of|:|=)?\s{0,3}`?"
_LOW, _HIGH = rf"(?P<low>{NUMBER}){_CLAUSE_END}", rf"(?P<high>{NUMBER}){_CLAUSE_END}"
_BE = rf"(?:\b{_MODAL}(?:\salways)?\sbe\s{{1,3}}|\bvalues?\s(?:is\s)?|(?<=[,.(;]\s)|(?<=[,.(;\n])|\A)"
_NOT = r"\b(?:must|should|may|can|does|do)(?:\snot|n't|not)\s(?:be\s)?"
_MORE_THAN, _LESS_THAN = r"(?:greater|larger|more|higher)\sthan", r"(?:less|smaller|lower)\sthan"
_LEAST = rf"(?:{_MORE_THAN}\sor\sequal\sto|>=|≥|at\sleast|no\s(?:less|fewer|lower|smaller)\sthan|not\sless\sthan)"
_MOST = (
    rf"(?:{_LESS_THAN}\sor\sequal\sto|<=|≤|at\smost|up\sto|no\s(?:more|greater|larger|higher)\sthan|not\smore\sthan)"
)
_ONE_SIDED = tuple(
    (re.compile(pattern, re.IGNORECASE), bracket)
    for pattern, bracket in (
        (rf"\bmin(?:imum)?{_OF_IT}{_LOW}", "["),
        (rf"\bmax(?:imum)?{_OF_IT}{_HIGH}", "]"),
        (rf"{_BE}{_LEAST}\s{{0,3}}`?{_LOW}", "["),
        (rf"{_BE}{_MOST}\s{{0,3}}`?{_HIGH}", "]"),
        (rf"{_BE}(?:{_MORE_THAN}|>)\s{{0,3}}`?{_LOW}", "("),
        (rf"{_BE}(?:{_LESS_THAN}|<)\s{{0,3}}`?{_HIGH}", ")"),
        (rf"{_NOT}{_LESS_THAN}\s`?{_LOW}", "["),
        (rf"{_NOT}(?:exceed|{_MORE_THAN})\s`?{_HIGH}", "]"),
    )
)


@dataclass(frozen=True, slots=True)
class Range:
    """A stated range. A bound that is not stated is None; `above` and `below`: the bound itself is not allowed."""

    low: int | float | None
    high: int | float | None
    above: bool
    below: bool
    how: Literal["label", "rule", "passing"]
    """What introduces it: a label like "range", a rule like "must be", or nothing of the kind."""
    own: bool
    """Whether it names what it bounds itself: "an integer between …", "the value is at least …"."""
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
        yield from _interval(prose, word.start(), at, "label")
    for word in _MUST.finditer(prose):
        yield from _interval(prose, word.start(), word.end(), "rule")
    for word in _NOUN.finditer(prose):
        yield from _interval(prose, word.start(), word.end(), "rule", own=True)
    for pattern in _PASSING:
        for found in pattern.finditer(prose):
            yield _range(prose, found, found.start("low"), "passing", above=False)


def limits(prose: str) -> Iterator[Range]:
    """Every statement of one bound: "minimum -1", "must be greater than 0"."""
    for pattern, bracket in _ONE_SIDED:
        for found in pattern.finditer(prose):
            own = found.group().lower().startswith("value")
            yield _range(prose, found, found.start(), "rule", own=own, above=bracket == "(", below=bracket == ")")


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


def _interval(prose: str, start: int, at: int, how: Literal["label", "rule"], *, own: bool = False) -> Iterator[Range]:
    if _list(prose, at):
        return
    for pattern in (_CLOSED, _COMPARED, _BARE, *_HALF):
        found = pattern.match(prose, at)
        if found:
            if not _NEXT.match(prose, found.end()):  # "[1, 5] or [10, 20]" is no one range
                yield _range(prose, found, start, how, own=own)
            return


def _range(
    prose: str,
    found: re.Match[str],
    start: int,
    how: Literal["label", "rule", "passing"],
    *,
    own: bool = False,
    above: bool | None = None,
    below: bool = False,
) -> Range:
    groups = found.groupdict()
    word = _BEFORE.search(prose[max(0, start - 34) : start])
    behind = _AFTER.match(prose, found.end())
    after = (groups.get("inner") or "") + " " + ((behind.group(1) or "") if behind else "")
    strictly_above = groups.get("open") in {"(", "（"} or groups.get("left") in {"<", "&lt;", ">", "&gt;"}
    return Range(
        low=number_of(groups.get("low") or ""),
        high=number_of(groups.get("high") or ""),
        above=strictly_above if above is None else above,
        below=below or groups.get("close") in {")", "）"} or groups.get("right") in {"<", "&lt;"},
        how=how,
        own=own,
        before=word.group(1).lower() if word else "",
        after=after.strip(" (").lower(),
        start=start,
        end=found.end(),
    )
