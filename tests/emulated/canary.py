"""Looks for secrets in bytes: whole or cut off, in every spelling in which programs write text down.

A secret is sought in pieces of 12 letters: whatever run of them stands somewhere counts as seen, for who cuts off the
end of a key has still shown it. Bytes are searched as they are and, as far as they can be unpacked, behind zlib, gzip
and base64; a SQLite file also by its rows, which may lie in pieces on its pages.
"""

from __future__ import annotations

import base64
import binascii
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote

RUN = 12
"""Letters of a secret, one behind the other, that are too many."""
_BLOCK, _STRIDE = 8, 5
"""Every run of 12 letters holds a block of 8 that begins at a multiple of 5."""
_DEEPEST = 3
_MOST = 8_000_000

_BY_LETTER: Mapping[str, Callable[[str], str]] = {
    "plain": lambda c: c,
    "URL": lambda c: quote(c, safe=""),
    "URL in a URL": lambda c: quote(quote(c, safe=""), safe=""),
    "percent": lambda c: f"%{ord(c):02x}",
    "percent twice": lambda c: f"%25{ord(c):02x}",
    "escaped as in JSON": lambda c: f"\\u{ord(c):04x}",
    "escaped twice as in JSON": lambda c: f"\\\\u{ord(c):04x}",
    "escaped as in Python": lambda c: f"\\x{ord(c):02x}",
    "entities": lambda c: f"&#{ord(c)};",
    "hexadecimal entities": lambda c: f"&#x{ord(c):x};",
    "hexadecimal": lambda c: f"{ord(c):02x}",
    "hexadecimal with spaces": lambda c: f"{ord(c):02x} ",
    "UTF-16": lambda c: f"{c}\0",
    "UTF-16, big end first": lambda c: f"\0{c}",
}
"""Spellings letter by letter."""
FORMS = (*_BY_LETTER, "base64")


def seen(secrets: Mapping[str, str], data: bytes) -> set[str]:
    """Which secrets stand in the bytes, and in which form: `key (base64)`. Secrets are printable ASCII."""
    found: set[str] = set()
    for layer in _layers(data, _DEEPEST):
        lower = layer.lower()
        for name, secret in secrets.items():
            for form, exact, pieces in _needles(secret):
                where = layer if exact else lower
                if any(piece in where for piece in pieces):
                    found.add(f"{name} ({form})")
    return found


@cache
def _needles(secret: str) -> list[tuple[str, bool, list[bytes]]]:
    """For each form: its name, whether upper and lower case differ in it, and the pieces to look for."""
    blocks = [secret[at : at + _BLOCK] for at in range(0, len(secret) - _BLOCK + 1, _STRIDE)]
    found = []
    for form, spell in _BY_LETTER.items():
        pieces = ["".join(map(spell, block)) for block in blocks]
        exact = form in {"plain", "UTF-16", "UTF-16, big end first"}
        found.append((form, exact, [(piece if exact else piece.lower()).encode("ascii") for piece in pieces]))
    spelled: set[bytes] = set()
    for before in range(3):  # the three ways in which a text can lie in base64; its ends depend on what is beside it
        text = base64.b64encode(bytes(before) + secret.encode("ascii")).rstrip(b"=")[2 if before else 0 : -1]
        for each in (text, text.replace(b"+", b"-").replace(b"/", b"_")):
            spelled.update(each[at : at + _BLOCK] for at in range(0, len(each) - _BLOCK + 1, _STRIDE))
    return [*found, ("base64", True, sorted(spelled))]


def _layers(data: bytes, deep: int) -> Iterator[bytes]:
    """The bytes, and everything that can be unpacked from somewhere in them."""
    yield data
    if deep == 0:
        return
    if data.startswith(b"SQLite format 3\0"):
        yield from _rows(data)
    for inner in (*_unzipped(data), *_decoded(data)):
        yield from _layers(inner, deep - 1)


def _unzipped(data: bytes) -> Iterator[bytes]:
    """What lies behind each beginning of a zlib or gzip stream; most of them are none."""
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08", data):
        stream = zlib.decompressobj(32 + zlib.MAX_WBITS)
        out = b""
        try:
            out = stream.decompress(data[start.start() :], _MOST)
        except zlib.error:
            continue
        if out:
            yield out


def _decoded(data: bytes) -> Iterator[bytes]:
    """What long runs of base64 stand for, such as a picture in a request; a text is found without that."""
    for run in re.finditer(rb"[A-Za-z0-9+/]{200,}", data):
        text = run[0][: len(run[0]) // 4 * 4]
        try:
            yield base64.b64decode(text, validate=True)
        except binascii.Error:
            continue


def _rows(data: bytes) -> Iterator[bytes]:
    """All values of a SQLite file, whole. A file that cannot be read has only its bytes to show."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "copy"
        file.write_bytes(data)
        database = sqlite3.connect(file)
        try:
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    yield b"\n".join(each if isinstance(each, bytes) else str(each).encode() for each in row)
        except sqlite3.DatabaseError:
            return
        finally:
            database.close()
