"""A server that keeps to no rule: raw TCP on this machine, each connection played byte by byte from a script.

A script is a tuple of acts, done one after the other once a whole request is there; then the connection is closed:

    bytes              sent as they stand, but for the port in HERE, which becomes the server's own
    Drip(data, ...)    sent a byte at a time, for ever from the start where `again` is set
    Endless(piece)     sent again and again, until the other side has gone
    STALL              nothing more is said until the other side has gone
    RESET              the connection is torn down (RST), not closed

Each phase of a call has a list of scripts; a request takes the next one, and where the list has come to its end the
server answers as a good host does. `at_connect` holds acts that are done before any request is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.pictures import plain

Phase = Literal["submit", "poll", "download"]

HERE = "http://127.0.0.1:_PORT"
"""The server's own address, in a script."""
PICTURE = plain(8, 6, "teal")
"""What a good host delivers."""


@dataclass(frozen=True)
class Drip:
    """Bytes sent one at a time, `every` seconds."""

    data: bytes
    again: bool = False
    every: float = 0.005


@dataclass(frozen=True)
class Endless:
    """A piece sent again and again."""

    piece: bytes


@dataclass(frozen=True)
class _Sign:
    """An act without content."""

    name: str


STALL, RESET = _Sign("stall"), _Sign("reset")

Act = bytes | Drip | Endless | _Sign
Script = tuple[Act, ...]


def http(status: int | str, body: bytes | str | Any = b"", *headers: str, length: int | str | None = None) -> bytes:
    """An HTTP/1.1 answer; what is no bytes is written as JSON. `length` is what it claims to have."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(data) if length is None else length}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n", headers: str = "") -> bytes:
    """An answer in chunks."""
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode()
    return head + b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces) + end


def task(status: Any = "TASK_STATUS_SUCCEED", links: Any = (f"{HERE}/1",), **parts: Any) -> dict[str, Any]:
    """What a good host says of task t1; `parts` stand in place of its own."""
    images = [{"image_url": each, "image_url_ttl": "3600", "image_type": "png"} for each in links or ()]
    return {"task": {"task_id": "t1", "status": status}, "images": images, "extra": {"seed": "7"}} | parts


GOOD: Mapping[Phase, Script] = {
    "submit": (http(200, {"task_id": "t1"}),),
    "poll": (http(200, task()),),
    "download": (http(200, PICTURE),),
}


@dataclass
class HostileServer:
    """One server, for one scene. What it was asked is kept."""

    scripts: dict[Phase, list[Script]] = field(default_factory=dict)
    """What is left to be played."""
    at_connect: list[Script] = field(default_factory=list)
    """For the first connections, in order."""
    keep_alive: bool = False
    """Whether a connection stays open behind a script that was played to its end."""
    base_url: str = ""
    asked: list[Phase] = field(default_factory=list)
    """The phases of the requests that were read to their end."""
    heads: list[str] = field(default_factory=list)
    connections: int = 0

    def count(self, phase: Phase) -> int:
        """How many whole requests of a phase came."""
        return self.asked.count(phase)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[HostileServer]:
        """The server while it listens; it is gone at the end, and so is every connection."""
        self._playing: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = b"%d" % server.sockets[0].getsockname()[1]
        assert len(self.port) == len("_PORT"), "the system gives ports of five digits to those who ask for none"
        self.base_url = f"http://127.0.0.1:{self.port.decode()}"
        try:
            yield self
        finally:
            server.close()
            for each in self._playing:
                each.cancel()
            await asyncio.gather(*self._playing, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours = asyncio.current_task()
        assert ours is not None
        self._playing.add(ours)
        self.connections += 1
        try:
            if self.at_connect:
                await self._play(self.at_connect.pop(0), reader, writer)
                return
            while (phase := await self._request(reader)) is not None:
                left = self.scripts.get(phase)
                await self._play(left.pop(0) if left else GOOD[phase], reader, writer)
                if not self.keep_alive:
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._playing.discard(ours)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _request(self, reader: asyncio.StreamReader) -> Phase | None:
        """The phase of the next request, read with its body; None where none comes."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lengths = (line[15:] for line in head.lower().splitlines() if line.startswith("content-length:"))
            await reader.readexactly(int(next(lengths, "0")))
        except asyncio.IncompleteReadError:
            return None
        phase: Phase = "submit" if head.startswith("POST") else "poll" if "/task-result" in head else "download"
        self.asked.append(phase)
        self.heads.append(head)
        return phase

    async def _play(self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for act in script:
            match act:
                case bytes():
                    writer.write(act.replace(b"_PORT", self.port))
                    await writer.drain()
                case Drip(data, again, every):
                    while True:
                        for at in range(len(data)):
                            writer.write(data[at : at + 1])
                            await writer.drain()
                            await asyncio.sleep(every)
                        if not again:
                            break
                case Endless(piece):
                    while True:
                        writer.write(piece)
                        await writer.drain()
                        await asyncio.sleep(0)
                case _Sign("stall"):
                    await reader.read()
                case _Sign("reset"):
                    told = writer.get_extra_info("socket")
                    told.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                    return
