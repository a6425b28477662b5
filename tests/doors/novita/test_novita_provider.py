"""The provider against a scripted host: what is sent, what is sent again, and what every answer becomes."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import zlib
from collections.abc import AsyncIterator, Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any

import httpx
import pytest
from PIL import Image

from runner.errors import CallFailed, FailureKind, OutOfReach
from runner.novita.client import Client, Limits
from runner.novita.polling import Polling, ShortMemory
from runner.novita.provider import NovitaOptions
from runner.operation import Call, Collected, Ticket, Traffic
from runner.settings import Secret
from tests.doors.novita.scripted_host import (
    EDIT,
    KEY,
    PNG,
    REMOTE,
    SAY_HELLO,
    WEBP,
    Answer,
    Host,
    Never,
    Slices,
    accepted,
    failed,
    finished,
    no,
    says,
    waiting,
)


def assert_kept(failure: CallFailed, kind: FailureKind = "network") -> None:
    """A failure that leaves the bought task to a later run, and tells the user so."""
    assert failure.kind == kind
    assert (failure.hint or "").endswith(
        "run the same command again later; the task is kept and will not be bought twice"
    )


# --- start -----------------------------------------------------------------------------------------------------------


def test_a_call_is_posted_once_with_the_key_and_gives_a_ticket_of_plain_json() -> None:
    host = Host([accepted("f0c2-a1")])
    ticket = host.start()
    assert ticket == {
        "provider": "novita",
        "host": "api.novita.ai",
        "model": "edit-1",
        "task_id": "f0c2-a1",
        "started": 1_000_000,
    }
    (request,) = host.asked
    assert (request.method, str(request.url)) == ("POST", "https://api.novita.ai/v3/async/edit-1")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.content == b'{"prompt":"hello","seed":7}'
    assert host.provider.traffic == Traffic(submits=1)
    assert KEY not in json.dumps(dict(ticket))


def test_a_picture_is_brought_into_a_form_that_the_host_takes() -> None:
    """CMYK is for printers: what leaves is a picture that a model knows."""
    file = BytesIO()
    Image.new("CMYK", (8, 6), (255, 0, 0, 0)).save(file, "JPEG")
    host = Host([accepted()])
    host.start(Call(EDIT, {"prompt": "a"}, (file.getvalue(),), "x"))
    (entry,) = json.loads(host.asked[0].content)["images"]
    match = re.match(r"data:image/(png|jpeg|webp);base64,([A-Za-z0-9+/]+=*)\Z", entry)
    assert match
    assert Image.open(BytesIO(base64.b64decode(match[2]))).mode in {"RGB", "RGBA"}


def test_a_broken_picture_is_told_before_anything_is_sent() -> None:
    host = Host()
    failure = host.refused(lambda: host.start(Call(EDIT, {"prompt": "a"}, (b"no picture",), "x")))
    assert failure.kind == "image"
    assert host.asked == []


def test_the_label_never_reaches_a_paying_host() -> None:
    host = Host([accepted()], realm="paid")
    host.start()
    assert "X-Retouch-Step" not in host.asked[0].headers


@pytest.mark.parametrize("realm", ["rehearsal", "loopback"])
def test_the_label_reaches_an_emulator_as_ascii(realm: str) -> None:
    host = Host([accepted()], realm=realm, base_url="http://127.0.0.1:9")
    host.start(Call(EDIT, {"prompt": "a"}, (), "größe\r\n 1/2"))
    assert host.asked[0].headers["X-Retouch-Step"] == "gr??e?? 1/2"


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("x"),
        httpx.ConnectTimeout("x"),
        httpx.PoolTimeout("x"),
        httpx.ProxyError("x"),
        no(429, "RATE_LIMIT_EXCEEDED"),
        says(429, b"<html>slow down</html>"),
    ],
    ids=["no connection", "connect time-out", "pool", "proxy", "429", "429 in HTML"],
)
def test_what_was_certainly_not_accepted_is_submitted_again(trouble: Answer) -> None:
    host = Host([trouble, accepted()])
    assert host.start()["task_id"] == "t1"
    assert host.asked[0].content == host.asked[1].content
    assert len(host.slept) == 1


def test_only_requests_that_left_are_counted() -> None:
    host = Host([httpx.ConnectError("x"), no(429), accepted()])
    host.start()
    assert host.provider.traffic == Traffic(submits=2)


def test_retry_after_is_honoured_and_clamped() -> None:
    host = Host(
        [says(429, {}, Retry_After="20"), says(429, {}, Retry_After="Mon, 12 Jan 1970 13:47:30 GMT"), accepted()]
    )
    host.start()
    assert host.slept[0] == pytest.approx(20.5)
    assert host.slept[1] == pytest.approx(50 - 20.5 + 1)


def test_a_limit_per_minute_is_waited_out_even_if_the_host_names_no_time() -> None:
    host = Host([*(no(429, "RATE_LIMIT_EXCEEDED") for _ in range(5)), accepted()])
    host.start()
    assert sum(host.slept) > 60


def test_a_submit_gives_up_in_the_end() -> None:
    host = Host([httpx.ConnectError("x")] * 50)
    failure = host.refused(host.start)
    assert failure.kind == "network"
    assert "api.novita.ai cannot be reached" in failure.message
    assert len(host.asked) < 10

    host = Host([no(429, "RATE_LIMIT_EXCEEDED") for _ in range(50)])
    assert host.refused(host.start).kind == "rejected"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.ReadError("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.LocalProtocolError(KEY),
        no(500, "CREATE_TASK_FAILED"),
        says(502, b"<html><title>Bad gateway</title></html>"),
        says(503, b""),
        says(200, b""),
        says(200, b"<html>"),
        says(200, {"task_id": "../x"}),
        says(200, {"task_id": "t1", "eta": float("nan")}),
        says(200, b'{"task_id":' + b"[" * 100_000),
        says(200, b'{"task_id": "t1", "pad": "' + b"x" * 2_000_000 + b'"}'),
        says(201, {"id": "t1"}),
        says(302, b"", Location="https://elsewhere.example/v3/async/edit-1"),
        says(307, b"", Location="https://elsewhere.example/v3/async/edit-1"),
        says(307, b"", Location="https://xn--/"),
        httpx.Response(200, stream=Slices(b'{"task_id": ', httpx.ReadError("cut"))),
        httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Slices(b"no gzip")),
        httpx.Response(200, headers={"Content-Encoding": "gzip, gzip"}, stream=Slices(b"")),
        httpx.Response(200, headers={"Content-Encoding": "br"}, stream=Slices(b'{"task_id": "t1"}')),
    ],
    ids=lambda answer: repr(answer)[:40],
)
def test_what_may_have_been_accepted_is_in_doubt_and_never_submitted_again(answer: Answer) -> None:
    host = Host([answer])
    failure = host.refused(host.start)
    assert failure.kind == "in-doubt"
    assert failure.hint is not None
    assert "billed" in failure.hint
    assert host.provider.traffic.submits == 1


def test_an_answer_that_never_comes_is_in_doubt_at_the_deadline() -> None:
    host = Host([httpx.Response(200, stream=Never())], options={"limits": Limits(submit=0.01)})
    failure = host.refused(host.start)
    assert failure.kind == "in-doubt"
    assert "time-out" in failure.message


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (no(403, "INVALID_API_KEY"), "access"),
        (no(401, "INVALID_API_KEY"), "access"),
        (no(400, "BILLING_BALANCE_NOT_ENOUGH"), "access"),
        (no(400, "ILLEGAL_PROMPT"), "moderated"),
        (no(404, "API_NOT_FOUND"), "rejected"),
        (no(400, "INVALID_REQUEST_BODY"), "rejected"),
    ],
)
def test_a_refused_submit_is_told_at_once(answer: Answer, kind: FailureKind) -> None:
    host = Host([answer])
    assert host.refused(host.start).kind == kind
    assert host.slept == []


def test_a_host_that_quotes_the_key_or_a_signed_link_is_not_quoted() -> None:
    """The key is checked in `refused`, for every message of this file."""
    host = Host([no(400, "INVALID_REQUEST_BODY", f"no {KEY} at https://x.example/a.png?Signature=abc")])
    failure = host.refused(host.start)
    assert "[key]" in failure.message
    assert "Signature" not in failure.message
    host = Host([says(400, f"your key {KEY}".encode() + b" " * 10)])
    host.refused(host.start)
    host = Host(polls=[failed(f"{'x' * 280} {KEY}")])
    host.refused(host.collect)


def test_stopping_while_the_answer_is_under_way_keeps_the_ticket() -> None:
    """Ctrl-C cancels the step's task; the paid answer still comes out of start(), and then the step stops."""
    written: list[Ticket] = []

    async def scene() -> None:
        host_answers = asyncio.Event()

        async def late() -> httpx.Response:
            await host_answers.wait()
            return accepted("t9")

        host = Host([late])

        async def step() -> None:
            ticket = await host.provider.start(SAY_HELLO)
            assert not isinstance(ticket, Collected)
            written.append(ticket)
            await asyncio.sleep(0)
            written.append({})

        task = asyncio.create_task(step())
        while not host.asked:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        host_answers.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert [ticket["task_id"] for ticket in written] == ["t9"]


