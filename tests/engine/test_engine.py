"""The engine with a fake provider and a real store: what runs, what is bought once, what a failure stops."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import Callable, Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import pytest

from runner.disk import Disk
from runner.engine.foresight import foresee
from runner.engine.run import final_images, run_item
from runner.engine.sending import Halt
from runner.errors import CallFailed
from runner.operation import Call, Collected, Ticket, make_ticket
from runner.plan import Plan
from runner.records import Event, ItemRecord, StepEnded, Tariff, TaskAccepted
from runner.store.store import Store
from tests.fakes import FakeProvider, caller_of, failing, frozen, planned, png

CHAIN = """
recipe: 1
inputs: {photo: {type: image}}
model: paint
seed: 1
steps:
  - {name: one, prompt: first}
  - {name: two, prompt: second}
  - {name: small, resize: {width: 8}}
"""
BRANCHES = """
recipe: 1
inputs: {photo: {type: image}}
model: paint
seed: 1
steps:
  - {name: base, prompt: base}
  - {name: left, prompt: left}
  - {name: right, prompt: right, from: base}
  - {name: last, prompt: join, from: [left, right]}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / ".retouch", frozen())
    yield opened
    opened.close()


def run(
    made: Plan,
    store: Store,
    provider: FakeProvider,
    heard: list[Event] | None = None,
    concurrency: int = 8,
    name: str = "run-1",
) -> ItemRecord:
    tell: Callable[[Event], None] = (lambda _: None) if heard is None else heard.append

    async def whole() -> ItemRecord:
        caller = caller_of(provider, store, run=name, concurrency=concurrency)
        return await run_item(made, caller, tell, lambda: 0.0)

    return asyncio.run(whole())


def unheard_of(_: Event) -> None:
    """Hears what happens, and does nothing."""


def time() -> float:
    """A clock that stands still."""
    return 0.0


def statuses(record: ItemRecord) -> dict[str, str]:
    return {step.step: step.status for step in record.steps}


def test_each_step_edits_the_picture_of_the_one_above(store: Store) -> None:
    """The second call carries what the first one gave, to the byte."""
    provider = FakeProvider()
    record = run(planned(CHAIN, store), store, provider)
    assert statuses(record) == {"one": "done", "two": "done", "small": "done"}
    assert provider.started[0].images == (png((9, 9, 9)),)
    first = record.steps[0].image
    assert first is not None
    assert provider.started[1].images == (store.blobs.get(first.digest),)
    assert [image.width for image in final_images(planned(CHAIN, store), record).values()] == [8]


def test_the_second_run_sends_nothing(store: Store) -> None:
    """Everything is known: no call, the same pictures, nothing paid."""
    first = run(planned(CHAIN, store), store, FakeProvider())
    provider = FakeProvider()
    second = run(planned(CHAIN, store), store, provider)
    assert provider.started == []
    assert all(step.cached for step in second.steps)
    assert [step.image for step in first.steps] == [step.image for step in second.steps]
    assert [step.price for step in first.steps] == [0.5, 0.5, 0.0]
    assert [step.price for step in second.steps] == [0.0, 0.0, 0.0]


def test_a_changed_step_runs_again_with_those_after_it(store: Store) -> None:
    """What stands before the change is not bought again."""
    run(planned(CHAIN, store), store, FakeProvider())
    provider = FakeProvider()
    run(planned(CHAIN.replace("prompt: second", "prompt: other"), store), store, provider)
    assert [call.label for call in provider.started] == ["two"]


def test_realms_share_nothing(store: Store) -> None:
    """What a rehearsal painted is never taken for what was paid for."""
    run(planned(CHAIN, store), store, FakeProvider(realm="rehearsal"))
    provider = FakeProvider(realm="paid")
    run(planned(CHAIN, store), store, provider)
    assert len(provider.started) == 2


