"""Where pictures lie in the answer of a host, read from an actual answer or from the answer's schema.

Pages name the same things differently: a list of links (`images`, `image_urls`), base64 (`image_file`), objects that
hold either (`images[].image_url`, `data[].b64_json`). What counts as a picture stands in one table, and nothing beyond
it is taken for one. Pure. Answers are read with suspicion: what cannot be a picture where one belongs is Unusable.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from runner import layout
from runner.layout import Path

Form = Literal["base64", "link", "either", "around"]
"""What stands below a key: base64 text, a link, either of them, or only objects that hold pictures in turn."""

_FORMS: Mapping[str, Form] = {
    "image_file": "base64",
    "image_base64": "base64",
    "binary_data_base64": "base64",
    "b64_json": "base64",
    "image_url": "link",
    "image_urls": "link",
    "url": "link",
    "images": "either",
    "image": "either",
    "imgs": "either",
    "output": "either",
    "outputs": "either",
    "data": "around",
    "result": "around",
}
"""By key, the preferred one first: an object that holds a picture twice, as base64 and as a link, counts once, and what
came with the answer need not be fetched."""
_ONLY_IN_PICTURES = {"url"}
"""Keys that mean a picture only inside an object below one of the other keys; elsewhere they lead anywhere."""
_TASKS: tuple[Path, ...] = (("task_id",), ("task", "task_id"), ("data", "task_id"))
"""Where the id of an accepted task may stand."""

_DATA_URI = re.compile(
    r"data:(?:image/[a-z0-9.+-]{1,40}|application/octet-stream)?(?:;[a-z0-9-]{1,20}=[^;,\s]{1,40}){0,4};base64,",
    re.IGNORECASE,
)
"""Hosts write the type in their own ways; whether it is a picture is seen by its first bytes."""
_URL_SAFE = str.maketrans("-_", "+/")
_DEEPEST = 4
MOST = 64
"""The most pictures read from one answer."""
_LONGEST_LINK = 8192


class Unusable(Exception):
    """An answer that does not say what the API should say here. The text is a clause: "it …"."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer of some schema holds pictures."""

    path: Path
    """Keys from the top of the answer to the picture, or to the list of them."""
    many: bool
    """Whether there is a list of pictures."""
    inside: Path
    """Keys from an entry of the list to the picture itself; empty where the entries are the pictures."""
    form: Form
    """`base64`, `link` or `either`."""


Held = str | bytes | Unusable
"""One picture of an answer: a link, the file itself, or why what stands in its place cannot be one."""


def pictures(answer: Mapping[str, Any], most_bytes: int) -> tuple[Held, ...]:
    """The pictures of an answer, in order: links as text, those that came with it as bytes, at most `most_bytes` each.

    Empty where it holds none. What cannot be a picture takes the place of one as the reason why: the others are paid
    for and not lost. The bytes need not be a picture, nor the links be fit to be asked: that is for the caller to see.
    Raises Unusable when it lists more pictures than are read.
    """
    return tuple(_read(each, most_bytes) for each in _held_in(answer, 0))


def places(schema: Mapping[str, Any] | None) -> tuple[Place, ...]:
    """Where an answer of this JSON Schema (`x-retouch.response`) holds pictures, the preferred place first."""
    return tuple(_places(schema or {}, 0))


def holds_pictures(schema: Mapping[str, Any] | None) -> bool:
    """Whether an answer of this JSON Schema holds pictures."""
    return bool(places(schema))


def at_once(about: Mapping[str, Any]) -> bool:
    """Whether the endpoint that `x-retouch` tells about answers with the result, not with a task to ask for."""
    response = about.get("response")
    return about.get("sync") is True and (holds_pictures(response) or task_place(response) is None)


def task_ids(answer: Mapping[str, Any]) -> tuple[Any, ...]:
    """What stands in an actual answer where the id of a task may stand, the likeliest place first; null is nothing."""
    found = (layout.get(answer, path) for path in _TASKS)
    return tuple(each for each in found if each is not None)


def task_place(schema: Mapping[str, Any] | None) -> Path | None:
    """Where an answer of this JSON Schema names the task to ask for, or None where it names none."""
    return next((path for path in _TASKS if _describes(schema or {}, path)), None)


def _held_in(value: Mapping[str, Any], depth: int) -> list[str | Unusable]:
    """Every text of an object that should be a picture: of the first key that holds any, or else what stands there."""
    unfit: list[str | Unusable] = []
    # at the top a list is the result, and one link beside it perhaps what was sent
    names = sorted(_FORMS, key=lambda name: not (depth or isinstance(value.get(name), list)))
    for name in names:
        form = _FORMS[name]
        if name in value and (depth or name not in _ONLY_IN_PICTURES):
            found = _held(value[name], name, form, depth)
            if any(isinstance(each, str) for each in found):
                return found
            unfit = unfit or found
    return unfit


def _held(value: Any, name: str, form: Form, depth: int) -> list[str | Unusable]:
    """The texts of one key's value: of a text, an object, or a list of either. Null and empty hold nothing."""
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MOST:
        raise Unusable(f"it lists more than {MOST} pictures")
    found: list[str | Unusable] = []
    for each in entries:
        if isinstance(each, str) and each and form != "around":
            found.append(each)
        elif isinstance(each, dict) and depth < _DEEPEST:
            found += _held_in(each, depth + 1)
        elif each not in (None, "", {}) and form != "around":
            found.append(Unusable(f"what stands in `{name}` cannot be a picture"))
    return found


def _read(held: str | Unusable, most_bytes: int) -> Held:
    """A link, or the bytes of a data URI or of plain base64, whatever the key's name promises."""
    if isinstance(held, Unusable):
        return held
    if re.match(r"https?://", held, re.IGNORECASE):
        fit = len(held) <= _LONGEST_LINK and re.fullmatch(r"[!-~]+", held)
        return held if fit else Unusable("a link in it is no link")
    uri = _DATA_URI.match(held)
    if (len(held) - (uri.end() if uri else 0)) // 4 * 3 > most_bytes + 3:
        return Unusable(f"a picture in it is larger than {most_bytes // 1_000_000} MB")
    plain = "".join(held[uri.end() :].split() if uri else held.split()).translate(_URL_SAFE)
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return Unusable("a picture in it is neither a link nor base64")
    return data or Unusable("a picture in it is empty")


def _places(schema: Mapping[str, Any], depth: int) -> Iterator[Place]:
    properties = schema.get("properties", {})
    for name, form in _FORMS.items():
        if name in properties and (depth or name not in _ONLY_IN_PICTURES):
            yield from _places_in(properties[name], name, form, depth)


def _places_in(schema: Mapping[str, Any], name: str, form: Form, depth: int) -> Iterator[Place]:
    kind = schema.get("type", ())
    types = {kind} if isinstance(kind, str) else set(kind)
    if depth >= _DEEPEST:
        return
    if "properties" in schema:
        for each in _places(schema, depth + 1):
            yield Place((name, *each.path), each.many, each.inside, each.form)
    elif "array" in types:
        held = schema.get("items", {})
        if "properties" in held:
            entry = next((each for each in _places(held, depth + 1) if not each.many), None)
            if entry is not None:
                yield Place((name,), True, entry.path, entry.form)
        elif held.get("type", "string") == "string" and form != "around":
            yield Place((name,), True, (), form)
    elif form != "around" and types <= {"string", "null"}:
        yield Place((name,), False, (), form)


def _describes(schema: Mapping[str, Any], path: Path) -> bool:
    for key in path:
        schema = schema.get("properties", {}).get(key)
        if not isinstance(schema, Mapping):
            return False
    return True
