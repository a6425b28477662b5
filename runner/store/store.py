"""The whole store of one workspace, opened and closed as one.

Journal and index know of each other, since either may be lost or put back from a backup. An index that has never seen
the journal is filled from it: what is bought and still here is not bought again. A journal that is behind the index is
refused: calls that it has forgotten would be paid again.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from runner import artifact, digest
from runner.artifact import Artifact
from runner.clock import Clock
from runner.disk import DISK, Disk
from runner.errors import BadImage, Damaged, OutOfReach
from runner.store import former
from runner.store import journal as calls
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
    _journaling: bool = False

    @classmethod
    def open(cls, folder: Path, clock: Clock, *, disk: Disk = DISK, journaling: bool = True) -> Store:
        """Open, or make, the store in a folder. Raises OutOfReach, Damaged.

        Without `journaling` the journal can only be read: so may any process, while another one writes it.
        """
        with contextlib.ExitStack() as opened:
            rows = Database(folder / "index.sqlite")
            opened.callback(rows.close)
            index = Index(rows)
            mark = index.journaled()  # first: a run at work may go on with its journal meanwhile
            if mark is not None and not calls.exists(folder):
                raise _behind("the journal is missing", mark)
            journal = Journal(folder, disk, clock, writing=journaling)
            opened.callback(journal.close)
            if mark is not None and journal.last < mark:
                raise _behind(f"the journal is older than the store's index: its last call is {journal.last}", mark)
            store = cls(Blobs(folder / "objects", disk), index, journal, rows, journaling)
            if journaling:
                if rows.former:
                    former.take_over(rows, journal)
                if mark is None:
                    store._refill()
                index.keep_journaled(journal.last)
            opened.pop_all()
        return store

    def close(self) -> None:
        """Give back the files."""
        try:
            self.journal.close()
            self.index.settle()
            if self._journaling:
                with contextlib.suppress(OutOfReach):  # it may lag behind
                    self.index.keep_journaled(self.journal.last)
        finally:
            self._rows.close()

    def _refill(self) -> None:
        """Fill an index that is new with what the journal's calls gave, as far as it is still here."""
        known: dict[str, Result] = {}
        highest = 0
        for entry in self.journal.everything():
            highest = entry.number
            if entry.state == "DONE" and entry.stored and all(map(self.blobs.holds, entry.stored)):
                with contextlib.suppress(Damaged, BadImage):
                    images = tuple(self.look(each) for each in entry.stored)
                    known[entry.order.fingerprint] = Result(images, entry.seed)
        self.index.refill(known)
        self.journal.count_from(highest)  # the ledger may be newer than a journal that was put back

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


def _behind(what: str, mark: int) -> Damaged:
    hint = (
        "put the newer .retouch/journal back. Without it, calls are forgotten and may be paid again: to go on all the "
        "same, move .retouch/index.sqlite away, that file alone; it is made anew from the journal that is there"
    )
    return Damaged(f"{what}, and the index knows of {mark} calls; nothing was sent", hint=hint)
