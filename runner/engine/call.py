"""One paid call, or one operation: select (known already? bought already?), execute, process.

The order of durable acts is what keeps money safe: the ticket is in the journal before the first poll, the pictures in
the store before the result is recorded, the result before the journal's row is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runner.artifact import Artifact
from runner.errors import CallFailed
from runner.operation import Call, Collected, Model, Operation, Provider
from runner.records import CallRecord
from runner.store.index import Result
from runner.store.journal import Entry
from runner.store.store import Store

Accepted = Callable[[], None]
"""Told once, when the provider has accepted a task; not told for what was known or bought before."""


class Caller:
    """Does paid calls and operations for all steps of a run, each of them once."""

    def __init__(self, provider: Provider, store: Store, *, concurrency: int) -> None:
        """`concurrency` is the most paid calls under way at once."""
        self._provider = provider
        self._store = store
        self._places = asyncio.Semaphore(concurrency)
        self._hands = asyncio.Semaphore(2)  # operations at once: they fill a core each
        self._under_way: dict[str, asyncio.Future[Result]] = {}

    @property
    def realm(self) -> str:
        """The realm of the provider."""
        return self._provider.realm

    async def paid(
        self, fingerprint: str, model: Model, request: Mapping[str, Any], images: Sequence[Artifact], label: str,
        accepted: Accepted,
    ) -> CallRecord:  # fmt: skip
        """The pictures of one paid call. Raises CallFailed, BadImage, Damaged, OutOfReach."""

        async def bought() -> Result:
            async with self._places:
                entry = self._store.journal.pending(fingerprint)
                if entry is None:
                    entry = await self._start(fingerprint, model, request, images, label)
                    accepted()
                collected = await self._collect(entry)
            result = Result(await self._kept(collected.images), collected.seed)
            self._store.index.record(fingerprint, result)
            self._store.journal.ended(entry, "DONE")
            return result

        result, cached = await self._once(fingerprint, bought)
        return CallRecord(fingerprint, request.get("seed"), result.images, cached, result.seed)

    async def operation(
        self, fingerprint: str, operation: Operation, params: Mapping[str, Any], images: Sequence[Artifact]
    ) -> CallRecord:
        """The picture of one operation. Raises OperationFailed, BadImage, Damaged, OutOfReach."""

        async def made() -> Result:
            async with self._hands:
                data = await asyncio.to_thread(self._apply, operation, params, images)
                result = Result(await self._kept([data]))
            self._store.index.record(fingerprint, result)
            return result

        result, cached = await self._once(fingerprint, made)
        return CallRecord(fingerprint, None, result.images, cached)

    async def _once(self, fingerprint: str, make: Callable[[], Any]) -> tuple[Result, bool]:
        """The known result, or the one being made just now, or a new one."""
        known = self._store.known(fingerprint)
        if known is not None:
            return known, True
        running = self._under_way.get(fingerprint)
        if running is not None:
            return await asyncio.shield(running), True
        task: asyncio.Future[Result] = asyncio.ensure_future(make())
        self._under_way[fingerprint] = task
        try:
            return await task, False
        finally:
            del self._under_way[fingerprint]

    async def _start(
        self, fingerprint: str, model: Model, request: Mapping[str, Any], images: Sequence[Artifact], label: str
    ) -> Entry:
        data = await asyncio.to_thread(lambda: tuple(self._store.blobs.get(image.digest) for image in images))
        ticket = await self._provider.start(Call(model, request, data, label))
        entry = self._store.journal.accepted(fingerprint, ticket)
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # start() lets an answer in flight arrive; the wait ends here
            raise asyncio.CancelledError
        return entry

    async def _collect(self, entry: Entry) -> Collected:
        try:
            return await self._provider.collect(entry.ticket)
        except CallFailed as error:
            if error.kind in {"failed", "moderated"}:  # the provider's last word: there will be no pictures
                self._store.journal.ended(entry, "FAILED")
            raise

    async def _kept(self, pictures: Sequence[bytes]) -> tuple[Artifact, ...]:
        return tuple([await asyncio.to_thread(self._store.keep, data) for data in pictures])

    def _apply(self, operation: Operation, params: Mapping[str, Any], images: Sequence[Artifact]) -> bytes:
        return operation.apply([self._store.blobs.get(image.digest) for image in images], params)
