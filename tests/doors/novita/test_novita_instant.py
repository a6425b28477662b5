"""Synchronous endpoints against a scripted host: the answer is the result, and is had at once or never."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from runner.errors import CallFailed, FailureKind
from runner.novita.client import Client, Limits
from runner.operation import Call, Collected, Model, PaidInVain, Ticket, Traffic, Witness
from runner.settings import Secret
from tests.doors.novita.scripted_host import (
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
    no,
    says,
)

LINKS = {"type": "object", "properties": {"images": {"type": "array", "items": {"type": "string"}}}}
TASK = {"type": "object", "properties": {"task": {"type": "object", "properties": {"task_id": {"type": "string"}}}}}
ONE, TWO = "https://cdn.example/1?sig=SIGNED", "https://cdn.example/2?sig=SIGNED"
PNG64, WEBP64 = (base64.b64encode(each).decode() for each in (PNG, WEBP))


def model(response: Mapping[str, Any] | None = LINKS, path: str = "/v3/paint-1", **properties: Any) -> Model:
    """A synchronous model that takes a prompt and these parameters."""
    schema = {
        "type": "object",
        "properties": {"prompt": {"type": "string"}, **properties},
        "x-retouch": {"method": "POST", "path": path, "sync": True, "response": response},
    }
    return Model("paint-1", "Paint", path, schema)


PAINT = Call(model(), {"prompt": "hello"}, (), "restyle")


def test_links_of_an_answer_are_fetched_in_order_without_the_key() -> None:
    host = Host([says(200, {"images": [ONE, TWO], "seed": "7"})], downloads=[says(200, PNG), says(200, WEBP)])
    assert host.at_once(PAINT) == Collected((PNG, WEBP), 7)
    assert host.provider.traffic == Traffic(submits=1, polls=0, downloads=2)
    assert str(host.asked[0].url) == "https://api.novita.ai/v3/paint-1"
    assert all("Authorization" not in each.headers for each in host.asked[1:])


@pytest.mark.parametrize(
    "answer",
    [
        {"image_file": PNG64, "image_type": "png"},
        {"images": [PNG64]},
        {"data": [{"b64_json": PNG64}]},
        {"image_urls": None, "binary_data_base64": [PNG64]},
    ],
)
def test_pictures_that_come_with_the_answer_need_no_download(answer: dict[str, Any]) -> None:
    host = Host([says(200, answer)])
    assert host.at_once(PAINT) == Collected((PNG,), None)
    assert host.provider.traffic == Traffic(submits=1)


def test_a_large_answer_is_read_whole() -> None:
    """Pictures in base64 go far beyond what an answer that names a task may have."""
    large = PNG + bytes(3_000_000)
    host = Host([says(200, {"image_file": base64.b64encode(large).decode()})])
    assert host.at_once(PAINT).images == (large,)


def test_a_host_that_hands_out_a_task_after_all_is_taken_at_its_word() -> None:
    host = Host([accepted("t5")])
    assert host.start(PAINT)["task_id"] == "t5"


def test_a_host_that_gives_the_picture_where_a_task_was_promised_is_taken_at_its_word() -> None:
    """It is paid for, whatever the page says."""
    host = Host([says(200, {"images": [ONE]})], downloads=[says(200, PNG)])
    assert host.at_once(SAY_HELLO) == Collected((PNG,), None)


@pytest.mark.parametrize("response", [TASK, LINKS, None], ids=["task", "links", "silent"])
def test_a_paid_task_is_taken_wherever_the_answer_names_it(response: Mapping[str, Any] | None) -> None:
    """Whatever the page promised; where pictures came along with it, they are what was promised."""
    call = Call(model(response), {"prompt": "hello"}, (), "x")
    assert Host([says(200, {"task": {"task_id": "t6"}})]).start(call)["task_id"] == "t6"
    assert Host([says(200, {"task_id": "t7", "task": {"task_id": "t6"}})]).start(call)["task_id"] == "t7"
    assert Host([says(200, {"code": 0, "data": {"task_id": "t8"}, "images": []})]).start(call)["task_id"] == "t8"
    assert Host([says(200, {"task": {"task_id": "t9"}, "images": [7]})]).start(call)["task_id"] == "t9"


def test_pictures_beside_a_task_are_the_answer_of_a_model_that_answers_at_once() -> None:
    host = Host([says(200, {"task": {"task_id": "t6"}, "images": [PNG64]})])
    assert host.at_once(Call(model(LINKS), {"prompt": "hello"}, (), "x")).images == (PNG,)


def test_a_task_of_a_model_that_promises_tasks_is_taken_wherever_it_stands() -> None:
    assert Host([says(200, {"data": {"task_id": "t6"}})]).start(SAY_HELLO)["task_id"] == "t6"
    assert Host([says(200, {"task_id": None, "task": {"task_id": "t6"}})]).start(SAY_HELLO)["task_id"] == "t6"


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), no(429, "RATE_LIMIT_EXCEEDED")]
)
def test_what_was_certainly_not_accepted_is_submitted_again(trouble: Answer) -> None:
    host = Host([trouble, says(200, {"images": [PNG64]})])
    assert host.at_once(PAINT).images == (PNG,)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("x"),
        httpx.ReadError("x"),
        httpx.RemoteProtocolError("x"),
        no(500, "INTERNAL"),
        says(502, b"<html>"),
        says(200, b""),
        says(200, b"<html>"),
        says(200, {}),
        says(200, {"images": []}),
        says(200, {"images": [7]}),
        says(200, {"images": ["no base64"]}),
        says(200, {"image_file": base64.b64encode(b"<html>").decode()}),
        says(200, {"task": {"task_id": "../x"}}),
        says(200, b'{"images": [' + b"[]," * 20_000 + b"7]}"),
        says(200, b'{"images": [' + b"[" * 100_000),
        httpx.Response(200, stream=Slices(b'{"images": ["', httpx.ReadError("cut"))),
        httpx.Response(200, headers={"Content-Encoding": "br"}, stream=Slices(b"{}")),
    ],
    ids=lambda answer: repr(answer)[:40],
)
def test_what_may_be_billed_is_in_doubt_and_never_submitted_again(answer: Answer) -> None:
    host = Host([answer])
    failure = host.refused(lambda: host.at_once(PAINT))
    assert failure.kind == "in-doubt"
    assert not isinstance(failure, PaidInVain)
    assert "billed" in (failure.hint or "")
    assert host.provider.traffic == Traffic(submits=1)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (no(403, "INVALID_API_KEY"), "access"),
        (no(400, "BILLING_BALANCE_NOT_ENOUGH"), "access"),
        (no(400, "ILLEGAL_PROMPT"), "moderated"),
        (no(404, "API_NOT_FOUND"), "rejected"),
        (no(400, "INVALID_REQUEST_BODY"), "rejected"),
    ],
)
def test_a_refusal_is_told_at_once(answer: Answer, kind: FailureKind) -> None:
    host = Host([answer])
    assert host.refused(lambda: host.at_once(PAINT)).kind == kind


def test_the_words_of_a_host_that_gives_no_picture_are_told() -> None:
    host = Host([says(200, {"code": 1, "message": "out of paint, see https://x.example/a?sig=SIGNED"})])
    failure = host.refused(lambda: host.at_once(PAINT))
    assert "holds no picture" in failure.message
    assert "out of paint" in failure.message
    assert "SIGNED" not in failure.message


def test_an_answer_beyond_the_limit_is_in_doubt_and_left_there() -> None:
    body = b'{"image_file": "' + b"A" * 3_000_000 + b'"}'
    limits = Limits(result_bytes=2_000_000)
    host = Host([says(200, body)], options={"limits": limits})
    failure = host.refused(lambda: host.at_once(PAINT))
    assert (failure.kind, "more than the 2 MB" in failure.message) == ("in-doubt", True)

    host = Host([says(200, body)], options={"limits": Limits(picture_bytes=1_000_000)})
    failure = host.refused(lambda: host.at_once(PAINT))
    assert (failure.kind, "larger than 1 MB" in failure.message) == ("in-doubt", True)


@pytest.mark.parametrize(
    "trouble",
    [httpx.ReadTimeout("x"), httpx.ConnectError("x"), says(500, b""), says(200, b"<html>"), says(403, b""), says(404)],
    ids=lambda answer: repr(answer)[:40],
)
def test_a_download_in_trouble_is_tried_again(trouble: Answer) -> None:
    """A link that is refused, too: storage may be late, and there is no fresh link to ask for."""
    host = Host([says(200, {"images": [ONE]})], downloads=[trouble, says(200, PNG)])
    assert host.at_once(PAINT).images == (PNG,)
    assert host.provider.traffic.submits == 1


@pytest.mark.parametrize(
    "downloads",
    [
        [says(403, b"<Error>no</Error>") for _ in range(50)],
        [httpx.ConnectError("x")] * 50,
        [says(200, b"<html>") for _ in range(50)],
    ],
    ids=["refused for ever", "away", "no picture"],
)
def test_a_paid_answer_whose_picture_cannot_be_had_is_told_as_paid(downloads: list[Answer]) -> None:
    """Paid for certain, result not had: in doubt, never submitted again in this run, no word of the link's query."""
    host = Host([says(200, {"images": [ONE]})], downloads=downloads)
    failure = host.refused(lambda: host.at_once(PAINT))
    assert isinstance(failure, PaidInVain)
    assert failure.kind == "in-doubt"
    assert "the call is paid" in failure.message
    assert "buys it again" in (failure.hint or "")
    assert "SIGNED" not in f"{failure.message} {failure.hint}"
    assert host.provider.traffic.submits == 1


