"""What all commands on schemas share: a page read from where it is named, its source, and files put in their place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from runner import pages
from runner.errors import OutOfReach, RetouchError
from runner.schemagen.page import Page, read_page


def today() -> str:
    """The date, as YYYY-MM-DD, in UTC."""
    return datetime.now(tz=UTC).date().isoformat()


def page_of(named: str, root: Path, text: str | None = None) -> Page:
    """The page in a file or at an address. Its `source` is what it can be found by again: an address, or a file's
    path from the workspace's root. `text` is that of the page, where it has been fetched already.

    Raises UsageError for a page that is not there or yields nothing, OutOfReach for a host that does not answer.
    """
    address = pages.is_address(named)
    found = read_page(pages.read(named) if text is None else text, named if address else Path(named).name)
    return found if address else replace(found, source=found.url or _from_root(Path(named), root))


def pages_at(sources: Sequence[str], root: Path) -> list[Page | RetouchError]:
    """The pages that the `source` of each schema names, read again; for each that cannot be read, why."""
    places = [each if pages.is_address(each) else os.path.relpath(root / each) for each in sources]
    found: list[Page | RetouchError] = []
    for source, place, text in zip(sources, places, pages.read_all(places), strict=True):
        try:
            found.append(text if isinstance(text, RetouchError) else replace(page_of(place, root, text), source=source))
        except RetouchError as error:
            found.append(error)
    return found


def put(file: Path, text: str) -> None:
    """Write a file; until it is complete, the former one stays in its place. Raises OutOfReach."""
    beside = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(file)
    except OSError as error:
        raise OutOfReach(f"{file} cannot be written: {error.strerror}") from None


def _from_root(file: Path, root: Path) -> str:
    """Never a path of this machine: schemas are committed."""
    try:
        return Path(os.path.relpath(file.resolve(), root)).as_posix()
    except ValueError:  # another drive
        return file.name
