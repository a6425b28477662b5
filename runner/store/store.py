"""The whole store of one workspace, opened and closed as one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner import artifact, digest
from runner.artifact import Artifact
from runner.clock import Clock
from runner.disk import DISK, Disk
from runner.store import former
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
    def open(cls, folder: Path, clock: Clock, *, disk: Disk = DISK, journaling: bool = True) -> Store:
        """Open, or make, the store in a folder. Raises OutOfReach, Damaged.

        Without `journaling` the journal can only be read: so may any process, while another one writes it.
        """
        rows = Database(folder / "index.sqlite")
        try:
            journal = Journal(folder, disk, clock, writing=journaling)
            try:
                if rows.former and journaling:
                    former.take_over(rows, journal)
            except BaseException:
                journal.close()
                raise
        except BaseException:
            rows.close()
            raise
        return cls(Blobs(folder / "objects", disk), Index(rows), journal, rows)

    def close(self) -> None:
        """Give back the files."""
        try:
            self.journal.close()
            self.index.keep_durations()
        finally:
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

    def look(self, name: str) -> Artifact:
        """What is known of a picture that is here, and whole. Slow: call it in a thread. Raises Damaged, BadImage."""
        data = self.blobs.get(name)
        return self.index.artifact(name) or artifact.inspect(data)
