"""The label: a dark strip along the lower edge that says what a stand-in is, and how to find and cut an older one.

In a chain each picture comes from the one before, label and all. The strip is topped by a line in one fixed colour
over the full width, which is how it is found again after scaling, cropping and compression; then it is cut off before
the picture is used, so that labels never pile up.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

from runner.emulator.painter.mood import Rgb

AMBER: Rgb = (242, 178, 62)
INK: Rgb = (23, 24, 28)
_WHITE: Rgb = (244, 241, 234)
_QUIET: Rgb = (176, 176, 184)
_SPELLED = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "œ": "oe",
                          "—": "-", "–": "-", "×": "x", "€": "EUR", "→": "->", "•": "·", "‑": "-"})  # fmt: skip

_CELLS = 16
"""Columns that a row is averaged into when an older strip is looked for."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def height_of(size: tuple[int, int]) -> int:
    """Height of the strip on a picture of this size, in pixels."""
    letters = _letters(size)
    lines = 2 if _roomy(size) else 3
    return min(_rule(letters) + round(letters * (1.0 + 1.32 * lines)), size[1] // 3)


def write(picture: Image.Image, step: str, model: str, seed: str, prompt: str) -> None:
    """Draw the strip over the lower edge of the picture (RGB), in place. An empty `step` is left out."""
    width, height = picture.size
    letters = _letters(picture.size)
    font = ImageFont.load_default(letters)
    top = height - height_of(picture.size)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, top, width, height), fill=INK)
    draw.rectangle((0, top, width, top + _rule(letters) - 1), fill=AMBER)
    margin = round(letters * 0.8)
    y = top + _rule(letters) + letters * 0.5
    x = margin + _tag(draw, (margin, y), letters) + letters * 0.7
    quiet = f"{model}  ·  seed {seed}"
    if _roomy(picture.size):
        room = width - margin - x - font.getlength(quiet) - letters * 2
        name = _fitted(step, font, room)
        draw.text((x, y), name, _WHITE, font)
        x += font.getlength(name) + letters * 0.9 if name else 0
        draw.text((x, y), _fitted(quiet, font, width - margin - x), _QUIET, font)
    else:
        draw.text((x, y), _fitted(step, font, width - margin - x), _WHITE, font)
        y += letters * 1.32
        draw.text((margin, y), _fitted(quiet, font, width - 2 * margin), _QUIET, font)
    y += letters * 1.36
    draw.text((margin, y), _fitted(prompt, font, width - 2 * margin), _WHITE, font)


def cut(picture: Image.Image) -> Image.Image:
    """The picture (RGB) without the strip of an earlier rehearsal; unchanged where there is none."""
    height = picture.height
    cells = picture.resize((_CELLS, height), Image.Resampling.BOX).tobytes()
    for y in range(height - 3, height // 2, -1):
        below = range(y + 1, min(y + 7, height))
        if _share(cells, y, _is_amber) == 1 and any(_share(cells, each, _is_ink) == 1 for each in below):
            while y > 1 and _share(cells, y - 1, _is_amber) > 0.5:
                y -= 1
            return picture.crop((0, 0, picture.width, y - 1))
    return picture


def covered(text: str, font: Font) -> str:
    """The text on one line, in signs that the font has: accents fall where they must, the rest becomes `[…]`."""
    line = " ".join(text.translate(_SPELLED).split())
    missing = font.getmask("\uffff")
    blank = (missing.size, bytes(missing))
    shown: list[str] = []
    for sign in line:
        candidates = (sign, unicodedata.normalize("NFKD", sign)[:1])
        found = next((each for each in candidates if each == " " or _drawn(each, font, blank)), None)
        if found is not None:
            shown.append(found)
        elif not unicodedata.combining(sign) and shown[-1:] != ["[…]"]:
            shown.append("[…]")
    return "".join(shown)


def _drawn(sign: str, font: Font, blank: tuple[tuple[int, int], bytes]) -> bool:
    if not sign.isprintable():
        return False
    mask = font.getmask(sign)
    return mask.size[0] > 0 and (mask.size, bytes(mask)) != blank


def _fitted(text: str, font: Font, room: float) -> str:
    """The covered text, ended by an ellipsis where it is longer than `room` pixels."""
    line = covered(text[:400], font)
    if font.getlength(line) <= room:
        return line
    while line and font.getlength(line.rstrip() + "…") > room:
        line = line[:-1]
    return line.rstrip(" ,.;:") + "…" if line else ""


def _tag(draw: ImageDraw.ImageDraw, place: tuple[float, float], letters: int) -> float:
    """The word REHEARSAL on a plate; its width in pixels."""
    font = ImageFont.load_default(round(letters * 0.82))
    x, y = place
    wide = font.getlength("REHEARSAL") + letters * 0.8
    draw.rounded_rectangle((x, y - letters * 0.02, x + wide, y + letters * 1.16), radius=letters * 0.22, fill=AMBER)
    draw.text((x + letters * 0.4, y + letters * 0.57), "REHEARSAL", INK, font, anchor="lm")
    return wide


def _letters(size: tuple[int, int]) -> int:
    """Size of the letters in pixels."""
    return min(max(round(math.sqrt(size[0] * size[1]) * 0.02), 11), 40)


def _roomy(size: tuple[int, int]) -> bool:
    return size[0] >= 36 * _letters(size)


def _rule(letters: int) -> int:
    return max(2, round(letters * 0.16))


def _share(cells: bytes, y: int, test: Callable[[Rgb], bool]) -> float:
    """The share of cells in row `y` that pass a test."""
    row = cells[y * _CELLS * 3 : (y + 1) * _CELLS * 3]
    return sum(test((row[at], row[at + 1], row[at + 2])) for at in range(0, len(row), 3)) / _CELLS


def _is_amber(cell: Rgb) -> bool:
    """Near the line's colour, also where scaling has mixed it with its neighbours."""
    red, green, blue = cell
    return red > 130 and red - blue > 70 and 0.55 < green / red < 0.9


def _is_ink(cell: Rgb) -> bool:
    """Near the strip's ground."""
    return max(cell) < 60 and max(cell) - min(cell) < 24
