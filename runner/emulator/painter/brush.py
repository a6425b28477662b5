"""Styles: the whole picture redrawn as a watercolour, a sketch or an oil painting. RGB in, RGB out, same size."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter

from runner.emulator.painter import light
from runner.emulator.painter.mood import Dice, Mood


def redraw(picture: Image.Image, mood: Mood, dice: Dice) -> Image.Image:
    """The picture in the mood's style; a photo stays as it is."""
    match mood.style:
        case "watercolour":
            return _watercolour(picture, mood, dice)
        case "sketch":
            return _sketch(picture, mood, dice)
        case "oil":
            return _oil(picture, dice)
        case "photo":
            return picture


def _watercolour(picture: Image.Image, mood: Mood, dice: Dice) -> Image.Image:
    """Flat washes with darker rims, uneven pigment, on paper that shows around an irregular edge."""
    washes = _flat(picture, 2)
    pigment = light.cloud(picture.size, 9, dice).point(lambda value: 96 + value * 64 // 255)
    washes = ImageChops.soft_light(washes, Image.merge("RGB", (pigment,) * 3))
    rims = _lines(washes, 5, 5)
    washes = Image.composite(washes, ImageChops.multiply(washes, washes), rims)
    washes = Image.blend(washes, Image.new("RGB", picture.size, mood.palette.tones[4]), 0.2)
    sheet = Image.new("RGB", picture.size, mood.palette.tones[4])
    return light.paper(Image.composite(sheet, washes, _deckle(picture.size, dice)), dice, 0.3)


def _sketch(picture: Image.Image, mood: Mood, dice: Dice) -> Image.Image:
    """Dark lines on paper, with the colours laid in thinly."""
    sheet = Image.new("RGB", picture.size, mood.palette.tones[4])
    washes = _flat(picture, 1)
    pale = Image.blend(washes, washes.convert("L").convert("RGB"), 0.4)
    thin = Image.blend(pale, sheet, 0.45)
    lines = ImageChops.multiply(_lines(washes, 3, 12), _lines(washes, 9, 4))
    ink = Image.new("RGB", picture.size, mood.palette.tones[0])
    return light.paper(Image.composite(thin, Image.blend(thin, ink, 0.8), lines), dice, 0.3)


def _oil(picture: Image.Image, dice: Dice) -> Image.Image:
    """Thick strokes: flat patches whose relief catches light from above."""
    patches = _flat(picture, 3)
    relief = patches.convert("L").filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.EMBOSS)
    relief = relief.point(lambda value: 128 + (value - 128) // 2)
    return light.paper(ImageChops.soft_light(patches, Image.merge("RGB", (relief,) * 3)), dice, 0.25)


def _flat(picture: Image.Image, reach: int) -> Image.Image:
    """Patches of one colour, `reach` strokes broad, as a brush leaves them; edges stay where they are."""
    shrink = max(1, round(3 * min(picture.size) / 1000))
    small = picture.reduce(shrink)
    for _ in range(reach):
        small = small.filter(ImageFilter.MedianFilter(3))
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def _lines(picture: Image.Image, breadth: float, gain: float) -> Image.Image:
    """A mask (L): 255 on plain ground, darker on the dark side of each edge; `breadth` in thousandths of the side."""
    grey = picture.convert("L").filter(ImageFilter.GaussianBlur(0.6))
    around = grey.filter(ImageFilter.GaussianBlur(max(1.0, breadth * min(picture.size) / 1000)))
    return ImageChops.subtract(around, grey).point(lambda value: max(0, round(255 - max(0, value - 2) * gain)))


def _deckle(size: tuple[int, int], dice: Dice) -> Image.Image:
    """A mask (L) of the bare paper around a painting: an uneven margin with a soft, wet edge."""
    width, height = (max(2, side // 3) for side in size)
    margin = min(width, height) * 0.045
    block = Image.new("L", (width, height), 255)
    block.paste(0, (round(margin), round(margin), round(width - margin), round(height - margin)))
    block = block.filter(ImageFilter.GaussianBlur(margin * 0.55))
    ragged = Image.blend(light.cloud((width, height), 22, dice), light.cloud((width, height), 90, dice), 0.35)
    ragged = Image.blend(block, ragged, 0.4)
    return ragged.point(lambda value: min(255, max(0, (value - 112) * 9))).resize(size, Image.Resampling.BICUBIC)
