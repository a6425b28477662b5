"""Where prompt, seed and pictures stand in the request of a model, read from its schema alone.

Pages name and nest the same things differently: `images`, `image`, `image_file`, `request.image_base64`. A recipe never
says any of it: a step has a `prompt:`, a `seed:` and pictures, and this module tells where they go. Pure: data in, data
out; requests and schemas are plain values.

Objects are looked into at most two deep, lists never: a picture inside a list of helpers (`controlnet.units`) is not
the one that is edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]
"""Keys from the top of the request, e.g. `("request", "prompt")`."""

MOST_PICTURES = 16
"""The most pictures put into a list whose page gives no limit."""

_DEEPEST = 2
_PICTURE = re.compile(
    r"(?P<whose>(?:[a-z]+_)*?)(?P<what>images?|img|mask)(?P<form>(?:_(?:image|file|base64|b64|urls?))*)"
)
_OF_THE_ANSWER = ("response_", "output_", "return_")
_COUNTS = ("num_images", "image_num", "batch_size", "max_images")


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


@dataclass(frozen=True, slots=True)
class Layout:
    """What the parts of a request are for. None, or nothing, where the model has no such part."""

    prompt: Path | None
    prompt_required: bool
    """Whether a request needs a prompt; else it may be left out, or there is none."""
    seed: Path | None
    pictures: tuple[Place, ...]
    """In the order in which a step's pictures fill them: the picture itself, others as the page has them, masks."""
    counts: tuple[Path, ...]
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

    def filled(self, pictures: list[Any]) -> Iterator[tuple[Place, Any]]:
        """Each place with what it takes of the pictures: a list, or one of them; empty places are left out.

        A place that takes a list leaves enough for the required places behind it.
        """
        at = 0
        for number, place in enumerate(self.pictures):
            behind = sum(each.required for each in self.pictures[number + 1 :])
            taken = pictures[at : at + min(place.most, max(0, len(pictures) - at - behind))]
            if taken:
                yield place, list(taken) if place.many else taken[0]
            at += len(taken)

    def count(self, request: Mapping[str, Any]) -> int:
        """How many pictures one task of this request makes: what it asks for, else one."""
        asked = [value for path in self.counts if isinstance(value := get(request, path), int) and value > 0]
        return max(asked, default=1)


def of(schema: Mapping[str, Any]) -> Layout:
    """The layout of a request with this JSON Schema."""
    leaves = list(_leaves(schema, ()))
    pictures = [found for path, each, required in leaves for found in [_place(path, each, required)] if found]
    prompt = _first(leaves, "prompt", "string")
    return Layout(
        prompt=prompt,
        prompt_required=any(required for path, _, required in leaves if path == prompt),
        seed=_first(leaves, "seed", "integer"),
        pictures=tuple(sorted(pictures, key=_rank)),
        counts=tuple(path for path, each, _ in leaves if path[-1] in _COUNTS and "integer" in _types(each)),
    )


def settings_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what a recipe writes in `settings:`: the request's without the parts a step has keys for."""
    return _without(schema, of(schema).own, ())


def get(request: Mapping[str, Any], path: Path) -> Any:
    """The value at a path of a request, or None."""
    value: Any = request
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def schema_at(schema: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The schema of the parameter at a path; empty where there is none."""
    for key in path:
        schema = schema.get("properties", {}).get(key, {})
    return schema


def put(request: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of the request with the value at a path; objects on the way are made where they are missing."""
    first, rest = path[0], path[1:]
    if rest:
        inner = request.get(first)
        value = put(inner if isinstance(inner, Mapping) else {}, rest, value)
    return {**request, first: value}


def leaves(schema: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any], bool]]:
    """Every parameter that is no block of others, however deep, in the page's order: path, schema, whether required."""
    for name, each in schema.get("properties", {}).items():
        if each.get("properties"):
            yield from leaves(each, (*above, name))
        else:
            yield (*above, name), each, name in schema.get("required", ())


def dotted(path: Path) -> str:
    """A path as people write it: `request.steps`."""
    return ".".join(path)


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


def _first(leaves: list[tuple[Path, Mapping[str, Any], bool]], name: str, kind: str) -> Path | None:
    return next((path for path, each, _ in leaves if path[-1] == name and kind in (_types(each) or (kind,))), None)


def _place(path: Path, schema: Mapping[str, Any], required: bool) -> Place | None:
    name = path[-1]
    named = _PICTURE.fullmatch(name)
    if named is None or name.startswith(_OF_THE_ANSWER) or "enum" in schema:
        return None
    types = _types(schema) or ("array" if named["what"] == "images" else "string",)
    held = schema.get("items", {})
    many = "array" in types and "enum" not in held and "string" in (_types(held) or ("string",))
    if not many and "string" not in types:
        return None
    most = int(schema.get("maxItems", MOST_PICTURES)) if many else 1
    return Place(path, many, required, most, bare=bool({"file", "base64", "b64"} & set(named["form"].split("_"))))


def _rank(place: Place) -> tuple[bool, bool]:
    """The picture that is edited comes first, masks come last; the rest keeps the page's order."""
    named = _PICTURE.fullmatch(place.path[-1])
    whose = named["whose"] if named else ""
    what = named["what"] if named else ""
    return what == "mask" or "mask_" in whose, whose != ""


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    kind = schema.get("type", ())
    return (kind,) if isinstance(kind, str) else tuple(kind)


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
