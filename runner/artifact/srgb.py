"""Colour: every picture as 8-bit RGB or RGBA, and from one RGB space to another.

A picture without a profile is taken to be sRGB (or plain CMYK). A profile that cannot be read, or that does not fit the
picture's kind of colour, is ignored: the picture is worth more than the words about it.
"""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from runner.artifact.reading import eight_bit

_NEAR = 2
"""Steps of 255 by which two spaces may differ and still be the same to the eye."""


def to_srgb(image: Image.Image) -> Image.Image:
    """The picture in sRGB: mode RGB, or RGBA where it has transparent parts; no profile. `image` is left alone."""
    profile = image.info.get("icc_profile")
    return between(eight_bits_rgb(image), rgb_profile(image), None) if profile else eight_bits_rgb(image)


def to_rgb(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """The picture in its own RGB space: mode RGB or RGBA, and the profile of that space (None: sRGB).

    A picture that is not RGB to begin with (CMYK, grey with a profile) comes in sRGB.
    """
    profile = rgb_profile(image)
    return eight_bits_rgb(image), profile


def rgb_profile(image: Image.Image) -> bytes | None:
    """The profile in which the picture's RGB values are meant; None for sRGB and for everything not RGB."""
    profile: bytes | None = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "P"}:
        return None
    opened = _opened(profile, "RGB")
    return None if opened is None or _is_srgb(opened) else profile


def between(image: Image.Image, source: bytes | None, target: bytes | None) -> Image.Image:
    """An RGB or RGBA picture moved from one space to another (None: sRGB); alpha is kept as it is."""
    if source == target:
        return image
    into = _transform(_space(source), _space(target), "RGB")
    if image.mode == "RGB":
        return _apply(into, image)
    colours = _apply(into, image.convert("RGB"))
    colours.putalpha(image.getchannel("A"))
    return colours


def eight_bits_rgb(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel, in mode RGB or RGBA, without `info`. RGB values keep their own space."""
    if image.mode == "I;16":
        grey = eight_bit(image)
        grey.info.update(image.info)
        image = grey
    if image.mode in {"L", "LA", "CMYK"} and "icc_profile" in image.info:
        plain = _profiled(image)
    else:
        plain = image.convert("RGBA" if image.mode in {"LA", "RGBA"} else "RGB")
    plain.info.clear()
    return plain


def _profiled(image: Image.Image) -> Image.Image:
    """Grey or CMYK with a profile, as sRGB."""
    kind = "CMYK" if image.mode == "CMYK" else "L"
    profile = _opened(image.info["icc_profile"], kind)
    if profile is None:
        return image.convert("RGBA" if image.mode == "LA" else "RGB")
    inks = image if image.mode == kind else image.getchannel("L")
    colours = _apply(_transform(profile, _space(None), kind), inks)
    if image.mode == "LA":
        colours.putalpha(image.getchannel("A"))
    return colours


def _opened(profile: bytes, kind: str) -> ImageCms.ImageCmsProfile | None:
    """The profile, or None when it is broken or speaks of another kind of colour than `kind`: RGB, CMYK or L."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        _transform(opened, _space(None), kind)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return opened


def _space(profile: bytes | None) -> ImageCms.ImageCmsProfile:
    """The space that a profile describes; sRGB for None."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB") if profile is None else io.BytesIO(profile))


def _transform(
    source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile, kind: str
) -> ImageCms.ImageCmsTransform:
    """Relative colorimetric with black point compensation: what image editors do unless told otherwise."""
    return ImageCms.buildTransform(
        source,
        target,
        kind,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _apply(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    changed = ImageCms.applyTransform(image, transform)
    if changed is None:  # only when asked to work in place
        raise TypeError("the transform gave no picture")
    changed.info.clear()
    return changed


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether a profile means sRGB, whatever it calls itself: by what it does to a cube of 6 × 6 × 6 colours."""
    steps = (0, 51, 102, 153, 204, 255)
    cube = bytes(value for red in steps for green in steps for blue in steps for value in (red, green, blue))
    sample = Image.frombytes("RGB", (216, 1), cube)
    moved = _apply(_transform(profile, _space(None), "RGB"), sample).tobytes()
    return all(abs(before - after) <= _NEAR for before, after in zip(cube, moved, strict=True))
