"""Documentation pages, from files and addresses, and pictures from addresses: the only door to other people's sites.

`asking` says what is asked of an address and within which bounds; `pictures` fetches pictures. Pages are read here. The
address of a page is stored with its schema and printed, so it may have no query, in which keys travel. A host gets 30
seconds in all and may send 2 MB. Some sites serve a page as HTML and, with `.md` behind the same address, as markdown:
that is tried once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from runner.errors import RetouchError, UsageError
from runner.pages import asking

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 2_000_000
SECONDS = 30.0
"""For a page in all, its redirects included."""

_WANTED = asking.Wanted(
    what="page",
    accept="text/markdown, text/plain;q=0.9, */*;q=0.1",
    most_bytes=MOST_BYTES,
    seconds=SECONDS,
    instead="save the page and name the file",
)
_AT_ONCE = 6
_MARKDOWN = ".md"


def is_address(page: str) -> bool:
    """Whether a page is named by its address; else it is a file."""
    return "://" in page


def plain_address(page: str) -> str:
    """The address of a page as it is asked for, stored and printed: without its fragment.

    Raises UsageError for one that holds a name, a password or a query, none of which are printed.
    """
    address, _, _ = page.partition("#")
    told, query, _ = address.partition("?")
    if "@" in told.partition("://")[2].partition("/")[0]:
        raise UsageError("the address of a page holds a name or a password", hint="pages are asked without credentials")
    if query:
        hint = "it would be stored with the schema: leave it out, or save the page and name the file"
        raise UsageError(f"{told} has a query behind it", hint=hint)
    asking.check(told, _WANTED)
    return told


def read(page: str, *, transport: httpx.AsyncBaseTransport | None = None, seconds: float = SECONDS) -> str:
    """The text of a page. `transport` takes the place of the network.

    Raises UsageError when there is no such page or it is no text, OutOfReach when its host does not deliver it.
    """
    (found,) = read_all([page], transport=transport, seconds=seconds)
    if isinstance(found, RetouchError):
        raise found
    return found


def read_all(
    pages: Sequence[str], *, transport: httpx.AsyncBaseTransport | None = None, seconds: float = SECONDS
) -> list[str | RetouchError]:
    """The text of each page, or what `read` would raise for it; addresses are asked side by side."""
    if not any(is_address(page) for page in pages):
        return [_tried(page) for page in pages]

    async def one(page: str, places: asyncio.Semaphore) -> str | RetouchError:
        if not is_address(page):
            return _tried(page)
        async with places:
            try:
                return await _fetched(page, transport, seconds)
            except RetouchError as error:
                return error

    async def every() -> list[str | RetouchError]:
        places = asyncio.Semaphore(_AT_ONCE)
        return list(await asyncio.gather(*(one(page, places) for page in pages)))

    return asyncio.run(every())


def _tried(page: str) -> str | RetouchError:
    try:
        return _decoded(_file(Path(page)), page)
    except RetouchError as error:
        return error


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}") from None
    except (OSError, ValueError):
        raise UsageError(f"{path} is no text that can be read as UTF-8") from None
    return _bounded(data, str(path))


def _bounded(data: bytes, page: str) -> bytes:
    if len(data) > MOST_BYTES:
        raise UsageError(f"{page} is larger than {MOST_BYTES // 1_000_000} MB, more than any page of parameters")
    return data


def _decoded(data: bytes, page: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{page} is no text that can be read as UTF-8") from None


async def _fetched(page: str, transport: httpx.AsyncBaseTransport | None, seconds: float) -> str:
    address = plain_address(page)
    try:
        async with asyncio.timeout(seconds):
            answer = await asking.ask(address, _WANTED, transport)
            if not _is_html(answer):
                return _decoded(_page(answer, address), page)
            beside = _markdown_of(address)
            if beside is not None:
                other = await asking.ask(beside, _WANTED, transport)
                if 200 <= other.status < 300 and not _is_html(other):
                    return _decoded(_page(other, beside), page)
    except asking.failures() as error:
        raise asking.broken(error, address, _WANTED) from None
    tried = f", and {beside} is none either" if beside is not None else ""
    hint = "name an address that gives the page as markdown, or save it as markdown and name the file"
    raise UsageError(f"{page} is an HTML page{tried}", hint=hint)


def _page(answer: asking.Answer, address: str) -> bytes:
    return _bounded(asking.delivered(answer, address, _WANTED), address)


def _is_html(answer: asking.Answer) -> bool:
    """Whether a page came as HTML, which servers also call plain text; an error's own page does not count."""
    start = answer.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    looks = start.startswith((b"<!doctype html", b"<html"))
    return 200 <= answer.status < 300 and (answer.kind in {"text/html", "application/xhtml+xml"} or looks)


def _markdown_of(address: str) -> str | None:
    """The same page's address as markdown; None where that was asked already, or cannot be."""
    parts = urlsplit(address)
    path = parts.path.rstrip("/")
    if not path or path.endswith(_MARKDOWN):
        return None
    return urlunsplit(parts._replace(path=path + _MARKDOWN))
