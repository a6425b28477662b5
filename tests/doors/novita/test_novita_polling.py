"""When tasks are asked for: the issue's targets, simulated. No clock: a task is a duration, and its watch says when.

Lag is how late the end of a task is seen, as a share of its duration. With a second between two questions, no way of
asking sees tasks of about 10 s less than 5 % late in the median, unless all take the same time: knowing how they are
spread, one comes to 5.4 %. The limits here leave room for learning that.
"""

from __future__ import annotations

import heapq
import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from runner.novita.polling import KEPT, NEAR, REMOTE, Expectation, Pace, Polling, ShortMemory, Span, Watch

Spread = Callable[[random.Random, float], float]


def constant(_: random.Random, middle: float) -> float:
    return middle


def fifth(chance: random.Random, middle: float) -> float:
    return middle * chance.uniform(0.8, 1.2)


def half(chance: random.Random, middle: float) -> float:
    return middle * chance.uniform(0.5, 1.5)


def lognormal(chance: random.Random, middle: float) -> float:
    return middle * math.exp(chance.gauss(0.0, 0.3))


def humps(chance: random.Random, middle: float) -> float:
    return middle * chance.choice((0.5, 1.5)) * chance.uniform(0.9, 1.1)


@dataclass
class Seen:
    """What became of many tasks."""

    durations: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    polls: list[int] = field(default_factory=list)

    def add(self, duration: float, age: float, polls: int) -> None:
        self.durations.append(duration)
        self.lags.append((age - duration) / duration)
        self.polls.append(polls)

    @property
    def lag(self) -> float:
        """The median."""
        return statistics.median(self.lags)

    def most(self, upto: float = math.inf) -> int:
        """Questions that any of the tasks needed which took no longer than this."""
        pairs = zip(self.durations, self.polls, strict=True)
        return max(polls for duration, polls in pairs if duration <= upto)


def until_done(watch: Watch, duration: float) -> list[float]:
    """The ages at which a task of this duration is asked for."""
    asked = [watch.due()]
    while asked[-1] < duration:
        watch.not_yet(asked[-1], asked[-1])
        asked.append(watch.due())
    watch.done(asked[-1], asked[-1], calm=True)
    return asked


def one_by_one(
    spread: Spread, middle: float, *, seed: int, tasks: int = 400, unseen: int = 64, pace: Pace | None = None
) -> Seen:
    """Task after task, the first `unseen` of them only to learn from."""
    chance = random.Random(seed)
    pace = pace or Pace(REMOTE, ShortMemory(), chance.random)
    seen = Seen()
    for number in range(tasks):
        duration = spread(chance, middle)
        asked = until_done(pace.watch("m", 0.0), duration)
        if number >= unseen:
            seen.add(duration, asked[-1], len(asked))
    return seen


def together(spread: Spread, middle: float, *, seed: int, tasks: int = 200) -> Seen:
    """Tasks accepted within a second, when nothing was learned; each looks at what others taught as often as it may."""
    chance = random.Random(seed)
    pace, seen = Pace(REMOTE, ShortMemory(), chance.random), Seen()
    begun = [chance.random() for _ in range(tasks)]
    watches = [pace.watch("m", 0.0) for _ in range(tasks)]
    durations = [spread(chance, middle) for _ in range(tasks)]
    polls = [0] * tasks
    looks = [(at, number) for number, at in enumerate(begun)]
    heapq.heapify(looks)
    while looks:
        now, number = heapq.heappop(looks)
        watch, age = watches[number], now - begun[number]
        if (rest := watch.due() - age) > 0.0:
            heapq.heappush(looks, (now + max(0.001, min(rest, REMOTE.look)), number))
            continue
        polls[number] += 1
        if age >= durations[number]:
            watch.done(age, age, calm=True)
            seen.add(durations[number], age, polls[number])
        else:
            watch.not_yet(age, age)
            heapq.heappush(looks, (now, number))
    return seen


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("spread", "middle", "lag", "polls", "longest"),
    [
        (constant, 10.0, 0.03, 8, 8),
        (constant, 60.0, 0.03, 10, 10),
        (constant, 300.0, 0.03, 12, 12),
        (fifth, 10.0, 0.065, 8, 10),
        (fifth, 60.0, 0.03, 20, 20),
        (fifth, 300.0, 0.03, 20, 20),
        (half, 10.0, 0.07, 8, 13),
        (half, 60.0, 0.05, 20, 25),
        (half, 300.0, 0.05, 20, 25),
        (lognormal, 10.0, 0.075, 9, 20),
        (lognormal, 60.0, 0.05, 20, 32),
        (lognormal, 300.0, 0.05, 20, 32),
        (humps, 10.0, 0.065, 8, 12),
        (humps, 60.0, 0.03, 20, 20),
        (humps, 300.0, 0.03, 20, 20),
    ],
)
def test_once_learned_the_end_is_seen_soon_and_with_few_questions(
    spread: Spread, middle: float, lag: float, polls: int, longest: int, seed: int
) -> None:
    """So many `polls` for tasks that take no longer than the middle; `longest` for the slowest of all."""
    seen = one_by_one(spread, middle, seed=seed)
    assert seen.lag <= lag
    assert seen.most(upto=middle) <= polls
    assert seen.most() <= longest


