"""Pictures a minute: never more than the limit in any window, and never less than could be."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.engine.rate import PAUSE, STEP, WINDOW, Rates, Slot
from runner.store.book import Sent
from tests.virtual_time import VirtualTime

T = TypeVar("T")
MODEL = "edit-1"
HAIR = 1e-6
"""Seconds that sums of floats may be off."""


@dataclass
class World:
    """A machine, the requests that left it, and the processes that send them."""

    limit: int | None = 10
    time: VirtualTime = field(default_factory=VirtualTime)
    log: list[tuple[float, int]] = field(default_factory=list)
    """The steady moment and the pictures of each request, in the order they left."""
    journal: list[Sent] = field(default_factory=list)
    told: list[tuple[str, int]] = field(default_factory=list)

    def process(self, main: Callable[[Rates], Coroutine[Any, Any, T]]) -> T:
        """What a new process does; it knows of the ones before from the journal alone."""

        async def begun() -> T:
            waiting = lambda model, limit: self.told.append((model, limit))  # noqa: E731
            return await main(Rates(lambda _: self.limit, self.time.clock, list(self.journal), waiting))

        return self.time.run(begun())

    def leaves(self, rates: Rates, slot: Slot) -> None:
        clock = self.time.clock
        rates.sent(slot)
        self.log.append((clock.monotonic(), slot.images))
        self.journal.append(Sent("h", slot.model, slot.images, clock.wall(), clock.monotonic()))

    async def one(self, rates: Rates, images: int = 1, slow: float = 0.0) -> Slot:
        """One request, whose connection takes `slow` seconds."""
        slot = await rates.turn(MODEL, images)
        await asyncio.sleep(slow)
        self.leaves(rates, slot)
        return slot

    async def all(self, rates: Rates, images: Iterable[int]) -> list[Slot]:
        return list(await asyncio.gather(*(self.one(rates, each) for each in images)))

    @property
    def moments(self) -> list[float]:
        """When the requests left, from the first one on."""
        return [round(moment - self.log[0][0], 6) for moment, _ in self.log]


def assert_strict(log: Sequence[tuple[float, int]], limit: int) -> None:
    """In no window more pictures than the limit, but for a request that asks for more: that one is alone in it."""
    for start, (begun, _) in enumerate(log):
        window = [images for moment, images in log[start:] if moment < begun + WINDOW - HAIR]
        assert sum(window) <= limit or len(window) == 1, f"{window} from {begun} on"


def test_what_the_limit_allows_leaves_at_once_and_the_rest_as_places_come_free() -> None:
    """25 requests at 10 a minute: ten now, ten a window later, five after that; nobody waits longer than needed."""
    world = World()
    world.process(lambda rates: world.all(rates, [1] * 25))
    assert world.moments == [0.0] * 10 + [WINDOW] * 10 + [2 * WINDOW] * 5


def test_no_limit_means_no_waiting() -> None:
    world = World(limit=None)
    world.process(lambda rates: world.all(rates, [1] * 500))
    assert (world.moments, world.told) == ([0.0] * 500, [])


def test_turns_come_in_the_order_they_were_asked_for() -> None:
    """A large request is not overtaken by small ones that would fit before it."""
    world = World(limit=4)
    world.process(lambda rates: world.all(rates, [3, 3, 1, 1, 3]))
    assert [images for _, images in world.log] == [3, 3, 1, 1, 3]
    assert world.moments == [0.0, WINDOW, WINDOW, 2 * WINDOW, 2 * WINDOW]


def test_models_do_not_wait_for_each_other() -> None:
    world = World(limit=1)

    async def main(rates: Rates) -> float:
        await world.one(rates)
        waits = asyncio.create_task(world.one(rates))
        await asyncio.sleep(1)
        begun = world.time.now
        rates.sent(await rates.turn("other", 1))
        waits.cancel()
        return world.time.now - begun

    assert world.process(main) == 0


def test_a_request_larger_than_the_limit_goes_alone() -> None:
    """Eight pictures in one request at four a minute: nothing leaves in the window before it, nothing in that after."""
    world = World(limit=4)
    world.process(lambda rates: world.all(rates, [1, 8, 1, 1]))
    assert world.moments == [0.0, WINDOW, 2 * WINDOW, 2 * WINDOW]
    assert_strict(world.log, 4)


def test_the_moment_of_leaving_counts_and_not_the_turn() -> None:
    """Ten turns whose connections take 50 seconds: the eleventh comes a window after the bytes, not after the turns."""
    world = World()

    async def main(rates: Rates) -> None:
        await asyncio.gather(*(world.one(rates, slow=50.0) for _ in range(11)))

    world.process(main)
    assert world.moments == [0.0] * 10 + [WINDOW + 50.0]


def test_a_turn_given_back_is_used_at_once() -> None:
    """Nothing left: its place is free in the same moment, also when it is given back twice."""
    world = World(limit=1)

    async def main(rates: Rates) -> float:
        slot = await rates.turn(MODEL, 1)
        waits = asyncio.create_task(rates.turn(MODEL, 1))
        await asyncio.sleep(5)
        rates.back(slot)
        rates.back(slot)
        begun = world.time.now
        await waits
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1000):
                await rates.turn(MODEL, 1)
        return world.time.now - begun

    assert world.process(main) == 1000


def test_giving_back_what_was_sent_changes_nothing() -> None:
    """`back` may stand in a `finally`."""
    world = World(limit=1)

    async def main(rates: Rates) -> None:
        rates.back(await world.one(rates))
        rates.back(await world.one(rates))

    world.process(main)
    assert world.moments == [0.0, WINDOW]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_cancelled_wait_leaves_nothing_behind(which: int) -> None:
    """Whoever of three leaves the queue, first or last: the others get their turns when they would have anyway."""
    world = World(limit=1)

    async def main(rates: Rates) -> None:
        await world.one(rates)
        waiting = [asyncio.create_task(world.one(rates)) for _ in range(3)]
        await asyncio.sleep(3)
        waiting.pop(which).cancel()
        await asyncio.gather(*waiting)

    world.process(main)
    assert world.moments == [0.0, WINDOW, 2 * WINDOW]


def test_a_wait_cancelled_in_the_moment_of_its_turn_leaves_nothing_behind() -> None:
    """The turn that comes free goes to the next one, not to the one who is leaving."""
    world = World(limit=1)

    async def main(rates: Rates) -> None:
        slot = await rates.turn(MODEL, 1)
        first, second = (asyncio.create_task(world.one(rates)) for _ in range(2))
        await asyncio.sleep(1)
        rates.back(slot)
        first.cancel()
        await second

    world.process(main)
    assert world.moments == [0.0]


def test_stopping_ends_every_wait() -> None:
    """After a key error nobody waits for a turn that must not come, and no turn is given."""
    world = World(limit=1)

    async def main(rates: Rates) -> tuple[list[Any], float]:
        await world.one(rates)
        waiting = [asyncio.create_task(world.one(rates)) for _ in range(200)]
        await asyncio.sleep(3)
        begun = world.time.now
        rates.stop(lambda: PermissionError("no more"))
        ends = await asyncio.gather(*waiting, world.one(rates), return_exceptions=True)
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1, "nobody sleeps on"
        return ends, world.time.now - begun

    ends, seconds = world.process(main)
    assert [repr(each) for each in ends] == [repr(PermissionError("no more"))] * 201
    assert len({id(each) for each in ends}) == 201  # one exception raised in many tasks would collect their traces
    assert (len(world.log), seconds) == (1, 0)


def test_waiting_is_told_once() -> None:
    world = World(limit=10)
    world.process(lambda rates: world.all(rates, [1] * 10))
    assert world.told == []
    world.process(lambda rates: world.all(rates, [1] * 40))
    assert world.told == [(MODEL, 10)]


# after a 429


def test_after_a_429_nothing_leaves_for_as_long_as_the_host_asks() -> None:
    world = World(limit=100)

    async def main(rates: Rates) -> None:
        rates.refused(await world.one(rates), 20.0)
        await world.one(rates)
        rates.refused(await world.one(rates))
        await world.one(rates)

    world.process(main)
    assert world.moments == [0.0, 20.0, 20.0, 20.0 + PAUSE]


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    world = World(limit=100)

    async def main(rates: Rates) -> None:
        slots = await world.all(rates, [1, 1])
        rates.refused(slots[0], 20.0)
        rates.refused(slots[1], 5.0)
        await world.one(rates)

    world.process(main)
    assert world.moments == [0.0, 0.0, 20.0]


def test_a_429_halves_the_limit_and_it_comes_back_step_by_step() -> None:
    """10 a minute becomes 5, after a minute 7, then 9, then 10 again; the refused request counts, for it has left."""
    world = World(limit=10)

    async def main(rates: Rates) -> None:
        rates.refused(await world.one(rates), 0.0)
        await world.all(rates, [1] * 31)

    world.process(main)
    five = [0.0] * 5
    seven = [STEP] * 2 + [WINDOW] * 5
    nine = [2 * STEP] * 2 + [STEP + WINDOW] * 2 + [2 * WINDOW] * 5
    ten = [3 * STEP] + [2 * STEP + WINDOW] * 2 + [STEP + 2 * WINDOW] * 2 + [3 * WINDOW] * 5
    assert world.moments == [*five, *seven, *nine, *ten, 3 * STEP + WINDOW]
    assert world.told == [(MODEL, 5)]


def test_refusals_of_requests_that_left_together_halve_once() -> None:
    """Ten refused at once are one sign that it was too fast, not ten; a refusal of a later request is another."""
    world = World(limit=16)

    async def main(rates: Rates) -> None:
        for slot in await world.all(rates, [1] * 16):
            rates.refused(slot, 0.0)
        again = await world.all(rates, [1] * 8)
        rates.refused(again[0], 0.0)
        await world.all(rates, [1] * 5)

    world.process(main)
    assert world.told == [(MODEL, 8), (MODEL, 5)]  # it had come back to 10 meanwhile


def test_a_limit_of_one_stays_one() -> None:
    world = World(limit=1)

    async def main(rates: Rates) -> None:
        for _ in range(4):
            rates.refused(await world.one(rates), 0.0)

    world.process(main)
    assert world.moments == [0.0, WINDOW, 2 * WINDOW, 3 * WINDOW]
    assert world.told == [(MODEL, 1)]


def test_one_request_refused_without_a_limit_slows_the_next() -> None:
    """However few have left: for a minute it is one a minute."""
    world = World(limit=None)

    async def main(rates: Rates) -> None:
        rates.refused(await world.one(rates), 0.0)
        await world.all(rates, [1, 1])

    world.process(main)
    assert world.moments == [0.0, STEP, STEP]


def test_a_model_without_a_limit_has_one_for_a_while() -> None:
    """40 have left in the last minute: 20 a minute for a start; half an hour later there is no limit again."""
    world = World(limit=None)

    async def main(rates: Rates) -> None:
        slots = await world.all(rates, [1] * 40)
        await asyncio.sleep(WINDOW / 2)
        rates.refused(slots[0], 0.0)
        world.log.clear()
        await world.all(rates, [1] * 21)
        await asyncio.sleep(1800)
        await world.all(rates, [1] * 1000)

    world.process(main)
    assert world.told[0] == (MODEL, 20)
    assert world.moments[:20] == [0.0] * 20
    assert world.moments[20] > 0
    assert len(set(world.moments[21:])) == 1


# over restarts


def test_a_next_process_goes_on_in_the_window_of_the_last() -> None:
    """Ten left, the process died, and the next one began 20 seconds later."""
    world = World()
    world.process(lambda rates: world.all(rates, [1] * 10))
    world.time.now += 20
    world.process(lambda rates: world.all(rates, [1] * 10))
    assert world.moments == [0.0] * 10 + [WINDOW] * 10


@pytest.mark.parametrize("hours", [-24.0, -0.01, 0.01, 24.0])
def test_a_wall_clock_that_was_set_lets_nothing_through_and_delays_by_a_window_at_most(hours: float) -> None:
    """Set back or forward between two processes: the steady clock knows better, or we wait as if it were just now."""
    world = World()
    world.process(lambda rates: world.all(rates, [1] * 10))
    world.time.epoch += hours * 3600
    world.time.now += 20
    world.process(lambda rates: world.all(rates, [1] * 10))
    assert_strict(world.log, 10)
    assert world.moments[-1] <= 20 + WINDOW + HAIR


@pytest.mark.parametrize("hours", [0.0, -1.0, 1.0])
def test_a_machine_that_was_started_again_lets_nothing_through(hours: float) -> None:
    """The steady clock begins anew: at least as long as the machine is up has passed, whatever the wall clock says."""
    world = World()
    world.process(lambda rates: world.all(rates, [1] * 10))
    down, up = 15.0, 10.0
    died, epoch = world.time.now, world.time.epoch
    world.time = VirtualTime(up=up, epoch=epoch + died + down + hours * 3600)
    world.process(lambda rates: world.all(rates, [1] * 10))
    really = [moment + died + down for moment, _ in world.log[10:]]
    assert min(really) >= died + WINDOW - HAIR
    assert max(really) <= died + down + up + WINDOW + HAIR


def test_what_seems_to_lie_ahead_counts_as_sent_just_now() -> None:
    """The journal's times need not be in order: what counts is what has certainly passed since each."""
    world = World()
    wall, steady = world.time.clock.wall(), world.time.now
    world.journal = [
        Sent("h", MODEL, 5, wall - 31, steady - 31),
        Sent("h", MODEL, 5, wall + 900, steady - 20),
        Sent("h", MODEL, 50, wall - 62, steady - 62),
    ]
    world.process(lambda rates: world.all(rates, [1] * 10))
    assert [round(moment - steady, 6) for moment, _ in world.log] == [WINDOW - 31] * 5 + [WINDOW] * 5


