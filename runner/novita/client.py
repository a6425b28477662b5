"""The requests: submit, poll, download, each with its own rules. The only module of the doors that imports httpx.

Two kinds of httpx client. One carries the key, to the one API host, never through a redirect; the key is set on each
request, not as a default header. The other has no credentials and fetches pictures from wherever the API says they lie.
Proxies and certificate files named in the environment are used, since companies need them; a host on this machine is
always asked directly. Of httpx's errors only the kind goes into a message: their texts may quote a header or a link.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from runner import artifact
from runner.errors import CallFailed, OutOfReach
from runner.novita import links, refusal, unpacking, wire
from runner.novita.retry import TryAgain, retry_after
from runner.novita.shield import unbroken
from runner.operation import Traffic
from runner.secrecy import Secret

# they tell of each address they ask, and of each header of an answer, to whoever turns all logging on
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

Transport = httpx.AsyncBaseTransport
"""What carries requests: httpx's own by default; see `in_process`."""
Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""The IP addresses of a host name; empty when it cannot tell."""

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What httpx raises before the first byte of a request has left."""

_REDIRECTS = 3
_RATE_PAUSE = 10.0
"""Seconds after a 429 that names none: the limits count images per minute, so a second later is too soon."""
_LONGEST_WORDS = 1_000_000
"""Bytes of an answer that may hold words; a longer one holds pictures."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes that one request may take. httpx knows no total, so each call is wrapped in its own."""

    connect: float = 10.0
    silence: float = 60.0
    """Between two bytes, either way, once connected."""
    submit: float = 300.0
    """In all; a request may carry 40 MB. Where the answer is the result, its making is allowed for beside."""
    poll: float = 30.0
    download: float = 120.0
    goodbye: float = 15.0
    """For the answer to a submit that is under way when we are asked to stop."""
    answer_bytes: int = 1_000_000
    picture_bytes: int = 60_000_000
    result_bytes: int = 120_000_000
    """An answer that brings its pictures along, in base64."""


