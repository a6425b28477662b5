"""The paid host of a world: the emulator's state machine, its own ledger, and a wire to it that breaks.

Everything happens in one thread and without sockets, so that the same seed gives the same history.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import httpx

from runner import digest
from runner.emulator.options import Options
from runner.emulator.service import Service
from runner.emulator.wire import Later, Request, Response
from tests.faults.machine import Crash, Kind, Machine

ADDRESS = "http://127.0.0.1:9"


def _schema(name: str, *, at_once: bool = False) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string"},
            "images": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
            "seed": {"type": "integer", "minimum": -1, "maximum": 2147483647},
            "size": {"type": "string"},
            "num_images": {"type": "integer", "minimum": 1, "maximum": 4},
        },
        "x-retouch": {"title": name, "method": "POST", "path": f"/v3/{name}", "sync": at_once},
    }


SCHEMAS: Mapping[str, Mapping[str, Any]] = {"task": _schema("task"), "instant": _schema("instant", at_once=True)}
"""Two models: one gives tasks, the other one answers with the result."""


class Bought(NamedTuple):
    """A submit that the host has accepted, as its ledger has it."""

    task_id: str
    model: str
    body: str
    """SHA-256 of what was sent."""
    images: int
    fate: str | None
    """What became of the task, where it did not simply succeed."""


class Host:
    """A host that lives on while the processes that ask it come and go."""

    def __init__(self, options: Options, seed: int = 0) -> None:
        self.now = 1000.0
        """Its clock, and that of everyone: seconds. Whoever waits moves it on."""
        self.delivered: dict[str, str] = {}
        """Task ids that reached the client, the last byte of the answer included, and the body they were given for."""
        self.asked: Counter[str] = Counter()
        """Requests that reached it, by kind."""
        drawn = random.Random(f"host {seed}").random
        self._service = Service(
            SCHEMAS, options, clock=lambda: self.now, draw=drawn, begin=cache, wall=lambda: 1.7e9 + self.now
        )

    def answer(self, request: Request) -> Response:
        """The answer to a request, its slow work done on the spot."""
        answer = self._service.answer(request)
        while isinstance(answer, Later):
            self.now += max(0.0, answer.wait)
            answer = answer.work()()
        return answer

    def ledger(self) -> dict[str, Any]:
        """The host's own account."""
        found: dict[str, Any] = json.loads(self.answer(Request("GET", "/ledger")).body)
        return found

    def bought(self) -> list[Bought]:
        """What it has accepted, in order."""
        tasks = self.ledger()["tasks"]
        return [Bought(each["task_id"], each["model"], each["digest"], each["images"], each["fate"]) for each in tasks]


class Wire(httpx.AsyncBaseTransport):
    """The way of one process to the host. Each request is three acts: it leaves, the host acts, half of the answer."""

    def __init__(self, host: Host, machine: Machine) -> None:
        self._host = host
        self._machine = machine

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        kind = "download" if request.url.path.startswith("/results/") else "submit" if body else "poll"
        self._act(f"{kind} leaves", httpx.ConnectError)
        self._host.asked[kind] += 1
        answer = self._host.answer(_read(request, body))
        self._host.now += answer.manner.delay
        self._act(f"{kind} reached the host", httpx.ReadError)
        if answer.manner.drop:
            raise httpx.ReadError("closed")
        headers = {"Content-Type": answer.content_type, **answer.headers}
        return httpx.Response(answer.status, headers=headers, stream=_Body(self, kind, answer, digest.of_bytes(body)))

    def _act(self, name: str, trouble: type[httpx.TransportError]) -> None:
        fault: Kind | None = self._machine.act(name)
        if fault in {"kill", "power"}:
            raise Crash
        if fault == "error":
            raise trouble("broken")

    def half(self, kind: str) -> None:
        """Half of an answer has arrived."""
        self._act(f"{kind} half answered", httpx.RemoteProtocolError)

    def whole(self, kind: str, answer: Response, body: str) -> None:
        """All of an answer has arrived."""
        if kind == "submit" and answer.status == 200 and answer.task_id in answer.body.decode("latin-1"):
            self._host.delivered[answer.task_id] = body


class _Body(httpx.AsyncByteStream):
    def __init__(self, wire: Wire, kind: str, answer: Response, body: str) -> None:
        self._wire, self._kind, self._answer, self._sent = wire, kind, answer, body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        data = self._answer.body
        yield data[: len(data) // 2]
        self._wire.half(self._kind)
        if self._answer.manner.half:
            raise httpx.RemoteProtocolError("closed in the middle")
        self._wire.whole(self._kind, self._answer, self._sent)
        yield data[len(data) // 2 :]


def _read(request: httpx.Request, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, request.url.path, dict(request.url.params), headers, body, ADDRESS)
