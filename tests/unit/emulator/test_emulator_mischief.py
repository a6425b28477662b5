"""What the host does to the requests that a script names: each fault, and the ledger's word on it."""

from __future__ import annotations

import json
import zlib
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from runner.emulator.mischief import CASES
from runner.emulator.script import scripted
from runner.emulator.storage import Storage
from runner.emulator.task import Task, Timing
from runner.emulator.wire import Response
from tests.pictures import opened
from tests.unit.emulator.small_host import Host, reason

BODY = {"prompt": "x", "size": "128*96", "seed": 3}


def host_with(*faults: dict[str, Any], **options: Any) -> Host:
    """A host whose tasks are finished at once, with these faults."""
    return Host(latency=0.0, flat=True, faults=scripted(*faults), **options)


def link_of(host: Host, task_id: str) -> str:
    link: str = host.result(task_id)["images"][0]["image_url"]
    return link


def poll(host: Host, task_id: str) -> Response:
    return host.get("/v3/async/task-result", task_id=task_id)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("rate-limited", (429, "RATE_LIMIT_EXCEEDED")),
        ("no-balance", (400, "BILLING_BALANCE_NOT_ENOUGH")),
        ("bad-key", (403, "INVALID_API_KEY")),
        ("moderated", (400, "ILLEGAL_PROMPT")),
    ],
)
def test_a_refused_submit_is_not_accepted(case: str, expected: tuple[int, str]) -> None:
    """The host says no and means it: no task, nothing to bill."""
    host = host_with({"on": "submit", "case": case})
    assert reason(host.submit(BODY)) == expected
    told = host.ledger()
    assert told["tasks"] == []
    assert (told["totals"]["submits"], told["totals"]["refused"], told["totals"]["accepted"]) == (1, 1, 0)
    assert told["faults"] == {case: 1}


@pytest.mark.parametrize(
    "fault",
    [{"case": "rate-limited"}, {"case": "html"}, {"answer": {"status": 500}}],
    ids=["refusal", "page", "own words"],
)
def test_a_host_may_say_no_after_it_accepted(fault: dict[str, Any]) -> None:
    """`accepted: true`: the task is there and billed, and the client hears of none."""
    host = host_with({"on": "submit", "accepted": True, **fault})
    assert host.submit(BODY).status >= 400
    (line,) = host.ledger()["tasks"]
    assert line["withheld"] is not None
    assert host.ledger()["totals"]["withheld"] == host.ledger()["totals"]["images"] == 1


@pytest.mark.parametrize(("drop", "accepted"), [("before", 0), ("after", 1)])
def test_a_connection_is_dropped_before_or_after_acceptance(drop: str, accepted: int) -> None:
    """What the client sees is the same; what it owes is not."""
    host = host_with({"on": "submit", "drop": drop})
    assert host.submit(BODY).manner.drop
    told = host.ledger()
    assert told["totals"]["accepted"] == told["totals"]["withheld"] == len(told["tasks"]) == accepted
    assert told["totals"]["refused"] == 1 - accepted
    assert told["faults"] == {f"drop-{drop}": 1}


@pytest.mark.parametrize("case", ["garbage", "nan", "deep", "huge", "bomb", "no-id", "odd-id", "repeated-id"])
def test_an_answer_that_hides_the_task_is_withheld(case: str) -> None:
    """The task was accepted, but its id cannot be taken from the answer."""
    host = host_with({"on": "submit", "nth": 2, "case": case})
    first = host.start(seed=1)
    bent = host.submit(BODY)
    lines = host.ledger()["tasks"]
    assert [line["withheld"] for line in lines] == [None, case]
    assert bent.status == 200
    hidden = lines[1]["task_id"]
    if case == "huge":
        assert bent.blanks > 120_000_000
    elif case == "odd-id":
        assert json.loads(bent.body)["task_id"] == f"../../{hidden}?x#y"
    elif case == "repeated-id":
        assert json.loads(bent.body) == {"task_id": first}
    elif case == "bomb":
        assert len(bent.body) < 1_000_000
        assert bent.headers == {"Content-Encoding": "gzip"}
        assert len(zlib.decompressobj(31).decompress(bent.body, 130_000_000)) == 130_000_000
    else:
        assert hidden.encode() not in bent.body


@pytest.mark.parametrize("case", ["garbage", "deep"])
def test_what_is_no_json_cannot_be_read(case: str) -> None:
    """Python's own reader gives up on it."""
    with pytest.raises((ValueError, RecursionError)):
        json.loads(host_with({"on": "submit", "case": case}).submit(BODY).body)


def test_an_answer_cut_in_the_middle_is_withheld_and_a_slow_one_is_not() -> None:
    """A dripping answer arrives in the end."""
    host = host_with({"on": "submit", "nth": 1, "half": True}, {"on": "submit", "nth": 2, "drip": 10, "delay": 5})
    half, drip = host.submit(BODY), host.submit(BODY)
    assert half.manner.half
    assert (drip.manner.drip, drip.manner.delay) == (10, 5)
    assert [line["withheld"] for line in host.ledger()["tasks"]] == ["half", None]
    assert host.ledger()["faults"] == {"drip+delay": 1, "half": 1}


