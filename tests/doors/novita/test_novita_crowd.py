"""Many tasks in flight at once, in virtual time: what they send together, in trouble and out of it."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import Callable

import httpx
import pytest

from runner.novita.provider import NovitaOptions, NovitaProvider
from runner.operation import Collected
from runner.settings import Secret
from tests.doors.novita.scripted_host import KEY, finished, no, says, waiting
from tests.fakes import png
from tests.virtual_time import VirtualTime

OUTAGE = 600.0
PICTURE = png((1, 2, 3))


class Scene:
    """Tasks in flight at a host that answers each poll by the seconds since the scene began; what it was asked, and
    when."""

    def __init__(self, tasks: int, answer: Callable[[float], httpx.Response], until: float | None = None) -> None:
        self.time = VirtualTime()
        self.begun = self.time.now
        self.polls: list[float] = []
        self.done: list[float] = []
        self.failed: list[BaseException] = []
        self._answer = answer
        self.time.run(self._play(tasks, until))

    async def _play(self, tasks: int, until: float | None) -> None:
        provider = NovitaProvider(
            NovitaOptions("https://api.novita.ai", Secret(KEY)),
            name="novita",
            realm="paid",
            clock=self.time.clock,
            transport=httpx.MockTransport(self._hear),
        )
        running = [asyncio.create_task(self._collect(provider, number)) for number in range(tasks)]
        _, unfinished = await asyncio.wait(running, timeout=until)
        for each in unfinished:
            each.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
        self.failed = [each for each in ended if isinstance(each, Exception)]
        await provider.close()

    async def _collect(self, provider: NovitaProvider, number: int) -> Collected:
        await asyncio.sleep(number * 0.05)
        ticket = {**provider.origin, "model": "edit-1", "task_id": "t1", "started": self.time.clock.wall()}
        collected = await provider.collect(ticket)
        self.done.append(self.time.now - self.begun)
        return collected

    async def _hear(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.2)
        if not request.url.path.endswith("/task-result"):
            return says(200, PICTURE)
        self.polls.append(self.time.now - self.begun)
        return self._answer(self.polls[-1])


@pytest.mark.parametrize("tasks", [1, 10, 100, 200])
def test_ten_minutes_of_503_are_no_storm(tasks: int) -> None:
    """Needed is what the same tasks would have asked had the host said "not yet"; where many are in flight, one request
    of each and no more."""
    storm = Scene(tasks, lambda _: no(503), until=OUTAGE)
    assert len(storm.polls) >= tasks
    assert not storm.failed
    if tasks >= 100:
        assert len(storm.polls) <= 1.2 * tasks
    else:
        quiet = Scene(tasks, lambda _: waiting(), until=OUTAGE)
        assert len(storm.polls) <= 1.2 * len(quiet.polls)


@pytest.mark.parametrize("tasks", [1, 10, 200])
def test_after_an_outage_all_tasks_come_back_soon_and_not_at_once(tasks: int) -> None:
    """None has failed meanwhile. One asks within the 40 s in which a token comes; from then on it takes seconds."""
    scene = Scene(tasks, lambda now: no(503) if now < OUTAGE else finished("https://cdn.example/1"))
    assert not scene.failed
    assert len(scene.done) == tasks
    first = min(scene.done)
    assert first <= OUTAGE + 50.0
    assert max(scene.done) <= first + 20.0
    seconds = Counter(int(at) for at in scene.polls if at > OUTAGE)
    assert max(seconds.values()) <= 100


def test_a_host_that_is_well_but_for_one_question_in_five_is_asked_again_at_once() -> None:
    """The bucket is for outages: where answers come, it holds nobody up."""
    count = iter(range(10_000))
    scene = Scene(50, lambda now: no(503) if next(count) % 5 == 0 else finished("https://cdn.example/1"))
    assert not scene.failed
    assert max(scene.done) <= 20.0


def test_trouble_without_end_ends_at_the_total() -> None:
    """A quarter of an hour after it began, or at the last question before that; the tickets stay where they are."""
    scene = Scene(20, lambda _: no(503))
    assert len(scene.failed) == 20
    assert 700 <= scene.time.now - scene.begun <= 1000


def test_tasks_that_wait_hear_what_others_have_taught() -> None:
    """A first wave of tasks that all take a minute. Alone, each would be seen 6 % late in the median; 3 %, if it heard
    of the others only when it asks."""
    accepted: dict[str, float] = {}
    seen: dict[str, float] = {}
    time = VirtualTime()

    async def hear(request: httpx.Request) -> httpx.Response:
        name = request.url.params.get("task_id", "")
        if not name:
            return says(200, PICTURE)
        done = time.now - accepted[name] >= 60.0
        if done:
            seen.setdefault(name, time.now - accepted[name])
        status = "TASK_STATUS_SUCCEED" if done else "TASK_STATUS_PROCESSING"
        images = [{"image_url": f"https://cdn.example/{name}"}] if done else []
        return says(200, {"task": {"task_id": name, "status": status}, "images": images})

    async def play() -> None:
        provider = NovitaProvider(
            NovitaOptions("https://api.novita.ai", Secret(KEY)),
            name="novita",
            realm="paid",
            clock=time.clock,
            transport=httpx.MockTransport(hear),
        )

        async def collect(name: str) -> None:
            await asyncio.sleep(0.05 * int(name))
            accepted[name] = time.now
            await provider.collect(
                {**provider.origin, "model": "edit-1", "task_id": name, "started": time.clock.wall()}
            )

        await asyncio.gather(*(collect(str(number)) for number in range(100)))
        await provider.close()

    time.run(play())
    assert statistics.median(seen.values()) <= 60.0 * 1.015
