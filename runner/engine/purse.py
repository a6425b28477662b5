"""What a run may spend: a price is reserved before its call is sent, and refused when it would cross the limit.

Sums are Decimal: a limit of 0.09 USD buys four pictures at 0.0225 USD, and not one more.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from runner.errors import CallFailed


def dollars(amount: float) -> Decimal:
    """US dollars as they are written, to a billionth: what is left of a product of floats is rounded away."""
    return round(Decimal(str(amount)), 9)


@dataclass(frozen=True, slots=True, eq=False)
class Reservation:
    """The price of one call, set aside in US dollars until it is known what the call costs."""

    price: Decimal


class Purse:
    """US dollars that a run has spent, and those set aside for calls under way.

    A call in doubt keeps its reservation: it may be billed.
    """

    def __init__(self, limit: Decimal | None) -> None:
        """`limit` is the most that may be spent in all; None for no limit."""
        self._limit = limit
        self._spent = Decimal()
        self._reserved = Decimal()
        self._open: set[Reservation] = set()

    @property
    def spent(self) -> Decimal:
        """What ended calls have cost."""
        return self._spent

    @property
    def reserved(self) -> Decimal:
        """The prices of calls under way."""
        return self._reserved

    def reserve(self, price: Decimal) -> Reservation:
        """Set the price of a call aside, before it is sent.

        Raises CallFailed, kind "budget", where the limit would be crossed; nothing has changed then.
        """
        total = self._spent + self._reserved + _sum(price)
        if self._limit is not None and total > self._limit:
            raise CallFailed(
                "budget",
                f"this call costs {_usd(price)} USD; with {_usd(self._spent)} spent and {_usd(self._reserved)} "
                f"reserved for calls under way, that is more than the {_usd(self._limit)} allowed; it was not sent",
                hint="allow more with `budget:` or --max-cost, and run again: what is paid for is not paid again",
            )
        reservation = Reservation(price)
        self._open.add(reservation)
        self._reserved += price
        return reservation

    def set_aside(self, cost: Decimal) -> Reservation:
        """Set a cost aside that has arisen already, be the limit crossed or not: what is left for others is less."""
        reservation = Reservation(_sum(cost))
        self._open.add(reservation)
        self._reserved += cost
        return reservation

    def settle(self, reservation: Reservation, cost: Decimal) -> None:
        """The call has ended and costs so much, be it less than was reserved, or more. Once for each reservation."""
        if reservation not in self._open:
            raise ValueError("a reservation is settled once")
        self.release(reservation)
        self.charge(cost)

    def release(self, reservation: Reservation) -> None:
        """The call costs nothing: it was refused, or never sent. Does nothing once the reservation has ended."""
        if reservation in self._open:
            self._open.remove(reservation)
            self._reserved -= reservation.price

    def charge(self, cost: Decimal) -> None:
        """Count a cost for which nothing was reserved: what an earlier run bought is on this run's bill."""
        self._spent += _sum(cost)


def _sum(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{amount} is no sum of money")
    return amount


def _usd(amount: Decimal) -> str:
    """A sum with four places, or with all it has."""
    return f"{amount:.4f}" if amount == round(amount, 4) else f"{amount.normalize():f}"
