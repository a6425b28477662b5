"""Letters: opening a font, breaking text into lines, and the shape that a block of lines has.

Lines are laid out letter by letter, which is the same on every machine. Scripts whose letters join or run from right to
left need a shaping library that not every installation has; without it such a text is refused, not drawn wrongly.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

from PIL import Image, ImageDraw, ImageFont, features

from runner.errors import OperationFailed
from runner.font import built_in
from runner.operations.params import Size

_NO_LETTER = "\U0010ffff"
"""A code point that no font has a letter for: it shows what a font draws instead."""
_HINTS = str.maketrans({"\u00a0": " ", "\u00ad": "", "\ufe0e": "", "\ufe0f": ""})
"""Signs that say how to break a line or whether to colour an emoji, not what to draw."""
_STAND_INS = {"\u2010": "-", "\u2011": "-", "\u2012": "-"}
"""Hyphens that many fonts lack, and the one that looks the same."""
_SPACELESS = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
"""Chinese and Japanese, which do not stand in words with spaces between."""
_CLOSING = "\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1a\uff1b\uff09\u300d\u300f\u3011\u3015\u300b\u3009\u201d\u2019"
"""Signs of theirs that never begin a line."""
_WORDS = re.compile(rf"[{_SPACELESS}][{_CLOSING}]*|[^\s{_SPACELESS}]+|\s+")
"""Pieces between which a line may break: words, the space between them, and each letter of Chinese and Japanese."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text in one font and size. Without outline its size runs from the top of a capital to below a p."""

    lines: tuple[str, ...]
    font: ImageFont.FreeTypeFont
    pitch: float
    """Pixels from one line to the next."""
    outline: int
    """Pixels of outline around each letter."""

    @property
    def size(self) -> Size:
        """Width and height in pixels, outline included."""
        top, bottom = _reach(self.font)
        width = max(self.font.getlength(line) for line in self.lines)
        height = (len(self.lines) - 1) * self.pitch + bottom - top
        return ceil(width) + 2 * self.outline, ceil(height) + 2 * self.outline

    @property
    def overhang(self) -> tuple[int, int]:
        """Pixels by which accents and tails of letters reach above the block and below it."""
        top, bottom = _reach(self.font)
        boxes = [self.font.getbbox(line, anchor="ls", stroke_width=self.outline) for line in self.lines]
        above = max(top - self.outline - number * self.pitch - box[1] for number, box in enumerate(boxes))
        below = max(box[3] - number * self.pitch - self.outline - bottom for number, box in enumerate(boxes[::-1]))
        return max(0, ceil(above)), max(0, ceil(below))

    def mask(self, align: str, room: int, *, outlined: bool) -> Image.Image:
        """How much of each pixel is ink, in mode L. `room` pixels are left on all sides for letters that hang out."""
        width, height = self.size
        mask = Image.new("L", (width + 2 * room, height + 2 * room), 0)
        draw = ImageDraw.Draw(mask)
        stroke = self.outline if outlined else 0
        for number, line in enumerate(self.lines):
            free = width - 2 * self.outline - self.font.getlength(line)
            left = room + self.outline + round(free * {"left": 0.0, "center": 0.5, "right": 1.0}[align])
            baseline = room + self.outline - _reach(self.font)[0] + round(number * self.pitch)
            draw.text((left, baseline), line, font=self.font, fill=255, anchor="ls", stroke_width=stroke)
        return mask


def block(text: str, font: ImageFont.FreeTypeFont, width: int, spacing: float, outline: int) -> Block | None:
    """The text broken into lines of at most `width` pixels; None when a single word is wider."""
    lines = [line for paragraph in text.splitlines() for line in _broken(paragraph, font, width - 2 * outline)]
    made = Block(tuple(lines), font, font.size * spacing, outline)
    return made if made.size[0] <= width else None


def opened(data: bytes | None, size: int, text: str) -> ImageFont.FreeTypeFont:
    """The font of a file, or the built-in one, with letters of `size` pixels. Raises OperationFailed."""
    return _opened(data, size, ImageFont.Layout.RAQM if _needs_shaping(text) else ImageFont.Layout.BASIC)


