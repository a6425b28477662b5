"""A picture file without what it tells beside the picture, and without touching a pixel.

Cameras write where and when and by whom; editors write texts; phones hang a short film behind the photo. All of it
stands in parts of the file that can be left out. What says how to show the pixels stays: size, tables, colour profile.
"""

from __future__ import annotations

from collections.abc import Iterator

_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT"))
_JPEG_KEPT = frozenset((*range(0xC0, 0xD0), *range(0xDA, 0xDE), 0xE0, 0xEE))
"""Frames and their tables, scans, JFIF and Adobe's mark; of the segments 0xE2, the colour profile is kept too."""
_WEBP_LEFT_OUT = frozenset((b"EXIF", b"XMP "))
_WEBP_HAS_METADATA = 0b0000_1100
"""Bits in the VP8X chunk that announce EXIF and XMP."""


def without(data: bytes, media_type: str) -> bytes:
    """The same picture without metadata: `data` itself where there is none. `data` is a whole file that can be read."""
    kept = b"".join({"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}[media_type](data))
    return data if kept == data else kept


def _png(data: bytes) -> Iterator[bytes]:
    yield data[:8]
    at, kind = 8, b""
    while kind != b"IEND" and at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if kind in _PNG_KEPT:
            yield data[at:end]
        at = end


def _jpeg(data: bytes) -> Iterator[bytes]:
    """The segments that are kept, with the compressed data behind each scan, up to the end marker."""
    yield data[:2]
    at = 2
    while at + 4 <= len(data):
        marker = data[at + 1]
        if data[at] != 0xFF or marker in {0x00, 0xFF}:  # a stray byte, or a fill byte before the marker
            at += 1
            continue
        if marker == 0xD9:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        profile = marker == 0xE2 and data[at + 4 : at + 16] == b"ICC_PROFILE\0"
        if marker == 0xDA:
            end = _scan_end(data, end)
        if marker in _JPEG_KEPT or profile:
            yield data[at:end]
        at = end
    yield b"\xff\xd9"


def _scan_end(data: bytes, at: int) -> int:
    """Where compressed data end: at the first 0xFF that starts a marker other than a stuffed zero or a restart."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7 and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2
    return len(data)


def _webp(data: bytes) -> Iterator[bytes]:
    chunks = bytearray()
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        chunk = bytearray(data[at : at + 8 + length + length % 2])
        if kind == b"VP8X":
            chunk[8] &= ~_WEBP_HAS_METADATA & 0xFF
        if kind not in _WEBP_LEFT_OUT:
            chunks += chunk
        at += 8 + length + length % 2
    yield b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WEBP" + bytes(chunks)