def test_stopping_while_waiting_to_submit_again_sends_nothing_more() -> None:
    async def scene() -> int:
        host = Host([no(429), accepted()])
        task = asyncio.create_task(host.provider.start(SAY_HELLO))
        while not host.slept:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return len(host.asked)

    assert asyncio.run(scene()) == 1


# --- collect ---------------------------------------------------------------------------------------------------------


def test_a_task_is_asked_after_until_it_has_succeeded_and_its_images_are_fetched_without_the_key() -> None:
    host = Host(
        polls=[
            waiting("TASK_STATUS_QUEUED"),
            waiting(),
            finished("https://cdn.example/1?s=1", "https://cdn.example/2"),
        ],
        downloads=[says(200, PNG), says(200, WEBP)],
    )
    assert host.collect() == Collected((PNG, WEBP), 7)
    assert host.provider.traffic == Traffic(submits=0, polls=3, downloads=2)
    polls, downloads = host.asked[:3], host.asked[3:]
    assert {str(each.url) for each in polls} == {f"{REMOTE}/v3/async/task-result?task_id=t1"}
    assert all(each.headers["Authorization"] == f"Bearer {KEY}" for each in polls)
    assert all(KEY not in str(each.headers.raw) and "Authorization" not in each.headers for each in downloads)


