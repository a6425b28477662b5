"""The journal of paid calls: a ticket is on disk before the first poll, so that no crash loses what was bought.

A row is one call. Its state is ACCEPTED from the provider's answer on, DONE once its pictures are stored, FAILED when
the provider says that there will be none. The next run that needs the same request collects an ACCEPTED ticket and
sends nothing. Each write is durable before the method returns.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Literal

from runner.operation import Ticket

State = Literal["ACCEPTED", "DONE", "FAILED"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One paid call that the provider has accepted."""

    number: int
    ticket: Ticket


class Journal:
    """Tickets of paid calls, by fingerprint."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._rows = connection

    def pending(self, fingerprint: str) -> Entry | None:
        """The last accepted call for this request whose pictures have not been stored."""
        row = self._rows.execute(
            "SELECT number, record FROM journal WHERE fingerprint = ? AND state = 'ACCEPTED' ORDER BY number DESC",
            [fingerprint],
        ).fetchone()
        return Entry(row[0], json.loads(row[1])) if row else None

    def accepted(self, fingerprint: str, ticket: Ticket) -> Entry:
        """Write down that a call was accepted."""
        text = json.dumps(dict(ticket))
        cursor = self._rows.execute(
            "INSERT INTO journal (fingerprint, state, record) VALUES (?, 'ACCEPTED', ?)", [fingerprint, text]
        )
        number = cursor.lastrowid
        assert number is not None
        return Entry(number, ticket)

    def ended(self, entry: Entry, state: Literal["DONE", "FAILED"]) -> None:
        """Write down how a call ended."""
        self._rows.execute("UPDATE journal SET state = ? WHERE number = ?", [state, entry.number])
