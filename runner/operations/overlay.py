"""`overlay:` a second picture, a logo for example, on top of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runner.errors import OperationFailed
from runner.operations import params as p

if TYPE_CHECKING:
    from PIL import Image

NAME = "overlay"
VERSION = 1
IMAGES = (2, 2)
PARAMS: p.Schema = p.block(
    "A second picture on top of the first.",
    "overlay: {width: 20%, anchor: bottom-right}",
    width=p.length(
        "Width",
        "Width of the second picture on the first: pixels, or a share of the first picture's width. Its shape is kept.",
        default="25%",
    ),
    anchor=p.anchor("Where it stands.", default="bottom-right"),
    margin=p.length(
        "Margin", "Room to the edges: pixels, or a share of the first picture's shorter side.", least=0, default="4%"
    ),
    opacity={
        "title": "Opacity",
        "description": "How solid it is: 1 hides what is below, 0.3 lets it shine through, 0 cannot be seen.",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 1,
    },
    rotate={
        "title": "Rotate",
        "description": "Degrees to turn it clockwise.",
        "type": "number",
        "minimum": -360,
        "maximum": 360,
        "default": 0,
    },
)


def apply(images: Sequence[bytes], params: Mapping[str, Any]) -> bytes:
    """The second picture on the first, as PNG; see runner.operation.Operation."""
    from runner.operations import picture

    asked = p.filled(PARAMS, params)
    base = picture.read(images[0])
    mark = _prepared(picture.read_into(images[1], base.profile), base.size, asked)
    margin = p.pixels(asked["margin"], min(base.size))
    room = max(0, base.size[0] - 2 * margin), max(0, base.size[1] - 2 * margin)
    if mark.size[0] > room[0] or mark.size[1] > room[1]:
        raise OperationFailed(
            f"the overlay is {p.said(mark.size)}, and the picture has room for {p.said(room)} within its margin",
            hint="give a smaller `width` or a smaller `margin`",
        )
    left, top = p.placed(asked["anchor"], room, mark.size)
    result = base.image.convert("RGBA")
    result.alpha_composite(mark, (left + margin, top + margin))
    return picture.png(base.with_image(result.convert(base.image.mode)))


def _prepared(mark: Image.Image, base: p.Size, asked: Mapping[str, Any]) -> Image.Image:
    """The second picture in its final size, turned and as solid as asked; mode RGBA."""
    from PIL import Image

    from runner.operations import picture

    width = p.pixels(asked["width"], base[0])
    height = max(1, round(mark.size[1] * width / mark.size[0]))
    mark = picture.scaled(mark, p.checked_size(width, height)).convert("RGBA")
    if asked["rotate"] % 360:
        mark = mark.rotate(-asked["rotate"], Image.Resampling.BICUBIC, expand=True)
    if asked["opacity"] < 1:
        mark.putalpha(mark.getchannel("A").point([round(value * asked["opacity"]) for value in range(256)]))
    return mark
