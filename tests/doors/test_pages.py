"""Pages from files and addresses: what is asked, what is followed, what is refused, each in words."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from runner import pages
from runner.errors import OutOfReach, RetouchError, UsageError
from tests.command import environment
from tests.website import site

PAGE = "https://docs.example/model"
TEXT = "# A page\n\nwith words: é\n"


def read(reply: Callable[[httpx.Request], httpx.Response], page: str = PAGE) -> tuple[str, list[httpx.Request]]:
    """What is read from a site that answers so, and what it was asked."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return reply(request)

    return pages.read(page, transport=httpx.MockTransport(answer)), asked


def refusal(reply: Callable[[httpx.Request], httpx.Response], page: str = PAGE) -> RetouchError:
    """The error that a site's answer gives."""
    with pytest.raises(RetouchError) as caught:
        read(reply, page)
    return caught.value


def html(text: str = "<!DOCTYPE html><p>x") -> httpx.Response:
    return httpx.Response(200, html=text)


def test_a_page_over_a_real_socket(tmp_path: Path) -> None:
    """From a server on this machine: the text as it is, asked for without credentials."""
    (tmp_path / "page.md").write_text(TEXT, encoding="utf-8")
    with site(tmp_path) as served:
        assert pages.read(f"{served.address}/page.md#param-size") == TEXT
        gone = pages.read_all([f"{served.address}/nope.md", f"{served.address}/page.md", str(tmp_path / "page.md")])
    path, headers = served.asked[0]
    assert path == "/page.md"
    assert not {"authorization", "cookie", "proxy-authorization"} & headers
    assert isinstance(gone[0], UsageError)
    assert "is gone" in gone[0].message
    assert gone[1:] == [TEXT, TEXT]


def test_nobody_listens(tmp_path: Path) -> None:
    """A port that is closed is out of reach: exit code 5."""
    with site(tmp_path) as served:
        pass
    with pytest.raises(OutOfReach, match=r"127\.0\.0\.1 cannot be reached \(no connection\)"):
        pages.read(f"{served.address}/page.md")


def test_what_is_asked() -> None:
    """Markdown is preferred; the fragment and everything that could tell who asks stay here."""
    text, (request,) = read(lambda _: httpx.Response(200, text=TEXT), f"{PAGE}#param-size")
    assert text == TEXT
    assert str(request.url) == PAGE
    assert request.headers["Accept"] == "text/markdown, text/plain;q=0.9, */*;q=0.1"
    assert set(request.headers) == {"host", "user-agent", "accept", "accept-encoding"}


def test_html_is_asked_for_once_more_as_markdown() -> None:
    """The same address with `.md` behind its path."""

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=TEXT) if request.url.path.endswith(".md") else html()

    text, asked = read(reply, f"{PAGE}/")
    assert text == TEXT
    assert [str(request.url) for request in asked] == [f"{PAGE}/", f"{PAGE}.md"]


@pytest.mark.parametrize("second", [html(), httpx.Response(404, html="<p>"), httpx.Response(200, text="  <HTML>")])
def test_html_twice_is_no_page(second: httpx.Response) -> None:
    """Whatever the site calls it: what looks like HTML is HTML."""
    error = refusal(lambda request: second if request.url.path.endswith(".md") else html())
    assert isinstance(error, UsageError)
    assert error.message == f"{PAGE} is an HTML page, and {PAGE}.md is none either"


