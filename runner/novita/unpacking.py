"""Bodies of answers, unpacked as they come and never beyond a limit. Pure.

A few kilobytes of gzip can hold gigabytes: whoever unpacks first and counts then has lost already.
"""

from __future__ import annotations

import zlib

_PLAIN = {"", "identity"}
_PACKED = {"gzip", "x-gzip", "deflate"}
_EITHER = 32 + zlib.MAX_WBITS
"""Tells gzip and zlib's own frame apart by the first bytes."""


class Garbled(Exception):
    """A body that is not packed as it says, or ends before its end."""


class Body:
    """One body, as far as it has come: at most `most` bytes of it, unpacked."""

    def __init__(self, coding: str, most: int) -> None:
        """`coding` is the Content-Encoding; see `readable`."""
        self._most = most
        self._data = bytearray()
        self._packed = zlib.decompressobj(_EITHER) if coding.strip().lower() in _PACKED else None

    def take(self, raw: bytes) -> bool:
        """Take in the next bytes of the answer; whether there is still room. Raises Garbled."""
        room = self._most + 1 - len(self._data)
        if self._packed is None:
            self._data += raw[:room]
        else:
            try:
                self._data += self._packed.decompress(raw, room)
            except zlib.error:
                raise Garbled from None
        return len(self._data) <= self._most

    def end(self) -> None:
        """All has come. Raises Garbled where something is still missing."""
        if self._packed is not None and not self._packed.eof:
            raise Garbled

    @property
    def data(self) -> bytes:
        """What there is of it, within the limit."""
        return bytes(self._data[: self._most])


def readable(coding: str) -> bool:
    """Whether bodies with this Content-Encoding are read. One coding at most, of the two that zlib knows."""
    return coding.strip().lower() in _PLAIN | _PACKED
