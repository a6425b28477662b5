"""A key that shows nothing of itself, and text that loses what nobody may see."""

from __future__ import annotations

import asyncio
import base64
import copy
import dataclasses
import json
import logging
import pickle
import time
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from runner.clock import Clock
from runner.errors import CallFailed
from runner.novita.client import Client, LinkExpired
from runner.novita.provider import NovitaOptions, NovitaProvider
from runner.secrecy import SHORTEST, Secret, without_queries
from runner.settings import load, without_key
from tests.emulated.canary import seen

ENDS = ("", "x", "xx")
KEY = "sk_Hd5+j/Yx3=qF8.vB_~NwT2mP7kL-C9sR4gZ1aE6uW0"


async def _at_once(_: float) -> None:
    return None


CLOCK = Clock(monotonic=lambda: 0.0, wall=lambda: 0.0, sleep=_at_once, draw=lambda: 0.5)


def holders() -> list[object]:
    """Everything that a key passes through."""
    settings = load(None, {"NOVITA_API_KEY": KEY})
    assert settings.novita_key is not None
    options = NovitaOptions("https://api.example", settings.novita_key)
    provider = NovitaProvider(options, name="novita", realm="paid", clock=CLOCK)
    client = Client("https://api.example", settings.novita_key, wall=lambda: 0.0)
    return [settings.novita_key, settings, options, provider, client]


@pytest.mark.parametrize("holder", holders(), ids=lambda each: type(each).__name__)
def test_nothing_that_holds_a_key_shows_it(holder: object) -> None:
    """Printed, formatted, logged, as JSON, with all its attributes, or in an error."""
    log = logging.LogRecord("x", logging.INFO, "x", 1, "%s %r", (holder, holder), None)
    told = [
        repr(holder),
        str(holder),
        f"{holder}",
        f"{holder!r:>10}",
        log.getMessage(),
        json.dumps([holder], default=str),
    ]
    told.append(repr(getattr(holder, "__dict__", "")))
    try:
        raise ValueError(holder)
    except ValueError:
        told.append(traceback.format_exc())
    assert not seen({"key": KEY}, "\n".join(told).encode())


def test_a_key_is_never_written_down() -> None:
    """Pickling and copying fail loudly; nothing that contains a key can be copied with it by accident."""
    settings = load(None, {"NOVITA_API_KEY": KEY})
    ways: tuple[Callable[[Any], object], ...] = (pickle.dumps, copy.copy, copy.deepcopy)
    for spread in ways:
        with pytest.raises(TypeError, match="never written down"):
            spread(settings.novita_key)
    of_all: tuple[Callable[[Any], object], ...] = (pickle.dumps, copy.deepcopy, dataclasses.asdict)
    for spread in of_all:
        with pytest.raises(TypeError, match="never written down"):
            spread(settings)
    with pytest.raises(TypeError):
        json.dumps(settings.novita_key)


def test_requests_with_the_key_do_not_print_it() -> None:
    """What httpx shows of a request and its headers, should anything ever print one."""
    request = httpx.Request("POST", "https://api.example/x", headers={"Authorization": f"Bearer {KEY}"})
    assert not seen({"key": KEY}, f"{request!r} {request.headers!r}".encode())


@pytest.mark.parametrize(
    "said",
    [
        KEY,
        KEY[:12],
        KEY[-14:] + " is the end of it",
        quote(KEY, safe=""),
        quote(quote(KEY, safe=""), safe=""),
        "".join(f"%{ord(c):02X}" for c in KEY),
        "".join(f"\\u{ord(c):04x}" for c in KEY),
        json.dumps("".join(f"\\u{ord(c):04x}" for c in KEY)),
        "".join(f"&#{ord(c)};" for c in KEY),
        "".join(f"&#x{ord(c):X};" for c in KEY),
        KEY.encode().hex(),
        KEY.encode().hex().upper()[:30],
        KEY.replace("/", "\\/"),
        *(base64.b64encode(f"{before}{KEY}{after}".encode()).decode() for before in ENDS for after in ENDS),
        base64.urlsafe_b64encode(f"Bearer {KEY}".encode()).decode(),
        base64.b64encode(KEY.encode()).decode()[:24],
        "\0".join(KEY),
        f"{KEY}{KEY[:20]}{KEY}",
    ],
)
def test_a_quoted_key_is_taken_out(said: str) -> None:
    """In each spelling, whole or in part; what stands around it stays."""
    told = Secret(KEY).taken_out_of(f"before {said} after".encode())
    assert not seen({"key": KEY}, told)
    assert told.startswith(b"before ")
    assert told.endswith(b" after")
    assert b"[key]" in told
    assert Secret(KEY).stands_in(said)


def test_what_is_no_key_stays() -> None:
    """Other text, up to eleven letters of the key, and everything where the key is a short word."""
    text = f"nothing here but {KEY[:11]} and {KEY[20:31]}".encode()
    assert Secret(KEY).taken_out_of(text) == text
    assert Secret("test").taken_out_of(b"a test") == b"a test"
    assert not Secret("t" * (SHORTEST - 1)).stands_in("t" * 100)


def test_a_long_answer_is_searched_in_no_time() -> None:
    """A megabyte of what looks most like the key."""
    began = time.process_time()
    for piece in (KEY[:-1], KEY[12:18], "%", "\\u00", KEY[0]):
        Secret(KEY).taken_out_of((piece * 1_000_000)[:1_000_000].encode())
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n  b?\n c", "a\n  b?\n c"),
        ('{"url": "https://cdn.test/a?sig=SECRET"}', '{"url": "https://cdn.test/a?…'),
        ("https://me:pa?ss@cdn.test/a", "https://…@cdn.test/a"),
        ("https%3A%2F%2Fme%3ApASS@cdn.test", "https%3A%2F%2F…@cdn.test"),
        ("X-Amz-Security-Token: 0123456789abcdef0", "X-Amz-Security-Token: …"),
        ('"signature":"0123456789abcdef0"', '"signature":"…"'),
        ("<Signature>0123456789abcdef0</Signature>", "<Signature>…</Signature>"),
        ("invalid token: expired", "invalid token: expired"),
    ],
)
def test_links_and_signatures_lose_what_is_secret(text: str, expected: str) -> None:
    assert without_queries(text) == expected


def test_the_key_of_the_environment_is_taken_out_of_last_words() -> None:
    """Also where its form is wrong, and of text that cannot be encoded."""
    assert without_key(f"x {KEY} \ud800", {"NOVITA_API_KEY": f"{KEY}\n"}) == "x [key] \ud800"
    assert without_key(f"x {KEY}", {}) == f"x {KEY}"
    assert without_key("a test", {"NOVITA_API_KEY": "test"}) == "a test"


@pytest.mark.parametrize("quoted", [KEY, KEY[:20], KEY.encode().hex(), quote(KEY, safe="")])
def test_a_link_that_holds_the_key_is_not_asked_for(quoted: str) -> None:
    """However it came by it: the storage is somebody else's."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(404, stream=httpx.ByteStream(b""))

    async def scene() -> None:
        client = Client("https://api.example", Secret(KEY), wall=lambda: 0.0, transport=httpx.MockTransport(answer))
        with pytest.raises(LinkExpired):
            await client.download("https://cdn.example/a.png?key=other")
        with pytest.raises(CallFailed, match="it quotes the key"):
            await client.download(f"https://cdn.example/a.png?key={quoted}")
        await client.close()

    asyncio.run(scene())
    assert [request.url.query for request in asked] == [b"key=other"]
