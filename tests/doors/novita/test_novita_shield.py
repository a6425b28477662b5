"""The shield: the answer to a request under way is not lost when its task is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from runner.novita.shield import unbroken


class Shop:
    """A piece of work that ends when told to, and a task that waits for it behind the shield."""

    def __init__(self, goodbye: float = 60.0) -> None:
        self.told = asyncio.Event()
        self.finished = False
        self.written: list[str] = []
        self.went_on = False
        self.task = asyncio.create_task(self._customer(goodbye))

    async def _work(self) -> str:
        await self.told.wait()
        self.finished = True
        return "task-1"

    async def _customer(self, goodbye: float) -> None:
        self.written.append(await unbroken(self._work(), goodbye))
        await asyncio.sleep(0)
        self.went_on = True


async def turns() -> None:
    """Let every task run until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_undisturbed_work_gives_its_result() -> None:
    async def scene() -> Shop:
        shop = Shop()
        shop.told.set()
        await shop.task
        return shop

    shop = asyncio.run(scene())
    assert shop.written == ["task-1"]
    assert shop.went_on


def test_a_cancelled_task_still_gets_the_answer_and_stops_at_its_next_await() -> None:
    async def scene() -> Shop:
        shop = Shop()
        await turns()
        shop.task.cancel()
        await turns()
        assert not shop.finished
        shop.told.set()
        with pytest.raises(asyncio.CancelledError):
            await shop.task
        return shop

    shop = asyncio.run(scene())
    assert shop.written == ["task-1"]
    assert not shop.went_on


def test_a_second_cancellation_leaves_at_once() -> None:
    async def scene() -> Shop:
        shop = Shop()
        await turns()
        shop.task.cancel()
        await turns()
        shop.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await shop.task
        return shop

    assert not asyncio.run(scene()).written


def test_the_answer_is_not_waited_for_without_end() -> None:
    async def scene() -> Shop:
        shop = Shop(goodbye=0.01)
        await turns()
        shop.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await shop.task
        return shop

    assert not asyncio.run(scene()).written


def test_a_deadline_of_the_caller_is_still_a_deadline() -> None:
    """asyncio.timeout counts cancellations: the one put off must still be its own."""

    written: list[str] = []

    async def hurried() -> None:
        told = asyncio.Event()

        async def work() -> str:
            await told.wait()
            return "task-1"

        async with asyncio.timeout(0):
            telling = asyncio.create_task(tell(told))
            written.append(await unbroken(work(), 60.0))
            await telling
            await asyncio.sleep(0)

    async def tell(told: asyncio.Event) -> None:
        await turns()
        told.set()

    with pytest.raises(TimeoutError):
        asyncio.run(hurried())
    assert written == ["task-1"]


def test_a_failure_of_the_work_is_told_after_a_cancellation_too() -> None:
    async def scene() -> None:
        told = asyncio.Event()

        async def work() -> None:
            await told.wait()
            raise ValueError("no")

        async def customer() -> str:
            try:
                await unbroken(work(), 60.0)
            except ValueError:
                return "told"
            return "not told"

        task = asyncio.create_task(customer())
        await turns()
        task.cancel()
        await turns()
        told.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