@pytest.mark.parametrize("spread", [constant, fifth, half, lognormal, humps])
def test_what_takes_three_seconds_is_seen_within_one_more(spread: Spread) -> None:
    """The lag cannot be small: a question a second is all there is."""
    seen = one_by_one(spread, 3.0, seed=1)
    assert seen.lag <= 0.25
    assert seen.most() <= 8


@pytest.mark.parametrize(("middle", "lag", "polls"), [(10.0, 0.065, 8), (60.0, 0.07, 20), (300.0, 0.05, 40)])
def test_the_first_task_of_all_keeps_near_to_the_targets(middle: float, lag: float, polls: int) -> None:
    """Nothing is known of it, so it is the number of questions that is kept."""
    seen = Seen()
    for seed in range(500):
        pace = Pace(REMOTE, ShortMemory(), random.Random(seed).random)
        asked = until_done(pace.watch("m", 0.0), middle)
        seen.add(middle, asked[-1], len(asked))
    assert seen.lag <= lag
    assert seen.most() <= polls


@pytest.mark.parametrize(("spread", "lag"), [(constant, 0.03), (fifth, 0.05), (half, 0.07), (lognormal, 0.07)])
def test_a_first_wave_learns_from_its_first_finishers(spread: Spread, lag: float) -> None:
    """Alone each of these would be seen more than 6 % late."""
    seen = together(spread, 60.0, seed=1)
    assert len(seen.lags) == 200
    assert seen.lag <= lag
    assert seen.most() <= 35


@pytest.mark.parametrize("middle", [0.5, 3.0, 10.0, 60.0, 300.0, 2000.0])
@pytest.mark.parametrize("spread", [constant, half, humps])
def test_never_more_than_one_question_a_second(spread: Spread, middle: float) -> None:
    chance = random.Random(5)
    pace = Pace(REMOTE, ShortMemory(), chance.random)
    for _ in range(100):
        asked = until_done(pace.watch("m", 0.0), spread(chance, middle))
        assert asked[0] >= 1.0
        assert all(later - earlier >= 1.0 - 1e-9 for earlier, later in pairwise(asked))


def test_the_second_is_counted_from_the_answer() -> None:
    """However long an answer took, the host sees the next question a second after it."""
    watch = Pace(REMOTE, ShortMemory(), lambda: 0.5).watch("m", 0.0)
    watch.not_yet(7.0, 9.5)
    assert watch.due() >= 10.5
    watch.done(10.5, 12.0, calm=True)
    assert watch.due() >= 13.0


@pytest.mark.parametrize(("before", "after"), [(60.0, 10.0), (60.0, 40.0), (300.0, 60.0), (10.0, 60.0), (10.0, 300.0)])
def test_a_host_that_becomes_faster_or_slower_is_soon_understood(before: float, after: float) -> None:
    """After as many tasks as are kept, old and new, nothing is left of the old times."""
    pace = Pace(REMOTE, ShortMemory(), random.Random(2).random)
    one_by_one(fifth, before, seed=1, tasks=150, pace=pace)
    seen = one_by_one(fifth, after, seed=2, tasks=250, unseen=100, pace=pace)
    assert seen.lag <= 0.09


def test_a_task_that_takes_six_times_as_long_as_ever_is_asked_in_proportion() -> None:
    """Never further apart than a seventh of its age, and not more often than a task of which nothing is known."""
    pace = Pace(REMOTE, ShortMemory(), random.Random(2).random)
    one_by_one(fifth, 10.0, seed=1, tasks=150, pace=pace)
    asked = until_done(pace.watch("m", 0.0), 60.0)
    beyond = [each for each in asked if each > 13.0]
    assert all(later - earlier <= max(1.0, 0.145 * earlier) for earlier, later in pairwise(beyond))
    assert len(asked) <= 25


def test_what_lies_between_two_humps_is_skipped() -> None:
    """Tasks of 10 and of 60 s: nobody asks at 30."""
    plan = Expectation([(9.9, 10.1), (59.9, 60.1)] * 32, 1.0)
    first = plan.next(0.0, 1.0)
    assert first is not None
    assert 9.5 <= first <= 10.5
    later = plan.next(10.6, 11.6)
    assert later is not None
    assert later >= 58.0
    assert plan.next(62.0, 63.0) is None


def test_tasks_that_take_the_same_time_are_asked_for_once_or_twice() -> None:
    seen = one_by_one(constant, 60.0, seed=3)
    assert statistics.mean(seen.polls) <= 3.0


def test_models_are_learned_apart() -> None:
    pace = Pace(REMOTE, ShortMemory(), random.Random(1).random)
    for _ in range(64):
        until_done(pace.watch("quick", 0.0), 5.0)
        until_done(pace.watch("slow", 0.0), 100.0)
    assert statistics.median(pace.watch("quick", 0.0).due() for _ in range(50)) < 6.0
    assert statistics.median(pace.watch("slow", 0.0).due() for _ in range(50)) > 90.0


