"""The provider over real sockets, and over an application in this process: what httpx truly raises has its kind.

The server is written by hand here, since a well-behaved one never does these things.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from PIL import Image

from runner.clock import Clock
from runner.errors import CallFailed
from runner.novita.client import in_process
from runner.novita.provider import NovitaOptions, NovitaProvider
from runner.operation import Call, Collected, Model, Traffic
from runner.settings import Secret
from tests.pictures import saved

EDIT = Model("edit-1", "Edit", "/v3/async/edit-1", {"type": "object", "properties": {"prompt": {}}})
CALL = Call(EDIT, {"prompt": "hello"}, (), "restyle")
JPEG = saved(Image.new("RGB", (8, 6), "red"), "JPEG")


def provider(base_url: str, transport: Any = None) -> NovitaProvider:
    """A provider whose waits take no time."""
    passed = [0.0]

    async def sleep(seconds: float) -> None:
        passed[0] += seconds
        await asyncio.sleep(0)

    return NovitaProvider(
        NovitaOptions(base_url, Secret("test")),
        name="emulator",
        realm="loopback",
        clock=Clock(lambda: passed[0], lambda: passed[0], sleep, lambda: 0.5),
        transport=transport,
    )


async def both(door: NovitaProvider) -> Collected:
    """Start and collect one call."""
    ticket = await door.start(CALL)
    assert not isinstance(ticket, Collected)
    return await door.collect(ticket)


def http(status: int, body: bytes, length: int | None = None) -> bytes:
    """An HTTP/1.1 answer; `length` is what it claims."""
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body) if length is None else length, body)


def answer(path: str, base_url: str) -> bytes:
    """A well-behaved host with one task."""
    if path == EDIT.path:
        return http(200, b'{"task_id": "t1"}')
    if path.startswith("/v3/async/task-result"):
        task = {"task": {"task_id": "t1", "status": "TASK_STATUS_SUCCEED"}, "images": [{"image_url": f"{base_url}/1"}]}
        return http(200, json.dumps(task).encode())
    return http(200, JPEG)


class Server:
    """Raw TCP on a free port. `reply` gets the count of requests so far and the path; None closes the connection."""

    def __init__(self, reply: Callable[[int, str, str], bytes | None], keep_alive: bool = True) -> None:
        self.reply = reply
        self.keep_alive = keep_alive
        self.requests: list[str] = []
        self.connections = 0

    async def run(self, act: Callable[[str], Awaitable[Any]]) -> Any:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            return await act(self.base_url)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = next(
                    (int(line[15:]) for line in head.lower().splitlines() if line[:15] == "content-length:"), 0
                )
                await reader.readexactly(length)
                self.requests.append(head.split()[1])
                data = self.reply(len(self.requests), head.split()[1], self.base_url)
                if data is None:
                    break
                writer.write(data)
                await writer.drain()
                if not self.keep_alive:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


async def whole_call(base_url: str) -> tuple[Collected, Traffic]:
    """Start and collect one call."""
    door = provider(base_url)
    try:
        return await both(door), door.traffic
    finally:
        await door.close()


async def only_start(base_url: str) -> tuple[str, Traffic]:
    """Start one call that fails: its kind, and the count."""
    door = provider(base_url)
    try:
        with pytest.raises(CallFailed) as caught:
            await door.start(CALL)
        return caught.value.kind, door.traffic
    finally:
        await door.close()


def test_a_call_over_sockets() -> None:
    server = Server(lambda count, path, url: answer(path, url))
    assert asyncio.run(server.run(whole_call)) == (Collected((JPEG,), None), Traffic(1, 1, 1))


def test_a_server_that_closes_idle_connections_does_not_leave_a_submit_in_doubt() -> None:
    async def two_calls(base_url: str) -> Traffic:
        door = provider(base_url)
        try:
            for _ in range(2):
                await both(door)
            return door.traffic
        finally:
            await door.close()

    server = Server(lambda count, path, url: answer(path, url), keep_alive=False)
    assert asyncio.run(server.run(two_calls)) == Traffic(2, 2, 2)
    assert server.connections == 6


def test_a_connection_dropped_after_the_request_is_in_doubt() -> None:
    server = Server(lambda count, path, url: None)
    assert asyncio.run(server.run(only_start)) == ("in-doubt", Traffic(submits=1))
    assert server.requests == [EDIT.path]


@pytest.mark.parametrize(
    "data", [http(200, b'{"task_id": "t1"}', length=99), b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"]
)
def test_half_an_answer_or_none_in_http_is_in_doubt(data: bytes) -> None:
    server = Server(lambda count, path, url: data, keep_alive=False)
    assert asyncio.run(server.run(only_start)) == ("in-doubt", Traffic(submits=1))
    assert server.requests == [EDIT.path]


def test_where_nobody_listens_nothing_is_in_doubt_and_nothing_is_counted() -> None:
    async def after_closing(base_url: str) -> str:
        return base_url

    base_url = asyncio.run(Server(lambda count, path, url: None).run(after_closing))
    assert asyncio.run(only_start(base_url)) == ("network", Traffic())


def test_polls_and_downloads_outlive_dropped_connections() -> None:
    def reply(count: int, path: str, url: str) -> bytes | None:
        if path != EDIT.path and count % 2 == 0:
            return None if count % 4 else http(200, JPEG, length=10_000)
        return answer(path, url)

    server = Server(reply, keep_alive=False)
    collected, traffic = asyncio.run(server.run(whole_call))
    assert collected.images == (JPEG,)
    assert traffic == Traffic(submits=1, polls=2, downloads=2)
    assert len(server.requests) == 5


def test_a_host_in_this_process_needs_no_socket() -> None:
    """A bare ASGI application, addressed as loopback."""
    asked: list[tuple[str, bool]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append((scope["path"], b"authorization" in dict(scope["headers"])))
        body = answer(scope["path"], "http://127.0.0.1").partition(b"\r\n\r\n")[2]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    async def scene() -> Collected:
        door = provider("http://127.0.0.1", in_process(app))
        try:
            return await both(door)
        finally:
            await door.close()

    assert asyncio.run(scene()).images == (JPEG,)
    assert asked == [(EDIT.path, True), ("/v3/async/task-result", True), ("/1", False)]
