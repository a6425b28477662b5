"""A shield around what must not be cut off: the answer to a paid request that is already under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def unbroken(work: Coroutine[Any, Any, T], goodbye: float, tell: Callable[[], None] = lambda: None) -> T:
    """The result of `work`, finished even when our own task is cancelled meanwhile.

    Then the answer is waited for, `goodbye` seconds at most; the result is returned so that it can be written down,
    and the cancellation comes at our task's next await. A second cancellation leaves at once.
    `tell` hears that we wait although we were asked to stop.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        tell()
        try:
            done, _ = await asyncio.wait({task}, timeout=goodbye)
        finally:
            task.cancel()  # does nothing to a finished task
        if not done:
            raise
        ours = asyncio.current_task()
        if ours is not None:
            ours.uncancel()  # the same cancellation, only later: asyncio.timeout and TaskGroup count them
            ours.cancel()
        return task.result()
