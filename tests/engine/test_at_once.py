"""The engine with a provider that answers with the pictures themselves: bought once, billed once, never lost unseen."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner import document, parsing, plan
from runner.engine.call import Caller
from runner.engine.run import run_item
from runner.inputs import Item
from runner.operation import Call, Collected, PaidInVain, Ticket
from runner.plan import Plan
from runner.records import Event, ItemRecord, SentAgain, TaskAccepted
from runner.store.store import Store
from tests.fakes import CATALOGUE, SHAPE, FakeProvider, failing, png

CHAIN = """
recipe: 1
inputs: {photo: {type: image}}
model: paint
seed: 1
steps:
  - {name: one, prompt: first}
  - {name: two, prompt: second}
"""
BOTH = ("one", "two")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / ".retouch")
    yield opened
    opened.close()


def planned(text: str, store: Store) -> Plan:
    checked = parsing.parse(document.load(text, "r.yaml"), "r", SHAPE, CATALOGUE)
    item = Item("photo", {}, {name: store.keep(png((9, 9, 9))) for name in checked.images})
    return plan.make(checked, item, checked.seed or 0, CATALOGUE, lambda path: path.encode())


async def work(
    provider: FakeProvider, store: Store, heard: list[Event], run: str, concurrency: int, text: str
) -> ItemRecord:
    caller = Caller(provider, store, run=run, price=lambda _: 0.5, concurrency=concurrency)
    return await run_item(planned(text, store), caller, heard.append, lambda: 0.0)


def run(
    provider: FakeProvider,
    store: Store,
    heard: list[Event] | None = None,
    run: str = "run-1",
    concurrency: int = 8,
    text: str = CHAIN,
) -> ItemRecord:
    return asyncio.run(work(provider, store, [] if heard is None else heard, run, concurrency, text))


def rows(folder: Path) -> list[tuple[str, str]]:
    """Label and state of every paid call in the journal, in order."""
    with sqlite3.connect(folder / ".retouch" / "index.sqlite") as database:
        return list(database.execute("SELECT label, state FROM journal ORDER BY number"))


def test_pictures_that_come_at_once_are_stored_and_billed_once(store: Store, tmp_path: Path) -> None:
    heard: list[Event] = []
    provider = FakeProvider(at_once=BOTH)
    record = run(provider, store, heard)
    assert [step.status for step in record.steps] == ["done", "done"]
    assert [step.price for step in record.steps] == [0.5, 0.5]
    assert [each.step for each in heard if isinstance(each, TaskAccepted)] == ["one", "two"]
    assert provider.collected == []
    assert rows(tmp_path) == [("one", "DONE"), ("two", "DONE")]

    again = FakeProvider(at_once=BOTH)
    assert [step.price for step in run(again, store, run="run-2").steps] == [0.0, 0.0]
    assert again.started == []


def test_the_limit_of_calls_counts_those_that_are_answered_at_once(store: Store) -> None:
    six = tuple(f"one {number}/6" for number in range(1, 7))
    pair = asyncio.Barrier(2)
    provider = FakeProvider(at_once=six, meetings=dict.fromkeys(six, pair))
    run(provider, store, concurrency=2, text=CHAIN.replace("first}", "first, candidates: 6}"))
    assert provider.most_running == 2


def test_a_refused_call_closes_its_row(store: Store, tmp_path: Path) -> None:
    provider = FakeProvider(at_once=BOTH, refuse=failing("rejected", "one"))
    assert [step.price for step in run(provider, store).steps] == [0.0, 0.0]
    assert rows(tmp_path) == [("one", "REJECTED")]


def test_a_paid_answer_without_pictures_is_billed_and_the_next_run_warns(store: Store, tmp_path: Path) -> None:
    """It cost money, so the run says so; it is sent again only with a word about it."""

    def lose(call: Call) -> None:
        raise PaidInVain("the pictures cannot be had")

    record = run(FakeProvider(at_once=BOTH, refuse=lose), store)
    assert [(each.step, each.kind) for each in record.failures] == [("one", "in-doubt")]
    assert [step.price for step in record.steps] == [0.5, 0.0]
    assert rows(tmp_path) == [("one", "INTENT")]
    heard: list[Event] = []
    second = run(FakeProvider(at_once=BOTH), store, heard, run="run-2")
    assert [each.step for each in heard if isinstance(each, SentAgain)] == ["one"]
    assert [step.price for step in second.steps] == [0.5, 0.5]


def test_a_call_cut_off_before_its_pictures_are_stored_is_never_sent_again_silently(store: Store) -> None:
    """kill -9 between answer and store: nothing tells whether it was paid, and the next run says so."""

    def crash(_: Call) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(FakeProvider(at_once=BOTH, refuse=crash), store)
    heard: list[Event] = []
    run(FakeProvider(at_once=BOTH), store, heard)
    assert [each.step for each in heard if isinstance(each, SentAgain)] == ["one"]


def test_an_answer_that_is_no_picture_fails_the_step_and_the_next_run_warns(store: Store, tmp_path: Path) -> None:
    record = run(FakeProvider(at_once=BOTH, broken=["one"]), store)
    assert [(each.step, each.kind) for each in record.failures] == [("one", "image")]
    assert [step.price for step in record.steps] == [0.5, 0.0]
    assert rows(tmp_path) == [("one", "INTENT")]


def test_an_interrupted_run_keeps_the_pictures_that_were_under_way(store: Store, tmp_path: Path) -> None:
    """The provider hands on what arrives after Ctrl-C; it is stored although the run has been cancelled."""

    class Shielding(FakeProvider):
        """Answers one call while its caller is being cancelled, as a shielded request does."""

        async def start(self, call: Call) -> Ticket | Collected:
            answer = await super().start(call)
            task = asyncio.current_task()
            assert task is not None
            whole.cancel()
            while not task.cancelling():
                try:
                    await asyncio.sleep(0)
                except asyncio.CancelledError:
                    break
            task.uncancel()
            task.cancel()
            return answer

    whole: asyncio.Task[ItemRecord]

    async def scene() -> None:
        nonlocal whole
        whole = asyncio.create_task(work(Shielding(at_once=BOTH), store, [], "run-1", 8, CHAIN))
        with pytest.raises(asyncio.CancelledError):
            await whole

    asyncio.run(scene())
    assert rows(tmp_path) == [("one", "DONE")]
    provider = FakeProvider(at_once=BOTH)
    assert [step.status for step in run(provider, store, run="run-2").steps] == ["done", "done"]
    assert [call.label for call in provider.started] == ["two"]


def test_a_rehearsal_leaves_no_rows(store: Store, tmp_path: Path) -> None:
    assert run(FakeProvider(at_once=BOTH, realm="rehearsal"), store).status == "done"
    assert rows(tmp_path) == []
