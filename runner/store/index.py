"""What each fingerprint gave, what is known of each picture, the seeds drawn, how long tasks took, what steps asked."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.artifact import Artifact
from runner.errors import Damaged, OutOfReach
from runner.store.database import Database
from runner.store.history import History


@dataclass(frozen=True, slots=True)
class Result:
    """What a call or an operation gave."""

    images: tuple[Artifact, ...]
    seed: int | None = None
    """As the provider reported it."""

    def to_json(self) -> dict[str, Any]:
        """As the index keeps it."""
        return {"images": [image.to_json() for image in self.images], "seed": self.seed}

    @classmethod
    def from_json(cls, data: Any) -> Result:
        """Back from to_json()."""
        return cls(tuple(Artifact.from_json(each) for each in data["images"]), data["seed"])


class Durations:
    """How long the tasks of one place took: by model, the latest spans in which one ended, in seconds.

    They help to guess when a task will be done, no more. So they are on disk only now and then, and a disk that does
    not take them, or gives back something else, is no reason to fail: no method raises.
    """

    KEPT = 64
    """Of each model."""
    _AT_ONCE = 8
    """So many are written as soon as they come, since they say much."""
    _SELDOM = 16
    """After that, so many come before they are written again."""

    def __init__(self, rows: Database, place: str) -> None:
        """`place`: the realm, or the host, whose tasks these are."""
        self._rows = rows
        self._place = place
        self._known: dict[str, deque[tuple[float, float]]] = {}
        self._unwritten: dict[str, int] = {}

    def recall(self, model: str) -> Sequence[tuple[float, float]]:
        """The latest spans, oldest first."""
        return tuple(self._of(model))

    def learn(self, model: str, after: float, until: float) -> None:
        """Remember one more."""
        known = self._of(model)
        known.append((after, until))
        self._unwritten[model] = self._unwritten.get(model, 0) + 1
        if len(known) <= self._AT_ONCE or self._unwritten[model] >= self._SELDOM:
            self._write(model)

    def keep(self) -> None:
        """Write what is not yet written."""
        for model in list(self._unwritten):
            self._write(model)

    def _of(self, model: str) -> deque[tuple[float, float]]:
        if model not in self._known:
            self._known[model] = deque(self._read(model), maxlen=self.KEPT)
        return self._known[model]

    def _read(self, model: str) -> list[tuple[float, float]]:
        statement = "SELECT spans FROM durations WHERE place = ? AND model = ?"
        try:
            row = self._rows.one(statement, [self._place, model])
            return [(float(after), float(until)) for after, until in json.loads(row[0])] if row else []
        except (OutOfReach, Damaged, ValueError, TypeError, RecursionError):
            return []

    def _write(self, model: str) -> None:
        text = json.dumps([[round(after, 3), round(until, 3)] for after, until in self._known[model]])
        with contextlib.suppress(OutOfReach, Damaged):
            self._rows.write("INSERT OR REPLACE INTO durations VALUES (?, ?, ?)", [self._place, model, text])
        self._unwritten.pop(model, None)


class Index:
    """Results by fingerprint, pictures by digest, seeds by recipe, durations by place. Raises as Database does.

    It also knows how far the journal had come when the store was last open, to tell when another one is put in its
    place.
    """

    def __init__(self, rows: Database) -> None:
        self._rows = rows
        self._durations: dict[str, Durations] = {}
        self.history = History(rows)
        """What each step asked for when it was last done."""

    def result(self, fingerprint: str) -> Result | None:
        """What this request gave before, or None."""
        row = self._rows.one("SELECT record FROM results WHERE fingerprint = ?", [fingerprint])
        return Result.from_json(json.loads(row[0])) if row else None

    def record(self, fingerprint: str, result: Result) -> None:
        """Remember what a request gave; its pictures are in the store already."""
        self._rows.write("INSERT OR REPLACE INTO results VALUES (?, ?)", [fingerprint, json.dumps(result.to_json())])

    def refill(self, results: Mapping[str, Result]) -> None:
        """Remember what these requests gave, where nothing is known of them."""
        for fingerprint, result in results.items():
            text = json.dumps(result.to_json())
            self._rows.write("INSERT OR IGNORE INTO results VALUES (?, ?)", [fingerprint, text])

    def journaled(self) -> int | None:
        """A number that the journal's last call had; None for an index that has never seen the journal."""
        row = self._rows.one("SELECT number FROM marks WHERE name = 'journal'", [])
        return row[0] if row else None

    def keep_journaled(self, number: int) -> None:
        """Remember the number of the journal's last call, which is on disk."""
        if number != self.journaled():
            self._rows.write("INSERT OR REPLACE INTO marks VALUES ('journal', ?)", [number])

    def artifact(self, digest: str) -> Artifact | None:
        """What is known of the picture with these bytes, or None when it was never looked at."""
        row = self._rows.one("SELECT record FROM artifacts WHERE digest = ?", [digest])
        return Artifact.from_json(json.loads(row[0])) if row else None

    def learn(self, artifact: Artifact) -> None:
        """Remember what a picture is like, so that it is decoded once only."""
        text = json.dumps(artifact.to_json())
        self._rows.write("INSERT OR IGNORE INTO artifacts VALUES (?, ?)", [artifact.digest, text])

    def seed(self, recipe: str) -> int | None:
        """The seed drawn for a recipe that has none."""
        row = self._rows.one("SELECT seed FROM seeds WHERE recipe = ?", [recipe])
        return row[0] if row else None

    def keep_seed(self, recipe: str, seed: int, *, replace: bool = False) -> int:
        """Remember the seed drawn for a recipe that has none; the one that holds.

        That is the one kept before, perhaps by another process just now, unless it is to be replaced.
        """
        how = "REPLACE" if replace else "IGNORE"
        self._rows.write(f"INSERT OR {how} INTO seeds VALUES (?, ?)", [recipe, seed])
        kept = self.seed(recipe)
        return seed if kept is None else kept

    def durations(self, place: str) -> Durations:
        """How long the tasks of a realm or host took."""
        return self._durations.setdefault(place, Durations(self._rows, place))

    def settle(self) -> None:
        """Write durations and history as far as they are not yet on disk; the last thing before the database closes."""
        for each in self._durations.values():
            each.keep()
        self.history.write()
