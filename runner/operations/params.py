"""What the params of the operations have in common: how lengths, anchors, shapes and colours are written.

Schemas here describe a value once its templates are rendered. Nothing in this module needs the image library, so that
checking a recipe does not load it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.color import FORM, PATTERN
from runner.errors import OperationFailed

Schema = dict[str, Any]
Size = tuple[int, int]
"""Width and height in pixels."""
Part = tuple[float, float, float, float]
"""Left, top, right and bottom of a part of a picture, in pixels and shares of them."""

MOST_SIDE = 16_000
"""Longest side of a picture that an operation makes; WebP ends soon after."""
MOST_AREA = 120_000_000
"""Most pixels of a picture that an operation makes: what can be read again."""

ANCHORS: Mapping[str, tuple[float, float]] = {
    "top-left": (0.0, 0.0),
    "top": (0.5, 0.0),
    "top-right": (1.0, 0.0),
    "left": (0.0, 0.5),
    "center": (0.5, 0.5),
    "right": (1.0, 0.5),
    "bottom-left": (0.0, 1.0),
    "bottom": (0.5, 1.0),
    "bottom-right": (1.0, 1.0),
}
"""The nine places in a picture, as shares of the free room to the left and above."""


def block(purpose: str, example: str, /, **properties: Schema) -> Schema:
    """The schema of an operation's params, with what the operation does and how a recipe says so."""
    return {
        "description": f"{purpose} For example: `{example}`",
        "x-form": f"write a block: {example}",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def length(title: str, description: str, *, least: int = 1, default: int | str | None = None) -> Schema:
    """A length: whole pixels, or a share like `25%` of what the description says. `least` is in pixels."""
    share = "a share with a percent sign, like 25%" if least == 0 else "a share above 0%, like 25%"
    schema: Schema = {
        "title": title,
        "description": description,
        "type": ["integer", "string"],
        "minimum": least,
        "maximum": MOST_SIDE,
        "pattern": ("^" if least == 0 else "^(?![0.]+%)") + "[0-9]{1,4}(\\.[0-9]{1,3})?%$",
        "x-form": f"write pixels as a plain number, like 1200, or {share}",
    }
    return schema if default is None else schema | {"default": default}


def color(title: str, description: str, *, default: str | None = None) -> Schema:
    """A colour in sRGB; two more digits, or `transparent`, set how much shows through."""
    schema: Schema = {"title": title, "description": description, "type": "string", "pattern": PATTERN, "x-form": FORM}
    return schema if default is None else schema | {"default": default}


def anchor(description: str, *, default: str | None = "center") -> Schema:
    """One of the nine places in a picture."""
    schema: Schema = {"title": "Anchor", "description": description, "type": "string", "enum": list(ANCHORS)}
    return schema if default is None else schema | {"default": default}


def aspect(description: str) -> Schema:
    """A shape, width to height."""
    return {
        "title": "Aspect",
        "description": description,
        "type": "string",
        "pattern": "^[1-9][0-9]{0,4}(\\.[0-9]{1,3})?:[1-9][0-9]{0,4}(\\.[0-9]{1,3})?$",
        "x-form": "write width, colon, height, like 16:9",
    }


def excludes(*keys: str) -> Schema:
    """For `dependentSchemas`: none of these keys may stand beside."""
    return {"properties": dict.fromkeys(keys, False)}


def at_least(*keys: str) -> Schema:
    """`if`/`then` for a schema: one of these keys must stand there."""
    listed = ", ".join(f"`{key}:`" for key in keys[:-1])
    return {
        "if": excludes(*keys),
        "then": {"required": [keys[0]], "x-missing": f"say {listed} or `{keys[-1]}:`; none of them stands here"},
    }


def filled(schema: Schema, params: Mapping[str, Any]) -> dict[str, Any]:
    """The params with the schema's defaults where nothing is said; None where there is no default either."""
    return {name: params.get(name, each.get("default")) for name, each in schema["properties"].items()}


def pixels(value: float | str, whole: float) -> int:
    """A length in pixels; a share is taken of `whole`. Rounded: the value of a template may come out as 12.0."""
    if isinstance(value, str):
        return round(float(value.strip().rstrip("%")) / 100 * whole)
    return round(value)


def shape(value: str) -> float:
    """Width divided by height."""
    width, height = value.strip().split(":")
    return float(width) / float(height)


def placed(anchor: str, room: Size, size: Size) -> Size:
    """Left and top of a thing of `size` that stands at the anchor of `room`; negative where it is larger."""
    right, down = ANCHORS[anchor]
    return round((room[0] - size[0]) * right), round((room[1] - size[1]) * down)


def checked_size(width: int, height: int) -> Size:
    """The size, if a picture of it can be made. Raises OperationFailed."""
    if min(width, height) < 1:
        raise OperationFailed(f"nothing would be left of this picture: {said((width, height))}")
    if max(width, height) > MOST_SIDE or width * height > MOST_AREA:
        raise OperationFailed(
            f"a picture of {said((width, height))} pixels is too large",
            hint=f"at most {MOST_SIDE} pixels a side and {MOST_AREA // 1_000_000} megapixels",
        )
    return width, height


def size_objection(width: int, height: int) -> str | None:
    """Why no picture of this size can be made, in one sentence, or None."""
    try:
        checked_size(width, height)
    except OperationFailed as failed:
        return in_one_sentence(failed)
    return None


def in_one_sentence(failed: OperationFailed) -> str:
    """What is wrong and how to mend it, for an `objection`."""
    return f"{failed.message}; {failed.hint}" if failed.hint else failed.message


def said(size: Size) -> str:
    """A size in words."""
    return f"{size[0]} × {size[1]}"
