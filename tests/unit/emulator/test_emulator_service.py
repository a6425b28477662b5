"""The emulated host, asked directly: what it accepts, what it refuses, and how tasks go on by the clock alone."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from runner.emulator.wire import Request
from tests.pictures import opened, quarters, saved
from tests.unit.emulator.small_host import PICTURE, Host, opened_with, reason


def status(host: Host, task_id: str) -> str:
    word: str = host.result(task_id)["task"]["status"]
    return word.removeprefix("TASK_STATUS_")


def test_a_task_waits_runs_and_ends_by_the_clock() -> None:
    """The documented statuses follow each other at the times the options say, and images come only at the end."""
    host = Host(queue=1.0, latency=2.0)
    task_id = host.start()
    seen = []
    for _ in range(7):
        told = host.result(task_id)
        seen.append((status(host, task_id), len(told["images"])))
        host.now += 0.5
    assert seen == [("QUEUED", 0)] * 2 + [("PROCESSING", 0)] * 4 + [("SUCCEED", 1)]


def test_a_finished_task_tells_what_the_page_documents() -> None:
    """Types as documented: the seed is text, the link's life a number, progress stays 0."""
    host = Host(latency=0.0, ttl=600)
    told = host.result(host.start(seed=42))
    assert told["extra"]["seed"] == "42"
    assert told["task"]["progress_percent"] == 0
    assert told["task"]["eta"] == 0
    assert told["task"]["reason"] == ""
    (image,) = told["images"]
    assert image["image_url_ttl"] == 600
    assert image["image_type"] == "jpeg"
    assert image["image_url"].startswith("http://127.0.0.1/results/")


@pytest.mark.parametrize("seed", [None, -1])
def test_a_seed_nobody_chose_is_drawn_and_told(seed: int | None) -> None:
    """Without a seed, or with -1, each task gets its own, within the model's range."""
    host = Host(latency=0.0)
    body: dict[str, Any] = {} if seed is None else {"seed": seed}
    seeds = [int(host.result(host.start(**body))["extra"]["seed"]) for _ in range(2)]
    assert seeds[0] != seeds[1]
    assert all(0 <= each < 2**31 for each in seeds)


def test_equal_requests_take_equally_long_and_give_the_same_picture() -> None:
    """Waiting, latency and pixels depend on the body alone."""
    host = Host(latency=2.0, spread=0.5)
    first, again, other = host.start(seed=1), host.start(seed=1), host.start(seed=2)
    lines = host.ledger()["tasks"]
    assert lines[0]["latency"] == lines[1]["latency"] != lines[2]["latency"]
    assert all(1.0 <= line["latency"] <= 3.0 for line in lines)
    host.now += 10
    files = [host.fetch(host.result(each)["images"][0]["image_url"]).body for each in (first, again, other)]
    assert files[0] == files[1] != files[2]


def test_with_one_slot_tasks_run_one_after_another() -> None:
    """What cannot run yet is queued, in order."""
    host = Host(latency=2.0, slots=1)
    tasks = [host.start(seed=seed) for seed in range(3)]
    host.now += 3
    assert [status(host, each) for each in tasks] == ["SUCCEED", "PROCESSING", "QUEUED"]


def test_a_share_of_tasks_fails_when_asked_to() -> None:
    """A failed task comes on HTTP 200, with a reason and no image; the same request fails again."""
    host = Host(latency=0.0, failing=0.5)
    fates = [status(host, host.start(seed=seed)) for seed in range(20)]
    assert set(fates) == {"SUCCEED", "FAILED"}
    assert fates == [status(host, host.start(seed=seed)) for seed in range(20)]
    told = host.result(host.start(seed=fates.index("FAILED")))
    assert told["task"]["reason"]
    assert told["images"] == []


def test_num_images_gives_so_many_different_pictures() -> None:
    """One task, several takes."""
    host = Host(latency=0.0)
    links = [image["image_url"] for image in host.result(host.start(num_images=3))["images"]]
    assert len({host.fetch(link).body for link in links}) == 3


@pytest.mark.parametrize(
    ("model", "body", "kind", "size"),
    [
        ("many", {"size": "512*768", "output_format": "png"}, "PNG", (512, 768)),
        ("many", {"size": "300*256", "output_format": "webp"}, "WEBP", (300, 256)),
        ("many", {}, "JPEG", (1024, 1024)),
        ("one", {"aspect_ratio": "16:9"}, "JPEG", (1360, 768)),
    ],
)
def test_size_and_format_are_as_asked(model: str, body: dict[str, Any], kind: str, size: tuple[int, int]) -> None:
    """The picture delivered is what the request named, byte format included."""
    host = Host(latency=0.0)
    image = host.result(host.start(model, **body))["images"][0]
    answer = host.fetch(image["image_url"])
    assert answer.content_type == f"image/{kind.lower()}" == f"image/{image['image_type']}"
    assert (opened(answer.body).format, opened(answer.body).size) == (kind, size)


