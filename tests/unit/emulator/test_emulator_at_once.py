"""The emulated host for any endpoint: answers at once, in the shape of their page; nested requests; addresses."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from runner.emulator.options import Options
from runner.emulator.service import Service
from runner.emulator.wire import Later, Request, Response
from tests.pictures import opened
from tests.unit.emulator.small_host import PICTURE

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
MODEL = "any-model"


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return found | ({"required": list(required)} if required else {})


class Host:
    """One emulated endpoint; what it waits for is noted in `waited`, in seconds."""

    def __init__(
        self,
        request: Mapping[str, Any],
        response: Mapping[str, Any] | None,
        path: str = "/v3/any",
        sync: bool = True,
        **options: Any,
    ) -> None:
        self.now = 1000.0
        self.waited: list[float] = []
        about = {"method": "POST", "path": path, "sync": sync, "response": response}
        draws = itertools.count(1)
        self.service = Service(
            {MODEL: {**request, "x-retouch": about}},
            Options(**options),
            clock=lambda: self.now,
            draw=lambda: (next(draws) * 0.6180339887) % 1,
            begin=lambda work: cache(work),
            wall=lambda: self.now,
        )

    def ask(self, request: Request) -> Response:
        answer = self.service.answer(request)
        while isinstance(answer, Later):
            if answer.wait:
                self.waited.append(answer.wait)
                self.now += answer.wait
            answer = answer.work()()
        return answer

    def submit(self, body: Any, path: str = "/v3/any", **query: str) -> Response:
        headers = {"authorization": "Bearer key", "content-type": "application/json"}
        return self.ask(Request("POST", path, query, headers, json.dumps(body).encode()))

    def made(self, body: Any, path: str = "/v3/any", **query: str) -> dict[str, Any]:
        """The JSON of an answer that has to be a yes."""
        answer = self.submit(body, path, **query)
        assert answer.status == 200, answer.body
        told: dict[str, Any] = json.loads(answer.body)
        return told

    def fetched(self, link: str) -> bytes:
        path, _, query = link.removeprefix("http://127.0.0.1").partition("?")
        answer = self.ask(Request("GET", path, dict(pair.split("=", 1) for pair in query.split("&"))))
        assert answer.status == 200
        return answer.body

    def ledger(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.ask(Request("GET", "/ledger")).body)
        return told


PROMPT = obj("prompt", prompt=TEXT, image_num={"type": "integer"}, seed={"type": "integer"})


def test_links_are_answered_where_the_page_has_links() -> None:
    """One for each picture asked for, and each leads to its own."""
    host = Host(PROMPT, obj(images=TEXTS), latency=0.0)
    told = host.made({"prompt": "a lake", "image_num": 3})
    assert list(told) == ["images"]
    assert len({host.fetched(link) for link in told["images"]}) == 3


def test_objects_are_filled_as_the_page_has_them() -> None:
    """Life and kind of a link in the types of the page; the task's id and the seed where the page names them."""
    entry = obj(image_url=TEXT, image_url_ttl=TEXT, image_type=TEXT)
    response = obj(task=obj(task_id=TEXT), images={"type": "array", "items": entry}, seed={"type": "integer"})
    told = Host(PROMPT, response, latency=0.0, ttl=60).made({"prompt": "x", "seed": 5})
    (image,) = told["images"]
    assert (image["image_url_ttl"], image["image_type"]) == ("60", "jpeg")
    assert told["seed"] == 5
    assert told["task"]["task_id"]


def test_base64_is_answered_where_the_page_has_base64() -> None:
    request = obj("image_file", image_file=TEXT, extra=obj(response_image_type={"type": "string"}))
    host = Host(request, obj(image_file=TEXT, image_type=TEXT), latency=0.0)
    told = host.made({"image_file": PICTURE, "extra": {"response_image_type": "webp"}})
    assert told["image_type"] == "webp"
    assert opened(base64.b64decode(told["image_file"], validate=True)).format == "WEBP"
    assert host.ledger()["totals"]["downloads"] == 0


@pytest.mark.parametrize(("wanted", "key"), [("url", "image_urls"), ("b64_json", "binary_data_base64")])
def test_where_the_page_has_both_the_request_decides(wanted: str, key: str) -> None:
    request = obj("prompt", prompt=TEXT, response_format=TEXT)
    host = Host(request, obj(image_urls=TEXTS, binary_data_base64=TEXTS), latency=0.0)
    told = host.made({"prompt": "x", "response_format": wanted})
    assert [name for name, each in told.items() if each] == [key]


def test_a_page_that_does_not_say_where_its_pictures_lie_is_answered_like_a_tasks_result() -> None:
    told = Host(PROMPT, None, latency=0.0).made({"prompt": "x"})
    assert told["images"][0]["image_url"].startswith("http://127.0.0.1/results/")


