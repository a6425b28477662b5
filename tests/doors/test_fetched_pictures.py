"""Pictures from addresses: which are asked, what is followed, and what is told when they do not come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from runner.errors import OutOfReach, RetouchError, UsageError
from runner.pages import pictures
from tests.pictures import plain
from tests.virtual_time import VirtualTime
from tests.website import site

ADDRESS = "https://photos.example/2026/mug.png?sig=SIGNED"
PICTURE = plain(8, 8)


def read(reply: Callable[[httpx.Request], httpx.Response], address: str = ADDRESS, **more: Any) -> bytes:
    """What is read from a site that answers so."""
    return pictures.read(address, transport=httpx.MockTransport(reply), **more)


def refusal(reply: Callable[[httpx.Request], httpx.Response], address: str = ADDRESS, **more: Any) -> RetouchError:
    """The error that a site's answer gives; it never holds what is secret in an address."""
    with pytest.raises(RetouchError) as caught:
        read(reply, address, **more)
    told = f"{caught.value.message} {caught.value.hint}"
    assert "SIGNED" not in told
    assert "pw" not in told
    return caught.value


def test_a_picture_over_a_real_socket(tmp_path: Path) -> None:
    """From a server on this machine: the bytes as they are, asked for without credentials."""
    (tmp_path / "mug.png").write_bytes(PICTURE)
    with site(tmp_path) as served:
        assert pictures.read(f"{served.address}/mug.png?sig=SIGNED#top") == PICTURE
    ((path, headers),) = served.asked
    assert path == "/mug.png?sig=SIGNED"
    assert not {"authorization", "cookie", "proxy-authorization", "referer"} & headers


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://photos.example/mug.png?sig=SIGNED", "is not protected"),
        ("ftp://photos.example/mug.png", "is no address of a picture"),
        ("file:///etc/passwd", "is no address of a picture"),
        ("https://me:pw@photos.example/mug.png", "https://photos.example/mug.png is no address of a picture"),
        ("https://10.0.0.1/mug.png", "it leads to a private address"),
        ("https://169.254.169.254/latest/meta-data", "it leads to a private address"),
        ("https://2130706433/mug.png", "it leads to a private address"),
        ("https://[fd00::1]/mug.png", "it leads to a private address"),
        ("https://printer.local/mug.png", "it leads to a private address"),
        ("https://photos.example\\@10.0.0.1/mug.png", "is no address of a picture"),
        ("https://photos.example/a b.png", "is no address of a picture"),
        ("https://photos.example/\x1b[31m.png", "is no address of a picture"),
        ("https://photos.example:99999/mug.png", "is no address of a picture"),
    ],
)
def test_addresses_that_are_not_asked(address: str, words: str) -> None:
    """Nothing leaves for an address that is none, is not protected, or leads into somebody's network."""

    def reply(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    error = refusal(reply, address)
    assert isinstance(error, UsageError)
    assert words in error.message


@pytest.mark.parametrize(
    "target",
    [
        "http://photos.example/mug.png",
        "https://10.0.0.1/mug.png?sig=SIGNED",
        "http://127.0.0.1:8000/mug.png",
        "https://localhost/mug.png",
        "https://me:pw@photos.example/mug.png",
        "file:///etc/passwd",
    ],
)
def test_redirects_that_are_not_followed(target: str) -> None:
    """A redirect goes nowhere where an address may not."""
    asked: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(302, headers={"Location": target})

    error = refusal(reply)
    assert "leads to an address that is not followed" in error.message
    assert len(asked) == 1


def test_redirects_that_are_followed_and_end() -> None:
    """From one public address to another, five times."""

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/there":
            return httpx.Response(200, content=PICTURE)
        return httpx.Response(302, headers={"Location": "https://cdn.example/there"})

    assert read(reply) == PICTURE
    circle = refusal(lambda _: httpx.Response(302, headers={"Location": "/again?sig=SIGNED"}))
    assert "more than 5 times" in circle.message


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(404), UsageError, "the picture https://photos.example/2026/mug.png is gone"),
        (httpx.Response(403), UsageError, "photos.example refused"),
        (httpx.Response(503), OutOfReach, "did not deliver"),
        (httpx.Response(200, content=b"x" * (pictures.MOST_BYTES + 1)), UsageError, "is larger than 60 MB"),
    ],
)
def test_answers_without_the_picture(answer: httpx.Response, error: type[RetouchError], words: str) -> None:
    """In words, and by whose fault: the address is wrong, or its host is in trouble."""
    found = refusal(lambda _: answer)
    assert isinstance(found, error)
    assert words in found.message
    assert found.hint


def test_a_host_that_never_ends_is_left() -> None:
    """The deadline is for all of it, however steadily it drips."""

    class Dripping(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b"x"
                await asyncio.sleep(1)

    host = httpx.MockTransport(lambda _: httpx.Response(200, stream=Dripping()))
    time = VirtualTime()
    begun = time.now
    with pytest.raises(OutOfReach, match="did not answer in time"):
        time.run(pictures.fetched(ADDRESS, transport=host))
    assert time.now - begun == pytest.approx(pictures.SECONDS, abs=1)


class Misled(asyncio.SelectorEventLoop):
    """A loop whose name server says that a public name is this machine."""

    async def getaddrinfo(self, host: Any, port: Any, **more: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]


def test_a_name_that_leads_to_this_machine_is_not_spoken_to() -> None:
    """Its owner says where a name leads; nothing is sent before that was looked at."""
    came: list[bytes] = []

    async def scene() -> None:
        async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            came.append(await reader.read(100))
            writer.close()

        server = await asyncio.start_server(hear, sock=socket.create_server(("127.0.0.1", 0)))
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(UsageError, match="it leads to a private address"):
                await pictures.fetched(f"https://photos.example:{port}/mug.png")
            while not came:
                await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=Misled) as runner:
        runner.run(scene())
    assert came == [b""]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://photos.example/2026/mug.jpg?w=9", "mug"),
        ("https://photos.example/a%20mug.JPG", "a mug"),
        ("https://photos.example/", "picture"),
        ("https://photos.example", "picture"),
        ("https://photos.example/..%2f..%2fetc%2fpasswd", "passwd"),
        ("https://photos.example/a%5c..%5cb.png", "b"),
        ("https://photos.example/%1b%5b31m%e2%80%ae.png", "[31m"),
        ("https://photos.example/" + "n" * 500 + ".png", "n" * 60),
    ],
)
def test_what_a_picture_is_called(address: str, name: str) -> None:
    """By the last part of its address, as far as that can be read."""
    assert pictures.name_of(address) == name
