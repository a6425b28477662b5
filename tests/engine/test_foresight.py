"""What a plan tells before anything runs: the least and the most that it costs, and why a step has to be paid."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from runner.engine.foresight import crossing, foresee
from runner.engine.reasons import reasons
from runner.engine.run import run_item
from runner.plan import Plan
from runner.records import Tariff
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
  - {name: three, prompt: third}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / ".retouch", frozen())
    yield opened
    opened.close()


def run(text: str, store: Store, provider: FakeProvider | None = None, photo: bytes | None = None) -> None:
    """Run a recipe, as `retouch run` does."""

    async def work() -> None:
        await run_item(
            planned(text, store, photo), caller_of(provider or FakeProvider(), store), print_not, lambda: 0.0
        )

    asyncio.run(work())


def print_not(_: object) -> None:
    """Nobody listens."""


def sums(text: str, store: Store) -> tuple[float, float]:
    """The least and the most that a run costs, at half a dollar a picture."""
    foreseen = foresee(planned(text, store), store, "paid", lambda _: Tariff(0.5, "a list"))
    return sum(each.least for each in foreseen), sum(each.price for each in foreseen)


def whys(text: str, store: Store, realm: str = "paid", photo: bytes | None = None) -> Mapping[str, tuple[str, ...]]:
    """The reasons of each step that has to be paid."""
    made: Plan = planned(text, store, photo)
    return reasons(made, foresee(made, store, realm, lambda _: Tariff(0.5, "a list")), store, "", realm)


def lose(store: Store, step: str, text: str) -> None:
    """Take the picture of a step out of the store."""
    (each,) = (
        each
        for each in foresee(planned(text, store), store, "paid", lambda _: Tariff(0, ""))
        if each.planned.name == step
    )
    (mark,) = each.planned.fingerprints("paid", tuple(str(pixels) for pixels in each.pixels))
    result = store.index.result(mark)
    assert result is not None
    store.blobs.path(result.images[0].digest).unlink()


def test_what_was_never_made_is_sure_to_be_paid(store: Store) -> None:
    """Also below a step that is paid in the same run: its picture is a new one."""
    assert sums(CHAIN, store) == (1.5, 1.5)
    run(CHAIN, store)
    assert sums(CHAIN, store) == (0, 0)
    assert sums(CHAIN.replace("second", "other"), store) == (1.0, 1.0)


def test_below_an_operation_done_anew_nothing_is_sure(store: Store) -> None:
    """It may give the very picture it gave before: `width: 8` and a share that comes to 8 pixels."""
    run(CHAIN, store)
    same = CHAIN.replace("width: 8", "width: 50%")
    assert sums(same, store) == (0, 0.5)
    run(same, store)
    assert sums(same, store) == (0, 0)


def test_a_picture_that_is_gone_may_come_out_the_same(store: Store) -> None:
    """The step itself is paid for; what stands below may be known again."""
    run(CHAIN, store)
    lose(store, "two", CHAIN)
    assert sums(CHAIN, store) == (0.5, 1.0)


def test_two_steps_that_ask_for_the_same_are_paid_once(store: Store) -> None:
    """The most counts both, since that is what the budget is held against."""
    text = CHAIN.replace("{name: two, prompt: second}", "{name: two, prompt: first, seed: 5, from: photo}")
    text = text.replace("{name: one, prompt: first}", "{name: one, prompt: first, seed: 5}")
    provider = FakeProvider()
    assert sums(text, store) == (1.0, 1.5)
    run(text, store, provider)
    assert len(provider.started) == 2


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["name: one, prompt: p, seed: 3, candidates: 2", "name: two, from: photo, prompt: p, seed: 3"], (1.0, 1.5)),
        (["name: one, prompt: p, seed: 3", "name: two, prompt: p, seed: 3, candidates: 3"], (2.0, 2.0)),
        (
            [
                *("name: one, prompt: p, seed: 3", "name: two, from: photo, prompt: p, seed: 3"),
                *("name: three, from: one, prompt: q, seed: 3", "name: four, from: two, prompt: q, seed: 3"),
            ],
            (1.0, 2.0),
        ),
        (
            [
                *("name: one, prompt: p", "name: small, resize: {width: 8}"),
                *("name: three, from: one, prompt: q, seed: 3", "name: four, from: small, prompt: q, seed: 3"),
            ],
            (1.0, 1.5),
        ),
    ],
    ids=["a candidate and a step", "of another picture", "below steps that are the same", "below an operation"],
)
def test_what_is_sure_is_what_is_paid_at_least(steps: list[str], expected: tuple[float, float], store: Store) -> None:
    """Calls that ask for the same, of pictures that may come out the same, are sure to be paid once only."""
    head, _, _ = CHAIN.partition("  - ")
    text = head + "".join(f"  - {{{step}}}\n" for step in steps)
    assert sums(text, store) == expected
    provider = FakeProvider()
    run(text, store, provider)
    assert expected[0] <= len(provider.started) * 0.5 <= expected[1]


def test_one_more_candidate_changes_nothing_below_the_chosen_one(store: Store) -> None:
    """Only the candidate is to be paid."""
    text = CHAIN.replace("second}", "second, candidates: 2}")
    run(text, store)
    assert sums(text.replace("candidates: 2", "candidates: 3"), store) == (0.5, 0.5)
    assert sums(text.replace("candidates: 2", "candidates: 3, choose: 3"), store) == (1.0, 1.0)


def test_nothing_is_sure_below_a_step_in_doubt(store: Store) -> None:
    """The run ends there."""
    run(CHAIN, store, FakeProvider(refuse=failing("in-doubt", "two")))
    assert sums(CHAIN, store) == (0, 0.5)


@pytest.mark.parametrize(("limit", "step"), [(0.4, "one"), (0.5, "two"), (1.2, "three"), (1.5, None)])
def test_the_step_that_crosses_a_limit_is_named(limit: float, step: str | None, store: Store) -> None:
    """The first one with which the sum is above it."""
    found = crossing(foresee(planned(CHAIN, store), store, "paid", lambda _: Tariff(0.5, "a list")), limit)
    assert (found.planned.name if found else None) == step


def test_a_step_tells_why_it_has_to_be_paid(store: Store) -> None:
    """At first it is the first time; then what has changed, and what follows from that."""
    assert whys(CHAIN, store) == {"one": ("first time",), "two": ("first time",), "three": ("first time",)}
    run(CHAIN, store)
    assert whys(CHAIN, store) == {}
    other = CHAIN.replace("prompt: second", "prompt: second, settings: {strength: 3}")
    assert whys(other, store) == {
        "two": ("settings changed: strength 3 (not set before)",),
        "three": ("made anew: small",),
    }
    run(other, store)
    assert whys(other.replace("strength: 3", "strength: 4"), store)["two"] == ("settings changed: strength 3 → 4",)
    assert whys(other, store, photo=png((1, 2, 3)))["one"] == ("another picture: photo", "seed changed")


def test_a_request_that_was_known_already_is_the_last_one_all_the_same(store: Store) -> None:
    """There and back again: what is told is the difference from the last run."""
    for prompt in ("second", "other", "second"):
        run(CHAIN.replace("second", prompt), store)
    assert whys(CHAIN.replace("second}", "second, settings: {strength: 1}}"), store)["two"] == (
        "settings changed: strength 1 (not set before)",
    )


def test_another_provider_is_a_reason(store: Store) -> None:
    """What was rehearsed is not made yet; what a server on this machine made is not bought."""
    run(CHAIN, store, FakeProvider(realm="rehearsal"))
    assert whys(CHAIN, store)["one"] == ("another provider: so far only rehearsed",)
    run(CHAIN, store, FakeProvider(realm="loopback:127.0.0.1:8000"))
    (words,) = whys(CHAIN, store)["one"]
    assert words == "another provider: so far made by 127.0.0.1:8000 and only rehearsed"


def test_a_picture_that_is_gone_is_a_reason(store: Store) -> None:
    """The request is the same one, and was made."""
    run(CHAIN, store)
    lose(store, "two", CHAIN)
    assert whys(CHAIN, store) == {"two": ("its picture is gone from the store",), "three": ("made anew: small",)}


def test_a_lost_index_knows_that_it_does_not_know(tmp_path: Path) -> None:
    """The journal still says that the step was made; what it asked for stood in the index alone."""
    first = Store.open(tmp_path, frozen())
    run(CHAIN, first)
    first.close()
    for file in tmp_path.glob("index.sqlite*"):
        file.unlink()
    again = Store.open(tmp_path, frozen())
    told = whys(CHAIN.replace("second", "other"), again)
    again.close()
    assert told["two"] == ("it was made before, but what it asked for then is not known any more",)


def test_a_failed_step_is_no_last_request(store: Store) -> None:
    """It is still the first time."""
    run(CHAIN, store, FakeProvider(refuse=failing("rejected", "two")))
    assert whys(CHAIN, store)["two"] == ("first time",)


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    """A run of what is done leaves the remembered requests alone: they are many, and it should be quick."""
    first = Store.open(tmp_path, frozen())
    run(CHAIN, first)
    first.close()
    with sqlite3.connect(tmp_path / "index.sqlite") as rows:
        rows.execute("UPDATE requests SET request = 'as it was'")
    rows.close()
    again = Store.open(tmp_path, frozen())
    run(CHAIN, again)
    again.close()
    with sqlite3.connect(tmp_path / "index.sqlite") as rows:
        found = rows.execute("SELECT step, request FROM requests ORDER BY step").fetchall()
    rows.close()
    assert found == [(step, "as it was") for step in ("one", "small", "three", "two")]
