"""The label: a dark strip along the lower edge that says what a stand-in is, and how to find and cut an older one.

In a chain each picture comes from the one before, label and all. The strip is topped by a line in one fixed colour
over the full width, which is how it is found again after scaling, cropping and compression; then it is cut off before
the picture is used, so that labels never pile up.
"""

from __future__ import annotations

import io
import math
import unicodedata

from PIL import Image, ImageDraw, ImageFont

from runner.emulator.painter.mood import Rgb
from runner.font import built_in

AMBER: Rgb = (242, 178, 62)
INK: Rgb = (23, 24, 28)
_WHITE: Rgb = (244, 241, 234)
_QUIET: Rgb = (176, 176, 184)
_SPELLED = {"→": "->", "←": "<-", "‐": "-", "‑": "-", "‒": "-", "₽": "RUB", "₹": "INR", "₴": "UAH", "₺": "TRY"}
"""How signs that the font lacks are spelled."""
_UNSEEN = {"Mn", "Me", "Cf"}
"""Unicode's categories of signs that stand on or between others: accents that join no letter, hints for joining."""

_CELLS = 16
"""Columns that a row is averaged into when an older strip is looked for."""

Row = list[Rgb]


def letters_of(size: int) -> ImageFont.FreeTypeFont:
    """The font of the label with letters of `size` pixels, set one by one, which is the same on every machine."""
    return ImageFont.truetype(io.BytesIO(built_in()), size, layout_engine=ImageFont.Layout.BASIC)


def height_of(size: tuple[int, int]) -> int:
    """Height of the strip on a picture of this size, in pixels."""
    letters = _letters(size)
    lines = 2 if _roomy(size) else 3
    return min(_rule(letters) + round(letters * (1.0 + 1.32 * lines)), size[1] // 3)


def write(picture: Image.Image, step: str, model: str, seed: str, prompt: str) -> None:
    """Draw the strip over the lower edge of the picture (RGB), in place. An empty `step` is left out.

    Everything is centred: when a later step cuts the sides off, the word REHEARSAL is the last to go.
    """
    width, height = picture.size
    letters = _letters(picture.size)
    font = letters_of(letters)
    top = height - height_of(picture.size)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, top, width, height), fill=INK)
    draw.rectangle((0, top, width, top + _rule(letters) - 1), fill=AMBER)
    room = width - 1.6 * letters
    quiet = f"{model}  ·  seed {seed}"
    y = top + _rule(letters) + letters * 1.46
    tag = _tag_width(letters) + letters * 0.7
    if _roomy(picture.size):
        quiet = _fitted(quiet, font, room - tag)
        name = _fitted(step, font, room - tag - font.getlength(quiet) - letters)
        gap = letters * 0.9 if name else 0.0
        x = (width - tag - font.getlength(name) - gap - font.getlength(quiet)) / 2
        _tag(draw, (x, y), letters)
        draw.text((x + tag, y), name, _WHITE, font, anchor="ls")
        draw.text((x + tag + font.getlength(name) + gap, y), quiet, _QUIET, font, anchor="ls")
    else:
        name = _fitted(step, font, room - tag)
        x = (width - tag - font.getlength(name)) / 2
        _tag(draw, (x, y), letters)
        draw.text((x + tag, y), name, _WHITE, font, anchor="ls")
        y += letters * 1.32
        draw.text((width / 2, y), _fitted(quiet, font, room), _QUIET, font, anchor="ms")
    draw.text((width / 2, y + letters * 1.36), _fitted(prompt, font, room), _WHITE, font, anchor="ms")


