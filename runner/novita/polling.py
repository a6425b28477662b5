"""When to ask how a task stands: late enough that it may be done, soon enough that nobody waits long for it.

How long tasks take is learned per model and kept by a Memory. Times are ages of a task: seconds since it was accepted.
Pure: time and chance are passed in.

1. Nothing learned: ask at about 7 s, then each time the task is an eighth older.
2. A task teaches between which two ages it ended: that of the last answer "not yet", and that of the first "done". From
   the latest of these spans follows how durations are likely spread (Turnbull's estimator for censored data): narrow
   where all tasks end at one age, although none was seen to end at it. It can sink, too: spans that begin at 0 leave
   open how much sooner than asked for a task was done, so the next one is asked for sooner.
3. Of all ways to lay questions over that, the one that costs least is taken, where a finished task that waits as long
   as it took costs _PRICE questions. It skips the start, and what lies between two humps; it asks closely where
   most tasks end.
4. Beyond all that was learned, as in 1: a host that became slower is asked in proportion.
5. Each wait looks again at what others taught meanwhile, so a first wave learns from its first finishers.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Protocol

Span = tuple[float, float]
"""Two ages between which a task ended: later than the first, not later than the second. The first is 0 where the task
was done at its first question."""

KEPT = 64
"""Spans that are kept for each model: the latest."""

_PRICE = 280.0
"""Of a wait as long as the task, in questions: about what 5 % of lag cost when a task may be asked 20 times."""
_POINTS = 40
"""So many ages stand for all that may be, when the best way is sought; that takes less than a millisecond."""
_ROUNDS = 12
"""Of the estimator. With more of them it believes too firmly what few tasks have taught."""
_LEAP = 3.0
"""No gap leads to an age more than this times the last one, however sure we are that nothing ends in between."""
_OLD = 2.0
"""A task that is older than this when we first hear of it was bought by an earlier run: it is asked at once."""


@dataclass(frozen=True, slots=True)
class Polling:
    """When to ask where nothing is learned, and how often at most. Ages and gaps in seconds."""

    first: float
    """The age for the first question."""
    share: float
    """Each gap, as a share of the age."""
    least: float
    """From an answer to the next question about the same task, at least."""
    most: float
    """The longest gap."""
    look: float = 1.0
    """How often a waiting task looks at what others have taught."""

    def gap(self, age: float, draw: float) -> float:
        """From a question at this age to the next, where nothing is learned; `draw` in [0, 1) is the jitter."""
        return max(self.least, min(self.most, self.share * age) * (0.9 + 0.2 * draw))


REMOTE = Polling(first=7.0, share=0.13, least=1.0, most=20.0)
"""For hosts on the network, where a task takes from some seconds to some minutes."""
NEAR = Polling(first=0.02, share=0.04, least=0.02, most=1.0)
"""For a host on this machine, where a question costs next to nothing."""


class Memory(Protocol):
    """Keeps how long the tasks of one host took, by model, from run to run. Neither method raises."""

    def recall(self, model: str) -> Sequence[Span]:
        """The latest spans, oldest first; at most KEPT."""
        ...

    def learn(self, model: str, after: float, until: float) -> None:
        """Keep one more; it need not be durable."""
        ...


class ShortMemory:
    """A Memory that forgets when the process ends."""

    def __init__(self) -> None:
        self._spans: dict[str, deque[Span]] = {}

    def recall(self, model: str) -> Sequence[Span]:
        """As Memory has it."""
        return tuple(self._spans.get(model, ()))

    def learn(self, model: str, after: float, until: float) -> None:
        """As Memory has it."""
        self._spans.setdefault(model, deque(maxlen=KEPT)).append((after, until))


class Expectation:
    """The cheapest questions for a task that takes about as long as others did."""

    def __init__(self, spans: Sequence[Span], least: float) -> None:
        """`spans`: at least one. `least`: seconds between two questions."""
        self._ends = ends = _ends(spans)
        self._inverse = [0.0]
        for end in ends:
            self._inverse.append(self._inverse[-1] + 1.0 / end)
        self._costs = [0.0] * (len(ends) + 1)
        """What is still to come, by how many of the ends are known to be passed."""
        for passed in range(len(ends) - 1, -1, -1):
            before = ends[passed - 1] if passed else 0.0
            self._costs[passed] = self._best(passed, before + least)[0]

    def next(self, asked: float, earliest: float) -> float | None:
        """The age for the next question about a task that had not finished at the age `asked`; None beyond all that
        was learned."""
        passed = bisect_right(self._ends, asked)
        return None if passed == len(self._ends) else self._best(passed, earliest)[1]

    def _best(self, passed: int, earliest: float) -> tuple[float, float]:
        """Cost and age of the best next question, when so many of the ends are passed: it stands at one of the others,
        or as early as it may."""
        ends, inverse = self._ends, self._inverse
        near = bisect_right(ends, earliest, passed)
        ages = [(earliest, near)] if near > passed else []
        ages += ((ends[index], index + 1) for index in range(near, len(ends)))
        asking = len(ends) - passed
        return min(
            # the sum of (age - end) / end over the ends that this question finds passed
            (asking + _PRICE * (age * (inverse[then] - inverse[passed]) - (then - passed)) + self._costs[then], age)
            for age, then in ages
        )


def _ends(spans: Sequence[Span]) -> list[float]:
    """_POINTS ages, in order, at which a task is equally likely to end; the fewer spans are known, the wider apart."""
    cuts, shares = _spread(spans)
    width = 0.007 + 0.25 / len(spans)
    ends: list[float] = []
    cell, below, whole = 0, 0.0, sum(shares)
    for point in range(_POINTS):
        sought = (point + 0.5) / _POINTS * whole
        while cell < len(shares) - 1 and below + shares[cell] < sought:
            below += shares[cell]
            cell += 1
        part = min(1.0, (sought - below) / shares[cell]) if shares[cell] > 0.0 else 1.0
        age = cuts[cell] + part * (cuts[cell + 1] - cuts[cell])
        wander = 2.0 * (0.618 * point % 1.0) - 1.0  # evenly over (-1, 1), and neighbours far from each other
        ends.append(max(0.001, age * (1.0 + width * wander)))
    return sorted(ends)


def _spread(spans: Sequence[Span]) -> tuple[list[float], list[float]]:
    """The ages at which any span begins or ends, and what share of the tasks ends between each two neighbours: the
    likeliest shares, sought by expectation and maximisation from even ones."""
    cuts = sorted({0.0}.union(*spans))
    places = [(bisect_left(cuts, after), bisect_left(cuts, until)) for after, until in spans]
    shares = [(end - begin) / end for begin, end in pairwise(cuts)]
    for _ in range(_ROUNDS):
        upto = list(accumulate(shares, initial=0.0))
        steps = [0.0] * len(cuts)
        for begin, end in places:
            weight = 1.0 / max(1e-300, upto[end] - upto[begin])
            steps[begin] += weight
            steps[end] -= weight
        shares = [share * weight / len(spans) for share, weight in zip(shares, accumulate(steps), strict=False)]
    return cuts, shares


class Pace:
    """What one provider expects of its models."""

    def __init__(self, polling: Polling, memory: Memory, draw: Callable[[], float]) -> None:
        """`draw` gives numbers in [0, 1)."""
        self.polling = polling
        self._memory = memory
        self.draw = draw
        self._fresh: dict[str, int] = {}
        """Spans learned since the expectation of a model was made."""
        self._expected: dict[str, Expectation | None] = {}

    def watch(self, model: str, age: float) -> Watch:
        """The questions about one task of this age."""
        return Watch(self, model, age)

    def expected(self, model: str) -> Expectation | None:
        """What to expect of a model's tasks; None when nothing was learned."""
        if model not in self._expected:
            spans = [span for span in self._memory.recall(model)[-KEPT:] if _fit(*span)]
            self._expected[model] = Expectation(spans, self.polling.least) if spans else None
            self._fresh[model] = 0
        return self._expected[model]

    def learn(self, model: str, after: float, until: float) -> None:
        """A task was not finished at the age `after` (0: never asked before), and was at `until`."""
        if _fit(after, until):
            self._memory.learn(model, after, until)
            self._fresh[model] = self._fresh.get(model, 0) + 1
            if self._fresh[model] > len(self._memory.recall(model)) // 8:
                self._expected.pop(model, None)


