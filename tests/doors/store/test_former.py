"""What stores of earlier versions had open is taken over, once, whatever happens in between."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runner.disk import Disk
from runner.errors import Damaged, OutOfReach
from runner.store import former
from runner.store.database import VERSION
from runner.store.entry import Entry
from runner.store.store import Store
from tests.fakes import frozen

RUN = "20260701-120000-ab12"
TICKET = {
    "provider": "novita",
    "host": "api.novita.ai",
    "model": "flux-1-kontext-dev",
    "task_id": "t-1",
    "started": 1_782_907_200.0,
}
ROWS: Sequence[tuple[str, str, str, str, float, int, str | None]] = [
    ("f-done", "DONE", RUN, "warm", 0.0225, 1, json.dumps(TICKET | {"task_id": "t-0"})),
    ("f-pending", "ACCEPTED", RUN, "cold 1/2", 0.0225, 0, json.dumps(TICKET)),
    ("f-intent", "INTENT", RUN, "cold 2/2", 0.0225, 0, None),
    ("f-paid", "PAID", RUN, "cut-out", 0.02, 0, None),
    ("f-rejected", "REJECTED", RUN, "sky", 0.04, 0, None),
    ("f-failed", "FAILED", RUN, "sea", 0.04, 0, None),
    ("f-known", "ACCEPTED", RUN, "tree", 0.04, 0, json.dumps(TICKET | {"task_id": "t-2"})),
]


def old_store(folder: Path, rows: Sequence[tuple[str, str, str, str, float, int, str | None]] = ROWS) -> Path:
    """A store as version 2 left it."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(folder / "index.sqlite", isolation_level=None)) as db:
        db.executescript(
            "PRAGMA journal_mode=WAL;"
            "CREATE TABLE results (fingerprint TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;"
            "CREATE TABLE journal (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, state TEXT NOT NULL,"
            " run TEXT NOT NULL, label TEXT NOT NULL, price REAL NOT NULL, billed INTEGER NOT NULL DEFAULT 0,"
            " ticket TEXT);"
            "CREATE INDEX journal_by_fingerprint ON journal (fingerprint);"
            "INSERT INTO results VALUES ('f-known', '{\"images\": [], \"seed\": null}');"
            "PRAGMA user_version=2;"
        )
        statement = "INSERT INTO journal (fingerprint, state, run, label, price, billed, ticket) VALUES (?,?,?,?,?,?,?)"
        db.executemany(statement, rows)
    return folder


def opened(folder: Path, disk: Disk | None = None) -> contextlib.closing[Store]:
    """The store, open for a run."""
    return contextlib.closing(Store.open(folder, frozen(), disk=disk or Disk()))


