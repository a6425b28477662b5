"""What the operations do with pictures: read them into one colour space, name colours in it, and write the result.

An operation works on 8-bit RGB or RGBA in the space of its first picture. Results are PNG, so that no step costs
quality; only `convert` chooses another format. Nothing of the file but pixels and colour profile goes on.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageColor

from runner import artifact
from runner.artifact import srgb
from runner.operations.params import Part, Size

Color = tuple[int, int, int, int]
"""Red, green, blue and alpha, 0 to 255."""

_COMPRESSION = 2
"""Of 0 to 9: twelve megapixels take well under a second, and files are a tenth larger than they could be."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture at work."""

    image: Image.Image
    """Mode RGB or RGBA, upright."""
    profile: bytes | None
    """ICC profile of the RGB space its values are meant in; None for sRGB."""

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return self.image.size

    @property
    def transparent(self) -> bool:
        """Whether anything shows through."""
        return self.image.mode == "RGBA" and self.image.getchannel("A").getextrema() != (255, 255)

    def with_image(self, image: Image.Image) -> Picture:
        """Another picture in the same space."""
        return Picture(image, self.profile)


def read(data: bytes) -> Picture:
    """A picture file in its own RGB space, or in sRGB where it has none (CMYK, 16-bit and profiled grey)."""
    image, profile = srgb.to_rgb(artifact.open_picture(data))
    return Picture(image, profile)


def read_into(data: bytes, profile: bytes | None) -> Image.Image:
    """A further picture, in the space of the first; mode RGB or RGBA."""
    picture = read(data)
    return srgb.between(picture.image, picture.profile, profile)


def in_srgb(picture: Picture) -> Picture:
    """The picture with its values moved to sRGB."""
    return Picture(srgb.between(picture.image, picture.profile, None), None)


def color_in(text: str, profile: bytes | None) -> Color:
    """An sRGB colour in the space of a profile (None: sRGB)."""
    text = text.strip()
    if text == "transparent":
        return 0, 0, 0, 0
    values = ImageColor.getrgb(text)
    dot = Image.new("RGB", (1, 1), values[:3])
    red, green, blue = srgb.between(dot, None, profile).tobytes()
    return red, green, blue, values[3] if len(values) == 4 else 255


def on_background(image: Image.Image, color: Color) -> Image.Image:
    """The picture with a colour laid under it; without alpha when nothing shows through any more."""
    if image.mode == "RGB":
        return image
    ground = Image.new("RGBA", image.size, color)
    ground.alpha_composite(image)
    return ground.convert("RGB") if color[3] == 255 else ground


def on_canvas(size: Size, image: Image.Image, at: Size, color: Color) -> Image.Image:
    """A picture of one colour with this one on it; without alpha when nothing shows through."""
    ground = Image.new("RGBA", size, color)
    ground.alpha_composite(image.convert("RGBA"), at)
    return ground.convert("RGB") if color[3] == 255 else ground


def scaled(image: Image.Image, size: Size, part: Part | None = None) -> Image.Image:
    """The picture, or a part of it, in another size. Colours under transparent pixels do not bleed into others."""
    if part is None and size == image.size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, part)


def background(text: str | None, picture: Picture) -> Color:
    """The colour asked for; else white, or nothing at all under a picture that has transparent parts itself."""
    return color_in(text or ("transparent" if picture.transparent else "white"), picture.profile)


def png(picture: Picture) -> bytes:
    """The picture as a PNG file with its profile."""
    out = io.BytesIO()
    picture.image.save(out, "PNG", compress_level=_COMPRESSION, icc_profile=picture.profile)
    return out.getvalue()


def stamp(image: Image.Image, mask: Image.Image, at: Size, color: Color) -> None:
    """Lay a colour on an RGBA picture where the mask (mode L) says so; parts outside the picture are left out."""
    left, top = at
    box = max(0, -left), max(0, -top), min(mask.width, image.width - left), min(mask.height, image.height - top)
    if box[0] >= box[2] or box[1] >= box[3]:
        return
    shown = mask.crop(box)
    if color[3] < 255:
        shown = shown.point([round(value * color[3] / 255) for value in range(256)])
    ink = Image.new("RGB", shown.size, color[:3])
    ink.putalpha(shown)
    image.alpha_composite(ink, (left + box[0], top + box[1]))
