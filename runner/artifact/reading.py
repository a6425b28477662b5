"""Bytes to a decoded picture, safely: what kind of file it is, whether it is whole, and which way is up.

The image library is lenient where we must not be. It opens a PNG whose data end after a few rows, warns about size
instead of refusing, takes the photo with a depth map that many phones write for two frames of an animation, and prints
about broken notes. So the plug-in of one format is called by name, and sees the bare picture only.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from runner import digest
from runner.artifact import foreign, metadata
from runner.errors import BadImage

MOST_PIXELS = 120_000_000
"""Largest picture, in pixels: the photos of most phones and cameras, and less than half a gigabyte of memory."""
_MOST_PIXELS_WEBP = 89_000_000
"""Largest WebP: above it, the image library warns or fails by itself."""

_PNG_START = b"\x89PNG\r\n\x1a\n"
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by its EXIF orientation (1 is upright)."""
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""The passes of an interlaced PNG: first column and row, steps to the right and down."""

_FAILURES = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error, zlib.error)
"""What the image library raises over damaged files."""

_MOST_SCANS = 100
"""Of a JPEG. A progressive one has ten or twenty; each paints the whole picture once more."""


@dataclass(frozen=True, slots=True)
class Read:
    """A decoded picture, and what the file said of it."""

    image: Image.Image
    """Upright; its `info` holds the file's `icc_profile`, if any, and nothing else."""
    media_type: str
    turned: bool
    """The file stored it in another position."""
    bits: int
    """Bits per channel in the file: 1, 2, 4, 8 or 16."""


def read(data: bytes) -> Read:
    """Decode a whole PNG, JPEG or WebP file. Raises BadImage for anything else."""
    media_type = recognise(data)
    try:
        image, bits = _opened(data, media_type)
        _check_size(*image.size)
        if media_type == "image/png":
            _check_rows(data)
        if getattr(image, "n_frames", 1) > 1:
            raise _animated()
        image.load()
        turn = _TURNS.get(metadata.orientation(data, media_type))
        return Read(_bare(image, bits, turn), media_type, turn is not None, bits)
    except _FAILURES as error:
        raise _broken(str(error)) from error


def recognise(data: bytes) -> str:
    """The media type of a picture that we read, by its first bytes. Raises BadImage that says what it is instead."""
    if not data:
        raise BadImage("this file is empty: 0 bytes", hint="download or save the picture again")
    if data.startswith(_PNG_START):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    words, hint = foreign.described(data)
    raise BadImage(f"this file is {words}", hint=hint)


def pixel_digest(seen: Read) -> str:
    """SHA-256 over the picture as seen. A palette counts by the colours it gives, not by their order."""
    image = seen.image
    profile = image.info.get("icc_profile")
    if image.mode == "P":
        image = image.convert("RGB")
    facts = (image.mode, image.size, max(8, seen.bits), digest.of_bytes(profile) if profile else None)
    found = hashlib.sha256(digest.canonical(facts))
    found.update(image.tobytes())
    return found.hexdigest()


def _opened(data: bytes, media_type: str) -> tuple[Image.Image, int]:
    """The picture, not yet decoded, and its bits per channel."""
    stream = io.BytesIO(metadata.without(data, media_type))
    if media_type == "image/png":
        return PngImagePlugin.PngImageFile(stream), data[24]
    if media_type == "image/jpeg":
        if sum(marker == 0xDA for marker, _, _ in metadata.jpeg_segments(data)) > _MOST_SCANS:
            raise _broken("too many scans")
        return JpegImagePlugin.JpegImageFile(stream), 8
    if int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise _broken("truncated")
    _check_size(*_webp_size(data), most=_MOST_PIXELS_WEBP)
    return WebPImagePlugin.WebPImageFile(stream), 8


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height as the first chunk of a WebP says them: of the canvas, or of its one picture."""
    match data[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L":
            packed = int.from_bytes(data[21:25], "little")
            return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
        case _:
            return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


def _check_size(width: int, height: int, most: int = MOST_PIXELS) -> None:
    if width * height > most:
        raise BadImage(
            f"this picture is {width} × {height}, {width * height / 1e6:.0f} megapixels: too large to work with",
            hint=f"make it smaller than {most // 1_000_000} megapixels first",
        )


def _check_rows(data: bytes) -> None:
    """Refuse a PNG with fewer rows than its header promises, without its end, or with several frames."""
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    per_pixel = bits * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    missing = sum(rows * (1 + (columns * per_pixel + 7) // 8) for columns, rows in _passes(width, height, interlaced))
    stream = zlib.decompressobj()
    ended = False
    for kind, at, end in metadata.png_chunks(data):
        ended = kind == b"IEND" and end <= len(data)
        if kind == b"acTL" and int.from_bytes(data[at + 8 : at + 12], "big") > 1:
            raise _animated()
        packed = data[at + 8 : end - 4] if kind == b"IDAT" else b""
        while packed and missing > 0:
            missing -= len(stream.decompress(packed, 1 << 20))
            packed = stream.unconsumed_tail
    if missing > 0 or not ended:
        raise _broken("truncated")


def _passes(width: int, height: int, interlaced: int) -> Iterator[tuple[int, int]]:
    """Columns and rows of each pass over the picture: one, or the seven of PNG's Adam7 interlacing."""
    if not interlaced:
        yield width, height
        return
    for x, y, right, down in _ADAM7:
        columns, rows = -(-(width - x) // right), -(-(height - y) // down)
        if columns > 0 and rows > 0:
            yield columns, rows


def _bare(image: Image.Image, bits: int, turn: Image.Transpose | None) -> Image.Image:
    """A copy of the pixels, upright, with the profile and the transparency, and without the file's other facts."""
    profile, transparent = image.info.get("icc_profile"), image.info.get("transparency")
    plain = image.transpose(turn) if turn is not None else image.copy()
    plain.info.clear()
    if transparent is not None:
        plain = _with_alpha(plain, transparent, bits)
    if profile:
        plain.info["icc_profile"] = profile
    return plain


def _with_alpha(image: Image.Image, transparent: int | bytes | tuple[int, ...], bits: int) -> Image.Image:
    """Alpha as a channel, from a PNG that names one transparent colour or gives its palette alpha values.

    The file names the colour in its own bit depth, the decoded picture has 8 bits.
    """
    if image.mode == "I;16":
        image = eight_bit(image)
    if image.mode == "1":
        image = image.convert("L")
    if not isinstance(transparent, bytes) and image.mode != "P":
        values = transparent if isinstance(transparent, tuple) else (transparent,)
        scaled = tuple(value >> 8 if bits == 16 else value * 255 // (2**bits - 1) for value in values)
        transparent = scaled if len(scaled) > 1 else scaled[0]
    image.info["transparency"] = transparent
    opaque = image.convert("LA" if image.mode == "L" else "RGBA")
    opaque.info.clear()
    return opaque


def eight_bit(image: Image.Image) -> Image.Image:
    """16-bit grey as 8-bit grey: the upper byte of each pixel. (The library's own conversion clips to white.)"""
    return Image.frombytes("L", image.size, image.tobytes()[1::2])


def _animated() -> BadImage:
    return BadImage("this picture is an animation", hint="save one frame of it as PNG, JPEG or WebP")


def _broken(detail: str) -> BadImage:
    if any(word in detail.lower() for word in ("truncated", "eof", "end of", "incomplete")):
        return BadImage(
            "this picture is cut off: the file ends before its last row", hint="download or copy the whole file again"
        )
    return BadImage("this picture is damaged and cannot be read", hint="open it in an image editor and save it again")
