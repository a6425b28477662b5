"""What was asked of the emulator: the judge of every claim about requests sent."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from runner.emulator.task import Task

Event = Literal["submits", "accepted", "repeated", "refused", "polls", "downloads", "unauthorized", "leaks", "unknown"]

WORDS: dict[Event, str] = {
    "submits": "requests to a model",
    "accepted": "submits that became a task, or were answered with the result",
    "repeated": "accepted submits whose body the model had accepted before",
    "refused": "submits that were answered with an error",
    "polls": "questions after a task",
    "downloads": "pictures delivered",
    "unauthorized": "requests without an acceptable key",
    "leaks": "requests that showed a key to the storage, where none belongs",
    "unknown": "requests for something that is not there",
}
"""The totals, and what each counts."""


class Ledger:
    """Counts events and keeps the accepted tasks, in order."""

    def __init__(self) -> None:
        self._totals: Counter[Event] = Counter()
        self._tasks: list[Task] = []
        self._bodies: set[tuple[str, str]] = set()

    def count(self, event: Event) -> None:
        """Note one event."""
        self._totals[event] += 1

    def enter(self, task: Task) -> None:
        """Note an accepted task."""
        self.count("accepted")
        if (task.model, task.digest) in self._bodies:
            self.count("repeated")
        self._bodies.add((task.model, task.digest))
        self._tasks.append(task)

    def report(self, now: float) -> dict[str, Any]:
        """Totals and tasks as plain JSON; times in seconds of the emulator's clock, null for what is yet to come."""
        return {
            "totals": {event: self._totals[event] for event in WORDS},
            "tasks": [_line(task, now) for task in self._tasks],
        }


def _line(task: Task, now: float) -> dict[str, Any]:
    timing = task.timing
    return {
        "task_id": task.task_id,
        "model": task.model,
        "label": task.label,
        "seed": task.seed,
        "digest": task.digest,
        "status": task.status(now),
        "submitted": timing.submitted,
        "started": timing.started if timing.started <= now else None,
        "finished": timing.finished if timing.finished <= now else None,
        "latency": round(timing.finished - timing.submitted, 6),
        "images": len(task.pictures),
        "polls": task.polls,
        "downloads": task.downloads,
    }
