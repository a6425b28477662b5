"""Time that passes only when there is nothing else to do: hours of waiting in a moment, in the same order every time.

    time = VirtualTime()
    time.run(main(time.clock))

An event loop whose selector never waits. When every task is blocked, time jumps to the next moment somebody sleeps
until. All of asyncio follows that time, `asyncio.sleep` and `asyncio.timeout` too. When every task is blocked and
nobody sleeps, that is a deadlock and fails the test.

`asyncio.to_thread` does its work at once, in the loop's own thread: in this time it takes no time. Sockets and threads
that others start are not waited for.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from runner.clock import Clock

T = TypeVar("T")
P = ParamSpec("P")


class VirtualTime:
    """The clocks of one machine. Each `run` is a process of its own; time goes on from where the last one ended."""

    def __init__(self, *, up: float = 1000.0, epoch: float = 1_700_000_000.0, seed: int = 0) -> None:
        """`up`: seconds since the machine was started. `epoch`: what the wall clock shows at that start."""
        self.now = up
        """The steady clock. Set it, between two runs, to let time pass or to start the machine again."""
        self.epoch = epoch
        """Change it to set the wall clock."""
        self.clock = Clock(
            monotonic=lambda: self.now,
            wall=lambda: self.epoch + self.now,
            sleep=self._sleep,
            draw=random.Random(seed).random,
        )

    async def _sleep(self, seconds: float) -> None:
        """asyncio wakes us up to a nanosecond early: whoever then sleeps again would never see that moment come."""
        until = self.now + seconds
        await asyncio.sleep(seconds)
        self.now = max(self.now, until)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """What `asyncio.run` gives, in this time."""
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(main)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, time: VirtualTime) -> None:
        self._virtual = time
        super().__init__(_Impatient(time))
        self.set_default_executor(_AtOnce())

    def time(self) -> float:
        return self._virtual.now

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Nothing to wait for; asyncio's own would start a thread."""


class _Impatient(selectors.SelectSelector):
    """Instead of waiting, it moves time on."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._virtual = time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise AssertionError("every task waits, and none for a moment in time: a deadlock")
            self._virtual.now += timeout
        return ready


class _AtOnce(ThreadPoolExecutor):
    """Does work when it is handed in."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done
