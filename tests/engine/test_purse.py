"""What a run may spend: exact at the limit, and never beyond it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.purse import Purse, Reservation, dollars
from runner.errors import CallFailed

PRICE = Decimal("0.0225")


def refused(purse: Purse, price: Decimal) -> CallFailed:
    before = (purse.spent, purse.reserved)
    with pytest.raises(CallFailed) as caught:
        purse.reserve(price)
    assert (purse.spent, purse.reserved) == before
    return caught.value


def test_the_limit_is_exact() -> None:
    """0.09 USD are four calls at 0.0225 USD, whether they have ended or are under way; not one more."""
    purse = Purse(Decimal("0.09"))
    for ended in (True, False, True, False):
        reservation = purse.reserve(PRICE)
        if ended:
            purse.settle(reservation, PRICE)
    assert (purse.spent, purse.reserved) == (Decimal("0.045"), Decimal("0.045"))
    refused(purse, Decimal("0.000000001"))
    purse.reserve(Decimal(0))


def test_prices_of_floats_are_summed_as_they_are_written() -> None:
    """Ten times 0.1 USD, and three pictures at 0.1 USD in one call, are what they seem."""
    purse = Purse(dollars(1.0))
    for _ in range(7):
        purse.reserve(dollars(0.1))
    purse.reserve(dollars(0.1 * 3))
    assert purse.reserved == 1


def test_without_a_limit_everything_is_counted_and_nothing_refused() -> None:
    purse = Purse(None)
    purse.settle(purse.reserve(Decimal(1000)), Decimal(2000))
    assert purse.spent == 2000


def test_a_refusal_says_the_sums_and_what_to_do() -> None:
    """Spent, reserved, the price and the limit stand in the message; the run ends with 8."""
    purse = Purse(Decimal("0.1"))
    purse.settle(purse.reserve(PRICE), Decimal("0.03"))
    purse.reserve(Decimal("0.06"))
    failure = refused(purse, Decimal("0.01125"))
    assert failure.message == (
        "this call costs 0.01125 USD; with 0.0300 spent and 0.0600 reserved for calls under way, "
        "that is more than the 0.1000 allowed; it was not sent"
    )
    assert failure.hint is not None
    assert "--max-cost" in failure.hint
    assert (failure.kind, failure.exit_code) == ("budget", 8)


def test_what_was_refused_can_be_spent_again() -> None:
    """Released once, however often it is said; a call that ended is not released."""
    purse = Purse(PRICE)
    first = purse.reserve(PRICE)
    purse.release(first)
    purse.release(first)
    assert purse.reserved == 0
    second = purse.reserve(PRICE)
    purse.settle(second, PRICE)
    purse.release(second)
    assert (purse.spent, purse.reserved) == (PRICE, Decimal())


def test_a_call_is_settled_once() -> None:
    """Twice would count its cost twice; after a release there is nothing to settle."""
    purse = Purse(None)
    reservation, released = purse.reserve(PRICE), purse.reserve(PRICE)
    purse.settle(reservation, PRICE)
    purse.release(released)
    for each in (reservation, released):
        with pytest.raises(ValueError, match="settled once"):
            purse.settle(each, PRICE)
    assert (purse.spent, purse.reserved) == (PRICE, Decimal())


def test_a_call_that_cost_more_stops_the_next_one() -> None:
    """The host made more pictures than were asked for: that is paid, and then nothing else is."""
    purse = Purse(Decimal("0.09"))
    purse.settle(purse.reserve(PRICE), Decimal("0.09"))
    refused(purse, PRICE)


def test_what_an_earlier_run_bought_counts() -> None:
    """It is not asked for leave, since it was bought already, but the next call is."""
    purse = Purse(PRICE)
    purse.charge(Decimal("0.05"))
    refused(purse, Decimal("0.01"))
    assert purse.spent == Decimal("0.05")


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity"])
def test_what_is_no_sum_is_not_counted(amount: str) -> None:
    purse = Purse(Decimal(1))
    with pytest.raises(ValueError, match="no sum"):
        purse.reserve(Decimal(amount))
    with pytest.raises(ValueError, match="no sum"):
        purse.charge(Decimal(amount))


sums = st.integers(0, 400).map(lambda number: Decimal(number) / 4000)


@given(limit=sums.map(lambda each: each * 10), acts=st.lists(st.tuples(st.integers(0, 3), sums, st.integers(0, 9))))
def test_the_limit_is_never_crossed(limit: Decimal, acts: list[tuple[int, Decimal, int]]) -> None:
    """Any order of reserving, settling for less or for the whole, and releasing; a call is refused only if it must."""
    purse = Purse(limit)
    under_way: list[Reservation] = []
    spent = Decimal()
    for act, amount, which in acts:
        if act <= 1:
            must = spent + sum((each.price for each in under_way), Decimal()) + amount > limit
            if must:
                refused(purse, amount)
            else:
                under_way.append(purse.reserve(amount))
        elif under_way:
            reservation = under_way.pop(which % len(under_way))
            if act == 2:
                cost = min(amount, reservation.price)
                purse.settle(reservation, cost)
                spent += cost
            else:
                purse.release(reservation)
        assert purse.spent == spent
        assert purse.reserved == sum((each.price for each in under_way), Decimal())
        assert purse.spent + purse.reserved <= limit
