"""How long to wait before asking again, and when to stop. Policies are values; time and chance are passed in.

What may be tried again at all is decided where the answer is read (client): it raises TryAgain.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar

from runner.errors import CallFailed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, as wiring passes them in."""

    monotonic: Callable[[], float]
    """Seconds that only ever grow."""
    wall: Callable[[], float]
    """Seconds since the epoch."""
    sleep: Callable[[float], Awaitable[None]]
    draw: Callable[[], float]
    """A number in [0, 1), for jitter."""


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
    """No attempt begins later than this after the first one."""
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


@dataclass(frozen=True, slots=True)
class Polling:
    """When to ask how a task stands: first after `first` seconds, then every `share` of the time it already took."""

    first: float
    least: float
    """Never two questions about one task closer together than this, in seconds."""
    share: float
    most: float

    def wait(self, elapsed: float) -> float:
        """Seconds until the next question about a task that was accepted `elapsed` seconds ago."""
        return max(self.least, min(self.most, self.share * elapsed))


REMOTE = Polling(first=3.0, least=1.0, share=0.1, most=10.0)
"""For hosts on the network: half the wait is lost on average, so about 5 % of a task's time."""
NEAR = Polling(first=0.02, least=0.02, share=0.04, most=1.0)
"""For a host on this machine, where a question costs next to nothing."""
SUBMITTING_REMOTE = Patience(tries=6, total=180.0, first=1.0, most=30.0)
"""For submits to hosts on the network that found no connection or met a limit."""
SUBMITTING_NEAR = Patience(tries=3, total=30.0, first=0.2)
"""For submits to a host on this machine, which is there at once, or not at all."""
ASKING_REMOTE = Patience(tries=20, total=600.0, most=30.0)
"""For hosts on the network, where trouble passes."""
ASKING_NEAR = Patience(tries=4, total=60.0, first=0.25, most=1.0)
"""For a host on this machine: there at once, or not at all; one that was restarted has forgotten its tasks. Three more
questions within two seconds; the total leaves room for an answer that times out."""


async def insist(act: Callable[[], Awaitable[T]], patience: Patience, clock: Clock) -> T:
    """The result of `act`, tried again on TryAgain as `patience` allows; then TryAgain's failure is raised."""
    begun = clock.monotonic()
    misses = 0
    while True:
        try:
            return await act()
        except TryAgain as trouble:
            misses += 1
            wait = patience.wait(misses, trouble.after, clock.draw())
            if misses >= patience.tries or clock.monotonic() - begun + wait > patience.total:
                raise trouble.failure from None
        await clock.sleep(wait)


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
