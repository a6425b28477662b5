"""Picture files that are none, or mean harm, or are only odd: each made here, with what must be told about it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from tests.pictures import chunk, png, quarters, saved

RED_ROW = b"\0" + bytes((200, 30, 30)) * 512


@dataclass(frozen=True, slots=True)
class Bad:
    """A file that is refused, and words of the refusal and of its hint."""

    name: str
    data: bytes
    words: str
    hint: str


@dataclass(frozen=True, slots=True)
class Odd:
    """A file that is taken, and the size at which it is seen."""

    name: str
    data: bytes
    size: tuple[int, int] = (64, 48)


def refused() -> Iterator[Bad]:
    """Everything that no step can start from."""
    yield Bad("empty", b"", "empty: 0 bytes", "download or save the picture again")
    yield from _cut()
    yield from _bombs()
    yield from _animations()
    yield from _foreign()


def _cut() -> Iterator[Bad]:
    again, damaged = "download or copy the whole file again", "open it in an image editor and save it again"
    whole = {"png": saved(quarters()), "jpeg": saved(quarters(640, 480), "JPEG"), "webp": saved(quarters(), "WEBP")}
    for kind, data in whole.items():
        yield Bad(f"half-a-{kind}", data[: len(data) // 2], "cut off", again)
        yield Bad(f"one-byte-less-{kind}", data[:-1], "cut off", again)
    yield Bad("8-of-512-rows", png(512, 512, 8, 2, RED_ROW * 8), "cut off", again)
    yield Bad("only-a-header", png(512, 512, 8, 2, b""), "cut off", again)
    yield Bad("png-start-alone", whole["png"][:8], "damaged", damaged)
    yield Bad("jpeg-start-alone", whole["jpeg"][:3], "damaged", damaged)


def _bombs() -> Iterator[Bad]:
    smaller = "make it smaller than 120 megapixels first"
    damaged = "open it in an image editor and save it again"
    yield Bad("50000-by-50000", png(50_000, 50_000, 8, 2, b""), "50000 × 50000, 2500 megapixels", smaller)
    yield Bad("wide-as-a-number-goes", png(2**31 - 1, 1, 8, 2, b""), "megapixels", smaller)
    yield Bad("no-size", png(0, 0, 8, 2, b""), "damaged", damaged)
    huge = bytearray(saved(quarters(), "JPEG"))
    at = huge.index(b"\xff\xc0")
    huge[at + 5 : at + 9] = struct.pack(">HH", 65_500, 65_500)
    yield Bad("jpeg-65500-by-65500", bytes(huge), "65500 × 65500, 4290 megapixels", smaller)
    canvas = b"VP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2
    data = b"RIFF" + struct.pack("<I", len(canvas) + 4) + b"WEBP" + canvas
    yield Bad("webp-canvas", data, "16384 × 16384, 268 megapixels", "make it smaller than 89 megapixels first")
    profile = b"p\0\0" + zlib.compress(bytes(50_000_000), 9)
    yield Bad("bomb-in-a-profile", png(512, 512, 8, 2, RED_ROW * 512, (b"iCCP", profile)), "damaged", damaged)
    yield Bad("a-thousand-scans", _many_scans(1_000), "damaged", damaged)


def _many_scans(count: int) -> bytes:
    """A JPEG that paints the same picture again and again: small to keep, and slow to look at."""
    data = saved(quarters(), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    scan = data[start:-2]
    return data[:-2] + scan * count + b"\xff\xd9"


def _animations() -> Iterator[Bad]:
    frames = {"save_all": True, "append_images": [quarters().rotate(180)]}
    hint = "save one frame of it as PNG, JPEG or WebP"
    yield Bad("animated-png", saved(quarters(), "PNG", **frames), "an animation", hint)
    yield Bad("animated-webp", saved(quarters(), "WEBP", **frames), "an animation", hint)
    yield Bad("animated-gif", saved(quarters(), "GIF", **frames), "a GIF", "save it as PNG or JPEG first")
    head = saved(quarters())[:33]
    many = head + chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)) + saved(quarters())[33:]
    yield Bad("two-milliard-frames", many, "an animation", hint)


def _foreign() -> Iterator[Bad]:
    """Files of other formats, by the bytes they begin with."""
    convert, jpeg = "save it as PNG or JPEG first", "save it as JPEG first; a phone can be set to take JPEG"
    plain = "give a PNG, JPEG or WebP file"
    raw, tiff = "a camera's raw file", "a TIFF picture or a camera's raw file"
    developed = "develop it to JPEG first, with the camera's program or another one"
    for name, start, words, hint in (
        ("gif", b"GIF89a\x40\0\x30\0", "a GIF", convert),
        ("bmp", saved(quarters(), "BMP"), "a BMP picture", convert),
        ("tiff", saved(quarters(), "TIFF"), tiff, convert),
        ("tiff-big-endian", b"MM\0*\0\0\0\x08", tiff, convert),
        ("big-tiff", b"II+\0\x08\0\0\0", tiff, convert),
        ("psd", b"8BPS\0\x01", "a Photoshop file", convert),
        ("xcf", b"gimp xcf v011\0", "a GIMP file", convert),
        ("canon-raw", b"\0\0\0\x18ftypcrx \0\0\0\x01", raw, developed),
        ("fuji-raw", b"FUJIFILMCCD-RAW 0201", raw, developed),
        ("olympus-raw", b"IIRO\x08\0\0\0", raw, developed),
        ("panasonic-raw", b"IIU\0\x08\0\0\0", raw, developed),
        ("pdf", b"%PDF-1.7\n", "a PDF document", "export the page as PNG or JPEG first"),
        ("eps", b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript drawing", "export it as PNG first"),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing", "export it as PNG first"),
        ("svg-with-a-head", b"<?xml version='1.0'?>\n<svg/>", "an SVG drawing", "export it as PNG first"),
        ("ico", saved(quarters(32, 32), "ICO"), "an icon file", convert),
        ("jpeg-2000", b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", convert),
        ("jpeg-2000-stream", b"\xff\x4f\xff\x51\0\x2f", "a JPEG 2000 picture", convert),
        ("jpeg-xl", b"\xff\x0a\xfa\x1f", "a JPEG XL picture", convert),
        ("heic", b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC photo", jpeg),
        ("heif", b"\0\0\0\x18ftypmif1\0\0\0\0", "a HEIC photo", jpeg),
        ("avif", b"\0\0\0\x18ftypavif\0\0\0\0", "an AVIF picture", convert),
        ("mp4", b"\0\0\0\x18ftypisom\0\0\x02\0", "a video", plain),
        ("zip", _zip(), "a zip archive or an office document", plain),
        ("web-page", b"\xef\xbb\xbf\n <!DOCTYPE html><html>", "a web page", "download the picture itself"),
        ("web-page-2", b"<!-- saved --><html><body>", "a web page", "download the picture itself"),
        ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer", "git lfs pull"),
        ("beside-a-mac-file", b"\0\x05\x16\x07\0\x02\0\0Mac OS X", "what a Mac notes beside a picture", "without `._`"),
        ("text", "größer\n".encode(), "text", plain),
        ("json", b'{"error": "not found"}', "text", plain),
        ("nothing-known", b"\x01\x02\x03\x04" * 50, "not a picture that retouch knows", plain),
        ("noughts", bytes(5_000), "not a picture that retouch knows", plain),
    ):
        yield Bad(name, start, words, hint)


def taken() -> Iterator[Odd]:
    """Odd files that are good pictures all the same."""
    photo = saved(quarters(), "JPEG")
    yield Odd("with-a-web-page-behind", photo + b"<html><script>alert(1)</script></html>")
    yield Odd("with-a-zip-behind", photo + _zip())
    yield Odd("png-with-a-zip-behind", saved(quarters()) + _zip())
    yield Odd("webp-with-a-zip-behind", saved(quarters(), "WEBP") + _zip())
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield Odd(
            f"png-{mode.replace(';', '-')}", saved(quarters().convert("L" if mode == "I;16" else mode).convert(mode))
        )
    yield Odd("png-palette-with-a-hole", saved(quarters().quantize(4), transparency=0))
    for mode in ("L", "CMYK"):
        yield Odd(f"jpeg-{mode}", saved(quarters().convert(mode), "JPEG"))
    yield Odd("webp-lossless-alpha", saved(quarters().convert("RGBA"), "WEBP", lossless=True))
    note = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(30_000_000), 9))
    packet = chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(bytes(60_000_000), 9))
    yield Odd("bombs-in-notes", saved(quarters())[:33] + note + packet + saved(quarters())[33:])
    exif = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\0\x03\xff\xff\xff\xff\0\0\0\0" * 5_000
    yield Odd("exif-of-60-kb", photo[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + photo[2:])
    yield Odd("jpeg-with-junk-inside", photo[:20] + bytes(3_000_000) + photo[20:])


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Evil.class", b"\xca\xfe\xba\xbe")
    return out.getvalue()


def float_picture() -> bytes:
    """Numbers with a point for pixels: only TIFF can hold them."""
    return saved(Image.new("F", (8, 8)), "TIFF")
