"""A file of checksummed lines that only grows: what the journal is written in.

A line is a number that counts up, a checksum and a JSON array of records, with a space between them:

    17 9c1185a5c5e9fc54 [{"is": "SENDING", "call": 3, "at": 1795260000.0}]

All records of one line are written at once and synced before append() returns. A crash can therefore spoil the last
line alone, and nobody was told of what it held: it is dropped, and told. Anything else that does not fit is damage:
a wrong checksum, a number left out, an empty place in the middle. Then nothing is read and nothing is written.

Behind the last line stands room that was taken beforehand, as line ends: what has to be written once a request is paid
for finds its place even when the disk has become full meanwhile, and a sync does not have to wait for the file to grow.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner import digest
from runner.disk import Disk
from runner.errors import Damaged, OutOfReach

Record = Mapping[str, Any]
"""One plain JSON object."""

Hear = Callable[[Record], None]

_ROOM = 65_536
"""Bytes taken at a time behind the last line."""
_FULL = "free some space; what was bought is kept and will be fetched"


@dataclass(frozen=True, slots=True)
class Found:
    """What a file of lines held when it was read."""

    lines: int
    end: int
    """Bytes up to the end of the last good line."""
    cut: bytes = b""
    """A last line that a crash had cut off; it counts as never written."""


def read(file: Path, form: str, version: int, hear: Hear) -> Found:
    """Tell `hear` every record in a file of lines, which may be missing or empty. The file itself is left as it is.

    `form` and `version` stand in its first line. Raises Damaged, also for a newer version; OutOfReach; what `hear`
    raises.
    """
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return Found(0, 0)
    except OSError as error:
        raise OutOfReach(f"{_named(file)} cannot be read: {error.strerror}") from None
    end = number = 0
    written = len(data.rstrip(b"\n"))
    while end < written:
        stop = data.find(b"\n", end)
        stop = len(data) if stop < 0 else stop
        found = _unpacked(data[end:stop], number + 1)
        if found is None or stop == len(data):
            if number == 0 or _goes_on(data[end:], number + 1):  # the first line was moved into its place whole
                raise _damaged(file, number + 1)
            return Found(number, end, data[end:written])
        if number == 0:
            _check_header(file, found, form, version)
        for record in found if number else ():
            hear(record)
        number, end = number + 1, stop + 1
    return Found(number, end)


class Lines:
    """One file of lines, open for writing by one process. Its methods may be called in any thread, one at a time."""

    def __init__(self, file: Path, form: str, version: int, disk: Disk, hear: Hear) -> None:
        """Open, or begin, the file; `hear` is told every record in it. A line that was cut off is wiped out.

        Raises as read() does.
        """
        self.found = read(file, form, version, hear)
        self._file = file
        self._disk = disk
        self._number, self._end = self.found.lines, self.found.end
        self._broken: OSError | None = None
        try:
            if self._number == 0:
                disk.put(file, first := _packed(1, [{form: version}]))
                self._number, self._end = 1, len(first)
            self._open = file.open("r+b", buffering=0)
        except OSError as error:
            raise self._told(error) from None
        try:
            self._size = self._open.seek(0, 2)
            if self.found.cut:
                self._wipe()
            if self.found.lines:  # whoever wrote them may have ended before they, or the file's name, were sure to last
                disk.sync(self._open)
                disk.sync_folder(file.parent)
        except BaseException as error:
            self._open.close()
            if isinstance(error, OSError):
                raise self._told(error) from None
            raise

    @property
    def size(self) -> int:
        """Bytes in use."""
        return self._end

    def make_room(self, size: int) -> None:
        """See to it that so many bytes can still be written, whatever happens to the disk. Raises OutOfReach."""
        if self._end + size <= self._size:
            return
        grown = self._end + max(size, _ROOM)
        try:
            self._disk.write_at(self._open, self._size, b"\n" * (grown - self._size))
            self._disk.sync(self._open)
        except OSError as error:  # nothing stands there yet: a later try may have more luck
            raise self._told(error) from None
        self._size = grown

    def append(self, records: Sequence[Record]) -> None:
        """Write records as one line; they are on disk when this returns.

        Raises OutOfReach. Once the disk has failed to sync, nobody knows what it holds, and nothing more is written.
        """
        if self._broken is not None:
            raise self._told(self._broken)
        line = _packed(self._number + 1, records)
        try:
            self._disk.write_at(self._open, self._end, line)
        except OSError as error:
            self._taken_back(error)
            raise self._told(error) from None
        try:
            self._disk.sync(self._open)
        except OSError as error:
            self._broken = error
            raise self._told(error) from None
        self._number, self._end = self._number + 1, self._end + len(line)
        self._size = max(self._size, self._end)

    def close(self) -> None:
        """Give back the file, and the room behind its last line."""
        if self._open.closed:
            return
        try:
            if self._broken is None:
                self._disk.cut(self._open, self._end)
        except OSError as error:
            self._broken = error  # the room stays: readers take it for what it is
        finally:
            self._open.close()

    def _taken_back(self, error: OSError) -> None:
        """Wipe out a line that could only be written in part; where that fails, too, no line may follow it."""
        try:
            self._size = max(self._size, self._open.seek(0, 2))
            self._wipe()
        except OSError:
            self._broken = error

    def _wipe(self) -> None:
        """Make empty room of everything behind the last good line."""
        self._disk.write_at(self._open, self._end, b"\n" * (self._size - self._end))
        self._disk.sync(self._open)

    def _told(self, error: OSError) -> OutOfReach:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        words = f"{_named(self._file)} cannot be written: {error.strerror or error}"
        return OutOfReach(words, hint=_FULL if full else None)


def whole(form: str, version: int, records: Sequence[Record]) -> bytes:
    """A file of lines as it would stand on disk, each record on a line of its own."""
    lines = [_packed(number, [each]) for number, each in enumerate([{form: version}, *records], 1)]
    return b"".join(lines)


def prove(record: Record) -> None:
    """Find out whether a record can stand in a line. Raises ValueError, TypeError, RecursionError."""
    json.dumps(record, allow_nan=False)


def _packed(number: int, records: Sequence[Record]) -> bytes:
    text = json.dumps(list(records), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return f"{number} {_checksum(number, text)} {text}\n".encode("ascii")


def _unpacked(line: bytes, number: int) -> list[Record] | None:
    """The records of a line, or None when it is not what was written as line `number`."""
    try:
        counted, checksum, text = line.decode("ascii").split(" ", 2)
        if counted != str(number) or checksum != _checksum(number, text):
            return None
        records: list[Record] = json.loads(text)
    except ValueError:
        return None
    return records


def _goes_on(rest: bytes, number: int) -> bool:
    """Whether a good line stands somewhere behind a bad one: then it is no crash that has spoilt line `number`.

    Of a line that was being written when the power went, any sector may be there and any other may be missing.
    """
    for line in rest.split(b"\n"):
        counted = line.partition(b" ")[0]
        if (
            counted.isdigit()
            and len(counted) < 16
            and int(counted) > number
            and _unpacked(line, int(counted)) is not None
        ):
            return True
    return False


def _checksum(number: int, text: str) -> str:
    return digest.of_bytes(f"{number} {text}".encode("ascii"))[:16]


def _check_header(file: Path, found: Sequence[Record], form: str, version: int) -> None:
    stated = found[0].get(form) if found else None
    if not isinstance(stated, int):
        raise Damaged(f"{_named(file)} is no {form} of retouch; nothing was sent", hint="move it away")
    if stated > version:
        hint = "install that version, or a newer one"
        raise Damaged(f"{_named(file)} was written by a newer retouch; nothing was sent", hint=hint)


def _damaged(file: Path, number: int) -> Damaged:
    hint = (
        "put back a copy from a backup; else move the file away: what was bought and not fetched is then unknown, "
        "and the host's usage page is the only account of it"
    )
    return Damaged(f"{_named(file)} is damaged at line {number}; nothing was sent", hint=hint)


def _named(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"