# whatever happens


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    limit=st.integers(1, 12),
    processes=st.integers(1, 4),
    calls=st.integers(1, 40),
)
def test_no_window_ever_holds_more_than_the_limit(seed: int, limit: int, processes: int, calls: int) -> None:
    """Random requests, slow connections, turns given back, waits cancelled, 429s, deaths, clocks set: always strict,
    and whoever was not cancelled gets a turn (a wait without an end would be a deadlock, which fails).
    """
    chance = random.Random(seed)
    world = World(limit=limit)

    async def call(rates: Rates) -> None:
        await asyncio.sleep(chance.choice([0.0, chance.uniform(0, 200)]))
        slot = await rates.turn(MODEL, chance.choice([1, 1, 1, 2, 4, 15]))
        try:
            await asyncio.sleep(chance.choice([0.0, 0.0, chance.uniform(0, 70)]))
            if chance.random() < 0.8:
                world.leaves(rates, slot)
            if chance.random() < 0.1:
                await asyncio.sleep(chance.uniform(0, 5))
                rates.refused(slot, chance.uniform(0, 120))
        finally:
            rates.back(slot)

    async def process(rates: Rates, dies: bool) -> None:
        tasks = [asyncio.create_task(call(rates)) for _ in range(calls)]
        for each in chance.sample(tasks, len(tasks) // 5):
            await asyncio.sleep(chance.uniform(0, 30))
            each.cancel()
        if dies:
            await asyncio.sleep(chance.uniform(0, 60))
        else:
            await asyncio.wait(tasks)
            for each in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    each.result()

    for number in range(processes):
        world.process(lambda rates, number=number: process(rates, number < processes - 1))  # type: ignore[misc]
        world.time.now += chance.uniform(0, 40)
        world.time.epoch += chance.choice([0, 0, -30, 30, 1e6, -1e6])
    assert_strict(world.log, limit)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), limit=st.integers(1, 12))
