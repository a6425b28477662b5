"""Servers on this machine that keep every byte they are sent, and answer as they are told.

Two of them make a host: one for its API, one that plays the storage to which result links lead.
"""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    target: str
    raw: bytes
    """All of it."""

    @property
    def headers(self) -> dict[str, str]:
        """Names in lower case. Raises ValueError when a header comes twice."""
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a header came twice")
        return dict(pairs)


class Hold:
    """An answer that does not come; `asked` tells that the question has."""

    def __init__(self, answer: bytes = b"") -> None:
        self.asked = threading.Event()
        self.release = threading.Event()
        """Whoever sets it lets the answer go, where there is one."""
        self.answer = answer


Answer = Callable[[Asked], bytes | Hold]
"""The bytes of an answer; none closes the connection."""


class Recorder:
    """One server. `received` is all it was ever sent, connection by connection."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.received: list[bytes] = []
        self.address = ""
        """Host and port."""
        self._ending = threading.Event()

    @contextlib.contextmanager
    def open(self) -> Iterator[Recorder]:
        """The server while it listens."""
        ours = self

        class Connection(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    ours._serve(self.request)

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
            server.daemon_threads = True
            self.address = f"127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield self
            finally:
                self._ending.set()
                server.shutdown()
                thread.join()

    def _serve(self, connection: socket.socket) -> None:
        got = bytearray()
        number = len(self.received)
        self.received.append(b"")
        while True:
            head, end, rest = bytes(got).partition(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
            )
            if end and len(rest) >= length:
                raw = head + end + rest[:length]
                got = got[len(raw) :]
                if not self._answered(connection, raw):
                    return
                continue
            data = connection.recv(65_536)
            if not data:
                return
            got += data
            if got[:1] == b"\x16":  # TLS, of which this server knows nothing
                connection.sendall(http(400, "", "Connection: close"))
                return
            self.received[number] += data

    def _answered(self, connection: socket.socket, raw: bytes) -> bool:
        """Whether the connection stays open."""
        method, target, *_ = raw.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        asked = Asked(method, target, raw)
        self.asked.append(asked)
        answer = self.answer(asked)
        if isinstance(answer, Hold):
            answer.asked.set()
            while not answer.release.wait(0.01):
                if self._ending.is_set():
                    return False
            answer = answer.answer
        connection.sendall(answer)
        return bool(answer) and b"connection: close" not in answer.lower()


def http(status: int, body: bytes | str | Any = b"", *headers: str) -> bytes:
    """An HTTP/1.1 answer; what is neither bytes nor text is written as JSON."""
    if isinstance(body, str):
        body = body.encode()
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data