def test_independent_branches_run_side_by_side(store: Store) -> None:
    """Both branches are under way at once, and the join waits for both."""
    both = asyncio.Barrier(2)
    provider = FakeProvider(meetings={"left": both, "right": both})
    assert run(planned(BRANCHES, store), store, provider).status == "done"
    started = [call.label for call in provider.started]
    assert (started[0], sorted(started[1:3]), started[3]) == ("base", ["left", "right"], "last")


def test_a_failed_step_stops_only_what_needs_it(store: Store) -> None:
    """The other branch is finished; the join is skipped and says so."""
    record = run(planned(BRANCHES, store), store, FakeProvider(refuse=failing("rejected", "left")))
    assert statuses(record) == {"base": "done", "left": "failed", "right": "done", "last": "skipped"}
    assert record.status == "failed"
    assert [(each.step, each.kind) for each in record.failures] == [("left", "rejected")]


def test_what_failed_is_tried_again_by_the_next_run(store: Store) -> None:
    """Only the failed step and those after it are sent."""
    run(planned(BRANCHES, store), store, FakeProvider(refuse=failing("rejected", "left")))
    provider = FakeProvider()
    assert run(planned(BRANCHES, store), store, provider).status == "done"
    assert [call.label for call in provider.started] == ["left", "last"]


def test_candidates_have_seeds_and_fingerprints_of_their_own(store: Store) -> None:
    """Three tasks, three seeds; the chosen one goes on; asking for one more buys one more."""
    text = CHAIN.replace("prompt: first}", "prompt: first, candidates: 3, choose: 2}")
    provider = FakeProvider()
    record = run(planned(text, store), store, provider)
    step = record.steps[0]
    assert len({call.seed for call in step.calls}) == len({call.fingerprint for call in step.calls}) == 3
    assert step.image == step.images[1]
    assert step.seed == step.calls[1].seed
    assert step.price == 1.5
    more = FakeProvider()
    run(planned(text.replace("candidates: 3", "candidates: 4"), store), store, more)
    assert [call.label for call in more.started] == ["one 4/4"]


def test_one_task_may_give_several_pictures(store: Store) -> None:
    """`num_images` is one call with several pictures, and each of them costs."""
    text = CHAIN.replace("prompt: first}", "prompt: first, settings: {num_images: 3}, choose: 3}")
    provider = FakeProvider()
    step = run(planned(text, store), store, provider).steps[0]
    assert [call.label for call in provider.started] == ["one", "two"]
    assert len(step.images) == 3
    assert step.image == step.images[2]
    assert step.price == 1.5


def test_candidates_of_a_model_without_seeds_are_still_several_calls(store: Store) -> None:
    """Where no seed tells them apart, the number does."""
    text = CHAIN.replace("prompt: first}", "prompt: first, model: seedless, candidates: 2}")
    provider = FakeProvider()
    run(planned(text, store), store, provider)
    assert sorted(call.label for call in provider.started) == ["one 1/2", "one 2/2", "two"]


def test_two_steps_that_ask_the_same_pay_once(store: Store) -> None:
    """The same request twice in one run is one call."""
    text = BRANCHES.replace("prompt: left}", "prompt: same, seed: 3}").replace(
        "prompt: right,", "prompt: same, seed: 3,"
    )
    provider = FakeProvider()
    assert run(planned(text, store), store, provider).status == "done"
    assert len([call for call in provider.started if call.request["prompt"] == "same"]) == 1


def test_a_task_bought_before_a_crash_is_collected_not_sent(store: Store) -> None:
    """The ticket is in the journal before the first poll: the next run only collects."""

    def crash(_: Ticket) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(planned(CHAIN, store), store, FakeProvider(lose=crash))
    assert outlooks(CHAIN, store)[0][0] == "pending"
    provider = FakeProvider()
    record = run(planned(CHAIN, store), store, provider, name="run-2")
    assert [call.label for call in provider.started] == ["two"]
    assert provider.collected[0].endswith("-1")
    assert [step.price for step in record.steps] == [0.5, 0.5, 0.0], "the crashed run has told no price"


