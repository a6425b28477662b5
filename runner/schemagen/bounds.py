"""Which ranges in prose bound the parameter's own value; bounds that the markup states itself; steps and multiples."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runner.schemagen.kinds import number_of
from runner.schemagen.ranges import Range
from runner.schemagen.whose import Whose

Bounds = tuple[int | float | None, int | float | None, bool, bool]
"""Least, most, and whether each of them itself is not allowed."""

_COUNTED = re.compile(r"(?:characters?|chars|letters)\b")
_NOT_A_RANGE = re.compile(
    r"(?:is|are|means?|will|gives?|produces?|works?|makes?|ha(?:s|ve)|for(?! this)|when|if|or|per|mega\w*|mb|kb)\b|%"
)
"""Words behind a range that make it a remark or one case of several: "1-5 is for beginners"."""
_INSIDE = ("in the ", "within the ", "in ")
_SETTLED = ("inclusive", "seconds", "pixels")
_MULTIPLE = re.compile(
    r"\b(?:must|should|has\sto|needs\sto)\sbe\s(?:a\s|an\s)?(?:integer\s)?(?:multiples?\sof|divisible\sby)\s(\d{1,6})\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"(?:\A|[.;,\n]\s{0,3})(?:step|increment)s?(?:\ssize)?:\s{0,3}(\d{1,6})(?=\s{0,3}(?:[.;,\n]\s|[;\n]|\Z))",
    re.IGNORECASE,
)


def marked(stated: Mapping[str, str]) -> Bounds | None:
    """Bounds that the markup has a place of its own for; None when it gives none."""
    numbers = {word: number_of(text) for word, text in stated.items()}
    low, above = numbers.get("minimum"), numbers.get("exclusiveMinimum")
    high, below = numbers.get("maximum"), numbers.get("exclusiveMaximum")
    if all(bound is None for bound in (low, high, above, below)):
        return None
    first, last = (low if above is None else above), (high if below is None else below)
    return first, last, above is not None, below is not None


def is_own(found: Range, whose: Whose) -> bool:
    """Whether a range bounds the parameter's own value, always."""
    if _per_side(found) or _COUNTED.match(found.after) or _NOT_A_RANGE.match(found.after):
        return False
    if whose.is_conditional(found.start, found.end):
        return False
    if found.how == "label":
        inside = whose.prose[max(0, found.start - 12) : found.start].lower().endswith(_INSIDE)
        return whose.is_subject(found.start) and (not inside or _settles(found, whose))
    own = found.own or found.how == "passing"
    return whose.is_subject(found.start, own=own) and whose.is_rule(found.start, found.end)


def multiple(prose: str, low: int | float | None) -> int | None:
    """The number that values are multiples of. A fraction is not set: in binary, 0.07 is no multiple of 0.01."""
    found = _MULTIPLE.search(prose)
    if found:
        return int(found.group(1)) or None
    found = _STEP.search(prose)
    step = int(found.group(1)) if found else 0
    return step if step and low is not None and not low % step else None  # steps count from the least value


def _settles(found: Range, whose: Whose) -> bool:
    """Whether "in the range …" ends its clause, so that nothing is told of the values within it."""
    behind = whose.prose[found.end : found.end + 3].lstrip("` ])")
    return not behind or behind[0] in ".,;\n" or found.after.startswith(_SETTLED)


def _per_side(found: Range) -> bool:
    return "dimension" in found.before or "dimension" in found.after or "side" in found.after
