"""Light and colour: grading towards a palette, soft light leaks, vignettes, the tone of paper.

Every picture here is RGB. Work that only needs to be soft is done small and enlarged.
"""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageFilter

from runner.emulator.painter.mood import Dice, Mood, Rgb

_GRID = 11
Rgb01 = tuple[float, float, float]


def grade(picture: Image.Image, mood: Mood, strength: float) -> Image.Image:
    """The picture tinted with the palette by `strength` (0 to 1).

    However many steps follow each other, the picture must not turn to mud: its lightness is brought back to the full
    range and a bright enough middle, the colours it has are kept vivid beside the tint.
    """
    low, middle, high = _lightness(picture)
    stretch = 1 / max(high - low, 0.3)
    lift = min(max(math.log(0.46) / math.log(min(max((middle - low) * stretch, 0.08), 0.92)), 0.8), 1.2)
    vivid = min(max(0.13 / max(_colour(picture), 0.01), 1.0), 1.6) - 0.3 * strength

    def tone(red: float, green: float, blue: float) -> Rgb01:
        red, green, blue = ((each - low) * stretch for each in (red, green, blue))
        light = min(max(_luma(red, green, blue), 0.0), 1.0)
        shown = light**lift
        shown = min(max(shown + mood.exposure * 4 * shown * (1 - shown) * (0.5 + shown), 0.0), 1.0)
        tint = [each / 255 for each in mood.palette.at(shown)]
        grey = _luma(*tint)
        red, green, blue = (
            shown + (own - light) * vivid + (wash - grey) * strength
            for own, wash in zip((red, green, blue), tint, strict=True)
        )
        return red, green, blue

    return picture.filter(ImageFilter.Color3DLUT.generate(_GRID, tone))


def leak(picture: Image.Image, mood: Mood, dice: Dice) -> Image.Image:
    """A soft glow that enters from one side, and a quieter one in the accent's colour opposite."""
    side = dice.pick([(0.0, 0.1), (1.0, 0.1), (0.0, 0.75), (1.0, 0.7), (0.5, -0.1)])
    shine = Image.new("RGB", (96, 96))
    _shine(shine, side, dice.between(0.6, 0.9), mood.palette.tones[3], 0.3)
    _shine(shine, (1 - side[0], dice.between(0.3, 1.0)), dice.between(0.4, 0.7), mood.palette.accent, 0.28)
    return ImageChops.screen(picture, shine.resize(picture.size, Image.Resampling.BICUBIC))


def vignette(picture: Image.Image, mood: Mood, depth: float) -> Image.Image:
    """Corners darkened towards the deepest tone; `depth` 0 to 1."""
    fall = ring(picture.size, 0.55, 1.35).point(lambda value: round(value * depth))
    return Image.composite(Image.new("RGB", picture.size, mood.palette.tones[0]), picture, fall)


def ring(size: tuple[int, int], inner: float, outer: float) -> Image.Image:
    """A mask (L): 0 within the ellipse of radius `inner`, smoothly up to 255 from radius `outer` on.

    Radius 1 is the ellipse that touches the four sides; the corners lie at 1.41.
    """
    span = max(outer - inner, 1e-6)

    def smooth(value: int) -> int:
        share = min(max((value / 181 - inner) / span, 0.0), 1.0)
        return round(255 * share * share * (3 - 2 * share))

    return Image.radial_gradient("L").point(smooth).resize(size, Image.Resampling.BICUBIC)


def glow(reach: int, strength: int, falloff: float) -> Image.Image:
    """A mask (L), `reach` pixels wide and high: a round light, `strength` in the middle, nothing at the sides."""
    spot = Image.radial_gradient("L").point(lambda value: round(max(0.0, 1 - value / 180) ** falloff * strength))
    return spot.resize((reach, reach), Image.Resampling.BICUBIC)


def cloud(size: tuple[int, int], cells: int, dice: Dice) -> Image.Image:
    """Soft grey clouds (L): about `cells` of them along the longer side."""
    width, height = size
    across = max(2, round(cells * min(1.0, width / height)))
    down = max(2, round(cells * min(1.0, height / width)))
    grain = Image.frombytes("L", (across, down), dice.noise(across * down))
    return grain.resize(size, Image.Resampling.BICUBIC)


def paper(picture: Image.Image, dice: Dice, depth: float) -> Image.Image:
    """The tooth of paper: fine grain under soft light; `depth` 0 to 1."""
    width, height = picture.size
    tile = Image.frombytes("L", (256, 256), dice.noise(256 * 256)).filter(ImageFilter.GaussianBlur(0.9))
    tile = tile.point(lambda value: round(128 + (value - 128) * 1.7 * depth))
    grain = Image.new("L", picture.size)
    for left in range(0, width, 256):
        for top in range(0, height, 256):
            grain.paste(tile, (left, top))
    return ImageChops.soft_light(picture, Image.merge("RGB", (grain, grain, grain)))


def _shine(picture: Image.Image, place: tuple[float, float], radius: float, colour: Rgb, strength: float) -> None:
    """Add one round glow to a small picture; place and radius in shares of its side."""
    side = picture.width
    reach = max(2, round(radius * side * 2))
    spot = Image.new("L", picture.size)
    spot.paste(
        glow(reach, round(255 * strength), 1.6),
        (round(place[0] * side - reach / 2), round(place[1] * side - reach / 2)),
    )
    picture.paste(ImageChops.screen(picture, Image.new("RGB", picture.size, colour)), mask=spot)


def _luma(red: float, green: float, blue: float) -> float:
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _lightness(picture: Image.Image) -> tuple[float, float, float]:
    """How dark the darkest parts are, the middle, and the lightest: 0 to 1, strays left out."""
    counts = _small(picture).convert("L").histogram()
    whole = sum(counts)
    low, middle, high = (_reached(counts, whole * share) / 255 for share in (0.004, 0.5, 0.996))
    return low, middle, high


def _colour(picture: Image.Image) -> float:
    """How colourful the picture is on average, 0 (grey) to 1."""
    red, green, blue = _small(picture).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    least = ImageChops.darker(ImageChops.darker(red, green), blue)
    counts = ImageChops.subtract(most, least).histogram()
    return sum(value * count for value, count in enumerate(counts)) / sum(counts) / 255


def _small(picture: Image.Image) -> Image.Image:
    return picture.reduce(max(1, min(picture.size) // 128))


def _reached(counts: list[int], share: float) -> int:
    """The value at which so many have been counted."""
    total = 0
    for value, count in enumerate(counts):
        total += count
        if total > share:
            return value
    return len(counts) - 1
