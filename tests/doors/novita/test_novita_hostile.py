"""Answers as they come: the real client, over sockets, against a server that keeps to no rule. Every odd answer has one
named behaviour, and stands in a table below: what the host says, and what becomes of it.

    taken         it is odd, but says what is needed: the call goes on
    retried       asked again, as patience allows; a submit only when nothing was accepted
    waited on     the task is not done yet; asked again at the pace of polling
    failed step   no pictures in this run; unless the host said its last word, the task is kept for the next one
    moderated     the host's content rules: a failed step with advice, never asked again
    access        key or balance: a failed step, and no further submit
    in doubt      it may have been accepted, and billed: never sent again by itself
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import socket
import tracemalloc
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest
from PIL import Image

from runner.clock import Clock
from runner.errors import CallFailed
from runner.novita.client import Client, Limits
from runner.novita.provider import NovitaOptions, NovitaProvider
from runner.novita.retry import Patience
from runner.operation import Collected, Traffic
from runner.settings import Secret
from tests.doors.novita.hostile_server import (
    HERE,
    PICTURE,
    RESET,
    STALL,
    Act,
    Drip,
    Endless,
    HostileServer,
    Phase,
    chunked,
    http,
    task,
)
from tests.doors.novita.scripted_host import KEY, SAY_HELLO
from tests.pictures import saved

Named = Literal["taken", "retried", "waited on", "failed step", "moderated", "access", "in doubt"]

KINDS: Mapping[str, Named] = {
    "in-doubt": "in doubt",
    "moderated": "moderated",
    "access": "access",
    "rejected": "failed step",
    "failed": "failed step",
    "network": "failed step",
    "lost": "failed step",
    "image": "failed step",
}
KEPT = "the task is kept and will not be bought twice"

ROOMY = Limits(answer_bytes=100_000, picture_bytes=200_000)


@dataclass(frozen=True)
class Row:
    """One line of a table: what is odd, its name, and what the server does. `words` stand in the failure's message."""

    odd: str
    named: Named
    acts: tuple[Act, ...]
    words: str

    @property
    def slow(self) -> bool:
        """Whether it ends only at the deadline: the one thing here that takes real time."""
        return any(isinstance(act, Drip | Endless) or act is STALL for act in self.acts)

    def limits(self, phase: Phase) -> Limits:
        totals: dict[str, Any] = {phase: 0.3} if self.slow else {}
        return replace(ROOMY, **totals)


def row(odd: str, named: Named, *acts: Act, words: str = "") -> Row:
    return Row(odd, named, acts, words)


@dataclass(frozen=True)
class Ended:
    """How one call against the server ended."""

    named: Named
    traffic: Traffic
    """By the provider's own count."""
    notices: tuple[str, ...]
    failure: CallFailed | None = None
    collected: Collected | None = None


async def call(server: HostileServer, limits: Limits, tries: int = 3, scheme: str = "http") -> Ended:
    """Start a call and collect it. Waits between requests take no time."""
    passed = [0.0]
    notices: list[str] = []

    async def sleep(seconds: float) -> None:
        passed[0] += seconds
        await asyncio.sleep(0)

    patience = Patience(tries=tries, total=1000.0)
    provider = NovitaProvider(
        NovitaOptions(
            server.base_url.replace("http", scheme, 1),
            Secret(KEY),
            submitting=patience,
            asking=patience,
            longest_task=2.0,
            limits=limits,
        ),
        name="novita",
        realm="paid",
        clock=Clock(lambda: passed[0], lambda: 1_000_000 + passed[0], sleep, lambda: 0.5),
        notice=notices.append,
    )
    try:
        ticket = await provider.start(SAY_HELLO)
        assert not isinstance(ticket, Collected)
        collected = await provider.collect(ticket)
    except CallFailed as failure:
        return Ended(KINDS[failure.kind], provider.traffic, tuple(notices), failure=failure)
    finally:
        await provider.close()
    again = server.count("submit") > 1 or server.count("poll") > 1 or server.count("download") > len(collected.images)
    return Ended("retried" if again else "taken", provider.traffic, tuple(notices), collected=collected)


def played(server: HostileServer, limits: Limits, tries: int = 3) -> Ended:
    """One call against the server; what it is told is fit to be printed and gives nothing away."""

    async def scene() -> Ended:
        async with server.open(), asyncio.timeout(20):
            return await call(server, limits, tries)

    ended = asyncio.run(scene())
    told = [*ended.notices, *([ended.failure.message, ended.failure.hint or ""] if ended.failure else [])]
    if ended.failure is not None:  # a traceback tells nothing more
        assert ended.failure.__suppress_context__ or ended.failure.__context__ is None
    for words in told:
        assert words.isprintable()
        assert len(words) < 700
        assert KEY not in words.replace(" ", "")
        assert base64.b64encode(KEY.encode())[:16].decode() not in words
        assert "SIGNED" not in words
    return ended