@contextmanager
def font_is_read() -> Iterator[None]:
    """Turns what a damaged font file raises, on opening or only over one of its letters, into OperationFailed."""
    try:
        yield
    except OSError as error:
        raise OperationFailed("the font file cannot be read", hint="give a .ttf or .otf file that is whole") from error


def cleaned(text: str, font: bytes | None) -> str:
    """The text as it will be drawn: no blank lines around it, composed letters, and signs that the font has.

    Raises OperationFailed when the font lacks a letter, or when the text needs shaping that this machine cannot do.
    """
    lines = unicodedata.normalize("NFC", text.strip().expandtabs(4)).splitlines()
    tidy = "\n".join(lines).translate(_HINTS)
    face = _opened(font, 32, ImageFont.Layout.BASIC)
    with font_is_read():
        stranger = _ink(face, _NO_LETTER)
        lacking = [letter for letter in dict.fromkeys(tidy) if letter != "\n" and _ink(face, letter) == stranger]
    if unknown := [letter for letter in lacking if _instead(letter) is None]:
        which = " ".join(_shown(letter) for letter in unknown)
        raise OperationFailed(
            f"{'the built-in font, Open Sans,' if font is None else 'this font'} has no letter for {which}",
            hint="give a font file that has it: `font: my-font.ttf`" if font is None else "give another font file",
        )
    shaped = _needs_shaping(tidy)  # then signs that are never seen say how letters join, and stay
    for letter in lacking:
        tidy = tidy.replace(letter, _instead(letter) or (letter if shaped else ""))
    return tidy


def _broken(paragraph: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The lines of one paragraph: as many words on each as fit."""
    lines = [""]
    for piece in _WORDS.findall(paragraph.strip()):
        if piece.isspace():
            lines[-1] += " "
        elif not lines[-1].strip() or font.getlength(lines[-1] + piece) <= width:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.rstrip() for line in lines]


def _reach(font: ImageFont.FreeTypeFont) -> tuple[float, float]:
    """Top of a capital and bottom of a p, from the baseline downwards."""
    _, top, _, bottom = font.getbbox("Hp", anchor="ls")
    return top, bottom


def _opened(data: bytes | None, size: int, layout: ImageFont.Layout) -> ImageFont.FreeTypeFont:
    """Opening takes some microseconds, so nothing is kept. Raises OperationFailed."""
    try:
        with font_is_read():
            return ImageFont.truetype(io.BytesIO(built_in() if data is None else data), size, layout_engine=layout)
    except ImportError as error:
        raise OperationFailed(
            "this installation of Pillow cannot draw text", hint="install it with FreeType"
        ) from error


def _needs_shaping(text: str) -> bool:
    """Whether letters must be set by the shaping library. Raises OperationFailed when this machine has none."""
    if not any(_is_shaped(letter) for letter in text):
        return False
    if not (features.check("raqm") and features.check("fribidi")):
        raise OperationFailed(
            "this text is in a script whose letters join or run from right to left, which cannot be drawn here",
            hint="install the FriBiDi library (`libfribidi`), and a Pillow with Raqm",
        )
    return True


def _is_shaped(letter: str) -> bool:
    """Whether a letter is drawn right only beside its neighbours: Hebrew, Arabic, the scripts of India, Khmer, …"""
    return (
        unicodedata.bidirectional(letter) in {"R", "AL", "AN"}
        or unicodedata.category(letter).startswith("M")
        or "\u0900" <= letter <= "\u0dff"
        or "\u0f00" <= letter <= "\u109f"
        or "\u1780" <= letter <= "\u17ff"
    )


def _instead(letter: str) -> str | None:
    """What is drawn for a sign that the font lacks: every space is a space, and what is never seen is left out.

    None when nothing else will do.
    """
    category = unicodedata.category(letter)
    if category == "Zs":
        return " "
    if category in {"Cc", "Cf"} or unicodedata.name(letter, "").startswith("VARIATION SELECTOR"):
        return ""
    return _STAND_INS.get(letter)


def _shown(letter: str) -> str:
    """The letter in a message; an accent without its letter stands on a dotted circle."""
    return f"◌{letter}" if unicodedata.category(letter).startswith("M") else letter


def _ink(face: ImageFont.FreeTypeFont, letter: str) -> tuple[Size, bytes]:
    mask = face.getmask(letter)
    return mask.size, bytes(mask)
