"""One paid call, or one operation: select (known already? bought already?), execute, process.

The order of durable acts is what keeps money safe: the ticket is in the journal before the first poll, the pictures in
the store before the result is recorded, the result before the journal's row is closed. A provider that answers with
the pictures themselves gives no ticket: until they are stored nothing is known but that the request was sent, or paid.

A call costs what it made: every picture that the provider lists, one at least, whatever was asked for. Where it ended
without pictures, what was asked for counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from runner import layout
from runner.artifact import Artifact
from runner.errors import BadImage, CallFailed, Damaged, OutOfReach
from runner.operation import Call, Collected, Model, Operation, PaidInVain, Provider, Ticket
from runner.records import CallRecord
from runner.store.index import Result
from runner.store.store import Store

T = TypeVar("T")

Price = Callable[[str], float]
"""US dollars of one picture of a model; 0 in a rehearsal."""


@dataclass(frozen=True, slots=True)
class Hear:
    """What a step hears of one of its paid calls."""

    accepted: Callable[[], None]
    """The provider has accepted the call, in this run or in one before that never told its price."""
    spent: Callable[[float], None]
    """US dollars, told once for each call: at its end in this run; or now, for what a run before never told."""
    doubt: Callable[[], None]
    """A request is about to be sent again that an earlier run may have sent already."""
    lost: Callable[[Sequence[str]], None]
    """Some pictures of a call could not be had, though others were: why, a clause for each."""
    more: Callable[[int, int], None]
    """A call asked for so many pictures at most, and the host made so many: more."""


@dataclass(frozen=True, slots=True)
class _Bought:
    """A call that the provider has accepted."""

    number: int
    """Of its row in the journal; 0 where nothing is journaled."""
    answer: Ticket | Collected
    price: float
    """US dollars, by what was asked for."""
    told: bool = False
    """Whether a run has told its price."""


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
        hear: Hear,
    ) -> CallRecord:
        """The pictures of one paid call. Raises CallFailed, BadImage, Damaged, OutOfReach."""

        async def bought() -> Result:
            async with self._places:
                call = self._pending(fingerprint, hear)
                if call is None:
                    sent = await self._call(model, request, images, label)
                    call = await self._start(fingerprint, sent, hear)
                try:
                    collected = await self._collected(call)
                except BaseException:
                    if not call.told:
                        hear.spent(call.price)
                    raise
            return await _to_the_end(self._settled(fingerprint, call, collected, model.layout.count(request), hear))

        if self._journaled and (untold := self._store.journal.untold(fingerprint, self._run)):
            hear.spent(untold)
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
                result = Result(tuple(await self._kept([data], [])))
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

    def _pending(self, fingerprint: str, hear: Hear) -> _Bought | None:
        """What was bought before and not fetched yet. It is on this run's bill if no run has told its price."""
        entry = self._store.journal.pending(fingerprint) if self._journaled else None
        if entry is None:
            return None
        told = entry.billed or entry.run == self._run
        if not told:
            self._store.journal.take_over(entry.number, self._run)
            hear.accepted()
        return _Bought(entry.number, entry.ticket, entry.price, told)

    async def _call(self, model: Model, request: Mapping[str, Any], images: Sequence[Artifact], label: str) -> Call:
        data = await asyncio.to_thread(lambda: tuple(self._store.blobs.get(image.digest) for image in images))
        return Call(model, request, data, label)

    async def _start(self, fingerprint: str, call: Call, hear: Hear) -> _Bought:
        """Send the call once. Its row is on disk before; its ticket is before anything else happens.

        Pictures that came with the answer are handed on even when our task has been cancelled meanwhile.
        """
        price = self._price(call.model.name) * call.model.layout.count(call.request)
        number = 0
        if self._journaled:
            if self._store.journal.unanswered(fingerprint):
                hear.doubt()
            number = self._store.journal.intent(fingerprint, self._run, call.label, price)
            call = replace(call, paid=partial(self._paid, number))
        try:
            answer = await self._provider.start(call)
        except PaidInVain:  # its row stays open: the next run says so before it sends the request again
            call.paid()
            hear.accepted()
            hear.spent(price)
            raise
        except CallFailed as error:
            if self._journaled and error.kind != "in-doubt":
                self._store.journal.ended(number, "REJECTED")
            raise
        if isinstance(answer, Collected):
            call.paid()
        elif self._journaled:
            self._accepted(number, answer)
        hear.accepted()
        return _Bought(number, answer, price)

    def _paid(self, number: int) -> None:
        """Note that the host said yes with the result. Where that cannot be written the row says that it may have."""
        with contextlib.suppress(OutOfReach, Damaged):
            self._store.journal.paid(number)

    def _accepted(self, number: int, ticket: Ticket) -> None:
        try:
            self._store.journal.accepted(number, ticket)
        except OutOfReach as error:
            raise OutOfReach(f"{error.message}; the accepted task was {dict(ticket)}", hint=error.hint) from None
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # start() lets an answer in flight arrive; the wait ends here
            raise asyncio.CancelledError

    async def _collected(self, call: _Bought) -> Collected:
        if isinstance(call.answer, Collected):
            return call.answer
        try:
            return await self._provider.collect(call.answer)
        except CallFailed as error:
            if self._journaled and error.kind in {"failed", "moderated"}:  # the last word: there will be no pictures
                self._store.journal.ended(call.number, "FAILED")
            raise

    async def _settled(self, fingerprint: str, call: _Bought, collected: Collected, asked: int, hear: Hear) -> Result:
        """The result, stored and recorded; then the journal's row is closed. Tells what it cost, and what is lost."""
        made = len(collected.images) + len(collected.lost)
        cost = round(call.price / asked * max(1, made), 9)
        if made > asked:
            hear.more(asked, made)
        if not call.told:
            hear.spent(cost)
        lost = list(collected.lost)
        result = Result(tuple(await self._kept(collected.images, lost)), collected.seed)
        self._store.index.record(fingerprint, result)
        if self._journaled:
            self._store.journal.ended(call.number, "DONE", cost)
        if lost:
            hear.lost(lost)
        return result

    async def _kept(self, pictures: Sequence[bytes], lost: list[str]) -> list[Artifact]:
        """The pictures, stored. One that cannot be read goes to `lost` where another can. Raises BadImage."""
        kept: list[Artifact] = []
        bad: list[BadImage] = []
        for data in pictures:
            try:
                kept.append(await asyncio.to_thread(self._store.keep, data))
            except BadImage as error:
                bad.append(error)
        if bad and not kept:
            raise bad[0]
        lost += [error.message for error in bad]
        return kept

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
