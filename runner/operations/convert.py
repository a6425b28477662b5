"""`convert:` another file format: the one operation that may cost quality, because it is told to."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runner.errors import OperationFailed
from runner.operations import params as p

if TYPE_CHECKING:
    from PIL import Image

    from runner.operations.picture import Picture

NAME = "convert"
VERSION = 1
IMAGES = (1, 1)

_FORMATS = ("jpeg", "png", "webp")
_ONLY_FOR = {"quality": ("jpeg", "webp"), "lossless": ("webp",), "progressive": ("jpeg",)}
"""Params that not every format has."""

_FULL_COLOUR = 90
"""From this quality on, a JPEG keeps colour as finely as brightness."""

_LONGEST = {"jpeg": 65_500, "webp": 16_383}
"""Longest side in pixels of a file of that format."""

_ALONE = threading.Lock()
"""Held while the image library's buffer has another size."""

PARAMS: p.Schema = p.block(
    "Another file format.",
    "convert: {format: jpeg, quality: 88}",
    format={
        "title": "Format",
        "description": "`jpeg` for photos, `png` for drawings and transparent pictures, `webp` for the web.",
        "type": "string",
        "enum": list(_FORMATS),
    },
    quality={
        "title": "Quality",
        "description": "Of jpeg and webp, from 1 (small file) to 100 (best picture).",
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 90,
    },
    lossless={
        "title": "Lossless",
        "description": "Only webp: keep every pixel as it is; the file is larger.",
        "type": "boolean",
        "default": False,
    },
    progressive={
        "title": "Progressive",
        "description": "Only jpeg: a browser shows a rough picture first and then the fine one.",
        "type": "boolean",
        "default": False,
    },
    background=p.color(
        "Background",
        "The colour under transparent parts, which are then gone. Jpeg has no transparent parts: without a background "
        "they become white.",
    ),
    colors={
        "title": "Colours",
        "description": "`grayscale` makes a black-and-white picture.",
        "type": "string",
        "enum": ["full", "grayscale"],
        "default": "full",
    },
    profile={
        "title": "Colour profile",
        "description": "`srgb` is right for screens and the web; `keep` leaves the picture in the colour space it has.",
        "type": "string",
        "enum": ["srgb", "keep"],
        "default": "srgb",
    },
)
PARAMS["required"] = ["format"]
PARAMS["allOf"] = [
    {
        "if": {"properties": {"format": {"const": name}}, "required": ["format"]},
        "then": {
            "properties": {
                key: {"not": {}, "description": f"`{key}` is for {' and '.join(formats)}, not for {name}"}
                for key, formats in _ONLY_FOR.items()
                if name not in formats
            }
        },
    }
    for name in _FORMATS
]


def apply(images: Sequence[bytes], params: Mapping[str, Any]) -> bytes:
    """The picture as another file; see runner.operation.Operation."""
    from runner.operations import picture

    asked = p.filled(PARAMS, params)
    source = picture.read(images[0])
    if asked["profile"] == "srgb" or asked["colors"] == "grayscale":
        source = picture.in_srgb(source)
    grounds = [asked["background"], "white" if asked["format"] == "jpeg" else None]
    for ground in filter(None, grounds):
        source = source.with_image(picture.on_background(source.image, picture.color_in(ground, source.profile)))
    return _written(source, asked)


def _written(source: Picture, asked: Mapping[str, Any]) -> bytes:
    """The file, in the format asked for."""
    image = source.image
    longest = _LONGEST.get(asked["format"], max(image.size))
    if max(image.size) > longest:
        raise OperationFailed(
            f"the picture is {p.said(image.size)}, and a side of a {asked['format']} file has at most {longest} pixels",
            hint="`resize:` makes it smaller first",
        )
    if asked["colors"] == "grayscale":
        image = image.convert("LA" if image.mode == "RGBA" else "L")
    quality = round(asked["quality"])
    if asked["format"] == "jpeg":
        return _jpeg(image, quality, progressive=asked["progressive"], profile=source.profile)
    out = io.BytesIO()
    if asked["format"] == "webp":
        image.save(out, "WEBP", quality=quality, lossless=asked["lossless"], icc_profile=source.profile or b"")
    else:
        image.save(out, "PNG", compress_level=6, icc_profile=source.profile)
    return out.getvalue()


def _jpeg(image: Image.Image, quality: int, *, progressive: bool, profile: bytes | None) -> bytes:
    """A JPEG file.

    A progressive file is made in one go, in a buffer that must hold all of it, and the one that the image library
    makes from the picture's size is too small for much detail at high quality. So the plain file, for which any buffer
    will do, is made first: the progressive one has about its length.
    """
    from PIL import ImageFile

    subsampling = "4:4:4" if quality >= _FULL_COLOUR else "4:2:0"
    plain = io.BytesIO()
    image.save(plain, "JPEG", quality=quality, subsampling=subsampling, icc_profile=profile)
    if not progressive:
        return plain.getvalue()
    out = io.BytesIO()
    with _ALONE:
        usual = ImageFile.MAXBLOCK
        ImageFile.MAXBLOCK = max(usual, 2 * len(plain.getvalue()))  # others meanwhile merely read in larger pieces
        try:
            image.save(out, "JPEG", quality=quality, subsampling=subsampling, icc_profile=profile, progressive=True)
        finally:
            ImageFile.MAXBLOCK = usual
    return out.getvalue()
