"""Waiting: policies are values, and the clock here is a number that sleeping moves."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from runner.errors import CallFailed
from runner.novita.retry import NEAR, REMOTE, Clock, Patience, Polling, TryAgain, insist, retry_after


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

    return asyncio.run(insist(act, patience, hours.clock))


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
        asyncio.run(insist(act, Patience(tries=5, total=100), Hours().clock))
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


def polls(polling: Polling, duration: float) -> tuple[int, float]:
    """Polls for a task of that duration, and how late its end is seen, in seconds."""
    at, count = polling.first, 1
    while at < duration:
        at += polling.wait(at)
        count += 1
    return count, at - duration


@pytest.mark.parametrize("duration", [5.0, 10.0, 31.0, 60.0, 119.0, 300.0])
def test_a_remote_task_is_seen_within_a_tenth_and_not_asked_after_more_than_once_a_second(duration: float) -> None:
    count, late = polls(REMOTE, duration)
    assert late <= max(1.0, 0.1 * duration)
    assert count <= 60
    assert REMOTE.least >= 1


@pytest.mark.parametrize("duration", [0.1, 0.5, 1.0, 3.0, 20.0, 25.0])
def test_a_near_task_is_seen_within_a_twentieth(duration: float) -> None:
    _, late = polls(NEAR, duration)
    assert late <= max(0.02, 0.04 * duration)
