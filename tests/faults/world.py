"""A world: a workspace on a disk that forgets, a host that keeps its own ledger, and processes that come and go.

    world = World(folder, CHAIN)
    world.boot(Machine("power", at=31))    # a run in which a fault strikes
    world.finish()                         # and as many without as it takes; in-doubt calls are resolved
    world.check_finished(undisturbed)

A boot does what `retouch run` does: store, inputs, plan, engine, results, `run.json`. What must hold after each of them
is checked at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner import digest, document, parsing, plan
from runner.artifact import inspect
from runner.clock import Clock
from runner.emulator.options import Options
from runner.engine.buying import Buyer
from runner.engine.call import Caller
from runner.engine.purse import Purse
from runner.engine.rate import Rates
from runner.engine.run import final_images, run_item
from runner.engine.sending import Halt
from runner.errors import OutOfReach
from runner.inputs import Item
from runner.novita.provider import NovitaOptions, NovitaProvider
from runner.operation import Catalogue, Model, Traffic, make_ticket
from runner.operations import OPERATIONS
from runner.records import ItemRecord, Tariff
from runner.schemagen.recipe_schema import recipe_schema
from runner.secrecy import Secret
from runner.store.blobs import Blobs
from runner.store.database import Database
from runner.store.entry import Entry
from runner.store.index import Index
from runner.store.journal import Journal
from runner.store.store import Store
from runner.workspace import Results
from tests.faults.host import ADDRESS, SCHEMAS, Host, Wire
from tests.faults.machine import Crash, Machine
from tests.faults.platter import FaultyDisk, Platter
from tests.pictures import quarters, saved

MODELS = {name: Model(name, name, each["x-retouch"]["path"], each) for name, each in SCHEMAS.items()}
CATALOGUE = Catalogue(MODELS, OPERATIONS)
SHAPE = recipe_schema(SCHEMAS, {verb: each.PARAMS for verb, each in OPERATIONS.items()})
PHOTO = saved(quarters(32, 24))
PRICE = 0.04
ORIGIN = {"provider": "novita", "host": ADDRESS.removeprefix("http://")}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one process ended."""

    record: ItemRecord | None
    """None where it did not come to its end."""
    crashed: bool = False
    words: str = ""
    """What it told of its troubles."""
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def done(self) -> bool:
        """Whether every picture is there, and `run.json`."""
        return self.record is not None and self.record.status == "done"


class _Rows(Database):
    """The index, whose writes are acts. They are durable."""

    def __init__(self, file: Path, machine: Machine) -> None:
        self._machine = machine
        super().__init__(file)
        self.one("PRAGMA synchronous=OFF", [])

    def write(self, statement: str, values: Sequence[Any]) -> int:
        fault = self._machine.act(f"index {statement.split()[-3]}")
        if self._machine.dead:
            raise Crash
        if fault == "error" or self._machine.full:
            raise OutOfReach("the store cannot be read or written: database or disk is full")
        return super().write(statement, values)


