"""One paid call, or one operation: select (known already? bought already?), execute, process.

The order of durable acts is what keeps money safe: the ticket is in the journal before the first poll, the pictures in
the store before the result is recorded, the result before the journal's row is closed. A provider that answers with
the pictures themselves gives no ticket: until they are stored nothing is known but that the request was sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from runner import layout
from runner.artifact import Artifact
from runner.errors import CallFailed, OutOfReach
from runner.operation import Call, Collected, Model, Operation, PaidInVain, Provider, Ticket
from runner.records import CallRecord
from runner.store.index import Result
from runner.store.store import Store

T = TypeVar("T")

Price = Callable[[str], float]
"""US dollars of one picture of a model; 0 in a rehearsal."""
Spent = Callable[[float], None]
"""Told once for each paid call, in US dollars: when accepted, or when collected for a run that never told its price."""
Doubt = Callable[[], None]
"""Told before a request is sent again that an earlier run may have sent already."""


class Caller:
    """Does paid calls and operations for all steps of a run, each of them once."""

    def __init__(self, provider: Provider, store: Store, *, run: str, price: Price, concurrency: int) -> None:
        """`run` is the run's name, for the journal; `concurrency` is the most paid calls under way at once."""
        self._provider = provider
        self._store = store
        self._run = run
        self._price = price
        # tasks of the emulator in this process end with it, so nothing of them is worth writing down
        self._journaled = provider.realm != "rehearsal"
        self._places = asyncio.Semaphore(concurrency)
        self._hands = asyncio.Semaphore(2)  # operations at once: they fill a core each
        self._under_way: dict[str, asyncio.Future[Result]] = {}

    @property
    def realm(self) -> str:
        """The realm of the provider."""
        return self._provider.realm

    async def paid(
        self,
        fingerprint: str,
        model: Model,
        request: Mapping[str, Any],
        images: Sequence[Artifact],
        label: str,
        spent: Spent,
        doubt: Doubt,
    ) -> CallRecord:
        """The pictures of one paid call. Raises CallFailed, BadImage, Damaged, OutOfReach."""

        async def bought() -> Result:
            async with self._places:
                number, answer = self._pending(fingerprint, spent)
                if answer is None:
                    call = await self._call(model, request, images, label)
                    number, answer = await self._start(fingerprint, call, spent, doubt)
                collected = answer if isinstance(answer, Collected) else await self._collect(number, answer)
            return await _to_the_end(self._settled(fingerprint, number, collected))

        result, cached = await self._once(fingerprint, bought)
        seed = layout.get(request, model.layout.seed) if model.layout.seed else None
        return CallRecord(fingerprint, seed, result.images, cached, result.seed)

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

    def _pending(self, fingerprint: str, spent: Spent) -> tuple[int, Ticket | Collected | None]:
        """Row and ticket of what was bought before and not fetched yet. Its price is told now if no run has told it."""
        entry = self._store.journal.pending(fingerprint) if self._journaled else None
        if entry is None:
            return 0, None
        if not entry.billed:
            self._store.journal.take_over(entry.number, self._run)
            spent(entry.price)
        return entry.number, entry.ticket

    async def _call(self, model: Model, request: Mapping[str, Any], images: Sequence[Artifact], label: str) -> Call:
        data = await asyncio.to_thread(lambda: tuple(self._store.blobs.get(image.digest) for image in images))
        return Call(model, request, data, label)

    async def _start(self, fingerprint: str, call: Call, spent: Spent, doubt: Doubt) -> tuple[int, Ticket | Collected]:
        """Send the call once. Its row is on disk before; its ticket is before anything else happens.

        Gives the row's number and the provider's answer; pictures even when our task has been cancelled meanwhile.
        """
        price = self._price(call.model.name) * call.model.layout.count(call.request)
        number = 0
        if self._journaled:
            if self._store.journal.unanswered(fingerprint):
                doubt()
            number = self._store.journal.intent(fingerprint, self._run, call.label, price)
        try:
            answer = await self._provider.start(call)
        except PaidInVain:  # its row stays as it is: the next run says so before it sends the request again
            spent(price)
            raise
        except CallFailed as error:
            if self._journaled and error.kind != "in-doubt":
                self._store.journal.ended(number, "REJECTED")
            raise
        if self._journaled and not isinstance(answer, Collected):
            self._accepted(number, answer)
        spent(price)
        return number, answer

    def _accepted(self, number: int, ticket: Ticket) -> None:
        try:
            self._store.journal.accepted(number, ticket)
        except OutOfReach as error:
            raise OutOfReach(f"{error.message}; the accepted task was {dict(ticket)}", hint=error.hint) from None
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # start() lets an answer in flight arrive; the wait ends here
            raise asyncio.CancelledError

    async def _collect(self, number: int, ticket: Ticket) -> Collected:
        try:
            return await self._provider.collect(ticket)
        except CallFailed as error:
            if self._journaled and error.kind in {"failed", "moderated"}:  # the last word: there will be no pictures
                self._store.journal.ended(number, "FAILED")
            raise

    async def _settled(self, fingerprint: str, number: int, collected: Collected) -> Result:
        """The result, stored and recorded; then the journal's row is closed."""
        result = Result(await self._kept(collected.images), collected.seed)
        self._store.index.record(fingerprint, result)
        if self._journaled:
            self._store.journal.ended(number, "DONE")
        return result

    async def _kept(self, pictures: Sequence[bytes]) -> tuple[Artifact, ...]:
        return tuple([await asyncio.to_thread(self._store.keep, data) for data in pictures])

    def _apply(self, operation: Operation, params: Mapping[str, Any], images: Sequence[Artifact]) -> bytes:
        return operation.apply([self._store.blobs.get(image.digest) for image in images], params)


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of short work that is never left half done: a cancellation comes once it has ended. A second one does
    not wait."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # seen: the cancellation is what is told
        raise