def test_a_remote_host_is_never_asked_more_than_once_a_second_about_a_task() -> None:
    """Whatever happens in between: trouble, success without images, expired links."""
    host = Host(
        polls=[
            waiting(),
            no(500),
            no(500),
            no(500),
            finished(),
            httpx.ReadError("x"),
            finished("https://cdn.example/1"),
            finished("https://cdn.example/1"),
        ],
        downloads=[says(403, b"<Error>expired</Error>"), says(200, PNG)],
    )
    host.collect()
    at = [when for when, request in zip(host.at, host.asked, strict=True) if request.url.host == "api.novita.ai"]
    assert len(at) == 8
    assert all(later - earlier >= 1 for earlier, later in pairwise(at))


def test_no_setting_makes_it_more_often_than_once_a_second() -> None:
    """But for a host on this machine, which may be asked as often as one likes."""
    eager = Polling(first=0.1, share=0.01, least=0.1, most=0.2)
    host = Host(
        polls=[*(waiting() for _ in range(20)), finished("https://cdn.example/1")],
        downloads=[says(200, PNG)],
        options={"polling": eager},
    )
    host.collect()
    assert all(later - earlier >= 1 for earlier, later in pairwise(host.at[:21]))
    assert NovitaOptions("http://127.0.0.1:9", Secret("k"), polling=eager).pace() == eager


