"""Pictures made for tests: files with known colours, and the pixels of files that come back."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

Pixel = tuple[int, ...]


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The image as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """The file as an image, decoded and not turned."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def plain(width: int, height: int, color: str | Pixel = "red", mode: str = "RGB") -> bytes:
    """A PNG of one colour."""
    return saved(Image.new(mode, (width, height), color))


def quarters(width: int = 64, height: int = 48) -> Image.Image:
    """Red above left, green above right, blue below left, white below right."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste((0, 255, 0), (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def corners(image: Image.Image) -> list[Pixel]:
    """The colours in the middle of the four quarters: above left, above right, below left, below right."""
    width, height = image.size
    return [
        pixel(image, x, y)
        for x, y in (
            (width // 4, height // 4),
            (3 * width // 4, height // 4),
            (width // 4, 3 * height // 4),
            (3 * width // 4, 3 * height // 4),
        )
    ]


def pixel(image: Image.Image, x: int, y: int) -> Pixel:
    """One pixel as a tuple, also of a grey picture."""
    value = image.getpixel((x, y))
    assert value is not None
    return value if isinstance(value, tuple) else (int(value),)


def near(one: Pixel, other: Pixel, within: int = 2) -> bool:
    """Whether two colours are the same, give or take a few steps."""
    return len(one) == len(other) and all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def png(
    width: int, height: int, bits: int, kind: int, rows: bytes, *extra: tuple[bytes, bytes], interlaced: bool = False
) -> bytes:
    """A PNG written by hand: `kind` 0 grey, 2 RGB, 4 grey and alpha, 6 RGBA; `rows` with their filter bytes."""
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, body) for name, body in ((b"IHDR", header), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def wide_profile() -> bytes:
    """An ICC profile of a space wider than sRGB: the primaries of Display P3 and a plain 2.2 gamma."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(each * 65536)) for each in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    lights = {
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
    }
    return _profile(b"mntr", b"RGB ", b"XYZ ", lights | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def grey_profile() -> bytes:
    """An ICC profile of grey without gamma: half the number is half the light."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": b"curv\0\0\0\0\0\0\0\0"})


def ink_profile() -> bytes:
    """An ICC profile of a press whose cyan is Lab(70, -30, -40), whose magenta is Lab(50, 70, 0), and so on."""
    inks = ((-30, -30, -40), (-50, 70, 0), (-10, 0, 80), (-90, 0, 0))
    grid = bytearray()
    for corner in range(16):
        laid = [ink for at, ink in enumerate(inks) if corner >> (3 - at) & 1]
        light = max(0, 100 + sum(ink[0] for ink in laid))
        green, yellow = (sum(ink[axis] for ink in laid) for axis in (1, 2))
        grid += bytes((round(light * 2.55), 128 + green, 128 + yellow))
    matrix = b"".join(struct.pack(">i", 65536 if at % 4 == 0 else 0) for at in range(9))
    straight = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + straight * 4 + bytes(grid) + straight * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


def _profile(kind: bytes, space: bytes, between: bytes, facts: dict[bytes, bytes]) -> bytes:
    """An ICC profile, version 2, with these tags."""
    text = b"made for tests\0"
    facts = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061),
        **facts,
    }
    table, stored, at = b"", b"", 128 + 4 + 12 * len(facts)
    for name, body in facts.items():
        table += name + struct.pack(">II", at + len(stored), len(body))
        stored += body + bytes(-len(body) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(stored), b"none", 0x02100000, kind, space, between)
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp")
    head += bytes(28) + struct.pack(">iii", 63190, 65536, 54061) + bytes(48)
    return head + struct.pack(">I", len(facts)) + table + stored