@pytest.mark.parametrize("age", [3.0, 30.0, 86_400.0])
def test_a_task_of_an_earlier_run_is_asked_for_at_once(age: float) -> None:
    """Whatever was learned. And that it had finished long ago teaches nothing."""
    memory = ShortMemory()
    for _ in range(20):
        memory.learn("m", 59.0, 60.0)
    watch = Pace(REMOTE, memory, lambda: 0.5).watch("m", age)
    assert watch.due() <= age
    watch.done(age, age, calm=True)
    assert set(memory.recall("m")) == {(59.0, 60.0)}


def test_what_an_old_task_tells_by_finishing_later_is_learned() -> None:
    memory = ShortMemory()
    watch = Pace(REMOTE, memory, lambda: 0.5).watch("m", 30.0)
    watch.not_yet(30.0, 30.1)
    watch.done(33.0, 33.1, calm=True)
    assert memory.recall("m") == ((30.0, 33.0),)


def test_an_answer_that_trouble_held_up_teaches_nothing() -> None:
    memory = ShortMemory()
    watch = Pace(REMOTE, memory, lambda: 0.5).watch("m", 0.0)
    watch.not_yet(7.0, 7.1)
    watch.done(600.0, 600.1, calm=False)
    assert memory.recall("m") == ()


def test_a_task_whose_links_are_asked_for_again_is_learned_once() -> None:
    memory = ShortMemory()
    watch = Pace(REMOTE, memory, lambda: 0.5).watch("m", 0.0)
    for age in (7.0, 8.0, 9.0):
        watch.done(age, age, calm=True)
    assert len(memory.recall("m")) == 1


def test_a_task_teaches_between_which_questions_it_ended() -> None:
    memory = ShortMemory()
    pace = Pace(REMOTE, memory, random.Random(1).random)
    for _ in range(50):
        asked = until_done(pace.watch("m", 0.0), 20.0)
        assert memory.recall("m")[-1] == (asked[-2] if len(asked) > 1 else 0.0, asked[-1])


def test_spans_that_overlap_tell_more_than_each_of_them() -> None:
    """No question was closer than half a second to the end, and yet it is known: between 9.9 and 10.1 s."""
    plan = Expectation([(9.5, 10.5), (9.1, 10.1), (9.9, 10.9), (0.0, 10.3)] * 16, 1.0)
    first = plan.next(0.0, 1.0)
    assert first is not None
    assert 9.9 <= first <= 10.3


@pytest.mark.parametrize(
    "kept", [[(0.0, math.nan)], [(0.0, math.inf)], [(-1.0, 1.0), (2.0, 2.0), (3.0, 2.0), (0.0, 0.0)], []]
)
def test_a_memory_of_nonsense_is_as_good_as_none(kept: Sequence[Span]) -> None:
    class Odd(ShortMemory):
        def recall(self, model: str) -> Sequence[Span]:
            return kept

    assert Pace(REMOTE, Odd(), lambda: 0.5).watch("m", 0.0).due() == REMOTE.first


def test_a_memory_keeps_the_latest() -> None:
    memory = ShortMemory()
    for number in range(KEPT + 10):
        memory.learn("m", 0.0, float(number))
    assert memory.recall("m") == tuple((0.0, float(each)) for each in range(10, KEPT + 10))


def test_equal_tasks_are_not_asked_for_in_step() -> None:
    """Tasks accepted at the same moment, before and after learning."""
    chance = random.Random(1)
    pace = Pace(REMOTE, ShortMemory(), chance.random)
    assert len({round(pace.watch("m", 0.0).due(), 1) for _ in range(100)}) >= 15
    one_by_one(fifth, 60.0, seed=1, tasks=100, pace=pace)
    assert len({pace.watch("m", 0.0).due() for _ in range(100)}) >= 90


@pytest.mark.parametrize("duration", [0.1, 0.5, 1.0, 3.0, 20.0, 25.0])
def test_a_near_task_is_seen_within_a_twentieth(duration: float) -> None:
    asked = until_done(Pace(NEAR, ShortMemory(), lambda: 0.5).watch("m", 0.0), duration)
    assert asked[-1] - duration <= max(0.02, 0.045 * duration)


@pytest.mark.parametrize("middle", [0.001, 1.0, 10.0, 60.0])
def test_a_near_task_is_asked_for_a_few_times_once_learned(middle: float) -> None:
    pace = Pace(NEAR, ShortMemory(), random.Random(1).random)
    seen = one_by_one(fifth, middle, seed=1, pace=pace)
    assert seen.most() <= 20
    assert middle < 0.1 or seen.lag <= 0.05


def test_jitter_lies_about_the_gap() -> None:
    polling = Polling(first=5.0, share=0.1, least=1.0, most=10.0)
    assert polling.gap(50.0, 0.0) == pytest.approx(4.5)
    assert polling.gap(50.0, 0.5) == pytest.approx(5.0)
    assert polling.gap(500.0, 0.5) == pytest.approx(10.0)
    assert polling.gap(5.0, 0.0) == 1.0
