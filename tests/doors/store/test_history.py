"""What steps asked for the last time, as the store remembers it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from runner.store.history import Place
from runner.store.store import Store
from tests.fakes import frozen

HERE = Place("r.yaml", "mug", "warm", "paid")


def test_the_last_request_is_remembered_by_recipe_item_step_and_realm(tmp_path: Path) -> None:
    """It survives the process, and the next one takes its place."""
    store = Store.open(tmp_path, frozen())
    store.index.history.keep(HERE, "f1", {"prompt": "first"})
    store.index.history.keep(HERE._replace(realm="rehearsal"), "f9", {"prompt": "rehearsed"})
    assert store.index.history.last(HERE) == {"prompt": "first"}, "before it is written, too"
    store.close()
    again = Store.open(tmp_path, frozen())
    history = again.index.history
    assert history.last(HERE) == {"prompt": "first"}
    assert history.holds(HERE, "f1")
    assert not history.holds(HERE, "f2")
    assert history.realms("r.yaml", "mug", "warm") == ("paid", "rehearsal")
    for other in (HERE._replace(recipe="s.yaml"), HERE._replace(item="cup"), HERE._replace(step="cold")):
        assert history.last(other) is None
    history.keep(HERE, "f2", {"prompt": "second"})
    again.close()
    third = Store.open(tmp_path, frozen())
    assert third.index.history.last(HERE) == {"prompt": "second"}
    third.close()


def test_many_are_written_in_one_act_before_the_end(tmp_path: Path) -> None:
    """A run that is killed has lost the latest ones at most."""
    store = Store.open(tmp_path, frozen())
    for number in range(100):
        store.index.history.keep(HERE._replace(item=str(number)), "f", {})
    with sqlite3.connect(tmp_path / "index.sqlite") as rows:
        (written,) = rows.execute("SELECT count(*) FROM requests").fetchone()
    rows.close()
    store.close()
    assert written == 64


@pytest.mark.parametrize("harm", ["DROP TABLE requests", "UPDATE requests SET request = '[oops'"])
def test_an_index_that_is_harmed_is_no_reason_to_fail(harm: str, tmp_path: Path) -> None:
    """Nothing is known then, and nothing is kept."""
    store = Store.open(tmp_path, frozen())
    store.index.history.keep(HERE, "f1", {"prompt": "first"})
    store.index.history.write()
    with sqlite3.connect(tmp_path / "index.sqlite") as rows:
        rows.execute(harm)
    rows.close()
    assert store.index.history.last(HERE) is None
    store.index.history.keep(HERE._replace(step="cold"), "f2", {})
    store.index.history.write()
    store.close()
