"""Landscapes out of nothing: sky, sun or moon, ridges in mist, and trees, water or a town before them.

They are the whole picture where a model works from text alone, and grow in from the rim where a prompt names a place.
"""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from runner.emulator.painter import light
from runner.emulator.painter.mood import Dice, Mood, Rgb, blend

_HORIZON = 0.52
Profile = list[tuple[float, float]]
"""The outline of a ridge: points from left to right."""


def landscape(size: tuple[int, int], mood: Mood, dice: Dice) -> Image.Image:
    """A landscape (RGB) in the mood's palette; drawn at twice the size where that is small, for smooth edges."""
    scale = 2 if size[0] * size[1] <= 700_000 else 1.5
    width, height = round(size[0] * scale), round(size[1] * scale)
    picture = _sky((width, height), mood, dice)
    scene = mood.scene if mood.scene != "none" else dice.pick(["forest", "hills", "sea", "city"])
    ridges = 2 if scene == "sea" else 4
    for number in range(ridges):
        near = (number + 1) / (ridges + 1)
        _ridge(picture, mood, dice, near * (0.55 if scene == "sea" else 1.0), trees=scene == "forest" and near > 0.35)
    if scene == "sea":
        _water(picture, mood, dice)
    elif scene == "city":
        _town(picture, mood, dice)
    else:
        _ridge(picture, mood, dice, 1.0, trees=scene == "forest")
    return picture.resize(size, Image.Resampling.BILINEAR)


def _sky(size: tuple[int, int], mood: Mood, dice: Dice) -> Image.Image:
    width, height = (side // 2 for side in size)
    dark = mood.exposure < -0.08
    tones = mood.palette.tones
    top, low = (tones[1], tones[3]) if dark else (blend(tones[2], tones[3], dice.between(0.2, 0.8)), tones[4])
    fade = Image.linear_gradient("L").resize((1, height)).resize((width, height))
    sky = ImageOps.colorize(fade, top, low, blend(top, low, 0.6), midpoint=150)
    radius = min(width, height) * dice.between(0.07, 0.13)
    x, y = width * dice.between(0.2, 0.8), height * dice.between(0.16, 0.36)
    reach = round(radius * 9)
    shine = light.glow(reach, 190, 1.8)
    sky.paste(blend(tones[4], mood.palette.accent, 0.25), (round(x - reach / 2), round(y - reach / 2)), shine)
    disc = blend(mood.palette.accent, tones[4], 0.5)
    sky = sky.resize(size, Image.Resampling.BICUBIC)
    x, y, radius = 2 * x, 2 * y, 2 * radius
    ImageDraw.Draw(sky).ellipse((x - radius, y - radius, x + radius, y + radius), fill=disc)
    return _clouds(sky, mood, dice)


def _clouds(sky: Image.Image, mood: Mood, dice: Dice) -> Image.Image:
    """Long thin clouds, drawn small and blurred."""
    width, height = sky.width // 6, sky.height // 6
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    for _ in range(9):
        x, y = dice.between(-0.1, 1.0) * width, dice.between(0.05, _HORIZON) * height
        long, thick = dice.between(0.15, 0.5) * width, dice.between(0.006, 0.02) * height
        draw.rounded_rectangle((x, y, x + long, y + thick + 1), radius=thick, fill=round(dice.between(60, 150)))
    mask = mask.filter(ImageFilter.GaussianBlur(2.2)).resize(sky.size, Image.Resampling.BICUBIC)
    sky.paste(mood.palette.tones[4], mask=mask)
    return sky


def _ridge(picture: Image.Image, mood: Mood, dice: Dice, near: float, *, trees: bool) -> None:
    """One ridge; `near` is 0 at the horizon and 1 in front: darker, lower, with larger trees."""
    width, height = picture.size
    colour = _mist(mood, near)
    outline = _outline(dice, width, height * (_HORIZON + 0.36 * near), height * (0.16 - 0.09 * near))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, height), *outline, (width, height)], fill=colour)
    if trees:
        tall = height * (0.05 + 0.17 * near**1.5)
        x = -tall * dice.unit()
        while x < width + tall:
            _conifer(draw, x, _height_at(outline, x) + tall * 0.08, tall * dice.between(0.6, 1.15), colour)
            x += tall * dice.between(0.16, 0.62)
    veil = Image.linear_gradient("L").point(lambda value: round(value * 0.4 * (1 - near)))
    lower = height * 3 // 5
    picture.paste(
        mood.palette.tones[4 if mood.exposure > -0.08 else 3],
        (0, lower),
        veil.resize((1, height - lower)).resize((width, height - lower)),
    )


