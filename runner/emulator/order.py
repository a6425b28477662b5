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

OwnResults = Callable[[str], bytes | None]
"""The picture behind one of our own result links, or None where the link leads elsewhere."""


@dataclass(frozen=True, slots=True)
class Order:
    """A request that the model takes."""

    model: str
    label: str
    """The step it is for, or empty."""
    digest: str
    """SHA-256 of the body's bytes."""
    prompt: str
    seed: int | None
    """None where any seed will do."""
    count: int
    format: Format
    size: Size
    images: tuple[Image.Image, ...]
    """The inputs, decoded: RGB or RGBA, upright, sRGB."""


def read_order(request: Request, model: str, schema: Mapping[str, Any], own: OwnResults) -> Order:
    """The order in a submit's body. Raises Refused."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "INVALID_REQUEST_BODY", "the Content-Type has to be application/json")
    body = _parsed(request.body)
    found = problems(body, schema)
    if found:
        raise Refused(400, "INVALID_REQUEST_BODY", "; ".join(map(_told, found[:8])))
    wanted = layout.of(schema)
    entries = [each for place in wanted.pictures for each in _entries(layout.get(body, place.path))]
    _check_use(body, schema, bool(entries))
    images = tuple(_picture(entry, number, own) for number, entry in enumerate(entries, 1))
    seed = layout.get(body, wanted.seed) if wanted.seed else None
    prompt = layout.get(body, wanted.prompt) if wanted.prompt else ""
    return Order(
        model=model,
        label=_printable(request.headers.get(LABEL_HEADER, "")),
        digest=digest.of_bytes(request.body),
        prompt=str(prompt or ""),
        seed=seed if isinstance(seed, int) and seed >= 0 else None,
        count=wanted.count(body),
        format=_FORMATS.get(str(body.get("output_format", _default(schema, "output_format"))), "jpeg"),
        size=size_for(body, images[0].size if images else None),
        images=tuple(_kept(image) for image in images),
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


def _entries(value: Any) -> list[Any]:
    """The pictures at one place of a request: of a list all, else the only one, if any."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _check_use(body: Mapping[str, Any], schema: Mapping[str, Any], pictures: bool) -> None:
    """Refuse parameters that the page keeps for requests without pictures."""
    if pictures:
        for name in body:
            if schema.get("properties", {}).get(name, {}).get("x-text-to-image-only"):
                words = f"{name}: works only where a picture is made from text alone"
                raise Refused(400, "INVALID_REQUEST_BODY", words)


def _told(problem: Problem) -> str:
    place = ".".join(str(part) for part in problem.path)
    return f"{place}: {problem.message}" if place else problem.message


def _picture(entry: Any, number: int, own: OwnResults) -> Image.Image:
    """One entry of `images` (counted from 1): a data URI, plain base64, or a link to one of our own results."""
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


def _default(schema: Mapping[str, Any], name: str) -> Any:
    return schema.get("properties", {}).get(name, {}).get("default", "jpeg")


def _printable(label: str) -> str:
    return "".join(sign for sign in label if sign.isascii() and sign.isprintable())[:60].strip()
