"""Waiting: policies are values, and the clock here is a number that sleeping moves."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from runner.clock import Clock
from runner.errors import CallFailed
from runner.novita.retry import Bucket, Patience, TryAgain, insist, retry_after


class Hours:
    """A clock on which sleeping takes no time but is remembered."""

    def __init__(self, draw: float = 0.5) -> None:
        self.slept: list[float] = []
        self.clock = Clock(lambda: sum(self.slept), lambda: 1_000_000 + sum(self.slept), self._sleep, lambda: draw)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def run_insist(patience: Patience, misses: int, hours: Hours, after: float | None = None) -> str:
    """insist() on an act that fails `misses` times."""
    left = itertools.count()

    async def act() -> str:
        if next(left) < misses:
            raise TryAgain(CallFailed("network", "no luck"), after)
        return "done"

    return asyncio.run(insist(act, patience, hours.clock, Bucket(most=1e9)))


def test_waits_double_up_to_a_limit_with_full_jitter() -> None:
    hours = Hours(draw=0.5)
    assert run_insist(Patience(tries=9, total=1000, first=1, most=8), 6, hours) == "done"
    assert hours.slept == [0.5, 1, 2, 4, 4, 4]


def test_attempts_are_counted_and_the_last_failure_is_told() -> None:
    hours = Hours()
    with pytest.raises(CallFailed, match="no luck"):
        run_insist(Patience(tries=3, total=1000), 99, hours)
    assert len(hours.slept) == 2


def test_no_attempt_begins_after_the_total() -> None:
    hours = Hours(draw=0.999)
    with pytest.raises(CallFailed):
        run_insist(Patience(tries=10_000, total=60), 10_000, hours)
    assert 30 < sum(hours.slept) <= 60


def test_the_host_s_wish_is_honoured_and_clamped() -> None:
    patience = Patience(tries=5, total=1000, first=1, most_asked=100)
    assert patience.wait(1, 7, 0.0) == 7
    assert patience.wait(1, 7, 0.5) == 7.5
    assert patience.wait(1, 86_400, 0.0) == 100
    assert patience.wait(1, -5, 0.0) == 0


def test_a_wait_is_never_below_the_least() -> None:
    assert Patience(tries=5, total=10, least=1).wait(1, None, 0.0) == 1


def test_many_misses_do_not_overflow() -> None:
    assert Patience(tries=10_000, total=10, most=20).wait(9_999, None, 0.5) == 10


def test_other_errors_are_not_tried_again() -> None:
    calls = []

    async def act() -> None:
        calls.append(1)
        raise CallFailed("in-doubt", "who knows")

    with pytest.raises(CallFailed):
        asyncio.run(insist(act, Patience(tries=5, total=100), Hours().clock, Bucket()))
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("Thu, 01 Jan 1970 00:20:00 GMT", 200.0),
        ("Thu, 01 Jan 1970 00:20:00 -0000", 200.0),
        ("Thu, 01 Jan 1970 01:20:00 +0100", 200.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("-3", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("9" * 400, None),
        ("Thu, 99 Jan 99999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, 1000.0) == seconds


def test_the_total_is_counted_from_the_first_trouble() -> None:
    """Not from the first attempt: that one may have waited for its turn, or for its answer, for long."""
    hours = Hours()
    left = itertools.count()

    async def act() -> str:
        if next(left) == 0:
            await hours.clock.sleep(500)
        if next(left) < 4:
            raise TryAgain(CallFailed("network", "no luck"))
        return "done"

    assert asyncio.run(insist(act, Patience(tries=9, total=60), hours.clock, Bucket())) == "done"


# --- one bucket for all ----------------------------------------------------------------------------------------------


def test_a_full_bucket_gives_four_and_then_one_each_forty_seconds() -> None:
    bucket = Bucket()
    assert [bucket.take(100.0) for _ in range(5)] == [True] * 4 + [False]
    assert not bucket.take(139.0)
    assert bucket.take(140.5)
    assert not bucket.take(141.0)
    assert [bucket.take(10_000.0) for _ in range(5)] == [True] * 4 + [False]


def test_each_answer_puts_two_back_and_the_bucket_never_overflows() -> None:
    bucket = Bucket()
    assert all(bucket.take(0.0) for _ in range(4))
    bucket.answered()
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    for _ in range(100):
        bucket.answered()
    assert [bucket.take(0.0) for _ in range(5)] == [True] * 4 + [False]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket()
    assert all(bucket.take(1000.0) for _ in range(4))
    assert not bucket.take(0.0)
    assert not bucket.take(39.0)


def test_the_first_attempt_takes_no_token() -> None:
    """What is asked in its turn is never held up by the trouble of others."""
    bucket, hours = Bucket(most=0.0), Hours()

    async def act() -> str:
        return "done"

    assert asyncio.run(insist(act, Patience(tries=2, total=10), hours.clock, bucket)) == "done"
    assert hours.slept == []


def test_an_empty_bucket_makes_a_repeat_wait_for_a_token() -> None:
    bucket, hours = Bucket(), Hours()
    while bucket.take(0.0):
        pass
    left = itertools.count()

    async def act() -> str:
        if next(left) < 1:
            raise TryAgain(CallFailed("network", "no luck"))
        return "done"

    assert asyncio.run(insist(act, Patience(tries=9, total=900), hours.clock, bucket)) == "done"
    assert 40 <= sum(hours.slept) <= 45


@pytest.mark.parametrize("draw", [0.0, 0.999])
def test_waiting_for_a_token_ends_at_the_total_with_the_last_failure(draw: float) -> None:
    bucket, hours = Bucket(every=1e9), Hours(draw)
    while bucket.take(0.0):
        pass
    attempts = []

    async def act() -> None:
        attempts.append(1)
        raise TryAgain(CallFailed("network", f"no luck {len(attempts)}"))

    with pytest.raises(CallFailed, match="no luck 1"):
        asyncio.run(insist(act, Patience(tries=9, total=60), hours.clock, bucket))
    assert len(attempts) == 1
    assert 50 < sum(hours.slept) <= 60


# --- who hears of a failed try ---------------------------------------------------------------------------------------


def test_each_trouble_is_told_before_the_wait_and_the_last_one_too() -> None:
    """A limit that was met for the last time holds for the next request all the same."""
    hours, told = Hours(), []

    async def missed(trouble: TryAgain) -> None:
        told.append((trouble.failure.message, trouble.after, len(hours.slept)))

    left = itertools.count()

    async def act() -> None:
        raise TryAgain(CallFailed("rejected", f"too many {next(left)}"), 5.0)

    with pytest.raises(CallFailed, match="too many 2"):
        asyncio.run(insist(act, Patience(tries=3, total=100), hours.clock, Bucket(), missed))
    assert told == [("too many 0", 5.0, 0), ("too many 1", 5.0, 1), ("too many 2", 5.0, 2)]


def test_what_the_hearer_raises_ends_the_trying() -> None:
    """A journal that cannot be written stops the requests."""
    attempts = []

    async def missed(trouble: TryAgain) -> None:
        raise OSError("disk full")

    async def act() -> None:
        attempts.append(1)
        raise TryAgain(CallFailed("rejected", "too many"))

    hours = Hours()
    with pytest.raises(OSError, match="disk full"):
        asyncio.run(insist(act, Patience(tries=3, total=100), hours.clock, Bucket(), missed))
    assert len(attempts) == 1
    assert hours.slept == []
