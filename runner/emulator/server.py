"""The emulator's HTTP face: an ASGI application, and serving it on a port.

Slow work (reading inputs, painting) runs in threads; the state machine itself answers on the event loop.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette import requests, responses
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from runner.emulator.service import Options, Service
from runner.emulator.wire import Later, Refused, Request, Response, envelope
from runner.errors import OutOfReach

__all__ = ["Options", "create_app", "serve"]

MOST_BYTES = 64_000_000
"""The largest body read: four images of 10 MB in base64, and room to spare."""

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def create_app(
    schemas: Mapping[str, Mapping[str, Any]],
    *,
    options: Options,
    clock: Callable[[], float],
    draw: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Starlette:
    """The emulator as an ASGI application.

    `schemas`: request schemas by model name, each with `x-retouch` (method and path). `clock` gives seconds and never
    goes back; `draw` gives numbers from 0 up to below 1, for seeds nobody chose, task ids and links; `sleep` takes
    seconds, for endpoints that answer with the result.
    """
    painters = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1), thread_name_prefix="painter")

    def begin(work: Callable[[], bytes]) -> Callable[[], bytes]:
        return painters.submit(work).result

    service = Service(schemas, options, clock=clock, draw=draw, begin=begin)

    async def endpoint(http: requests.Request) -> responses.Response:
        try:
            answer = service.answer(await _read(http))
        except Refused as refused:
            answer = envelope(refused)
        except requests.ClientDisconnect:
            return responses.Response()  # nobody hears it
        while isinstance(answer, Later):
            if answer.wait > 0:
                await sleep(answer.wait)
            settle = await run_in_threadpool(answer.work)
            answer = settle()
        return _written(answer)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=_METHODS)])


def serve(app: Starlette, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve the application until interrupted. Port 0 takes any free one.

    `announce` hears the address, such as `http://127.0.0.1:8765`, once requests can be sent there. Raises OutOfReach
    when the port cannot be had.
    """
    import uvicorn

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


async def _read(http: requests.Request) -> Request:
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            words = f"the body is larger than {MOST_BYTES // 1_000_000} MB"
            raise Refused(413, "INVALID_REQUEST_BODY", words)
    host = http.headers.get("host", "")
    own = host if re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", host) else "127.0.0.1"
    return Request(
        method=http.method,
        path=http.url.path,
        query=dict(reversed(http.query_params.multi_items())),
        headers={name.lower(): value for name, value in http.headers.items()},
        body=bytes(body),
        base_url=f"{http.url.scheme}://{own}",
    )


def _written(answer: Response) -> responses.Response:
    return responses.Response(answer.body, answer.status, media_type=answer.content_type)