def test_a_host_on_this_machine_is_asked_quickly() -> None:
    host = Host(
        polls=[waiting() for _ in range(20)] + [finished("http://127.0.0.1:9/1")],
        downloads=[says(200, PNG)],
        base_url="http://127.0.0.1:9",
    )
    host.collect()
    assert sum(host.slept) < 0.5


def test_collecting_an_old_ticket_asks_at_once() -> None:
    host = Host(polls=[finished("https://cdn.example/1")], downloads=[says(200, PNG)])
    host.collect(host.ticket(started=host.clock.wall() - 600))
    assert sum(host.slept) == 0


def test_an_unknown_word_of_status_means_wait_and_is_told_once() -> None:
    odd = [waiting("TASK_STATUS_WARMING"), waiting("TASK_STATUS_WARMING")]
    host = Host(polls=[*odd, finished("https://cdn.example/1", seed=None)], downloads=[says(200, PNG)])
    assert host.collect() == Collected((PNG,), None)
    assert len(host.notices) == 1
    assert "TASK_STATUS_WARMING" in host.notices[0]


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("x"),
        httpx.ReadTimeout("x"),
        httpx.RemoteProtocolError("x"),
        no(500, "GET_RESULT_FAILED"),
        no(429, "RATE_LIMIT_EXCEEDED"),
        no(404, "TASK_NOT_FOUND"),
        says(404, b"<html>404 page not found</html>"),
        no(404, "API_NOT_FOUND"),
        says(502, b"<html>"),
        says(200, b"<html>"),
        says(200, {"task": {"status": "TASK_STATUS_FAILED", "task_id": "another"}}),
        says(200, b"[" * 100_000),
        httpx.Response(200, stream=Slices(b'{"task"', httpx.ReadError("cut"))),
    ],
    ids=lambda answer: repr(answer)[:40],
)
def test_trouble_while_asking_is_asked_again_and_nothing_is_submitted(trouble: Answer) -> None:
    host = Host(polls=[trouble, finished("https://cdn.example/1")], downloads=[says(200, PNG)])
    assert host.collect().images == (PNG,)
    assert host.provider.traffic.submits == 0


def test_what_tasks_took_is_learned_and_the_next_one_is_asked_for_when_it_should_be_done() -> None:
    """The memory is asked by model; a task that failed says nothing about how long it takes to succeed."""
    memory = ShortMemory()
    host = Host(
        polls=[waiting(), waiting(), finished("https://cdn.example/1")], downloads=[says(200, PNG)], memory=memory
    )
    host.collect()
    ((after, until),) = memory.recall("edit-1")
    assert after == pytest.approx(host.at[1])
    assert until == pytest.approx(host.at[2])
    broken = Host(polls=[waiting(), failed("out of memory")], memory=memory)
    broken.refused(broken.collect)
    assert len(memory.recall("edit-1")) == 1

    for _ in range(30):
        memory.learn("edit-2", 119.0, 121.0)
    host = Host(polls=[finished("https://cdn.example/1")], downloads=[says(200, PNG)], memory=memory)
    host.collect(host.ticket(model="edit-2"))
    assert host.at[0] == pytest.approx(121.0, abs=3.0)


def test_word_of_the_success_comes_once_and_before_the_pictures_are_fetched() -> None:
    """Not again when links have to be asked for again."""
    host = Host(
        polls=[
            waiting(),
            finished("https://cdn.example/1", "https://cdn.example/2", seed="11"),
            finished("https://cdn.example/1", "https://cdn.example/2", seed="11"),
        ],
        downloads=[says(403, b""), says(200, PNG), says(200, PNG)],
    )
    heard: list[tuple[int, int | None, int]] = []

    async def hear(made: int, seed: int | None) -> None:
        heard.append((made, seed, host.provider.traffic.downloads))

    asyncio.run(host.provider.collect(host.ticket(), hear))
    assert heard == [(2, 11, 0)]


