"""One paid request: what was bought before is fetched, what nobody can tell is left alone, and only else is it bought.

The order of durable acts is what keeps money safe. INTENT is on disk before anything happens, SENDING before the first
byte leaves, the ticket before the first question, the pictures in the store before STORED, and what the request gave
is known by its fingerprint before DONE. Whatever comes between two of them, the next run knows where to go on.

A call costs what it made: every picture that the provider lists, one at least, whatever was asked for. Where it ended
without pictures, what was asked for counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from runner.artifact import Artifact
from runner.digest import canonical
from runner.engine.purse import Purse, Reservation, dollars
from runner.engine.rate import Rates
from runner.engine.sending import Halt, Sending, to_the_end
from runner.errors import BadImage, CallFailed, Damaged, OutOfReach
from runner.operation import Call, Collected, Model, PaidInVain, Provider, Ticket
from runner.records import Charge, Price
from runner.store.entry import Entry, Order, Standing
from runner.store.index import Result
from runner.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One paid request, resolved, and where in a recipe it stands."""

    fingerprint: str
    model: Model
    request: Mapping[str, Any]
    images: Sequence[Artifact]
    recipe: str
    item: str
    label: str
    """The step and, where it has several calls, which of them."""


@dataclass(frozen=True, slots=True)
class Hear:
    """What a step hears of one of its paid calls."""

    accepted: Callable[[], None]
    """The provider has accepted the call, in this run or in one before that never told its price."""
    charged: Callable[[Charge], None]
    """Told once for each call: at its end in this run; or now, for what a run before never told."""
    lost: Callable[[Sequence[str]], None]
    """Some pictures of a call could not be had, though others were: why, a clause for each."""
    more: Callable[[int, int], None]
    """A call asked for so many pictures at most, and the host made so many: more."""


