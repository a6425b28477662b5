"""Requests and answers as plain values, and the ways in which a host says no. Shapes: DESIGN §8."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are in lower case; of a repeated query key the first value counts."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = "http://127.0.0.1"
    """How the caller addressed us: links lead back there."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer travels."""

    delay: float = 0.0
    """Seconds before its first byte."""
    drop: bool = False
    """The connection is closed in its place."""
    half: bool = False
    """The connection is closed in the middle of the body, whose whole length was announced."""
    drip: int | None = None
    """Bytes of the body a second; None for all of it at once."""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = Manner()
    blanks: int = 0
    """Spaces that stand before the body: an answer too large to be held in memory."""
    task_id: str = ""
    """The task that it speaks of, as the host knows it; for our own eyes."""
    unheard: Callable[[], None] | None = None
    """To be called where the client has left before the answer."""


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that needs time and slow work first.

    `work` touches no state and may run in any thread; it gives the step that makes the answer, or leads on to it, which
    is taken where the requests are answered.
    """

    work: Callable[[], Callable[[], Response | Later]]
    wait: float = 0.0
    """Seconds before the work is asked for."""


class Refused(Exception):
    """The host's "no", as its error envelope has it."""

    def __init__(self, status: int, reason: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers or {}


class Dropped(ConnectionResetError):
    """The connection ended without a whole answer; raised where there is no socket that could be closed."""


def then(first: Response | Later, step: Callable[[Response], Response]) -> Response | Later:
    """The answer after one more step, taken where requests are answered."""
    if isinstance(first, Response):
        return step(first)

    def work() -> Callable[[], Response | Later]:
        settle = first.work()
        return lambda: then(settle(), step)

    return Later(work, first.wait)


def answer(value: Any, status: int = 200, task_id: str = "") -> Response:
    """A JSON answer, and the task that it speaks of."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode(), task_id=task_id)


def envelope(refused: Refused) -> Response:
    """A refusal of the API: `{code, reason, message, metadata}`."""
    told = {"code": refused.status, "reason": refused.reason, "message": refused.message, "metadata": {}}
    return replace(answer(told, refused.status), headers=refused.headers)


def storage_error(status: int, code: str, message: str) -> Response:
    """A refusal of the storage behind the result links: XML, as object stores answer. The words must be plain."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, text.encode(), "application/xml")
