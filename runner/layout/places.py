"""The parameters of a request that take pictures, and which of a step's pictures each of them gets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.layout.paths import Path, types

MOST_PICTURES = 16
"""The most pictures put into a list whose page gives no limit."""

_PICTURE = re.compile(
    r"(?P<whose>(?:[a-z]+_)*?)(?P<what>images?|img|mask)(?P<form>(?:_(?:image|file|base64|b64|urls?))*)"
)
_COUNTING = ("num_", "max_")  # `num_images` without a type is a count
_OF_THE_ANSWER = ("response_", "output_", "return_")


@dataclass(frozen=True, slots=True)
class Place:
    """A parameter that takes pictures."""

    path: Path
    many: bool
    """Whether it takes a list of pictures; else one picture."""
    required: bool
    most: int
    """The most pictures it takes."""
    bare: bool
    """Whether it wants plain base64 (`image_file`, `image_base64`), never a data URI or an address."""


def place_of(path: Path, schema: Mapping[str, Any], required: bool) -> Place | None:
    """The parameter as a place for pictures; None where it takes none."""
    name = path[-1]
    named = _PICTURE.fullmatch(name)
    if named is None or named["whose"] in _COUNTING or name.startswith(_OF_THE_ANSWER) or "enum" in schema:
        return None
    kinds = types(schema) or ("array" if named["what"] == "images" else "string",)
    held = schema.get("items", {})
    many = "array" in kinds and "enum" not in held and "string" in (types(held) or ("string",))
    if not many and "string" not in kinds:
        return None
    most = int(schema.get("maxItems", MOST_PICTURES)) if many else 1
    return Place(path, many, required, most, bare=bool({"file", "base64", "b64"} & set(named["form"].split("_"))))


def in_order(places: Sequence[Place]) -> tuple[Place, ...]:
    """The places as pictures fill them: the picture that is edited first, masks last, others as the page has them."""
    return tuple(sorted(places, key=_rank))


def shares(places: Sequence[Place], pictures: int) -> list[int]:
    """How many of so many pictures each place takes.

    Each place gets one before a list takes a second, so that a mask behind a list is filled too. Where there are too
    few for that, required places come before others; otherwise the order of the places counts.
    """
    taken = [0] * len(places)
    wanting = sorted(range(len(places)), key=lambda at: not places[at].required)
    for at in wanting[:pictures]:
        taken[at] = min(1, places[at].most)
    for at, place in enumerate(places):
        taken[at] += max(0, min(place.most - taken[at], pictures - sum(taken)))
    return taken


def _rank(place: Place) -> tuple[bool, bool]:
    named = _PICTURE.fullmatch(place.path[-1])
    whose = named["whose"] if named else ""
    what = named["what"] if named else ""
    return what == "mask" or "mask_" in whose, whose != ""
