"""Ctrl-C and its relatives: the first lets answers in flight arrive, any second one leaves at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_A_MOMENT = 0.05
"""Seconds from a signal to the words about it. In most runs nothing is under way, and they end before; and whoever
reads the words and interrupts again finds that the first signal has reached everything that runs."""


class Stopped(Exception):
    """The run was told to stop; `code` is what the command ends with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def until_done(work: Coroutine[Any, Any, T], interrupted: Callable[[], None], tell: Callable[[], None]) -> T:
    """Run to the end, or raise Stopped.

    At the first signal `interrupted` is called, within the signal's handler and before anything is cancelled. `tell`
    is called by the loop a moment later, if something is still waited for.
    """
    stopped_by = [0]
    signals = [signal.SIGINT, *([signal.SIGTERM, signal.SIGHUP] if os.name == "posix" else [])]
    found = {number: signal.getsignal(number) for number in signals}
    before = {number: handler for number, handler in found.items() if handler is not signal.SIG_IGN}  # e.g. by nohup

    async def whole() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def stop(number: int, _: object) -> None:
            if stopped_by[0]:
                raise KeyboardInterrupt
            stopped_by[0] = number
            interrupted()
            task.cancel()
            # wakes the loop, which may be waiting for the network
            loop.call_soon_threadsafe(loop.call_later, _A_MOMENT, tell)

        for number in before:
            signal.signal(number, stop)
        return await work

    try:
        return asyncio.run(whole())
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise Stopped(128 + (stopped_by[0] or signal.SIGINT)) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
