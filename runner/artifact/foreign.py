"""Files that are no PNG, JPEG or WebP: what they are, by their first bytes, and what their owner can do."""

from __future__ import annotations

_CONVERT = "save it as PNG or JPEG first"
_DEVELOP = "develop it to JPEG first, with the camera's program or another one"
_PHONE = "save it as JPEG first; a phone can be set to take JPEG"
_EXPORT = "export it as PNG first"
_PAGE = "download the picture itself, not the page around it"
_REPLACE = "give a PNG, JPEG or WebP file"

_TIFF = "a TIFF picture or a camera's raw file"
_RAW = "a camera's raw file"

_KNOWN = (
    (0, b"GIF8", "a GIF", _CONVERT),
    (0, b"BM", "a BMP picture", _CONVERT),
    (0, b"II*\x00", _TIFF, _CONVERT),
    (0, b"MM\x00*", _TIFF, _CONVERT),
    (0, b"II+\x00", _TIFF, _CONVERT),
    (0, b"MM\x00+", _TIFF, _CONVERT),
    (0, b"IIRO", _RAW, _DEVELOP),
    (0, b"IIRS", _RAW, _DEVELOP),
    (0, b"IIU\x00", _RAW, _DEVELOP),
    (0, b"FUJIFILMCCD-RAW", _RAW, _DEVELOP),
    (4, b"ftypcrx", _RAW, _DEVELOP),
    (0, b"8BPS", "a Photoshop file", _CONVERT),
    (0, b"gimp xcf", "a GIMP file", _CONVERT),
    (0, b"%PDF", "a PDF document", "export the page as PNG or JPEG first"),
    (0, b"%!PS", "a PostScript drawing", _EXPORT),
    (0, b"PK\x03\x04", "a zip archive or an office document", _REPLACE),
    (0, b"\x00\x00\x01\x00", "an icon file", _CONVERT),
    (0, b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture", _CONVERT),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture", _CONVERT),
    (0, b"\xff\x0a", "a JPEG XL picture", _CONVERT),
    (0, b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture", _CONVERT),
    (4, b"ftypavi", "an AVIF picture", _CONVERT),
    (4, b"ftyphe", "a HEIC photo", _PHONE),
    (4, b"ftypmif1", "a HEIC photo", _PHONE),
    (4, b"ftypmsf1", "a HEIC photo", _PHONE),
    (4, b"ftyp", "a video", _REPLACE),
    (0, b"<svg", "an SVG drawing", _EXPORT),
    (0, b"<?xml", "an SVG drawing or other XML", _EXPORT),
    (0, b"<!doctype", "a web page", _PAGE),
    (0, b"<html", "a web page", _PAGE),
    (0, b"<!--", "a web page", _PAGE),
    (0, b"version https://git-lfs", "a Git LFS pointer and not the picture itself", "run `git lfs pull`"),
    (0, b"\x00\x05\x16\x07", "what a Mac notes beside a picture", "give the file without `._` before its name"),
)  # fmt: skip
"""Position, first bytes (in lower case for text), the words for the file, and what to do."""
_LOOKED_AT = 512


def described(data: bytes) -> tuple[str, str]:
    """What a file is, in a few words, and what to do about it."""
    start = data[:_LOOKED_AT]
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for at, first, words, hint in _KNOWN:
        if start[at:].startswith(first) or text.startswith(first):
            return words, hint
    return "text" if _is_text(start) else "not a picture that retouch knows", _REPLACE


def _is_text(start: bytes) -> bool:
    try:
        words = start.decode("utf-8", errors="ignore" if len(start) == _LOOKED_AT else "strict")
    except UnicodeDecodeError:
        return False
    return len(words) > len(start) // 2 and all(each.isprintable() or each in "\r\n\t" for each in words)
