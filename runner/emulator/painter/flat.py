"""Stand-ins for many thousand requests: squares of flat colour and the word REHEARSAL, a hundred times faster than a
painting. Prompt, seed and inputs decide the colours, so that different requests give different pictures.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image

from runner.artifact import xmp
from runner.emulator.painter import caption
from runner.emulator.painter.painting import Brief, encoded

_SQUARES = 4
"""Along each side."""


def lay(brief: Brief, images: Sequence[Image.Image]) -> bytes:
    """The stand-in as an image file; the same brief and inputs give the same bytes."""
    size = brief.width, brief.height
    told = json.dumps([brief.model, brief.step, brief.prompt, brief.seed, brief.number]).encode()
    for image in images:
        told += image.convert("RGB").resize((4, 4), Image.Resampling.BOX).tobytes()
    colours = hashlib.shake_256(told).digest(3 * _SQUARES**2)
    squares = Image.frombytes("RGB", (_SQUARES, _SQUARES), colours)
    picture = squares.resize(size, Image.Resampling.NEAREST)
    strip = _strip(size, brief.step, brief.model)
    picture.paste(strip, (0, brief.height - strip.height))
    return xmp.with_packet(encoded(picture, brief.format), xmp.make_packet("retouch emulator", xmp.REHEARSAL))


@lru_cache(maxsize=64)
def _strip(size: tuple[int, int], step: str, model: str) -> Image.Image:
    """The label, which is the same for every picture of a step."""
    picture = Image.new("RGB", size)
    caption.write(picture, step, model, "as asked", "")
    return picture.crop((0, size[1] - caption.height_of(size), *size))