@pytest.mark.parametrize(
    ("fate", "status", "images"),
    [("failed", "FAILED", 0), ("moderated", "FAILED", 0), ("empty", "SUCCEED", 0), ("endless", "PROCESSING", 0)],
)
@pytest.mark.parametrize("on", ["submit", "poll"])
def test_a_task_meets_its_fate(on: str, fate: str, status: str, images: int) -> None:
    """Decided with the submit or with a poll, and for good."""
    host = host_with({"on": on, "nth": 1, "task": fate})
    task_id = host.start()
    for _ in range(2):
        host.now += 1000
        told = host.result(task_id)
        assert (told["task"]["status"], len(told["images"])) == (f"TASK_STATUS_{status}", images)
    assert ("moderation" in told["task"]["reason"]) is (fate == "moderated")
    assert host.ledger()["tasks"][0]["fate"] == fate
    assert host.ledger()["totals"]["withheld"] == 0


def test_a_lost_task_is_forgotten() -> None:
    """Nobody finds it any more, and the ledger still knows it."""
    host = host_with({"on": "poll", "nth": 2, "task": "lost"})
    task_id = host.start()
    assert poll(host, task_id).status == 200
    for _ in range(2):
        assert reason(poll(host, task_id)) == (404, "TASK_NOT_FOUND")
    assert host.ledger()["tasks"][0]["fate"] == "lost"


def test_a_foreign_task_id_a_strange_word_and_other_types() -> None:
    """One poll each, and then the truth."""
    names = ["foreign-id", "odd-status", "odd-types"]
    host = host_with(*({"on": "poll", "nth": number, "case": name} for number, name in enumerate(names, 1)))
    other, task_id = host.start(seed=1), host.start(seed=2)
    foreign, odd, types, true = (host.result(task_id) for _ in range(4))
    assert foreign["task"]["task_id"] == other
    assert odd["task"]["status"] == "TASK_STATUS_POLISHING"
    assert odd["images"] == []
    assert (types["extra"]["seed"], types["images"][0]["image_url_ttl"]) == (2, "3600")
    assert (true["task"]["task_id"], true["extra"]["seed"]) == (task_id, "2")


@pytest.mark.parametrize("link", ["http://10.0.0.7/x.png", "file:///etc/passwd", "http://169.254.169.254/latest"])
def test_result_links_may_lead_anywhere(link: str) -> None:
    """All links of the answer, as the script says."""
    host = host_with({"on": "poll", "link": link})
    assert [each["image_url"] for each in host.result(host.start(num_images=2))["images"]] == [link, link]


