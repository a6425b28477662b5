"""The journal of paid calls: what was meant, sent, accepted, fetched and stored, each on disk before what follows it.

`journal` in the store's folder is a file of checksummed lines (see lines); what its records say of a call stands in
entry. When it has grown, calls that are over and told move to `ledger`, which only those read who ask what was bought.

A run that ends has told the prices of all its calls. What one that was cut off has paid is told by the next run that
needs the same request, once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path

from runner.clock import Clock
from runner.disk import Disk
from runner.errors import Damaged, OutOfReach
from runner.operation import Ticket
from runner.store import lines
from runner.store.book import Book, Record, Sent
from runner.store.commit import GroupCommit
from runner.store.entry import Choice, Entry, Order

FORM = "journal"
VERSION = 1
LEDGER_FORM = "ledger"
LEDGER_VERSION = 1

_FOLD_AT = 1_000_000
"""Bytes from which on a journal is looked through for calls that may move to the ledger."""
_WORTH_FOLDING = 200
"""Calls that may move to the ledger; for fewer it is not done."""
_READ_AGAIN = 3
"""Times that a file is looked at before it is taken for damaged, where another process may be writing it."""
_ROOM_FOR_ONE = 4096
"""Bytes that the records of one call take at most, once it is sent."""
_MOST_WHY = 300
"""Characters of a reason that are kept."""


class Journal:
    """Paid calls by number and fingerprint. Methods that write raise OutOfReach when the disk does not take it.

    Without `writing` it is a look at what stands there, perhaps while another process goes on.
    """

    def __init__(self, folder: Path, disk: Disk, clock: Clock, *, writing: bool) -> None:
        """Raises Damaged (also for a newer version's file) and OutOfReach."""
        self._folder = folder
        self._disk = disk
        self._clock = clock
        self._book = Book()
        self._failure: OutOfReach | None = None
        """Why records could not be written."""
        self._lines: lines.Lines | None = None
        self.warnings: tuple[str, ...] = ()
        """What the user has to hear of how the file was found."""
        if writing:
            self._lines = lines.Lines(folder / FORM, FORM, VERSION, disk, self._book.hear)
            if self._lines.found.cut:
                self.warnings = (_cut(self._lines.found.cut),)
            self._fold()
        else:
            self._book = _seen(folder, FORM, VERSION, everything=False)
        self._given = self._book.last
        """The highest number that a call was given; its INTENT may not be written yet, or never."""
        for entry in self._book.open():
            if entry.state == "INTENT":  # whoever meant to send it has gone before the first byte left
                self._book.forget(entry.number)
        self._writer = GroupCommit(self._append, self._book.hear, self._objections)

    def close(self) -> None:
        """Give back the file."""
        try:
            self._writer.close()
        finally:
            if self._lines is not None:
                self._lines.close()

    # what is known

    @property
    def last(self) -> int:
        """The highest number of a call that is known to stand in the file."""
        return self._book.last

    def __getitem__(self, number: int) -> Entry:
        """A call that is not over. Raises KeyError."""
        return self._book[number]

    def under_way(self, fingerprint: str) -> Entry | None:
        """The last call for this request that is not over."""
        return self._book.under_way(fingerprint)

    def open(self) -> tuple[Entry, ...]:
        """Every call that is not over, in order."""
        return self._book.open()

    def sent(self, host: str | None = None) -> tuple[Sent, ...]:
        """What was sent in the last minutes, to one host or to all."""
        return self._book.sent(host)

    def holder(self, host: str, task_id: str) -> int | None:
        """The number of the call that a task of a host belongs to, if it is one of ours."""
        return self._book.holder(host, task_id)

    def everything(self) -> tuple[Entry, ...]:
        """Every call that was ever meant to be paid, in order. Slow. Raises Damaged, OutOfReach."""
        return everything(self._folder)

    # what happens to a call

    async def intent(self, order: Order) -> int:
        """Write down that a call is about to be sent; its number."""
        number = self._given = self._given + 1
        await self._write({"is": "INTENT", "call": number, "order": _plain(order)})
        return number

    async def sending(self, number: int, body: str) -> None:
        """Write down that the first byte is about to leave; `body` is the SHA-256 of what is sent."""
        steady = round(self._clock.monotonic(), 3)  # tells later whether the other clock was set forward meanwhile
        await self._write({"is": "SENDING", "call": number, "body": body, "steady": steady})

    async def accepted(self, number: int, ticket: Ticket) -> None:
        """Write down the ticket of an accepted call."""
        await self._write({"is": "ACCEPTED", "call": number, "ticket": dict(ticket)})

    async def turned_away(self, number: int, why: str) -> None:
        """Write down that an attempt was certainly not accepted; another may follow."""
        await self._write({"is": "REJECTED", "call": number, "why": why[:_MOST_WHY], "again": True})

    async def rejected(self, number: int, why: str) -> None:
        """Write down that a call was certainly not accepted, and that nothing more is tried."""
        await self._write({"is": "REJECTED", "call": number, "why": why[:_MOST_WHY]})

    async def doubted(self, number: int, why: str) -> None:
        """Write down that a call was sent, and that nobody here can tell what became of it."""
        await self._write({"is": "DOUBT", "call": number, "why": why[:_MOST_WHY]})

    async def result(self, number: int, made: int, seed: int | None) -> None:
        """Write down that the host has finished: how many pictures it made, and the seed that it reports."""
        await self._write({"is": "RESULT", "call": number, "made": made, "seed": seed})

    async def stored(self, number: int, pictures: Sequence[str]) -> None:
        """Write down the SHA-256 of each picture, all of which are in the store."""
        await self._write({"is": "STORED", "call": number, "sha256": list(pictures)})

    async def done(self, number: int, cost: float) -> None:
        """Write down that a call's pictures are stored and known by its request, and what it cost."""
        await self._write({"is": "DONE", "call": number, "cost": cost})
        self._book.forget(number)  # the run itself knows what it cost

    async def failed(self, number: int, why: str) -> None:
        """Write down the host's last word: there will be no pictures."""
        await self._write({"is": "FAILED", "call": number, "why": why[:_MOST_WHY]})
        self._book.forget(number)

    async def taken(self, number: int, run: str) -> None:
        """Let a run tell the price of what one before it bought and never told."""
        await self._write({"is": "TAKEN", "call": number, "run": run})

    async def untold(self, fingerprint: str, run: str) -> tuple[Entry, ...]:
        """Calls for this request that nobody will fetch, and whose price no run has told; from now on this run's to
        tell."""
        found = self._book.untold(fingerprint, run)
        await self._write(*({"is": "TAKEN", "call": each.number, "run": run} for each in found))
        return found

    def told(self, run: str) -> None:
        """Write down that a run has told the price of everything it bought."""
        self._write_now({"is": "TOLD", "run": run})

    def resolve(self, number: int, choice: Choice, ticket: Ticket | None = None) -> Entry:
        """Write down what the user decides about a call that is not over; what is known of it then.

        `ticket` is that of the task to adopt: the host's own where it gave one. Raises KeyError when there is no such
        call.
        """
        self._book[number]  # that there is one
        record: Record = {"is": "RESOLVED", "call": number, "as": choice, "ticket": dict(ticket) if ticket else None}
        self._write_now(record)
        return self._book[number]

    def take_in(self, entries: Sequence[Entry]) -> None:
        """Write down calls of a former journal under new numbers, in their order: all of them, or none."""
        numbered = [replace(each, number=self._given + at) for at, each in enumerate(entries, 1)]
        self._given += len(numbered)
        self._write_now(*map(_kept, numbered))

    def count_from(self, number: int) -> None:
        """Give no call a number up to this one: such calls are known from elsewhere."""
        if number > self._book.last:
            self._write_now({"is": "FOLDED", "last": number, "sent": []})
            self._given = max(self._given, number)

    # how it is written

    async def _write(self, *records: Record) -> None:
        at = round(self._clock.wall(), 3)
        await self._writer.write(*({"at": at, **each} for each in records))

    def _write_now(self, *records: Record) -> None:
        """Write records, as one, when no run is going on."""
        self._writer.flush()
        whole = [{"at": round(self._clock.wall(), 3), **each} for each in records]
        for objection in filter(None, self._objections(whole)):
            raise objection
        self._append(whole)
        for each in whole:
            self._book.hear(each)

    def _objections(self, records: Sequence[Record]) -> list[Exception | None]:
        """Why each of these records may not be written after those before it; None where it may.

        On disk, a record that cannot be would be damage: it is a fault of ours, and stays in the process that made it.
        """
        ahead: dict[int, Entry] = {}
        found: list[Exception | None] = []
        for record in records:
            try:
                lines.prove(record)
                self._book.check(record, ahead)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                words = f"{record.get('is')} of call {record.get('call')} cannot be written: {error}"
                found.append(self._failure or AssertionError(words))  # what did not last is not to be followed
            else:
                found.append(None)
        return found

    def _append(self, records: Sequence[Record]) -> None:
        if not records:
            return
        try:
            self._append_to_file(records)
        except OutOfReach as error:
            self._failure = error
            raise

    def _append_to_file(self, records: Sequence[Record]) -> None:
        if self._lines is None:
            raise OutOfReach("the journal was opened to be read only")
        meant = sum(each["is"] in {"INTENT", "SENDING"} for each in records)
        if meant:  # whatever follows a call that is sent must find room, even on a disk that is full by then
            self._lines.make_room((meant + len(self._book)) * _ROOM_FOR_ONE)
        self._lines.append(records)

    def _fold(self) -> None:
        """Move the calls that are over to the ledger, if that makes the journal much shorter and the disk takes it.

        A crash in between leaves a call in both places; it is the same call.
        """
        assert self._lines is not None
        kept = [*self._book.over(), *self._book.open()]
        if self._lines.size <= _FOLD_AT or self._book.gone < max(len(kept), _WORTH_FOLDING):
            return
        try:
            self._write_ledger({each.number for each in kept})
            lately = {"is": "FOLDED", "last": self._book.last, "sent": [list(each) for each in self._book.sent()]}
            tasks = {"tasks": [list(each) for each in self._book.tasks()]}
            text = lines.whole(FORM, VERSION, [lately | tasks, *map(_kept, kept)])
            self._lines.close()
            self._disk.put(self._folder / FORM, text)
        except (OutOfReach, OSError) as error:
            why = error.message if isinstance(error, OutOfReach) else error.strerror
            self.warnings += (f"the journal has grown long and cannot be shortened ({why}); all of it is kept",)
        except BaseException:
            self._lines.close()
            raise
        self._lines.close()
        self._lines = lines.Lines(self._folder / FORM, FORM, VERSION, self._disk, lambda _: None)

    def _write_ledger(self, kept: Set[int]) -> None:
        """Write the calls that are over, but for those that are kept, to the ledger."""
        over = [each for each in _read(self._folder, FORM, VERSION, everything=True).over() if each.number not in kept]
        ledger = lines.Lines(self._folder / LEDGER_FORM, LEDGER_FORM, LEDGER_VERSION, self._disk, lambda _: None)
        try:
            for start in range(0, len(over), 1000):
                ledger.append([_kept(each) for each in over[start : start + 1000]])
        finally:
            ledger.close()


def exists(folder: Path) -> bool:
    """Whether a folder has a journal, even one that says nothing yet."""
    file = folder / FORM
    return file.is_file() and file.stat().st_size > 0


def everything(folder: Path) -> tuple[Entry, ...]:
    """Every call in the journal and the ledger of a folder, in order; whoever writes them meanwhile.

    Raises Damaged, OutOfReach.
    """
    # in this order: what another process moves from the one to the other meanwhile is then met twice, not missed
    present = _seen(folder, FORM, VERSION, everything=True)
    archived = _seen(folder, LEDGER_FORM, LEDGER_VERSION, everything=True)
    found = {each.number: each for book in (archived, present) for each in (*book.open(), *book.over())}
    return tuple(found[number] for number in sorted(found))


def _seen(folder: Path, form: str, version: int, *, everything: bool) -> Book:
    """What a file holds that another process may be writing.

    A line that comes while the file is read can look like damage: that is believed only when it stays.
    """
    for _ in range(_READ_AGAIN - 1):
        with contextlib.suppress(Damaged):
            return _read(folder, form, version, everything=everything)
    return _read(folder, form, version, everything=everything)


def _read(folder: Path, form: str, version: int, *, everything: bool) -> Book:
    book = Book(everything=everything)
    lines.read(folder / form, form, version, book.hear)
    return book


def _kept(entry: Entry) -> Record:
    return {"is": "KEPT", "call": entry.number, "entry": entry.to_json()}


def _plain(order: Order) -> Record:
    return {name: getattr(order, name) for name in order.__slots__} | {"origin": dict(order.origin)}


def _cut(what: bytes) -> str:
    began = what[:_MOST_WHY].decode("ascii", "replace").strip()
    return (
        f"the last line of the journal was cut off ({len(what)} bytes), by a crash it seems, and is dropped: no step "
        f"that waited for it was taken. It began: {began}"
    )
