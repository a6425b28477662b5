"""What each step of a recipe asked for when it was last done: to tell later why it has to be done again.

It helps people, no more. So it is on disk only now and then, and a disk that does not take it, or gives back something
else, is no reason to fail: no method raises.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from runner.errors import Damaged, OutOfReach
from runner.store.database import Database


class Place(NamedTuple):
    """One step of one item of a recipe, in one realm."""

    recipe: str
    """What the recipe is called in its workspace: its path from the root."""
    item: str
    step: str
    realm: str


class History:
    """The last request of every place."""

    _AT_ONCE = 64
    """So many come before they are written, in one act."""

    def __init__(self, rows: Database) -> None:
        self._rows = rows
        self._unwritten: dict[Place, tuple[str, str]] = {}

    def last(self, place: Place) -> Mapping[str, Any] | None:
        """What was asked for there the last time; None where nothing is known."""
        text = self._row("request", place)
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(text) if text is not None else None
            return found if isinstance(found, dict) else None
        return None

    def holds(self, place: Place, fingerprint: str) -> bool:
        """Whether the request with this fingerprint is the last one there: then nothing is to be kept."""
        return self._row("fingerprint", place) == fingerprint

    def keep(self, place: Place, fingerprint: str, request: Mapping[str, Any]) -> None:
        """Remember a request instead of the last one."""
        self._unwritten[place] = (fingerprint, json.dumps(request, ensure_ascii=False))
        if len(self._unwritten) >= self._AT_ONCE:
            self.write()

    def realms(self, recipe: str, item: str, step: str) -> tuple[str, ...]:
        """Every realm in which something is known of a step."""
        found = {place.realm for place in self._unwritten if place[:3] == (recipe, item, step)}
        statement = "SELECT realm FROM requests WHERE recipe = ? AND item = ? AND step = ?"
        with contextlib.suppress(OutOfReach, Damaged):
            found |= {str(realm) for (realm,) in self._rows.all(statement, [recipe, item, step])}
        return tuple(sorted(found))

    def write(self) -> None:
        """Write what is not yet written."""
        rows = [(*place, *told) for place, told in self._unwritten.items()]
        self._unwritten.clear()
        if rows:
            marks = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(rows))
            with contextlib.suppress(OutOfReach, Damaged):
                statement = f"INSERT OR REPLACE INTO requests VALUES {marks}"
                self._rows.write(statement, [value for row in rows for value in row])

    def _row(self, column: str, place: Place) -> str | None:
        waiting = self._unwritten.get(place)
        if waiting is not None:
            return waiting[column == "request"]
        statement = f"SELECT {column} FROM requests WHERE recipe = ? AND item = ? AND step = ? AND realm = ?"
        with contextlib.suppress(OutOfReach, Damaged):
            row = self._rows.one(statement, place)
            return None if row is None else str(row[0])
        return None
