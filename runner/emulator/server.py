"""The emulator's HTTP face: an ASGI application, and serving it on a port.

Slow work (reading inputs, painting) runs in threads; the state machine itself answers on the event loop. The
application is written against ASGI itself: it has one route, and a framework would cost more than the emulator's work.
Source: the ASGI specification, HTTP message format.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from runner.emulator.options import Options
from runner.emulator.service import Service
from runner.emulator.wire import Dropped, Later, Refused, Request, Response, envelope
from runner.errors import OutOfReach

__all__ = ["Application", "Options", "create_app", "serve"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
"""An ASGI application: scope, receive, send."""

MOST_BYTES = 64_000_000
"""The largest body read: four images of 10 MB in base64, and room to spare."""

_CHUNK = 65_536
_DRIPS = 4
"""How many times a second a dripping answer goes on."""
_CLOSE = "retouch-close"
"""Under this name, `scope["state"]` holds what closes the connection: now, or after what was sent."""
_OVER = "retouch-over"
"""Under this name, what tells whether the connection is over."""


class _Gone(Exception):
    """The client left before its request was whole; nobody hears an answer."""


def create_app(
    schemas: Mapping[str, Mapping[str, Any]],
    *,
    options: Options,
    clock: Callable[[], float],
    draw: Callable[[], float],
    sleep: Sleep = asyncio.sleep,
    wall: Callable[[], float] = time.time,
) -> Application:
    """The emulator as an ASGI application.

    `schemas`: request schemas by model name, each with `x-retouch` (method and path). `clock` gives seconds and never
    goes back; `draw` gives numbers from 0 up to below 1, for seeds nobody chose, task ids and links; `sleep` takes
    seconds, for endpoints that answer with the result and for slow answers; `wall` gives seconds since the epoch, for
    dates. A fault that closes the connection raises Dropped where there is none, as in process.
    """
    workers = max(2, os.cpu_count() or 1)
    painters = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="painter")
    readers = ThreadPoolExecutor(max_workers=4 * workers, thread_name_prefix="reader")  # some wait for a painter

    def begin(work: Callable[[], bytes]) -> Callable[[], bytes]:
        return painters.submit(work).result

    service = Service(schemas, options, clock=clock, draw=draw, begin=begin, wall=wall)

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            answer = service.answer(await _read(scope, receive))
        except Refused as refused:
            answer = envelope(refused)
        except _Gone:
            return
        while isinstance(answer, Later):
            if answer.wait > 0:
                await sleep(answer.wait)
            settle = await asyncio.get_running_loop().run_in_executor(readers, answer.work)
            answer = settle()
        try:
            await _write(answer, scope, send, sleep)
        except asyncio.CancelledError:  # in process, this is how a client leaves
            if answer.unheard is not None:
                answer.unheard()
            raise

    return application


def serve(app: Application, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve the application until interrupted. Port 0 takes any free one.

    `announce` hears the address, such as `http://127.0.0.1:8765`, once requests can be sent there. Raises OutOfReach
    when the port cannot be had.
    """
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Closable(H11Protocol):
        """A connection that the application can close: it has to, for some faults."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)

            def close(now: bool) -> None:
                transport.abort() if now else transport.close()
                if self.cycle is not None:
                    self.cycle.disconnected = True  # or the missing rest of the answer would be complained of

            self.app_state = {**self.app_state, _CLOSE: close, _OVER: transport.is_closing}

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = _listening(host, port, family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutOfReach(f"port {port} of {host} cannot be had: {reason}", hint="choose another --port") from None
    with listener:
        name = f"[{host}]" if family == socket.AF_INET6 else host
        announce(f"http://{name}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            app,
            http=Closable,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,  # an answer that is the result may be minutes away, and nobody waits for it
        )
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int, family: socket.AddressFamily) -> socket.socket:
    """A socket that says it speaks TCP, unlike that of socket.create_server(): only then does asyncio switch off the
    delay of small packets, which would cost every answer 40 ms."""
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except BaseException:
        listener.close()
        raise
    return listener


async def _read(scope: Message, receive: Receive) -> Request:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            words = f"the body is larger than {MOST_BYTES // 1_000_000} MB"
            raise Refused(413, "INVALID_REQUEST_BODY", words)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host", "")
    own = host if re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", host) else "127.0.0.1"
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(reversed(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))),
        headers=headers,
        body=bytes(body),
        base_url=f"{scope.get('scheme', 'http')}://{own}",
    )


async def _write(answer: Response, scope: Message, send: Send, sleep: Sleep) -> None:
    """Send an answer in its manner. Raises Dropped where a connection would have to be closed and there is none."""
    manner = answer.manner
    if manner.delay > 0:
        await sleep(manner.delay)
    if manner.drop:
        _close(scope, now=True)
        return
    size = len(answer.body) + answer.blanks
    headers = {"content-length": str(size), "content-type": answer.content_type}
    headers |= {name.lower(): value for name, value in answer.headers.items()}
    written = [(name.encode(), value.encode()) for name, value in headers.items()]
    if answer.status in {204, 304}:
        written = written[2:]
    await send({"type": "http.response.start", "status": answer.status, "headers": written})
    if manner.half:
        await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
        _close(scope, now=False)
        return
    for at in range(0, answer.blanks, _CHUNK):
        if _over(scope):  # nobody reads on: there is no need to tell the rest to the log
            _close(scope, now=True)
            return
        blanks = b" " * min(_CHUNK, answer.blanks - at)
        await send({"type": "http.response.body", "body": blanks, "more_body": True})
    last = answer.body
    if manner.drip is not None:
        step = max(1, manner.drip // _DRIPS)
        while last:
            await send({"type": "http.response.body", "body": last[:step], "more_body": True})
            await sleep(step / manner.drip)
            last = last[step:]
    if answer.unheard is not None and _over(scope):
        answer.unheard()
    await send({"type": "http.response.body", "body": last})


def _over(scope: Message) -> bool:
    """Whether the client has left; in process, it never has."""
    left: bool = scope.get("state", {}).get(_OVER, bool)()
    return left


def _close(scope: Message, *, now: bool) -> None:
    """End the connection: at once, or when what was sent has left."""
    close = scope.get("state", {}).get(_CLOSE)
    if close is None:
        raise Dropped("the emulator was asked to close this connection")
    close(now)