def once(phase: Phase, each: Row) -> tuple[Ended, HostileServer]:
    """A host that behaves so once, and well before and after."""
    server = HostileServer({phase: [each.acts]})
    return played(server, each.limits(phase)), server


def for_ever(phase: Phase, each: Row) -> tuple[Ended, HostileServer]:
    """A host that behaves so whenever it is asked."""
    server = HostileServer({phase: [each.acts] * 200})
    return played(server, each.limits(phase)), server


def no(status: int, reason: str = "", message: str = "", *headers: str) -> bytes:
    """The API's error envelope."""
    return http(status, {"code": status, "reason": reason, "message": message, "metadata": {}}, *headers)


def yes(body: Any, *headers: str) -> bytes:
    return http(200, body, *headers)


def failed(reason: Any) -> bytes:
    return yes({"task": {"task_id": "t1", "status": "TASK_STATUS_FAILED", "reason": reason}})


ACCEPTED = b'{"task_id": "t1"}'
DONE = json.dumps(task()).encode()
ESCAPES = "\x1b[2J\x1b]0;title\x07 \u202e \u0085 \x9b31m \ud800"
OPEN_END = b"HTTP/1.1 200 OK\r\n\r\n"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def bomb(megabytes: int) -> bytes:
    """So much of nothing, packed a thousand times smaller."""
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


BOMB = bomb(20)
JPEG, WEBP, GIF = (saved(Image.new("RGB", (64, 48), "red"), kind) for kind in ("JPEG", "WEBP", "GIF"))