def test_an_answer_takes_as_long_as_its_making() -> None:
    """The latency comes before the answer; a second request waits where there is one slot."""
    host = Host(PROMPT, obj(images=TEXTS), latency=2.0, queue=1.0)
    host.made({"prompt": "x"})
    assert host.waited == [3.0]
    assert host.ledger()["tasks"][0]["latency"] == 3.0


def test_without_latency_there_is_no_wait() -> None:
    host = Host(PROMPT, obj(images=TEXTS), latency=0.0)
    host.made({"prompt": "x"})
    assert host.waited == []


def test_the_ledger_counts_answers_like_tasks() -> None:
    host = Host(PROMPT, obj(images=TEXTS), latency=0.0)
    for _ in range(2):
        host.made({"prompt": "x"})
    host.submit({"prompt": 5})
    totals = host.ledger()["totals"]
    assert (totals["submits"], totals["accepted"], totals["repeated"], totals["refused"]) == (3, 2, 1, 1)


def test_an_answer_that_is_to_fail_is_a_refusal() -> None:
    """There is no task that could fail later, and nothing is billed."""
    host = Host(PROMPT, obj(images=TEXTS), latency=0.0, failing=0.5)
    fates = [host.submit({"prompt": "x", "seed": seed}).status for seed in range(20)]
    assert set(fates) == {200, 400}
    totals = host.ledger()["totals"]
    assert (totals["accepted"], totals["refused"]) == (fates.count(200), fates.count(400))


def test_a_task_is_named_where_the_page_says() -> None:
    host = Host(PROMPT, obj(data=obj(task_id=TEXT)), latency=0.0)
    told = host.made({"prompt": "x"})
    assert list(told) == ["data"]
    assert told["data"]["task_id"] == host.ledger()["tasks"][0]["task_id"]


def test_nested_requests_are_understood() -> None:
    """Prompt, picture, seed, size, count and format, wherever they stand."""
    inner = obj("prompt", prompt=TEXT, image_base64=TEXT, seed={"type": "integer"}, width={}, height={}, image_num={})
    inner["properties"]["image_num"] = {"type": "integer"}
    request = obj("request", request=inner, extra=obj(response_image_type=TEXT))
    host = Host(request, obj(task_id=TEXT), sync=False, latency=0.0)
    asked = {"prompt": "x", "image_base64": PICTURE, "seed": 9, "width": 320, "height": 256, "image_num": 2}
    host.made({"request": asked, "extra": {"response_image_type": "png"}})
    (line,) = host.ledger()["tasks"]
    assert (line["seed"], line["images"]) == (9, 2)
    headers = {"authorization": "Bearer key"}
    query = {"task_id": line["task_id"]}
    told = json.loads(host.ask(Request("GET", "/v3/async/task-result", query, headers)).body)
    picture = opened(host.fetched(told["images"][1]["image_url"]))
    assert (picture.format, picture.size) == ("PNG", (320, 256))


def test_plain_base64_is_demanded_where_the_page_wants_it() -> None:
    """A paid host could not decode a data URI there."""
    host = Host(obj("image_file", image_file=TEXT), obj(image_file=TEXT), latency=0.0)
    assert host.submit({"image_file": PICTURE}).status == 200
    refused = host.submit({"image_file": f"data:image/png;base64,{PICTURE}"})
    assert (refused.status, json.loads(refused.body)["reason"]) == (400, "INVALID_IMAGE_FORMAT")


def test_parameters_of_the_address_are_held_against_the_schema() -> None:
    request = obj(
        "prompt",
        "style",
        prompt=TEXT,
        style={"type": "string", "enum": ["oil", "ink"], "x-in": "path"},
        strength={"type": "integer", "maximum": 5, "x-in": "query"},
    )
    host = Host(request, obj(images=TEXTS), path="/v3/{style}/any", latency=0.0)
    assert host.submit({"prompt": "x"}, "/v3/oil/any", strength="3").status == 200
    assert host.submit({"prompt": "x"}, "/v3/oil/any", strength="4").status == 200
    assert host.submit({"prompt": "x"}, "/v3/oil/any", strength="6").status == 400
    assert host.submit({"prompt": "x"}, "/v3/oil/any", strength="much").status == 400
    assert host.submit({"prompt": "x"}, "/v3/mud/any").status == 400
    assert host.submit({"prompt": "x"}, "/v3/oil/more/any").status == 404
    assert host.ledger()["totals"]["repeated"] == 0


def test_a_model_without_a_prompt_paints_all_the_same() -> None:
    host = Host(obj("image_file", image_file=TEXT), obj(image_file=TEXT), latency=0.0)
    first, again = (host.made({"image_file": PICTURE})["image_file"] for _ in range(2))
    assert opened(base64.b64decode(first)).size == opened(base64.b64decode(again)).size == (640, 480)


def test_the_front_page_lists_method_and_path_of_every_model() -> None:
    told = Host(PROMPT, obj(images=TEXTS)).ask(Request("GET", "/")).body.decode()
    (line,) = (line for line in told.splitlines() if line.split()[:1] == [MODEL])
    assert line.split() == [MODEL, "POST", "/v3/any", "at", "once"]
