"""What each fingerprint gave, what is known of each picture, and the seeds drawn: one SQLite file.

Results are worth money, so every write is durable (WAL with synchronous=FULL costs a fraction of a millisecond).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.artifact import Artifact
from runner.errors import Damaged, OutOfReach

VERSION = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS results (fingerprint TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS artifacts (digest TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seeds (recipe TEXT PRIMARY KEY, seed INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (
    number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, state TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS journal_by_fingerprint ON journal (fingerprint);
"""


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


def connect(file: Path) -> sqlite3.Connection:
    """Open, or make, the index. Raises OutOfReach when that is not possible, Damaged for a newer or broken one."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            connection.close()
            raise Damaged("the store was written by a newer retouch", hint="install that version, or a newer one")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version={VERSION}")
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise OutOfReach(f"the store cannot be opened: {error}") from None
        raise Damaged(f"the store's index is damaged: {error}") from None
    except OSError as error:
        raise OutOfReach(f"the store cannot be opened: {error.strerror}") from None
    return connection


class Index:
    """Results by fingerprint, pictures by digest, drawn seeds by recipe."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._rows = connection

    def result(self, fingerprint: str) -> Result | None:
        """What this request gave before, or None."""
        row = self._rows.execute("SELECT record FROM results WHERE fingerprint = ?", [fingerprint]).fetchone()
        return Result.from_json(json.loads(row[0])) if row else None

    def record(self, fingerprint: str, result: Result) -> None:
        """Remember what a request gave; its pictures are in the store already."""
        text = json.dumps(result.to_json())
        self._rows.execute("INSERT OR REPLACE INTO results VALUES (?, ?)", [fingerprint, text])

    def forget(self, fingerprint: str) -> None:
        """Drop a result, because its pictures are gone."""
        self._rows.execute("DELETE FROM results WHERE fingerprint = ?", [fingerprint])

    def artifact(self, digest: str) -> Artifact | None:
        """What is known of the picture with these bytes, or None when it was never looked at."""
        row = self._rows.execute("SELECT record FROM artifacts WHERE digest = ?", [digest]).fetchone()
        return Artifact.from_json(json.loads(row[0])) if row else None

    def learn(self, artifacts: Sequence[Artifact]) -> None:
        """Remember what pictures are like, so that they are decoded once only."""
        rows = [(each.digest, json.dumps(each.to_json())) for each in artifacts]
        self._rows.executemany("INSERT OR IGNORE INTO artifacts VALUES (?, ?)", rows)

    def seed(self, recipe: str) -> int | None:
        """The seed drawn for a recipe that has none."""
        row = self._rows.execute("SELECT seed FROM seeds WHERE recipe = ?", [recipe]).fetchone()
        return row[0] if row else None

    def keep_seed(self, recipe: str, seed: int) -> None:
        """Remember the seed drawn for a recipe that has none."""
        self._rows.execute("INSERT OR REPLACE INTO seeds VALUES (?, ?)", [recipe, seed])
