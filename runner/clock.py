"""Time and chance, as wiring passes them in: nothing below the street asks the system for either."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """What tells the time, waits, and draws."""

    monotonic: Callable[[], float]
    """Seconds that only ever grow, from a start of its own."""
    wall: Callable[[], float]
    """Seconds since the epoch: what other processes can read. It may be set back."""
    sleep: Callable[[float], Awaitable[None]]
    """Waits so many seconds."""
    draw: Callable[[], float]
    """A number in [0, 1), for jitter."""
