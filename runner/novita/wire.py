"""What goes over the wire and what comes back: requests, task ids, task results, pictures by their first bytes.

Pure. Answers are read with suspicion: an answer that is not what the API documents raises Unusable, never a KeyError.
Facts: DESIGN §8.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn
from urllib.parse import quote, urlencode

from runner import answer as answers
from runner import layout
from runner.answer import Unusable as Unusable
from runner.digest import canonical
from runner.novita.paths import unfit
from runner.operation import Json, Model
from runner.secrecy import without_queries
from runner.settings import ImageForm

Stage = Literal["waiting", "succeeded", "failed"]

_STAGES: Mapping[str, Stage] = {
    "QUEUED": "waiting",
    "PROCESSING": "waiting",
    "SUCCEED": "succeeded",
    "SUCCEEDED": "succeeded",
    "SUCCESS": "succeeded",
    "FAILED": "failed",
}
"""Words of status without the prefix that Novita's have, in capitals. A success that is spelled otherwise than on the
pages brings its pictures, so it may be believed; a failure is a last word, and has one spelling."""
_PREFIX = "TASK_STATUS_"
_LARGEST = 2**63 - 1
_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_MOST_BRACKETS = 10_000
_MOST_COMMAS = 100_000
"""An answer with more is not read: each bracket costs a hundred times its own byte once it is read."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where one finished image lies."""

    url: str
    lifetime: int | None
    """Seconds for which the host promises the link; None where it says nothing, or 0."""


@dataclass(frozen=True, slots=True)
class TaskState:
    """One answer about a task."""

    stage: Stage
    status: str
    """The host's own word."""
    reason: str
    """Why a task failed, in the host's words; often empty."""
    listed: int
    """Images that the answer lists, those without an address included; what cannot be read as a list counts as one."""
    links: tuple[Link, ...]
    seed: int | None
    other: str | None = None
    """What it made that is no picture: `video` or `audio`."""

    @property
    def known(self) -> bool:
        """Whether the host's word is one that its pages name, however it is spelled."""
        return _stage_word(self.status) in _STAGES


@dataclass(frozen=True, slots=True)
class Instant:
    """What a synchronous endpoint answered: the pictures themselves."""

    pictures: tuple[str | bytes, ...]
    """In order; a link to be fetched, or a file that came with the answer. At least one."""
    seed: int | None
    unfit: tuple[str, ...] = ()
    """Why others that it lists are no pictures, a clause for each."""


def target(model: Model, request: Mapping[str, Json]) -> str:
    """Path and query of the endpoint for a request: `{name}` in the path and `x-in: query` parameters are filled in.

    Raises ValueError when the request lacks what the path needs.
    """

    def filled(match: re.Match[str]) -> str:
        value = _plain(request[match[1]])
        if value in {"", ".", ".."}:  # it would lead to another endpoint
            raise ValueError(f"the address of {model.name} cannot be made with {match[1]} {value!r}")
        return quote(value, safe="")

    try:
        path = re.sub(r"\{(\w+)\}", filled, model.path)
    except KeyError as error:
        raise ValueError(f"the address of {model.name} needs {error.args[0]}") from None
    if why := unfit(path):
        raise ValueError(f"the address of {model.name} cannot be used: {why}")
    asked = [name for name in model.properties if name in request and _stands_in(model, name) == "query"]
    pairs = [(name, _plain(each)) for name in asked for each in _several(request[name])]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def body(model: Model, request: Mapping[str, Json], images: Sequence[bytes], form: ImageForm) -> bytes:
    """The request as JSON bytes: keys in the order of the model's page, plain ASCII, equal for equal requests.

    What belongs into the address (see target) is left out.

    `images` are PNG, JPEG or WebP files that the host can take. Raises ValueError for what no plan lets through:
    a key the model does not have, NaN, too many images.
    """
    plain: dict[str, Json] = json.loads(canonical(dict(request)))
    if len(images) > model.layout.most:
        raise ValueError(f"{model.name} takes at most {model.layout.most} images, not {len(images)}")
    for place, taken in model.layout.filled(list(images)):
        own: ImageForm = "base64" if place.bare else form
        entries = [_entry(image, own) for image in taken] if place.many else _entry(taken, own)
        plain = layout.put(plain, place.path, entries)
    if unknown := plain.keys() - model.properties.keys():
        raise ValueError(f"{model.name} has no parameter {', '.join(sorted(unknown))}")
    plain = {name: each for name, each in plain.items() if _stands_in(model, name) == "body"}
    return json.dumps(_ordered(plain, model.schema), separators=(",", ":"), allow_nan=False).encode("ascii")


def picture_type(data: bytes) -> str | None:
    """Media type by the first bytes: PNG, JPEG, WebP, or None. It does not say that the picture is whole."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def task_id(value: Json) -> str:
    """`value` if it has the form of a task id: at most 128 letters, digits, `.`, `_`, `-`; else Unusable.

    A number above 0 is the text of its digits: as soon as an id can be asked for, a paid task is not lost.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST:
        return str(value)
    if not isinstance(value, str) or not _TASK_ID.fullmatch(value):
        raise Unusable("it holds no usable task id")
    return value


def parse(answer: bytes) -> dict[str, Json]:
    """The JSON object of an answer; Unusable for anything else: NaN, nesting without end, a list, other than UTF-8.

    A key that is said twice, each time with another value, leaves open what is meant.
    """
    if answer.count(b"[") + answer.count(b"{") > _MOST_BRACKETS or answer.count(b",") > _MOST_COMMAS:
        raise Unusable("it lists more than is read")
    try:
        text = answer.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_said_once)
    except (ValueError, RecursionError):
        raise Unusable("it is not JSON") from None
    if not isinstance(value, dict):
        raise Unusable("it is not a JSON object")
    return value


