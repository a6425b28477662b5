"""Group commit: many records, one sync. What is asked for while a sync is under way goes with the next one.

A record that may not be written fails whoever asked for it; the others of its batch go on without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Record = Mapping[str, Any]
Asked = tuple[Record, asyncio.Future[None]]


class GroupCommit:
    """Writes records in the order in which they were asked for, in a thread of its own, and tells when they last."""

    def __init__(
        self,
        append: Callable[[Sequence[Record]], None],
        hear: Callable[[Record], None],
        objections: Callable[[Sequence[Record]], Sequence[Exception | None]],
    ) -> None:
        """`append` makes records last, all or none; `hear` is told of each that does, on the event loop. `objections`
        says of each record, before it is written, why it may not be, or None."""
        self._append = append
        self._hear = hear
        self._objections = objections
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._asked: list[Asked] = []
        self._begun: tuple[Future[None], Sequence[Record]] | None = None
        """What the thread was writing when the event loop ended."""
        self._working: asyncio.Task[None] | None = None

    async def write(self, *records: Record) -> None:
        """Write records; they last when this returns. They are written even when the waiting is cancelled.

        Raises what `append` raises, and what `objections` says.
        """
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in records]
        self._asked += zip(records, futures, strict=True)
        if self._working is None or self._working.done():
            self._working = loop.create_task(self._work())
        for future in futures:
            future.add_done_callback(_seen)
        for future in futures:
            await asyncio.shield(future)

    async def _work(self) -> None:
        while self._asked:
            batch, self._asked = self._asked, []
            await self._write(batch)

    async def _write(self, asked: list[Asked]) -> None:
        batch: list[Asked] = []
        for (record, future), objection in zip(asked, self._objections([each for each, _ in asked]), strict=True):
            if objection is None:
                batch.append((record, future))
            elif not future.done():
                future.set_exception(objection)
        records = [record for record, _ in batch]
        job = self._thread.submit(self._append, records)
        try:
            await asyncio.shield(asyncio.wrap_future(job))
            for record in records:
                self._hear(record)
        except asyncio.CancelledError:  # the event loop ends: what the thread has not begun is left to flush()
            if job.cancel():
                self._asked = batch + self._asked
            else:
                self._begun = job, records
            raise
        except BaseException as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            if isinstance(error, (KeyboardInterrupt, SystemExit)):  # not of the thread: they are for the event loop
                raise
        for _, future in batch:
            if not future.done():
                future.set_result(None)

    def flush(self) -> None:
        """Write what was still asked for when its event loop ended. Raises as write() does, at its end."""
        begun, self._begun = self._begun, None
        if begun is not None:
            self._last(*begun)
        asked, self._asked = [record for record, _ in self._asked], []
        objections = self._objections(asked)
        left = [record for record, objection in zip(asked, objections, strict=True) if objection is None]
        self._last(self._thread.submit(self._append, left), left)
        for objection in filter(None, objections):
            raise objection

    def _last(self, job: Future[None], records: Sequence[Record]) -> None:
        """Wait until records are written."""
        job.result()
        for record in records:
            self._hear(record)

    def close(self) -> None:
        """The same, and let the thread go."""
        try:
            self.flush()
        finally:
            self._thread.shutdown(wait=True)


def _seen(future: asyncio.Future[None]) -> None:
    """Take note of a failure that nobody waits for any more: who was to hear of it has been cancelled."""
    if not future.cancelled():
        future.exception()
