"""One call of a step, paid or an operation: what is known already is not done again.

The result is known by its fingerprint, or being made just now for another step, or it has to be made. What that takes
for a paid call stands in buying.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runner import layout
from runner.artifact import Artifact
from runner.changes import asked
from runner.engine.buying import Buyer, Hear, Wanted
from runner.operation import Operation
from runner.plan import PlannedStep
from runner.records import CallRecord
from runner.store.history import Place
from runner.store.index import Result
from runner.store.store import Store


class Caller:
    """Does paid calls and operations for all steps of a run, each of them once."""

    def __init__(self, buyer: Buyer, store: Store, *, concurrency: int, recipe: str = "") -> None:
        """`concurrency` is the most paid calls under way at once; `recipe` what the recipe is called in its workspace,
        under which the store remembers what its steps asked for."""
        self._buyer = buyer
        self._store = store
        self._recipe = recipe
        self._places = asyncio.Semaphore(concurrency)
        self._hands = asyncio.Semaphore(2)  # operations at once: they fill a core each
        self._under_way: dict[str, asyncio.Future[Result]] = {}

    @property
    def realm(self) -> str:
        """The realm of the provider."""
        return self._buyer.realm

    def is_held_up(self, fingerprint: str) -> bool:
        """Whether a call for this request is in doubt or left out, so that only the user can have it go on."""
        return self._buyer.standing(fingerprint) in {"in doubt", "skipped"} and self._store.known(fingerprint) is None

    def began(self, fingerprint: str) -> bool:
        """Whether there is a call for this request, or its result, already."""
        stands = self._buyer.standing(fingerprint) not in {None, "never sent"}
        return stands or self._store.known(fingerprint) is not None

    def remember(self, item: str, planned: PlannedStep, images: Sequence[Artifact], fingerprint: str) -> None:
        """Keep what a step that is done asked for; nothing is written where it is the same as the last time."""
        place, history = Place(self._recipe, item, planned.name, self.realm), self._store.index.history
        if not history.holds(place, fingerprint):
            history.keep(place, fingerprint, asked(planned, [image.pixels for image in images]).to_json())

    async def paid(self, wanted: Wanted, hear: Hear) -> CallRecord:
        """The pictures of one paid call. Raises CallFailed, BadImage, Damaged, OutOfReach."""

        async def bought() -> Result:
            async with self._places:
                return await self._buyer.buy(wanted, hear)

        await self._buyer.tell_what_is_owed(wanted.fingerprint, hear)
        settled = not self._buyer.has_to_settle(wanted.fingerprint)
        result, cached = await self._once(wanted.fingerprint, bought, settled=settled)
        where = wanted.model.layout.seed
        seed = layout.get(wanted.request, where) if where else None
        return CallRecord(wanted.fingerprint, seed, result.images, cached, result.seed)

    async def operation(
        self, fingerprint: str, operation: Operation, params: Mapping[str, Any], images: Sequence[Artifact]
    ) -> CallRecord:
        """The picture of one operation. Raises OperationFailed, BadImage, Damaged, OutOfReach."""

        async def made() -> Result:
            async with self._hands:
                data = await asyncio.to_thread(self._apply, operation, params, images)
                result = Result((await asyncio.to_thread(self._store.keep, data),))
            self._store.index.record(fingerprint, result)
            return result

        result, cached = await self._once(fingerprint, made)
        return CallRecord(fingerprint, None, result.images, cached)

    async def _once(self, fingerprint: str, make: Callable[[], Any], *, settled: bool = True) -> tuple[Result, bool]:
        """The known result, if all about it is `settled`, or the one being made just now, or a new one."""
        known = self._store.known(fingerprint) if settled else None
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

    def _apply(self, operation: Operation, params: Mapping[str, Any], images: Sequence[Artifact]) -> bytes:
        return operation.apply([self._store.blobs.get(image.digest) for image in images], params)
