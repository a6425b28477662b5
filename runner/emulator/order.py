"""A submit's body, checked as strictly as the model's page says and read into an Order. Slow, without state.

What a paid host would take in silence and answer with a wrong picture is refused here, with words: a rehearsal is the
cheapest place to learn of a mistake.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from PIL import Image

from runner import artifact, digest, layout
from runner.artifact import reading, srgb
from runner.emulator.painter.painting import Format
from runner.emulator.shapes import Size, size_for
from runner.emulator.wire import Refused, Request
from runner.errors import BadImage
from runner.validation import Problem, problems

LABEL_HEADER = "x-retouch-step"
"""Names the step in the picture; only rehearsals send it."""

_BIG_ENOUGH = 2048
"""Longest side, in pixels, that an input is kept at: no stand-in shows more."""
_DATA_URI = re.compile(r"data:(image/[a-z0-9.+-]{1,40});base64,")
_FORMATS: Mapping[str, Format] = {"jpeg": "jpeg", "jpg": "jpeg", "png": "png", "webp": "webp"}
_FORMAT_NAMES = (
    "output_format",
    "output_image_format",
    "response_image_type",
    "response_image_format",
    "image_format",
)
_BASE64 = {"b64_json", "base64"}
_FLAT = 3
"""How many objects deep names are looked for."""

OwnResults = Callable[[str], bytes | None]
"""The picture behind one of our own result links, or None where the link leads elsewhere."""


@dataclass(frozen=True, slots=True)
class Order:
    """A request that the model takes."""

    model: str
    label: str
    """The step it is for, or empty."""
    digest: str
    """SHA-256 of the body's bytes, and of what the address says beside."""
    prompt: str
    """The model's name where there is none."""
    seed: int | None
    """None where any seed will do."""
    count: int
    format: Format
    size: Size
    images: tuple[Image.Image, ...]
    """The inputs, decoded: RGB or RGBA, upright, sRGB."""
    base64_asked: bool
    """Whether the pictures are to come with the answer, where it can bring them."""


def read_order(
    request: Request, model: str, schema: Mapping[str, Any], own: OwnResults, address: Mapping[str, str]
) -> Order:
    """The order in a submit's body and address: `address` holds query parameters and parts of the path, by name.

    Raises Refused.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "INVALID_REQUEST_BODY", "the Content-Type has to be application/json")
    sent = _parsed(request.body)
    told = _from_address(address, schema)
    body = sent | told
    found = problems(body, schema)
    if found:
        raise Refused(400, "INVALID_REQUEST_BODY", "; ".join(map(_told, found[:8])))
    wanted = layout.of(schema)
    entries = [(each, place.bare) for place in wanted.pictures for each in _entries(layout.get(body, place.path))]
    _check_use(body, schema, bool(entries))
    images = tuple(_picture(entry, number, bare, own) for number, (entry, bare) in enumerate(entries, 1))
    asked = _by_name(body)
    kind = next((asked[name] for name in _FORMAT_NAMES if name in asked), None)
    mark = digest.of_bytes(request.body + (digest.canonical(told) if told else b""))
    seed = layout.get(body, wanted.seed) if wanted.seed else None
    if wanted.seed is None and wanted.prompt is None:
        seed = int(mark[:7], 16)  # such a model, for backgrounds or sizes, makes the same of the same
    prompt = layout.get(body, wanted.prompt) if wanted.prompt else ""
    return Order(
        model=model,
        label=printable(request.headers.get(LABEL_HEADER, "")),
        digest=mark,
        prompt=str(prompt or model),
        seed=seed if isinstance(seed, int) and seed >= 0 else None,
        count=wanted.count(body),
        format=_FORMATS.get(str(kind or _default(schema, *_FORMAT_NAMES)), "jpeg"),
        size=size_for({"resolution": _default(schema, "resolution")} | asked, images[0].size if images else None),
        images=tuple(_kept(image) for image in images),
        base64_asked=any(_asks_for_base64(name, each) for name, each in asked.items()),
    )


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "INVALID_REQUEST_BODY", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "INVALID_REQUEST_BODY", "the body is not a JSON object")
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _from_address(address: Mapping[str, str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that the schema has in the address, as the values they stand for."""
    found = {}
    for name, each in schema.get("properties", {}).items():
        if each.get("x-in") in {"query", "path"} and name in address:
            found[name] = _valued(address[name], each.get("type"))
    return found