def test_a_link_expires_and_the_next_poll_gives_a_fresh_one() -> None:
    """An old link is refused as object stores refuse it, in XML; the task can be asked again."""
    host = Host(latency=0.0, ttl=60)
    task_id = host.start()
    old = host.result(task_id)["images"][0]["image_url"]
    assert host.fetch(old).status == 200
    host.now += 61
    expired = host.fetch(old)
    assert (expired.status, expired.content_type) == (403, "application/xml")
    assert b"AccessDenied" in expired.body
    assert host.fetch(host.result(task_id)["images"][0]["image_url"]).status == 200


def test_a_link_cannot_be_made_up() -> None:
    """The signature holds path and time together."""
    host = Host(latency=0.0, ttl=60)
    link = host.result(host.start(num_images=2))["images"][0]["image_url"]
    assert host.fetch(link.replace("/0.jpeg", "/1.jpeg")).status == 403
    assert host.fetch(link.replace("expires=1", "expires=2")).status == 403
    assert host.fetch(link.partition("&signature")[0]).status == 403
    assert host.ledger()["totals"]["downloads"] == 0


def test_a_key_shown_to_the_storage_is_a_leak() -> None:
    """Result links take no Authorization header; one that arrives is counted and refused."""
    host = Host(latency=0.0)
    link = host.result(host.start())["images"][0]["image_url"]
    assert host.fetch(link, authorization="Bearer key").status == 400
    totals = host.ledger()["totals"]
    assert (totals["leaks"], totals["downloads"]) == (1, 0)


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", 401), ("Bearer ", 401), ("Basic abc", 401), ("Bearer invalid", 403), ("Bearer anything", 200)],
)
def test_any_key_will_do_but_no_key_will_not(header: str, expected: int) -> None:
    """Without a demanded key every key but the documented bad one is taken."""
    answer = Host().submit({"prompt": "x"}, authorization=header)
    assert answer.status == expected
    if expected != 200:
        assert reason(answer) == (expected, "INVALID_API_KEY")


def test_a_demanded_key_is_demanded_everywhere() -> None:
    """Submit and poll alike; what was refused is in the ledger and no task came of it."""
    host = Host(key="mine")
    assert reason(host.submit({"prompt": "x"})) == (403, "INVALID_API_KEY")
    assert reason(host.get("/v3/async/task-result", task_id="x")) == (403, "INVALID_API_KEY")
    assert host.submit({"prompt": "x"}, authorization="Bearer mine").status == 200
    totals = host.ledger()["totals"]
    assert (totals["unauthorized"], totals["submits"], totals["accepted"], totals["refused"]) == (2, 2, 1, 1)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "prompt"),
        ({"prompt": 3}, "prompt"),
        ({"prompt": "x", "colour": "red"}, "colour"),
        ({"prompt": "x", "images": [PICTURE] * 5}, "images"),
        ({"prompt": "x", "num_images": 9}, "num_images"),
        (["prompt"], "object"),
        (b'{"prompt": NaN}', "JSON"),
        (b"\xff", "JSON"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_what_the_schema_refuses_is_refused_with_words(body: Any, words: str) -> None:
    """The message names the parameter, or what is wrong with the body."""
    host = Host()
    answer = host.submit(body)
    assert reason(answer) == (400, "INVALID_REQUEST_BODY")
    assert words in json.loads(answer.body)["message"]
    assert host.ledger()["totals"]["refused"] == 1
    assert host.ledger()["tasks"] == []


def test_a_parameter_for_text_alone_is_refused_beside_images() -> None:
    """`Only supported in text-to-image` is held to."""
    host = Host()
    assert host.submit({"prompt": "x", "safety_tolerance": "2"}, "one").status == 200
    refused = host.submit({"prompt": "x", "safety_tolerance": "2", "images": [PICTURE]}, "one")
    assert reason(refused) == (400, "INVALID_REQUEST_BODY")


@pytest.mark.parametrize("sent", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(sent: str) -> None:
    """The page demands the content type, so a request without it would be a mistake."""
    assert reason(Host().submit({"prompt": "x"}, content_type=sent)) == (415, "INVALID_REQUEST_BODY")


@pytest.mark.parametrize(
    "entry",
    [
        PICTURE,
        f"data:image/png;base64,{PICTURE}",
        opened_with(quarters, "JPEG"),
        opened_with(quarters, "WEBP"),
    ],
    ids=["base64", "png", "jpeg", "webp"],
)
def test_an_image_may_be_a_data_uri_or_plain_base64(entry: str) -> None:
    """Both forms that clients use are taken, in all three formats."""
    assert Host().submit({"prompt": "x", "images": [entry]}).status == 200


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("data:image/png;base64,AAAA", "INVALID_IMAGE_FORMAT"),
        ("not base64!", "INVALID_IMAGE_FORMAT"),
        ("", "INVALID_IMAGE_FORMAT"),
        (f"data:image/jpeg;base64,{PICTURE}", "INVALID_IMAGE_FORMAT"),
        (base64.b64encode(saved(quarters(200, 200))[:300]).decode(), "INVALID_IMAGE_FORMAT"),
        ("A" * 13_400_000, "IMAGE_FILE_EXCEEDS_MAX_SIZE"),
        ("https://example.com/photo.jpg", "INVALID_REQUEST_BODY"),
        ("http://127.0.0.1/ledger", "INVALID_REQUEST_BODY"),
    ],
    ids=["no picture", "no base64", "empty", "other format", "cut off", "too large", "foreign link", "own page"],
)
def test_an_image_that_cannot_be_read_is_refused(entry: str, expected: str) -> None:
    """The message says which image is meant."""
    host = Host()
    answer = host.submit({"prompt": "x", "images": [PICTURE, entry]})
    assert reason(answer) == (400, expected)
    assert "image 2" in json.loads(answer.body)["message"]


