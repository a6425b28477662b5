"""One stand-in picture, from its brief and the inputs to the finished file.

The first input is the base and fills the picture; further ones are pinned to it as small framed prints. Without
inputs the picture is a landscape. Pure and deterministic: the same brief, inputs and version of the image library
give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageFilter, ImageOps, ImageStat

from runner.artifact import xmp
from runner.emulator.painter import accents, brush, caption, light, scenery
from runner.emulator.painter.mood import Dice, Mood, mood_of

Format = Literal["jpeg", "png", "webp"]


@dataclass(frozen=True, slots=True)
class Brief:
    """What is to be painted. `width` and `height` are pixels of the whole picture, label included."""

    model: str
    step: str
    """The step's label, or empty."""
    prompt: str
    seed: int
    width: int
    height: int
    format: Format = "jpeg"
    number: int = 0
    """Which of the task's images, from 0; each is another take."""


def paint(brief: Brief, images: Sequence[Image.Image]) -> bytes:
    """The finished stand-in as an image file. `images` are RGB or RGBA, upright, in sRGB; they are left as they are."""
    size = brief.width, brief.height
    area = brief.width, brief.height - caption.height_of(size)
    dice = Dice(f"{brief.prompt}/{brief.seed}/{brief.number}")
    mood = mood_of(brief.prompt, dice)
    if images:
        scene = _reworked(_fitted(caption.cut(_opaque(images[0])), area), mood, dice)
    else:
        scene = light.vignette(scenery.landscape(area, mood, dice), mood, 0.3)
    accents.scatter(scene, mood, dice)
    for place, image in enumerate(images[1:]):
        _pin(scene, caption.cut(_opaque(image)), place, dice)
    picture = Image.new("RGB", size)
    picture.paste(scene)
    seed = f"{brief.seed}" if brief.number == 0 else f"{brief.seed} #{brief.number + 1}"
    caption.write(picture, brief.step, brief.model, seed, brief.prompt)
    return xmp.with_packet(encoded(picture, brief.format), xmp.make_packet("retouch emulator", xmp.REHEARSAL))


def _reworked(base: Image.Image, mood: Mood, dice: Dice) -> Image.Image:
    """The base in the mood's style, colours and light, with its scene growing in from the rim."""
    picture = brush.redraw(light.grade(base, mood, dice.between(0.3, 0.5)), mood, dice)
    if mood.scene != "none":
        around = scenery.landscape(picture.size, mood, dice)
        picture = Image.composite(around, picture, light.ring(picture.size, 0.76, 1.1).point(lambda v: v * 238 // 255))
    picture = light.leak(picture, mood, dice)
    if mood.style == "photo":
        picture = light.vignette(picture, mood, 0.35)
    accents.rings(picture, mood, dice)
    return picture


def _pin(scene: Image.Image, print_: Image.Image, place: int, dice: Dice) -> None:
    """Pin a further input to the scene as a small print with a white border, from the upper right corner down."""
    side = min(scene.size)
    longest = round(side * 0.2)
    print_.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    border = max(3, round(side * 0.012))
    card = ImageOps.expand(print_, border, (252, 251, 247)).convert("RGBA")
    card = ImageOps.expand(card, 2, (252, 251, 247, 0))  # so that the turned edge is smooth
    turned = card.rotate(dice.between(-5, 5), Image.Resampling.BICUBIC, expand=True)
    shade = turned.getchannel("A").point(lambda value: value * 2 // 5)
    gap = round(side * 0.035)
    x = scene.width - gap - (longest + 2 * border) // 2 - turned.width // 2
    y = gap + place * (longest + 2 * border + gap // 2) + (longest + 2 * border) // 2 - turned.height // 2
    blurred = ImageOps.expand(shade, border * 2).filter(ImageFilter.GaussianBlur(border))
    scene.paste((10, 10, 14), (x - border * 2, y - border * 2 + border // 2), blurred)
    scene.paste(turned.convert("RGB"), (x, y), turned.getchannel("A"))


def _fitted(picture: Image.Image, area: tuple[int, int]) -> Image.Image:
    """The middle of the picture, filling the area."""
    return ImageOps.fit(picture, area, Image.Resampling.LANCZOS)


def _opaque(image: Image.Image) -> Image.Image:
    """A copy as RGB. What was transparent is white, or dark behind something that is nearly white itself."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    shown = ImageStat.Stat(image.convert("L"), image.getchannel("A").point(lambda value: 255 if value > 127 else 0))
    bright = shown.count[0] > 0 and shown.mean[0] > 215
    ground = Image.new("RGBA", image.size, (38, 41, 50, 255) if bright else (255, 255, 255, 255))
    ground.alpha_composite(image)
    return ground.convert("RGB")


def encoded(picture: Image.Image, format_: Format) -> bytes:
    """The picture as a file of this format."""
    file = io.BytesIO()
    match format_:
        case "jpeg":
            picture.save(file, "JPEG", quality=92, subsampling=0)
        case "png":
            picture.save(file, "PNG", compress_level=3)
        case "webp":
            picture.save(file, "WEBP", quality=92, method=2)
    return file.getvalue()
