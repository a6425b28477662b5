"""How large a picture becomes: from what the request asks, else from the first input. Pure.

About one megapixel is what hosts of these models give; sides are multiples of 16, as theirs are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

AREA = 1024 * 1024
"""Pixels of a picture whose size nobody fixes."""
_STEP = 16
_MOST_ENLARGED = 2.0
_SHORTEST = 256
_LONGEST_SHAPE = 4.0
_SIDES = (64, 4096)

Size = tuple[int, int]
"""Width and height in pixels."""


def size_for(body: Mapping[str, Any], first: Size | None) -> Size:
    """Width and height for a request. `first` is the size of the first input, None for text alone.

    In this order: `size` (`W*H`), `width` with `height`, `aspect_ratio` (`W:H`), the first input's shape, a square.
    """
    asked = re.fullmatch(r"(\d{1,5})[*xX](\d{1,5})", str(body.get("size", "")))
    if asked:
        return _bounded(int(asked[1])), _bounded(int(asked[2]))
    width, height = body.get("width"), body.get("height")
    if isinstance(width, int) and isinstance(height, int):
        return _bounded(width), _bounded(height)
    ratio = re.fullmatch(r"(\d{1,3}):(\d{1,3})", str(body.get("aspect_ratio", "")))
    if ratio and int(ratio[1]) and int(ratio[2]):
        return _shaped(int(ratio[1]) / int(ratio[2]), AREA)
    if first is None:
        return _shaped(1.0, AREA)
    enlarged = first[0] * first[1] * _MOST_ENLARGED**2
    return _shaped(first[0] / first[1], min(AREA, enlarged))


def _shaped(ratio: float, area: float) -> Size:
    ratio = min(max(ratio, 1 / _LONGEST_SHAPE), _LONGEST_SHAPE)
    area = max(area, _SHORTEST**2 * max(ratio, 1 / ratio))
    return _rounded(math.sqrt(area * ratio)), _rounded(math.sqrt(area / ratio))


def _rounded(side: float) -> int:
    return max(_STEP, round(side / _STEP) * _STEP)


def _bounded(side: int) -> int:
    return min(max(side, _SIDES[0]), _SIDES[1])
