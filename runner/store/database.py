"""The store's SQLite file: opened with durability on, its errors told in our words.

What it holds is worth money, so every write is on disk when its statement returns: WAL with synchronous=FULL costs a
fraction of a millisecond a row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runner.errors import Damaged, OutOfReach

VERSION = 3
"""Counts up with the form of the tables or of what stands in them."""
FORMER_JOURNAL = 2
"""Stores up to this version have their journal in a table, which former takes over."""

_TABLES = """
CREATE TABLE IF NOT EXISTS results (fingerprint TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS artifacts (digest TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seeds (recipe TEXT PRIMARY KEY, seed INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS durations (
    place TEXT NOT NULL, model TEXT NOT NULL, spans TEXT NOT NULL, PRIMARY KEY (place, model)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
    recipe TEXT NOT NULL, item TEXT NOT NULL, step TEXT NOT NULL, realm TEXT NOT NULL,
    fingerprint TEXT NOT NULL, request TEXT NOT NULL, PRIMARY KEY (recipe, item, step, realm)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
"""

Row = tuple[Any, ...]


class Database:
    """One SQLite file. Every method raises OutOfReach (disk, rights) or Damaged (what is there cannot be read)."""

    former: bool
    """Whether an earlier version wrote it, whose journal is still in it."""

    def __init__(self, file: Path) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._rows = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
        except (sqlite3.Error, OSError) as error:
            raise _told(error) from None
        try:
            self._prepare()
        except BaseException:
            self._rows.close()
            raise

    def _prepare(self) -> None:
        """Switch durability on and make the tables; a newer store is left untouched."""
        try:
            found = self._rows.execute("PRAGMA user_version").fetchone()[0]
            if found > VERSION:
                raise Damaged("the store was written by a newer retouch", hint="install that version, or a newer one")
            self._rows.execute("PRAGMA journal_mode=WAL")
            self._rows.execute("PRAGMA synchronous=FULL")
            self._rows.executescript(_TABLES)
            self.former = 0 < found <= FORMER_JOURNAL
            if not self.former:
                self._rows.execute(f"PRAGMA user_version={VERSION}")
        except sqlite3.Error as error:
            raise _told(error) from None

    def one(self, statement: str, values: Sequence[Any]) -> Row | None:
        """The first row that a query gives."""
        try:
            row: Row | None = self._rows.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise _told(error) from None
        return row

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Every row that a query gives."""
        try:
            rows: list[Row] = self._rows.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise _told(error) from None
        return rows

    def be_current(self) -> None:
        """Let go of the journal of an earlier version, in one act."""
        try:
            self._rows.executescript(
                f"BEGIN IMMEDIATE; DROP TABLE IF EXISTS journal; PRAGMA user_version={VERSION}; COMMIT;"
            )
        except sqlite3.Error as error:
            raise _told(error) from None
        self.former = False

    def write(self, statement: str, values: Sequence[Any]) -> int:
        """Change rows, durably; the number of the last row put in."""
        try:
            return self._rows.execute(statement, values).lastrowid or 0
        except sqlite3.Error as error:
            raise _told(error) from None

    def close(self) -> None:
        """Give back the file."""
        self._rows.close()


def _told(error: sqlite3.Error | OSError) -> OutOfReach | Damaged:
    if isinstance(error, OSError):
        return OutOfReach(f"the store cannot be opened: {error.strerror}")
    if isinstance(error, sqlite3.OperationalError):
        return OutOfReach(f"the store cannot be read or written: {error}", hint="is the disk full, or read-only?")
    hint = "move .retouch/index.sqlite away, that file alone, and run again: it is made anew from the journal"
    return Damaged(f"the index of the store is damaged: {error}", hint=hint)
