"""The search for secrets finds what it looks for: a search that cannot fail would be worth nothing."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image, PngImagePlugin

from tests.emulated.canary import RUN, seen

KEY = "sk_Qe7+w/Zb9=rT2.uY_~LpM4vN8xG-J1cF3hK6dS5aP0"
OTHER = {"key": KEY, "other": "zzzz9999yyyy8888xxxx7777wwww6666"}

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in a URL": lambda text: quote(text, safe=""),
    "in a URL's URL": lambda text: quote(quote(text, safe=""), safe=""),
    "all in percent": lambda text: "".join(f"%{ord(c):02X}" for c in text),
    "all in percent, twice": lambda text: quote("".join(f"%{ord(c):02X}" for c in text), safe=""),
    "in JSON": json.dumps,
    "escaped": lambda text: "".join(f"\\u{ord(c):04X}" for c in text),
    "escaped, in JSON": lambda text: json.dumps("".join(f"\\u{ord(c):04X}" for c in text)),
    "in Python's way": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "in HTML": html.escape,
    "as entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "as hexadecimal entities": lambda text: "".join(f"&#x{ord(c):X};" for c in text),
    "in hexadecimal": lambda text: text.encode().hex(),
    "in capital hexadecimal": lambda text: text.encode().hex().upper(),
    "in a dump": lambda text: text.encode().hex(" "),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64, one letter on": lambda text: base64.b64encode(f"x{text}y".encode()).decode(),
    "in base64, two letters on": lambda text: base64.b64encode(f"xx{text}yy".encode()).decode(),
    "in base64 for URLs": lambda text: base64.urlsafe_b64encode(f"Bearer {text}".encode()).decode(),
    "in UTF-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "in UTF-16, big end first": lambda text: text.encode("utf-16-be").decode("latin-1"),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_it_finds_each_spelling_whole_and_in_part(spelling: Callable[[str], str]) -> None:
    """The whole secret, and any twelve letters of it, with anything around it; nothing of another secret."""
    for secret in (KEY, *(KEY[at : at + RUN] for at in range(len(KEY) - RUN + 1))):
        told = seen(OTHER, b"\xff\x00words " + spelling(secret).encode("latin-1") + b" more\x00")
        assert told, secret
        assert all(each.startswith("key ") for each in told)


def test_it_finds_nothing_where_nothing_is() -> None:
    """Eleven letters are not twelve, and neither random bytes nor other words are the key."""
    pieces = (KEY[at : at + 7] for at in range(len(KEY)))
    text = " ".join(pieces).encode() + bytes(range(256)) * 50 + zlib.compress(b"nothing here " * 100)
    assert seen(OTHER, text) == set()


@pytest.mark.parametrize("pack", [zlib.compress, gzip.compress, lambda data: gzip.compress(zlib.compress(data))])
def test_it_looks_into_packed_bytes(pack: Callable[[bytes], bytes]) -> None:
    """zlib and gzip, one in the other, in the middle of other bytes."""
    assert seen(OTHER, b"head" + pack(b"text " * 50 + KEY.encode()) + b"tail")


def test_it_looks_into_pictures_and_into_pictures_in_requests() -> None:
    """A compressed iTXt of a PNG, an XMP packet of a JPEG; the PNG in base64, as a request carries it."""
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("note", f"made with {KEY}", zip=True)
    png, jpeg = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(png, "PNG", pnginfo=notes)
    Image.new("RGB", (40, 40), "teal").save(jpeg, "JPEG", xmp=f"<x>{KEY}</x>".encode())
    assert KEY.encode() not in png.getvalue()
    assert "key (plain)" in seen(OTHER, png.getvalue())
    assert "key (plain)" in seen(OTHER, jpeg.getvalue())
    assert seen(OTHER, b'{"image": "' + base64.b64encode(png.getvalue()) + b'"}')


def test_it_looks_into_databases(tmp_path: Path) -> None:
    """A short secret that lies on two pages, one half at the end of the first."""
    file, short = tmp_path / "a.db", KEY[:14]
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE notes (text TEXT)")
    database.execute("INSERT INTO notes VALUES (?)", ["x" * 809 + short + "y" * (9000 - 809 - len(short))])
    database.commit()
    database.close()
    data = file.read_bytes()
    assert not any(short[at : at + 8].encode() in data for at in range(len(short) - 7)), "it is in two pieces"
    assert seen({"key": short}, data)


def test_it_looks_into_the_log_beside_a_database(tmp_path: Path) -> None:
    """What was written and is not in the file yet."""
    file = tmp_path / "a.db"
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE notes (text TEXT)")
    database.execute("INSERT INTO notes VALUES (?)", [KEY])
    database.commit()
    assert seen(OTHER, (tmp_path / "a.db-wal").read_bytes())
    database.close()
