"""The picture as a model is sent it: upright, 8-bit, sRGB, without metadata, within a size.

The least is done that will do:

1. A file that is all of that is sent as it is.
2. Metadata are cut out of the file; its pixels are not touched.
3. A picture that stands on its side, or is not 8-bit sRGB, is written anew: a JPEG as JPEG (quality 95, full colour
   resolution), everything else as PNG.
4. A picture above the limit becomes such a JPEG if it is opaque; if that does not suffice, or it has transparent
   parts, it is made smaller until it fits.

Transparent parts are kept, and what lies hidden under them becomes white: some hosts drop the alpha channel, and then
the model sees a clean white ground and no leftovers. Authors who want another ground say so with `convert:`.
"""

from __future__ import annotations

import io
import math

from PIL import Image

from runner.artifact import metadata, reading, srgb
from runner.errors import BadImage

_QUALITY = 95
_PLAIN = frozenset(("L", "LA", "P", "RGB", "RGBA"))


def prepared(data: bytes, limit: int) -> bytes:
    """What is sent of this file, at most `limit` bytes. Raises BadImage when no picture fits."""
    seen = reading.read(data)
    picture = srgb.to_srgb(seen.image)
    clean = _clean_ground(picture)
    if _as_wanted(seen) and clean is picture:
        bare = metadata.without(data, seen.media_type)
        if len(bare) <= limit:
            return bare
    return _within(clean, limit, prefer_jpeg=seen.media_type == "image/jpeg")


def _as_wanted(seen: reading.Read) -> bool:
    """Whether the file's own pixels can be sent: upright, 8-bit, and without a profile that changes them."""
    image = seen.image
    if seen.turned or seen.bits > 8 or image.mode not in _PLAIN:
        return False
    return not image.info.get("icc_profile") or (image.mode not in {"L", "LA"} and srgb.rgb_profile(image) is None)


def _clean_ground(image: Image.Image) -> Image.Image:
    """The picture with white under everything wholly transparent; `image` itself when nothing is to be done."""
    if image.mode != "RGBA":
        return image
    hidden = image.getchannel("A").point([255] + [0] * 255)
    clean = image.copy()
    clean.paste((255, 255, 255, 0), mask=hidden)
    return image if clean.tobytes() == image.tobytes() else clean


def _within(image: Image.Image, limit: int, *, prefer_jpeg: bool) -> bytes:
    opaque = image.mode == "RGB"
    data = b"" if prefer_jpeg and opaque else _png(image)
    if opaque and not 0 < len(data) <= limit:
        data = _jpeg(image)
    while len(data) > limit:
        factor = min(0.9, 0.97 * math.sqrt(limit / len(data)))
        width, height = (int(side * factor) for side in image.size)
        if min(width, height) < 1:
            raise BadImage(f"this picture cannot be brought below {limit:,} bytes")
        image = image.resize((width, height), Image.Resampling.LANCZOS)
        data = _jpeg(image) if opaque else _png(image)
    return data


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, subsampling="4:4:4")
    return out.getvalue()