class Noting(Witness):
    """Notes what a host lists, and how much it had been asked by then."""

    def __init__(self, host: Host) -> None:
        self.made: list[int] = []
        self.asked_by_then = 0
        self._host = host

    async def result(self, made: int, seed: int | None) -> None:
        self.made.append(made)
        self.asked_by_then = len(self._host.asked)


def test_one_missing_picture_of_several_does_not_take_the_others_away() -> None:
    """They are paid for; why the missing ones are missing is handed on."""
    host = Host([says(200, {"images": ["https://10.0.0.1/x", TWO, 7]})], downloads=[says(200, PNG)])
    witness = Noting(host)
    collected = host.at_once(Call(PAINT.model, PAINT.request, (), "x", witness))
    assert collected.images == (PNG,)
    assert "cannot be a picture" in collected.lost[0]
    assert "not followed" in collected.lost[1]
    assert (len(collected.lost), host.provider.traffic.downloads, witness.made) == (2, 1, [3])


def test_word_of_the_payment_comes_before_the_pictures_are_fetched() -> None:
    """What ends there must not look as if nothing had been paid."""
    host = Host([says(200, {"images": [ONE]})], downloads=[says(200, PNG)])
    witness = Noting(host)
    host.at_once(Call(PAINT.model, PAINT.request, (), "x", witness))
    assert (witness.made, witness.asked_by_then) == ([1], 1)
    host = Host([says(200, {"images": ["no base64"]})])
    witness = Noting(host)
    host.refused(lambda: host.at_once(Call(PAINT.model, PAINT.request, (), "x", witness)))
    assert witness.made == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"images":['
        + b",".join([rb'"https:\/\/cdn.example\/p?X-Sig=SIGNED"'] * 70)
        + b'],"pad":"'
        + b"x" * 21_000
        + b'"}',
        rb'{"images":["https:\/\/cdn.example\/p.png?X-Sig=SIGNED"',
        b"<html>see https:&#x2F;&#x2F;cdn.example/p.png?X-Sig=SIGNED</html>",
        b"plain https://cdn.example/p.png SIGNED",
        b'{"images":["cdn.example/p.png?X-Sig=SIGNED"],"message":"see cdn.example/p.png?X-Sig=SIGNED"}',
        b'{"images":["https://u:SIGNED@cdn.example/p.png?X-Sig=SIGNED"]}',
    ],
    ids=["too many", "torn", "html", "plain", "no scheme", "user"],
)
def test_an_answer_that_cannot_be_used_is_not_quoted_with_its_links(body: bytes) -> None:
    """Only the words of JSON that is whole are, and no query is."""
    host = Host([says(200, body)])
    failure = host.refused(lambda: host.at_once(PAINT))
    assert "SIGNED" not in f"{failure.message} {failure.hint}"