@pytest.mark.parametrize("answer", [failed("out of memory"), no(403, "INVALID_API_KEY")])
def test_there_is_no_word_of_a_success_that_did_not_happen(answer: Answer) -> None:
    host = Host(polls=[answer])
    heard: list[int] = []

    async def hear(made: int, seed: int | None) -> None:
        heard.append(made)

    host.refused(lambda: asyncio.run(host.provider.collect(host.ticket(), hear)))
    assert heard == []


def test_where_the_word_cannot_be_written_down_nothing_is_fetched() -> None:
    """A full disk is told as it is, and the task stays for a later run."""
    host = Host(polls=[finished("https://cdn.example/1")])

    async def hear(made: int, seed: int | None) -> None:
        raise OutOfReach("the journal cannot be written")

    with pytest.raises(OutOfReach):
        asyncio.run(host.provider.collect(host.ticket(), hear))
    assert host.provider.traffic.downloads == 0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failed("out of memory"), "failed"),
        (failed("NSFW content detected"), "moderated"),
        (no(403, "INVALID_API_KEY"), "access"),
        (no(500, "TASK_FAILED", "it broke"), "failed"),
    ],
)
def test_the_end_of_a_failed_task(answer: Answer, kind: FailureKind) -> None:
    host = Host(polls=[answer])
    assert host.refused(host.collect).kind == kind


def test_a_task_that_the_host_does_not_know_is_kept_after_a_while() -> None:
    """It is bought: with the key of the account that bought it, the host may know it again."""
    host = Host(polls=[no(404, "TASK_NOT_FOUND") for _ in range(100)])
    failure = host.refused(host.collect)
    assert_kept(failure, "lost")
    assert "t1" in failure.message
    assert sum(host.slept) > 60


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9", "http://localhost:9", "http://127.0.0.1"])
def test_a_host_on_this_machine_that_was_restarted_has_lost_its_tasks_and_is_soon_believed(base_url: str) -> None:
    host = Host(polls=[no(404, "TASK_NOT_FOUND") for _ in range(50)], base_url=base_url)
    assert_kept(host.refused(host.collect), "lost")
    assert len(host.asked) == 4
    assert sum(host.slept) < 2


def test_a_host_on_this_machine_that_is_gone_is_told_soon_and_its_task_is_kept() -> None:
    host = Host(polls=[httpx.ConnectError("x")] * 50, base_url="http://127.0.0.1:9")
    assert_kept(host.refused(host.collect))
    assert sum(host.slept) < 2


@pytest.mark.parametrize("base_url", [REMOTE, "http://127.0.0.1:9"])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"<html><title>404 Not Found</title></html>"),
        (404, b""),
        (404, {"error": "no such page"}),
        (404, {"code": 404, "reason": "API_NOT_FOUND", "message": "no route"}),
        (404, {"code": 404, "reason": "INVALID_API_KEY", "message": "who are you"}),
        (400, {"code": 400, "reason": "MODEL_NOT_FOUND", "message": "what model"}),
        (400, {"code": 400, "reason": "INVALID_REQUEST_BODY", "message": "what body"}),
        (302, b""),
    ],
)
def test_a_no_that_does_not_speak_of_the_task_keeps_it(status: int, body: Any, base_url: str) -> None:
    """Only the API's own TASK_NOT_FOUND says that a task is gone; any other 404 may be a gateway's."""
    host = Host(polls=[says(status, body) for _ in range(50)], base_url=base_url)
    assert_kept(host.refused(host.collect))


def test_a_host_that_stays_away_is_a_network_failure_and_not_a_storm() -> None:
    host = Host(polls=[httpx.ConnectError("x")] * 100)
    assert host.refused(host.collect).kind == "network"
    assert len(host.asked) <= 30
    assert 600 < sum(host.slept) <= 910


def test_a_task_without_end_is_left_behind() -> None:
    host = Host(polls=[waiting() for _ in range(500)], options={"longest_task": 600.0})
    failure = host.refused(host.collect)
    assert failure.kind == "network"
    assert "not finished after 10 minutes" in failure.message
    assert 600 < sum(host.slept) < 630


