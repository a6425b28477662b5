"""What nobody may see: keys, and the queries of signed links. Finds them in foreign text and takes them out. Pure.

A host may quote our key back to us, and an error of a library what it was about to send: in whatever spelling, whole or
cut off. Everything that is built from foreign words goes through here before it is told or written.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import NoReturn

SHORTEST = 16
"""Letters of a secret that is looked for in text; a shorter one, like the `test` that one gives an emulator, may well
stand in any text. No key for a paid host is shorter, see settings."""

_PIECE = 12
"""Letters of a key that are too many to be shown: hosts quote the first ones and cut off the rest."""
_QUERY = re.compile(r"[?#]|\\u003f|%3f|&quest;", re.IGNORECASE)
_EQUALS = re.compile(r"=|\\u003d|%3d|&equals;", re.IGNORECASE)
_USER = re.compile(r"((?:[/\\]|%2f|\\u002f){2})[^\s/\\@]{1,200}@", re.IGNORECASE)
_SIGNED = re.compile(r"((?:signature|sign|sig|hmac|token|credential|secret|password)=)[^\s&;,\"'<>]+", re.IGNORECASE)
_NAMED = re.compile(
    r"((?:signature|hmac|token|credential|secret|password)[\"']?(?:\s*:\s*|\s*>\s*)[\"']?)[^\s&;,\"'<>]{16,}",
    re.IGNORECASE,
)
"""The same as in headers, JSON and XML; a value that is shorter is a word, as in `invalid token: expired`."""


class Secret:
    """A key. It shows nothing of itself when it is printed, logged, formatted or copied."""

    __slots__ = ("_pieces", "_value", "_whole")

    def __init__(self, value: str) -> None:
        self._value = value
        self._whole: re.Pattern[bytes] | None = None
        self._pieces: tuple[tuple[bytes, int], ...] = ()
        if len(value) >= SHORTEST and value.isascii():
            self._whole, self._pieces = _any_spelling(value), tuple(_spellings(value.encode("ascii")))

    def reveal(self) -> str:
        """The key itself: for the one header that needs it."""
        return self._value

    def taken_out_of(self, data: bytes) -> bytes:
        """The bytes with `[key]` wherever they held the key, or more of it than may be shown; see SHORTEST.

        Found as it is, in UTF-16, escaped as in JSON, URLs (also twice) or HTML, in hexadecimal and in base64.
        """
        if self._whole is None:
            return data
        data = self._whole.sub(b"[key]", data)
        spans = sorted(span for piece in self._pieces for span in _runs(data, *piece))
        out, end = bytearray(), 0
        for begin, stop in spans:
            if begin >= end:
                out += data[end:begin] + b"[key]"
            end = max(end, stop)
        return bytes(out + data[end:]) if spans else data

    def stands_in(self, text: str) -> bool:
        """Whether a text holds the key as above."""
        data = text.encode("utf-8", "replace")
        return self.taken_out_of(data) != data

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never written down")


def without_queries(text: str) -> str:
    """A text whose links have lost their queries, users and passwords, in whatever spelling, with or without a scheme;
    and what is called a signature or the like has lost its value."""
    text = re.sub(r"\S+", lambda word: _without_query(word[0]), _USER.sub(r"\1…@", text))
    return _NAMED.sub(r"\1…", _SIGNED.sub(r"\1…", text))


def _without_query(word: str) -> str:
    """A word; of one that may be a link only what comes before the query."""
    mark = _QUERY.search(word)
    if mark is None or mark.end() == len(word):
        return word
    head = word[: mark.start()]
    return f"{head}?…" if "/" in head or _EQUALS.search(word, mark.end()) else word


def _any_spelling(key: str) -> re.Pattern[bytes]:
    """Finds the whole key, each of its letters spelled in its own way."""
    letters = (
        rf"(?:\\{{1,2}}u00(?i:{ord(c):02x})|%(?:25)?(?i:{ord(c):02x})|&#(?:0*{ord(c)}|[xX]0*(?i:{ord(c):x}));"
        rf"|\\?{re.escape(c)})"
        for c in key
    )
    return re.compile(r"\x00{0,3}".join(letters).encode("ascii"))


def _spellings(key: bytes) -> Iterator[tuple[bytes, int]]:
    """The key in each spelling that is of one piece, and how many letters of that are too many."""
    yield key, _PIECE
    yield key.hex().encode("ascii"), 2 * _PIECE
    yield key.hex().upper().encode("ascii"), 2 * _PIECE
    for before in range(3):  # base64 spells it in three ways, by where it begins; the ends depend on the neighbours
        spelled = base64.b64encode(bytes(before) + key).rstrip(b"=")
        inner = spelled[(0, 2, 3)[before] : len(spelled) - bool((before + len(key)) % 3)]
        yield from ((each, 4 * _PIECE // 3) for each in {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))})


def _runs(data: bytes, text: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Where data holds `least` letters of text or more, one behind the other."""
    size = (least + 1) // 2  # whatever run is that long holds a whole block of this size
    for start in range(0, len(text) - size + 1, size):
        at = data.find(text[start : start + size])
        while at >= 0:
            begin, end, first, last = at, at + size, start, start + size
            while begin > 0 and first > 0 and data[begin - 1] == text[first - 1]:
                begin, first = begin - 1, first - 1
            while end < len(data) and last < len(text) and data[end] == text[last]:
                end, last = end + 1, last + 1
            if end - begin >= least:
                yield begin, end
            at = data.find(text[start : start + size], at + 1)
