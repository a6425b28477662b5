"""One question to an address, with all that a stranger's server could do kept within bounds.

What is asked: `https`, or `http` on this machine; never with a key, a password or a cookie. So many redirects are
followed, each looked at first, and so many bytes read. Proxies named in the environment are used, since companies need
them, but not for this machine. The deadline is the caller's: httpx knows none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

from runner import addresses
from runner.errors import OutOfReach, RetouchError, UsageError

if TYPE_CHECKING:
    import httpx

MOST_REDIRECTS = 5
_REDIRECTING = {301, 302, 303, 307, 308}
_ONE_CODING = {"", "identity", "gzip", "x-gzip", "deflate"}
"""Two codings, one inside the other, could unpack to any size."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for at an address, and how."""

    what: str
    """`page` or `picture`, for messages."""
    accept: str
    most_bytes: int
    seconds: float
    """Of silence, either way; the caller has a deadline for the whole beside."""
    instead: str
    """What a user can do where the address does not do: the end of a hint."""
    public: bool = False
    """Only public addresses are asked, and this machine only when the first address is on it. A page may lie in the
    network of a company; a picture's address is often pasted from somebody's message."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: the last answer, after redirects."""

    status: int
    kind: str
    """The media type, in lower case, without its parameters."""
    body: bytes
    whole: bool
    """False when there was more than is read."""
    location: str = ""


class _Private(Exception):
    """A connection that leads to a private address; nothing was sent on it."""


def told(address: str) -> str:
    """An address as it is told: without its query, in which keys travel, and without a name and a password."""
    scheme, slashes, rest = address.partition("#")[0].partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"


async def ask(address: str, wanted: Wanted, transport: httpx.AsyncBaseTransport | None = None) -> Answer:
    """The answer of an address, or of the one that it leads to. `transport` takes the place of the network.

    Raises UsageError when it leads where we do not go, and what the network raises: see `broken`.
    """
    import httpx  # takes a tenth of a second, and most commands ask nobody

    check(address, wanted)
    asked, near = told(address), addresses.is_loopback(address)
    address = urldefrag(address).url
    for _ in range(MOST_REDIRECTS + 1):
        answer = await _asked(address, wanted, transport)
        if answer.status not in _REDIRECTING or not answer.location:
            return answer
        try:
            following = urljoin(address, answer.location)
            check(following, wanted, near=near)
            httpx.Request("GET", following)
        except (UsageError, ValueError, httpx.InvalidURL):
            allowed = "public https addresses are" if wanted.public else "https is"
            raise UsageError(f"{asked} leads to an address that is not followed: only {allowed}") from None
        if address.startswith("https:") and not following.startswith("https:"):
            raise UsageError(f"{asked} leads from https to http, which is not followed")
        address = urldefrag(following).url
    raise UsageError(f"{asked} leads from one address to the next, more than {MOST_REDIRECTS} times")


def check(address: str, wanted: Wanted, *, near: bool = True) -> None:
    """Raises UsageError for an address that is not asked. `near`: this machine may be asked."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port  # raises when it is no number
    except ValueError:
        raise _no_address(address, wanted) from None
    known = parts.username is not None or parts.password is not None
    if parts.scheme not in {"https", "http"} or not host or known or not address.isprintable() or " " in address:
        raise _no_address(address, wanted)
    if parts.scheme == "http" and not addresses.is_loopback(address):
        raise UsageError(f"{told(address)} is not protected", hint="name it with https://")
    why = addresses.why_not(address, near=near) if wanted.public else None
    if why is not None:
        raise UsageError(f"{told(address)} is not asked: {why}", hint=wanted.instead)


def broken(error: Exception, address: str, wanted: Wanted) -> RetouchError:
    """What kept an answer from us; the library's own words may quote a proxy's password, or a query."""
    import httpx

    if isinstance(error, _Private):
        return UsageError(f"{told(address)} is not asked: it leads to a private address", hint=wanted.instead)
    try:
        host = error.request.url.host if isinstance(error, httpx.RequestError) else urlsplit(address).hostname
    except RuntimeError:  # it was not sent yet
        host = urlsplit(address).hostname
    hint = f"check the network and the proxy settings, or {wanted.instead}"
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return OutOfReach(f"{host} cannot be reached (it did not answer in time)", hint=hint)
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return OutOfReach(f"{host} cannot be reached (no connection)", hint=hint)
    words = f"{host} did not deliver {told(address)}: what came is no whole answer of a web server"
    return OutOfReach(words, hint=hint)


def failures() -> tuple[type[Exception], ...]:
    """What the network may raise, for `broken`. (TimeoutError is an OSError.)"""
    import httpx

    return (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, _Private)


def delivered(answer: Answer, address: str, wanted: Wanted) -> bytes:
    """The body of an answer that is what was asked for. Raises in words otherwise."""
    host, status, named = urlsplit(address).hostname, answer.status, told(address)
    if status in {404, 410}:
        raise UsageError(f"the {wanted.what} {named} is gone: {host} answered HTTP {status}", hint=_elsewhere(wanted))
    if status in {408, 429} or status >= 500:
        raise OutOfReach(f"{host} did not deliver {named}: HTTP {status}", hint="try again later")
    if not 200 <= status < 300:
        hint = f"retouch asks without credentials; {wanted.instead}"
        raise UsageError(f"{host} refused {named}: HTTP {status}", hint=hint)
    return answer.body


def _elsewhere(wanted: Wanted) -> str:
    if wanted.what == "page":
        return "look for its new address in the provider's documentation"
    return f"open the address in a browser to see whether it is right, or {wanted.instead}"


async def _asked(address: str, wanted: Wanted, transport: httpx.AsyncBaseTransport | None) -> Answer:
    """One request, through a client of its own: no cookie of one answer goes into the next request."""
    import httpx

    headers = {"User-Agent": "retouch", "Accept": wanted.accept, "Accept-Encoding": "identity"}
    try:
        request = httpx.Request("GET", address, headers=headers)
    except (httpx.InvalidURL, ValueError):
        raise _no_address(address, wanted) from None
    here = addresses.is_loopback(address)
    if wanted.public and not here:
        request.extensions["trace"] = addresses.peer_watch(request.url.raw_host.decode("ascii"), _Private)
    try:
        client = httpx.AsyncClient(
            transport=transport, trust_env=not here, follow_redirects=False, timeout=wanted.seconds
        )
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
                hint = "save it and name the file"
                raise UsageError(f"{told(address)} came packed in a way that is not read", hint=hint)
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > wanted.most_bytes:
                    break
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            whole = len(body) <= wanted.most_bytes
            return Answer(response.status_code, kind, bytes(body), whole, location)
        finally:
            await response.aclose()


def _no_address(address: str, wanted: Wanted) -> UsageError:
    example = "page.md" if wanted.what == "page" else "mug.jpg"
    host = "docs" if wanted.what == "page" else "photos"
    return UsageError(
        f"{told(address)} is no address of a {wanted.what}",
        hint=f"write it like https://{host}.example/{example}, or name a file",
    )
