"""The journal of paid calls: what was sent, what was accepted, how it ended, and whether a run has told its price.

A row is one call. It is INTENT before the request leaves: without a row on disk nothing is sent. The provider's answer
makes it ACCEPTED, with the ticket; PAID, where the answer is the result and its pictures are still to be stored; or
REJECTED. It is DONE once its pictures are stored, FAILED when the provider says that there will be none. The next run
that needs the same request collects an ACCEPTED ticket and sends nothing; a row that is still INTENT or PAID was cut
off in between, and is never sent again without a word. Each write is durable before the method returns.

A row's price is the most the call may cost, and from its end on what it did cost. A run that ends has told the prices
of all its rows. What one that was cut off has paid is told by the next run that needs the same request, once.
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
    """Whether a run that has ended told its price."""
    run: str
    """The run whose bill it is, or was, on."""


class Journal:
    """Paid calls by fingerprint. Raises as Database does."""

    def __init__(self, rows: Database) -> None:
        self._rows = rows

    def pending(self, fingerprint: str) -> Bought | None:
        """The last accepted call for this request whose pictures have not been stored."""
        row = self._rows.one(
            "SELECT number, ticket, price, billed, run FROM journal WHERE fingerprint = ? AND state = 'ACCEPTED' "
            "ORDER BY number DESC",
            [fingerprint],
        )
        return Bought(row[0], json.loads(row[1]), row[2], bool(row[3]), row[4]) if row else None

    def unanswered(self, fingerprint: str) -> bool:
        """Whether this request was sent before and gave no pictures, so that it may be, or was, accepted and billed."""
        query = "SELECT 1 FROM journal WHERE fingerprint = ? AND state IN ('INTENT', 'PAID')"
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

    def paid(self, number: int) -> None:
        """Write down that the provider has said yes with the result itself, whose pictures are still to be stored."""
        self._rows.write("UPDATE journal SET state = 'PAID' WHERE number = ? AND state = 'INTENT'", [number])

    def ended(self, number: int, state: End, price: float | None = None) -> None:
        """Write down how a call ended, and what it cost where that is known better now."""
        changed = "UPDATE journal SET state = ?, price = coalesce(?, price) WHERE number = ?"
        self._rows.write(changed, [state, price, number])

    def billed(self, run: str) -> None:
        """Write down that a run has told the price of everything it bought."""
        self._rows.write("UPDATE journal SET billed = 1 WHERE run = ?", [run])

    def take_over(self, number: int, run: str) -> None:
        """Let a run tell the price of what one before it bought and never told."""
        self._rows.write("UPDATE journal SET run = ? WHERE number = ?", [run, number])

    def untold(self, fingerprint: str, run: str) -> float:
        """US dollars that runs before this one paid for this request and never told; from now on this run's to tell.

        What is ACCEPTED without a result is left to who collects it (see pending).
        """
        mine = (
            "fingerprint = ? AND run != ? AND billed = 0 AND (state IN ('PAID', 'DONE', 'FAILED') "
            "OR (state = 'ACCEPTED' AND fingerprint IN (SELECT fingerprint FROM results)))"
        )
        row = self._rows.one(f"SELECT total(price) FROM journal WHERE {mine}", [fingerprint, run])
        price = float(row[0]) if row else 0.0
        if price:
            self._rows.write(f"UPDATE journal SET run = ? WHERE {mine}", [run, fingerprint, run])
        return price

    def left(self, run: str) -> int:
        """How many calls of a run were sent and have neither a ticket nor pictures."""
        row = self._rows.one(
            "SELECT count(*) FROM journal WHERE run = ? AND state IN ('INTENT', 'PAID') "
            "AND fingerprint NOT IN (SELECT fingerprint FROM results)",
            [run],
        )
        return int(row[0]) if row else 0
