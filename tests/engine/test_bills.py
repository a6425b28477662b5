"""What a run tells of its cost, and what it may spend: also when the host, the disk or another provider is odd."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import Callable, Mapping, Sequence
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from runner.disk import Disk
from runner.engine.run import run_item
from runner.errors import CallFailed
from runner.operation import Call, Collected, Finished, Ticket, make_ticket, unheard
from runner.records import Event, ItemRecord
from runner.store.store import Store
from tests.fakes import FakeProvider, caller_of, frozen, planned

ONE = """
recipe: 1
inputs: {photo: {type: image}}
model: paint
seed: 1
steps:
  - {name: one, prompt: first}
"""
THREE = (
    ONE
    + """  - {name: two, prompt: second, from: photo}
  - {name: three, prompt: third, from: photo}
"""
)


def run(
    store: Store, provider: FakeProvider, text: str = ONE, *, name: str = "run-1", limit: str | None = None
) -> ItemRecord:
    async def whole() -> ItemRecord:
        return await run_item(planned(text, store), caller_of(provider, store, run=name, limit=limit), hear, time)

    return asyncio.run(whole())


def hear(_: Event) -> None:
    """Nobody listens."""


def time() -> float:
    """A clock that stands still."""
    return 0.0


def failures(record: ItemRecord) -> list[tuple[str, str]]:
    return [(each.step, each.kind) for each in record.failures]


@pytest.fixture
def open_store(tmp_path: Path) -> Callable[[], contextlib.closing[Store]]:
    """Opens the store of this test, as each process does anew."""
    return lambda: contextlib.closing(Store.open(tmp_path, frozen()))


def cut_off(store: Store, when: str, **host: Any) -> None:
    """A run that dies when its first task is `sent`, or when it is `bought`."""

    def crash(_: object) -> None:
        raise KeyboardInterrupt

    provider = FakeProvider(refuse=crash, **host) if when == "sent" else FakeProvider(lose=crash, **host)
    with pytest.raises(KeyboardInterrupt):
        run(store, provider, name="dead")


OpenStore = Callable[[], "contextlib.closing[Store]"]


@pytest.mark.parametrize(
    ("sold", "asked", "seller", "how"),
    [
        ({"name": "sister"}, {}, "sister at fake.example", "--provider sister"),
        ({"host": "api.sister.example"}, {}, "fake at api.sister.example", "the base URL of api.sister.example"),
        ({"host": "fake.example:8443"}, {}, "fake at fake.example:8443", "the base URL of fake.example:8443"),
        ({"host": "127.0.0.1:8"}, {"host": "127.0.0.1:9"}, "fake at 127.0.0.1:8", "the base URL of 127.0.0.1:8"),
    ],
)
def test_a_task_is_asked_for_where_it_was_bought_and_nowhere_else(
    open_store: OpenStore, sold: Mapping[str, Any], asked: Mapping[str, Any], seller: str, how: str
) -> None:
    """What another host says of it means nothing; above all not that it does not exist."""

    def never_heard_of_it(_: Ticket) -> None:
        raise CallFailed("failed", "no such task")

    with open_store() as store:
        cut_off(store, "bought", **sold)
    with open_store() as store:
        elsewhere = FakeProvider(lose=never_heard_of_it, **asked)
        record = run(store, elsewhere, name="run-2")
        assert failures(record) == [("one", "network")]
        assert seller in record.failures[0].message
        assert how in str(record.failures[0].hint)
        assert "will not be bought twice" in str(record.failures[0].hint)
        assert (elsewhere.started, elsewhere.collected) == ([], [])
        assert run(store, FakeProvider(**sold), name="run-3").status == "done"


def test_an_adopted_task_that_failed_leaves_the_call_in_doubt(open_store: OpenStore) -> None:
    """Only the user has said that it was ours; nothing is sent on that."""

    def no(_: Ticket) -> None:
        raise CallFailed("failed", "it failed")

    with open_store() as store:
        cut_off(store, "sent")
    with open_store() as store:
        (entry,) = store.journal.open()
        adopted = make_ticket(entry.order.origin, "paint", "another's", 0.0)
        store.journal.resolve(1, "adopt", {**adopted, "label": "one", "request": {}})
        assert failures(run(store, FakeProvider(lose=no), name="run-2")) == [("one", "in-doubt")]
        again = FakeProvider()
        assert failures(run(store, again, name="run-3")) == [("one", "in-doubt")]
        assert again.started == []


@pytest.mark.parametrize("text", [THREE, THREE.replace(", from: photo", "")], ids=["side by side", "a chain"])
def test_what_an_earlier_run_bought_counts_against_the_limit(open_store: OpenStore, text: str) -> None:
    """It is on this run's bill, whenever it is fetched: of three calls at 0.50 the limit allows two."""
    with open_store() as store:
        cut_off(store, "bought")
    with open_store() as store:
        provider = FakeProvider()
        record = run(store, provider, text, name="run-2", limit="1")
        assert len(provider.started) == 1
        assert sum(step.price for step in record.steps) == 1.0
        assert [kind for _, kind in failures(record)] == ["budget"]