def test_what_a_finished_run_has_billed_is_not_billed_again(store: Store) -> None:
    """A task that could not be fetched is on that run's bill; the run that fetches it pays nothing."""

    def lose(ticket: Ticket) -> None:
        if ticket["label"] == "one":
            raise CallFailed("network", "lost")

    first = run(planned(CHAIN, store), store, FakeProvider(lose=lose))
    store.journal.told("run-1")
    second = run(planned(CHAIN, store), store, FakeProvider(), name="run-2")
    assert [step.price for step in first.steps] == [0.5, 0.0, 0.0]
    assert [step.price for step in second.steps] == [0.0, 0.5, 0.0]


def cut_off(store: Store) -> None:
    """A run that dies while its first request is under way."""

    def crash(_: Call) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(planned(CHAIN, store), store, FakeProvider(refuse=crash))


def failures(record: ItemRecord) -> list[tuple[str, str]]:
    return [(each.step, each.kind) for each in record.failures]


def test_a_call_cut_off_while_it_was_sent_is_never_sent_again_by_itself(store: Store) -> None:
    """It is in doubt until the user decides, however often the recipe is run."""
    cut_off(store)
    provider = FakeProvider()
    for name in ("run-2", "run-3"):
        record = run(planned(CHAIN, store), store, provider, name=name)
        assert failures(record) == [("one", "in-doubt")]
        assert "resolve 1" in str(record.failures[0].hint)
    assert provider.started == []
    assert outlooks(CHAIN, store)[0] == ("in doubt", 0.0)


def test_the_user_has_it_sent_again(store: Store) -> None:
    cut_off(store)
    store.journal.resolve(1, "again")
    provider = FakeProvider()
    assert run(planned(CHAIN, store), store, provider, name="run-2").status == "done"
    assert [call.label for call in provider.started] == ["one", "two"]


def test_the_user_leaves_it_out(store: Store) -> None:
    """Nothing is sent for it, what needs it is skipped, and the decision can be taken back."""
    cut_off(store)
    store.journal.resolve(1, "skip")
    provider = FakeProvider()
    record = run(planned(CHAIN, store), store, provider, name="run-2")
    assert (failures(record), provider.started) == ([("one", "skipped")], [])
    assert outlooks(CHAIN, store)[0] == ("skipped", 0.0)
    store.journal.resolve(1, "again")
    assert run(planned(CHAIN, store), store, provider, name="run-3").status == "done"


def test_the_user_adopts_the_task_that_the_host_shows(store: Store) -> None:
    """The ticket is what start() would have given; the next run fetches it and sends nothing."""
    cut_off(store)
    (entry,) = store.journal.open()
    known = make_ticket(entry.order.origin, entry.order.model, "task-9", 0.0)
    store.journal.resolve(1, "adopt", {**known, "label": "one", "request": {"prompt": "first"}})
    provider = FakeProvider()
    record = run(planned(CHAIN, store), store, provider, name="run-2")
    assert [call.label for call in provider.started] == ["two"]
    assert provider.collected[0] == "task-9"
    assert [step.price for step in record.steps] == [0.5, 0.5, 0.0]


def test_a_task_that_is_another_calls_already_is_in_doubt(store: Store) -> None:
    """A host that names one task for two requests has made, at best, one of them."""
    provider = FakeProvider(same_task=7)
    record = run(planned(CHAIN, store), store, provider)
    assert failures(record) == [("two", "in-doubt")]
    assert "which it gave for call 1 before" in record.failures[0].message
    again = FakeProvider()
    assert failures(run(planned(CHAIN, store), store, again, name="run-2")) == [("two", "in-doubt")]
    assert again.started == []


def test_a_provider_that_sends_without_a_word_is_found_out_at_once(store: Store) -> None:
    """And what it bought is in the journal all the same."""
    with pytest.raises(AssertionError, match="without telling its witness"):
        run(planned(CHAIN, store), store, FakeProvider(silent=True))
    assert [each.standing for each in store.journal.open()] == ["pending"]


