"""YAML for people: text -> data, with the position of every key and value.

The only room that imports yaml. `reading` walks the parser's *events* with a stack of its own, so that no input can
make it recurse, load an object or expand without limit; `complaints` puts what the parser refuses into the words of an
author; `places` keeps where everything stands. Plain scalars are read by the core rules of YAML 1.2, cut down to what
an author expects: whole numbers, decimals, `true`/`false` and null. Everything else is text: `16:9`, `no`,
`2024-01-01`, `007`.
"""

from __future__ import annotations

from pathlib import Path as FilePath

from runner.document.places import Document, Path, Span
from runner.document.reading import MOST_BYTES, Reader
from runner.errors import Diagnostic, InvalidRecipe, Location, UsageError

__all__ = ["MOST_BYTES", "Document", "Path", "Span", "load", "read"]

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")
_HEIF = b"ftyp"
"""Stands at byte 4 of HEIC and AVIF files."""


def read(path: FilePath, shown_as: str | None = None) -> Document:
    """Read a YAML file. Raises UsageError when it cannot be read, InvalidRecipe with its problems."""
    name = shown_as or str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {name}") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if raw.startswith(_PICTURES) or raw[4:8] == _HEIF:
            hint = f"name a recipe, and give the picture to it: retouch run RECIPE -i photo={name}"
            raise UsageError(f"{name} is a picture, not a recipe", hint=hint) from None
        if len(raw) <= MOST_BYTES:
            raise InvalidRecipe([_no_text(raw, error.start, name)]) from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{name} is larger than {MOST_BYTES // 1000} kB, more than any recipe needs")
    return load(text, name)


def _no_text(raw: bytes, at: int, name: str) -> Diagnostic:
    """The first byte of another encoding, at its place."""
    line = raw.count(b"\n", 0, at) + 1
    column = at - raw.rfind(b"\n", 0, at)
    return Diagnostic(Location(name, line, column), "this is not UTF-8 text", "save the file as UTF-8 in your editor")


def load(text: str, file: str) -> Document:
    """Turn YAML text into data with positions. Raises InvalidRecipe with everything that is wrong with it."""
    return Reader(text, file).read()
