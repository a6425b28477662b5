"""The engine with a provider that answers with the pictures themselves: bought once, billed once, never lost unseen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from runner.engine.run import run_item
from runner.engine.step import told
from runner.operation import Call, Collected, Model, PaidInVain, Ticket
from runner.records import Event, ItemRecord, MoreThanAsked, PicturesLost, TaskAccepted
from runner.store.store import Store
from tests.fakes import FakeProvider, caller_of, failing, frozen, planned

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
    opened = Store.open(tmp_path / ".retouch", frozen())
    yield opened
    opened.close()


async def work(
    provider: FakeProvider, store: Store, heard: list[Event], run: str, concurrency: int, text: str
) -> ItemRecord:
    caller = caller_of(provider, store, run=run, concurrency=concurrency)
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


def rows(store: Store) -> list[tuple[str, str]]:
    """Step and state of every paid call in the journal, in order."""
    return [(each.order.step, each.state) for each in store.journal.everything()]


def refused(provider: FakeProvider, record: ItemRecord) -> bool:
    """Whether a run sent nothing for its first step, because a call for it is in doubt."""
    return provider.started == [] and [(each.step, each.kind) for each in record.failures] == [("one", "in-doubt")]


def test_pictures_that_come_at_once_are_stored_and_billed_once(store: Store) -> None:
    heard: list[Event] = []
    provider = FakeProvider(at_once=BOTH)
    record = run(provider, store, heard)
    assert [step.status for step in record.steps] == ["done", "done"]
    assert [step.price for step in record.steps] == [0.5, 0.5]
    assert [each.step for each in heard if isinstance(each, TaskAccepted)] == ["one", "two"]
    assert provider.collected == []
    assert rows(store) == [("one", "DONE"), ("two", "DONE")]

    store.journal.told("run-1")
    again = FakeProvider(at_once=BOTH)
    assert [step.price for step in run(again, store, run="run-2").steps] == [0.0, 0.0]
    assert again.started == []


def test_the_limit_of_calls_counts_those_that_are_answered_at_once(store: Store) -> None:
    six = tuple(f"one {number}/6" for number in range(1, 7))
    pair = asyncio.Barrier(2)
    provider = FakeProvider(at_once=six, meetings=dict.fromkeys(six, pair))
    run(provider, store, concurrency=2, text=CHAIN.replace("first}", "first, candidates: 6}"))
    assert provider.most_running == 2


def test_a_refused_call_closes_its_row(store: Store) -> None:
    provider = FakeProvider(at_once=BOTH, refuse=failing("rejected", "one"))
    assert [step.price for step in run(provider, store).steps] == [0.0, 0.0]
    assert rows(store) == [("one", "REJECTED")]


def test_a_paid_answer_without_pictures_is_billed_and_never_sent_again_by_itself(store: Store) -> None:
    """It cost money, so the run says so; only the user may have it sent again."""

    def lose(call: Call) -> None:
        raise PaidInVain("the pictures cannot be had")

    record = run(FakeProvider(at_once=BOTH, refuse=lose), store)
    assert [(each.step, each.kind) for each in record.failures] == [("one", "in-doubt")]
    assert [step.price for step in record.steps] == [0.5, 0.0]
    assert rows(store) == [("one", "DOUBT")]
    store.journal.told("run-1")
    provider = FakeProvider(at_once=BOTH)
    assert refused(provider, run(provider, store, run="run-2"))
    store.journal.resolve(1, "again")
    assert [step.price for step in run(provider, store, run="run-3").steps] == [0.5, 0.5]


def test_a_call_cut_off_before_its_pictures_are_stored_is_never_sent_again_by_itself(store: Store) -> None:
    """kill -9 between answer and store: nothing tells whether it was paid."""

    def crash(_: Call) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(FakeProvider(at_once=BOTH, refuse=crash), store)
    assert rows(store) == [("one", "SENDING")]
    provider = FakeProvider(at_once=BOTH)
    assert refused(provider, run(provider, store))


def test_an_answer_that_is_no_picture_fails_the_step_and_is_in_doubt_from_then_on(store: Store) -> None:
    record = run(FakeProvider(at_once=BOTH, broken=["one"]), store)
    assert [(each.step, each.kind) for each in record.failures] == [("one", "image")]
    assert [step.price for step in record.steps] == [0.5, 0.0]
    assert rows(store) == [("one", "RESULT")]
    provider = FakeProvider(at_once=BOTH)
    assert refused(provider, run(provider, store))


def test_an_interrupted_run_keeps_the_pictures_that_were_under_way(tmp_path: Path) -> None:
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

    with contextlib.closing(Store.open(tmp_path, frozen())) as store:
        asyncio.run(scene())
        assert rows(store) == [("one", "DONE")]
    with contextlib.closing(Store.open(tmp_path, frozen())) as store:
        provider = FakeProvider(at_once=BOTH)
        second = run(provider, store, run="run-2")
        assert [step.status for step in second.steps] == ["done", "done"]
        assert [call.label for call in provider.started] == ["two"]
        assert [step.price for step in second.steps] == [0.5, 0.5], "the interrupted run told no price"
        store.journal.told("run-2")
        assert [step.price for step in run(FakeProvider(at_once=BOTH), store, run="run-3").steps] == [0.0, 0.0]


def test_a_run_that_ends_after_the_yes_leaves_word_of_what_it_paid(store: Store) -> None:
    """Cut off between the host's yes and the pictures: it is in doubt no more that it was paid."""

    class CutOff(FakeProvider):
        """Dies when the host has said yes."""

        async def start(self, call: Call) -> Ticket | Collected:
            await call.witness.turn()
            await call.witness.sending("0" * 64)
            await call.witness.result(1, None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(CutOff(at_once=BOTH), store)
    assert rows(store) == [("one", "RESULT")]
    provider = FakeProvider(at_once=BOTH)
    record = run(provider, store, run="run-2")
    assert refused(provider, record)
    assert "it is paid" in record.failures[0].message
    store.journal.resolve(1, "again")
    assert [step.price for step in run(provider, store, run="run-3").steps] == [1.0, 0.5], "the dead run told no price"
    store.journal.told("run-3")
    assert [step.price for step in run(FakeProvider(), store, run="run-4").steps] == [0.0, 0.0]


@pytest.mark.parametrize("at_once", [BOTH, ()], ids=["at once", "task"])
@pytest.mark.parametrize(("made", "price"), [(1, 0.5), (2, 1.0), (7, 3.5)])
def test_a_call_costs_what_it_made(at_once: Sequence[str], made: int, price: float, store: Store) -> None:
    """Three are asked for; the bill counts what came, fewer or more, and the journal keeps the same sum."""
    text = CHAIN.replace("first}", "first, settings: {num_images: 3}}").partition("  - {name: two")[0]
    (step,) = run(FakeProvider(at_once=at_once, makes=made), store, text=text).steps
    assert (step.status, len(step.images), step.price) == ("done", made, price)
    assert [each.cost for each in store.journal.everything()] == [price]


@pytest.mark.parametrize("at_once", [BOTH, ()], ids=["at once", "task"])
def test_a_picture_that_cannot_be_had_does_not_take_the_others_away(at_once: Sequence[str], store: Store) -> None:
    """One of four is broken, one withheld: two are kept, four paid, the loss is told, nothing is bought again."""
    text = CHAIN.replace("first}", "first, settings: {num_images: 4}}").partition("  - {name: two")[0]
    heard: list[Event] = []
    provider = FakeProvider(at_once=at_once, makes=3, spoils=[1], withholds=["the link is refused"])
    (step,) = run(provider, store, heard, text=text).steps
    assert (step.status, len(step.images), step.price) == ("done", 2, 2.0)
    (lost,) = (each for each in heard if isinstance(each, PicturesLost))
    assert (lost.step, len(lost.why), lost.why[0]) == ("one", 2, "the link is refused")
    assert rows(store) == [("one", "DONE")]
    again = FakeProvider(at_once=at_once)
    assert run(again, store, text=text).status == "done"
    assert again.started == []


@pytest.mark.parametrize("at_once", [BOTH, ()], ids=["at once", "task"])
def test_more_pictures_than_were_asked_for_are_told(at_once: Sequence[str], store: Store) -> None:
    """They are on the bill, which a person would not understand without a word."""
    heard: list[Event] = []
    text = CHAIN.partition("  - {name: two")[0]
    (step,) = run(FakeProvider(at_once=at_once, makes=3), store, heard, text=text).steps
    assert step.price == 1.5
    (more,) = (each for each in heard if isinstance(each, MoreThanAsked))
    assert (more.step, more.asked, more.made) == ("one", 1, 3)


def test_the_seed_is_no_part_of_what_is_told_and_settings_never_hide_our_own_keys(store: Store) -> None:
    """A page may have a parameter called `model`; the model's own name stays, and a nested seed is told elsewhere."""
    text = {"type": "string"}
    request = {"type": "object", "properties": {"prompt": text, "seed": {"type": "integer", "maximum": 99}}}
    schema = {
        "title": "M",
        "type": "object",
        "properties": {"input": request, "model": text},
        "x-retouch": {"title": "M", "method": "POST", "path": "/v3/m", "sync": True},
    }
    model = Model("mm", "M", "/v3/m", schema)
    asked = {"input": {"prompt": "hi", "seed": 7}, "model": "other"}
    step = planned(CHAIN, store).steps[0]
    assert told(replace(step, model=model, requests=(asked,))) == {
        "model": "mm",
        "images": ["photo"],
        "input": {"prompt": "hi"},
        "settings": {"model": "other"},
    }
    assert told(replace(step, model=model, requests=({"input": {"seed": 7}},))) == {"model": "mm", "images": ["photo"]}


def test_a_rehearsal_leaves_no_rows(store: Store) -> None:
    assert run(FakeProvider(at_once=BOTH, realm="rehearsal"), store).status == "done"
    assert rows(store) == []
