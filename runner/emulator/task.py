"""One accepted task: when it waits, runs and ends. Its state follows from the clock alone; nothing ticks."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

QUEUED = "TASK_STATUS_QUEUED"
PROCESSING = "TASK_STATUS_PROCESSING"
SUCCEED = "TASK_STATUS_SUCCEED"
FAILED = "TASK_STATUS_FAILED"

Fate = Literal["failed", "moderated", "empty", "endless", "lost"]
"""What becomes of a task that does not simply succeed."""

FATES: dict[Fate, str] = {
    "failed": "it ends as FAILED",
    "moderated": "it ends as FAILED, and the reason speaks of moderation",
    "empty": "it succeeds without a picture",
    "endless": "it never ends",
    "lost": "the host forgets it: 404 `TASK_NOT_FOUND`",
}
"""Each fate in words."""

GONE = "client-gone"
"""Why an answer was not handed over where the client had closed the connection before."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Moments of a task's life, in seconds of the emulator's clock."""

    submitted: float
    started: float
    finished: float


@dataclass(slots=True)
class Task:
    """A task and how often it was asked for."""

    task_id: str
    token: str
    """Its place in the storage; tells nothing of the task id."""
    model: str
    label: str
    digest: str
    seed: int
    timing: Timing
    extension: str
    """How its files are named: `jpeg`, `png` or `webp`."""
    images: int
    """How many pictures it was asked for."""
    pictures: tuple[Callable[[], bytes], ...]
    """Each gives one finished image file, waiting for the painter where it has to; none once they are forgotten."""
    fate: Fate | None = None
    withheld: str | None = None
    """The fault that kept the answer to the submit from the client, or GONE; None where the id was handed over."""
    polls: int = 0
    downloads: int = 0

    def status(self, now: float) -> str:
        """The documented word for its state."""
        if now < self.timing.started:
            return QUEUED
        if now < self.timing.finished or self.fate == "endless":
            return PROCESSING
        return FAILED if self.fate in {"failed", "moderated"} else SUCCEED


class Schedule:
    """Gives each task its moments. With `slots`, so many run at once and the others queue, first come first served."""

    def __init__(self, latency: float, spread: float, queue: float, slots: int | None) -> None:
        self._latency = latency
        self._spread = spread
        self._queue = queue
        self._slots = slots
        self._ends: list[float] = []

    def book(self, now: float, digest: str) -> Timing:
        """The moments of a task submitted now; equal bodies (by digest, hexadecimal) take equally long."""
        started = now + self._queue * self._varied(digest[:8])
        if self._slots is not None and len(self._ends) >= self._slots:
            started = max(started, heapq.heappop(self._ends))
        finished = started + self._latency * self._varied(digest[8:16])
        if self._slots is not None:
            heapq.heappush(self._ends, finished)
        return Timing(now, started, finished)

    def _varied(self, digits: str) -> float:
        return 1 + self._spread * (2 * share_of(digits) - 1)


def share_of(digits: str) -> float:
    """Hexadecimal digits as a number from 0 up to below 1."""
    return float(int(digits, 16)) / 16.0 ** len(digits)