def test_a_no_is_read_only_as_far_as_words_need() -> None:
    """Whatever an answer with pictures may weigh: a refusal is short, or cut short."""
    read: list[int] = []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for number in range(1000):
                read.append(number)
                yield b"x" * 100_000

    host = Host([httpx.Response(400, stream=Endless())])
    assert host.refused(lambda: host.at_once(PAINT)).kind == "in-doubt"
    assert len(read) < 20


@pytest.mark.parametrize(
    "path",
    ["7/steal", ".evil.example/x", "@evil.example/x", "//evil.example/x", "/\\evil.example", "/v3/../x", "/a?b", ""],
)
def test_no_path_leads_the_key_to_another_host(path: str) -> None:
    """Whatever a schema says, only what lies below the base URL is asked."""
    host = Host()
    failure = host.refused(lambda: host.start(Call(model(path=path), {"prompt": "hello"}, (), "x")))
    assert (failure.kind, host.asked) == ("rejected", [])


async def nobody() -> None:
    """Hears that a request leaves."""


@pytest.mark.parametrize("target", ["7/steal", ".evil.example/x", "@evil.example/x", "//evil.example/x", "\\evil", ""])
def test_the_client_itself_asks_no_other_host(target: str) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return says(200, {})

    async def scene() -> None:
        client = Client(REMOTE, Secret(KEY), wall=lambda: 0.0, transport=httpx.MockTransport(answer))
        try:
            await client.submit(target, b"{}", model="x", sending=nobody)
        except CallFailed:
            pass
        finally:
            await client.close()

    asyncio.run(scene())
    assert {each.url.host for each in asked} <= {"api.novita.ai"}


