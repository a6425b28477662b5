"""YAML for people: text -> data, with the position of every key and value.

The only room that imports yaml. `reading` walks the parser's *events* with a stack of its own, so that no input can
make it recurse, load an object or expand without limit; `refused` puts what the parser refuses into the words of an
author, `slips` and `lookalikes` what a line shows by itself; `rewriting` guesses how a line was meant; `mending` finds
out which guess can be read, and reads on with it; `places` keeps where everything stands. Plain scalars are read by the
core rules of YAML 1.2, cut down to what an author expects: whole numbers, decimals, `true`/`false` and null. Everything
else is text: `16:9`, `no`, `2024-01-01`, `007`.
"""

from __future__ import annotations

from pathlib import Path as FilePath

from runner.document.complaint import NO_PART, too_far_left
from runner.document.mending import MOST_BYTES, mended
from runner.document.places import MOST_CORRECTED, Document, Path, Span, first_of
from runner.document.rewriting import is_prose
from runner.document.source import in_quotes
from runner.errors import Diagnostic, InvalidRecipe, Location, UsageError

__all__ = [
    "MOST_BYTES", "MOST_CORRECTED", "NO_PART", "Document", "Path", "Span", "first_of", "in_quotes", "is_prose", "load",
    "read", "too_far_left",
]  # fmt: skip

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")
_HEIF = b"ftyp"
"""Stands at byte 4 of HEIC and AVIF files."""
_PAPERS = {
    b"PK\x03\x04": "a file of Word or another office program, or an archive",
    b"\xd0\xcf\x11\xe0": "a file of Word or another office program",
    b"{\\rtf": "rich text",
    b"%PDF": "a PDF",
    b"<!DOCTYPE html": "a web page",
    b"<html": "a web page",
}
"""What a text may have been saved as, by how the file begins."""


def read(path: FilePath, shown_as: str | None = None, *, mend: bool = False) -> Document:
    """Read a YAML file. Raises UsageError when it cannot be read, InvalidRecipe with its problems.

    With `mend`, a document comes back even where something is wrong with its form, as long as it is clear what was
    meant: so that the rest is checked, too. Whoever asks for that must look at its `found`.
    """
    name = shown_as or str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {name}") from None
    except IsADirectoryError:
        raise UsageError(f"{name} is a folder, not a recipe", hint="name the recipes in it, like *.yaml") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None
    paper = next((kind for begins, kind in _PAPERS.items() if raw.startswith(begins)), None)
    if paper is not None:
        raise UsageError(f"{name} is {paper}, not a recipe", hint="save the recipe as plain text, in UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if raw.startswith(_PICTURES) or raw[4:8] == _HEIF:
            hint = f"name a recipe, like shop.yaml; a picture is given to `retouch run`: -i photo={name}"
            raise UsageError(f"{name} is a picture, not a recipe", hint=hint) from None
        if len(raw) <= MOST_BYTES:
            raise InvalidRecipe([_no_text(raw, error.start, name)]) from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{name} is larger than {MOST_BYTES // 1000} kB, more than any recipe needs")
    return load(text, name, mend=mend)


def _no_text(raw: bytes, at: int, name: str) -> Diagnostic:
    """The first byte of another encoding, at its place."""
    line = raw.count(b"\n", 0, at) + 1
    column = at - raw.rfind(b"\n", 0, at)
    return Diagnostic(Location(name, line, column), "this is not UTF-8 text", "save the file as UTF-8 in your editor")


def load(text: str, file: str, *, mend: bool = False) -> Document:
    """Turn YAML text into data with positions; `mend` is that of read(). Raises InvalidRecipe with everything that is
    wrong with it."""
    document = mended(text, file)
    if document.found and not mend:
        raise InvalidRecipe(first_of(document.found))
    return document
