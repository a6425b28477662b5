"""What was asked of the emulator: the judge of every claim about requests sent."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Literal

from runner.emulator.task import FAILED, SUCCEED, Task

Event = Literal[
    "submits",
    "accepted",
    "bodies",
    "repeated",
    "withheld",
    "images",
    "refused",
    "polls",
    "downloads",
    "unauthorized",
    "leaks",
    "unknown",
]

WORDS: dict[Event, str] = {
    "submits": "requests to a model",
    "accepted": "submits that became a task, or were answered with the result",
    "bodies": "different bodies among the accepted submits",
    "repeated": "accepted submits whose body the model had accepted before",
    "withheld": "accepted submits whose answer a fault kept from the client, or who had left before it",
    "images": "pictures asked for by accepted submits: what is billed",
    "refused": "submits that were not accepted: answered with an error, or dropped",
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
        self._faults: Counter[str] = Counter()
        self._tasks: list[Task] = []
        self._bodies: set[tuple[str, str]] = set()

    def count(self, event: Event, times: int = 1) -> None:
        """Note an event."""
        self._totals[event] += times

    def fault(self, kind: str) -> None:
        """Note a fault that was done to a request, by its kind (`faults.Fault.kind`)."""
        self._faults[kind] += 1

    def enter(self, task: Task) -> None:
        """Note an accepted task."""
        body = task.model, task.digest
        self.count("accepted")
        self.count("images", task.images)
        self.count("repeated" if body in self._bodies else "bodies")
        self._bodies.add(body)
        self._tasks.append(task)

    def withhold(self, task: Task, kind: str) -> None:
        """Note that a fault of this kind kept the answer to the task's submit from the client; the first one counts."""
        if task.withheld is None:
            self.count("withheld")
            task.withheld = kind

    def report(self, now: float) -> bytes:
        """Totals, faults by kind and tasks as JSON, one task a line; times in seconds of the emulator's clock, null
        for what is yet to come."""
        totals = json.dumps({event: self._totals[event] for event in WORDS}, indent=1)
        faults = json.dumps(dict(sorted(self._faults.items())), ensure_ascii=False)
        tasks = ",\n".join(json.dumps(_line(task, now), ensure_ascii=False) for task in self._tasks)
        return f'{{"totals": {totals},\n"faults": {faults},\n"tasks": [\n{tasks}\n]}}\n'.encode()


def _line(task: Task, now: float) -> dict[str, Any]:
    timing = task.timing
    status = task.status(now)
    return {
        "task_id": task.task_id,
        "model": task.model,
        "label": task.label,
        "seed": task.seed,
        "digest": task.digest,
        "status": status,
        "fate": task.fate,
        "withheld": task.withheld,
        "submitted": timing.submitted,
        "started": timing.started if timing.started <= now else None,
        "finished": timing.finished if status in {SUCCEED, FAILED} else None,
        "latency": round(timing.finished - timing.submitted, 6),
        "images": task.images,
        "polls": task.polls,
        "downloads": task.downloads,
    }