def test_a_refused_key_stops_what_has_not_been_sent(store: Store) -> None:
    """The other branch is not tried with it."""
    provider = FakeProvider(refuse=failing("access", "left"))
    record = run(planned(BRANCHES, store), store, provider, concurrency=1)
    assert failures(record) == [("left", "access"), ("right", "access")]
    assert [call.label for call in provider.started] == ["base", "left"]
    assert "not sent, because of an earlier call" in record.failures[1].message


def test_what_is_under_way_is_collected_when_the_key_is_refused(store: Store) -> None:
    """Only new requests stop."""
    meeting = asyncio.Barrier(2)

    def refuse(call: Call) -> None:
        if call.label == "right":
            raise CallFailed("access", "no such key")

    provider = FakeProvider(refuse=refuse, meetings={"left": meeting})

    async def scene() -> ItemRecord:
        working = asyncio.create_task(run_item(planned(BRANCHES, store), caller_of(provider, store), note, lambda: 0.0))
        await refused.wait()
        await meeting.wait()
        return await working

    refused = asyncio.Event()

    def note(event: Event) -> None:
        if isinstance(event, StepEnded) and event.record.failure:
            refused.set()

    record = asyncio.run(scene())
    assert statuses(record) == {"base": "done", "left": "done", "right": "failed", "last": "skipped"}


@pytest.mark.parametrize(("limit", "bought"), [("0.99", 1), ("1", 2), ("0.49", 0)])
def test_the_call_that_would_cross_the_limit_is_not_sent(store: Store, limit: str, bought: int) -> None:
    """Each call costs 0.50; the limit itself may be reached."""
    provider = FakeProvider()

    async def whole() -> ItemRecord:
        return await run_item(planned(CHAIN, store), caller_of(provider, store, limit=limit), unheard_of, time)

    record = asyncio.run(whole())
    assert len(provider.started) == bought
    assert failures(record) == ([("one", "budget"), ("two", "budget")][bought : bought + 1] if bought < 2 else [])


def test_an_interrupted_run_sends_nothing_more(store: Store) -> None:
    """The word comes while a request waits for its turn: it never leaves, and its call is no loss to anybody."""
    halts: list[Halt] = []

    class Waiting(FakeProvider):
        """Is told to stop when it is about to send."""

        async def start(self, call: Call) -> Ticket | Collected:
            halts[0].interrupt()
            return await super().start(call)

    provider = Waiting()

    async def whole() -> ItemRecord:
        return await run_item(planned(CHAIN, store), caller_of(provider, store, halt=halts), unheard_of, time)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(whole())
    assert provider.started == []
    assert run(planned(CHAIN, store), store, FakeProvider(), name="run-2").status == "done"


def test_without_a_record_on_disk_nothing_is_sent(tmp_path: Path) -> None:
    """A disk that is full stops the call before it leaves, and every other one after it."""

    class Full(Disk):
        """Takes nothing more."""

        full = False

        def write_at(self, file: BinaryIO | FileIO, offset: int, data: bytes) -> None:
            if self.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            super().write_at(file, offset, data)

    disk = Full()
    with contextlib.closing(Store.open(tmp_path, frozen(), disk=disk)) as store:
        made = planned(BRANCHES, store)
        disk.full = True
        provider = FakeProvider()
        record = run(made, store, provider)
    assert provider.started == []
    assert failures(record) == [("base", "disk")]


def test_a_rehearsal_leaves_no_tickets(store: Store) -> None:
    """Tasks of the emulator end with its process: the next rehearsal starts anew instead of asking for them."""

    def crash(_: Ticket) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(planned(CHAIN, store), store, FakeProvider(realm="rehearsal", lose=crash))
    provider = FakeProvider(realm="rehearsal")
    assert run(planned(CHAIN, store), store, provider).status == "done"
    assert [call.label for call in provider.started] == ["one", "two"]


