"""One accepted task: when it waits, runs and ends. Its state follows from the clock alone; nothing ticks."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

QUEUED = "TASK_STATUS_QUEUED"
PROCESSING = "TASK_STATUS_PROCESSING"
SUCCEED = "TASK_STATUS_SUCCEED"
FAILED = "TASK_STATUS_FAILED"


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
    fails: bool
    extension: str
    """How its files are named: `jpeg`, `png` or `webp`."""
    pictures: tuple[Callable[[], bytes], ...]
    """Each gives one finished image file, waiting for the painter where it has to."""
    polls: int = 0
    downloads: int = 0

    def status(self, now: float) -> str:
        """The documented word for its state."""
        if now < self.timing.started:
            return QUEUED
        if now < self.timing.finished:
            return PROCESSING
        return FAILED if self.fails else SUCCEED


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