def broken(good: bytes) -> list[Row]:
    """What can happen to any answer on its way; `good` is a body that would do. No answer came: name to be given."""
    return [
        row("closed without a word", "retried"),
        row("reset without a word", "retried", RESET),
        row("reset in the head", "retried", b"HTTP/1.1 200", RESET),
        row("reset in the body", "retried", http(200, good, length=len(good) + 9), RESET),
        row("closed in the head", "retried", b"HTTP/1.1 200 OK\r\nContent-Le"),
        row("closed in the body", "retried", http(200, good, length=len(good) + 9)),
        row("silence", "retried", STALL),
        row("silence in the head", "retried", b"HTTP/1.1 200", STALL),
        row("silence in the body", "retried", http(200, good, length=len(good) + 9), STALL),
        row("a head that drips", "retried", Drip(b"HTTP/1.1 200 OK\r\n" + b"Y: z\r\n" * 1000)),
        row("a body that drips", "retried", OPEN_END, Drip(b" ", again=True)),
        row("100 Continue for ever", "retried", Endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
        row("a flood of headers", "retried", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000 + b"\r\n" + good),
        row("a header without end", "retried", b"HTTP/1.1 200 OK\r\nX: ", Endless(b"x" * 10_000)),
        row("a header without colon", "retried", b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n" + good),
        row("NUL in a header", "retried", b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n" + good),
        row("another protocol", "retried", b"SSH-2.0-x\r\n\r\n"),
        row("no head at all", "retried", good),
        row("no status", "retried", b"HTTP/1.1 OK\r\n\r\n" + good),
        row("a status of two digits", "retried", http("20", good)),
        row("101 Switching Protocols", "retried", b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n" + http(200, good)),
        row("a negative length", "retried", http(200, good, length=-1)),
        row("a length without end", "retried", http(200, good, length="9" * 30)),
        row("a length beyond all sizes", "retried", http(200, good, length=10**18)),
        row("two lengths", "retried", http(200, good, "Content-Length: 3")),
        row("chunks that are cut off", "retried", chunked(good, end=b"")),
        row("chunks that end in garbage", "retried", chunked(good, end=b"zz\r\n")),
        row("a chunk beyond all sizes", "retried", CHUNKS + b"f" * 30 + b"\r\n" + good),
        row("gzip that is none", "retried", http(200, good, "Content-Encoding: gzip")),
        row("gzip that is cut off", "retried", http(200, gzip.compress(good)[:-9], "Content-Encoding: gzip")),
        row("gzip in gzip", "retried", http(200, gzip.compress(gzip.compress(good)), "Content-Encoding: gzip, gzip")),
        row("a coding we do not read", "retried", http(200, good, "Content-Encoding: br")),
    ]


def packed(good: bytes) -> list[Row]:
    """Answers packed although we ask for none that are."""
    return [
        row("gzip unasked", "taken", http(200, gzip.compress(good), "Content-Encoding: gzip")),
        row("deflate unasked", "taken", http(200, zlib.compress(good), "Content-Encoding: Deflate")),
    ]


def odd_but_whole(good: bytes) -> list[Row]:
    """Answers that say what they should in an odd way."""
    return [
        row("a wrong content type", "taken", http(200, good, "Content-Type: text/html; charset=utf-16")),
        row("HTTP/1.0 without a length", "taken", b"HTTP/1.0 200 OK\r\n\r\n" + good),
        row("in chunks", "taken", chunked(good[:3], good[3:])),
        row("chunks and a length", "taken", chunked(good, headers="Content-Length: 3\r\n")),
        row("100 Continue first", "taken", b"HTTP/1.1 100 Continue\r\n\r\n" + http(200, good)),
        row("103 Early Hints first", "taken", b"HTTP/1.1 103 X\r\nLink: </x>\r\n\r\n" + http(200, good)),
        row("another status of success", "taken", http(203, good)),
        row("a broken cookie", "taken", http(200, good, "Set-Cookie: \xff\xfe=;; expires=never", "Set-Cookie: a=b")),
        row("a second answer behind it", "taken", http(200, good) + http(200, {"task_id": "t2"})),
    ]


SUBMITS = [
    *odd_but_whole(ACCEPTED),
    *packed(ACCEPTED),
    *(Row(each.odd, "in doubt", each.acts, "not known") for each in broken(ACCEPTED)),
    # a yes
    row("a byte order mark", "taken", yes(b"\xef\xbb\xbf" + ACCEPTED)),
    row("the same key twice, the same value", "taken", yes(b'{"task_id": "t1", "task_id": "t1"}')),
    row("a lone surrogate beside", "taken", yes(b'{"task_id": "t1", "note": "\\ud800"}')),
    row("1e999 beside", "taken", yes(b'{"task_id": "t1", "eta": 1e999}')),
    row("201", "taken", http(201, ACCEPTED)),
    row("a yes that also names an error", "taken", yes({"task_id": "t1", "code": 500, "reason": "ODD"})),
    # a yes without a task
    row("an empty body", "in doubt", yes(b"")),
    row("204", "in doubt", b"HTTP/1.1 204 No Content\r\n\r\n"),
    row("HTML", "in doubt", yes(b"<html>welcome</html>")),
    row("a JSON list", "in doubt", yes([])),
    row("a JSON text", "in doubt", yes("t1")),
    row("no id", "in doubt", yes({})),
    row("id null", "in doubt", yes({"task_id": None})),
    row("an id with path characters", "in doubt", yes({"task_id": "../../balance"})),
    row("an id with a line end", "in doubt", yes({"task_id": "t1\r\nX: y"})),
    row("an id without end", "in doubt", yes({"task_id": "t" * 5000})),
    row("two ids under one key", "in doubt", yes(b'{"task_id": "t0", "task_id": "t1"}'), words="same key twice"),
    row("NaN", "in doubt", yes(b'{"task_id": "t1", "eta": NaN}')),
    row("UTF-16", "in doubt", yes(ACCEPTED.decode().encode("utf-16"))),
    row("nested without end", "in doubt", yes(b'{"task_id": "t1", "x": ' + b"[" * 90_000)),
    row("nested deeply", "in doubt", yes(b'{"task_id": "t1", "x": ' + b"[" * 4_000 + b"]" * 4_000 + b"}")),
    row(
        "larger than is read", "in doubt", yes(b'{"task_id": "t1", "x": "' + b"x" * 200_000 + b'"}'), words="more than"
    ),
    row("without end", "in doubt", OPEN_END, Endless(b" " * 10_000), words="more than"),
    row("a bomb in gzip", "in doubt", http(200, BOMB, "Content-Encoding: gzip"), words="more than"),
    row("a length too short", "in doubt", http(200, ACCEPTED, length=9)),
    row(
        "an error on HTTP 200", "in doubt", yes({"code": 400, "reason": "ILLEGAL_PROMPT", "message": "no"}), words="no"
    ),
    # a no that names a task
    row("400 with a task id", "in doubt", http(400, {"reason": "ODD", "task_id": "t1"}), words="names task t1"),
    row("429 with a task id", "in doubt", http(429, {"reason": "ODD", "task_id": "t1"}), words="names task t1"),
    row("500 with a task id", "in doubt", http(500, {"task": {"task_id": "t1"}}), words="names task t1"),
    # turned away by a limit
    row("429", "retried", no(429, "RATE_LIMIT_EXCEEDED")),
    row("429 in HTML", "retried", http(429, b"<html>slow down</html>")),
    row("429 with seconds", "retried", http(429, b"", "Retry-After: 3")),
    row("429 with a date", "retried", http(429, b"", "Retry-After: Mon, 12 Jan 1970 13:47:30 GMT")),
    row("429 with a date that is none", "retried", http(429, b"", "Retry-After: Mon, 99 Foo 99999 99:99:99 GMT")),
    row("429 with nonsense", "retried", http(429, b"", "Retry-After: soon \xff")),
    row("429 with a negative time", "retried", http(429, b"", "Retry-After: -5")),
    row("429 with centuries", "retried", http(429, b"", "Retry-After: 999999999")),
    row("429 with digits without end", "retried", http(429, b"", "Retry-After: " + "9" * 5000)),
    # a no of the API
    row("an error with a reason", "failed step", no(400, "INVALID_REQUEST_BODY", "bad size"), words="bad size"),
    row("a conflict with a reason", "failed step", no(409, "CONFLICT")),
    row("an unknown path", "failed step", no(404, "API_NOT_FOUND"), words="retired model"),
    row("a plain 404", "failed step", http(404, b"404 page not found"), words="retired model"),
    row("413 of a gateway", "failed step", http(413, b"<h1>Too large</h1>"), words="Too large"),
    row("terminal escapes in the words", "failed step", no(400, "ODD", ESCAPES + "bad"), words="bad"),
    row("terminal escapes in the reason", "failed step", no(400, ESCAPES, "bad"), words="bad"),
    row(
        "a signed link in the words",
        "failed step",
        no(400, "ODD", "see https://x.example/a?sig=SIGNED"),
        words="x.example",
    ),
    row("the key in the words", "failed step", no(400, "ODD", f"key {KEY}"), words="[key]"),
    row(
        "the key with escapes",
        "failed step",
        http(400, b'{"reason": "ODD", "message": "%s"}' % "".join(f"\\u{ord(c):04x}" for c in KEY).encode()),
        words="[key]",
    ),
    row("the key in base64", "failed step", no(400, "ODD", base64.b64encode(KEY.encode()).decode()), words="[key]"),
    row("the key in hexadecimal", "failed step", no(400, "ODD", KEY.encode().hex()), words="[key]"),
    row("the key in UTF-16", "in doubt", http(400, f"no {KEY}".encode("utf-16")), words="[key]"),
    # key, balance, content
    row("401", "access", no(401, "INVALID_API_KEY")),
    row("403 in HTML", "access", http(403, b"<html><title>Denied</title></html>"), words="Denied"),
    row("402", "access", http(402)),
    row("no balance, as 400", "access", no(400, "BILLING_BALANCE_NOT_ENOUGH")),
    row("no balance, as 429", "access", no(429, "NOT_ENOUGH_BALANCE")),
    row("a prompt against the rules", "moderated", no(400, "ILLEGAL_PROMPT")),
    row("a picture against the rules", "moderated", no(400, "ILLEGAL_IMAGE_CONTENT")),
    row("moderation as 403", "moderated", no(403, "CONTENT_POLICY_VIOLATION")),
    row("moderation as 429", "moderated", no(429, "ILLEGAL_PROMPT")),
    row("moderation only in words", "moderated", no(400, "BAD_REQUEST", "it violates our content policy")),
    # what leaves everything open
    row("a 4xx without a word", "in doubt", http(400)),
    row("a 4xx in plain text", "in doubt", http(400, b"what?"), words="what?"),
    row("408", "in doubt", no(408, "TIMEOUT")),
    row("409 without a reason", "in doubt", http(409)),
    row("425", "in doubt", http(425)),
    row("499", "in doubt", http(499)),
    row("500 of the API", "in doubt", no(500, "CREATE_TASK_FAILED")),
    row("502 in HTML", "in doubt", http(502, b"<html><title>Bad gateway</title>"), words="Bad gateway"),
    row("503 that says when", "in doubt", http(503, b"", "Retry-After: 1")),
    row("a status that is none", "in doubt", http(999, b"?")),
    row("a page of nothing but <", "in doubt", http(400, b"<" * 90_000)),
    *(
        row(f"a redirect, {n}", "in doubt", http(n, b"", f"Location: {HERE}/v3/async/edit-1"), words="redirect")
        for n in (301, 302, 303, 307, 308)
    ),
    row("a redirect to nowhere", "in doubt", http(302, b"", "Location: http://[")),
    row("a redirect to no text", "in doubt", http(302, b"", "Location: \xff\xfe://")),
]

POLLS = [
    *odd_but_whole(DONE),
    *broken(DONE),
    # who, and how it stands
    row("a status in small letters", "taken", yes(task("task_status_succeed"))),
    row("a status without its prefix", "taken", yes(task("Succeed"))),
    row("a status in another form of the word", "taken", yes(task("TASK_STATUS_SUCCEEDED"))),
    row("a status that is no text", "retried", yes(task(2))),
    row("a status null", "retried", yes(task(None))),
    row("no task", "retried", yes({"images": []})),
    row("a task that is a list", "retried", yes({"task": []})),
    row("another task", "retried", yes(task(task={"task_id": "t2", "status": "TASK_STATUS_SUCCEED"}))),
    row("another task that failed", "retried", yes(task(task={"task_id": "t2", "status": "TASK_STATUS_FAILED"}))),
    row("a task without a name", "taken", yes(task(task={"status": "TASK_STATUS_SUCCEED"}))),
    row("a task named null", "taken", yes(task(task={"task_id": None, "status": "TASK_STATUS_SUCCEED"}))),
    row(
        "two states under one key",
        "retried",
        yes(DONE.replace(b'"status"', b'"status": "TASK_STATUS_FAILED", "status"')),
    ),
    # JSON
    row("an empty body", "retried", yes(b"")),
    row("204", "retried", b"HTTP/1.1 204 No Content\r\n\r\n"),
    row("HTML", "retried", yes(b"<html>sign in</html>")),
    row("a byte order mark", "taken", yes(b"\xef\xbb\xbf" + DONE)),
    row("UTF-16", "retried", yes(DONE.decode().encode("utf-16"))),
    row("NaN", "retried", yes(DONE.replace(b'"7"', b"NaN"))),
    row("nested without end", "retried", yes(b'{"task": ' + b"[" * 90_000)),
    row("larger than is read", "retried", yes(b'{"x": "' + b"x" * 200_000 + b'"}')),
    row("without end", "retried", OPEN_END, Endless(b" " * 10_000)),
    row("a bomb in gzip", "retried", http(200, BOMB, "Content-Encoding: gzip")),
    # seeds
    row("a seed that is a number", "taken", yes(task(extra={"seed": 7}))),
    row("a seed with a point", "taken", yes(task(extra={"seed": 7.0}))),
    row("extra is a list", "taken", yes(task(extra=[]))),
    row("a seed of 1e999", "taken", yes(DONE.replace(b'"7"', b"1e999"))),
    row(
        "a time to live that is a number", "taken", yes(task(images=[{"image_url": f"{HERE}/1", "image_url_ttl": 60}]))
    ),
    row(
        "a time to live that is none", "taken", yes(task(images=[{"image_url": f"{HERE}/1", "image_url_ttl": "soon"}]))
    ),
    # pictures
    row("images is one object", "taken", yes(task(images={"image_url": f"{HERE}/1"}))),
    row("images is one link", "taken", yes(task(images=f"{HERE}/1"))),
    row("images is a list of links", "taken", yes(task(images=[f"{HERE}/1"]))),
    row(
        "nulls among the images", "taken", yes(task(images=[None, {}, {"image_url": None}, {"image_url": f"{HERE}/1"}]))
    ),
    row("the same link twice", "taken", yes(task(links=(f"{HERE}/1", f"{HERE}/1")))),
    row("more images than asked", "taken", yes(task(links=[f"{HERE}/{n}" for n in range(5)]))),
    row("more images than are read", "retried", yes(task(links=[f"{HERE}/{n}" for n in range(65)]))),
    row("success without images", "retried", yes(task(links=()))),
    row("success with images null", "retried", yes(task(images=None))),
    row("success that says nothing of images", "retried", yes({"task": {"status": "TASK_STATUS_SUCCEED"}})),
    row("images without addresses", "retried", yes(task(images=[{"image_url": ""}]))),
    row("images of no kind", "retried", yes(task(images=7))),
    # links
    *(
        row(f"a link {how}", "failed step", yes(task(links=[url])), words="was not followed")
        for how, url in [
            ("to a file", "file:///etc/passwd"),
            ("by ftp", "ftp://127.0.0.1/1"),
            ("that is data", "data:image/png;base64,AAAA"),
            ("without a scheme", "//127.0.0.1/1"),
            ("that is none", "not a link"),
            ("with a password", "http://me:SIGNED@127.0.0.1/1"),
            ("to a private address", "https://10.0.0.1/1?sig=SIGNED"),
            ("to a private address without TLS", "http://10.0.0.1/1?sig=SIGNED"),
            ("to the metadata of a cloud", "https://169.254.169.254/latest"),
            ("to 0.0.0.0", "https://0.0.0.0/1"),
            ("to a decimal address", "https://2130706433/1"),
            ("to an octal address", "https://0177.0.0.1/1"),
            ("to a private IPv6 address", "https://[fd00::1]/1"),
            ("to IPv4 in IPv6", "https://[::ffff:10.0.0.1]/1"),
            ("to an inner name", "https://printer.local/1"),
            ("with a label too long", "https://" + "a" * 64 + ".example/1"),
            ("with a label too short", "https://a..example/1"),
            ("to no name in punycode", "https://xn--/1"),
            ("with escapes", f"{HERE}/\x1b[31m"),
            ("without end", f"{HERE}/" + "a" * 70_000),
        ]
    ),
    # a no
    row("429", "retried", no(429, "RATE_LIMIT_EXCEEDED", "", "Retry-After: 999999999")),
    row("502 in HTML", "retried", http(502, b"<html>")),
    row("503", "retried", http(503, b"", "Retry-After: 1")),
    row("408", "retried", http(408)),
    row("404 of a gateway", "retried", http(404, b"<html>")),
    row("an unknown task", "retried", no(404, "TASK_NOT_FOUND")),
    row("a 4xx without a word", "failed step", http(400), words=KEPT),
    row("a redirect", "failed step", http(302, b"", f"Location: {HERE}/v3/async/task-result?task_id=t1"), words=KEPT),
    row("401", "access", no(401, "INVALID_API_KEY"), words=KEPT),
    row("moderation", "moderated", no(400, "ILLEGAL_IMAGE_CONTENT")),
    # the last word, on HTTP 200
    row("FAILED", "failed step", failed("out of memory"), words="out of memory"),
    row("failed, in small letters", "failed step", yes(task("task_status_failed"))),
    row("FAILED without a reason", "failed step", failed(None), words="no reason"),
    row("FAILED with a reason that is no text", "failed step", failed({"a": 1}), words="no reason"),
    row("FAILED with escapes", "failed step", failed(ESCAPES + "bad"), words="bad"),
    row("FAILED by content rules", "moderated", failed("NSFW content detected"), words="content check"),
    row("FAILED by content rules, in Chinese", "moderated", failed("图片内容安全审核未通过"), words="content check"),
]

WAITS = [
    row("a word that is new", "waited on", yes(task("TASK_STATUS_WARMING")), words="TASK_STATUS_WARMING"),
    row("a new word with escapes", "waited on", yes(task("TASK_\x1b[31mODD")), words="ODD"),
    row("a last word in another spelling", "waited on", yes(task("TASK_STATUS_ERROR")), words="TASK_STATUS_ERROR"),
    row("waiting in small letters", "waited on", yes(task("task_status_processing")), words="task_status_processing"),
]

DOWNLOADS = [
    *odd_but_whole(PICTURE),
    *packed(PICTURE),
    *broken(PICTURE),
    # what the bytes are
    row("a JPEG that was called PNG", "taken", http(200, JPEG, "Content-Type: image/png")),
    row("a WebP that was called PNG", "taken", yes(WEBP)),
    row("bytes behind the picture", "taken", yes(PICTURE + bytes(9))),
    row("a PNG that is cut off", "retried", yes(PICTURE[:-20])),
    row("a PNG without its end", "retried", yes(PICTURE[:-12])),
    row("a JPEG that is cut off", "retried", yes(JPEG[:-30])),
    row("a WebP that is cut off", "retried", yes(WEBP[:-10])),
    row("only the first bytes", "retried", yes(PICTURE[:8])),
    row("a length too short", "retried", http(200, PICTURE, length=20)),
    row("a part of it", "retried", http(206, PICTURE[:50])),
    row("a GIF", "retried", yes(GIF)),
    row("HTML", "retried", http(200, b"<html>sign in</html>", "Content-Type: image/png")),
    row("nothing", "retried", yes(b"")),
    row("204", "retried", b"HTTP/1.1 204 No Content\r\n\r\n"),
    row("zeros", "retried", yes(bytes(5000))),
    # a no
    *(row(f"refused, {n}", "retried", http(n, b"<Error>expired</Error>")) for n in (400, 401, 403, 404, 410)),
    *(row(f"trouble, {n}", "retried", http(n)) for n in (304, 408, 418, 451, 500, 503)),
    row("429", "retried", http(429, b"", "Retry-After: 5")),
    # too much
    row("larger than is read", "failed step", yes(PICTURE + bytes(300_000)), words="larger than"),
    row("without end", "failed step", OPEN_END, Endless(PICTURE * 10), words="larger than"),
    row("a bomb in gzip", "failed step", http(200, BOMB, "Content-Encoding: gzip"), words="larger than"),
    # elsewhere
    row("a redirect without an address", "retried", http(302)),
    row(
        "a redirect to a private address",
        "failed step",
        http(302, b"", "Location: https://10.0.0.1/?sig=SIGNED"),
        words=KEPT,
    ),
    row("a redirect to a file", "failed step", http(307, b"", "Location: file:///etc/passwd"), words=KEPT),
    row("a redirect to nowhere", "failed step", http(301, b"", "Location: http://["), words=KEPT),
    row("a redirect in no ASCII", "failed step", http(308, b"", "Location: /\xff"), words=KEPT),
]


def table(rows: list[Row]) -> pytest.MarkDecorator:
    """One test for each line."""
    return pytest.mark.parametrize("each", [pytest.param(each, id=each.odd) for each in rows])


def assert_named(ended: Ended, each: Row) -> None:
    told = f"{ended.failure.message} {ended.failure.hint}" if ended.failure else ""
    assert ended.named == each.named, told
    assert each.words in told


@table(SUBMITS)
def test_submits(each: Row) -> None:
    """A paid request is sent again only when a limit turned it away, and by nothing else that a host may say."""
    ended, server = once("submit", each)
    assert_named(ended, each)
    assert server.count("submit") == ended.traffic.submits == (2 if each.named == "retried" else 1)
    if ended.collected is None:
        assert server.count("poll") == 0
    if each.named in {"in doubt", "moderated", "access"}:
        assert ended.failure is not None
        assert ended.failure.hint


@table(POLLS)
def test_polls(each: Row) -> None:
    """Whatever a host says of a task, it is not bought again; only its own last word ends it."""
    ended, server = once("poll", each)
    assert_named(ended, each)
    assert server.count("submit") == 1
    assert server.count("poll") == ended.traffic.polls == (2 if each.named == "retried" else 1)


@table([each for each in POLLS if each.named == "retried" and (not each.slow or each.odd == "silence")])
def test_polls_that_stay_so(each: Row) -> None:
    """In the end the step fails, after few questions, and the task is kept for the next run."""
    ended, server = for_ever("poll", each)
    assert ended.named == "failed step"
    assert ended.failure is not None
    assert server.count("submit") == 1
    assert server.count("poll") <= 4
    assert server.count("download") == 0
    assert KEPT in (ended.failure.hint or "")


@table(WAITS)
def test_waits(each: Row) -> None:
    """It is asked for at the pace of polling, not as after trouble; an unknown word is told, once."""
    ended = played(HostileServer({"poll": [each.acts] * 5}), ROOMY, tries=1)
    assert ended.collected is not None
    assert len(ended.notices) == (0 if each.odd == "waiting in small letters" else 1)
    ended, _ = for_ever("poll", each)
    assert ended.failure is not None
    assert "has not finished" in ended.failure.message
    assert each.words in ended.failure.message
    assert KEPT in (ended.failure.hint or "")


@table(DOWNLOADS)
def test_downloads(each: Row) -> None:
    """A picture that is paid for is fetched again, or its task is kept for the next run."""
    ended, server = once("download", each)
    assert_named(ended, each)
    assert server.count("submit") == 1
    assert server.count("download") == ended.traffic.downloads == (2 if each.named == "retried" else 1)
    if ended.failure is not None:
        assert KEPT in (ended.failure.hint or "")


@table([each for each in DOWNLOADS if each.named == "retried" and (not each.slow or each.odd == "silence")])
def test_downloads_that_stay_so(each: Row) -> None:
    ended, server = for_ever("download", each)
    assert ended.named == "failed step"
    assert ended.failure is not None
    assert KEPT in (ended.failure.hint or "")
    assert server.count("submit") == 1
    assert server.count("download") <= 4


@pytest.mark.parametrize(
    ("extra", "seed"),
    [
        ({"seed": "7"}, 7),
        ({"seed": 7}, 7),
        ({"seed": 7.0}, 7),
        ({"seed": "-1"}, None),
        ({"seed": 10**30}, None),
        ({"seed": [7]}, None),
        ([], None),
        (None, None),
    ],
)
def test_seeds(extra: Any, seed: int | None) -> None:
    ended = played(HostileServer({"poll": [(yes(task(extra=extra)),)]}), ROOMY)
    assert ended.collected == Collected((PICTURE,), seed)


def test_more_images_than_asked_are_all_kept_and_the_same_link_counts_once() -> None:
    links = [f"{HERE}/1", None, f"{HERE}/2", f"{HERE}/1"]
    server = HostileServer({"poll": [(yes(task(links=links)),)], "download": [(yes(JPEG),)]})
    ended = played(server, ROOMY)
    assert ended.collected is not None
    assert sorted(ended.collected.images) == sorted((JPEG, PICTURE))
    assert server.count("download") == 2


def test_a_redirect_of_a_link_is_followed() -> None:
    server = HostileServer({"download": [(http(302, b"", "Location: /2"),)]})
    assert played(server, ROOMY).collected == Collected((PICTURE,), 7)
    assert [head.split()[1] for head in server.heads if "task-result" not in head][1:] == ["/1", "/2"]


def test_an_id_that_is_a_number_is_asked_for() -> None:
    done = task(task={"task_id": 17, "status": "TASK_STATUS_SUCCEED"})
    server = HostileServer({"submit": [(yes({"task_id": 17}),)], "poll": [(yes(done),)]})
    assert played(server, ROOMY).named == "taken"
    assert "task_id=17 " in server.heads[1]


@pytest.mark.parametrize("act", [RESET, b""], ids=["reset", "closed"])
def test_a_connection_that_ends_as_soon_as_it_stands_leaves_a_submit_in_doubt(act: Act) -> None:
    """The request was on its way; how far it came nobody knows."""
    server = HostileServer(at_connect=[(act,)])
    assert played(server, ROOMY).named == "in doubt"
    assert server.connections == 1


def test_without_tls_nothing_was_sent_and_a_submit_is_tried_again() -> None:
    server = HostileServer(at_connect=[(b"no TLS here\r\n",)] * 9)

    async def scene() -> Ended:
        async with server.open():
            return await call(server, ROOMY, scheme="https")

    ended = asyncio.run(scene())
    assert ended.failure is not None
    assert "cannot be reached" in ended.failure.message
    assert (ended.named, server.connections, server.asked, ended.traffic) == ("failed step", 3, [], Traffic())


def test_a_paid_request_shares_its_connection_with_no_other() -> None:
    """What a host leaves on a connection behind one answer is never taken for the answer to the next paid request."""
    twice = http(200, {"task_id": "t1"}) * 2
    server = HostileServer({"submit": [(twice,), (twice,)]}, keep_alive=True)

    async def scene() -> None:
        async with server.open():
            provider = NovitaProvider(
                NovitaOptions(server.base_url, Secret(KEY)),
                name="novita",
                realm="paid",
                clock=Clock(lambda: 0.0, lambda: 0.0, asyncio.sleep, lambda: 0.5),
            )
            for _ in range(2):
                await provider.start(SAY_HELLO)
            await provider.close()

    asyncio.run(scene())
    assert (server.asked, server.connections) == (["submit", "submit"], 2)


def test_a_picture_shares_its_connection_with_no_other() -> None:
    """What lies behind one picture is never taken for the next one: nobody would see that it is the wrong one."""
    another = (http(200, PICTURE) + http(200, JPEG),)
    server = HostileServer({"download": [another, another]}, keep_alive=True)

    async def scene() -> list[bytes]:
        async with server.open():
            client = Client(server.base_url, Secret(KEY), wall=lambda: 0.0)
            try:
                return [await client.download(f"{server.base_url}/{n}") for n in range(2)]
            finally:
                await client.close()

    assert asyncio.run(scene()) == [PICTURE, PICTURE]


def test_no_cookie_is_sent_back() -> None:
    """Not even one that cannot be sent: it once ended a run in a crash."""
    cookies = ("Set-Cookie: who=you; Path=/", "Set-Cookie: \xff\xfe=;; expires=never")
    waiting, done = (http(200, task(status), *cookies) for status in ("TASK_STATUS_QUEUED", "TASK_STATUS_SUCCEED"))
    server = HostileServer({"submit": [(http(200, ACCEPTED, *cookies),)], "poll": [(waiting,), (done,)]})
    assert played(server, ROOMY).collected is not None
    assert server.count("poll") == 2
    assert not [head for head in server.heads if "cookie" in head.lower()]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_submit_and_its_key_go_nowhere(status: int) -> None:
    server = HostileServer({"submit": [(http(status, b"", f"Location: {HERE}/elsewhere"),)]})
    played(server, ROOMY)
    assert (server.asked, server.connections) == (["submit"], 1)


class Rebinding(asyncio.SelectorEventLoop):
    """A loop whose name server gives a public address and this machine's in turn."""

    asked = 0

    async def getaddrinfo(self, host: Any, port: Any, **more: Any) -> Any:
        if host not in {"cdn.example", b"cdn.example"}:
            return await super().getaddrinfo(host, port, **more)
        self.asked += 1
        address = "8.8.8.8" if self.asked % 2 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))]


def test_a_name_that_leads_elsewhere_once_it_was_checked_is_not_spoken_to() -> None:
    server = HostileServer()

    async def scene() -> Ended:
        async with server.open():
            port = server.base_url.rpartition(":")[2]
            server.scripts["poll"] = [(yes(task(links=[f"https://cdn.example:{port}/1"])),)]
            return await call(server, ROOMY)

    with asyncio.Runner(loop_factory=Rebinding) as runner:
        ended = runner.run(scene())
    assert ended.failure is not None
    assert "it leads to a private address" in ended.failure.message
    assert server.asked == ["submit", "poll"]
    assert ended.traffic == Traffic(submits=1, polls=1)


@pytest.mark.parametrize("phase", ["submit", "poll", "download"])
@pytest.mark.parametrize("kind", ["a bomb", "no end"])
def test_no_answer_fills_the_memory(phase: Phase, kind: str) -> None:
    """300 MB in 300 kB of gzip, and a body without end: what is held stays near the limit, whatever comes."""
    limits = Limits(answer_bytes=1_000_000, picture_bytes=5_000_000)
    script = (
        (http(200, bomb(300), "Content-Encoding: gzip"),) if kind == "a bomb" else (OPEN_END, Endless(PICTURE * 100))
    )
    server = HostileServer({phase: [script]})
    played(HostileServer(), limits)  # what is loaded once is no part of it
    tracemalloc.start()
    try:
        played(server, limits)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
