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
_FACTORS = ("scale_factor", "upscaling_resize")

Size = tuple[int, int]
"""Width and height in pixels."""


def size_for(asked: Mapping[str, Any], first: Size | None) -> Size:
    """Width and height for a request. `first` is the size of the first input, None for text alone.

    `asked` holds what the request says, by each parameter's own name, wherever it stands. In this order: `size` or
    `resolution` (`W*H`), `width` with `height`, `scale_factor` of the first input, `size` or `resolution` as the
    longest side (`2K`), `aspect_ratio` (`W:H`), the first input's shape, a square.
    """
    named = [str(asked.get(name, "")) for name in ("size", "resolution")]
    sides = next(filter(None, (re.fullmatch(r"(\d{1,5})[*xX](\d{1,5})", each) for each in named)), None)
    if sides:
        return _bounded(int(sides[1])), _bounded(int(sides[2]))
    width, height = asked.get("width"), asked.get("height")
    if isinstance(width, int) and isinstance(height, int):
        return _bounded(width), _bounded(height)
    factor = next((each for name in _FACTORS if isinstance(each := asked.get(name), int | float) and each > 0), None)
    if factor is not None and first is not None:
        return _longest(first, max(first) * factor)
    shape = _ratio(asked.get("aspect_ratio"))
    thousands = next(filter(None, (re.fullmatch(r"(\d{1,2})[kK]", each) for each in named)), None)
    if thousands:
        return _longest(shape or first or (1, 1), int(thousands[1]) * 1024)
    if shape:
        return _shaped(shape[0] / shape[1], AREA)
    if first is None:
        return _shaped(1.0, AREA)
    enlarged = first[0] * first[1] * _MOST_ENLARGED**2
    return _shaped(first[0] / first[1], min(AREA, enlarged))


def _ratio(written: Any) -> Size | None:
    match = re.fullmatch(r"(\d{1,3}):(\d{1,3})", str(written or ""))
    return (int(match[1]), int(match[2])) if match and int(match[1]) and int(match[2]) else None


def _longest(shape: Size, side: float) -> Size:
    """This shape with its longest side so long, as far as sides may go."""
    scale = min(side, _SIDES[1]) / max(shape)
    return _bounded(round(shape[0] * scale)), _bounded(round(shape[1] * scale))


def _shaped(ratio: float, area: float) -> Size:
    ratio = min(max(ratio, 1 / _LONGEST_SHAPE), _LONGEST_SHAPE)
    area = max(area, _SHORTEST**2 * max(ratio, 1 / ratio))
    return _rounded(math.sqrt(area * ratio)), _rounded(math.sqrt(area / ratio))


def _rounded(side: float) -> int:
    return max(_STEP, round(side / _STEP) * _STEP)


def _bounded(side: int) -> int:
    return min(max(side, _SIDES[0]), _SIDES[1])