@pytest.mark.parametrize("choose", [1, 3])
def test_a_failed_candidate_stops_the_chain(store: Store, choose: int) -> None:
    """No other candidate takes its place: what needs the step is skipped, and nothing is bought on a wrong picture."""
    text = CHAIN.replace("prompt: first}", f"prompt: first, candidates: 3, choose: {choose}}}")
    provider = FakeProvider(refuse=failing("rejected", "one 1/3"))
    record = run(planned(text, store), store, provider)
    assert statuses(record) == {"one": "failed", "two": "skipped", "small": "skipped"}
    assert [number for number, _ in record.steps[0].pictures] == [2, 3]
    again = FakeProvider()
    assert run(planned(text, store), store, again).status == "done"
    assert sorted(call.label for call in again.started) == ["one 1/3", "two"]


@pytest.mark.parametrize(("kind", "sent_again"), [("failed", True), ("moderated", True), ("network", False)])
def test_only_a_last_word_closes_a_ticket(store: Store, kind: str, sent_again: bool) -> None:
    """A task that failed is asked for anew; one that could not be fetched is fetched by the next run."""

    def lose(ticket: Ticket) -> None:
        if ticket["label"] == "one":
            raise CallFailed(kind, "lost")  # type: ignore[arg-type]

    run(planned(CHAIN, store), store, FakeProvider(lose=lose))
    provider = FakeProvider()
    run(planned(CHAIN, store), store, provider)
    assert ("one" in [call.label for call in provider.started]) is sent_again


def test_a_result_that_is_no_picture_fails_the_step_and_keeps_the_ticket(store: Store) -> None:
    """What was paid for is not thrown away: the next run fetches it again."""
    record = run(planned(CHAIN, store), store, FakeProvider(broken=["one"]))
    assert [(each.step, each.kind) for each in record.failures] == [("one", "image")]
    provider = FakeProvider()
    assert run(planned(CHAIN, store), store, provider).status == "done"
    assert [call.label for call in provider.started] == ["two"]


def test_no_more_calls_at_once_than_allowed(store: Store) -> None:
    """The limit holds across steps and candidates."""
    pair = asyncio.Barrier(2)
    provider = FakeProvider(meetings={f"one {number}/6": pair for number in range(1, 7)})
    run(planned(CHAIN.replace("first}", "first, candidates: 6}"), store), store, provider, concurrency=2)
    assert provider.most_running == 2


def test_a_picture_lost_from_the_store_is_made_again(store: Store, tmp_path: Path) -> None:
    """A result whose bytes are gone is no result."""
    record = run(planned(CHAIN, store), store, FakeProvider())
    image = record.steps[1].image
    assert image is not None
    store.blobs.path(image.digest).unlink()
    provider = FakeProvider()
    assert run(planned(CHAIN, store), store, provider).status == "done"
    assert [call.label for call in provider.started] == ["two"]


def test_events_tell_the_story(store: Store) -> None:
    """Every acceptance is told once, and every step ends once."""
    heard: list[Event] = []
    run(planned(CHAIN, store), store, FakeProvider(), heard)
    assert [each.step for each in heard if isinstance(each, TaskAccepted)] == ["one", "two"]
    assert [each.record.step for each in heard if isinstance(each, StepEnded)] == ["one", "two", "small"]


def outlooks(text: str, store: Store) -> Sequence[tuple[str, float]]:
    return [
        (each.outlook, each.price)
        for each in foresee(planned(text, store), store, "paid", lambda _: Tariff(0.5, "a list"))
    ]


def test_foresight_tells_what_is_to_pay(store: Store) -> None:
    """Before, after, and after a change in the middle."""
    assert outlooks(CHAIN, store) == [("to pay", 0.5), ("to pay", 0.5), ("free", 0.0)]
    run(planned(CHAIN, store), store, FakeProvider())
    assert outlooks(CHAIN, store) == [("cached", 0.0)] * 3
    assert outlooks(CHAIN.replace("second", "other"), store) == [("cached", 0.0), ("to pay", 0.5), ("free", 0.0)]
    assert outlooks(CHAIN.replace("second}", "second, candidates: 3}"), store)[1] == ("to pay", 1.0)


def test_a_bug_is_not_a_failed_step(store: Store) -> None:
    """What we did not foresee escapes as what it is."""

    def bug(_: Ticket) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(planned(CHAIN, store), store, FakeProvider(lose=bug))
