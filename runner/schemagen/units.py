"""What numbers in prose count: seconds, pixels, megabytes. A number with a unit is seldom a bound or a length."""

from __future__ import annotations

import re

_NAMES: tuple[tuple[str, str], ...] = (
    ("second", r"s|secs?|seconds?"),
    ("millisecond", r"ms|milliseconds?"),
    ("minute", r"mins?|minutes?"),
    ("hour", r"h|hrs?|hours?"),
    ("day", r"days?"),
    ("week", r"weeks?"),
    ("month", r"months?"),
    ("year", r"years?"),
    ("pixel", r"px|pixels?"),
    ("megapixel", r"mp|megapixels?"),
    ("frame", r"fps|frames?(?:\sper\ssecond)?"),
    ("byte", r"bytes?"),
    ("kilobyte", r"kb|kib|kilobytes?"),
    ("megabyte", r"mb|mib|megabytes?"),
    ("gigabyte", r"gb|gib|gigabytes?"),
    ("hertz", r"k?hz"),
    ("bit rate", r"k?bps"),
    ("percent", r"%|percent"),
    ("degree", r"degrees?|°"),
    ("time", r"times"),
    ("word", r"words?"),
    ("token", r"tokens?"),
    ("character", r"characters?|chars?|letters?"),
    ("usd", r"usd|dollars?"),
)
_UNIT = "|".join(f"(?:{names})" for _, names in _NAMES)
_WITH_UNIT = re.compile(rf"([-+−]?\d{{1,12}}(?:\.\d{{1,6}})?)\s?((?:{_UNIT})|[a-z]{{3,20}})\b", re.IGNORECASE)
_EACH = [(name, re.compile(names, re.IGNORECASE)) for name, names in _NAMES]
_STATED = re.compile(rf"\bin\s({_UNIT})\b|\(({_UNIT})\)|\bnumber\sof\s({_UNIT})\b", re.IGNORECASE)
NOT_A_COUNT = rf"\s?(?:[x×*:/%°]|(?:{_UNIT}|mega\w*|[km]|[kmg]b|p|k|d|inch(?:es)?|cm|mm|per\s|out\sof\s|consecutive)\b)"
"""A pattern for what may stand behind a number that counts neither elements nor characters."""


def unit_of(word: str) -> str | None:
    """The unit that a word names, in one spelling; None when it names none."""
    return next((name for name, pattern in _EACH if pattern.fullmatch(word.strip())), None)


def number_with_unit(prose: str, at: int) -> tuple[str, str] | None:
    """A number at a place, and the word behind it."""
    found = _WITH_UNIT.match(prose, at)
    return (found.group(1), found.group(2)) if found else None


def counted_in(prose: str, unit: str) -> bool:
    """Whether the prose says that the parameter counts in this unit: "length in seconds", "Size (GB)"."""
    name = unit_of(unit)
    return name is not None and any(
        unit_of(next(group for group in found.groups() if group)) == name for found in _STATED.finditer(prose)
    )
