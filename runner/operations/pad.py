"""`pad:` room around the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runner.errors import OperationFailed
from runner.operations import params as p

NAME = "pad"
VERSION = 1
IMAGES = (1, 1)

_SIDES = ("top", "right", "bottom", "left")


def _side(name: str, of: str) -> p.Schema:
    return p.length(name.title(), f"Room at the {name}: pixels, or a share of the picture's {of}.", least=0)


PARAMS: p.Schema = p.block(
    "Room around the picture.",
    "pad: {margin: 5%, background: white}",
    width=p.length("Width", "Width of the result: pixels, or a share of the picture's width, like 120%."),
    height=p.length("Height", "Height of the result: pixels, or a share of the picture's height, like 120%."),
    aspect=p.aspect("The shape to fill up to, like 1:1."),
    margin=p.length("Margin", "Room on all four sides: pixels, or a share of the shorter side.", least=0),
    top=_side("top", "height"),
    right=_side("right", "width"),
    bottom=_side("bottom", "height"),
    left=_side("left", "width"),
    anchor=p.anchor("Where the picture stands, with width, height or aspect."),
    background=p.color(
        "Background",
        "The colour under and around the picture. Without it: white, or nothing around a picture that has transparent "
        "parts.",
    ),
)
PARAMS |= p.at_least("margin", "width", "height", "aspect", *_SIDES)
PARAMS["dependentSchemas"] = {
    "aspect": p.excludes("width", "height", "margin", *_SIDES),
    "width": p.excludes("margin", *_SIDES),
    "height": p.excludes("margin", *_SIDES),
    **dict.fromkeys(("margin", *_SIDES), p.excludes("anchor")),
}


def objection(params: Mapping[str, Any]) -> str | None:
    """Why not even the smallest picture can be given this room, or None; see runner.operation.Operation."""
    (width, height), _ = _room((1, 1), p.filled(PARAMS, params))
    return p.size_objection(max(1, width), max(1, height))


def apply(images: Sequence[bytes], params: Mapping[str, Any]) -> bytes:
    """The picture with room around it, as PNG; see runner.operation.Operation."""
    from runner.operations import picture

    asked = p.filled(PARAMS, params)
    source = picture.read(images[0])
    size, at = _room(source.size, asked)
    if size[0] < source.size[0] or size[1] < source.size[1]:
        raise OperationFailed(
            f"the picture is {p.said(source.size)} and does not fit into {p.said(size)}",
            hint="`resize:` with `fit: pad` makes it smaller first",
        )
    ground = picture.background(asked["background"], source)
    return picture.png(source.with_image(picture.on_canvas(p.checked_size(*size), source.image, at, ground)))


def _room(size: p.Size, asked: Mapping[str, Any]) -> tuple[p.Size, p.Size]:
    """Size of the result, which may be too small for the picture, and where in it the picture stands.

    A larger picture never has a smaller result.
    """
    if any(asked[name] is not None for name in ("margin", *_SIDES)):
        return _with_margins(size, asked)
    whole = _filled_up(size, asked)
    return whole, p.placed(asked["anchor"], whole, size)


def _with_margins(size: p.Size, asked: Mapping[str, Any]) -> tuple[p.Size, p.Size]:
    """Size of the result, and where in it the picture stands."""
    margin = p.pixels(asked["margin"] or 0, min(size))
    along = {"top": size[1], "right": size[0], "bottom": size[1], "left": size[0]}
    room = {name: margin if asked[name] is None else p.pixels(asked[name], along[name]) for name in _SIDES}
    whole = size[0] + room["left"] + room["right"], size[1] + room["top"] + room["bottom"]
    return whole, (room["left"], room["top"])


def _filled_up(size: p.Size, asked: Mapping[str, Any]) -> p.Size:
    """The size asked for by width and height, or the smallest of a shape that holds the picture."""
    width, height = size
    if asked["aspect"] is not None:
        shape = p.shape(asked["aspect"])
        return max(width, round(height * shape)), max(height, round(width / shape))
    return (
        width if asked["width"] is None else p.pixels(asked["width"], width),
        height if asked["height"] is None else p.pixels(asked["height"], height),
    )