@pytest.mark.parametrize("word", ["CANCELED", "CANCELLED", "EXPIRED", "TIMEOUT"])
def test_a_word_of_status_that_stays_unknown_is_told_in_the_end(word: str) -> None:
    """It may well be final, but only the host's pages could say so: the task is kept, and the user told the word."""
    status = f"TASK_STATUS_{word}"
    host = Host(polls=[waiting(status) for _ in range(1000)])
    failure = host.refused(host.collect)
    assert status in failure.message
    assert_kept(failure)
    assert sum(host.slept) > 3600
    assert len(host.notices) == 1


def test_success_without_images_is_asked_again_and_then_left_to_a_later_run() -> None:
    host = Host(polls=[finished(), finished("https://cdn.example/1")], downloads=[says(200, PNG)])
    assert host.collect().images == (PNG,)
    host = Host(polls=[finished() for _ in range(20)])
    assert_kept(host.refused(host.collect))


def test_images_without_an_address_are_asked_for_again_and_then_left_to_a_later_run() -> None:
    host = Host(polls=[finished("") for _ in range(20)])
    assert_kept(host.refused(host.collect))
    assert len(host.asked) > 1


def test_a_link_that_is_not_followed_does_not_take_the_other_pictures_away() -> None:
    """They are paid for; alone, it leaves the task to a later run."""
    host = Host(polls=[finished("https://10.0.0.1/x", "https://cdn.example/1")], downloads=[says(200, PNG)])
    collected = host.collect()
    assert collected.images == (PNG,)
    assert "not followed" in collected.lost[0]
    host = Host(polls=[finished("https://10.0.0.1/x") for _ in range(20)])
    assert_kept(host.refused(host.collect))


def test_an_expired_link_means_a_fresh_one_from_the_same_task_and_only_the_missing_image_is_fetched() -> None:
    host = Host(
        polls=[
            finished("https://cdn.example/1", "https://cdn.example/2"),
            finished("https://cdn.example/a", "https://cdn.example/b"),
        ],
        downloads=[says(200, PNG), says(403, b"<Error>Request has expired</Error>"), says(200, WEBP)],
    )
    assert host.collect().images == (PNG, WEBP)
    assert str(host.asked[-1].url) == "https://cdn.example/b"
    assert host.provider.traffic == Traffic(submits=0, polls=2, downloads=3)


def test_links_that_stay_refused_end_in_a_failure() -> None:
    host = Host(
        polls=[finished("https://cdn.example/1?sig=1") for _ in range(20)],
        downloads=[says(403, b"") for _ in range(20)],
    )
    failure = host.refused(host.collect)
    assert failure.kind == "network"
    assert "sig" not in failure.message


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("x"),
        httpx.ReadTimeout("x"),
        says(500, b""),
        says(429, b""),
        says(200, b"<html>captive portal</html>"),
        says(200, b""),
        httpx.Response(200, stream=Slices(PNG, httpx.RemoteProtocolError("cut"))),
        httpx.Response(200, headers={"Content-Encoding": "br"}, stream=Slices(PNG)),
    ],
    ids=lambda answer: repr(answer)[:40],
)
def test_a_download_in_trouble_is_tried_again(trouble: Answer) -> None:
    host = Host(polls=[finished("https://cdn.example/1")], downloads=[trouble, says(200, PNG)])
    assert host.collect().images == (PNG,)


def test_one_broken_picture_of_a_task_does_not_hold_up_the_others() -> None:
    """It is asked for as often as any; then those that came are handed on, with the reason why one is missing."""

    class ByName(Host):
        """The second picture is none, however often it is fetched."""

        async def _answer(self, request: httpx.Request) -> httpx.Response:
            if request.method == "GET" and request.url.path in {"/a", "/b", "/c"}:
                return says(200, {"/a": PNG, "/b": b"<html>", "/c": WEBP}[request.url.path])
            return await super()._answer(request)

    links = ("https://cdn.example/a", "https://cdn.example/b", "https://cdn.example/c")
    collected = ByName(polls=[finished(*links)]).collect()
    assert collected.images == (PNG, WEBP)
    assert len(collected.lost) == 1
    assert "no PNG, JPEG or WebP" in collected.lost[0]