def tables(folder: Path) -> tuple[int, set[str]]:
    """Version and tables of the SQLite file."""
    with contextlib.closing(sqlite3.connect(folder / "index.sqlite")) as db:
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        return version, {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def by_step(entries: Sequence[Entry]) -> dict[str, Entry]:
    """Calls by the name of their step."""
    return {each.order.step: each for each in entries}


def test_what_was_bought_is_pending_and_what_was_cut_off_is_in_doubt(tmp_path: Path) -> None:
    """Tickets are kept as they are, so that the next run fetches; nothing that may be billed is sent again."""
    with opened(old_store(tmp_path)) as store:
        found = by_step(store.journal.open())
        assert {step: each.standing for step, each in found.items()} == {
            "cold 1/2": "pending",
            "cold 2/2": "in doubt",
            "cut-out": "in doubt",
        }
        pending = store.journal.under_way("f-pending")
        assert pending is not None
        assert pending.ticket == TICKET
        assert pending.order.origin == {"provider": "novita", "host": "api.novita.ai"}
        assert store.journal.holder("api.novita.ai", "t-1") == pending.number
        assert datetime.fromtimestamp(pending.at, UTC) == datetime(2026, 7, 1, 12, tzinfo=UTC)
        assert store.journal.under_way("f-known") is None
        assert (found["cold 2/2"].spent, found["cold 2/2"].at_stake) == (0.0, 0.0225)
        assert (found["cut-out"].spent, found["cut-out"].at_stake) == (0.02, 0.0)
    assert tables(tmp_path) == (VERSION, {"results", "artifacts", "seeds", "durations", "requests", "marks"})


def test_the_ledger_has_what_was_paid_before(tmp_path: Path) -> None:
    """Calls that were over count with their price; those refused never cost anything."""
    with opened(old_store(tmp_path)) as store:
        spent = {each.order.step: each.spent for each in store.journal.everything()}
    assert spent == {"warm": 0.0225, "cold 1/2": 0.0225, "cold 2/2": 0, "cut-out": 0.02, "sea": 0.04, "tree": 0.04}


def test_it_is_done_once(tmp_path: Path) -> None:
    """The second opening finds no table, and the same calls."""
    with opened(old_store(tmp_path)) as store:
        first = store.journal.everything()
    with opened(tmp_path) as store:
        assert store.journal.everything() == first


def test_a_crash_before_the_table_is_gone_makes_no_call_twice(tmp_path: Path) -> None:
    """The journal has the calls already, and the table is still there, as a crash in between leaves it."""
    with opened(old_store(tmp_path)) as store:
        first = store.journal.everything()
    (tmp_path / "index.sqlite").unlink()
    old_store(tmp_path)
    assert former.waits(tmp_path)
    with opened(tmp_path) as store:
        assert store.journal.everything() == first
    assert not former.waits(tmp_path)


def test_a_crash_while_they_are_written_leaves_them_in_the_table(tmp_path: Path) -> None:
    """A line cut off counts as never written: the next opening takes all of them over."""
    with opened(old_store(tmp_path)) as store:
        first = store.journal.everything()
    (tmp_path / "index.sqlite").unlink()
    old_store(tmp_path)
    whole = (tmp_path / "journal").read_bytes().rstrip(b"\n")
    (tmp_path / "journal").write_bytes(whole[: len(whole) // 2])
    with opened(tmp_path) as store:
        assert [each.order for each in store.journal.everything()] == [each.order for each in first]


class Full(Disk):
    """Takes no sync once the journal stands."""

    def sync(self, file: object) -> None:
        if getattr(file, "name", "").endswith("journal"):
            raise OSError(28, "No space left on device")


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """The opening fails, and the table stays for the next one."""
    with pytest.raises(OutOfReach):
        Store.open(old_store(tmp_path), frozen(), disk=Full())
    assert "journal" in tables(tmp_path)[1]
    assert tables(tmp_path)[0] == 2


def test_a_look_takes_nothing_over(tmp_path: Path) -> None:
    """Who only reads changes nothing: a run of the earlier version may still be at work."""
    old_store(tmp_path)
    with contextlib.closing(Store.open(tmp_path, frozen(), journaling=False)) as store:
        assert store.journal.open() == ()
    assert tables(tmp_path)[0] == 2
    assert former.waits(tmp_path)


def test_new_calls_count_on_from_the_old_ones(tmp_path: Path) -> None:
    """Numbers are the journal's own, also where it had calls before."""
    with opened(old_store(tmp_path)) as store:
        numbers = [each.number for each in store.journal.everything()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_row_that_nobody_wrote_stops_everything(tmp_path: Path) -> None:
    """What cannot be read is not dropped."""
    old_store(tmp_path, [*ROWS, ("f", "WHAT", RUN, "x", 0.1, 0, None)])
    with pytest.raises(Damaged, match="row 8"):
        Store.open(tmp_path, frozen())
    assert "journal" in tables(tmp_path)[1]


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough to look at" * 9])
def test_nothing_waits_where_nothing_is(tmp_path: Path, content: bytes | None) -> None:
    """A missing, an empty and a broken file hold no calls; looking makes none."""
    if content is not None:
        (tmp_path / "index.sqlite").write_bytes(content)
    assert not former.waits(tmp_path)
    assert (tmp_path / "index.sqlite").exists() == (content is not None)


def test_an_old_store_without_open_calls_becomes_current(tmp_path: Path) -> None:
    """The table goes also when it was empty."""
    with opened(old_store(tmp_path, [])) as store:
        assert store.journal.everything() == ()
    assert tables(tmp_path)[0] == VERSION
