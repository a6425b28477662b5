"""The text of a documentation page, from a file or an address: the only door to pages.

What is asked of an address: `https`, or `http` on this machine; never a key, a password or a cookie. An address is
stored with the schema and printed, so it may have no query, in which keys travel. A host gets 30 seconds in all and may
send 2 MB. Some sites serve a page as HTML and, with `.md` behind the same address, as markdown:
that is tried once. Proxies named in the environment are used, since companies need them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

from runner.errors import OutOfReach, RetouchError, UsageError

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 2_000_000
MOST_REDIRECTS = 5
SECONDS = 30.0
"""For a page in all, its redirects included."""

_HEADERS = {
    "User-Agent": "retouch",
    "Accept": "text/markdown, text/plain;q=0.9, */*;q=0.1",
    "Accept-Encoding": "identity",
}
_AT_ONCE = 6
_HERE = {"127.0.0.1", "localhost", "::1"}
_REDIRECTING = {301, 302, 303, 307, 308}
_ONE_CODING = {"", "identity", "gzip", "x-gzip", "deflate"}
"""Two codings, one inside the other, could unpack to any size."""
_MARKDOWN = ".md"


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    kind: str
    """The media type, in lower case, without its parameters."""
    location: str
    body: bytes


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
    _check(told)
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
    import httpx  # takes a tenth of a second, and most commands need no page

    address = plain_address(page)
    try:
        async with asyncio.timeout(seconds):
            answer = await _followed(address, transport)
            if not _is_html(answer):
                return _decoded(_page(answer, address), page)
            beside = _markdown_of(address)
            if beside is not None:
                other = await _followed(beside, transport)
                if 200 <= other.status < 300 and not _is_html(other):
                    return _decoded(_page(other, beside), page)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:  # TimeoutError is an OSError
        raise _broken(error, address) from None
    tried = f", and {beside} is none either" if beside is not None else ""
    hint = "name an address that gives the page as markdown, or save it as markdown and name the file"
    raise UsageError(f"{page} is an HTML page{tried}", hint=hint)


def _broken(error: Exception, address: str) -> OutOfReach:
    """What kept a page from us; the library's own words may quote a proxy's password."""
    import httpx

    try:
        host = error.request.url.host if isinstance(error, httpx.RequestError) else urlsplit(address).hostname
    except RuntimeError:  # it was not sent yet
        host = urlsplit(address).hostname
    hint = "check the network and the proxy settings, or save the page and name the file"
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return OutOfReach(f"{host} cannot be reached (it did not answer in time)", hint=hint)
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return OutOfReach(f"{host} cannot be reached (no connection)", hint=hint)
    return OutOfReach(f"{host} did not deliver {address}: what came is no whole answer of a web server", hint=hint)


async def _followed(address: str, transport: httpx.AsyncBaseTransport | None) -> _Answer:
    """The answer of an address, or of the one that it leads to. Raises UsageError when it leads where we do not go."""
    import httpx

    asked = address
    for _ in range(MOST_REDIRECTS + 1):
        answer = await _asked(address, transport)
        if answer.status not in _REDIRECTING or not answer.location:
            return answer
        try:
            following = urljoin(address, answer.location)
            _check(following)
            httpx.Request("GET", following)
        except (UsageError, ValueError, httpx.InvalidURL):
            raise UsageError(f"{asked} leads to an address that is not followed: only https is") from None
        if address.startswith("https:") and not following.startswith("https:"):
            raise UsageError(f"{asked} leads from https to http, which is not followed")
        address = urldefrag(following).url
    raise UsageError(f"{asked} leads from one address to the next, more than {MOST_REDIRECTS} times")


async def _asked(address: str, transport: httpx.AsyncBaseTransport | None) -> _Answer:
    """One request, through a client of its own: no cookie of one answer goes into the next request."""
    import httpx

    try:
        request = httpx.Request("GET", address, headers=_HEADERS)
    except (httpx.InvalidURL, ValueError):
        raise _no_address(address) from None
    here = urlsplit(address).hostname in _HERE
    try:
        client = httpx.AsyncClient(transport=transport, trust_env=not here, follow_redirects=False, timeout=SECONDS)
    except (httpx.InvalidURL, ValueError, ImportError, OSError):  # some of them quote the proxy's password
        hint = "see the environment's HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE"
        raise OutOfReach("the proxy or the certificates that are set here cannot be used", hint=hint) from None
    location = ""

    async def take_location(response: httpx.Response) -> None:
        """Before the library looks where it leads: it fails in its own words at an address that is none."""
        nonlocal location
        location = response.headers.pop("Location", "")

    client.event_hooks = {"response": [take_location]}
    async with client:
        response = await client.send(request, stream=True)
        try:
            if response.headers.get("Content-Encoding", "").strip().lower() not in _ONE_CODING:
                raise UsageError(f"{address} came packed in a way that is not read", hint="save it and name the file")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    break
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return _Answer(response.status_code, kind, location, bytes(body))
        finally:
            await response.aclose()


def _page(answer: _Answer, address: str) -> bytes:
    """The body of an answer that is the page. Raises in words otherwise."""
    host, status = urlsplit(address).hostname, answer.status
    if status in {404, 410}:
        hint = "look for its new address in the provider's documentation"
        raise UsageError(f"the page {address} is gone: {host} answered HTTP {status}", hint=hint)
    if status in {408, 429} or status >= 500:
        raise OutOfReach(f"{host} did not deliver {address}: HTTP {status}", hint="try again later")
    if not 200 <= status < 300:
        hint = "retouch asks without credentials; save the page and name the file"
        raise UsageError(f"{host} refused {address}: HTTP {status}", hint=hint)
    return _bounded(answer.body, address)


def _is_html(answer: _Answer) -> bool:
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


def _check(address: str) -> None:
    """Raises UsageError for an address that is not asked."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port  # raises when it is no number
    except ValueError:
        raise _no_address(address) from None
    known = parts.username is not None or parts.password is not None
    if parts.scheme not in {"https", "http"} or not host or known or not address.isprintable() or " " in address:
        raise _no_address(address)
    if parts.scheme == "http" and host not in _HERE:
        raise UsageError(f"{address} is not protected", hint="name it with https://")


def _no_address(address: str) -> UsageError:
    return UsageError(
        f"{address} is no address of a page", hint="write it like https://docs.example/page.md, or name a file"
    )
