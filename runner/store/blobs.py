"""Bytes by digest: one file each, written beside its place, synced, then moved there in one act."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from runner import digest
from runner.errors import Damaged, OutOfReach


class Blobs:
    """A folder of files named by the SHA-256 of what they hold, e.g. `objects/ab/cdef…`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where the bytes with this digest lie, if they are here."""
        return self._folder / name[:2] / name[2:]

    def holds(self, name: str) -> bool:
        """Whether bytes with this digest are here."""
        return self.path(name).is_file()

    def put(self, data: bytes) -> str:
        """Keep the bytes and give their digest. When this returns, they are on disk.

        Raises OutOfReach when they cannot be written.
        """
        name = digest.of_bytes(data)
        place = self.path(name)
        try:
            if place.is_file() and digest.of_bytes(place.read_bytes()) == name:
                return name
            place.parent.mkdir(parents=True, exist_ok=True)
            write_durably(place, data)
        except OSError as error:
            raise OutOfReach(f"a picture cannot be written to the store: {error.strerror}") from None
        return name

    def get(self, name: str) -> bytes:
        """The bytes with this digest. Raises Damaged when they are gone or are others."""
        try:
            data = self.path(name).read_bytes()
        except OSError:
            raise Damaged(f"the picture {name[:12]}… is gone from the store") from None
        if digest.of_bytes(data) != name:
            hint = f"delete .retouch/objects/{name[:2]}/{name[2:]}: the picture will be made again, and paid again"
            raise Damaged(f"the picture {name[:12]}… in the store is damaged", hint=hint)
        return data


def write_durably(place: Path, data: bytes) -> None:
    """Write a file so that, after any crash, its place holds all of the bytes or what it held before.

    Several threads may write to the same place at once: each writes beside it under a name of its own.
    """
    beside = place.with_name(f".{place.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the name itself is only durable once its folder is synced
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
