"""A host that answers as a test has written down, and the answers such a host gives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from PIL import Image

from runner.clock import Clock
from runner.errors import CallFailed
from runner.novita.polling import Memory
from runner.novita.provider import NovitaOptions, NovitaProvider
from runner.operation import Call, Collected, Model, Ticket
from runner.settings import Secret
from tests.pictures import plain, saved

KEY = "sk_canary_0123456789abcdef"
REMOTE = "https://api.novita.ai"
PNG = plain(8, 6, "red")
WEBP = saved(Image.new("RGB", (8, 6), "blue"), "WEBP")
EDIT = Model(
    "edit-1",
    "Edit",
    "/v3/async/edit-1",
    {"type": "object", "properties": {"prompt": {}, "images": {"maxItems": 4}, "seed": {}}},
)
SAY_HELLO = Call(EDIT, {"seed": 7, "prompt": "hello"}, (), "restyle 1/2")


class Slices(httpx.AsyncByteStream):
    """A body that comes in pieces; an exception among them breaks the connection there."""

    def __init__(self, *slices: bytes | Exception) -> None:
        self.slices = slices

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for each in self.slices:
            if isinstance(each, Exception):
                raise each
            yield each


class Never(httpx.AsyncByteStream):
    """A body that never comes."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""


Answer = httpx.Response | Exception | Callable[[], Coroutine[Any, Any, httpx.Response]]


def says(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """An answer; a body that is no bytes is written as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(status, headers={k.replace("_", "-"): v for k, v in headers.items()}, stream=Slices(data))


def no(status: int, reason: str = "", message: str = "") -> httpx.Response:
    """The API's error envelope."""
    return says(status, {"code": status, "reason": reason, "message": message, "metadata": {}})


def accepted(task: str = "t1") -> httpx.Response:
    return says(200, {"task_id": task})


def waiting(status: str = "TASK_STATUS_PROCESSING") -> httpx.Response:
    return says(200, {"task": {"task_id": "t1", "status": status, "progress_percent": 0}, "images": []})


def finished(*urls: str, seed: str | None = "7") -> httpx.Response:
    images = [{"image_url": url, "image_url_ttl": "3600", "image_type": "png"} for url in urls]
    extra = {} if seed is None else {"seed": seed}
    return says(200, {"task": {"task_id": "t1", "status": "TASK_STATUS_SUCCEED"}, "images": images, "extra": extra})


def failed(reason: str) -> httpx.Response:
    return says(200, {"task": {"task_id": "t1", "status": "TASK_STATUS_FAILED", "reason": reason}})


@dataclass
class Host:
    """A host that answers from three lists and keeps what it was asked. An empty list is a failed test."""

    submits: Sequence[Answer] = ()
    polls: Sequence[Answer] = ()
    downloads: Sequence[Answer] = ()
    base_url: str = REMOTE
    realm: str = "paid"
    options: Mapping[str, Any] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    memory: Memory | None = None

    def __post_init__(self) -> None:
        self.lists = {"POST": list(self.submits), "poll": list(self.polls), "GET": list(self.downloads)}
        self.asked: list[httpx.Request] = []
        self.at: list[float] = []
        self.slept: list[float] = []
        self.notices: list[str] = []
        self.clock = Clock(lambda: sum(self.slept), lambda: 1_000_000 + sum(self.slept), self._sleep, lambda: 0.5)
        self.provider = NovitaProvider(
            NovitaOptions(self.base_url, Secret(KEY), **self.options),
            name="novita",
            realm=self.realm,
            clock=self.clock,
            transport=httpx.MockTransport(self._answer),
            notice=self.notices.append,
            memory=self.memory,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.at.append(self.clock.monotonic())
        kind = "poll" if request.url.path.endswith("/task-result") else request.method
        answer = self.lists[kind].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else await answer()

    def start(self, call: Call = SAY_HELLO) -> Ticket:
        """The ticket of a call that gives one."""
        ticket = asyncio.run(self.provider.start(call))
        assert not isinstance(ticket, Collected)
        return ticket

    def at_once(self, call: Call) -> Collected:
        """The pictures of a call that gives them at once."""
        collected = asyncio.run(self.provider.start(call))
        assert isinstance(collected, Collected)
        return collected

    def collect(self, ticket: Ticket | None = None) -> Collected:
        return asyncio.run(self.provider.collect(ticket or self.ticket()))

    def ticket(self, **parts: Any) -> Ticket:
        """A ticket of this host for task t1, accepted just now; `parts` stand in place of its own."""
        host = httpx.URL(self.base_url).netloc.decode()
        own = {"provider": "novita", "host": host, "model": "edit-1", "task_id": "t1", "started": self.clock.wall()}
        return own | parts

    def refused(self, act: Callable[[], object]) -> CallFailed:
        with pytest.raises(CallFailed) as caught:
            act()
        assert KEY not in f"{caught.value.message} {caught.value.hint}"
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
        return caught.value
