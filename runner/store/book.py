"""The journal's content in memory: every call that is not over, and what of the others is still of use. Pure.

A call that is over, and whose price has been told or is nothing, is let go: a store that has served thousands of
photos does not keep them all in memory. A book of *everything* keeps them, for those who ask what was bought.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from runner.errors import Damaged
from runner.store.entry import OVER, Entry, after, begun

Record = Mapping[str, Any]

_LATELY = 180.0
"""Seconds for which a request that was sent is remembered, for limits that count by the minute."""
_MOST_SENT = 10_000
"""So many are remembered at most, whatever the clocks say."""
_MOST_TASKS = 20_000
"""So many tasks of calls that are over are remembered by a journal that is folded: the latest."""


class Sent(NamedTuple):
    """A paid request that left."""

    host: str
    model: str
    images: int
    """Pictures asked for."""
    at: float
    """Seconds since the epoch."""
    steady: float
    """The same moment in seconds of the clock that is never set back."""


class Book:
    """Calls by number and by fingerprint."""

    def __init__(self, records: Iterable[Record] = (), *, everything: bool = False) -> None:
        """Raises Damaged when the records cannot have been written by us."""
        self.last = 0
        """The highest number of a call."""
        self._everything = everything
        self._open: dict[int, Entry] = {}
        self._over: dict[int, Entry] = {}
        self._calls: dict[str, set[int]] = {}
        self._tasks: dict[tuple[str, str], int] = {}
        self.gone = 0
        """How many calls were let go because they are over."""
        self._sent: deque[Sent] = deque(maxlen=_MOST_SENT)
        for record in records:
            self.hear(record)

    def check(self, record: Record, ahead: dict[int, Entry]) -> None:
        """Find out whether a record may be written: whether it could be heard, after those that were checked before it
        with the same `ahead`. Nothing is taken in. Raises ValueError, KeyError, TypeError or AttributeError.
        """
        match record["is"]:
            case "FOLDED" | "TOLD":
                pass
            case "KEPT":
                Entry.from_json(record["entry"])
            case "INTENT":
                ahead[record["call"]] = begun(record)
            case _:
                number = record["call"]
                entry = ahead.get(number) or self._open.get(number) or self._over.get(number)
                if entry is None:
                    raise ValueError("there is no such call")
                ahead[number] = after(entry, record)

    def hear(self, record: Record) -> None:
        """Take in one record more. Raises Damaged."""
        try:
            self._take(record)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            words = f"the journal says what cannot be ({record.get('is')} of call {record.get('call')}: {error})"
            raise Damaged(f"{words}; nothing was sent", hint="was it edited by hand? put back a copy") from None

    def _take(self, record: Record) -> None:
        match record["is"]:
            case "FOLDED":
                self.last = max(self.last, record["last"])
                self._sent.extend(Sent(*each) for each in record["sent"])
                self._tasks |= {(host, task): number for host, task, number in record.get("tasks", ())}
            case "KEPT":
                self._put(Entry.from_json(record["entry"]))
            case "TOLD":
                for entry in [*self._open.values(), *self._over.values()]:
                    if entry.biller == record["run"] and (entry.spent or entry.state in OVER):
                        self._put(replace(entry, told=True))
            case "INTENT":
                self._put(begun(record))
            case _:
                number = record["call"]
                self._put(after(self._open.get(number) or self._over[number], record))
                if record["is"] == "SENDING":
                    order = self._open[number].order
                    self._note_sent(
                        Sent(str(order.origin.get("host")), order.model, order.images, record["at"], record["steady"])
                    )
                    self._note_sent_again(order.fingerprint)

    def _put(self, entry: Entry) -> None:
        number, over = entry.number, entry.state in OVER
        self.last = max(self.last, number)
        if over and not self._everything and (entry.told or not entry.spent):
            self.forget(number)
            self.gone += 1
            return
        (self._over if over else self._open)[number] = entry
        (self._open if over else self._over).pop(number, None)
        self._calls.setdefault(entry.order.fingerprint, set()).add(number)
        if isinstance(entry.task_id, str):
            self._tasks[str(entry.order.origin.get("host")), entry.task_id] = number

    def _note_sent(self, sent: Sent) -> None:
        self._sent.append(sent)
        while self._sent[0].at < sent.at - _LATELY and (
            self._sent[0].steady < sent.steady - _LATELY
            or self._sent[0].steady > sent.steady  # by the clock of another start of the machine
        ):
            self._sent.popleft()

    def _note_sent_again(self, fingerprint: str) -> None:
        """A request has left: the calls in whose place it was to be sent again are over."""
        for number in tuple(self._calls[fingerprint]):
            entry = self._open.get(number)
            if entry is not None and entry.state == "AGAIN":
                self._put(replace(entry, state="RESENT"))

    def forget(self, number: int) -> None:
        """Let go of a call that is over; only its task is remembered."""
        entry = self._open.pop(number, None) or self._over.pop(number, None)
        if entry is not None:
            calls = self._calls[entry.order.fingerprint]
            calls.discard(number)
            if not calls:
                del self._calls[entry.order.fingerprint]

    def __len__(self) -> int:
        """How many calls are not over."""
        return len(self._open)

    def __getitem__(self, number: int) -> Entry:
        """A call that is not over. Raises KeyError."""
        return self._open[number]

    def open(self) -> tuple[Entry, ...]:
        """The calls that are not over, in order."""
        return tuple(self._open[number] for number in sorted(self._open))

    def over(self) -> tuple[Entry, ...]:
        """The calls that are over and still kept, in order."""
        return tuple(self._over[number] for number in sorted(self._over))

    def under_way(self, fingerprint: str) -> Entry | None:
        """The last call for a request that is not over; one in whose place it is to be sent again does not count."""
        found = [self._open[number] for number in self._calls.get(fingerprint, ()) if number in self._open]
        return max((each for each in found if each.state != "AGAIN"), key=lambda each: each.number, default=None)

    def untold(self, fingerprint: str, run: str) -> tuple[Entry, ...]:
        """Calls for a request that cost something which no run has told, and that no run will fetch: they are over,
        given up, or in doubt although they are paid. Those of `run` are its own."""
        calls = [self._over.get(number) or self._open[number] for number in sorted(self._calls.get(fingerprint, ()))]
        ended = (each for each in calls if each.standing != "pending")
        return tuple(each for each in ended if each.biller != run and not each.told and each.spent)

    def holder(self, host: str, task_id: str) -> int | None:
        """The call that a task of a host belongs to, if it is one of ours."""
        return self._tasks.get((host, task_id))

    def tasks(self) -> list[tuple[str, str, int]]:
        """The latest tasks, each with its host before it and its call behind it."""
        return [(host, task, number) for (host, task), number in list(self._tasks.items())[-_MOST_TASKS:]]

    def sent(self, host: str | None = None) -> tuple[Sent, ...]:
        """What was sent in the last minutes, to one host or to all."""
        return tuple(each for each in self._sent if host in {None, each.host})