def _fit(after: float, until: float) -> bool:
    """Whether a task may have ended between these ages."""
    return 0.0 <= after < until < math.inf


class Watch:
    """The questions about one task: when the next one is due, and what its answers teach."""

    def __init__(self, pace: Pace, model: str, age: float) -> None:
        self._pace = pace
        self._model = model
        self._old = age > _OLD
        self._asked = 0.0
        """The age at the last question that was answered "not yet"."""
        self._earliest = 0.0 if self._old else pace.polling.least
        self._done = False
        self._jitter = pace.draw()

    def due(self) -> float:
        """The age for the next question, by what is known now. It may lie in the past."""
        polling, jitter, expected = self._pace.polling, self._jitter, self._pace.expected(self._model)
        first = self._asked == 0.0
        if self._done or (self._old and first):
            return self._earliest
        age = expected.next(self._asked, self._earliest) if expected else None
        if age is None:
            age = polling.first * (0.85 + 0.3 * jitter) if first else self._asked + polling.gap(self._asked, jitter)
        else:
            age *= 1.0 + 0.01 * jitter
            age = age if first else min(age, _LEAP * self._asked)
        return max(age, self._earliest)

    def not_yet(self, asked: float, now: float) -> None:
        """A question at the age `asked` was answered, at the age `now`: the task has not finished."""
        self._asked, self._earliest = asked, now + self._pace.polling.least
        self._jitter = self._pace.draw()

    def done(self, asked: float, now: float, *, calm: bool) -> None:
        """A question at the age `asked` was answered, at the age `now`: the task has finished.

        `calm`: the question was put at its time. One that trouble held up says nothing about the duration.
        """
        if calm and not self._done and not (self._old and self._asked == 0.0):
            self._pace.learn(self._model, self._asked, asked)
        self._done, self._earliest = True, now + self._pace.polling.least
