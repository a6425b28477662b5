"""How long tasks took, as the index keeps it: enough to guess by, and never a reason to fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.novita.polling import KEPT, Memory
from runner.store.database import Database
from runner.store.index import Durations, Index


class Counted(Database):
    """Counts what is written."""

    written = 0

    def write(self, statement: str, values: object) -> int:
        self.written += 1
        return super().write(statement, values)  # type: ignore[arg-type]


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Counted]:
    opened = Counted(tmp_path / "index.sqlite")
    yield opened
    opened.close()


def test_what_is_learned_is_known_to_the_next_run(rows: Counted) -> None:
    """By place and by model, in the order in which it came."""
    index = Index(rows)
    for until in (12.0, 11.5, 13.25):
        index.durations("paid").learn("flux", 10.125, until)
    index.durations("rehearsal").learn("flux", 0, 0.25)
    index.settle()
    again = Index(rows)
    assert list(again.durations("paid").recall("flux")) == [(10.125, 12.0), (10.125, 11.5), (10.125, 13.25)]
    assert list(again.durations("rehearsal").recall("flux")) == [(0.0, 0.25)]
    assert list(again.durations("paid").recall("other")) == []


def test_it_is_the_memory_that_the_provider_asks_for(rows: Counted) -> None:
    """The doors do not know each other; here they meet."""
    memory: Memory = Index(rows).durations("paid")
    memory.learn("flux", 2.0, 3.0)
    assert list(memory.recall("flux")) == [(2.0, 3.0)]
    assert Durations.KEPT == KEPT


def test_only_the_latest_are_kept(rows: Counted) -> None:
    index = Index(rows)
    for number in range(200):
        index.durations("paid").learn("flux", 0.0, float(number))
    index.settle()
    assert [until for _, until in Index(rows).durations("paid").recall("flux")] == list(range(136, 200))


def test_a_kill_costs_little_and_a_long_batch_writes_little(rows: Counted) -> None:
    """Nothing is said at the end of this run: at most fifteen of its durations are gone."""
    index = Index(rows)
    for number in range(8):
        index.durations("paid").learn("flux", 0.0, float(number + 1))
    assert len(Index(rows).durations("paid").recall("flux")) == 8
    for number in range(3_000):
        index.durations("paid").learn("flux", 0.0, float(number))
    assert min(Index(rows).durations("paid").recall("flux")) >= (0.0, 3_000 - 64 - 15)
    assert rows.written < 250


@pytest.mark.parametrize("text", ["", "{", "null", "7", '["a", null, {}]', "[[1, 2], [3]]", '[["a", 1]]', '{"a": 1}'])
def test_what_stands_there_and_is_no_list_of_spans_is_as_good_as_nothing(rows: Counted, text: str) -> None:
    rows.write("INSERT INTO durations VALUES ('paid', 'flux', ?)", [text])
    assert list(Index(rows).durations("paid").recall("flux")) == []


def test_a_disk_that_takes_nothing_does_not_disturb_the_run(tmp_path: Path) -> None:
    """They are remembered for as long as the run lasts."""
    rows = Database(tmp_path / "index.sqlite")
    memory = Index(rows).durations("paid")
    memory.learn("flux", 0.0, 1.0)
    with sqlite3.connect(tmp_path / "index.sqlite") as other:
        other.execute("DROP TABLE durations")
    other.close()
    memory.learn("flux", 0.0, 2.0)
    memory.keep()
    assert list(memory.recall("flux")) == [(0.0, 1.0), (0.0, 2.0)]
    assert list(memory.recall("other")) == []
    rows.close()


def test_a_store_of_before_gets_the_table(tmp_path: Path) -> None:
    """An index that was made without it is opened as it is."""
    Database(tmp_path / "index.sqlite").close()
    with sqlite3.connect(tmp_path / "index.sqlite") as other:
        other.execute("DROP TABLE durations")
    other.close()
    rows = Database(tmp_path / "index.sqlite")
    Index(rows).durations("paid").learn("flux", 0.0, 1.0)
    assert list(Index(rows).durations("paid").recall("flux")) == [(0.0, 1.0)]
    rows.close()
