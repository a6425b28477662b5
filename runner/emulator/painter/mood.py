"""Taste, drawn from prompt and seed: which palette, style, scene and motif a stand-in gets. Pure; no picture here.

Words of the prompt steer where they say something about it ("winter", "watercolour", "forest"); the seed decides the
rest, so that two seeds of one prompt look like two takes of one idea.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")
Rgb = tuple[int, int, int]
Style = Literal["photo", "watercolour", "sketch", "oil"]
Scene = Literal["none", "forest", "hills", "sea", "city"]
Motif = Literal["none", "snow", "stars", "leaves", "petals", "bokeh"]


class Dice:
    """A stream of numbers that depends on its seed text alone, on every machine and Python version."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._rolls = 0

    def unit(self) -> float:
        """The next number, from 0 up to below 1."""
        self._rolls += 1
        digest = hashlib.blake2b(f"{self._rolls}:{self._seed}".encode(errors="replace"), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def between(self, low: float, high: float) -> float:
        """The next number, from `low` up to below `high`."""
        return low + (high - low) * self.unit()

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[int(self.unit() * len(choices))]

    def noise(self, count: int) -> bytes:
        """So many bytes of grain."""
        self._rolls += 1
        return hashlib.shake_128(f"{self._rolls}:{self._seed}".encode(errors="replace")).digest(count)


@dataclass(frozen=True, slots=True)
class Palette:
    """Five tones from dark to light, and one colour that stands out from them."""

    tones: tuple[Rgb, Rgb, Rgb, Rgb, Rgb]
    accent: Rgb

    def at(self, lightness: float) -> Rgb:
        """The tone at a lightness of 0 to 1, between the five."""
        place = min(max(lightness, 0.0), 1.0) * 4
        low = min(int(place), 3)
        return blend(self.tones[low], self.tones[low + 1], place - low)


@dataclass(frozen=True, slots=True)
class Mood:
    """Everything about a stand-in that prompt and seed decide."""

    palette: Palette
    style: Style
    scene: Scene
    motif: Motif
    exposure: float
    """Below 0 darker, above 0 brighter; within ±0.3."""


def blend(one: Rgb, other: Rgb, share: float) -> Rgb:
    """The colour that lies `share` (0 to 1) of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def mood_of(prompt: str, dice: Dice) -> Mood:
    """The mood of a prompt; what its words leave open is rolled."""
    words = re.findall(r"[^\W\d_]+", prompt.lower())
    families = _told(words, _FAMILY_WORDS) or list(_PALETTES)
    family = dice.pick(families)
    motifs: list[Motif] = _told(words, _MOTIF_WORDS) or [_MOTIF_OF_FAMILY[family], "bokeh"]
    styles: list[Style] = _told(words, _STYLE_WORDS) or ["photo"]
    scenes: list[Scene] = _told(words, _SCENE_WORDS) or ["none"]
    exposure = sum(_EXPOSURE_WORDS.get(word, 0.0) for word in set(words))
    return Mood(
        palette=dice.pick(_PALETTES[family]),
        style=dice.pick(styles),
        scene=dice.pick(scenes),
        motif=dice.pick(motifs),
        exposure=min(max(exposure, -0.3), 0.3) + dice.between(-0.04, 0.04),
    )


def _told(words: Sequence[str], table: Mapping[T, str]) -> list[T]:
    """Entries of a table whose stems begin a word of the prompt, in the table's order."""
    return [entry for entry, stems in table.items() if any(word.startswith(tuple(stems.split())) for word in words)]


def _palette(text: str) -> Palette:
    deep, shade, mid, light, paper, accent = (_rgb(each) for each in text.split())
    return Palette((deep, shade, mid, light, paper), accent)


def _rgb(digits: str) -> Rgb:
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


_PALETTES: Mapping[str, Sequence[Palette]] = {
    family: [_palette(each) for each in lines]
    for family, lines in {
        "frost": [
            "16243d 3f5f86 8fb0cc d3e3ee f6fafc e9a5a0",
            "1d2547 5565a0 a3b1dc dee2f5 fbfbff f2c38b",
            "0f2f3a 3c7684 8fbfc6 d2e8e8 f7fbf9 d98a6a",
        ],
        "night": [
            "0b1030 27306b 5a5fa6 a7a3d6 ece8fa ffd98a",
            "071a2b 12485f 2f8290 8fc9c1 e6f5ee ffcf7a",
            "160d2c 43246d 8650a0 cf9ac9 f7e6f2 8fe0e6",
        ],
        "gold": [
            "3a1712 8f3b22 d77a34 f3bf73 fdf1d8 2f6f73",
            "2f1533 8a2f5b e0655a f8b06a fff0d2 ffe08a",
            "2b1a10 75491f bd8a35 e8c77a fbf3dc 8c3b4a",
        ],
        "wood": [
            "10261f 2c5a3c 6c9a55 bfd08b f4f4d9 e58b4a",
            "1b2416 4f5d2b 93994a cfc98a f6f2dc c75a3a",
            "0d2a2a 23605a 5a9c86 b0d3b4 f1f6e4 f0b85a",
        ],
        "water": [
            "0c2c44 1c6a8c 4fb0bd ace0d6 f7f5e6 f28d6b",
            "10243f 255a9b 5f9fd6 b5d9ee f6f8f4 f6c65b",
        ],
        "blossom": [
            "3d2440 8f4f7e d98aa6 f5c4c8 fff2ee 7fb2a5",
            "38253a 7c5a86 bf95bd e9cfdd fdf5f3 e7a24e",
            "402322 a0524f e09a86 f7d2bb fff6ea 5f9ea6",
        ],
        "paper": [
            "1b1b1e 55545a 93918f cfcac2 f8f4ec c2553a",
            "22201d 635a50 a39889 d9cfbf faf5ea 3f6f8a",
        ],
        "neon": [
            "150c2e 4a1e73 b23a9a f27fa3 ffe3ec 3fd0e0",
            "0a1430 1f3f8f 6a5ae0 d490f0 fbe9ff ffb35c",
        ],
    }.items()
}

_MOTIF_OF_FAMILY: Mapping[str, Motif] = {
    "frost": "snow",
    "night": "stars",
    "gold": "leaves",
    "wood": "leaves",
    "water": "bokeh",
    "blossom": "petals",
    "paper": "none",
    "neon": "bokeh",
}

# stems: a word of the prompt counts when it begins with one of them
_FAMILY_WORDS: Mapping[str, str] = {
    "frost": "winter snow frost ice icy cold christmas arctic glacier",
    "night": "night moon star twilight dusk midnight dream dragon space galax evening",
    "gold": "gold sunset sunrise autumn fall warm amber candle desert honey dawn",
    "wood": "forest wood green moss garden grass lawn leaf leaves jungle tree plant",
    "water": "sea ocean beach water river lake summer sky rain coast wave",
    "blossom": "spring pink blossom flower rose pastel petal wedding cherry romantic",
    "paper": "sketch pencil ink monochrome grayscale greyscale charcoal newspaper engraving",
    "neon": "neon city cyber club street purple disco future",
}
_STYLE_WORDS: Mapping[Style, str] = {
    "watercolour": "watercolo aquarelle wash gouache storybook illustration",
    "sketch": "sketch pencil ink drawing charcoal crayon engraving",
    "oil": "oil painting impasto canvas painterly acrylic",
}
_SCENE_WORDS: Mapping[Scene, str] = {
    "forest": "forest woods woodland tree moss jungle",
    "hills": "mountain hill meadow landscape valley snow field desert alps cliff",
    "sea": "sea ocean beach lake coast harbour harbor island river",
    "city": "city street skyline town rooftop neon",
}
_MOTIF_WORDS: Mapping[Motif, str] = {
    "snow": "snow winter christmas frost",
    "stars": "star night dream magic sparkl dragon twilight dusk galax moon",
    "leaves": "autumn leaf leaves forest fall",
    "petals": "spring blossom petal flower rose wedding confetti",
    "bokeh": "bokeh city light lamp candle party sun summer",
}
_EXPOSURE_WORDS: Mapping[str, float] = {
    "night": -0.25,
    "midnight": -0.3,
    "twilight": -0.16,
    "dusk": -0.14,
    "evening": -0.1,
    "dark": -0.15,
    "bright": 0.12,
    "white": 0.06,
    "snow": 0.08,
    "winter": 0.06,
    "airy": 0.12,
    "light": 0.05,
}