class Buyer:
    """Buys each request once, whatever happened before."""

    def __init__(
        self,
        provider: Provider,
        store: Store,
        *,
        run: str,
        price: Price,
        purse: Purse,
        rates: Rates,
        halt: Halt,
    ) -> None:
        """`run` is the run's name, for the journal."""
        self._provider = provider
        self._store = store
        self._journal = store.journal
        self._run = run
        self._price = price
        self._purse = purse
        self._rates = rates
        self._halt = halt
        # tasks of the emulator in this process end with it, so nothing of them is worth writing down
        self._journaled = provider.realm != "rehearsal"
        self._charged: set[int] = set()
        """Numbers of the calls that are on the bill."""

    @property
    def realm(self) -> str:
        """The realm of the provider."""
        return self._provider.realm

    def has_to_settle(self, fingerprint: str) -> bool:
        """Whether a call for this request lacks nothing but its end: its pictures may be known already."""
        entry = self._journal.under_way(fingerprint) if self._journaled else None
        return entry is not None and entry.state == "STORED"

    def standing(self, fingerprint: str) -> Standing | None:
        """How the last call for this request stands; None when there is none that is not over."""
        entry = self._journal.under_way(fingerprint) if self._journaled else None
        return None if entry is None else entry.standing

    async def tell_what_is_owed(self, fingerprint: str, hear: Hear) -> None:
        """Tell what runs before this one paid for a request and, cut off, never told."""
        if self._journaled and (owed := await self._journal.untold(fingerprint, self._run)):
            for entry in owed:
                self._charge(entry, hear)

    async def buy(self, wanted: Wanted, hear: Hear) -> Result:
        """What the request gives. Raises CallFailed, BadImage, Damaged, OutOfReach."""
        entry = self._journal.under_way(wanted.fingerprint) if self._journaled else None
        try:
            if entry is None or entry.standing == "never sent":
                return await self._bought(wanted, hear)
            return await self._adopted(entry, hear)
        except OutOfReach as error:
            self._halt.refuse(error)
            raise

    # buying

    async def _bought(self, wanted: Wanted, hear: Hear) -> Result:
        """Send the request, once, and wait for what it gives."""
        self._halt.check()
        order = self._order(wanted)
        reservation = self._purse.reserve(dollars(order.price))
        sending = Sending(order, self._journal if self._journaled else None, self._rates, self._halt)
        try:
            answer = await self._answer(sending, wanted, hear, reservation)
        except BaseException:
            if not sending.left:
                self._purse.release(reservation)  # a call in doubt keeps it: it may be billed
            raise
        finally:
            sending.give_back()
        if isinstance(answer, Collected):
            return await to_the_end(self._at_once(sending, answer, hear, reservation))
        entry = await to_the_end(self._accepted(sending, answer, hear))
        return await self._collected(entry, hear, reservation)

    def _order(self, wanted: Wanted) -> Order:
        tariff, count = self._price(wanted.model.name), wanted.model.layout.count(wanted.request)
        return Order(
            fingerprint=wanted.fingerprint,
            model=wanted.model.name,
            images=count,
            price=float(dollars(tariff.usd * count)),
            by=tariff.by,
            run=self._run,
            recipe=wanted.recipe,
            item=wanted.item,
            step=wanted.label,
            origin=self._provider.origin,
        )

    async def _answer(
        self, sending: Sending, wanted: Wanted, hear: Hear, reservation: Reservation
    ) -> Ticket | Collected:
        """What the provider says to the request; each step of it is on disk before the next."""
        images = await asyncio.to_thread(lambda: tuple(self._store.blobs.get(each.digest) for each in wanted.images))
        await sending.begin()
        call = Call(wanted.model, wanted.request, images, wanted.label, sending)
        try:
            answer = await self._provider.start(call)
        except CallFailed as error:
            raise await to_the_end(self._refused(sending, error, hear, reservation)) from None
        if not sending.left:
            await sending.unseen()
            await self._written(sending.number, answer)
            raise AssertionError(f"the provider {self._provider.name} has sent a request without telling its witness")
        return answer

    async def _at_once(self, sending: Sending, answer: Collected, hear: Hear, reservation: Reservation) -> Result:
        """What an answer gives that is the result itself."""
        if self._journaled and not sending.told_result:
            await self._written(sending.number, answer)
        try:
            return await self._settled(self._entry(sending, None), answer, hear, reservation)
        finally:
            hear.accepted()

    async def _accepted(self, sending: Sending, ticket: Ticket, hear: Hear) -> Entry:
        """Write down the ticket of a yes. Raises CallFailed when it names a task that is another call's."""
        number, task = sending.number, ticket.get("task_id")
        holder = self._journal.holder(str(ticket.get("host")), str(task)) if self._journaled else None
        if holder is not None:
            words = f"the host answered with task {task}, which it gave for call {holder} before"
            await self._journal.doubted(number, words)
            self._charge(self._journal[number], hear)
            raise _doubtful(number, f"{words}; whether this request was accepted is not known")
        try:
            await self._written(number, _plain(ticket, self._provider.origin))
        except OutOfReach as error:
            self._charge(self._journal[number], hear)
            hint = f"adopt it later: `retouch journal resolve {number} adopt {task}`"
            raise OutOfReach(f"{error.message}; the accepted task is {task}", hint=hint) from None
        hear.accepted()
        return self._entry(sending, ticket)

    async def _written(self, number: int, answer: Ticket | Collected) -> None:
        """Write down a yes."""
        if not self._journaled:
            return
        if isinstance(answer, Collected):
            await self._journal.result(number, len(answer.images) + len(answer.lost), answer.seed)
        else:
            await self._journal.accepted(number, answer)

    def _entry(self, sending: Sending, ticket: Ticket | None) -> Entry:
        """What the journal knows of a call; in a rehearsal, as much as is needed to go on."""
        return self._journal[sending.number] if self._journaled else Entry(0, sending.order, 0.0, ticket=ticket)

    async def _refused(self, sending: Sending, error: CallFailed, hear: Hear, reservation: Reservation) -> CallFailed:
        """Write down why a request has no answer that could be used; what is told of it."""
        if error.kind == "access":
            self._halt.refuse(error)
        if not self._journaled:
            return error
        number = sending.number
        paid = isinstance(error, PaidInVain) or sending.told_result
        if error.kind != "in-doubt" and not paid:
            await self._journal.rejected(number, error.message)
            sending.left = False
            return error
        try:
            await sending.unseen()
            if paid and not sending.told_result:
                await self._journal.result(number, sending.order.images, None)
            await self._journal.doubted(number, error.message)
        finally:
            self._charge(self._journal[number], hear, reservation if paid else None)
        if paid:
            hear.accepted()
        return _doubtful(number, error.message)

    # fetching

    async def _adopted(self, entry: Entry, hear: Hear) -> Result:
        """What an earlier run bought. Nothing is sent for it."""
        match entry.standing:
            case "skipped":
                raise CallFailed(
                    "skipped",
                    f"left out, as was decided for call {entry.number}",
                    hint=f"`retouch journal resolve {entry.number} again` has it sent after all",
                )
            case "in doubt":
                cut = "before its pictures were stored; it is paid" if entry.made else "before an answer came"
                why = entry.why or f"the run that sent it was cut off {cut}"
                raise _doubtful(entry.number, f"sent before, on {_moment(entry.sent or entry.at)}: {why}")
        self._check_seller(entry)
        reservation = None if entry.told else self._purse.set_aside(dollars(entry.spent))  # before others reserve
        if not entry.told and entry.biller != self._run:
            await self._journal.taken(entry.number, self._run)
            hear.accepted()
        if entry.state == "STORED" and (known := await asyncio.to_thread(self._known, entry)) is not None:
            return await to_the_end(self._closed(entry, known, hear, reservation))
        if entry.ticket is None:
            words = "it is paid, and its pictures are gone from the store"
            await self._journal.doubted(entry.number, words)
            self._charge(self._latest(entry), hear, reservation)
            raise _doubtful(entry.number, words)
        return await self._collected(entry, hear, reservation)

    def _check_seller(self, entry: Entry) -> None:
        """Refuse to ask for a task where it was not bought: a "no such task" from there would mean nothing."""
        ticket, here = entry.ticket or {}, self._provider.origin
        sold = {key: str(ticket[key]) for key in ("provider", "host") if ticket.get(key) is not None}
        if any(here.get(key) != each for key, each in sold.items()):
            seller, asked = (
                " at ".join(each[key] for key in ("provider", "host") if key in each) for each in (sold, here)
            )
            other = sold.get("provider") not in {None, here.get("provider")}
            how = f"--provider {sold['provider']}" if other else f"the base URL of {sold.get('host')}"
            hint = f"run the same command again with {how}; the task is kept and will not be bought twice"
            raise CallFailed("network", f"this step's task was bought from {seller}; {asked} cannot know it", hint=hint)

    def _known(self, entry: Entry) -> Result | None:
        """The pictures that an earlier run stored, if all of them are still there."""
        try:
            return Result(tuple(self._store.look(each) for each in entry.stored), entry.seed)
        except (Damaged, BadImage):
            return None

    async def _collected(self, entry: Entry, hear: Hear, reservation: Reservation | None) -> Result:
        """Wait for the task, fetch what it made, and keep it."""
        assert entry.ticket is not None

        async def finished(made: int, seed: int | None) -> None:
            if self._journaled:
                await self._journal.result(entry.number, made, seed)

        try:
            collected = await self._provider.collect(entry.ticket, finished)
        except CallFailed as error:
            if error.kind == "access":
                self._halt.refuse(error)
            last_word = self._journaled and error.kind in {"failed", "moderated"}
            if last_word and self._journal[entry.number].adopted:  # nobody but the user says that this task is ours
                words = f"the adopted task {entry.task_id} has failed: {error.message}"
                await to_the_end(self._journal.doubted(entry.number, words))
                self._charge(self._journal[entry.number], hear, reservation)
                raise _doubtful(entry.number, words) from None
            if last_word:
                self._charge(replace(self._journal[entry.number], state="FAILED"), hear, reservation)
                await to_the_end(self._journal.failed(entry.number, error.message))
                raise
            self._charge(self._latest(entry), hear, reservation)
            raise self._kept_back(entry, error) from None
        except BaseException:
            self._charge(self._latest(entry), hear, reservation)
            raise
        return await to_the_end(self._settled(entry, collected, hear, reservation))

    def _kept_back(self, entry: Entry, error: CallFailed) -> CallFailed:
        """A failure that leaves the task to a later run, with the way to give it up."""
        if not self._journaled:
            return error
        resolve = f"retouch journal resolve {entry.number}"
        advice = f"`{resolve} again --yes` gives the task up and buys it anew"
        if self._latest(entry).adopted:
            advice = f"is the id copied right? `{resolve} adopt TASK_ID` names another"
        return CallFailed(error.kind, error.message, hint=f"{error.hint}; {advice}" if error.hint else advice)

    def _latest(self, entry: Entry) -> Entry:
        return self._journal[entry.number] if self._journaled else entry

    async def _settled(self, entry: Entry, collected: Collected, hear: Hear, reservation: Reservation | None) -> Result:
        """The result, stored and known; then the call is over. Tells what it cost, and what is lost."""
        entry = self._latest(entry)
        made, asked = max(len(collected.images) + len(collected.lost), entry.made or 0), entry.order.images
        entry = replace(entry, made=made, seed=collected.seed)
        lost = list(collected.lost)
        try:
            if not collected.images:
                raise CallFailed("network", f"{self._provider.name} gave none of the pictures that it made")
            result = Result(tuple(await self._kept(collected.images, lost)), collected.seed)
            if self._journaled:
                if self._journal[entry.number].made is None:  # a provider that never told that it had finished
                    await self._journal.result(entry.number, made, collected.seed)
                await self._journal.stored(entry.number, [image.digest for image in result.images])
        except BaseException:
            self._charge(entry, hear, reservation)
            raise
        result = await self._closed(entry, result, hear, reservation)
        if lost:
            hear.lost(lost)
        if made > asked > 0:
            hear.more(asked, made)
        return result

    async def _closed(self, entry: Entry, result: Result, hear: Hear, reservation: Reservation | None) -> Result:
        made = max(1, entry.made or 0)
        cost = float(dollars(entry.order.price / (entry.order.images or made) * made))
        self._charge(replace(entry, state="DONE", cost=cost), hear, reservation)
        self._store.index.record(entry.order.fingerprint, result)
        if self._journaled:
            await self._journal.done(entry.number, cost)
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

    def _charge(self, entry: Entry, hear: Hear, reservation: Reservation | None = None) -> None:
        """Put a call on the bill of this run, unless the bill of another one has told it."""
        if reservation is not None:
            self._purse.settle(reservation, dollars(entry.spent))
        if entry.told or entry.number in self._charged:
            return
        if self._journaled:
            self._charged.add(entry.number)
        if reservation is None:
            self._purse.charge(dollars(entry.spent))
        outcome = {"DONE": "done", "FAILED": "failed"}.get(entry.state, entry.standing)
        order = entry.order
        hear.charged(
            Charge(entry.number, order.step, order.model, entry.spent, entry.at_stake, order.by, entry.task_id, outcome)
        )


def _doubtful(number: int, why: str) -> CallFailed:
    return CallFailed(
        "in-doubt",
        why,
        hint=f"look at the host's usage page, then decide with `retouch journal resolve {number}`: skip, again, or "
        "adopt TASK_ID",
    )


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _plain(ticket: Ticket, origin: Mapping[str, str]) -> Ticket:
    """A ticket that can be written down; of one that JSON cannot hold, as much as finds the task again."""
    try:
        canonical(dict(ticket))
    except (TypeError, ValueError):
        return {**origin, "task_id": str(ticket.get("task_id"))}
    return ticket
