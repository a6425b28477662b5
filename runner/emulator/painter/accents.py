"""Small things laid over a picture: snow, stars, leaves, petals, discs of light, and one fine geometric line drawing.

They keep to the outer part, so that the subject in the middle stays clear.
"""

from __future__ import annotations

import math

from PIL import Image, ImageDraw, ImageFilter

from runner.emulator.painter.mood import Dice, Mood, Motif, blend

_COUNTS: dict[Motif, int] = {"none": 0, "snow": 90, "stars": 26, "leaves": 15, "petals": 20, "bokeh": 13}
_SIZES: dict[Motif, tuple[float, float]] = {
    "none": (0, 0),
    "snow": (0.003, 0.011),
    "stars": (0.008, 0.03),
    "leaves": (0.018, 0.042),
    "petals": (0.012, 0.028),
    "bokeh": (0.02, 0.075),
}


def scatter(picture: Image.Image, mood: Mood, dice: Dice) -> None:
    """Lay the mood's motif over the picture, in place."""
    side = min(picture.size)
    smallest, largest = _SIZES[mood.motif]
    for _ in range(_COUNTS[mood.motif]):
        x, y = _outside(dice)
        radius = side * (smallest + (largest - smallest) * dice.unit() ** 2)
        sprite = _sprite(mood.motif, max(2, round(radius)), dice)
        light = blend(mood.palette.tones[4], mood.palette.accent, dice.unit() * (0.35 if mood.motif == "snow" else 0.9))
        place = (round(x * picture.width - sprite.width / 2), round(y * picture.height - sprite.height / 2))
        picture.paste(light, place, sprite)


def rings(picture: Image.Image, mood: Mood, dice: Dice) -> None:
    """A quiet line drawing in one corner, different for each seed: rings, rays or a lattice of dots; in place."""
    side = min(picture.size)
    box = round(side * dice.between(0.45, 0.7))
    mask = Image.new("L", (box * 2, box * 2))
    draw = ImageDraw.Draw(mask)
    line = max(2, round(side * 0.0035))
    kind = dice.pick(["rings", "rays", "dots"])
    gap = box * 2 / dice.pick([14, 18, 24])
    turn = dice.between(0, math.tau)
    for number in range(2, 8):
        reach = number * gap
        if kind == "rings":
            draw.ellipse((box - reach, box - reach, box + reach, box + reach), outline=110 - 10 * number, width=line)
        for spoke in range(0 if kind == "rings" else 36):
            angle = turn + math.tau * spoke / 36
            x, y = box + reach * math.cos(angle), box + reach * math.sin(angle)
            if kind == "rays" and number == 2:
                far = gap * (4 + 4 * (spoke % 2))
                draw.line((x, y, box + far * math.cos(angle), box + far * math.sin(angle)), fill=90, width=line)
            elif kind == "dots":
                draw.ellipse((x - line, y - line, x + line, y + line), fill=120 - 10 * number)
    mask = mask.resize((box, box), Image.Resampling.LANCZOS)
    corner = dice.pick([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
    place = (round(corner[0] * picture.width - box / 2), round(corner[1] * picture.height - box / 2))
    picture.paste(blend(mood.palette.accent, mood.palette.tones[4], 0.3), place, mask)


def _outside(dice: Dice) -> tuple[float, float]:
    """A place in shares of width and height, rarely in the middle."""
    for _ in range(6):
        x, y = dice.unit(), dice.unit()
        if math.hypot(x - 0.5, y - 0.5) > 0.36:
            break
    return x, y


def _sprite(motif: Motif, radius: int, dice: Dice) -> Image.Image:
    """One piece as a mask (L), drawn four times as large and reduced."""
    big = radius * 8
    mask = Image.new("L", (big, big))
    draw = ImageDraw.Draw(mask)
    middle, reach = big / 2, big / 2
    strength = round(dice.between(130, 235))
    if motif == "snow":
        draw.ellipse((reach * 0.4, reach * 0.4, reach * 1.6, reach * 1.6), fill=strength)
        return mask.resize((radius * 2, radius * 2), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.8))
    if motif == "stars":
        waist = reach * 0.1
        spikes = [(middle, 0), (middle + waist, middle - waist), (big, middle), (middle + waist, middle + waist)]
        spikes += [(middle, big), (middle - waist, middle + waist), (0, middle), (middle - waist, middle - waist)]
        draw.polygon(spikes, fill=strength)
    elif motif == "bokeh":
        draw.ellipse((8, 8, big - 8, big - 8), fill=strength // 4, outline=strength // 2, width=max(2, big // 28))
    else:
        fat = 0.34 if motif == "leaves" else 0.55
        _leaf(draw, middle, reach, fat, strength)
        if motif == "leaves":
            draw.line((middle, big * 0.2, middle, big), fill=strength // 3, width=max(2, big // 36))
        mask = mask.rotate(dice.between(0, 360), Image.Resampling.BICUBIC)
    return mask.resize((radius * 2, radius * 2), Image.Resampling.LANCZOS)


def _leaf(draw: ImageDraw.ImageDraw, middle: float, reach: float, fat: float, fill: int) -> None:
    """A leaf or petal: two arcs that meet in a tip."""
    right = [(middle + fat * reach * math.sin(math.pi * t / 20) ** 1.2, 2 * reach * t / 20) for t in range(21)]
    left = [(2 * middle - x, y) for x, y in reversed(right)]
    draw.polygon(right + left, fill=fill)
