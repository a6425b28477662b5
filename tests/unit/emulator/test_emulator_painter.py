"""The stand-in pictures: the same for the same request, different for others, and made of their inputs."""

from __future__ import annotations

import io
from dataclasses import replace
from statistics import correlation
from typing import Any

import pytest
from PIL import Image, ImageDraw

from runner.emulator.painter import caption
from runner.emulator.painter.mood import Dice, mood_of
from runner.emulator.painter.painting import Brief, paint

BRIEF = Brief("flux-1-kontext-dev", "restyle", "Make the light warmer", 4711, 512, 384)


def scene() -> Image.Image:
    """Something with large light and dark parts in the middle, as a photo of a thing has."""
    image = Image.new("RGB", (640, 480), (205, 200, 190))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 330, 640, 480), fill=(130, 90, 60))
    draw.ellipse((220, 120, 430, 400), fill=(30, 60, 130))
    draw.ellipse((280, 180, 370, 270), fill=(240, 200, 80))
    return image


def painted(brief: Brief, *images: Image.Image) -> Image.Image:
    return Image.open(io.BytesIO(paint(brief, images))).convert("RGB")


def greys(image: Image.Image) -> list[int]:
    """The middle of a picture without its label, as 48 × 36 grey values."""
    bare = caption.cut(image.convert("RGB"))
    width, height = bare.size
    middle = bare.crop((width // 5, height // 5, width * 4 // 5, height * 4 // 5))
    return list(middle.convert("L").resize((48, 36), Image.Resampling.BOX).tobytes())


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of all channels, 0 to 255, looked at from afar."""
    first, second = (image.resize((32, 24), Image.Resampling.BOX).tobytes() for image in (one, other))
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / len(first)


@pytest.mark.parametrize("images", [0, 1, 3])
def test_the_same_brief_gives_the_same_bytes(images: int) -> None:
    """A rehearsal can be repeated byte for byte."""
    assert paint(BRIEF, [scene()] * images) == paint(BRIEF, [scene()] * images)


@pytest.mark.parametrize("images", [0, 1])
def test_seed_prompt_and_number_each_change_the_picture(images: int) -> None:
    """Candidates must look different, not only differ in some bit."""
    inputs = [scene()] * images
    base = painted(BRIEF, *inputs)
    for other in (replace(BRIEF, seed=4712), replace(BRIEF, number=1), replace(BRIEF, prompt="Snow, please")):
        assert difference(base, painted(other, *inputs)) > 3


@pytest.mark.parametrize(
    "prompt",
    ["Make the light warmer", "As a soft watercolour", "A pencil sketch", "An oil painting", "In a forest at night"],
)
def test_the_first_input_is_carried_forward(prompt: str) -> None:
    """Whatever the prompt, the picture in the middle is still the input's."""
    result = painted(replace(BRIEF, prompt=prompt), scene())
    assert correlation(greys(result), greys(scene())) > 0.9
    assert difference(result, scene()) > 3


def test_six_steps_in_a_row_keep_subject_contrast_and_colour() -> None:
    """A chain adds up without turning to mud."""
    image = scene()
    prompts = ["As a watercolour", "In an autumn forest", "Warmer light", "At night", "In winter snow", "Sharper"]
    for seed, prompt in enumerate(prompts):
        image = painted(replace(BRIEF, prompt=prompt, seed=seed), image)
    values = greys(image)
    assert correlation(values, greys(scene())) > 0.8
    assert max(values) - min(values) > 110
    colourful = [max(cell) - min(cell) for cell in pixels(image.crop((150, 90, 360, 260)).resize((8, 8)))]
    assert sum(colourful) / len(colourful) > 30


def pixels(image: Image.Image) -> list[tuple[int, int, int]]:
    data = image.tobytes()
    return [(data[at], data[at + 1], data[at + 2]) for at in range(0, len(data), 3)]


def test_further_inputs_are_pinned_to_the_picture() -> None:
    """The second input shows, framed in white, in the upper right corner, and only there."""
    brief = replace(BRIEF, width=800, height=600)
    without = painted(brief, scene())
    pinned = painted(brief, scene(), Image.new("RGB", (300, 200), (200, 0, 0)))
    red = [pinned.getpixel((x, y)) for x in range(650, 790, 4) for y in range(20, 140, 4)]
    assert sum(isinstance(each, tuple) and each[0] > 150 and each[1] < 60 for each in red) > 50
    assert difference(without.crop((0, 0, 600, 500)), pinned.crop((0, 0, 600, 500))) < 0.5


def test_a_white_logo_is_seen() -> None:
    """On a white card a white drawing would vanish."""
    logo = Image.new("RGBA", (200, 200), (255, 255, 255, 0))
    ImageDraw.Draw(logo).ellipse((40, 40, 160, 160), fill=(255, 255, 255, 255))
    brief = replace(BRIEF, width=800, height=600)
    corner = painted(brief, scene(), logo).crop((660, 20, 790, 140)).convert("L")
    assert min(corner.tobytes()) < 70
    assert max(corner.tobytes()) > 240


@pytest.mark.parametrize("size", [(256, 256), (1024, 1024), (256, 1536), (1536, 256), (1360, 768)])
def test_the_label_is_there_and_leaves_the_picture_its_room(size: tuple[int, int]) -> None:
    """The strip stands at the lower edge, holds letters, and covers a quarter at most."""
    brief = replace(BRIEF, width=size[0], height=size[1])
    result = painted(brief, scene())
    assert result.size == size
    bare = caption.cut(result)
    assert size[1] * 0.74 <= bare.height < size[1] - 20
    strip = result.crop((0, bare.height + 8, *size)).convert("L").tobytes()
    assert min(strip) < 40
    assert sum(value > 200 for value in strip) / len(strip) > 0.003


@pytest.mark.parametrize(
    "between",
    [
        lambda image: image,
        lambda image: image.resize((333, 250), Image.Resampling.LANCZOS),
        lambda image: image.resize((1600, 1200), Image.Resampling.BICUBIC),
        lambda image: image.crop((60, 0, image.width - 60, image.height)),
        lambda image: image.crop((20, 20, image.width - 20, image.height - 20)),
        lambda image: image.convert("L").convert("RGB"),
    ],
    ids=["as it is", "smaller", "larger", "sides cut", "rim cut", "grey"],
)
@pytest.mark.parametrize("format_", ["jpeg", "png", "webp"])
def test_an_older_label_is_found_and_cut(format_: Any, between: Any) -> None:
    """Whatever a local step did to the picture in between, labels never pile up."""
    brief = replace(BRIEF, width=800, height=600, format=format_)
    image = between(painted(brief, scene()))
    bare = caption.cut(image)
    lost = image.height - bare.height
    assert 0.06 * image.height < lost < 0.14 * image.height
    assert caption.cut(bare) == bare


def test_the_word_rehearsal_survives_a_square_cut_out_of_a_wide_picture() -> None:
    """Its amber plate stands in the middle, where crops keep what they keep."""
    wide = painted(replace(BRIEF, width=1360, height=768), scene())
    strip = wide.crop((296, caption.cut(wide).height + 8, 1064, 768))
    plate = [red for red, _, blue in pixels(strip) if red - blue > 120]
    assert len(plate) > 1000


@pytest.mark.parametrize("colour", ["black", "#f2b23e", "#17181c", "white"])
def test_a_picture_without_a_label_is_left_whole(colour: str) -> None:
    """A dark or an amber lower edge is no label."""
    plain = Image.new("RGB", (400, 300), colour)
    plain.paste("#808890", (0, 0, 400, 200))
    assert caption.cut(plain).size == (400, 300)


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("Zoë’s\n  „Größe“ — 10 €", "Zoë’s „Größe“ — 10 €"),
        ("Zoe\u0308", "Zoë"),
        ("Καλημέρα, зимний лес", "Καλημέρα, зимний лес"),
        ("a\n b 日本 🙂 c", "a b […] […] c"),
        ("x\u030c ἀ soft\u200dly → 10\u202f₽", "x α softly -> 10 RUB"),
    ],
    ids=["Latin", "in two signs", "Greek and Cyrillic", "lacking", "spelled"],
)
def test_a_prompt_is_shown_in_signs_that_the_font_has(prompt: str, shown: str) -> None:
    """No empty boxes: accents fall where they must, the rest becomes one mark for each run, and lines are folded."""
    assert caption.covered(prompt, caption.letters_of(16)) == shown


def test_words_of_the_prompt_steer_the_mood() -> None:
    """What the prompt names is not left to chance."""
    for seed in range(8):
        winter = mood_of("A winter forest as a watercolour", Dice(str(seed)))
        assert (winter.style, winter.scene) == ("watercolour", "forest")
        assert winter.motif in {"snow", "leaves"}
    assert mood_of("Late at night", Dice("1")).exposure < -0.1


def test_dice_roll_the_same_everywhere() -> None:
    """The stream is fixed: a picture rehearsed last year can be had again."""
    dice = Dice("4711")
    assert [round(dice.unit(), 6) for _ in range(3)] == [0.893818, 0.314707, 0.58366]
