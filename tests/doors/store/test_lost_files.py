"""A store of which a file is gone, damaged or older than the rest: nothing that is here is bought again, and nothing
that was forgotten is sent again without a word."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import pytest

from runner.disk import Disk
from runner.errors import Damaged, OutOfReach
from runner.operation import make_ticket
from runner.store import lines
from runner.store.entry import Order
from runner.store.index import Result
from runner.store.store import Store
from tests.fakes import frozen, png

ORIGIN = {"provider": "novita", "host": "h"}


@contextlib.contextmanager
def opened(folder: Path, *, journaling: bool = True) -> Iterator[Store]:
    with contextlib.closing(Store.open(folder, frozen(), journaling=journaling)) as store:
        yield store


async def bought(store: Store, fingerprint: str, color: tuple[int, int, int]) -> Result:
    """A call that is done; what it gave."""
    number = await sent(store, fingerprint)
    await store.journal.accepted(number, make_ticket(ORIGIN, "paint", f"t-{number}", 0.0))
    await store.journal.result(number, 1, 7)
    result = Result((store.keep(png(color)),), 7)
    await store.journal.stored(number, [image.digest for image in result.images])
    store.index.record(fingerprint, result)
    await store.journal.done(number, 0.5)
    return result


async def sent(store: Store, fingerprint: str) -> int:
    """A call of which nothing more is known; its number."""
    order = Order(fingerprint, "paint", 1, 0.5, "a list", "run-1", "recipe", "mug", "warm", ORIGIN)
    number = await store.journal.intent(order)
    await store.journal.sending(number, "b" * 64)
    return number


def test_an_index_that_is_gone_is_made_anew_from_the_journal(tmp_path: Path) -> None:
    """Results, and what is known of their pictures; the latest call for a request counts. It is done once."""
    with opened(tmp_path) as store:
        asyncio.run(bought(store, "a", (1, 2, 3)))
        latest = asyncio.run(bought(store, "a", (4, 5, 6)))
        other = asyncio.run(bought(store, "b", (7, 8, 9)))
        lost = asyncio.run(bought(store, "c", (3, 2, 1)))
        asyncio.run(sent(store, "d"))
    (tmp_path / "index.sqlite").unlink()
    store.blobs.path(lost.images[0].digest).unlink()
    with opened(tmp_path, journaling=False) as look:
        assert look.known("a") is None, "a look changes nothing, and leaves the work to the next run"
    for _ in range(2):
        with opened(tmp_path) as store:
            assert (store.known("a"), store.known("b")) == (latest, other)
            assert (store.known("c"), store.known("d")) == (None, None)


def test_the_hint_for_a_damaged_index_works(tmp_path: Path) -> None:
    """That file alone is moved away; what was bought is known again."""
    with opened(tmp_path) as store:
        result = asyncio.run(bought(store, "a", (1, 2, 3)))
    (tmp_path / "index.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Damaged) as told:
        Store.open(tmp_path, frozen())
    assert ".retouch/index.sqlite away, that file alone" in str(told.value.hint)
    (tmp_path / "index.sqlite").rename(tmp_path / "away")
    with opened(tmp_path) as store:
        assert store.known("a") == result


@pytest.mark.parametrize("journaling", [True, False])
@pytest.mark.parametrize("what", ["gone", "empty", "older"])
def test_a_journal_behind_its_index_stops_everything(tmp_path: Path, what: str, journaling: bool) -> None:
    """And nothing changes; with the right one back, all is as it was."""
    file = tmp_path / "journal"
    with opened(tmp_path) as store:
        asyncio.run(bought(store, "a", (1, 2, 3)))
    backup = file.read_bytes()
    with opened(tmp_path) as store:
        doubtful = asyncio.run(sent(store, "b"))
    newest = file.read_bytes()
    if what == "gone":
        file.unlink()
    else:
        file.write_bytes(backup if what == "older" else b"")
    for _ in range(2):
        with pytest.raises(Damaged, match="older than" if what == "older" else "is missing") as told:
            Store.open(tmp_path, frozen(), journaling=journaling)
        assert "put the newer .retouch/journal back" in str(told.value.hint)
    file.write_bytes(newest)
    with opened(tmp_path) as store:
        assert store.journal[doubtful].standing == "in doubt"


def test_a_journal_that_never_had_a_call_may_not_vanish_either(tmp_path: Path) -> None:
    """The run that opened it may have been killed before the index heard of its calls."""
    with opened(tmp_path):
        pass
    (tmp_path / "journal").unlink()
    with pytest.raises(Damaged, match="is missing"):
        Store.open(tmp_path, frozen())


@pytest.mark.parametrize("what", ["gone", "older"])
def test_the_way_out_is_to_move_the_index_away(tmp_path: Path, what: str) -> None:
    """Then the journal that is there is all that is known; numbers that were used elsewhere are used no more."""
    file = tmp_path / "journal"
    with opened(tmp_path) as store:
        result = asyncio.run(bought(store, "a", (1, 2, 3)))
    backup = file.read_bytes()
    with opened(tmp_path) as store:
        asyncio.run(sent(store, "b"))
    file.unlink()
    if what == "older":
        file.write_bytes(backup)
    (tmp_path / "index.sqlite").unlink()
    for _ in range(2):
        with opened(tmp_path) as store:
            assert store.known("a") == (result if what == "older" else None)
            assert store.journal.open() == ()


def test_numbers_in_the_ledger_are_given_to_no_other_call(tmp_path: Path) -> None:
    """A new journal beside an old ledger counts on, so that no account is overwritten."""
    with opened(tmp_path) as store:
        result = asyncio.run(bought(store, "a", (1, 2, 3)))
        store.journal.told("run-1")
        (entry,) = store.journal.everything()
    ledger(tmp_path, [{"is": "KEPT", "call": 7, "entry": entry.to_json() | {"number": 7}}])
    (tmp_path / "journal").unlink()
    (tmp_path / "index.sqlite").unlink()
    with opened(tmp_path) as store:
        assert store.known("a") == result
    with opened(tmp_path) as store:
        assert asyncio.run(sent(store, "b")) == 8
        assert [each.number for each in store.journal.everything()] == [7, 8]


def ledger(folder: Path, records: list[dict[str, object]]) -> None:
    (folder / "ledger").write_bytes(lines.whole("ledger", 1, records))


def test_a_number_whose_record_never_lasted_is_no_mark(tmp_path: Path) -> None:
    """A disk that refused the last call's INTENT leaves a store that opens."""

    class Full(Disk):
        """Has no room for a new call once it is full."""

        full = False

        def write_at(self, file: BinaryIO | FileIO, offset: int, data: bytes) -> None:
            if self.full and b"INTENT" in data:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            super().write_at(file, offset, data)

    disk = Full()
    with contextlib.closing(Store.open(tmp_path, frozen(), disk=disk)) as store:
        assert asyncio.run(sent(store, "a")) == 1
        disk.full = True
        with pytest.raises(OutOfReach):
            asyncio.run(sent(store, "b"))
    with opened(tmp_path) as store:
        assert store.journal.last == store.index.journaled() == 1