@pytest.mark.parametrize("value", ["..", ".", ""])
def test_what_fills_a_path_cannot_leave_it(value: str) -> None:
    call = Call(model(path="/v3/{style}/paint", style={"type": "string", "x-in": "path"}), {"style": value}, (), "x")
    host = Host()
    assert host.refused(lambda: host.start(call)).kind == "rejected"


def test_a_link_to_a_private_address_is_not_followed() -> None:
    host = Host([says(200, {"images": ["https://169.254.169.254/latest?sig=SIGNED"]})])
    failure = host.refused(lambda: host.at_once(PAINT))
    assert "not followed" in failure.message
    assert host.provider.traffic.downloads == 0


def test_an_answer_may_take_as_long_as_a_task_where_it_is_the_result() -> None:
    """httpx is told to wait; a submit that gives a task keeps its own short patience."""
    slow = Host([says(200, {"images": [PNG64]})], options={"longest_task": 900.0})
    slow.at_once(PAINT)
    quick = Host([accepted()], options={"longest_task": 900.0})
    quick.start()
    assert slow.asked[0].extensions["timeout"]["read"] >= 900
    assert quick.asked[0].extensions["timeout"]["read"] <= 60


def test_an_answer_that_never_comes_is_in_doubt_at_the_deadline() -> None:
    limits = Limits(submit=0.01)
    host = Host([httpx.Response(200, stream=Never())], options={"limits": limits, "longest_task": 0.01})
    failure = host.refused(lambda: host.at_once(PAINT))
    assert (failure.kind, "time-out" in failure.message) == ("in-doubt", True)


def test_parameters_of_the_address_go_there() -> None:
    """What the page has in path or query does not stand in the body; nothing in it can lead elsewhere."""
    query = {"x-in": "query", "type": "string"}
    made = model(
        path="/v3/{style}/paint",
        style={"x-in": "path", "type": "string"},
        tag=query,
        fast={"x-in": "query", "type": "boolean"},
    )
    request = {"prompt": "hi", "style": "../a b?x", "tag": "a&b=c", "fast": True}
    host = Host([says(200, {"images": [PNG64]})])
    host.at_once(Call(made, request, (), "x"))
    assert host.asked[0].url.raw_path == b"/v3/..%2Fa%20b%3Fx/paint?tag=a%26b%3Dc&fast=true"
    assert json.loads(host.asked[0].content) == {"prompt": "hi"}

    lacking = Host()
    failure = lacking.refused(lambda: lacking.at_once(Call(made, {"prompt": "hi"}, (), "x")))
    assert (failure.kind, "needs style" in failure.message) == ("rejected", True)
    assert lacking.asked == []


def interrupted(host: Host, goes_on: asyncio.Event, written: list[Ticket | Collected]) -> asyncio.Task[None]:
    """A step that writes down what its call gave; it should go no further once it was cancelled."""

    async def step() -> None:
        written.append(await host.provider.start(PAINT))
        await asyncio.sleep(0)
        goes_on.set()

    return asyncio.create_task(step())


def test_stopping_while_the_answer_is_under_way_keeps_its_pictures() -> None:
    """Ctrl-C: the answer arrives, its links are fetched, the pictures are handed on, and only then the step stops."""
    written: list[Ticket | Collected] = []

    async def scene() -> Host:
        made, goes_on = asyncio.Event(), asyncio.Event()

        async def late() -> httpx.Response:
            await made.wait()
            return says(200, {"images": [ONE, TWO]})

        host = Host([late], downloads=[says(500, b""), says(200, WEBP), says(200, WEBP)])
        task = interrupted(host, goes_on, written)
        while not host.asked:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        made.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not goes_on.is_set()
        return host

    host = asyncio.run(scene())
    assert written == [Collected((WEBP, WEBP), None)]
    assert len(host.notices) == 1
    assert "interrupt again" in host.notices[0]


def test_a_second_interrupt_leaves_at_once() -> None:
    written: list[Ticket | Collected] = []

    async def scene() -> None:
        async def never() -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        host = Host([never])
        task = interrupted(host, asyncio.Event(), written)
        while not host.asked:
            await asyncio.sleep(0)
        for _ in range(2):
            task.cancel()
            for _ in range(5):
                await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert written == []


def test_stopping_while_waiting_to_submit_again_sends_nothing_more() -> None:
    async def scene() -> int:
        host = Host([no(429), says(200, {"images": [PNG64]})])
        task = asyncio.create_task(host.provider.start(PAINT))
        while not host.slept:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return len(host.asked)

    assert asyncio.run(scene()) == 1


def test_the_key_is_taken_out_of_what_a_host_quotes() -> None:
    host = Host([says(200, {"message": f"no picture for {KEY}"})])
    with pytest.raises(CallFailed, match=r"\[key\]"):
        host.at_once(PAINT)