def test_nothing_is_wasted(seed: int, limit: int) -> None:
    """While somebody waits, every window is full: a request never leaves later than a window after the one that
    stands `limit` places before it, or than the moment it was asked for.
    """
    chance = random.Random(seed)
    world = World(limit=limit)
    asked: list[float] = []

    async def main(rates: Rates) -> None:
        work = []
        for _ in range(60):
            await asyncio.sleep(chance.choice([0.0, chance.uniform(0, 20)]))
            asked.append(world.time.now)
            work.append(asyncio.create_task(world.one(rates)))
        await asyncio.gather(*work)

    world.process(main)
    left = [moment for moment, _ in world.log]
    for number, moment in enumerate(left):
        due = max(asked[number], left[number - limit] + WINDOW if number >= limit else 0.0)
        assert moment == pytest.approx(due, abs=HAIR)


def test_many_turns_cost_little() -> None:
    """30,000 turns with 200 who wait at any time: counted in steps of the loop, not in seconds."""
    world = World(limit=3000)
    numbers = itertools.count()
    steps = 0

    async def worker(rates: Rates) -> None:
        while next(numbers) < 30_000:
            await world.one(rates)

    async def main(rates: Rates) -> None:
        await asyncio.gather(*(worker(rates) for _ in range(200)))

    def counted(*_: object) -> float:
        nonlocal steps
        steps += 1
        return world.time.now

    world.time.clock = replace(world.time.clock, monotonic=counted)
    world.process(main)
    assert len(world.log) == 30_000
    assert world.moments[-1] == pytest.approx(9 * WINDOW)
    assert steps < 10 * 30_000