def _valued(text: str, kind: Any) -> Any:
    """A parameter of the address in the type of its schema, or the text as it is where it does not fit."""
    if kind in {"integer", "number", "boolean"}:
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except ValueError:
            return text
    return text


def _by_name(body: Mapping[str, Any], depth: int = 1) -> dict[str, Any]:
    """Every parameter by its own name, those of inner objects included; the outermost counts."""
    inner = [each for each in body.values() if isinstance(each, dict) and depth < _FLAT]
    found: dict[str, Any] = {}
    for each in reversed(inner):
        found |= _by_name(each, depth + 1)
    return found | {name: each for name, each in body.items() if not isinstance(each, dict | list)}


def _asks_for_base64(name: str, value: Any) -> bool:
    return ("base64" in name and value is True) or (name.startswith("response") and value in _BASE64)


def _entries(value: Any) -> list[Any]:
    """The pictures at one place of a request: of a list all, else the only one, if any."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _check_use(body: Mapping[str, Any], schema: Mapping[str, Any], pictures: bool) -> None:
    """Refuse parameters that the page keeps for requests without pictures."""
    for name, value in body.items() if pictures else ():
        each = schema.get("properties", {}).get(name, {})
        if each.get("x-text-to-image-only"):
            words = f"{name}: works only where a picture is made from text alone"
            raise Refused(400, "INVALID_REQUEST_BODY", words)
        if isinstance(value, dict):
            _check_use(value, each, pictures)


def _told(problem: Problem) -> str:
    place = ".".join(str(part) for part in problem.path)
    return f"{place}: {problem.message}" if place else problem.message


def _picture(entry: Any, number: int, bare: bool, own: OwnResults) -> Image.Image:
    """One picture of a request (counted from 1): a data URI, plain base64, or a link to one of our own results.

    Where plain base64 is asked for (`bare`), nothing else will do.
    """
    if bare and isinstance(entry, str) and re.match(r"data:|https?:", entry, re.IGNORECASE):
        raise Refused(400, "INVALID_IMAGE_FORMAT", f"image {number} has to be plain base64, without anything before it")
    if not isinstance(entry, str):
        raise Refused(400, "INVALID_REQUEST_BODY", f"image {number} is not text")
    promised = None
    if re.match(r"https?://", entry, re.IGNORECASE):
        data = own(entry)
        if data is None:
            words = f"image {number} is a link that leads elsewhere: this emulator fetches its own results only"
            raise Refused(400, "INVALID_REQUEST_BODY", words)
    else:
        uri = _DATA_URI.match(entry)
        promised = uri[1] if uri else None
        data = _decoded(entry[uri.end() :] if uri else entry, number)
    try:
        seen = reading.read(data)
    except BadImage as error:
        raise Refused(400, "INVALID_IMAGE_FORMAT", f"image {number}: {error.message}") from None
    if promised not in {None, seen.media_type}:
        words = f"image {number} says it is {promised}, but its bytes are {seen.media_type}"
        raise Refused(400, "INVALID_IMAGE_FORMAT", words)
    return srgb.to_srgb(seen.image)


def _decoded(text: str, number: int) -> bytes:
    if len(text) * 3 // 4 - 2 > artifact.MOST_BYTES:
        words = f"image {number} is larger than {artifact.MOST_BYTES // 1_000_000} MB"
        raise Refused(400, "IMAGE_FILE_EXCEEDS_MAX_SIZE", words)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "INVALID_IMAGE_FORMAT", f"image {number}: its base64 cannot be decoded") from None


def _kept(image: Image.Image) -> Image.Image:
    if max(image.size) > _BIG_ENOUGH:
        image.thumbnail((_BIG_ENOUGH, _BIG_ENOUGH), Image.Resampling.LANCZOS)
    return image


def _default(schema: Mapping[str, Any], *names: str) -> Any:
    """The first default that the schema states for one of the names, wherever it stands; empty where it states none."""
    properties = schema.get("properties", {})
    own = (properties[name]["default"] for name in names if "default" in properties.get(name, {}))
    below = (found for each in properties.values() if (found := _default(each, *names)))
    return next(own, None) or next(below, "")


def printable(label: str) -> str:
    """A step's label as it can be drawn and written."""
    return "".join(sign for sign in label if sign.isascii() and sign.isprintable())[:60].strip()
