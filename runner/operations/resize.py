"""`resize:` another size in pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from runner.operations import params as p

NAME = "resize"
VERSION = 1
IMAGES = (1, 1)
PARAMS: p.Schema = p.block(
    "Another size in pixels.",
    "resize: {width: 1200}",
    width=p.length("Width", "Width of the result in pixels, or as a share of the picture's width, like 50%."),
    height=p.length("Height", "Height of the result in pixels, or as a share of the picture's height, like 50%."),
    longest=p.length("Longest side", "The longer side of the result, in pixels or as a share of the longer side."),
    fit={
        "title": "Fit",
        "description": "How the picture meets width and height. `contain` fits inside and keeps all of it; `cover` "
        "fills both and cuts off what is too much; `pad` fits inside and fills the rest with the background; `exact` "
        "stretches.",
        "type": "string",
        "enum": ["contain", "cover", "pad", "exact"],
        "default": "contain",
    },
    anchor=p.anchor("Which part stays with `cover`; where the picture stands with `pad`."),
    background=p.color(
        "Background",
        "With `pad`, the colour under and around the picture. Without it: white, or nothing around a picture that has "
        "transparent parts.",
    ),
    enlarge={
        "title": "Enlarge",
        "description": "Whether a smaller picture is made larger.",
        "type": "boolean",
        "default": True,
    },
)
PARAMS |= p.at_least("width", "height", "longest")
PARAMS["dependentSchemas"] = {"longest": p.excludes("width", "height")}
_MEETS_BOTH = {"fit": {"enum": ["cover", "pad", "exact"]}}
# The conditions exclude each other and what stands above, so that each mistake is told once.
PARAMS["allOf"] = [
    {
        "if": {"properties": _MEETS_BOTH | {"longest": False}, "required": ["fit", given]},
        "then": {"required": [missing]},
    }
    for given, missing in (("width", "height"), ("height", "width"))
] + [
    {
        "if": {"properties": _MEETS_BOTH | {"width": False, "height": False}, "required": ["fit", "longest"]},
        "then": {
            "properties": {
                "fit": {
                    "enum": ["contain"],
                    "description": "other fits need `width:` and `height:`, not `longest:`",
                }
            }
        },
    }
]


def objection(params: Mapping[str, Any]) -> str | None:
    """Why no picture can be brought to this size, or None; see runner.operation.Operation."""
    asked = p.filled(PARAMS, params)
    sides = asked["width"], asked["height"]
    met = asked["fit"] in ("cover", "pad") or (asked["fit"] == "exact" and asked["enlarge"])
    if not met or any(side is None or isinstance(side, str) for side in sides):
        return None
    return p.size_objection(p.pixels(sides[0], 1), p.pixels(sides[1], 1))


def apply(images: Sequence[bytes], params: Mapping[str, Any]) -> bytes:
    """The picture in another size, as PNG; see runner.operation.Operation."""
    from runner.operations import picture

    asked = p.filled(PARAMS, params)
    source = picture.read(images[0])
    box = _box(source.size, asked)
    if asked["fit"] == "cover":
        part, size = _covering(source.size, box, asked)
        return picture.png(source.with_image(picture.scaled(source.image, size, part)))
    if asked["fit"] == "exact":
        return picture.png(source.with_image(picture.scaled(source.image, _stretched(source.size, box, asked))))
    image = picture.scaled(source.image, _inside(source.size, box, asked))
    if asked["fit"] == "pad":
        ground = picture.background(asked["background"], source)
        box = p.checked_size(*box)
        image = picture.on_canvas(box, image, p.placed(asked["anchor"], box, image.size), ground)
    return picture.png(source.with_image(image))


def _box(size: p.Size, asked: Mapping[str, Any]) -> p.Size:
    """Width and height asked for. A side that is not asked for is as long as the other one makes it.

    A side is 0 where so small a share was asked for.
    """
    width, height = size
    wide, high = asked["width"], asked["height"]
    if asked["longest"] is not None:
        wide, high = (asked["longest"], None) if width >= height else (None, asked["longest"])
    if high is None:
        side = p.pixels(wide, width)
        return side, max(1, round(height * (side / width)))
    if wide is None:
        side = p.pixels(high, height)
        return max(1, round(width * (side / height))), side
    return p.pixels(wide, width), p.pixels(high, height)


def _inside(size: p.Size, box: p.Size, asked: Mapping[str, Any]) -> p.Size:
    """The largest size of the picture's shape that the box holds."""
    scale = min(box[0] / size[0], box[1] / size[1], inf if asked["enlarge"] else 1)
    return p.checked_size(*(min(side, max(1, round(length * scale))) for length, side in zip(size, box, strict=True)))


def _covering(size: p.Size, box: p.Size, asked: Mapping[str, Any]) -> tuple[p.Part, p.Size]:
    """The largest part of the picture that has the box's shape, and the size it gets."""
    p.checked_size(*box)
    scale = max(box[0] / size[0], box[1] / size[1])
    wide, high = min(size[0], box[0] / scale), min(size[1], box[1] / scale)
    right, down = p.ANCHORS[asked["anchor"]]
    left, top = (size[0] - wide) * right, (size[1] - high) * down
    shrink = 1 if asked["enlarge"] else max(1, scale)
    result = max(1, round(box[0] / shrink)), max(1, round(box[1] / shrink))
    return (left, top, left + wide, top + high), p.checked_size(*result)


def _stretched(size: p.Size, box: p.Size, asked: Mapping[str, Any]) -> p.Size:
    """The size asked for; without `enlarge` no side grows."""
    return p.checked_size(*(box if asked["enlarge"] else (min(size[0], box[0]), min(size[1], box[1]))))
