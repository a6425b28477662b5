"""The whole store of one workspace, opened and closed as one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner import artifact, digest
from runner.artifact import Artifact
from runner.store.blobs import Blobs
from runner.store.database import Database
from runner.store.index import Index, Result
from runner.store.journal import Journal


@dataclass(frozen=True, slots=True)
class Store:
    """Pictures, results and journal of one workspace."""

    blobs: Blobs
    index: Index
    journal: Journal
    _rows: Database

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open, or make, the store in a folder. Raises OutOfReach, Damaged."""
        rows = Database(folder / "index.sqlite")
        return cls(Blobs(folder / "objects"), Index(rows), Journal(rows), rows)

    def close(self) -> None:
        """Give back the files."""
        self._rows.close()

    def known(self, fingerprint: str) -> Result | None:
        """What this request gave before, if every picture of it is still here."""
        result = self.index.result(fingerprint)
        if result is not None and not all(self.blobs.holds(image.digest) for image in result.images):
            return None
        return result

    def keep(self, data: bytes) -> Artifact:
        """Look at a picture and keep its bytes; both are durable when this returns. Slow: call it in a thread.

        Raises BadImage for what is no picture we can use, OutOfReach when the disk does not take it.
        """
        name = digest.of_bytes(data)
        known = self.index.artifact(name) or artifact.inspect(data)
        self.blobs.put(data)
        self.index.learn(known)
        return known
