"""What each fingerprint gave, what is known of each picture, and the seeds drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from runner.artifact import Artifact
from runner.store.database import Database


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


class Index:
    """Results by fingerprint, pictures by digest, drawn seeds by recipe. Raises as Database does."""

    def __init__(self, rows: Database) -> None:
        self._rows = rows

    def result(self, fingerprint: str) -> Result | None:
        """What this request gave before, or None."""
        row = self._rows.one("SELECT record FROM results WHERE fingerprint = ?", [fingerprint])
        return Result.from_json(json.loads(row[0])) if row else None

    def record(self, fingerprint: str, result: Result) -> None:
        """Remember what a request gave; its pictures are in the store already."""
        self._rows.write("INSERT OR REPLACE INTO results VALUES (?, ?)", [fingerprint, json.dumps(result.to_json())])

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

    def keep_seed(self, recipe: str, seed: int) -> None:
        """Remember the seed drawn for a recipe that has none."""
        self._rows.write("INSERT OR REPLACE INTO seeds VALUES (?, ?)", [recipe, seed])
