"""How many pictures a minute a model is asked for: a strict sliding window, over restarts too; a 429 lowers it.

In no stretch of `WINDOW` seconds do more pictures leave than the limit allows. What counts is the moment a request
leaves; until that is told, a turn that was given counts as if it left just now, so that a slow connection never lets
one too many through. Only a call that asks for more than the limit in one request exceeds it: it goes alone.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from runner.clock import Clock
from runner.store.book import Sent

WINDOW = 61.0
"""Seconds. Hosts count by the minute, and they count arrivals: the second more is for those that travel slower."""
PAUSE = 10.0
"""Seconds without a request after a 429 that names none."""
STEP = 60.0
"""Seconds from one step of a lowered limit back up to the next."""
_STEPS = 8
"""Steps from nothing to the whole limit."""


def age(sent: Sent, clock: Clock) -> float:
    """Seconds that have certainly passed since a request left, in this process or in one before.

    The wall clock may have been set meanwhile. The steady clock is one for all processes and starts with the machine:
    where it stands lower than then, the machine was started again, and at least all its time up has passed.
    """
    up = clock.monotonic()
    steady = up - sent.steady if sent.steady <= up else up
    return max(0.0, min(clock.wall() - sent.at, steady))


@dataclass(slots=True, eq=False)
class Slot:
    """The turn of one request. It is held until `Rates.sent` or `Rates.back`."""

    model: str
    images: int
    held: bool = True
    left: float | None = None
    """Clock.monotonic of the moment the request left."""


@dataclass(frozen=True, slots=True)
class _Lowered:
    """A limit after a 429, on its way back up."""

    bottom: int
    top: int
    """Where it ends."""
    at: float
    """The moment of the 429."""
    since: float
    """Steps count from here."""

    def limit(self, now: float) -> int:
        return self.bottom + self._steps(now) * math.ceil(self.top / _STEPS)

    def next_step(self, now: float) -> float:
        """The moment of the next step, which is always later than now."""
        return self.since + STEP * (self._steps(now) + 1)

    def _steps(self, now: float) -> int:
        number = int(max(0.0, now - self.since) / STEP)
        return number + (self.since + STEP * (number + 1) <= now)  # the division may fall short by a hair


@dataclass(slots=True)
class _Line:
    """Those who wait for one model, and what has left for it."""

    usual: int | None
    """The limit when nothing was refused lately."""
    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the first who waits; the others stand behind it in the order they came."""
    gone: deque[tuple[float, int]] = field(default_factory=deque)
    """When how many pictures left, within the window."""
    counted: int = 0
    """The pictures in `gone`."""
    held: int = 0
    """The pictures of slots that are held."""
    closed_until: float = -math.inf
    lowered: _Lowered | None = None
    told: float = math.inf
    """The lowest limit that was told."""
    news: asyncio.Future[None] | None = None
    """Wakes the first who waits."""

    def record(self, moment: float, images: int) -> None:
        self.gone.append((moment, images))
        self.counted += images

    def forget(self, now: float) -> None:
        """Drop what has left the window."""
        while self.gone and self.gone[0][0] + WINDOW <= now:
            self.counted -= self.gone.popleft()[1]

    def limit(self, now: float) -> int | None:
        """The limit of this moment."""
        if self.lowered is not None:
            number = self.lowered.limit(now)
            if number < self.lowered.top:
                return number
            self.lowered = None
        return self.usual

    def free(self, images: int, now: float) -> bool:
        """Whether so many pictures may leave now."""
        self.forget(now)
        limit, taken = self.limit(now), self.counted + self.held
        return now >= self.closed_until and (limit is None or taken == 0 or taken + images <= limit)

    def change(self, now: float) -> float | None:
        """The next moment at which more may be allowed than now; None when only news can bring it."""
        if now < self.closed_until:
            return self.closed_until
        moments = [self.gone[0][0] + WINDOW] if self.gone else []
        if self.lowered is not None:
            moments.append(self.lowered.next_step(now))
        return min(moments, default=None)

    def lower(self, slot: Slot, now: float) -> None:
        """Halve the limit, once for all requests that were under way when it was lowered last."""
        before = self.lowered
        if before is not None and slot.left is not None and slot.left <= before.at:
            return
        self.forget(now)
        limit = self.limit(now)
        # a model without a limit gets one from what was sent to it; of two at least, so that it lasts for a while
        top = self.usual or (before.top if before and self.lowered else max(2, self.counted + self.held))
        self.lowered = _Lowered(max(1, (limit or top) // 2), top, now, self.closed_until)

    def wake(self) -> None:
        if self.news is not None and not self.news.done():
            self.news.set_result(None)


class Rates:
    """Gives every request its turn, model by model, first come, first served."""

    def __init__(
        self,
        limit: Callable[[str], int | None],
        clock: Clock,
        before: Iterable[Sent] = (),
        waiting: Callable[[str, int], None] = lambda *_: None,
    ) -> None:
        """`limit` gives the pictures a minute of a model, at least 1, or None for no limit. `before` is what left
        before this process: of each model, all of the last minute by either clock. `waiting` hears of a model for
        which somebody has to wait, and its limit: once, and again only when that is lower than ever before.
        """
        self._limit = limit
        self._clock = clock
        self._waiting = waiting
        self._lines: dict[str, _Line] = {}
        self._stopped: Callable[[], BaseException] | None = None
        now = clock.monotonic()
        for passed, sent in sorted(((age(each, clock), each) for each in before), key=lambda pair: -pair[0]):
            self._line(sent.model).record(now - passed, sent.images)

    async def turn(self, model: str, images: int) -> Slot:
        """Wait until a request for so many pictures may leave. A cancelled wait leaves nothing behind.

        The slot is the caller's: `sent` right before the first byte leaves, or `back`. Raises what `stop` was given.
        """
        line = self._line(model)
        async with line.door:
            while self._stopped is None:
                now = self._clock.monotonic()
                if line.free(images, now):
                    line.held += images
                    return Slot(model, images)
                self._tell(model, line, now)
                await self._change(line, now)
            raise self._stopped()

    def sent(self, slot: Slot) -> None:
        """The first byte of the request leaves now."""
        self.back(slot)
        slot.left = self._clock.monotonic()
        line = self._line(slot.model)
        line.forget(slot.left)
        line.record(slot.left, slot.images)

    def back(self, slot: Slot) -> None:
        """Nothing left, and nothing will. Does nothing once the slot was given back or its request was sent."""
        if slot.held:
            slot.held = False
            line = self._line(slot.model)
            line.held -= slot.images
            line.wake()

    def refused(self, slot: Slot, after: float | None = None) -> None:
        """The host answered 429. This model gets no turn for `after` seconds, and fewer for a while.

        Turns that were given before stand. The limit is halved, and comes back step by step from a minute later on.
        Several requests that were refused together halve it once. A model without a limit has one meanwhile, taken
        from what left in the last minute.
        """
        line, now = self._line(slot.model), self._clock.monotonic()
        line.closed_until = max(line.closed_until, now + (PAUSE if after is None else after))
        line.lower(slot, now)
        line.wake()

    def stop(self, why: Callable[[], BaseException]) -> None:
        """No more turns: who waits, and who comes later, gets the exception that `why` makes."""
        self._stopped = why
        for line in self._lines.values():
            line.wake()

    def _line(self, model: str) -> _Line:
        line = self._lines.get(model)
        if line is None:
            line = self._lines[model] = _Line(self._limit(model))
        return line

    def _tell(self, model: str, line: _Line, now: float) -> None:
        limit = line.limit(now)
        if limit is not None and limit < line.told:
            line.told = limit
            self._waiting(model, limit)

    async def _change(self, line: _Line, now: float) -> None:
        """Wait until there is news of a line, or its next change is due."""
        due = line.change(now)
        line.news = asyncio.get_running_loop().create_future()
        awaited: list[asyncio.Future[None]] = [line.news]
        if due is not None:
            awaited.append(asyncio.ensure_future(self._clock.sleep(due - now)))
        try:
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in awaited:
                each.cancel()