def _conifer(draw: ImageDraw.ImageDraw, x: float, ground: float, tall: float, colour: Rgb) -> None:
    for tier in range(4):
        top = ground - tall + tall * 0.2 * tier
        foot = top + tall * (0.3 + 0.06 * tier)
        wide = tall * (0.075 + 0.06 * tier)
        draw.polygon([(x, top), (x - wide, foot), (x + wide, foot)], fill=colour)
    draw.rectangle((x - tall * 0.02, ground - tall * 0.1, x + tall * 0.02, ground + tall * 0.1), fill=colour)


def _water(picture: Image.Image, mood: Mood, dice: Dice) -> None:
    """The sky mirrored below a shore line, darker, with bands of light."""
    width, height = picture.size
    shore = round(height * (_HORIZON + 0.16))
    depth = height - shore
    mirror = ImageOps.flip(picture.crop((0, max(0, shore - depth), width, shore))).resize((width, depth))
    mirror = Image.blend(mirror, Image.new("RGB", mirror.size, mood.palette.tones[1]), 0.35)
    picture.paste(mirror.filter(ImageFilter.BoxBlur((width * 0.01, 2))), (0, shore))
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(70):
        far = dice.unit() ** 1.7
        y = shore + far * depth
        long = width * dice.between(0.01, 0.04) * (0.5 + 3 * far)
        x = width * dice.between(-0.05, 1.0)
        draw.rounded_rectangle(
            (x, y, x + long, y + 1 + depth * 0.009 * far), radius=2, fill=(*mood.palette.tones[4], round(40 + 70 * far))
        )


def _town(picture: Image.Image, mood: Mood, dice: Dice) -> None:
    """Three rows of houses against the light, some windows lit."""
    width, height = picture.size
    draw = ImageDraw.Draw(picture)
    for near in (0.55, 0.75, 1.0):
        colour = _mist(mood, near)
        x = -width * 0.03
        while x < width:
            wide = width * dice.between(0.04, 0.1) * (0.6 + 0.5 * near)
            top = height * (_HORIZON + 0.3 * near - dice.between(0.02, 0.26))
            draw.rectangle((x, top, x + wide, height), fill=colour)
            if dice.unit() < 0.3:
                draw.polygon([(x, top), (x + wide / 2, top - wide * 0.5), (x + wide, top)], fill=colour)
            _windows(draw, (x, top, wide, height), blend(mood.palette.accent, colour, 0.25 + 0.5 * (1 - near)), dice)
            x += wide * dice.between(0.92, 1.15)


def _windows(draw: ImageDraw.ImageDraw, house: tuple[float, float, float, float], lit: Rgb, dice: Dice) -> None:
    left, top, wide, bottom = house
    pane = wide / 9
    for row in range(min(14, int((bottom - top) / (pane * 2.6)))):
        for column in range(4):
            if dice.unit() < 0.33:
                x, y = left + pane * (1 + 2 * column), top + pane * (1.4 + 2.6 * row)
                draw.rectangle((x, y, x + pane, y + pane * 1.4), fill=lit)


def _mist(mood: Mood, near: float) -> Rgb:
    """The colour of something far (0) or near (1)."""
    return mood.palette.at(0.66 - 0.6 * near if mood.exposure > -0.08 else 0.5 - 0.48 * near)


def _outline(dice: Dice, width: int, level: float, swing: float) -> Profile:
    """A rolling line: three octaves of smooth noise."""
    points: Profile = []
    octaves = [(count, [dice.between(-1, 1) for _ in range(count + 2)]) for count in (3, 8, 24)]
    for step in range(129):
        share = step / 128
        y = level
        for strength, (count, knots) in zip((1.0, 0.36, 0.09), octaves, strict=True):
            place = share * count
            low = int(place)
            ease = (place - low) ** 2 * (3 - 2 * (place - low))
            y += swing * strength * (knots[low] + (knots[low + 1] - knots[low]) * ease)
        points.append((share * width, y))
    return points


def _height_at(outline: Profile, x: float) -> float:
    width = outline[-1][0]
    return outline[min(max(round(x / width * 128), 0), 128)][1]
