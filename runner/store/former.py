"""The journal of earlier versions, a table in the store's SQLite file: its calls move to the journal of today, once.

    INTENT    sent, or about to be: in doubt          ACCEPTED   has a ticket: pending
    PAID      answered with the result: in doubt      DONE, FAILED   over
              (its pictures were never stored)        REJECTED   never cost anything: left behind

A call whose request has a result is over, however its row ended: nothing is left to fetch. All calls go in as one line
of the journal, and the table goes after that. A crash in between leaves the table, and the next opening finds its
calls in the journal already.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner.errors import Damaged
from runner.store.database import FORMER_JOURNAL, Database, Row
from runner.store.entry import Entry, Order, State
from runner.store.journal import Journal

BY = "the price list of an earlier version"
"""What such a call's price is by: no other call has that, so it tells what has been taken over."""
UNKNOWN_MODEL = "unknown"
"""Where no ticket names the model: earlier versions wrote it nowhere else."""

_ROWS = (
    "SELECT number, fingerprint, state, run, label, price, billed, ticket, "
    "fingerprint IN (SELECT fingerprint FROM results) FROM journal WHERE state != 'REJECTED' ORDER BY number"
)
_WHY: Mapping[str, str] = {
    "INTENT": "the run that sent it was cut off, or got no answer that could be used",
    "PAID": "it is paid, and the run was cut off before its pictures were stored",
}


def take_over(rows: Database, journal: Journal) -> None:
    """Move the calls of the table to the journal, which is open for writing, and let go of the table.

    Raises OutOfReach and Damaged; then nothing is lost, and the next opening tries again.
    """
    if rows.one("SELECT 1 FROM sqlite_master WHERE name = 'journal'", []):
        found = [_entry(row) for row in rows.all(_ROWS)]
        if found and not any(each.order.by == BY for each in journal.everything()):
            journal.take_in(found)
    rows.be_current()


def waits(folder: Path) -> bool:
    """Whether the store in a folder has calls that were not taken over yet. Changes nothing, whatever is there."""
    place = f"{(folder / 'index.sqlite').absolute().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(place, uri=True)) as rows:
            version: int = rows.execute("PRAGMA user_version").fetchone()[0]
            return 0 < version <= FORMER_JOURNAL and bool(rows.execute(_ROWS).fetchone())
    except sqlite3.Error:
        return False


def _entry(row: Row) -> Entry:
    """The call of one row. Raises Damaged for a row that no version wrote."""
    number, fingerprint, was, run, label, price, billed, text, known = row
    try:
        ticket: dict[str, Any] | None = json.loads(text) if text else None
        state = _state(was, known=bool(known))
        seller = ticket if ticket is not None else {"provider": "novita"}
        order = Order(
            fingerprint=fingerprint,
            model=str(seller.get("model") or UNKNOWN_MODEL),
            images=0,
            price=float(price),
            by=BY,
            run=run,
            recipe="",
            item="",
            step=label,
            origin={name: str(seller[name]) for name in ("provider", "host") if seller.get(name)},
        )
    except (ValueError, TypeError, AttributeError, KeyError):
        raise Damaged(f"row {number} of the former journal in index.sqlite cannot be read; nothing was sent") from None
    at = _moment(run)
    return Entry(
        number=number,
        order=order,
        at=at,
        state=state,
        sent=at,
        ticket=ticket,
        made=1 if was == "PAID" else None,
        cost=order.price if state in {"DONE", "FAILED"} else None,
        why=_WHY.get(was, "") if state == "DOUBT" else "",
        biller=run,
        told=bool(billed),
    )


def _state(was: str, *, known: bool) -> State:
    if known or was == "DONE":
        return "DONE"
    states: Mapping[str, State] = {"INTENT": "DOUBT", "PAID": "DOUBT", "ACCEPTED": "ACCEPTED", "FAILED": "FAILED"}
    return states[was]


def _moment(run: str) -> float:
    """When a run began: its name says so, as all names of runs do; 0 for any other name."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC).timestamp()
    return 0.0
