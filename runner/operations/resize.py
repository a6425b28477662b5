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
PARAMS["allOf"] = [
    {
        "if": {"properties": {"fit": {"enum": ["cover", "pad", "exact"]}}, "required": ["fit"]},
        "then": {"required": ["width", "height"]},
    }
]


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
    """Width and height asked for. A side that is not asked for is as long as the other one makes it."""
    width, height = size
    if asked["longest"] is not None:
        scale = p.pixels(asked["longest"], max(size)) / max(size)
    elif asked["height"] is None:
        scale = p.pixels(asked["width"], width) / width
    elif asked["width"] is None:
        scale = p.pixels(asked["height"], height) / height
    else:
        return p.pixels(asked["width"], width), p.pixels(asked["height"], height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _inside(size: p.Size, box: p.Size, asked: Mapping[str, Any]) -> p.Size:
    """The largest size of the picture's shape that the box holds."""
    scale = min(box[0] / size[0], box[1] / size[1], inf if asked["enlarge"] else 1)
    return p.checked_size(*(max(1, min(side, round(length * scale))) for length, side in zip(size, box, strict=True)))


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
    return p.checked_size(*box) if asked["enlarge"] else (min(size[0], box[0]), min(size[1], box[1]))
