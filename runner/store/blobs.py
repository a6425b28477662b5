"""Bytes by digest: one file each, written beside its place, synced, then moved there in one act."""

from __future__ import annotations

from pathlib import Path

from runner import digest
from runner.disk import DISK, Disk
from runner.errors import Damaged, OutOfReach


class Blobs:
    """A folder of files named by the SHA-256 of what they hold, e.g. `objects/ab/cdef…`."""

    def __init__(self, folder: Path, disk: Disk = DISK) -> None:
        self._folder = folder
        self._disk = disk

    def prove(self) -> None:
        """Find out whether pictures can be stored at all. Raises OutOfReach."""
        try:
            self._disk.prove(self._folder)
        except OSError as error:
            raise _refused(error) from None

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
                self._disk.sync_folder(place.parent)  # whoever put it there may have been killed just before that
            else:
                self._disk.put(place, data)
        except OSError as error:
            raise _refused(error) from None
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


def _refused(error: OSError) -> OutOfReach:
    return OutOfReach(f"a picture cannot be written to the store: {error.strerror}")