def test_nothing_new_is_bought_for_a_step_that_cannot_be_done(open_store: OpenStore) -> None:
    """One of three candidates is in doubt: the others wait for the user's word."""
    text = ONE.replace("first}", "first, candidates: 3}")

    class DiesAtOnce(FakeProvider):
        """Sends one request, and dies."""

        async def start(self, call: Call) -> Ticket | Collected:
            await call.witness.turn()
            await call.witness.sending("0" * 64)
            raise KeyboardInterrupt

    with open_store() as store, pytest.raises(KeyboardInterrupt):
        run(store, DiesAtOnce(), text, name="dead")
    with open_store() as store:
        begun = len(store.journal.open())
        provider = FakeProvider()
        record = run(store, provider, text, name="run-2")
        assert (failures(record), provider.started) == ([("one", "in-doubt")], [])
        for entry in store.journal.open():
            store.journal.resolve(entry.number, "again")
        assert run(store, provider, text, name="run-3").status == "done"
        assert len(provider.started) == 3
        assert begun >= 1


def test_a_picture_that_is_listed_is_paid_whether_or_not_it_can_be_had(open_store: OpenStore) -> None:
    """The host lists three; two of them have an address."""

    class Lists(FakeProvider):
        """Lists more than it gives."""

        async def collect(self, ticket: Ticket, finished: Finished = unheard) -> Collected:
            await finished(3, None)
            return await super().collect(ticket)

    text = ONE.replace("first}", "first, settings: {num_images: 3}}")
    with open_store() as store:
        (step,) = run(store, Lists(makes=2), text).steps
        assert step.price == 1.5
        assert [each.cost for each in store.journal.everything()] == [1.5]


def test_a_provider_that_gives_nothing_has_not_ended_the_call(open_store: OpenStore) -> None:
    """The task is kept: the next run asks again."""

    class Empty(FakeProvider):
        """Gives no picture at first."""

        async def collect(self, ticket: Ticket, finished: Finished = unheard) -> Collected:
            return Collected((), None) if not self.collected and not self.broken else await super().collect(ticket)

    with open_store() as store:
        assert failures(run(store, Empty())) == [("one", "network")]
        again = FakeProvider()
        assert run(store, again, name="run-2").status == "done"
        assert again.started == []


def test_a_ticket_that_json_cannot_hold_keeps_its_task(open_store: OpenStore) -> None:
    class Odd(FakeProvider):
        """Gives a ticket with what cannot be written down."""

        async def start(self, call: Call) -> Ticket | Collected:
            given = await super().start(call)
            assert not isinstance(given, Collected)
            return {**given, "started": float("nan")}

    with open_store() as store:
        with contextlib.suppress(KeyError):  # the fake itself needs the rest of its ticket
            run(store, Odd())
        (entry,) = store.journal.open()
        assert entry.standing == "pending"
        assert str(entry.task_id).endswith("-1")


class _Failing(Disk):
    """Fails to write one kind of record."""

    def __init__(self, kind: bytes) -> None:
        self._kind = kind

    def write_at(self, file: BinaryIO | FileIO, offset: int, data: bytes) -> None:
        if self._kind in data:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().write_at(file, offset, data)


@pytest.mark.parametrize(
    ("kind", "told"), [(b'"STORED"', [(0.5, 0.0)]), (b'"ACCEPTED"', [(0.0, 0.5)]), (b'"DONE"', [(0.5, 0.0)])]
)
def test_a_record_that_could_not_be_written_takes_nothing_off_the_bill(
    tmp_path: Path, kind: bytes, told: Sequence[tuple[float, float]]
) -> None:
    with contextlib.closing(Store.open(tmp_path, frozen(), disk=_Failing(kind))) as store:
        record = run(store, FakeProvider())
    assert failures(record) == [("one", "disk")]
    assert [(each.usd, each.at_stake) for each in record.steps[0].charges] == list(told)