class World:
    """Everything that outlives a process."""

    def __init__(self, folder: Path, recipe: str, *, options: Options | None = None, seed: int = 0) -> None:
        self.host = Host(options or Options(latency=0.0, flat=True), seed)
        self.again: Counter[str] = Counter()
        """Bodies that the user said were to be sent again."""
        self.machines: list[Machine] = []
        self._folder = folder
        self._recipe = parsing.parse(document.load(recipe, "r.yaml"), "r", SHAPE, CATALOGUE)
        self._platter = Platter()
        self._chance = Machine(seed=seed).random
        self._excused: set[str] = set()
        (folder / ".retouch").mkdir()

    # processes

    def boot(self, machine: Machine | None = None) -> Outcome:
        """One run, from its start to its end, whatever that is; then everything that must hold is checked."""
        machine = machine or Machine()
        self.machines.append(machine)
        self.host.now += 1.0
        try:
            outcome = self._process(machine)
        except BaseException:
            if not machine.dead:
                raise
            outcome = Outcome(None, crashed=True)
        if machine.without_power:
            self._platter.lose_power(machine.random)
        self._check(machine, outcome)
        return outcome

    def finish(self, most: int = 30) -> Outcome:
        """Run until all is done. What is in doubt is refused once more first, and then resolved."""
        for _ in range(most):
            outcome = self.boot()
            if outcome.done:
                return outcome
            self.resolve()
        raise AssertionError(f"not done after {most} runs: {outcome.words}")

    def _process(self, machine: Machine) -> Outcome:
        disk = FaultyDisk(self._platter, machine)
        try:
            store = self._opened(disk, machine)
        except OutOfReach as error:
            return Outcome(None, words=error.message)
        try:
            return self._run(store, disk, machine)
        except OutOfReach as error:
            return Outcome(None, words=f"{error.message} ({error.hint})")
        finally:
            with contextlib.suppress(Crash, OutOfReach):
                store.close()

    def _opened(self, disk: FaultyDisk, machine: Machine) -> Store:
        """What Store.open gives, with acts of a machine."""
        state = self._folder / ".retouch"
        rows = _Rows(state / "index.sqlite", machine)
        try:
            journal = Journal(state, disk, self._clock, writing=True)
        except BaseException:
            rows.close()
            raise
        return Store(Blobs(state / "objects", disk), Index(rows), journal, rows)

    @property
    def given_up(self) -> frozenset[str]:
        """Tasks that the host will never give pictures of, though it does not call them failed."""
        return frozenset(each.task_id for each in self.host.bought() if each.fate in {"lost", "empty"})

    @property
    def _clock(self) -> Clock:
        async def sleep(seconds: float) -> None:
            self.host.now += seconds
            await asyncio.sleep(0)

        host = self.host
        return Clock(lambda: host.now, lambda: 1.7e9 + host.now, sleep, self._chance.random)

    def _run(self, store: Store, disk: FaultyDisk, machine: Machine) -> Outcome:
        run = f"run-{len(self.machines)}"
        item = Item("photo", {}, {name: store.keep(PHOTO) for name in self._recipe.images})
        made = plan.make(self._recipe, item, self._recipe.seed or 0, CATALOGUE, lambda path: path.encode())
        results = Results(self._folder / "out", "r", ["photo"], disk)
        options = NovitaOptions(ADDRESS, Secret("the-key-of-a-test"))
        provider = NovitaProvider(
            options, name="novita", realm="paid", clock=self._clock, transport=Wire(self.host, machine)
        )
        rates = Rates(lambda _: None, self._clock, store.journal.sent())
        buyer = Buyer(
            provider,
            store,
            run=run,
            price=lambda _: Tariff(PRICE, "a list"),
            purse=Purse(None),
            rates=rates,
            halt=Halt(rates),
        )
        caller = Caller(buyer, store, concurrency=8)

        async def work() -> ItemRecord:
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # of what dies with the process
            async with asyncio.timeout(30):  # of real time, in which nothing waits: a deadlock fails
                try:
                    return await run_item(made, caller, lambda _: None, lambda: self.host.now)
                finally:
                    await provider.close()

        record = asyncio.run(work())
        for number, step in enumerate(record.steps, 1):
            for candidate, image in step.pictures:
                name = f"steps/{number:02}-{step.step}.{candidate}.{image.extension}"
                results.put(name, store.blobs.get(image.digest))
        for name, image in final_images(made, record).items():
            results.put(f"photo-{name}.{image.extension}", store.blobs.get(image.digest))
        told = {"retouch": "0", "recipe": "r", "items": [{"item": "photo", "status": record.status}]}
        failures = [each.failure for each in record.steps if each.failure]
        words = "; ".join(f"{each.kind}: {each.message} ({each.hint})" for each in failures)
        try:
            results.finish(told, complete=record.status == "done")
            store.journal.told(run)
        except OutOfReach as error:
            return Outcome(None, words=f"{words}; {error.message}")
        return Outcome(record, words=words, traffic=provider.traffic)

    def resolve(self) -> None:
        """Say of each call in doubt what a user would, who has looked at the host's page."""
        machine = Machine()
        store = self._opened(FaultyDisk(self._platter, machine), machine)
        ours = {each.task_id for each in store.journal.everything()}
        for entry in store.journal.open():
            if entry.task_id in self.given_up:
                store.journal.resolve(entry.number, "again")
            if entry.standing != "in doubt":
                continue
            known = [each for each in self.host.bought() if each.body == entry.body and each.task_id not in ours]
            if known and entry.order.model == "task":
                ticket = make_ticket(ORIGIN, "task", known[0].task_id, 1.7e9 + self.host.now)
                store.journal.resolve(entry.number, "adopt", ticket)
                ours.add(known[0].task_id)
            else:
                store.journal.resolve(entry.number, "again")
                self.again[str(entry.body)] += bool(known)
        store.close()

    # what must hold

    def everything(self) -> tuple[Entry, ...]:
        """Our own ledger."""
        machine = Machine()
        journal = Journal(self._folder / ".retouch", FaultyDisk(self._platter, machine), self._clock, writing=False)
        try:
            return journal.everything()
        finally:
            journal.close()

    def pictures(self) -> dict[str, bytes]:
        """The files of the results, but for those that a crash left beside their places."""
        out = self._folder / "out"
        files = [each for each in sorted(out.rglob("*")) if each.is_file() and not each.name.startswith(".")]
        return {each.relative_to(out).as_posix(): each.read_bytes() for each in files if each.name != "run.json"}

    def _check(self, machine: Machine, outcome: Outcome) -> None:
        ours = self.everything()
        bought = self.host.bought()
        self._check_nothing_twice()
        self._check_nothing_lost(ours)
        named = {each.task_id for each in ours}
        for task_id, body in self.host.delivered.items():
            if task_id in named or task_id in self._excused:
                continue
            if next(each.model for each in bought if each.task_id == task_id) == "instant":
                continue  # its answer is the result; no id is told
            doubtful = [each for each in ours if each.body == body and each.standing == "in doubt"]
            assert doubtful, f"task {task_id} was delivered, and the journal knows nothing of it"
            last = machine.struck or ""
            at_the_ticket = last.endswith(" journal") or last == "submit half answered"
            assert outcome.crashed or at_the_ticket, f"task {task_id} was delivered, and its id is lost ({last})"
            assert outcome.crashed or task_id in outcome.words, f"nobody was told of task {task_id}"
            self._excused.add(task_id)  # has to be there at the end
        for place in (self._folder / ".retouch" / "objects").rglob("*"):
            if place.is_file() and not place.name.startswith("."):
                whole = digest.of_bytes(place.read_bytes()) == place.parent.name + place.name
                assert whole, f"the picture {place.name[:8]} in the store is not what its name says"
        for name, data in self.pictures().items():
            assert inspect(data).size == len(data), name

    def _check_nothing_twice(self) -> None:
        accepted = Counter(each.body for each in self.host.bought() if each.fate is None)
        for body, times in accepted.items():
            assert times <= 1 + self.again[body], f"the request {body[:8]} was paid {times} times"

    def _check_nothing_lost(self, ours: Sequence[Entry]) -> None:
        """Each task of the host's ledger is in the journal, or the call that was sent for it is: listed, in doubt."""
        named = {each.task_id for each in ours}
        unnamed = [each for each in ours if each.sent is not None and each.task_id is None]
        sent = Counter(each.body for each in unnamed if each.state not in {"INTENT", "REJECTED"})
        for each in self.host.bought():
            if each.task_id not in named:
                sent[each.body] -= 1
                assert sent[each.body] >= 0, f"the host has accepted {each.task_id}, of which the journal knows nothing"

    def check_finished(self, undisturbed: World) -> None:
        """All is there, to the byte; both ledgers say the same; another run sends nothing."""
        assert self.pictures() == undisturbed.pictures()
        ours, bought = self.everything(), self.host.bought()
        assert all(each.standing in {"over", "never sent"} for each in ours)
        tasks = {each.task_id for each in bought if each.model == "task"}
        assert {each.task_id for each in ours if each.task_id} == tasks
        paid = sum(each.images for each in bought) * PRICE
        spent, at_stake = sum(each.spent for each in ours), sum(each.at_stake for each in ours)
        if self.again.total():  # what the user has sent again may have been paid before: that much is at stake
            assert round(spent, 6) <= round(paid, 6) <= round(spent + at_stake, 6)
        else:
            assert round(spent, 6) == round(paid, 6)
        before = self.host.ledger(), Counter(self.host.asked), self.pictures()
        assert self.boot().done
        assert (self.host.ledger(), Counter(self.host.asked), self.pictures()) == before
