"""What a host can say wrongly, by name. Each case makes one answer, most of them from the true one.

A case that `refuses` comes in place of the host's work: nothing is accepted. The others change what the host says when
its work is done; on a submit most of them hide the task's id, so that the client cannot know what it bought.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from PIL import Image

from runner.emulator.wire import Refused, Request, Response, envelope, storage_error

Kind = Literal["submit", "poll", "download"]
"""What a request is for."""
KINDS: tuple[Kind, ...] = ("submit", "poll", "download")

_HUGE = 130_000_000
"""Bytes: above every limit that a client could have for an answer with pictures in it."""
_BOMB = 150_000_000
_DEEP = 100_000
_PIXELS = ("PNG", "image/png"), ("JPEG", "image/jpeg")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a case has to work with."""

    kind: Kind
    request: Request
    true: Response
    """The host's own answer; an empty one where it was not asked."""
    other: str
    """The id of another task, or of none."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to answer wrongly."""

    words: str
    tell: Callable[[Scene], Response]
    on: tuple[Kind, ...] = KINDS
    refuses: bool = False
    hides: bool = True
    """On a submit: whether the client cannot know the task's id afterwards."""


def _says(status: int, reason: str, words: str) -> Callable[[Scene], Response]:
    """A refusal in the form that belongs to who is asked."""

    def tell(scene: Scene) -> Response:
        if scene.kind == "download":
            return storage_error(status, reason, words)
        return envelope(Refused(status, reason, words))

    return tell


def _html(_: Scene) -> Response:
    page = b"<!doctype html>\n<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>\n"
    return Response(502, page, "text/html")


def _redirect(scene: Scene) -> Response:
    query = "&".join(f"{name}={value}" for name, value in scene.request.query.items())
    return Response(307, b"", "text/html", {"Location": f"{scene.request.path}?{query}".rstrip("?")})


def _garbage(scene: Scene) -> Response:
    return replace(scene.true, body=b'\x00{"task_id" = \xff ?')


def _nan(scene: Scene) -> Response:
    return replace(scene.true, body=b'{"task_id": NaN, "task": {"status": NaN}, "images": [NaN]}')


def _deep(scene: Scene) -> Response:
    return replace(scene.true, body=b'{"task_id": ' + b"[" * _DEEP + b"]" * _DEEP + b"}")


def _huge(scene: Scene) -> Response:
    return replace(scene.true, blanks=_HUGE)


def _bomb(scene: Scene) -> Response:
    return replace(scene.true, body=_packed(), headers={"Content-Encoding": "gzip"})


@cache
def _packed() -> bytes:
    """Zeros without end, as gzip."""
    packer = zlib.compressobj(wbits=31)
    zeros = bytes(1_000_000)
    return b"".join([*(packer.compress(zeros) for _ in range(_BOMB // len(zeros))), packer.flush()])


def _wrong_type(scene: Scene) -> Response:
    return replace(scene.true, content_type="text/html")


def _no_id(scene: Scene) -> Response:
    return replace(scene.true, body=b"{}")


def _odd_id(scene: Scene) -> Response:
    return _named(scene.true, f"../../{scene.true.task_id}?x#y")


def _other_id(scene: Scene) -> Response:
    return _named(scene.true, scene.other)


def _named(true: Response, task_id: str) -> Response:
    """The answer with another task's id in place of its own."""
    return replace(true, body=true.body.replace(json.dumps(true.task_id).encode(), json.dumps(task_id).encode()))


def _odd_status(scene: Scene) -> Response:
    told = json.loads(scene.true.body)
    told["task"]["status"] = "TASK_STATUS_POLISHING"
    return replace(scene.true, body=json.dumps(told | {"images": []}).encode())


def _odd_types(scene: Scene) -> Response:
    told = json.loads(scene.true.body)
    told["extra"]["seed"] = int(told["extra"]["seed"])
    told["task"]["progress_percent"] = str(told["task"]["progress_percent"])
    for image in told["images"]:
        image["image_url_ttl"] = str(image["image_url_ttl"])
    return replace(scene.true, body=json.dumps(told).encode())


def _truncated(scene: Scene) -> Response:
    return replace(scene.true, body=scene.true.body[: len(scene.true.body) // 2])


def _other_format(scene: Scene) -> Response:
    format_ = next(name for name, media_type in _PIXELS if media_type != scene.true.content_type)
    file = io.BytesIO()
    Image.open(io.BytesIO(scene.true.body)).convert("RGB").save(file, format_)
    return replace(scene.true, body=file.getvalue())


CASES: Mapping[str, Case] = {
    "rate-limited": Case(
        "429 `RATE_LIMIT_EXCEEDED`", _says(429, "RATE_LIMIT_EXCEEDED", "too many requests"), refuses=True
    ),
    "no-balance": Case(
        "400 `BILLING_BALANCE_NOT_ENOUGH`",
        _says(400, "BILLING_BALANCE_NOT_ENOUGH", "the balance does not pay for this"),
        ("submit",),
        refuses=True,
    ),
    "bad-key": Case(
        "403 `INVALID_API_KEY`",
        _says(403, "INVALID_API_KEY", "this key is not known here"),
        ("submit", "poll"),
        refuses=True,
    ),
    "moderated": Case(
        "400 `ILLEGAL_PROMPT`; for a task that fails by moderation see `task:`",
        _says(400, "ILLEGAL_PROMPT", "the prompt is not allowed"),
        ("submit",),
        refuses=True,
    ),
    "expired": Case(
        "403, as a storage refuses a link whose time is over",
        _says(403, "AccessDenied", "This link has expired."),
        ("download",),
        refuses=True,
    ),
    "html": Case("502 with a page of HTML", _html, refuses=True),
    "redirect": Case("307 to the address that was asked", _redirect, refuses=True),
    "garbage": Case("200 with bytes that are neither JSON nor a picture", _garbage),
    "nan": Case("200 with JSON that says NaN", _nan, ("submit", "poll")),
    "deep": Case(f"200 with JSON of {_DEEP:,} lists inside each other", _deep, ("submit", "poll")),
    "huge": Case(f"the answer, after {_HUGE // 1_000_000} MB of blanks", _huge),
    "bomb": Case(f"a small gzip that unpacks to {_BOMB // 1_000_000} MB", _bomb),
    "wrong-type": Case("the answer, said to be HTML", _wrong_type, hides=False),
    "no-id": Case("200 that names no task", _no_id, ("submit",)),
    "odd-id": Case("200, the task's id with `/`, `?` and `#` in it", _odd_id, ("submit",)),
    "repeated-id": Case("200 with the id of the task before", _other_id, ("submit",)),
    "foreign-id": Case("the answer, with the id of another task", _other_id, ("poll",)),
    "odd-status": Case("a status that nobody knows", _odd_status, ("poll",)),
    "odd-types": Case("the seed as a number, the lives of links as text", _odd_types, ("poll",)),
    "truncated": Case("the first half of the picture, as if it were all", _truncated, ("download",)),
    "other-format": Case("a PNG that is called a JPEG, or the other way round", _other_format, ("download",)),
}
"""Every case by its name."""
