"""A disk whose acts are named and fail, and that forgets what was never synced when the power goes.

The files are real ones; what a power cut would leave of them is remembered beside. Bytes written and not synced
survive sector by sector, or do not. A new, moved or removed name survives once its folder is synced; of those that
were not, the first few of each folder do. SQLite's own file is not written through here and counts as durable.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections import Counter
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from random import Random
from typing import BinaryIO, Literal

from runner.disk import Disk
from tests.faults.machine import Crash, Machine

_SECTOR = 512


@dataclass
class _File:
    """What is on the platter of one file, and what was written since its last sync."""

    synced: bytes
    writes: list[tuple[int, bytes]] = field(default_factory=list)
    shortest: int | None = None
    """The smallest size it was cut to since."""

    def surviving(self, random: Random) -> bytes:
        """What a power cut leaves: any of the sectors that were written."""
        mood = random.choice(("none", "all", "some", "some"))
        if mood == "none":
            return self.synced
        left = bytearray(self.synced)
        if self.shortest is not None and random.random() < 0.5:
            del left[self.shortest :]
        for offset, data in self.writes:
            for start in range(offset - offset % _SECTOR, offset + len(data), _SECTOR):
                if mood == "all" or random.random() < 0.5:
                    begin, end = max(start, offset), min(start + _SECTOR, offset + len(data))
                    left.extend(bytes(max(0, end - len(left))))
                    left[begin:end] = data[begin - offset : end - offset]
        return bytes(left)


@dataclass
class _Change:
    """A change of names in a folder that was not synced since."""

    folder: Path
    kind: Literal["new", "moved", "removed", "folder"]
    place: Path
    source: Path | None = None
    before: _File | None = None
    """What had the name before."""


class Platter:
    """The durable part of a folder. One for a world, however often its machine is started."""

    def __init__(self) -> None:
        self._files: dict[Path, _File] = {}
        self._changes: list[_Change] = []
        self._lock = threading.Lock()

    def written(self, place: Path, offset: int, data: bytes) -> None:
        """Bytes are about to be written."""
        with self._lock:
            self._file(place).writes.append((offset, data))

    def cut(self, place: Path, size: int) -> None:
        """A file is about to be cut."""
        with self._lock:
            file = self._file(place)
            file.shortest = size if file.shortest is None else min(size, file.shortest)

    def synced(self, place: Path) -> None:
        """What a file holds now is durable."""
        with self._lock:
            self._files[place] = _File(place.read_bytes())

    def made(self, place: Path) -> None:
        """A file is about to be made, or emptied."""
        with self._lock:
            if place.exists():
                file = self._file(place)
                file.shortest = 0
            else:
                self._files[place] = _File(b"")
                self._changes.append(_Change(place.parent, "new", place))

    def folder_made(self, place: Path) -> None:
        """A folder is about to be made."""
        with self._lock:
            self._changes.append(_Change(place.parent, "folder", place))

    def moved(self, source: Path, target: Path) -> None:
        """A file is about to get another name."""
        with self._lock:
            before = self._file(target) if target.exists() else None
            self._changes.append(_Change(target.parent, "moved", target, source, before))
            self._files[target] = self._file(source)
            del self._files[source]

    def removed(self, place: Path) -> None:
        """A file is about to go."""
        with self._lock:
            if place.exists():
                self._changes.append(_Change(place.parent, "removed", place, None, self._file(place)))
                del self._files[place]

    def folder_synced(self, folder: Path) -> None:
        """The names in a folder are durable."""
        with self._lock:
            self._changes = [each for each in self._changes if each.folder != folder]

    def lose_power(self, random: Random) -> None:
        """Leave on disk what survives."""
        for place, file in sorted(self._files.items()):
            if place.exists() and (file.writes or file.shortest is not None):
                place.write_bytes(file.surviving(random))
        numbers = Counter(each.folder for each in self._changes)
        kept = {folder: random.choice((0, number, random.randint(0, number))) for folder, number in numbers.items()}
        undone = []
        for change in self._changes:
            kept[change.folder] -= 1
            if kept[change.folder] < 0:
                undone.append(change)
        for change in reversed(undone):
            self._undo(change, random)
        self._files.clear()
        self._changes.clear()

    def _undo(self, change: _Change, random: Random) -> None:
        place = change.place
        if change.kind == "folder":
            shutil.rmtree(place, ignore_errors=True)
        elif change.kind == "moved" and change.source is not None and place.exists():
            place.rename(change.source)
        elif change.kind == "new":
            place.unlink(missing_ok=True)
        if change.before is not None and place.parent.is_dir():
            place.write_bytes(change.before.surviving(random))

    def _file(self, place: Path) -> _File:
        if place not in self._files:
            self._files[place] = _File(place.read_bytes() if place.exists() else b"")
        return self._files[place]


class FaultyDisk(Disk):
    """The disk of one process. What it is asked for is an act of its machine."""

    def __init__(self, platter: Platter, machine: Machine) -> None:
        self._platter = platter
        self._machine = machine

    def make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            super().make_folder(folder)

    def add_folder(self, folder: Path) -> None:
        self._act("make folder", folder, takes_room=True)
        self._platter.folder_made(folder)
        super().add_folder(folder)

    def write(self, file: Path, data: bytes) -> None:
        self._act("create", file, takes_room=True)
        self._platter.made(file)
        super().write(file, data)

    def write_at(self, file: BinaryIO | FileIO, offset: int, data: bytes) -> None:
        place, machine = Path(str(file.name)), self._machine
        fault = machine.act(f"write {_told(place)}")
        room = max(0, place.stat().st_size - offset) if machine.full else len(data)
        if fault in {"kill", "power", "error"}:
            room = machine.random.choice((0, len(data) // 2, machine.random.randint(0, len(data))))
        if room < len(data) or fault == "error":
            self._platter.written(place, offset, data[:room])
            super().write_at(file, offset, data[:room])
            raise self._failure(fault)
        self._platter.written(place, offset, data)
        super().write_at(file, offset, data)
        if machine.dead:
            raise Crash

    def cut(self, file: BinaryIO | FileIO, size: int) -> None:
        place = Path(str(file.name))
        self._act("cut", place)
        self._platter.cut(place, size)
        super().cut(file, size)

    def sync(self, file: BinaryIO | FileIO) -> None:
        place = Path(str(file.name))
        self._act("sync", place)
        self._platter.synced(place)

    def move(self, source: Path, target: Path) -> None:
        self._act("move", target)
        self._platter.moved(source, target)
        super().move(source, target)

    def sync_folder(self, folder: Path) -> None:
        self._act("sync folder", folder)
        self._platter.folder_synced(folder)

    def remove(self, file: Path) -> None:
        self._act("remove", file)
        self._platter.removed(file)
        super().remove(file)

    def _act(self, what: str, place: Path, *, takes_room: bool = False) -> None:
        fault = self._machine.act(f"{what} {_told(place)}")
        if fault in {"kill", "power", "error"} or (self._machine.full and takes_room):
            raise self._failure(fault)

    def _failure(self, fault: str | None) -> BaseException:
        if self._machine.dead:
            return Crash()
        number = errno.ENOSPC if self._machine.full else errno.EIO
        return OSError(number, os.strerror(number)) if fault != "kill" else Crash()


def _told(place: Path) -> str:
    """A file or folder by name, without what differs from run to run."""
    name = place.name
    if name.endswith(".part"):
        return "a file beside its place"
    return name if len(name) < 30 else f"{name[:6]}…"
