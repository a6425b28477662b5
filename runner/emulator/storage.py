"""The storage behind the result links: signed, expiring, and without credentials, as object stores are."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from runner.emulator.task import Task
from runner.emulator.wire import Response, storage_error

PREFIX = "/results/"
"""Where the links lead."""

Found = tuple[Task, Callable[[], bytes]]
"""A task and what gives one of its pictures."""


class Storage:
    """Keeps the pictures of the latest tasks, `keep` at most; links live `ttl` seconds."""

    def __init__(self, secret: str, ttl: int, keep: int) -> None:
        """`secret` signs the links."""
        self._secret = secret
        self._ttl = ttl
        self._keep = keep
        self._tasks: dict[str, Task] = {}

    def put(self, task: Task) -> None:
        """Keep a task's pictures."""
        self._tasks[task.token] = task
        if len(self._tasks) > self._keep:
            self._tasks.pop(next(iter(self._tasks))).pictures = ()  # the ledger keeps the task, but not its files

    def links(self, task: Task, now: float, base_url: str) -> list[dict[str, Any]]:
        """Fresh links to all pictures of a task, as a task result lists them."""
        expires = math.ceil(now + self._ttl)
        paths = [f"{PREFIX}{task.token}/{number}.{task.extension}" for number in range(len(task.pictures))]
        return [
            {
                "image_url": f"{base_url}{path}?expires={expires}&signature={self._signature(path, expires)}",
                "image_url_ttl": self._ttl,
                "image_type": task.extension,
            }
            for path in paths
        ]

    def find(self, path: str, query: Mapping[str, str], now: float) -> Found | Response:
        """What a link leads to, or the answer that says why it leads nowhere."""
        digits = query.get("expires", "")
        expires = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0
        if not hmac.compare_digest(query.get("signature", "").encode(), self._signature(path, expires).encode()):
            return storage_error(403, "SignatureDoesNotMatch", "The signature does not belong to this link.")
        if now >= expires:
            return storage_error(403, "AccessDenied", "This link has expired.")
        task = self.task_at(path)
        if task is None:
            return storage_error(404, "NoSuchKey", "The picture is no longer kept.")
        return task, task.pictures[int(path.rpartition("/")[2].partition(".")[0])]

    def task_at(self, path: str) -> Task | None:
        """The task whose pictures lie at a path, if it is kept."""
        return self._tasks.get(path.removeprefix(PREFIX).partition("/")[0])

    def own(self, link: str, base_url: str, now: float) -> bytes | None:
        """The picture behind a link, when the link is one of ours and still good; may wait for the painter."""
        try:
            ours, parts = urlsplit(base_url), urlsplit(link)
        except ValueError:
            return None
        if parts.netloc != ours.netloc or not parts.path.startswith(PREFIX):
            return None
        found = self.find(parts.path, dict(parse_qsl(parts.query)), now)
        return None if isinstance(found, Response) else found[1]()

    def _signature(self, path: str, expires: int) -> str:
        return hashlib.sha256(f"{self._secret}{path}?{expires}".encode()).hexdigest()[:40]