class _FirstByte:
    """The moment at which the first byte of a request is about to leave, as the network's transport tells of it."""

    def __init__(self, request: httpx.Request, sending: Callable[[], Awaitable[None]]) -> None:
        self.left = False
        self._sending = sending
        self._method = request.method.encode("ascii")
        request.extensions["trace"] = self._hear

    async def _hear(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(".send_request_headers.started") and info["request"].method == self._method:
            await self.leaves()  # a proxy's CONNECT is a request of its own, and no part of ours

    async def leaves(self) -> None:
        """Say so, once. Whatever `sending` raises stops the request."""
        if not self.left:
            await self._sending()
            self.left = True


@dataclass(frozen=True, slots=True)
class _Line:
    """An HTTP client, and as many places as it has connections: who waits for one waits here, since the client's own
    queue costs the more the longer it is."""

    http: httpx.AsyncClient
    places: asyncio.Semaphore


class NotFollowed(CallFailed):
    """A result link leads where we do not go. The picture exists, so it is no last word about its task."""

    def __init__(self, host: str, why: str) -> None:
        hint = "only https links to public addresses are followed"
        super().__init__("network", f"a result link of {host} was not followed: {why}", hint=hint)


class LinkExpired(Exception):
    """A result link that the storage refuses: the task has to be asked for a fresh one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read as far as its limit."""

    status: int
    headers: httpx.Headers
    body: bytes
    whole: bool
    """False when the body went beyond the limit and was cut there, or came packed in a way we do not read."""


class Client:
    """One API host and the key for it. `base_url` and the key's form were checked by settings."""

    def __init__(
        self,
        base_url: str,
        key: Secret,
        *,
        wall: Callable[[], float],
        limits: Limits | None = None,
        transport: Transport | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        """`wall` gives seconds since the epoch (for Retry-After dates). `transport` takes the place of the network,
        for a host in this process; then names are resolved only if `resolve` is given.
        """
        self._base_url = base_url.rstrip("/")
        self._host = urlsplit(base_url).hostname or base_url
        self._key = key
        self._wall = wall
        self._limits = limits or Limits()
        self._resolve = resolve or (_resolve if transport is None else None)
        self._traffic = Traffic()
        self._in_process = transport is not None
        near = links.is_loopback(base_url)
        try:
            context = httpx.create_ssl_context(trust_env=not near) if transport is None else False  # 20 ms: made once
        except OSError:
            words = "the certificates that the environment names (SSL_CERT_FILE, SSL_CERT_DIR) cannot be read"
            raise OutOfReach(words, hint="nothing was sent; name others, or none") from None

        def build(most: int = 20, kept: int = 20) -> _Line:
            http = httpx.AsyncClient(
                transport=transport,
                verify=context,
                trust_env=not near,
                follow_redirects=False,
                # servers drop idle connections after 5 s or more; reusing one just then would leave a submit in doubt
                limits=httpx.Limits(max_connections=most, max_keepalive_connections=kept, keepalive_expiry=4.0),
                timeout=httpx.Timeout(self._limits.silence, connect=self._limits.connect),
                headers={"User-Agent": "retouch", "Accept-Encoding": "identity"},
                # no host needs any, and httpx cannot send back each one that it would keep
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            )
            return _Line(http, asyncio.Semaphore(most))

        # a paid request, and a picture, get a connection of their own: none that the host closes just then, and none on
        # which another answer has left something that would be taken for theirs; an answer to a poll names its task
        try:
            self._orders = build(kept=0)
            self._makers = build(64, kept=0)  # each of these is held for minutes: others must not queue behind
            self._storage = build(kept=0)
            self._api = build()
        except (httpx.InvalidURL, ValueError, ImportError):  # whose words may hold the proxy's password
            words = "the proxy that the environment names (HTTPS_PROXY, ALL_PROXY, …) cannot be used"
            raise OutOfReach(words, hint="nothing was sent; write it like http://proxy.example:3128") from None

    @property
    def traffic(self) -> Traffic:
        """Requests that left, attempts included; one that found no connection did not leave."""
        return self._traffic

    async def close(self) -> None:
        """Give back all connections."""
        for each in (self._orders, self._makers, self._api, self._storage):
            await each.http.aclose()

    async def submit(
        self,
        target: str,
        body: bytes,
        *,
        model: str,
        label: str | None = None,
        making: float | None = None,
        tell: Callable[[], None] = lambda: None,
        sending: Callable[[], Awaitable[None]],
    ) -> Answer:
        """Send a paid request once, to a path and query; the host's yes (2xx), the key taken out of it.

        `making`: seconds that the host may take to make the result, where its answer is the result itself and may be
        large; None where it answers at once with a task. Once begun, a cancellation does not cut the request off; see
        shield for that and for `tell`. `sending` is awaited once there is a connection and the first byte is about to
        leave; when it raises, nothing leaves, and that is raised. Raises TryAgain when nothing was accepted and trying
        again is safe (no connection; 429), else CallFailed; "in-doubt" when no whole answer came.
        """
        headers = {"Content-Type": "application/json"}
        if label is not None:
            headers["X-Retouch-Step"] = _ascii(label)
        limits, slow = self._limits, making or 0.0
        line, most = (self._orders, limits.answer_bytes) if making is None else (self._makers, limits.result_bytes)
        request = line.http.build_request(
            "POST",
            self._address(target),
            content=body,
            headers=self._with_key(headers),
            timeout=httpx.Timeout(
                limits.silence, connect=limits.connect, read=limits.silence + slow, pool=limits.silence + slow
            ),
        )
        first_byte = _FirstByte(request, sending)
        try:
            async with line.places:
                if self._in_process:  # its transport tells nothing of connections and bytes
                    await first_byte.leaves()
                work = self._exchange(line.http, request, limits.submit + slow, most)
                answer = await unbroken(work, limits.goodbye + slow, tell)
        except _NEVER_SENT as error:
            first_byte.left = False
            raise TryAgain(self._unreachable(error)) from None
        except (httpx.HTTPError, TimeoutError) as error:
            if not first_byte.left:
                raise TryAgain(self._unreachable(error)) from None
            raise refusal.in_doubt(f"the answer of {self._host} did not arrive ({_kind(error)})") from None
        finally:
            if first_byte.left:
                self._count(submits=1)
        answer = replace(answer, body=self._without_key(answer))
        if not 200 <= answer.status < 300:
            failure = refusal.of_submit(refusal.read(answer.status, answer.body), model)
            if answer.status == 429 and failure.kind == "rejected":
                after = retry_after(answer.headers.get("Retry-After"), self._wall())
                raise TryAgain(failure, _RATE_PAUSE if after is None else after)
            raise failure
        if answer.body and not answer.whole:
            raise refusal.in_doubt(f"{self._host} answered more than the {most // 1_000_000} MB that are read")
        return answer

    async def poll(self, task_id: str) -> wire.TaskState:
        """How a task stands. Raises TryAgain where asking again may help, else CallFailed."""
        request = self._api.http.build_request(
            "GET", self._address("/v3/async/task-result"), params={"task_id": task_id}, headers=self._with_key({})
        )
        self._count(polls=1)
        try:
            async with self._api.places:
                answer = await self._exchange(self._api.http, request, self._limits.poll, self._limits.answer_bytes)
        except _NEVER_SENT as error:
            self._count(polls=-1)
            raise TryAgain(self._unreachable(error)) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise TryAgain(self._unreachable(error)) from None
        body = self._without_key(answer)
        if not 200 <= answer.status < 300:
            failure, again = refusal.of_poll(refusal.read(answer.status, body), task_id)
            if not again:
                raise failure
            raise TryAgain(failure, retry_after(answer.headers.get("Retry-After"), self._wall()))
        try:
            return wire.task_state(body, task_id)
        except wire.Unusable as error:
            words = f"{self._host} does not tell how task {task_id} stands: {error}"
            raise TryAgain(CallFailed("network", words)) from None

    async def download(self, url: str) -> bytes:
        """The picture behind a result link, asked for without credentials; PNG, JPEG or WebP by its first bytes.

        Raises LinkExpired, TryAgain, or CallFailed for a link or a body that will not get better.
        """
        for _ in range(_REDIRECTS + 1):
            await self._check_link(url)
            answer = await self._get(url)
            if answer.status not in {301, 302, 303, 307, 308}:
                return self._picture(answer)
            try:
                url = urljoin(url, answer.headers.get("Location", ""))
            except ValueError:
                break
        raise CallFailed("network", f"a result link of {self._host} leads nowhere")

    async def _get(self, url: str) -> Answer:
        try:
            request = self._storage.http.build_request("GET", url)
            host = request.url.raw_host.decode("ascii")
        except (httpx.InvalidURL, ValueError):
            raise NotFollowed(self._host, "it is not an address") from None
        if not links.is_loopback(url):
            request.extensions["trace"] = links.peer_watch(host, partial(NotFollowed, self._host))
        self._count(downloads=1)
        try:
            async with self._storage.places:
                limits, http = self._limits, self._storage.http
                return await self._exchange(http, request, limits.download, limits.picture_bytes)
        except CallFailed:
            self._count(downloads=-1)
            raise
        except _NEVER_SENT as error:
            self._count(downloads=-1)
            raise TryAgain(_undelivered(_kind(error))) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise TryAgain(_undelivered(_kind(error))) from None

    def _picture(self, answer: Answer) -> bytes:
        if answer.status in {400, 401, 403, 404, 410}:
            raise LinkExpired
        if not 200 <= answer.status < 300:
            after = retry_after(answer.headers.get("Retry-After"), self._wall())
            raise TryAgain(_undelivered(f"HTTP {answer.status}"), after)
        if answer.body and not answer.whole:
            most = self._limits.picture_bytes // 1_000_000
            raise CallFailed("image", f"the result is larger than {most} MB and was not fetched")
        if wire.picture_type(answer.body) is None:
            raise TryAgain(CallFailed("image", "what the host delivered is no PNG, JPEG or WebP picture"))
        if not artifact.is_whole(answer.body):
            raise TryAgain(CallFailed("image", "what the host delivered is a picture that is cut off"))
        return answer.body

    async def _check_link(self, url: str) -> None:
        why = links.why_not(url, self._base_url) or ("it quotes the key" if self._key.stands_in(url) else None)
        host = urlsplit(url).hostname if why is None else None
        if host is not None and self._resolve is not None and not links.is_loopback(url):
            try:
                async with asyncio.timeout(self._limits.connect):
                    found = await self._resolve(host)
            except TimeoutError:
                raise TryAgain(_undelivered("its name was not found in time")) from None
            # no answer is no objection: behind a proxy only the proxy may know the name
            why = next(filter(None, map(links.why_not_address, found)), None)
        if why is not None:
            raise NotFollowed(self._host, why)

    def _address(self, target: str) -> httpx.URL:
        """A path and query below the base URL, put together by parts: no path leads the key to another host."""
        base = httpx.URL(self._base_url)
        try:
            url = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + target.encode("ascii"))
        except (httpx.InvalidURL, ValueError):
            url = None
        if url is None or (url.scheme, url.netloc) != (base.scheme, base.netloc) or not target.startswith("/"):
            words = f"the address of the model is none below {self._host}; nothing was sent"
            raise CallFailed("rejected", words, hint="look at `x-retouch.path` in the model's schema")
        return url

    async def _exchange(self, http: httpx.AsyncClient, request: httpx.Request, total: float, most: int) -> Answer:
        """Send and read at most `most` bytes within `total` seconds; of a "no" never more than a few words need.

        Raises httpx.HTTPError and TimeoutError.
        """
        async with asyncio.timeout(total):
            try:
                response = await http.send(request, stream=True)
            except (httpx.InvalidURL, UnicodeError):  # httpx reads a redirect's address, although none is followed
                raise httpx.RemoteProtocolError("the answer leads to no address") from None
            if not 200 <= response.status_code < 300:
                most = min(most, self._limits.answer_bytes)
            try:
                coding = response.headers.get("Content-Encoding", "")
                if not unpacking.readable(coding):
                    return Answer(response.status_code, response.headers, b"", whole=False)
                body = unpacking.Body(coding, most)
                async for chunk in response.aiter_raw():
                    if not body.take(chunk):
                        return Answer(response.status_code, response.headers, body.data, whole=False)
                body.end()
                return Answer(response.status_code, response.headers, body.data, whole=True)
            except unpacking.Garbled:
                raise httpx.DecodingError("the body is not packed as it says") from None
            finally:
                await response.aclose()

    def _with_key(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {**headers, "Authorization": f"Bearer {self._key.reveal()}"}

    def _without_key(self, answer: Answer) -> bytes:
        """The body, should it quote the key back to us, in whatever spelling, without it: messages are built from
        bodies."""
        return answer.body if len(answer.body) > _LONGEST_WORDS else self._key.taken_out_of(answer.body)

    def _unreachable(self, error: Exception) -> CallFailed:
        return CallFailed(
            "network",
            f"{self._host} cannot be reached ({_kind(error)})",
            hint="check the network, the proxy settings and the base URL (NOVITA_BASE_URL)",
        )

    def _count(self, submits: int = 0, polls: int = 0, downloads: int = 0) -> None:
        now = self._traffic
        self._traffic = replace(
            now, submits=now.submits + submits, polls=now.polls + polls, downloads=now.downloads + downloads
        )


def in_process(app: Any) -> Transport:
    """A transport to an ASGI application in this process: no sockets, no network. A ConnectionError that the
    application raises is a connection that broke."""
    return _InProcess(app)


class _InProcess(httpx.ASGITransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except ConnectionError:
            raise httpx.ReadError("the connection broke", request=request) from None


async def _resolve(host: str) -> Sequence[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: of what no name can be
        return ()
    return [str(address[0]) for *_, address in found]


def _undelivered(why: str) -> CallFailed:
    return CallFailed("network", f"the finished picture could not be fetched ({why})")


def _kind(error: Exception) -> str:
    """A word for a transport error, by its type alone."""
    if isinstance(error, (TimeoutError, httpx.TimeoutException)):
        return "time-out"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.ProxyError):
        return "the proxy refused"
    return "the connection broke"


def _ascii(label: str) -> str:
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in label)[:120]
