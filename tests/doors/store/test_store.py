"""The store on a real disk: bytes by digest, results by fingerprint, tickets that survive."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runner import digest
from runner.errors import BadImage, Damaged, OutOfReach
from runner.store.blobs import Blobs
from runner.store.index import Result
from runner.store.store import Store
from tests.fakes import frozen, png


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "state", frozen())
    yield opened
    opened.close()


def test_bytes_come_back_by_digest(tmp_path: Path) -> None:
    """What is put is got, under the SHA-256 of its bytes, once."""
    blobs = Blobs(tmp_path)
    name = blobs.put(b"picture")
    assert name == digest.of_bytes(b"picture") == blobs.put(b"picture")
    assert blobs.holds(name)
    assert blobs.get(name) == b"picture"
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == [name[2:]]


def test_damaged_and_missing_bytes_are_told(tmp_path: Path) -> None:
    """Bytes that are not what their name says never leave the store."""
    blobs = Blobs(tmp_path)
    name = blobs.put(b"picture")
    blobs.path(name).write_bytes(b"pictur!")
    with pytest.raises(Damaged, match="is damaged"):
        blobs.get(name)
    with pytest.raises(Damaged, match="is gone"):
        blobs.get("0" * 64)


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """A folder that cannot be made is an error in words, not a traceback."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutOfReach):
        Blobs(tmp_path / "file").put(b"picture")
    with pytest.raises(OutOfReach):
        Store.open(tmp_path / "file" / "state", frozen())


def test_pictures_are_looked_at_once(store: Store) -> None:
    """The facts of a picture are remembered by its digest."""
    kept = store.keep(png((1, 2, 3)))
    assert store.index.artifact(kept.digest) == kept
    assert store.keep(png((1, 2, 3))) == kept
    with pytest.raises(BadImage):
        store.keep(b"no picture")


def test_results_survive_and_need_their_pictures(tmp_path: Path) -> None:
    """A result is known to the next process, as long as its bytes are there."""
    store = Store.open(tmp_path / "state", frozen())
    image = store.keep(png((1, 2, 3)))
    store.index.record("f" * 64, Result((image,), 7))
    store.close()
    again = Store.open(tmp_path / "state", frozen())
    assert again.known("f" * 64) == Result((image,), 7)
    assert again.known("0" * 64) is None
    again.blobs.path(image.digest).unlink()
    assert again.known("f" * 64) is None
    again.close()


def test_two_threads_may_put_the_same_bytes(tmp_path: Path) -> None:
    """Equal pictures that arrive at once are stored once, and nobody stumbles."""
    blobs = Blobs(tmp_path)
    data = bytes(200_000)
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(lambda _: blobs.put(data), range(200)))
    assert names == {digest.of_bytes(data)}
    assert blobs.get(names.pop()) == data


def test_putting_mends_damaged_bytes(tmp_path: Path) -> None:
    """A picture that comes again takes the place of its damaged copy."""
    blobs = Blobs(tmp_path)
    name = blobs.put(b"picture")
    blobs.path(name).write_bytes(b"pict")
    assert blobs.put(b"picture") == name
    assert blobs.get(name) == b"picture"


def test_an_index_damaged_inside_is_told(tmp_path: Path) -> None:
    """Pages overwritten behind the first are damage, with words, when they are read."""
    store = Store.open(tmp_path, frozen())
    for number in range(400):
        store.index.keep_seed(f"recipe {number}", number)
    store.close()
    file = tmp_path / "index.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"x" * (len(whole) - 4096))
    with pytest.raises(Damaged, match="is damaged"), contextlib.closing(Store.open(tmp_path, frozen())) as damaged:
        damaged.index.seed("recipe 399")


def test_drawn_seeds_are_kept(store: Store) -> None:
    """A recipe without a seed keeps the one drawn for it."""
    assert store.index.seed("a.yaml") is None
    assert store.index.keep_seed("a.yaml", 5) == 5
    assert store.index.seed("a.yaml") == 5


def test_a_seed_drawn_by_two_processes_is_that_of_the_first(store: Store, tmp_path: Path) -> None:
    """Neither pays for pictures that the other would not find again; only a wish for a new one replaces it."""
    with contextlib.closing(Store.open(tmp_path / "state", frozen(), journaling=False)) as beside:
        assert (store.index.seed("a.yaml"), beside.index.seed("a.yaml")) == (None, None)
        assert store.index.keep_seed("a.yaml", 5) == 5
        assert beside.index.keep_seed("a.yaml", 6) == 5
        assert store.index.seed("a.yaml") == 5
        assert beside.index.keep_seed("a.yaml", 7, replace=True) == store.index.seed("a.yaml") == 7


def test_a_store_of_a_newer_version_is_left_untouched(tmp_path: Path) -> None:
    """A newer retouch's store is refused and not written to."""
    Store.open(tmp_path, frozen()).close()
    file = tmp_path / "index.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(Damaged, match="newer"):
        Store.open(tmp_path, frozen())
    assert file.read_bytes() == before


def test_a_file_that_is_no_index_is_told(tmp_path: Path) -> None:
    """Foreign bytes in the index's place are damage, not a crash."""
    (tmp_path / "index.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Damaged):
        Store.open(tmp_path, frozen())
