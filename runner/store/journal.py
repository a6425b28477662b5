"""The journal of paid calls: what was sent, what was accepted, how it ended, and whether a run has told its price.

A row is one call. It is INTENT before the request leaves: without a row on disk nothing is sent. The provider's answer
makes it ACCEPTED, with the ticket, or REJECTED. It is DONE once its pictures are stored, FAILED when the provider says
that there will be none. The next run that needs the same request collects an ACCEPTED ticket and sends nothing; a row
that is still INTENT was cut off in between, and is never sent again without a word. Each write is durable before the
method returns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from runner.operation import Ticket
from runner.store.database import Database

End = Literal["DONE", "FAILED", "REJECTED"]


@dataclass(frozen=True, slots=True)
class Bought:
    """A paid call that the provider has accepted and whose pictures are not stored yet."""

    number: int
    ticket: Ticket
    price: float
    """US dollars, by the price list of that day."""
    billed: bool
    """Whether the run that bought it has told its price."""


class Journal:
    """Paid calls by fingerprint. Raises as Database does."""

    def __init__(self, rows: Database) -> None:
        self._rows = rows

    def pending(self, fingerprint: str) -> Bought | None:
        """The last accepted call for this request whose pictures have not been stored."""
        row = self._rows.one(
            "SELECT number, ticket, price, billed FROM journal WHERE fingerprint = ? AND state = 'ACCEPTED' "
            "ORDER BY number DESC",
            [fingerprint],
        )
        return Bought(row[0], json.loads(row[1]), row[2], bool(row[3])) if row else None

    def unanswered(self, fingerprint: str) -> bool:
        """Whether an earlier run was cut off while it sent this request, so that it may be accepted and billed."""
        query = "SELECT 1 FROM journal WHERE fingerprint = ? AND state = 'INTENT'"
        return self._rows.one(query, [fingerprint]) is not None

    def intent(self, fingerprint: str, run: str, label: str, price: float) -> int:
        """Write down that a call is about to be sent; the number of its row."""
        return self._rows.write(
            "INSERT INTO journal (fingerprint, state, run, label, price) VALUES (?, 'INTENT', ?, ?, ?)",
            [fingerprint, run, label, price],
        )

    def accepted(self, number: int, ticket: Ticket) -> None:
        """Write down the ticket of an accepted call."""
        text = json.dumps(dict(ticket))
        self._rows.write("UPDATE journal SET state = 'ACCEPTED', ticket = ? WHERE number = ?", [text, number])

    def ended(self, number: int, state: End) -> None:
        """Write down how a call ended."""
        self._rows.write("UPDATE journal SET state = ? WHERE number = ?", [state, number])

    def billed(self, run: str) -> None:
        """Write down that a run has told the price of everything it bought."""
        self._rows.write("UPDATE journal SET billed = 1 WHERE run = ?", [run])

    def take_over(self, number: int, run: str) -> None:
        """Let a run tell the price of what one before it bought and never told."""
        self._rows.write("UPDATE journal SET run = ? WHERE number = ?", [run, number])