def test_html_behind_an_address_of_markdown_is_asked_once() -> None:
    """There is no `.md.md`."""
    assert refusal(lambda _: html(), f"{PAGE}.md").message == f"{PAGE}.md is an HTML page"


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (404, UsageError, f"the page {PAGE} is gone: docs.example answered HTTP 404"),
        (410, UsageError, f"the page {PAGE} is gone: docs.example answered HTTP 410"),
        (403, UsageError, f"docs.example refused {PAGE}: HTTP 403"),
        (429, OutOfReach, f"docs.example did not deliver {PAGE}: HTTP 429"),
        (503, OutOfReach, f"docs.example did not deliver {PAGE}: HTTP 503"),
    ],
)
def test_answers_that_are_no_page(status: int, kind: type[RetouchError], words: str) -> None:
    """A page that is gone is the user's to mend (2); a host in trouble is out of reach (5)."""
    error = refusal(lambda _: httpx.Response(status, html="<!doctype html>"))
    assert (type(error), error.message) == (kind, words)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("secret"), httpx.ReadError("secret"), httpx.ReadTimeout("secret")]
)
def test_a_broken_connection_is_out_of_reach(error: httpx.HTTPError) -> None:
    """The library's own words, which may quote a proxy's password, stay out of the message."""

    def reply(request: httpx.Request) -> httpx.Response:
        raise error

    told = refusal(reply)
    assert isinstance(told, OutOfReach)
    assert "secret" not in f"{told.message} {told.hint}"


def test_the_host_that_failed_is_named() -> None:
    """After a redirect that is the second one."""

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.host == "elsewhere.example":
            raise httpx.ConnectError("")
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/page.md"})

    assert refusal(reply).message == "elsewhere.example cannot be reached (no connection)"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError(""), "docs.example cannot be reached (no connection)"),
        (httpx.ConnectTimeout(""), "docs.example cannot be reached (it did not answer in time)"),
        (httpx.RemoteProtocolError(""), f"docs.example did not deliver {PAGE}: what came is no whole answer"),
        (httpx.InvalidURL(""), f"docs.example did not deliver {PAGE}: what came is no whole answer"),
        (UnicodeError(), f"docs.example did not deliver {PAGE}: what came is no whole answer"),
    ],
)
def test_one_page_that_fails_leaves_the_others(error: Exception, words: str) -> None:
    """Whatever the library makes of it: one is told in its own words, and the other is read."""

    def reply(request: httpx.Request) -> httpx.Response:
        if str(request.url) == PAGE:
            raise error
        return httpx.Response(200, text=TEXT)

    failed, fine = pages.read_all([PAGE, f"{PAGE}s"], transport=httpx.MockTransport(reply))
    assert isinstance(failed, OutOfReach)
    assert failed.message.startswith(words)
    assert fine == TEXT


