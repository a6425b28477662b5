"""`text:` words on the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runner.errors import OperationFailed
from runner.operations import params as p

if TYPE_CHECKING:
    from PIL import Image

    from runner.operations.lettering import Block
    from runner.operations.picture import Color

NAME = "text"
VERSION = 1
IMAGES = (1, 1)

_SMALLEST = 6
"""Pixels below which `shrink` does not go: smaller letters cannot be read."""

PARAMS: p.Schema = p.block(
    "Words on the picture.",
    "text: {text: Autumn sale, size: 8%, color: white}",
    text={
        "title": "Text",
        "description": "The words. Line breaks are kept, and long lines are broken between words.",
        "type": "string",
        "minLength": 1,
        "maxLength": 2000,
    },
    font={
        "title": "Font",
        "description": "A font file (.ttf or .otf), as a path beside the recipe. Without it: Open Sans, which has "
        "Latin with its accents, Greek and Cyrillic.",
        "type": "string",
        "x-file": True,
    },
    size=p.length("Size", "Size of the letters: pixels, or a share of the picture's height.", default="5%"),
    color=p.color("Colour", "Colour of the letters.", default="white"),
    outline=p.color("Outline", "Colour of a line around each letter. Without it: none."),
    outline_width=p.length(
        "Outline width", "How wide that line is: pixels, or a share of the letters' size.", default="6%"
    ),
    shadow=p.color("Shadow", "Colour of a soft shadow below the letters. Without it: none."),
    box=p.color("Box", "Colour of a box behind the text. Without it: none."),
    box_opacity={
        "title": "Box opacity",
        "description": "How solid the box is: 1 hides what is below, 0.5 lets it shine through.",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 1,
    },
    box_padding=p.length(
        "Box padding", "Room between text and box: pixels, or a share of the letters' size.", least=0, default="60%"
    ),
    anchor=p.anchor("Where the text stands.", default="bottom"),
    margin=p.length(
        "Margin", "Room to the edges: pixels, or a share of the picture's shorter side.", least=0, default="4%"
    ),
    max_width=p.length(
        "Largest width", "How wide a line may be: pixels, or a share of the picture's width.", default="100%"
    ),
    align={
        "title": "Align",
        "description": "How lines of different lengths stand to each other. Without it: towards the anchor.",
        "type": "string",
        "enum": ["left", "center", "right"],
    },
    line_spacing={
        "title": "Line spacing",
        "description": "From one line to the next, in sizes of the letters.",
        "type": "number",
        "minimum": 0.5,
        "maximum": 5,
        "default": 1.25,
    },
    shrink={
        "title": "Shrink",
        "description": "Whether letters are made smaller until the text fits.",
        "type": "boolean",
        "default": False,
    },
)
PARAMS["required"] = ["text"]
PARAMS["dependentSchemas"] = {
    "outline_width": {"required": ["outline"]},
    "box_opacity": {"required": ["box"]},
    "box_padding": {"required": ["box"]},
}


def objection(params: Mapping[str, Any]) -> str | None:
    """Why these words cannot be drawn in this font, or None; see runner.operation.Operation."""
    from runner.operations import lettering

    try:
        lettering.cleaned(params["text"], params.get("font"))
    except OperationFailed as failed:
        return p.in_one_sentence(failed)
    return None


def apply(images: Sequence[bytes], params: Mapping[str, Any]) -> bytes:
    """The picture with words on it, as PNG; see runner.operation.Operation."""
    from runner.operations import lettering, picture

    asked = p.filled(PARAMS, params)
    source = picture.read(images[0])
    asked["text"] = lettering.cleaned(asked["text"], asked["font"])
    if not asked["text"]:
        return picture.png(source)
    with lettering.font_is_read():
        block = _fitting(source.size, asked)
    colors = {
        key: picture.color_in(asked[key], source.profile) for key in ("color", "outline", "shadow", "box") if asked[key]
    }
    result = source.image.convert("RGBA")
    with lettering.font_is_read():
        _draw(result, block, colors, asked)
    return picture.png(source.with_image(result.convert(source.image.mode)))


def _fitting(size: p.Size, asked: Mapping[str, Any]) -> Block:
    """The text in the size asked for or, with `shrink`, in the largest one that fits. Raises OperationFailed."""
    letters = max(1, p.pixels(asked["size"], size[1]))
    block = _set_in(letters, size, asked)
    if block is not None:
        return block
    if asked["shrink"]:
        fits, not_fits = _SMALLEST - 1, letters
        while not_fits - fits > 1:
            middle = (fits + not_fits) // 2
            tried = _set_in(middle, size, asked)
            fits, not_fits, block = (middle, not_fits, tried) if tried else (fits, middle, block)
        if block is not None:
            return block
    shortened = asked["text"] if len(asked["text"]) <= 40 else asked["text"][:39].rstrip() + "…"
    raise OperationFailed(
        f"the text “{shortened}” does not fit on the picture, which is {p.said(size)}, "
        + ("even in the smallest letters" if asked["shrink"] else f"in letters of {letters} pixels"),
        hint="make the text shorter" + ("" if asked["shrink"] else ", its `size` smaller, or say `shrink: true`"),
    )


def _set_in(letters: int, size: p.Size, asked: Mapping[str, Any]) -> Block | None:
    """The text in letters of that many pixels, or None when it does not fit on a picture of that size."""
    from runner.operations import lettering

    margin, padding, outline = _measures(letters, size, asked)
    room = size[0] - 2 * (margin + padding), size[1] - 2 * (margin + padding)
    width = min(room[0], p.pixels(asked["max_width"], size[0]) - 2 * padding)
    font = lettering.opened(asked["font"], letters, asked["text"])
    block = lettering.block(asked["text"], font, width, asked["line_spacing"], outline)
    if block is None or block.size[1] > room[1] or block.size[1] + sum(block.overhang) > size[1]:
        return None
    return block


def _measures(letters: int, size: p.Size, asked: Mapping[str, Any]) -> tuple[int, int, int]:
    """Margin, padding of the box and width of the outline, in pixels; 0 where there is none."""
    padding = p.pixels(asked["box_padding"], letters) if asked["box"] else 0
    outline = max(1, p.pixels(asked["outline_width"], letters)) if asked["outline"] else 0
    return p.pixels(asked["margin"], min(size)), padding, outline


def _draw(image: Image.Image, block: Block, colors: Mapping[str, Color], asked: Mapping[str, Any]) -> None:
    """Draw box, shadow, outline and letters on an RGBA picture, in that order."""
    from PIL import Image, ImageFilter

    from runner.operations import picture

    letters = round(block.font.size)
    margin, padding, _ = _measures(letters, image.size, asked)
    size = block.size[0] + 2 * padding, block.size[1] + 2 * padding
    left, top = p.placed(asked["anchor"], (image.size[0] - 2 * margin, image.size[1] - 2 * margin), size)
    left, top = left + margin, top + margin
    above, below = block.overhang  # may lie in the margin, but not outside of the picture
    top = min(max(top, above - padding), image.size[1] - size[1] + padding - below)
    if "box" in colors:
        solid = Image.new("L", size, round(255 * asked["box_opacity"]))
        picture.stamp(image, solid, (left, top), colors["box"])
    align = asked["align"] or {0.0: "left", 0.5: "center", 1.0: "right"}[p.ANCHORS[asked["anchor"]][0]]
    at = left + padding - letters, top + padding - letters
    full = block.mask(align, letters, outlined=True)
    if "shadow" in colors:
        away = max(1, round(letters * 0.05))
        soft = full.filter(ImageFilter.GaussianBlur(letters * 0.07))
        picture.stamp(image, soft, (at[0] + away, at[1] + away), colors["shadow"])
    if "outline" in colors:
        picture.stamp(image, full, at, colors["outline"])
    picture.stamp(image, block.mask(align, letters, outlined=False), at, colors["color"])
