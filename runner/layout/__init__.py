"""Where prompt, seed and pictures stand in the request of a model, read from its schema alone.

Pages name and nest the same things differently: `images`, `image`, `image_file`, `request.image_base64`. A recipe never
says any of it: a step has a `prompt:`, a `seed:` and pictures, and this room tells where they go (`places`), and how
many pictures a task makes (`counts`). Pure: data in, data out; requests and schemas are plain values, and `paths` leads
into them.

Objects are looked into at most two deep, lists never: a picture inside a list of helpers (`controlnet.units`) is not
the one that is edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runner.layout.counts import Count, counts_of, fewest, most
from runner.layout.paths import Path, dotted, get, leaves, put, schema_at, types
from runner.layout.places import MOST_PICTURES, Place, in_order, place_of, shares

__all__ = [
    "MOST_PICTURES",
    "Count",
    "Layout",
    "Path",
    "Place",
    "dotted",
    "get",
    "leaves",
    "of",
    "put",
    "schema_at",
    "settings_of",
]

_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """What the parts of a request are for. None, or nothing, where the model has no such part."""

    prompt: Path | None
    prompt_required: bool
    """Whether a request needs a prompt; else it may be left out, or there is none."""
    seed: Path | None
    pictures: tuple[Place, ...]
    """In the order in which a step's pictures fill them: the picture itself, others as the page has them, masks."""
    counts: tuple[Count, ...]
    """Parameters that say how many pictures one task makes."""

    @property
    def own(self) -> frozenset[Path]:
        """Parameters that have keys of their own in a step and never stand in `settings`."""
        single = (path for path in (self.prompt, self.seed) if path is not None)
        return frozenset(single) | {place.path for place in self.pictures}

    @property
    def fewest(self) -> int:
        """The fewest pictures a request carries."""
        return sum(place.required for place in self.pictures)

    @property
    def most(self) -> int:
        """The most pictures a request carries."""
        return sum(place.most for place in self.pictures)

    def places(self, pictures: int) -> list[Place]:
        """The place of each of so many pictures, in their order; pictures that find none are left out.

        Each place gets one before a list takes a second; where there are too few, required places come first.
        """
        taken = zip(self.pictures, shares(self.pictures, pictures), strict=True)
        return [place for place, number in taken for _ in range(number)]

    def filled(self, pictures: list[Any]) -> Iterator[tuple[Place, Any]]:
        """Each place with what it takes of the pictures: a list, or one of them; empty places are left out."""
        held: dict[Place, list[Any]] = {}
        for place, picture in zip(self.places(len(pictures)), pictures, strict=False):
            held.setdefault(place, []).append(picture)
        for place, taken in held.items():
            yield place, taken if place.many else taken[0]

    def count(self, request: Mapping[str, Any]) -> int:
        """How many pictures one task of this request makes at most, as Count has it; one where none is `uncounted`."""
        return most(self.counts, request)

    def count_at_least(self, request: Mapping[str, Any]) -> int:
        """How many pictures one task of this request makes at least, where nothing goes wrong."""
        return fewest(self.counts, request)

    def uncounted(self, request: Mapping[str, Any]) -> Count | None:
        """What has to be set before anybody can say how many pictures, and so which price, this request may come to."""
        return next((each for each in self.counts if each.of(request) is None), None)


def of(schema: Mapping[str, Any]) -> Layout:
    """The layout of a request with this JSON Schema."""
    found = list(_leaves(schema, ()))
    prompt = _first(found, "prompt", "string")
    return Layout(
        prompt=prompt,
        prompt_required=any(required for path, _, required in found if path == prompt),
        seed=_first(found, "seed", "integer", "number"),
        pictures=in_order([place for leaf in found if (place := place_of(*leaf))]),
        counts=counts_of(found, schema),
    )


def settings_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what a recipe writes in `settings:`: the request's without the parts a step has keys for."""
    return _without(schema, of(schema).own, ())


def _leaves(schema: Mapping[str, Any], above: Path) -> Iterator[tuple[Path, Mapping[str, Any], bool]]:
    """Every parameter that is no object: path, schema, and whether it is required. Outer ones come first."""
    required = schema.get("required", ())
    inner: list[tuple[Path, Mapping[str, Any]]] = []
    for name, each in schema.get("properties", {}).items():
        if "properties" in each:
            inner.append(((*above, name), each))
        else:
            yield (*above, name), each, name in required
    for path, each in inner:
        if len(path) <= _DEEPEST:
            yield from _leaves(each, path)


def _first(found: list[tuple[Path, Mapping[str, Any], bool]], name: str, *kinds: str) -> Path | None:
    """The first parameter of this name whose schema allows one of these types, or says nothing of types."""
    return next((path for path, each, _ in found if path[-1] == name and {*kinds} & {*(types(each) or kinds)}), None)


def _without(schema: Mapping[str, Any], own: frozenset[Path], above: Path) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, each in schema.get("properties", {}).items():
        path = (*above, name)
        if path in own:
            continue
        if any(other[: len(path)] == path for other in own):
            each = _without(each, own, path)
            if not each["properties"]:
                continue
        kept[name] = each
    required = [name for name in schema.get("required", ()) if name in kept]
    rest = {key: each for key, each in schema.items() if key not in {"properties", "required"}}
    return {**rest, "properties": kept, **({"required": required} if required else {})}
