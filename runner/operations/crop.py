"""`crop:` a part of the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runner.errors import OperationFailed
from runner.operations import params as p

NAME = "crop"
VERSION = 1
IMAGES = (1, 1)
PARAMS: p.Schema = p.block(
    "A part of the picture.",
    "crop: {aspect: 16:9}",
    aspect=p.aspect("The shape to cut to, like 16:9: the largest part of the picture that has it."),
    width=p.length(
        "Width", "Width of the part in pixels, or as a share of the picture's width. Without it: all there is."
    ),
    height=p.length("Height", "Height of the part in pixels, or as a share of the picture's height."),
    x=p.length("Left", "Where the part begins, from the left edge: pixels, or a share of the width.", least=0),
    y=p.length("Top", "Where the part begins, from the top edge: pixels, or a share of the height.", least=0),
    anchor=p.anchor("Which part stays, when x and y do not say so."),
)
PARAMS |= p.at_least("aspect", "width", "height", "x", "y")
PARAMS["dependentSchemas"] = {
    "aspect": p.excludes("width", "height", "x", "y"),
    "x": p.excludes("anchor"),
    "y": p.excludes("anchor"),
}


def objection(params: Mapping[str, Any]) -> str | None:
    """Why this part lies in no picture that can be read, or None; see runner.operation.Operation."""
    ends = []
    for start, length in (("x", "width"), ("y", "height")):
        known = [params[name] for name in (start, length) if isinstance(params.get(name), (int, float))]
        ends.append(max(1, sum(p.pixels(each, 1) for each in known)))
    if ends[0] * ends[1] <= p.MOST_AREA:
        return None
    return f"this crop reaches to {p.said((ends[0], ends[1]))}, and no picture is that large; take a smaller part"


def apply(images: Sequence[bytes], params: Mapping[str, Any]) -> bytes:
    """A part of the picture, as PNG; see runner.operation.Operation."""
    from runner.operations import picture

    asked = p.filled(PARAMS, params)
    source = picture.read(images[0])
    if asked["aspect"] is not None:
        size = _of_shape(source.size, p.shape(asked["aspect"]))
        left, top = p.placed(asked["anchor"], source.size, size)
    else:
        left, top, size = _asked_part(source.size, asked)
    right, bottom = left + size[0], top + size[1]
    if min(left, top) < 0 or right > source.size[0] or bottom > source.size[1]:
        raise OperationFailed(
            f"the crop of {p.said(size)} at {left}, {top} reaches outside the picture, which is {p.said(source.size)}",
            hint="take a smaller width and height, or shares like 50%, which fit every picture",
        )
    return picture.png(source.with_image(source.image.crop((left, top, right, bottom))))


def _of_shape(size: p.Size, shape: float) -> p.Size:
    """The largest size of a shape within a picture."""
    width, height = size
    return min(width, max(1, round(height * shape))), min(height, max(1, round(width / shape)))


def _asked_part(size: p.Size, asked: Mapping[str, Any]) -> tuple[int, int, p.Size]:
    """Left, top and size of the part that x, y, width and height name."""
    by_place = asked["x"] is not None or asked["y"] is not None
    left, top = p.pixels(asked["x"] or 0, size[0]), p.pixels(asked["y"] or 0, size[1])
    width = size[0] - left if asked["width"] is None else p.pixels(asked["width"], size[0])
    height = size[1] - top if asked["height"] is None else p.pixels(asked["height"], size[1])
    if min(width, height) < 1:
        raise OperationFailed(f"nothing is left of this crop: the picture is {p.said(size)}")
    if not by_place:
        left, top = p.placed(asked["anchor"], size, (width, height))
    return left, top, (width, height)