def test_what_is_never_a_picture_is_an_image_failure() -> None:
    host = Host(polls=[finished("https://cdn.example/1")], downloads=[says(200, b"<html>") for _ in range(50)])
    assert host.refused(host.collect).kind == "image"


def test_a_picture_without_end_is_left_at_the_limit() -> None:
    unread: list[bytes] = []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while len(unread) < 1000:
                unread.append(b"")
                yield PNG * 100

    host = Host(
        polls=[finished("https://cdn.example/1")],
        downloads=[httpx.Response(200, stream=Endless())],
        options={"limits": Limits(picture_bytes=10_000)},
    )
    assert host.refused(host.collect).kind == "image"
    assert len(unread) < 10


def test_a_gzip_bomb_is_left_at_the_limit() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = packer.compress(b"\0" * 30_000_000) + packer.flush()
    bombs = [httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Slices(bomb))]
    host = Host(polls=[*bombs, finished("https://cdn.example/1")], downloads=[says(200, PNG)])
    assert host.collect().images == (PNG,)


def test_gzip_is_understood_although_we_do_not_ask_for_it() -> None:
    packer = zlib.compressobj(wbits=31)
    data = packer.compress(b'{"task_id": "t1"}') + packer.flush()
    host = Host([httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Slices(data))])
    assert host.start()["task_id"] == "t1"
    assert host.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "url", ["http://cdn.example/1", "https://10.0.0.1/1?sig=s", "https://localhost/1", "file:///etc/x", "x"]
)
def test_a_link_to_a_private_address_is_not_followed(url: str) -> None:
    host = Host(polls=[finished(url)])
    failure = host.refused(host.collect)
    assert_kept(failure)
    assert "not followed" in failure.message
    assert "sig" not in failure.message
    assert host.provider.traffic.downloads == 0


@pytest.mark.parametrize("made", ["video", "audio"])
def test_a_task_that_made_something_else_is_kept(made: str) -> None:
    """It is paid: the next run must not buy it again, and the author hears what it was."""
    done = {"task": {"task_id": "t1", "status": "TASK_STATUS_SUCCEED"}, "images": [], f"{made}s": [{"url": "x"}]}
    host = Host(polls=[says(200, done) for _ in range(4)])
    failure = host.refused(host.collect)
    assert_kept(failure)
    assert f"made no image but {made}" in failure.message


def test_the_same_link_twice_is_one_picture() -> None:
    """It is fetched once, and counts once."""
    host = Host(polls=[finished("https://cdn.example/1", "https://cdn.example/1")], downloads=[says(200, PNG)])
    assert host.collect().images == (PNG,)
    assert host.provider.traffic.downloads == 1


def test_redirects_of_a_link_are_followed_under_the_same_rules() -> None:
    found = says(302, b"", Location="/deeper")
    host = Host(polls=[finished("https://cdn.example/1")], downloads=[found, says(200, PNG)])
    assert host.collect().images == (PNG,)
    assert str(host.asked[-1].url) == "https://cdn.example/deeper"

    inward = says(302, b"", Location="https://169.254.169.254/latest")
    host = Host(polls=[finished("https://cdn.example/1")], downloads=[inward])
    assert_kept(host.refused(host.collect))
    assert host.provider.traffic.downloads == 1

    nowhere = [says(302, b"", Location="https://xn--/"), says(200, PNG)]
    host = Host(polls=[finished("https://cdn.example/1")], downloads=nowhere)
    assert host.collect().images == (PNG,)

    host = Host(polls=[finished("https://cdn.example/1")], downloads=[says(302, b"", Location="/1") for _ in range(9)])
    assert host.refused(host.collect).kind == "network"
    assert host.provider.traffic.downloads == 4