def cut(picture: Image.Image) -> Image.Image:
    """The picture (RGB) without the strip of an earlier rehearsal; unchanged where there is none."""
    height = picture.height
    data = picture.resize((_CELLS, height), Image.Resampling.BOX).tobytes()
    rows = [[(row[at], row[at + 1], row[at + 2]) for at in range(0, 3 * _CELLS, 3)] for row in _split(data)]
    thickest = max(4, height // 50)
    for y in range(height - 3, height // 2, -1):
        if _is_line(rows[y]) and any(map(_is_ground, rows[y + 1 : y + 7])):
            top = y
            while top > 1 and any(map(_is_amber, rows[top - 1])) and y - top <= thickest:
                top -= 1
            if y - top <= thickest:
                return picture.crop((0, 0, picture.width, top - 1))
    return picture


def covered(text: str, font: ImageFont.FreeTypeFont) -> str:
    """The text on one line, in signs that the font has: accents fall where they must, the rest becomes `[…]`."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    missing = font.getmask("\uffff")
    blank = (missing.size, bytes(missing))
    shown: list[str] = []
    for sign in line:
        if unicodedata.category(sign) in _UNSEEN:
            continue
        candidates = (sign, _SPELLED.get(sign, ""), unicodedata.normalize("NFKD", sign)[:1])
        found = next((each for each in candidates if each == " " or _drawn(each, font, blank)), None)
        if found is not None:
            shown.append(found)
        elif shown[-1:] != ["[…]"]:
            shown.append("[…]")
    return "".join(shown)


def _drawn(sign: str, font: ImageFont.FreeTypeFont, blank: tuple[tuple[int, int], bytes]) -> bool:
    if not sign.isprintable():
        return False
    mask = font.getmask(sign)
    return mask.size[0] > 0 and (mask.size, bytes(mask)) != blank


def _fitted(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """The covered text, ended by an ellipsis where it is longer than `room` pixels."""
    line = covered(text[:400], font)
    if font.getlength(line) <= room:
        return line
    while line and font.getlength(line.rstrip() + "…") > room:
        line = line[:-1]
    return line.rstrip(" ,.;:") + "…" if line else ""


def _tag_width(letters: int) -> float:
    return letters_of(round(letters * 0.82)).getlength("REHEARSAL") + letters * 0.8


def _tag(draw: ImageDraw.ImageDraw, place: tuple[float, float], letters: int) -> None:
    """The word REHEARSAL on a plate, beside letters whose baseline starts at `place`."""
    x, y = place
    plate = (x, y - letters * 0.98, x + _tag_width(letters), y + letters * 0.2)
    draw.rounded_rectangle(plate, radius=letters * 0.22, fill=AMBER)
    font = letters_of(round(letters * 0.82))
    draw.text((x + letters * 0.4, y - letters * 0.1), "REHEARSAL", INK, font, anchor="ls")


def _letters(size: tuple[int, int]) -> int:
    """Size of the letters in pixels."""
    return min(max(round(math.sqrt(size[0] * size[1]) * 0.02), 11), 40)


def _roomy(size: tuple[int, int]) -> bool:
    return size[0] >= 36 * _letters(size)


def _rule(letters: int) -> int:
    return max(2, round(letters * 0.16))


def _split(data: bytes) -> list[bytes]:
    return [data[at : at + 3 * _CELLS] for at in range(0, len(data), 3 * _CELLS)]


def _is_line(row: Row) -> bool:
    """Whether a row is the strip's upper line: amber from side to side, or one grey in a picture without colour."""
    reds = [cell[0] for cell in row]
    return all(map(_is_amber, row)) and max(reds) - min(reds) < 60


def _is_amber(cell: Rgb) -> bool:
    """Near the line's colour, also where scaling has mixed it with its neighbours, or as grey of that lightness."""
    red, green, blue = cell
    grey = max(cell) - min(cell) < 4 and 110 < red < 205
    return grey or (red > 130 and red - blue > 70 and 0.55 < green / red < 0.9)


def _is_ground(row: Row) -> bool:
    """Whether a row is the strip's dark ground from side to side."""
    return all(max(cell) < 60 and max(cell) - min(cell) < 24 for cell in row)