def answered(answer: bytes, *, at_once: bool, most_bytes: int) -> Instant | str:
    """What a submit gave: pictures of at most `most_bytes` each, or the id of a task; else Unusable.

    `at_once` says which of them the model's page promises, and so is looked for first. A host that gives the other one,
    or names the task elsewhere than its page says, is taken at its word: it is paid for either way.
    """
    data = parse(answer)
    named = task_named(data)
    if named is not None and not at_once:
        return named
    try:
        found = _instant(data, most_bytes)
    except Unusable:
        if named is None:
            raise
        return named
    if found is not None:
        return found
    if named is None:
        raise Unusable("it holds no picture" if at_once else "it holds no usable task id")
    return named


def task_named(data: Mapping[str, Json]) -> str | None:
    """The id of a task that an answer names, wherever answers have one."""
    for each in answers.task_ids(data):
        with contextlib.suppress(Unusable):
            return task_id(each)
    return None


def _instant(data: Mapping[str, Json], most_bytes: int) -> Instant | None:
    """The pictures of an answer, or None where it has none; Unusable where it has nothing but what is none."""
    listed = answers.pictures(data, most_bytes)
    pictures: list[str | bytes] = []
    unfit: list[str] = []
    for each in listed:
        if isinstance(each, Unusable):
            unfit.append(str(each))
        elif isinstance(each, bytes) and picture_type(each) is None:
            unfit.append("what it holds is no PNG, JPEG or WebP picture")
        else:
            pictures.append(each)
    if unfit and not pictures:
        raise Unusable(unfit[0])
    seed = _seed(data.get("seed"))
    if seed is None:
        seed = _seed(_object(data.get("extra")).get("seed"))
    return Instant(tuple(pictures), seed, tuple(unfit)) if pictures else None


def task_state(answer: bytes, expected: str) -> TaskState:
    """What an answer says about task `expected`; Unusable when it speaks of another task or says no status."""
    data = parse(answer)
    task = _object(data.get("task"))
    status = task.get("status")
    if not isinstance(status, str) or not status:
        raise Unusable("it says no status")
    named = task.get("task_id")
    if named is not None and named != "" and task_id(named) != expected:
        raise Unusable("it speaks of another task")
    entries = _entries(data.get("images"))
    return TaskState(
        stage=_STAGES.get(_stage_word(status), "waiting"),
        status=readable(status, 60),
        reason=readable(task.get("reason"), 300),
        listed=len(entries),
        links=tuple(_links(entries)),
        seed=_seed(_object(data.get("extra")).get("seed")),
        other=next((kind for kind in ("video", "audio") if data.get(f"{kind}s")), None),
    )


def whole_number(value: Json) -> int | None:
    """An integer of at most 64 bits that the host writes as a number or as digits; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return value
    return None


def readable(value: Json, most: int) -> str:
    """Foreign text made fit for a message: one line, no control characters, no link's query, at most `most` long."""
    if not isinstance(value, str):
        return ""
    line = " ".join("".join(each if each.isprintable() else " " for each in value[: 4 * most]).split())
    line = without_queries(line)
    return line if len(line) <= most else line[: most - 1] + "…"


def _stage_word(status: str) -> str:
    return status.strip().upper().removeprefix(_PREFIX)


def _seed(value: Json) -> int | None:
    """A seed that was used; -1 and the like mean that any was."""
    seed = whole_number(value)
    return seed if seed is not None and seed >= 0 else None


def _stands_in(model: Model, name: str) -> str:
    """Where a parameter of the request's top level goes: `body`, `query` or `path`."""
    place: str = model.properties[name].get("x-in", "body")
    return place


def _several(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _plain(value: Json) -> str:
    """A value as an address writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def _ordered(value: Json, schema: Mapping[str, Json]) -> Json:
    """The value with the keys of its objects in the schema's order; those it does not name come last."""
    known = schema.get("properties")
    if not isinstance(value, dict) or not known:
        return value
    named = {name: _ordered(value[name], each) for name, each in known.items() if name in value}
    return named | {name: each for name, each in value.items() if name not in known}


def _entry(image: bytes, form: ImageForm) -> str:
    text = base64.b64encode(image).decode("ascii")
    return text if form == "base64" else f"data:{picture_type(image) or 'application/octet-stream'};base64,{text}"


def _entries(images: Json) -> list[Json]:
    """What a task's `images` lists; one that stands alone is a list of one. Unusable beyond what is read."""
    entries = images if isinstance(images, list) else [images] if images else []
    if len(entries) > answers.MOST:
        raise Unusable(f"it lists more than {answers.MOST} pictures")
    return entries


def _links(images: list[Json]) -> list[Link]:
    """The links of a task's images, each once: the same link again is the same picture."""
    found: dict[str, Link] = {}
    for each in images:
        url = each if isinstance(each, str) else _object(each).get("image_url")
        if isinstance(url, str) and url:
            lifetime = whole_number(_object(each).get("image_url_ttl"))
            found.setdefault(url, Link(url, lifetime if lifetime and lifetime > 0 else None))
    return list(found.values())


def _object(value: Json) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _said_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """The object of these keys and values."""
    found = dict(pairs)
    if len(found) < len(pairs) and any(found[key] != value for key, value in pairs):
        raise Unusable("it says the same key twice")
    return found
