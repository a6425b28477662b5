"""Every paid call ever, as `retouch journal --costs` tells it: for people, for programs, and for bookkeeping.

All sums are by the price list that was in force when the call was made. What the host has really charged stands on its
own bill alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from runner.report.journal import iso, moment, place
from runner.report.words import clean_line
from runner.store.entry import Entry

NOTE = "by the price list of that day; what was really charged stands on the host's bill"
COLUMNS = (
    "call",
    "date",
    "run",
    "recipe",
    "item",
    "step",
    "model",
    "provider",
    "host",
    "pictures",
    "usd",
    "may_be_billed_usd",
    "price_list",
    "outcome",
    "task_id",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell of a spreadsheet begins with when it is computed instead of shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one call has cost, for all that is known."""

    entry: Entry

    @property
    def at(self) -> float:
        """When it was sent, in seconds since the epoch."""
        return self.entry.sent or self.entry.at

    @property
    def pictures(self) -> int:
        """How many it made, or was asked for as long as that is not known."""
        return self.entry.order.images if self.entry.made is None else self.entry.made

    @property
    def outcome(self) -> str:
        """How it ended, or how it stands."""
        ends = {"DONE": "done", "FAILED": "failed", "RESENT": "sent again"}
        return ends.get(self.entry.state, self.entry.standing)

    def to_json(self) -> dict[str, Any]:
        """By the names of COLUMNS."""
        entry, order = self.entry, self.entry.order
        values = (
            entry.number,
            iso(self.at),
            order.run,
            order.recipe,
            order.item,
            order.step,
            order.model,
            order.origin.get("provider"),
            order.origin.get("host"),
            self.pictures,
            entry.spent,
            entry.at_stake,
            order.by,
            self.outcome,
            entry.task_id,
        )
        return dict(zip(COLUMNS, values, strict=True))


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of calls of one kind."""

    model: str
    host: str
    by: str
    """The price list."""
    calls: int
    pictures: int
    usd: Decimal
    at_stake: Decimal
    """What may be billed beside that."""
    doubtful: int
    """Calls of which that is not known."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "model": self.model,
            "host": self.host,
            "price_list": self.by,
            "calls": self.calls,
            "pictures": self.pictures,
            "usd": float(self.usd),
            "may_be_billed_usd": float(self.at_stake),
        }


def lines(entries: Iterable[Entry], since: float | None = None) -> list[Line]:
    """The calls that cost something, or may, in order; from a moment on, in seconds since the epoch."""
    found = (Line(each) for each in entries if each.spent or each.at_stake)
    return [each for each in found if since is None or each.at >= since]


def totals(found: Sequence[Line]) -> list[Total]:
    """Sums by model, host and price list."""

    def key(line: Line) -> tuple[str, str, str]:
        order = line.entry.order
        return order.model, order.origin.get("host") or "", order.by

    return [_total(kind, list(group)) for kind, group in groupby(sorted(found, key=key), key)]


def whole(found: Sequence[Line]) -> Total:
    """The sum of all."""
    return _total(("in all", "", ""), found)


def _total(kind: tuple[str, str, str], group: Sequence[Line]) -> Total:
    sure = [each for each in group if each.entry.spent]
    return Total(
        *kind,
        calls=len(sure),
        pictures=sum(each.pictures for each in sure),
        usd=sum((Decimal(str(each.entry.spent)) for each in sure), Decimal()),
        at_stake=sum((Decimal(str(each.entry.at_stake)) for each in group), Decimal()),
        doubtful=sum(bool(each.entry.at_stake) for each in group),
    )


def as_json(found: Sequence[Line]) -> dict[str, Any]:
    """The ledger for programs."""
    summed = whole(found)
    return {
        "calls": [each.to_json() for each in found],
        "sums": [each.to_json() for each in totals(found)],
        "paid": float(summed.usd),
        "may_be_billed": float(summed.at_stake),
        "currency": "USD",
        "note": NOTE,
    }


def as_csv(found: Sequence[Line]) -> str:
    """The ledger for bookkeeping, with a row of headings."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in found:
        writer.writerow(_cell(each) for each in line.to_json().values())
    return out.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = clean_line(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_text(found: Sequence[Line], *, all_time: bool = True) -> str:
    """The ledger for people: the calls run by run, then the sums."""
    if not found:
        return "Nothing was paid for." if all_time else "Nothing was paid since then."
    return "\n".join([*_runs(found), *_sums(found)])


def _runs(found: Sequence[Line]) -> Iterator[str]:
    models = max(len(clean_line(each.entry.order.model)) for each in found)
    for run, group in groupby(found, lambda line: line.entry.order.run):
        yield f"run {clean_line(run)}"
        for line in group:
            entry = line.entry
            usd = f"{entry.spent:9.4f}" if entry.spent else " " * 9
            model = clean_line(entry.order.model).ljust(models)
            yield f"{entry.number:>7}  {moment(line.at)}  {model}  {line.pictures:>2} {usd}  {line.outcome}"
            more = f", task {clean_line(entry.task_id)}" if entry.task_id else ""
            more += f", {entry.at_stake:.4f} USD may be billed" if entry.at_stake else ""
            yield f"{'':9}{place(entry)}{more}"
        yield ""


def _sums(found: Sequence[Line]) -> Iterator[str]:
    sums = [*totals(found), whole(found)]
    models = max(len("model"), *(len(clean_line(each.model)) for each in sums))
    hosts = max(len("host"), *(len(clean_line(each.host)) for each in sums))
    yield f"{'model':{models}}  {'host':{hosts}}  {'calls':>6}  {'pictures':>8}  {'USD':>10}"
    for each in sums:
        model, host = clean_line(each.model).ljust(models), clean_line(each.host).ljust(hosts)
        yield f"{model}  {host}  {each.calls:>6}  {each.pictures:>8}  {each.usd:>10.4f}"
        if each.by:
            yield f"  by {clean_line(each.by)}"
    summed = sums[-1]
    yield ""
    if summed.doubtful:
        calls = "1 call" if summed.doubtful == 1 else f"{summed.doubtful} calls"
        yield f"Beside that, {summed.at_stake:.4f} USD may be billed for {calls} of which that is not known."
    yield "All of this is by the price list of that day. What was really charged stands on"
    yield "the host's bill."


def moment_of(text: str) -> float:
    """A date, or a date and time, of local time where no offset is said. Raises ValueError."""
    return datetime.fromisoformat(text).astimezone().timestamp()
