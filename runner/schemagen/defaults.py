"""Defaults in prose: `Default is 28`, `(default: 7)`, `defaults to auto`, `true (default): …`, `- fast: … (default)`.

A phrase is no default ("the default is the size of the picture"), nor is a value that holds only in some cases ("with
mp3 the default is 128000"). A unit behind a number is passed over where the prose counts in the same unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from runner.schemagen.kinds import Kind, number_of, value_of
from runner.schemagen.units import counted_in, number_with_unit
from runner.schemagen.whose import Whose

_LABEL = re.compile(
    r"(?<!\bwill )(?<!\bBy )(?<!\bby )(?<!\bnon-)\b[Dd]efaults?(?:\s[Vv]alue)?\s{0,3}"
    r"(?:[:：=]|\bis\b|\bto\b|\bare\b)\s{0,3}(?:to\s|is\s|set\sto\s)?"
)
_OF = re.compile(
    r"\b[Dd]efault(?:\s[Vv]alue)?\sof\s|(?:(?<=[(\[.,;]\s)|(?<=[(\[.\n,])|\A)[Dd]efaults?(?:\s[Vv]alue)?\s"
)
_QUOTED = re.compile(r"`([^`\n]{1,400})`|\"([^\"\n]{1,400})\"|“([^”\n]{1,400})”|'([^'\n]{1,400})'")
_BARE = re.compile(r"[^\s,;()]{1,80}")
_CLAUSE_END = re.compile(r"\s{0,3}(?:[.,;()\]\n]|\Z)")
_LISTED = re.compile(r"\[[^\[\]\n]{0,200}\]")
_MARK = r"\(\s?(?:[Dd]efault|DEFAULT)(?:\s[Vv]alue)?\s?\)"
_MARKED = re.compile(rf"(?:`([^`\n]{{1,60}})`|([^\s`(),;:]{{1,60}}))\s{{0,2}}{_MARK}")
_BULLET = re.compile(
    rf"^\s{{0,12}}[-*•]\s{{1,4}}(?:`([^`\n]{{1,60}})`|([\w.:+-]{{1,60}}?))\s{{0,3}}[:：–—(-]"
    rf"(?=\s{{0,3}}(?:[Dd]efault(?:\s[Vv]alue)?\s{{0,3}}[,.;)]|[^\n]{{0,300}}{_MARK}))",
    re.MULTILINE,
)
_BY_DEFAULT = re.compile(r"`([^`\n]{1,60})`\sby\sdefault(?=\s{0,3}(?:[.,;)\n]|\Z))")


@dataclass(frozen=True, slots=True)
class Default:
    """A default as written, and where it stands in the prose."""

    text: str
    start: int
    end: int


def defaults(kind: Kind, whose: Whose, allowed: Sequence[str]) -> Iterator[Default]:
    """Every statement of a default. `allowed` are the choices that the prose lists, as written."""
    prose = whose.prose
    found = False
    for label in _LABEL.finditer(prose):
        text = _after(label.end(), kind, whose)
        if text is not None and not whose.is_conditional(label.start()):
            found = True
            yield Default(text, label.start(), label.end() + len(text))
    for label in _OF.finditer(prose):
        text = _after(label.end(), kind, whose)
        sure = text is not None and (_is_quoted(prose, label.end()) or not kind.textual)
        if text is not None and sure and value_of(text, kind) and not whose.is_conditional(label.start()):
            found = True
            yield Default(text, label.start(), label.end() + len(text))
    if not found:
        yield from _marked(kind, whose, allowed)


def _after(at: int, kind: Kind, whose: Whose) -> str | None:
    """The value at a place: in quotes, or one word that ends its clause; else it is a phrase."""
    prose = whose.prose
    quoted = _QUOTED.match(prose, at)
    if quoted:
        return next(group for group in quoted.groups() if group)
    listed = _LISTED.match(prose, at)
    if listed:
        return listed.group()
    if kind.numeric:
        counted = number_with_unit(prose, at)
        if counted:
            number, unit = counted
            return number if whose.named(unit) or counted_in(prose, unit) else None
    bare = _BARE.match(prose, at)
    if bare is None:
        return None
    text = bare.group().rstrip(".:]")
    ended = text != bare.group() or _CLAUSE_END.match(prose, bare.end())
    return text if ended and text else None


def _is_quoted(prose: str, at: int) -> bool:
    return _QUOTED.match(prose, at) is not None


def _marked(kind: Kind, whose: Whose, allowed: Sequence[str]) -> Iterator[Default]:
    """Values with a mark beside them: "`true` (default)", "- `fast`: quick (default)", "`auto` by default"."""
    bullets = list(_BULLET.finditer(whose.prose))
    for found in bullets:
        text = found.group(1) or found.group(2)
        if value_of(text, kind):
            yield Default(text, found.start(), found.end())
    if bullets:
        return
    for found in (*_MARKED.finditer(whose.prose), *_BY_DEFAULT.finditer(whose.prose)):
        text, bare = (*found.groups(), None)[:2]
        word = text or bare or ""
        sure = text is not None or word in allowed or not kind.textual or number_of(word) is not None
        if sure and value_of(word, kind) and not whose.is_conditional(found.start()):
            yield Default(word, found.start(), found.end())
