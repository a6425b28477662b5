"""Sending one paid request: each step is written down before it is taken, and none is taken that must not be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from runner.engine.rate import Rates, Slot
from runner.errors import CallFailed, OutOfReach
from runner.operation import Witness
from runner.store.entry import Order
from runner.store.journal import Journal

T = TypeVar("T")


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
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


class Halt:
    """Whether anything new may be sent. What is under way is collected all the same."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._why: Callable[[], BaseException] | None = None

    def interrupt(self) -> None:
        """The user wants the run to end: nothing more leaves."""
        self._stop(asyncio.CancelledError)

    def refuse(self, error: CallFailed | OutOfReach) -> None:
        """One call has failed in a way that all further ones would: each of them fails at once, with the same words."""
        kind = error.kind if isinstance(error, CallFailed) else "disk"
        self._stop(lambda: CallFailed(kind, f"not sent, because of an earlier call: {error.message}", hint=error.hint))

    def _stop(self, why: Callable[[], BaseException]) -> None:
        if self._why is None:
            self._why = why
            self._rates.stop(why)

    def check(self) -> None:
        """Raise what stands against sending anything more."""
        if self._why is not None:
            raise self._why()


class Sending(Witness):
    """The witness of one request: the journal's, the rate limit's and the halt's word on each of its steps."""

    def __init__(self, order: Order, journal: Journal | None, rates: Rates, halt: Halt) -> None:
        """`journal` is None in a rehearsal, of which nothing is kept."""
        self.order = order
        self.number = 0
        """Of the call in the journal, once it has begun."""
        self.left = False
        """Whether a request is out that may have been accepted."""
        self.told_result = False
        """Whether the provider has said that the answer is the result."""
        self._journal = journal
        self._rates = rates
        self._halt = halt
        self._slot: Slot | None = None

    async def begin(self) -> None:
        """Write down what is meant: before that, nothing happens."""
        if self._journal is not None:
            self.number = await self._journal.intent(self.order)

    async def turn(self) -> None:
        """Wait for the rate limit; nobody goes on once all is halted."""
        self._halt.check()
        self._slot = await self._rates.turn(self.order.model, self.order.images)

    async def sending(self, body: str) -> None:
        """Write down that the first byte leaves now, unless all is halted. A cancellation before it did is written
        down, too: then nothing is out, whatever stands in the journal meanwhile."""
        if self.left:
            raise AssertionError("a request is sent once, and tells its witness once")
        self._halt.check()
        if self._slot is None:  # a provider that does not ask for its turn gets it all the same
            await self.turn()
        if self._journal is not None:
            try:
                await to_the_end(self._journal.sending(self.number, body))
            except asyncio.CancelledError:
                await self._journal.turned_away(self.number, "stopped before its first byte left")
                raise
        self.left = True
        if self._slot is not None:
            self._rates.sent(self._slot)

    async def unseen(self) -> None:
        """Write down that a request is out although the provider has not said so: it may be billed."""
        if not self.left and self._journal is not None:
            await self._journal.sending(self.number, "")
        self.left = True

    async def turned_away(self, why: str, *, after: float | None = None, limited: bool = False) -> None:
        """Write down that the attempt was not accepted, and slow down when a limit was the reason."""
        if self.left and self._journal is not None:
            await self._journal.turned_away(self.number, why)
        self.left = False
        if limited and self._slot is not None:
            self._rates.refused(self._slot, after)
        self.give_back()

    async def result(self, made: int, seed: int | None) -> None:
        """Write down that the host has answered with the result: it is paid, whatever becomes of its pictures."""
        await self.unseen()
        self.told_result = True
        if self._journal is not None:
            await self._journal.result(self.number, made, seed)

    def give_back(self) -> None:
        """Let others have the turn, where nothing was sent."""
        if self._slot is not None:
            self._rates.back(self._slot)
            self._slot = None
