"""A picture file as the house knows it: its facts, its opened form, and what a model is sent of it.

Pictures travel as the bytes of a PNG, JPEG or WebP file. Three questions are answered here, each raising BadImage with
a sentence for authors when the bytes are no picture we can use:

    inspect(data)       what is it?            an Artifact: two digests, type, size
    open_picture(data)  let me edit it         a decoded Pillow image, the right way up
    for_model(data)     let me send it         upright, 8-bit, sRGB, no metadata, within a size

A fourth one is answered without decoding: is_whole(data), whether a file that came over the network reached its end.

What a file tells other programs is written, without touching the picture, by runner.artifact.xmp.

The image library is loaded by the first call, never by the import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
"""File name extension by media type: the formats that retouch reads and writes."""

MOST_BYTES = 10 * 1000 * 1000
"""Largest picture that a provider takes, decoded (DESIGN §8)."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Facts about a picture file. Two files with equal `pixels` show the same picture."""

    digest: str
    """SHA-256 of the file's bytes."""
    pixels: str
    """SHA-256 of the picture as seen: upright pixels with their mode, size, bit depth and colour profile."""
    media_type: str
    """`image/png`, `image/jpeg` or `image/webp`."""
    width: int
    """Pixels from left to right, as seen."""
    height: int
    """Pixels from top to bottom, as seen."""
    size: int
    """Bytes of the file."""
    rehearsal: bool = False
    """Whether the file says of itself that it is a stand-in of a rehearsal."""

    @property
    def extension(self) -> str:
        """`png`, `jpg` or `webp`: how a file with these bytes is named."""
        return EXTENSIONS[self.media_type]

    def to_json(self) -> dict[str, Any]:
        """The facts as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Artifact:
        """The Artifact that to_json() wrote. Raises KeyError when a fact is missing."""
        return cls(**{name: value[name] for name in cls.__slots__})


def inspect(data: bytes) -> Artifact:
    """The facts of a picture file, which is read to its last row. Raises BadImage."""
    from runner import digest
    from runner.artifact import reading, xmp

    seen = reading.read(data)
    width, height = seen.image.size
    pixels, stand_in = reading.pixel_digest(seen), xmp.is_rehearsal(data)
    return Artifact(digest.of_bytes(data), pixels, seen.media_type, width, height, len(data), stand_in)


def is_whole(data: bytes) -> bool:
    """Whether a PNG, JPEG or WebP file reaches the end that its own frame names: quick, for files just fetched.

    What is whole may still be damaged inside: that shows when it is read.
    """
    from runner.artifact import metadata

    if data[:4] == b"RIFF":
        return int.from_bytes(data[4:8], "little") + 8 <= len(data)
    if data[:2] == b"\xff\xd8":
        return any(marker == 0xD9 and end <= len(data) for marker, _, end in metadata.jpeg_segments(data))
    return any(kind == b"IEND" and end <= len(data) for kind, _, end in metadata.png_chunks(data))


def open_picture(data: bytes) -> Image.Image:
    """The decoded picture, the right way up, in the mode of its file; only `icc_profile` is kept in `info`.

    Modes: 1, L, LA, P, RGB, RGBA, CMYK and I;16 (16-bit grey). Raises BadImage.
    """
    from runner.artifact import reading

    return reading.read(data).image


def for_model(data: bytes, limit: int = MOST_BYTES) -> bytes:
    """The picture as a model is sent it: upright, 8-bit, sRGB, without metadata, at most `limit` bytes.

    A file that is so already comes back untouched; see runner.artifact.sending for what happens to others. The same
    bytes give the same answer. Raises BadImage.
    """
    from runner.artifact import sending

    return sending.prepared(data, limit)
