"""How long to wait before asking again, and when to stop. Policies are values; time and chance are passed in.

What may be tried again at all is decided where the answer is read (client): it raises TryAgain. How often all calls
together may try again is what a Bucket holds.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar

from runner.clock import Clock
from runner.errors import CallFailed

T = TypeVar("T")


class TryAgain(Exception):
    """An attempt failed in a way that cost nothing and may pass. `failure` is what it becomes when we give up."""

    def __init__(self, failure: CallFailed, after: float | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.after = after
        """Seconds that the host asks us to wait; None when it asks for nothing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Exponential back-off with full jitter. All in seconds, but for `tries`."""

    tries: int
    """Attempts in all."""
    total: float
    """No attempt begins later than this after the first one failed."""
    first: float = 0.5
    most: float = 20.0
    least: float = 0.0
    most_asked: float = 120.0
    """A Retry-After above this is read as this."""

    def wait(self, misses: int, after: float | None, draw: float) -> float:
        """Seconds before the next attempt, after `misses` failed ones; `draw` in [0, 1) is the jitter."""
        jitter = draw * min(self.most, self.first * 2.0 ** min(misses - 1, 30))
        asked = 0.0 if after is None else min(max(after, 0.0), self.most_asked)
        return max(self.least, asked + jitter)


SUBMITTING_REMOTE = Patience(tries=6, total=3600.0, first=1.0, most=30.0)
"""For submits to hosts on the network that found no connection or met a limit. The total leaves room for a long queue
before a limit that was lowered."""
SUBMITTING_NEAR = Patience(tries=3, total=30.0, first=0.2)
"""For submits to a host on this machine, which is there at once, or not at all."""
ASKING_REMOTE = Patience(tries=60, total=900.0, most=30.0)
"""For hosts on the network, where trouble passes: a quarter of an hour of nothing else."""
ASKING_NEAR = Patience(tries=4, total=8.0, first=0.25, most=1.0)
"""For a host on this machine: there at once, or not at all; one that was restarted has forgotten its tasks. Three more
questions, within two seconds where nobody else asks again; after an answer that timed out, none."""

_TURN = 4.0
"""The longest pause between two looks into an empty bucket."""


class Bucket:
    """One provider's tokens for what is sent again, polls, downloads and submits alike: each repeat takes one.

    Every answer puts two back, one each `every` seconds comes by itself, and never more than `most` are kept. While a
    host is well they never run out. When it gives no answer at all they are soon gone: then one call at a time finds
    out whether it is back, and once it is, each answer lets two more ask, `most` at once.

    In ten minutes of nothing but trouble all calls together repeat 4 + 600 / 40 = 19 requests. Counted strictly, one
    needed request for each task in flight, 100 tasks send 1.19 of what is needed, 200 send 1.10. Counted by what the
    same tasks would have asked had the host said "not yet" each time, even one task alone sends less than that.
    The question after a "not yet" is no repeat.
    """

    def __init__(self, most: float = 4.0, back: float = 2.0, every: float = 40.0) -> None:
        """`every` in seconds; the bucket is full at first."""
        self._most = most
        self._back = back
        self._every = every
        self._held = most
        self._seen: float | None = None

    def take(self, now: float) -> bool:
        """Take a token, if there is one. `now`: seconds on a clock that only grows."""
        if self._seen is not None:
            self._held = min(self._most, self._held + max(0.0, now - self._seen) / self._every)
        self._seen = now
        if self._held < 1.0:
            return False
        self._held -= 1.0
        return True

    def answered(self) -> None:
        """The host gave an answer that can be used."""
        self._held = min(self._most, self._held + self._back)


Missed = Callable[[TryAgain], Awaitable[None]]
"""Hears of a failed attempt, whether or not another follows."""


async def insist(
    act: Callable[[], Awaitable[T]], patience: Patience, clock: Clock, bucket: Bucket, missed: Missed | None = None
) -> T:
    """The result of `act`, tried again on TryAgain as `patience` allows and `bucket` has tokens; then TryAgain's
    failure is raised. While the bucket is empty we wait for a token, as long as the patience lasts.

    `missed` is awaited with each trouble, the last one included; what it raises ends the trying.
    """
    misses, begun = 0, 0.0
    while True:
        try:
            result = await act()
        except TryAgain as trouble:
            failed = trouble
        else:
            bucket.answered()
            return result
        misses += 1
        if misses == 1:
            begun = clock.monotonic()
        if missed is not None:
            await missed(failed)
        wait = patience.wait(misses, failed.after, clock.draw())
        if misses >= patience.tries or clock.monotonic() - begun + wait > patience.total:
            raise failed.failure from None
        await clock.sleep(wait)
        while not bucket.take(clock.monotonic()):
            turn = min(_TURN, patience.most) * max(0.05, clock.draw())
            if clock.monotonic() - begun + turn > patience.total:
                raise failed.failure from None
            await clock.sleep(turn)


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for, given as seconds or as an HTTP date; None if it asks for nothing.

    `now` is in seconds since the epoch. A date in the past gives 0.
    """
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        stamp = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, stamp - now)