def test_pictures_are_refused_cut_and_of_another_format() -> None:
    """Downloads, one after another; none of them is delivered but the last."""
    names = ["expired", "truncated", "other-format", "garbage", "wrong-type", "html"]
    host = host_with(*({"on": "download", "nth": number, "case": name} for number, name in enumerate(names, 1)))
    link = link_of(host, host.start(size="128*96"))
    answers = dict(zip([*names, "true"], (host.fetch(link) for _ in range(7)), strict=True))
    true = answers["true"]
    assert answers["expired"].status == 403
    assert b"AccessDenied" in answers["expired"].body
    assert answers["truncated"].body == true.body[: len(true.body) // 2]
    assert (opened(answers["other-format"].body).format, answers["other-format"].content_type) == ("PNG", "image/jpeg")
    assert answers["garbage"].body[:2] != true.body[:2]
    assert (answers["wrong-type"].body, answers["wrong-type"].content_type) == (true.body, "text/html")
    assert (answers["html"].status, answers["html"].content_type) == (502, "text/html")
    assert host.ledger()["faults"] == dict.fromkeys(sorted(names), 1)


def test_a_redirect_leads_to_the_same_address() -> None:
    """Whoever follows it with the key and the body submits twice, and the ledger tells."""
    host = host_with({"on": "any", "nth": 1, "case": "redirect"})
    answer = host.submit(BODY)
    assert (answer.status, answer.headers) == (307, {"Location": "/v3/async/many"})
    host = host_with({"on": "download", "case": "redirect"})
    link = link_of(host, host.start())
    assert host.fetch(link).headers["Location"] == link.removeprefix("http://127.0.0.1")


def test_answers_in_own_words() -> None:
    """Status, body and headers as the script has them; without a body, a refusal as the host would word it."""
    answers: list[dict[str, Any]] = [
        {"status": 503, "headers": {"Retry-After": "2"}},
        {"status": 418, "body": "no tea"},
        {"status": 200, "body": {"task_id": 5}},
        {"status": 204},
    ]
    host = host_with(*({"on": "submit", "nth": number, "answer": each} for number, each in enumerate(answers, 1)))
    plain, text, data, empty = (host.submit(BODY) for _ in answers)
    assert reason(plain) == (503, "EMULATED_FAULT")
    assert plain.headers == {"Retry-After": "2"}
    assert (text.status, text.body, text.content_type) == (418, b"no tea", "text/plain; charset=utf-8")
    assert json.loads(data.body) == {"task_id": 5}
    assert (empty.status, empty.body) == (204, b"")
    assert host.ledger()["tasks"] == []


def test_a_storage_words_its_refusals_in_xml() -> None:
    """A scripted status on a download is no API answer."""
    host = host_with({"on": "download", "answer": {"status": 503}})
    answer = host.fetch(link_of(host, host.start()))
    assert (answer.status, answer.content_type) == (503, "application/xml")


def test_retry_after_comes_as_seconds_or_as_a_date() -> None:
    """Both forms that a client has to read."""
    host = host_with(
        {"on": "submit", "nth": 1, "case": "rate-limited", "retry_after": 2.5},
        {"on": "submit", "nth": 2, "case": "rate-limited", "retry_after_date": 90},
    )
    assert host.submit(BODY).headers["Retry-After"] == "2.5"
    written = parsedate_to_datetime(host.submit(BODY).headers["Retry-After"]).timestamp()
    assert written == 1_700_000_000 + 1000 + 90


def test_what_the_host_refuses_anyway_it_does_not_accept_for_a_fault() -> None:
    """A fault that comes after the work leaves a bad request what it is: refused, and not billed."""
    host = host_with({"on": "submit", "case": "no-id"}, {"on": "poll", "case": "odd-status"})
    assert reason(host.submit({"prompt": 3})) == (400, "INVALID_REQUEST_BODY")
    assert reason(host.submit(BODY, authorization="")) == (401, "INVALID_API_KEY")
    assert reason(poll(host, "nobody")) == (404, "TASK_NOT_FOUND")
    assert host.ledger()["totals"]["accepted"] == 0


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_case_makes_an_answer_on_each_request_it_is_for(name: str) -> None:
    """No case breaks the host itself."""
    for kind in CASES[name].on:
        host = host_with({"on": kind, "nth": 1, "case": name})
        answer = host.submit(BODY)
        if kind != "submit":
            task_id = json.loads(answer.body)["task_id"]
            answer = poll(host, task_id)
            if kind == "download":
                answer = host.fetch(json.loads(answer.body)["images"][0]["image_url"])
        assert isinstance(answer, Response)
        assert host.ledger()["faults"] == {name: 1}


def test_the_rate_limit_is_a_strict_sliding_window() -> None:
    """Pictures count, not requests; each model has its own; after exactly a minute there is room again."""
    host = Host(images_per_minute=3, flat=True)
    assert host.submit(BODY | {"num_images": 2}).status == 200
    host.now += 30
    assert host.submit(BODY).status == 200
    refused = host.submit(BODY)
    assert reason(refused) == (429, "RATE_LIMIT_EXCEEDED")
    assert refused.headers == {"Retry-After": "30"}
    assert host.submit({"prompt": "x"}, "one").status == 200
    host.now += 29.9
    assert host.submit(BODY).status == 429
    host.now += 0.1
    assert [host.submit(BODY).status for _ in range(3)] == [200, 200, 429]
    assert host.ledger()["totals"]["images"] == 6


def test_the_balance_pays_for_so_many_pictures() -> None:
    """What it does not pay for is refused; a smaller request may still be."""
    host = Host(balance=3, flat=True)
    assert host.submit(BODY | {"num_images": 2}).status == 200
    assert reason(host.submit(BODY | {"num_images": 2})) == (400, "BILLING_BALANCE_NOT_ENOUGH")
    assert [host.submit(BODY).status for _ in range(2)] == [200, 400]
    assert host.ledger()["totals"]["images"] == 3


def test_flat_stand_ins_are_pictures_of_their_own_request() -> None:
    """Size, format and label as ever; other prompts, seeds, inputs give other pictures, and the same gives the same."""
    host = Host(latency=0.0, flat=True)
    bodies: list[dict[str, Any]] = [{"seed": 1}, {"seed": 2}, {"seed": 1, "prompt": "y"}, {"seed": 1}]
    files = [host.fetch(link_of(host, host.start(size="320*256", **body))).body for body in bodies]
    assert files[0] == files[3]
    assert len({*files}) == 3
    assert opened(files[0]).size == (320, 256)
    assert b"rehearsal" in files[0]


def test_forgotten_pictures_are_let_go() -> None:
    """The ledger's lines stay; the files behind them do not, or a busy host would fill the memory."""
    storage = Storage("secret", ttl=60, keep=1)
    timing = Timing(0.0, 0.0, 0.0)
    first, second = (Task(name, name, "m", "", "0", 1, timing, "png", 1, (lambda: b"x",)) for name in ("a", "b"))
    storage.put(first)
    storage.put(second)
    assert (len(first.pictures), len(second.pictures)) == (0, 1)
    assert storage.task_at("/results/a/0.png") is None
