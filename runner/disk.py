"""What must last is written through here: each act upon the file system by name, one after the other.

A file is written beside its place, synced, moved there in one act, and its folder synced: after any crash the place
holds all of the bytes, or what it held before. The acts are methods, so that a test's own disk can fail, fill up or die
at each of them in turn, and can forget what was never synced.
"""

from __future__ import annotations

import os
import stat
import threading
from io import FileIO
from pathlib import Path
from typing import BinaryIO


class Disk:
    """The file system of this machine. Every method raises OSError."""

    def put(self, place: Path, data: bytes) -> None:
        """Write a whole file durably. Several threads may do so at one place: each works beside it, in its own file."""
        self._put(place, data, None)

    def rewrite(self, place: Path, data: bytes) -> None:
        """Write a file that is there anew, durably: who may read and write it stays as it is."""
        self._put(place, data, stat.S_IMODE(place.stat().st_mode))

    def _put(self, place: Path, data: bytes, mode: int | None) -> None:
        self.make_folder(place.parent)
        beside = place.with_name(f".{place.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            self.write(beside, data)
            if mode is not None:
                beside.chmod(mode)
            self.move(beside, place)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        self.sync_folder(place.parent)

    def prove(self, folder: Path) -> None:
        """Find out whether files can be written to a folder: it is made, and one is."""
        self.make_folder(folder)
        probe = folder / f".probe-{os.getpid()}.part"
        try:
            self.write(probe, b"retouch")
        finally:
            self.remove(probe)

    def make_folder(self, folder: Path) -> None:
        """Make a folder, and those above it, where they are missing; each of them lasts."""
        if folder.is_dir():
            return
        self.make_folder(folder.parent)
        self.add_folder(folder)
        self.sync_folder(folder.parent)

    def add_folder(self, folder: Path) -> None:
        """Make a folder in one that is there; its name may still be lost."""
        folder.mkdir(exist_ok=True)

    def write(self, file: Path, data: bytes) -> None:
        """Write a new file and sync its bytes; its name may still be lost."""
        with file.open("wb") as opened:
            self.write_at(opened, 0, data)
            self.sync(opened)

    def write_at(self, file: BinaryIO | FileIO, offset: int, data: bytes) -> None:
        """Write bytes at a place of an open file; they may still be lost."""
        file.seek(offset)
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
        file.flush()

    def cut(self, file: BinaryIO | FileIO, size: int) -> None:
        """Make an open file so many bytes long."""
        file.truncate(size)

    def sync(self, file: BinaryIO | FileIO) -> None:
        """Wait until what was written to an open file is on the disk."""
        os.fsync(file.fileno())

    def move(self, source: Path, target: Path) -> None:
        """Give a file its name, in one act; a file of that name is replaced."""
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder last."""
        if os.name != "posix":
            return
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def remove(self, file: Path) -> None:
        """Remove a file, if it is there."""
        file.unlink(missing_ok=True)


DISK = Disk()
"""The one of this machine."""
