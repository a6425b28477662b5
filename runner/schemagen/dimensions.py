"""Texts that hold a picture's size, such as `1024*1024`: separator, bounds of each side, and the pattern for both."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SEPARATED = re.compile(r"\bwidth\s{0,2}([*x×])\s{0,2}height\b", re.IGNORECASE)
_EXAMPLE = re.compile(r"\b\d{2,5}([*x×])\d{2,5}\b")
_NAMED = re.compile(r"(?<![\d.x×*=])(\d{3,5})\s?[*x×]\s?(\d{3,5})(?![\dx×*]|\.\d)(?!\s?=)")
"""A size that the page names as one that works; not a product such as `2560x1440=3686400`."""
_NAME = re.compile(r"(?:\A|_)(?:size|resolution|dimensions)\Z")
_OTHER_FORMS = re.compile(r"\b\d{1,2}[kK]\b|\bauto\b")
_SIDE = r"\[?(\d{1,5})\s{0,3}(?:px\s{0,2})?(?:~|-|–|,|\bto\b|\band\b)\s{0,3}(\d{1,5})\]?"
_BOUNDS = (
    re.compile(
        rf"\brange[:\s]{{1,3}}{_SIDE}\s{{0,3}}(?:px|pixels)?\s{{0,3}}(?:per|for each|on each)\s(?:dimension|side)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\beach\s(?:dimension|side)\s(?:(?:ranges\sfrom|must\sbe|should\sbe|is)\s)?(?:between\s)?{_SIDE}",
        re.IGNORECASE,
    ),
    re.compile(rf"\bwidth\sand\sheight\s(?:must|should)\sbe\s(?:between\s)?{_SIDE}", re.IGNORECASE),
    re.compile(rf"\bdimensions\s(?:must|should)\sbe\s(?:between\s)?{_SIDE}", re.IGNORECASE),
)
_CORNERS = re.compile(r"\[?(\d{2,5})[x×*](\d{2,5})\s{0,3}(?:,|~|-|to)\s{0,3}(\d{2,5})[x×*](\d{2,5})\]")
_MULTIPLE = re.compile(r"\bmultiples?\sof\s(\d{1,4})\b|\bdivisible\sby\s(\d{1,4})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dimension:
    """Form of a `W*H` text. Bounds and the step count pixels of each side; None where the page gives none."""

    separator: str
    minimum: int | None
    maximum: int | None
    multiple: int | None
    exact: bool
    """Whether `W*H` is the only form, so that a pattern may refuse all others."""
    doubt: tuple[str, str] | None = None
    """A size that the page itself names, and the rule that it breaks, which is not set."""

    @property
    def pattern(self) -> str:
        """A regular expression for the whole text. It ends at the very end, where `$` would let a line break pass."""
        low = 1 if self.minimum is None else self.minimum
        side = f"(?:{between(low, self.maximum)})" if self.maximum is not None else "[1-9][0-9]*"
        sign = re.escape(self.separator) if self.separator in "*" else self.separator
        return rf"^{side}{sign}{side}(?![\s\S])"

    @property
    def form(self) -> str:
        """The same for people, as a hint."""
        bounds = ""
        if self.minimum is not None and self.maximum is not None:
            bounds = f", each from {self.minimum} to {self.maximum}"
        return f"write width{self.separator}height in pixels{bounds}, like {self._example}"

    @property
    def _example(self) -> str:
        side = 1024 if self.maximum is None else max(self.minimum or 1, min(1024, self.maximum))
        return f"{side}{self.separator}{side}"


def dimension(name: str, prose: str, default: str | None) -> Dimension | None:
    """Read the form of a size from its prose; None when it is no size, or nothing sure can be said of its form."""
    stated = _SEPARATED.search(prose)
    bounds = next((found for pattern in _BOUNDS for found in [pattern.search(prose)] if found), None)
    if not stated and not _NAME.search(name):
        return None
    example = _EXAMPLE.search(default or "") or _EXAMPLE.search(prose)
    separator = stated.group(1) if stated and stated.group(1) == "*" else example.group(1) if example else ""
    separator = separator or (stated.group(1) if stated else "")
    if not separator:
        return None
    low, high = (int(bounds.group(1)), int(bounds.group(2))) if bounds else _corners(prose)
    if low is not None and high is not None and low > high:
        low = high = None
    multiple = _MULTIPLE.search(prose)
    step = (int(multiple.group(1) or multiple.group(2)) or None) if multiple else None
    named = [*_NAMED.finditer(default or ""), *_NAMED.finditer(prose)]
    outside = next((size for size in named if any(not _fits(side, low, high) for side in _sides(size))), None)
    uneven = next((size for size in named if step and any(side % step for side in _sides(size))), None)
    doubt: tuple[str, str] | None = None
    if outside:
        doubt = outside.group(), f"{low} to {high}"
        low = high = None
    if uneven:
        doubt = doubt or (uneven.group(), f"a multiple of {step}")
        step = None
    exact = not _OTHER_FORMS.search(prose)
    if not exact and low is None and high is None and step is None and doubt is None:
        return None
    return Dimension(separator, low, high, step, exact, doubt)


def _sides(size: re.Match[str]) -> tuple[int, int]:
    return int(size.group(1)), int(size.group(2))


def _fits(side: int, low: int | None, high: int | None) -> bool:
    return (low is None or side >= low) and (high is None or side <= high)


def between(low: int, high: int) -> str:
    """A regular expression for the whole numbers from `low` to `high`, 0 <= low <= high, without leading zeros.

    It goes up in blocks: as many numbers at once as share their first digits, `256` as `25[6-9]`, then `2[6-9][0-9]`.
    """
    parts: list[str] = []
    while low <= high:
        free = 0  # digits at the end that may be anything
        while low and low % 10 ** (free + 1) == 0 and low + 10 ** (free + 1) - 1 <= high:
            free += 1
        size = 10**free
        head, digit = divmod(low // size, 10)
        last = min(9, digit + (high - low + 1) // size - 1)
        choice = str(digit) if last == digit else f"[{digit}-{last}]"
        parts.append((str(head) if head else "") + choice + "[0-9]" * free)
        low += (last - digit + 1) * size
    return "|".join(parts)


def _corners(prose: str) -> tuple[int | None, int | None]:
    """Bounds given as two sizes, `[512x512, 2048x2048]`, where both sides have the same."""
    found = _CORNERS.search(prose)
    if not found:
        return None, None
    a, b, c, d = (int(group) for group in found.groups())
    return (a, c) if a == b and c == d else (None, None)
