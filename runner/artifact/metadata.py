"""What a picture file tells beside the picture: the one note that we follow, and how to leave out all of them.

Cameras write where and when and by whom; editors write texts; phones hang a short film behind the photo. All of it
stands in parts of the file that can be left out without touching a pixel. What says how to show the pixels stays: size,
tables, colour profile. The files are walked here by their own frame, so that broken notes never reach a library that
would stumble over them or print about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT"))
_JPEG_KEPT = frozenset((*range(0xC0, 0xD0), *range(0xD9, 0xDE), 0xE0, 0xEE))
"""Frames and their tables, scans, the end, JFIF and Adobe's mark; of the segments 0xE2, the colour profile is kept."""
_WEBP_LEFT_OUT = frozenset((b"EXIF", b"XMP "))
_WEBP_HAS_METADATA = 0b0000_1100
"""Bits in the VP8X chunk that announce EXIF and XMP."""
_ORIENTATION, _LONG = 0x0112, 4
"""EXIF's tag for the position, and its type of four-byte numbers (most cameras write two)."""


def without(data: bytes, media_type: str) -> bytes:
    """The same picture without metadata, and without what stands behind it: `data` itself where there is none."""
    kept = {"image/png": _bare_png, "image/jpeg": _bare_jpeg, "image/webp": _bare_webp}[media_type](data)
    return data if kept == data else kept


def orientation(data: bytes, media_type: str) -> int:
    """EXIF orientation, 1 to 8; 1 (upright) where none is noted, or where the note cannot be read."""
    block = _exif(data, media_type)
    if block[:2] not in {b"II", b"MM"}:
        return 1
    order: Literal["little", "big"] = "little" if block[:2] == b"II" else "big"

    def number(at: int, length: int) -> int:
        return int.from_bytes(block[at : at + length], order)

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * min(number(first, 2), 1000), 12):
        if number(entry, 2) == _ORIENTATION:
            noted = number(entry + 8, 4 if number(entry + 2, 2) == _LONG else 2)
            return noted if 1 <= noted <= 8 else 1
    return 1


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk of a PNG, length and checksum included, up to the end chunk."""
    at = 8
    while at + 12 <= len(data):
        kind, end = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield kind, at, end
        if kind == b"IEND":
            return
        at = end


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment, with the compressed data behind a scan, up to the end marker."""
    at = 2
    while at + 2 <= len(data):
        marker = data[at + 1]
        if data[at] != 0xFF or marker in {0x00, 0xFF}:  # stray bytes, or a fill byte before the marker
            at = data.find(b"\xff", at + 1)
            if at < 0:
                return
            continue
        end = at + 2
        if marker != 0xD9:
            end += int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            end = _scan_end(data, end)
        yield marker, at, end
        if marker == 0xD9:
            return
        at = end


def _scan_end(data: bytes, at: int) -> int:
    """Where compressed data end: at the first 0xFF that starts a marker other than a stuffed zero or a restart."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7 and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2
    return len(data)


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk of a WebP, padding included."""
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], at, at + 8 + length + length % 2
        at += 8 + length + length % 2


def _bare_png(data: bytes) -> bytes:
    return data[:8] + b"".join(data[at:end] for kind, at, end in png_chunks(data) if kind in _PNG_KEPT)


def _bare_jpeg(data: bytes) -> bytes:
    return data[:2] + b"".join(
        data[at:end]
        for marker, at, end in jpeg_segments(data)
        if marker in _JPEG_KEPT or (marker == 0xE2 and data[at + 4 : at + 16] == b"ICC_PROFILE\0")
    )


def _bare_webp(data: bytes) -> bytes:
    chunks = bytearray()
    for kind, at, end in webp_chunks(data):
        chunk = bytearray(data[at:end])
        if kind == b"VP8X" and len(chunk) > 8:
            chunk[8] &= ~_WEBP_HAS_METADATA & 0xFF
        if kind not in _WEBP_LEFT_OUT:
            chunks += chunk
    return b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WEBP" + bytes(chunks)


def _exif(data: bytes, media_type: str) -> bytes:
    """The file's EXIF block, from its byte order mark on; empty where there is none."""
    if media_type == "image/png":
        found = (data[at + 8 : end - 4] for kind, at, end in png_chunks(data) if kind == b"eXIf")
    elif media_type == "image/jpeg":
        found = (
            data[at + 4 : end]
            for marker, at, end in jpeg_segments(data)
            if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0"
        )
    else:
        found = (data[at + 8 : end] for kind, at, end in webp_chunks(data) if kind == b"EXIF")
    return next(found, b"").removeprefix(b"Exif\0\0")
