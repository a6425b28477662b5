"""What all commands on schemas share: a page read from where it is named, its source, and files put in their place."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from runner import pages
from runner.errors import OutOfReach, RetouchError, UsageError
from runner.schemagen.page import Page, read_page

_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/|www\.", re.IGNORECASE)
"""How an address begins whose `https://` is missing."""


def today() -> str:
    """The date, as YYYY-MM-DD, in UTC."""
    return datetime.now(tz=UTC).date().isoformat()


def page_of(named: str, root: Path, text: str | None = None) -> Page:
    """The page in a file or at an address. Its `source` is what it can be found by again: an address, or a file's
    path from the workspace's root. `text` is that of the page, where it has been fetched already.

    Raises UsageError for a page that is not there or yields nothing, OutOfReach for a host that does not answer.
    """
    address = pages.is_address(named)
    named = pages.plain_address(named) if address else named
    if text is None and not address and (error := _no_page(named)) is not None:
        raise error
    found = read_page(pages.read(named) if text is None else text, named if address else Path(named).name)
    if address:
        return found
    own = found.url.partition("#")[0].partition("?")[0] if found.url is not None else None
    return replace(found, url=own, source=own or _from_root(Path(named), root))


def pages_at(sources: Sequence[str], root: Path) -> list[Page | RetouchError]:
    """The pages that the `source` of each schema names, read again; for each that cannot be read, why."""
    places = [each if pages.is_address(each) else os.path.relpath(root / each) for each in sources]
    readable = [each for each in places if pages.is_address(each) or _no_regular_file(each) is None]
    texts = dict(zip(readable, pages.read_all(readable), strict=True))
    found: list[Page | RetouchError] = []
    for source, place in zip(sources, places, strict=True):
        text = texts.get(place) or _no_regular_file(place) or ""
        try:
            found.append(text if isinstance(text, RetouchError) else replace(page_of(place, root, text), source=source))
        except RetouchError as error:
            found.append(error)
    return found


def _no_page(named: str) -> UsageError | None:
    """Why this names no file, in better words than the file system's; None where there may be one."""
    if not named.strip():
        return UsageError("no page is named", hint="name a file, or an address that begins with https://")
    if os.path.isdir(named):  # noqa: PTH112 - Path.is_dir raises for names that no file can have
        return UsageError(f"{named} is a folder", hint="name the page in it")
    if _HOST.match(named) and not os.path.exists(named):  # noqa: PTH110
        hint = f"if it is an address, write https:// in front: https://{named}"
        return UsageError(f"there is no file {named}", hint=hint)
    return None


def _no_regular_file(named: str) -> UsageError | None:
    """Why a file that a schema names is not read: nobody has looked at what it is, and a pipe would never end."""
    if (error := _no_page(named)) is not None:
        return error
    if os.path.exists(named) and not os.path.isfile(named):  # noqa: PTH110, PTH113
        return UsageError(f"{named} is no file that can be read")
    return None


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