@pytest.mark.parametrize(
    ("address", "kind"), [("10.1.2.3", "network"), ("::1", "network"), ("8.8.8.8", None), (None, None)]
)
def test_a_name_that_leads_to_a_private_address_is_not_followed(address: str | None, kind: FailureKind | None) -> None:
    """A name that cannot be resolved here is left to the proxy."""

    async def resolve(host: str) -> Sequence[str]:
        assert host == "cdn.example"
        return [address] if address else []

    transport = httpx.MockTransport(lambda request: says(200, PNG))
    client = Client(REMOTE, Secret(KEY), wall=lambda: 0.0, transport=transport, resolve=resolve)
    if kind is None:
        assert asyncio.run(client.download("https://cdn.example/1")) == PNG
    else:
        with pytest.raises(CallFailed, match="private address") as caught:
            asyncio.run(client.download("https://cdn.example/1"))
        assert caught.value.kind == kind
        assert client.traffic == Traffic()


@pytest.mark.parametrize("base_url", ["https://API.novita.ai", "https://api.novita.ai/"])
def test_a_host_may_be_written_in_several_ways(base_url: str) -> None:
    """It is one seller, so that what was bought there is asked for there."""
    assert Host(base_url=base_url).provider.origin == {"provider": "novita", "host": "api.novita.ai"}


def test_a_ticket_of_an_early_version_names_no_host_and_is_still_collected() -> None:
    host = Host(polls=[finished("https://cdn.example/1")], downloads=[says(200, PNG)])
    ticket = {key: each for key, each in host.ticket().items() if key != "host"}
    assert host.collect(ticket).images == (PNG,)


@pytest.mark.parametrize(
    ("polls", "downloads", "kind"),
    [
        ([httpx.ConnectError("x")] * 50, (), "network"),
        ([httpx.ReadTimeout("x")] * 50, (), "network"),
        ([no(403, "INVALID_API_KEY")], (), "access"),
        ([no(400, "BILLING_BALANCE_NOT_ENOUGH")], (), "access"),
        ([says(200, b"<html>") for _ in range(50)], (), "network"),
        ([finished("https://cdn.example/1")], [httpx.ConnectError("x")] * 50, "network"),
        ([finished("https://cdn.example/1")], [says(200, b"<html>") for _ in range(50)], "image"),
        ([finished("https://cdn.example/1") for _ in range(9)], [says(403, b"") for _ in range(9)], "network"),
    ],
    ids=["away", "silent", "key", "balance", "no JSON", "storage away", "no picture", "links refused"],
)
def test_every_failure_that_leaves_a_task_to_a_later_run_says_what_to_do(
    polls: Sequence[Answer], downloads: Sequence[Answer], kind: FailureKind
) -> None:
    host = Host(polls=polls, downloads=downloads)
    assert_kept(host.refused(host.collect), kind)


@pytest.mark.parametrize("answer", [failed("out of memory"), failed("NSFW content"), no(500, "TASK_FAILED")])
def test_a_last_word_does_not_promise_that_the_task_is_kept(answer: Answer) -> None:
    host = Host(polls=[answer])
    assert "kept" not in (host.refused(host.collect).hint or "")


def test_a_ticket_that_was_tampered_with_asks_nothing() -> None:
    host = Host()
    assert_kept(host.refused(lambda: host.collect(host.ticket(task_id="../x"))))
    assert host.asked == []


def test_stopping_while_waiting_for_a_task_stops_at_once() -> None:
    async def scene() -> None:
        host = Host(polls=[waiting() for _ in range(10_000)])
        task = asyncio.create_task(host.provider.collect(host.ticket()))
        while len(host.asked) < 3:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())


def test_close_gives_back_the_connections() -> None:
    host = Host()
    asyncio.run(host.provider.close())
    with pytest.raises(RuntimeError):
        host.start()


def test_patience_goes_by_where_the_host_stands() -> None:
    """A host on this machine that is not there is given up within a second; on the network trouble may pass."""

    def longest(url: str) -> float:
        patience = NovitaOptions(url, Secret("k")).patience_to_submit()
        return sum(patience.wait(misses, None, 1.0) for misses in range(1, patience.tries))

    assert 0 < longest("http://127.0.0.1:8765") <= 1
    assert longest("https://api.novita.ai") >= 30