def test_an_image_may_be_a_link_to_an_own_result() -> None:
    """The result of one task can be the input of the next, as long as its link lives."""
    host = Host(latency=0.0, ttl=60)
    link = host.result(host.start(size="320*256"))["images"][0]["image_url"]
    assert host.submit({"prompt": "next", "images": [link]}).status == 200
    host.now += 61
    assert host.submit({"prompt": "next", "images": [link]}).status == 400


def test_what_is_not_there_is_said_to_be_missing() -> None:
    """Unknown paths, methods and tasks each have their envelope."""
    host = Host()
    assert reason(host.get("/v3/async/no-such-model")) == (404, "API_NOT_FOUND")
    assert reason(host.ask(Request("GET", "/v3/async/many"))) == (404, "API_NOT_FOUND")
    assert reason(host.submit({"prompt": "x"}, "no-such-model")) == (404, "API_NOT_FOUND")
    assert reason(host.get("/v3/async/task-result", task_id="nobody")) == (404, "TASK_NOT_FOUND")
    assert reason(host.get("/v3/async/task-result")) == (400, "INVALID_REQUEST_BODY")
    assert host.ledger()["totals"]["unknown"] == 3


def test_the_front_page_names_the_models() -> None:
    """Somebody who opens the address in a browser learns what this is."""
    page = Host().get("/")
    assert page.content_type.startswith("text/plain")
    assert b"/v3/async/many" in page.body


def test_the_ledger_tells_each_task_and_every_repetition() -> None:
    """Submits, polls and downloads per task; a body accepted twice is counted as repeated."""
    host = Host(latency=1.0)
    task_id = json.loads(host.submit({"prompt": "x", "seed": 7}, x_retouch_step="restyle 2/3").body)["task_id"]
    host.submit({"prompt": "x", "seed": 7})
    host.result(task_id)
    early = host.ledger()["tasks"][0]
    assert (early["status"], early["finished"]) == ("TASK_STATUS_PROCESSING", None)
    host.now += 1
    host.fetch(host.result(task_id)["images"][0]["image_url"])
    told = host.ledger()
    expected = {"submits": 2, "accepted": 2, "repeated": 1, "refused": 0, "polls": 2, "downloads": 1}
    assert {name: told["totals"][name] for name in expected} == expected
    line = told["tasks"][0]
    assert line["task_id"] == task_id
    assert (line["model"], line["label"], line["seed"]) == ("many", "restyle 2/3", 7)
    assert (line["submitted"], line["finished"], line["latency"]) == (1000.0, 1001.0, 1.0)
    assert (line["polls"], line["downloads"], line["images"]) == (2, 1, 1)
    assert told["tasks"][1]["digest"] == line["digest"]


def test_old_pictures_are_forgotten_when_there_are_too_many() -> None:
    """A host that runs for weeks does not fill the memory; the ledger still knows the task."""
    host = Host(latency=0.0, keep=2)
    tasks = [host.start(seed=seed) for seed in range(3)]
    assert reason(host.get("/v3/async/task-result", task_id=tasks[0])) == (404, "TASK_NOT_FOUND")
    assert status(host, tasks[2]) == "SUCCEED"
    assert len(host.ledger()["tasks"]) == 3
