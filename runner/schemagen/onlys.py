"""Choices that a sentence tells: "with `5` being the only option", "must be set to network", "can be `a` or `b`".

Each form ends its clause, so that no condition follows, and speaks of the parameter itself. Words without quotes count
only where nothing else can be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runner.schemagen.whose import Whose

MEDIA = frozenset({
    "png", "jpg", "jpeg", "webp", "gif", "bmp", "tiff", "heic", "svg", "mp4", "mov", "avi", "webm", "mkv", "mp3",
    "wav", "flac", "ogg", "aac", "m4a", "pcm", "opus",
})  # fmt: skip
_QUOTED = r"(?:`([^`\n]{1,60})`|\"([^\"\n]{1,60})\"|“([^”\n]{1,60})”|'([^'\n]{1,60})')"
_NUMBER = r"(-?\d{1,9}(?:\.\d{1,6})?)(?!\d|\.\d)"
_VALUE = rf"(?:{_QUOTED}|{_NUMBER})"
_WORD = r"(?!(?:an?|the|zero|one|integer|string|number|null|match|default)\b)([A-Za-z][\w-]{1,40})"
_END = r"(?=\s{0,3}(?:[.;\n]|\Z))"
_START = r"(?:\A|[.,;\n]\s{0,3})(?:currently,?\s|at present,?\s|for now,?\s|it\s)?"
_ALLOWED = r"(?:supported|allowed|accepted|available|valid|permitted)"
_ONLY = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bwith\s{_VALUE}\s(?:being|as)\sthe\sonly\s(?:{_ALLOWED}\s)?(?:option|value|choice)(?:\s{_ALLOWED})?{_END}",
        rf"{_START}{_VALUE}\sis\sthe\sonly\s(?:{_ALLOWED}\s)?(?:option|value|choice)(?:\s{_ALLOWED})?{_END}",
        rf"{_START}only\s(?:the\s)?(?:number\s|value\s)?{_VALUE}\sis\s(?:currently\s)?{_ALLOWED}{_END}",
        rf"{_START}(?:must|has\sto)\s(?:always\s)?be\s(?:set\sto\s)?{_VALUE}{_END}",
        rf"{_START}(?:must|has\sto)\s(?:always\s)?be\sset\sto\s{_WORD}{_END}",
        rf"{_START}(?:is\s)?(?:currently\s|always\s)?fixed\s(?:at|to)\s{_VALUE}{_END}",
    )
)
_EITHER = re.compile(rf"{_START}(?:can|must|may)\sbe\s(?:either\s)?{_QUOTED}\sor\s{_QUOTED}{_END}", re.IGNORECASE)
_EITHER_KIND = re.compile(rf"{_START}(?:can|must|may)\sbe\seither\s{_WORD}\sor\s{_WORD}{_END}", re.IGNORECASE)
_OPENING = re.compile(
    rf"\A(?:[A-Za-z]{{1,20}}\s){{0,2}}(?:types?|modes?|kinds?)\s?:\s{_QUOTED}\sor\s{_QUOTED}{_END}", re.IGNORECASE
)
"""What the parameter is, as the first thing said: "Model types: `public` or `private`"."""


@dataclass(frozen=True, slots=True)
class Choices:
    """A list of allowed values, as texts, and where it stands in the prose."""

    values: tuple[str, ...]
    start: int
    end: int
    labelled: bool = True
    """Whether a label says that these are the values; else they are bullets that each explain one."""


def onlys(whose: Whose) -> Iterator[Choices]:
    """Every sentence that allows one value, or one of two."""
    for pattern in (*_ONLY, _EITHER, *([_EITHER_KIND] if whose.is_kind else []), _OPENING):
        for found in pattern.finditer(whose.prose):
            start, end = found.start() + _lead(found.group()), found.end()
            values = tuple(dict.fromkeys(group for group in found.groups() if group))
            own = pattern is _OPENING or whose.is_subject(start)
            sure = whose.is_rule(start, end) and not whose.is_conditional(start)
            files = not whose.is_kind and all(value.lower().lstrip(".") in MEDIA for value in values)
            if own and sure and not files:
                yield Choices(values, start, end)


def _lead(words: str) -> int:
    """Characters before the first one that belongs to the sentence."""
    return len(words) - len(words.lstrip(".,; \n"))
