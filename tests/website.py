"""A site on this machine: serves the files of a folder, and keeps an account of what was asked."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Site:
    """An address, and the requests that came: path and header names in lower case."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[tuple[str, set[str]]] = []


@contextlib.contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Serve a folder on a free port."""

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, {name.lower() for name in self.headers}))
            super().do_GET()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    served = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