def test_what_never_ends_is_left_at_2_mb() -> None:
    """A host cannot fill the memory, nor keep us."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 100_000
            yield b"x" * 100_000

    assert "larger than 2 MB" in refusal(lambda _: httpx.Response(200, content=endless())).message
    assert sent < 3_000_000


def test_a_page_has_its_time_in_all() -> None:
    """A host that never ends is left."""

    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(OutOfReach, match="did not answer in time"):
        pages.read(PAGE, transport=httpx.MockTransport(never), seconds=0.01)


def test_redirects_are_followed_five_times() -> None:
    """The sixth is one too many; a place on the way may be relative."""

    def steps(most: int) -> Callable[[httpx.Request], httpx.Response]:
        def reply(request: httpx.Request) -> httpx.Response:
            at = int(request.url.params.get("n", 0))
            return httpx.Response(302, headers={"Location": f"/model?n={at + 1}"}) if at < most else ok()

        return reply

    def ok() -> httpx.Response:
        return httpx.Response(200, text=TEXT)

    assert read(steps(5))[0] == TEXT
    assert refusal(steps(6)).message == f"{PAGE} leads from one address to the next, more than 5 times"


def test_no_cookie_goes_along() -> None:
    """What one answer sets is not sent with the next request."""
    there = httpx.Response(302, headers={"Location": "/there", "Set-Cookie": "who=me"})
    _, asked = read(lambda request: httpx.Response(200, text=TEXT) if request.url.path == "/there" else there)
    assert "cookie" not in asked[1].headers


@pytest.mark.parametrize(
    "target",
    [
        "http://docs.example/x",
        "http://127.0.0.1/x",
        "https://me:pw@docs.example/",
        "file:///etc/hosts",
        "https://[x",
        "https://xn--/",
        "https://docs.example:99999/",
    ],
)
def test_redirects_that_are_not_followed(target: str) -> None:
    """https stays https, and no redirect brings credentials along."""
    error = refusal(lambda _: httpx.Response(301, headers={"Location": target}))
    assert isinstance(error, UsageError)
    assert "not followed" in error.message
    assert "pw" not in error.message


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("http://docs.example/x", "is not protected"),
        ("http://127.0.0.1.docs.example/x", "is not protected"),
        ("https://me:pw@docs.example/x", "holds a name or a password"),
        ("https://me:pw@docs.example:port/x", "holds a name or a password"),
        ("https://docs.example/x?key=pw", "https://docs.example/x has a query behind it"),
        ("https://docs.example:port/x?key=pw", "has a query behind it"),
        ("https://docs.example:port/x#pw", "is no address of a page"),
        ("https://xn--/", "is no address of a page"),
        ("ftp://docs.example/x", "is no address of a page"),
        ("https:///x", "is no address of a page"),
        ("https://docs.example:port/x", "is no address of a page"),
        ("https://docs.example/a b", "is no address of a page"),
        ("https://docs.example/a\nb", "is no address of a page"),
    ],
)
def test_addresses_that_are_not_asked(page: str, words: str) -> None:
    """Nothing leaves for an address that is none, is not protected, or holds a password."""

    def reply(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    error = refusal(reply, page)
    assert isinstance(error, UsageError)
    assert words in error.message
    assert "pw" not in error.message


def test_too_much_and_no_text() -> None:
    """More than 2 MB is not a page, nor are bytes that are no UTF-8, nor what is packed twice."""
    assert "larger than 2 MB" in refusal(lambda _: httpx.Response(200, content=b"x" * 2_000_001)).message
    assert "UTF-8" in refusal(lambda _: httpx.Response(200, content=b"\xff\xfe")).message
    packed = httpx.Response(200, headers={"Content-Encoding": "gzip, gzip"}, stream=httpx.ByteStream(b"x"))
    assert "packed" in refusal(lambda _: packed).message


def test_files(tmp_path: Path) -> None:
    """A file as it is, without its byte order mark; a missing one, a folder, a picture and a huge one in words."""
    (tmp_path / "page.md").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    (tmp_path / "picture.md").write_bytes(b"\x89PNG\xff")
    (tmp_path / "huge.md").write_bytes(b"x" * 2_000_001)
    assert pages.read(str(tmp_path / "page.md")) == TEXT
    for name, words in {
        "nope.md": "there is no file",
        "picture.md": "no text that can be read as UTF-8",
        "": "no text that can be read as UTF-8",
        "huge.md": "larger than 2 MB",
    }.items():
        with pytest.raises(UsageError, match=words):
            pages.read(str(tmp_path / name))


def test_a_file_needs_no_network_library(tmp_path: Path) -> None:
    """What only reads a file starts fast."""
    (tmp_path / "page.md").write_text(TEXT, encoding="utf-8")
    program = "import sys\nfrom runner import pages\npages.read('page.md')\nassert 'httpx' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment(), check=True, timeout=60)


def test_this_machine_is_asked_without_a_proxy(tmp_path: Path) -> None:
    """A proxy of the company knows nothing of a page that is served here."""
    (tmp_path / "page.md").write_text(TEXT, encoding="utf-8")
    with site(tmp_path) as served:
        program = f"from runner import pages\nassert pages.read('{served.address}/page.md')"
        env = environment(dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:9"))
        env |= {"NO_PROXY": "", "no_proxy": ""}
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=env, check=True, timeout=60)


def test_a_proxy_that_cannot_be_used(tmp_path: Path) -> None:
    """A word in the environment that is no proxy is told, without what stands in it; nothing leaves."""
    program = "from runner import pages\npages.read('https://docs.example.invalid/page.md')"
    env = environment({"HTTPS_PROXY": "strange://me:secret@there", "ALL_PROXY": ""})
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=env, check=False, timeout=60, capture_output=True, text=True
    )
    assert done.stderr.splitlines()[-1].startswith("runner.errors.OutOfReach: the proxy or the certificates")
    assert "secret" not in done.stderr
