"""What goes over the wire: bodies are fixed byte for byte, answers are read with suspicion."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from runner.novita import wire
from runner.operation import Model

PNG = b"\x89PNG\r\n\x1a\n" + b"rest"
JPEG = b"\xff\xd8\xff\xe0" + b"rest"
WEBP = b"RIFF\x00\x00\x00\x00WEBPrest"


def model(**properties: Any) -> Model:
    """A model whose page lists these properties, in this order."""
    return Model("edit-1", "Edit", "/v3/async/edit-1", {"type": "object", "properties": properties})


LIST = model(prompt={}, images={"maxItems": 2}, seed={}, guidance_scale={})
SINGLE = model(image={}, prompt={})


def test_keys_stand_in_the_order_of_the_page_whatever_the_order_of_the_request() -> None:
    one = wire.body(LIST, {"guidance_scale": 4, "seed": 7, "prompt": "a"}, (), "data-uri")
    other = wire.body(LIST, {"prompt": "a", "seed": 7, "guidance_scale": 4.0}, (), "data-uri")
    assert one == other == b'{"prompt":"a","seed":7,"guidance_scale":4}'


def test_pictures_travel_as_data_uris_that_name_their_true_type() -> None:
    sent = json.loads(wire.body(LIST, {"prompt": "a"}, (JPEG, PNG), "data-uri"))
    assert sent["images"] == [
        "data:image/jpeg;base64," + base64.b64encode(JPEG).decode(),
        "data:image/png;base64," + base64.b64encode(PNG).decode(),
    ]
    assert list(sent) == ["prompt", "images"]


def test_pictures_travel_as_bare_base64_where_that_is_set() -> None:
    sent = json.loads(wire.body(LIST, {}, (WEBP,), "base64"))
    assert [base64.b64decode(each, validate=True) for each in sent["images"]] == [WEBP]


def test_a_model_with_one_image_gets_a_string() -> None:
    sent = json.loads(wire.body(SINGLE, {"prompt": "a"}, (PNG,), "base64"))
    assert sent == {"image": base64.b64encode(PNG).decode(), "prompt": "a"}


def test_without_pictures_no_image_key_is_sent() -> None:
    assert wire.body(LIST, {"prompt": "Größe"}, (), "data-uri") == b'{"prompt":"Gr\\u00f6\\u00dfe"}'


@pytest.mark.parametrize(
    ("target", "request_", "images"),
    [
        (LIST, {"prompt": "a", "strength": 1}, ()),
        (LIST, {"guidance_scale": float("nan")}, ()),
        (LIST, {}, (PNG, PNG, PNG)),
        (SINGLE, {}, (PNG, PNG)),
        (model(prompt={}), {}, (PNG,)),
    ],
    ids=["unknown key", "NaN", "too many", "two for one", "none wanted"],
)
def test_what_no_plan_lets_through_is_misuse(
    target: Model, request_: dict[str, Any], images: tuple[bytes, ...]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.body(target, request_, images, "data-uri")


def test_the_task_id_of_an_accepted_request() -> None:
    answer = b'{"task_id": "f0c2a1de-6a3a-4f55-9d1f-1f0a6c9b9f11"}'
    assert wire.answered(answer, at_once=False, most_bytes=9) == "f0c2a1de-6a3a-4f55-9d1f-1f0a6c9b9f11"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"ok",
        b"[]",
        b"null",
        b"{}",
        b'{"task_id": ""}',
        b'{"task_id": 0}',
        b'{"task_id": -1}',
        b'{"task_id": true}',
        b'{"task_id": 17.0}',
        b'{"task_id": ["a"]}',
        b'{"task_id": "a", "task_id": "b"}',
        b'{"task_id": "../../admin"}',
        b'{"task_id": "a/b"}',
        b'{"task_id": "a?b=c"}',
        b'{"task_id": "a\\nb"}',
        b'{"task_id": "a\\n"}',
        b'{"task_id": "' + b"x" * 129 + b'"}',
        b'{"task_id": "a", "eta": NaN}',
        b'{"task_id": "a", "eta": -Infinity}',
        b'{"task_id": "a"',
        b'\xff\xfe{"task_id": "a"}',
        '{"task_id": "a"}'.encode("utf-16"),
        '{"task_id": "a"}'.encode("utf-32"),
        b'{"task_id":' + b"[" * 200_000,
        b'{"task_id": "a", "n": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda answer: repr(answer[:24]),
)
def test_an_answer_without_a_usable_task_id_is_unusable(answer: bytes) -> None:
    with pytest.raises(wire.Unusable):
        wire.answered(answer, at_once=False, most_bytes=9)


def state(**parts: Any) -> wire.TaskState:
    """Task state of an answer with these top-level parts, about task t1."""
    return wire.task_state(json.dumps(parts).encode(), "t1")


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        ("TASK_STATUS_QUEUED", "waiting"),
        ("TASK_STATUS_PROCESSING", "waiting"),
        ("TASK_STATUS_SUCCEED", "succeeded"),
        ("TASK_STATUS_FAILED", "failed"),
    ],
)
def test_documented_words_of_status(word: str, stage: str) -> None:
    got = state(task={"task_id": "t1", "status": word})
    assert (got.stage, got.known) == (stage, True)


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        ("task_status_succeed", "succeeded"),
        (" TASK_STATUS_SUCCEED ", "succeeded"),
        ("TASK_STATUS_SUCCEEDED", "succeeded"),
        ("Success", "succeeded"),
        ("Failed", "failed"),
        ("queued", "waiting"),
    ],
)
def test_words_of_status_in_other_spellings(word: str, stage: str) -> None:
    got = state(task={"task_id": "t1", "status": word})
    assert (got.stage, got.known) == (stage, True)


@pytest.mark.parametrize("word", ["TASK_STATUS_FAIL", "ERROR", "NOT_SUCCEED", "TASK_STATUS_TASK_STATUS_FAILED"])
def test_a_last_word_has_one_spelling(word: str) -> None:
    assert state(task={"status": word}).stage == "waiting"


def test_an_unknown_word_of_status_means_still_running() -> None:
    got = state(task={"status": "TASK_STATUS_WARMING"})
    assert (got.stage, got.known, got.status) == ("waiting", False, "TASK_STATUS_WARMING")


@pytest.mark.parametrize(
    ("written", "read"),
    [(3600, 3600), ("3600", 3600), (0, None), ("0", None), (None, None), ("soon", None), (True, None), (1.5, None)],
)
def test_a_lifetime_may_be_number_or_digits_and_0_means_unknown(written: Any, read: int | None) -> None:
    got = state(
        task={"status": "TASK_STATUS_SUCCEED"}, images=[{"image_url": "https://x.test/1", "image_url_ttl": written}]
    )
    assert got.links == (wire.Link("https://x.test/1", read),)


@pytest.mark.parametrize(
    ("extra", "seed"),
    [
        ({"seed": "4711"}, 4711),
        ({"seed": 4711}, 4711),
        ({"seed": 4711.0}, 4711),
        ({"seed": 2**63 - 1}, 2**63 - 1),
        ({"seed": 0}, 0),
        ({"seed": 2**63}, None),
        ({"seed": "9" * 19}, None),
        ({"seed": 1e300}, None),
        ({"seed": 47.5}, None),
        ({"seed": -1}, None),
        ({"seed": "-1"}, None),
        ({"seed": True}, None),
        ({"seed": [7]}, None),
        ({"seed": ""}, None),
        ({"seed": "<string>"}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_a_seed_may_be_text_or_number_or_absent(extra: Any, seed: int | None) -> None:
    assert state(task={"status": "TASK_STATUS_SUCCEED"}, extra=extra).seed == seed


@pytest.mark.parametrize(
    ("images", "links", "listed"),
    [
        (
            [None, {}, {"image_url": ""}, {"image_url": 5}, {"image_url": "https://x.test/1"}, "https://x.test/2", 7],
            ["https://x.test/1", "https://x.test/2"],
            7,
        ),
        ({"image_url": "https://x.test/1"}, ["https://x.test/1"], 1),
        ("https://x.test/1", ["https://x.test/1"], 1),
        (["https://x.test/1", {"image_url": "https://x.test/1"}], ["https://x.test/1"], 2),
        ({"odd": 1}, [], 1),
        (7, [], 1),
        ([], [], 0),
        ({}, [], 0),
        (None, [], 0),
    ],
    ids=lambda each: repr(each)[:30],
)
def test_images_are_read_in_whatever_form_they_are_listed(images: Any, links: list[str], listed: int) -> None:
    """Entries without an address are passed over, but count as listed: to list nothing is another matter."""
    got = state(task={"status": "TASK_STATUS_SUCCEED"}, images=images)
    assert ([link.url for link in got.links], got.listed) == (links, listed)


def test_more_images_than_are_read_make_an_answer_unusable() -> None:
    task = {"status": "TASK_STATUS_SUCCEED"}
    assert state(task=task, images=[f"https://x.test/{n}" for n in range(64)]).listed == 64
    with pytest.raises(wire.Unusable, match="more than 64"):
        state(task=task, images=[f"https://x.test/{n}" for n in range(65)])


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"task": None},
        {"task": [{"status": "TASK_STATUS_FAILED"}]},
        {"task": {}},
        {"task": {"status": 5}},
        {"task": {"status": "X", "task_id": "t2"}},
        {"task": {"status": "X", "task_id": ["t1"]}},
        {"task": {"status": "X", "task_id": "T1"}},
    ],
)
def test_an_answer_without_status_or_about_another_task_is_unusable(parts: dict[str, Any]) -> None:
    with pytest.raises(wire.Unusable):
        state(**parts)


@pytest.mark.parametrize("named", [{}, {"task_id": None}, {"task_id": ""}, {"task_id": "t1"}])
def test_an_answer_that_names_no_task_speaks_of_the_one_that_was_asked_for(named: dict[str, Any]) -> None:
    assert state(task={"status": "TASK_STATUS_SUCCEED"} | named).stage == "succeeded"


def test_an_id_may_be_a_number() -> None:
    assert wire.answered(b'{"task_id": 17}', at_once=False, most_bytes=9) == "17"
    assert wire.task_state(b'{"task": {"task_id": 17, "status": "QUEUED"}}', "17").stage == "waiting"


@pytest.mark.parametrize(
    "text",
    [
        b'\xef\xbb\xbf{"task_id": "t1"}',
        b'\r\n {"task_id": "t1"}\n',
        b'{"task_id": "t1", "task_id": "t1"}',
        b'{"task_id": "t1", "note": "\\ud800"}',
        b'{"task_id": "t1", "eta": 1e999}',
    ],
)
def test_what_is_odd_but_clear_is_read(text: bytes) -> None:
    assert wire.answered(text, at_once=False, most_bytes=9) == "t1"


def test_foreign_text_becomes_one_short_line_without_link_queries() -> None:
    text = "no\x00\r\n good \u202e see https://cdn.test/a.png?sig=SECRET&x=1 now"
    assert wire.readable(text, 100) == "no good see https://cdn.test/a.png?… now"
    assert len(wire.readable("x" * 1_000_000, 100)) == 100
    assert wire.readable(None, 10) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"see https:\/\/cdn.test\/a.png?X-Sig=SECRET now", r"see https:\/\/cdn.test\/a.png?… now"),
        ("see cdn.test/a.png?X-Sig=SECRET now", "see cdn.test/a.png?… now"),
        ("cdn.test/a.png?SECRET", "cdn.test/a.png?…"),
        (r"https:\/\/cdn.test\/a\u003fX\u003dSECRET", r"https:\/\/cdn.test\/a?…"),
        ("https://me:SECRET@cdn.test/a", "https://…@cdn.test/a"),
        ("broken&X-Amz-Signature=SECRET&x", "broken&X-Amz-Signature=…&x"),
        ("a.png?X=SECRET", "a.png?…"),
        ("Why? Because. It can&#39;t, or can it? #3", "Why? Because. It can&#39;t, or can it? #3"),
        ("width=3 is wrong", "width=3 is wrong"),
    ],
)
def test_a_link_in_any_spelling_loses_what_is_secret(text: str, expected: str) -> None:
    assert wire.readable(text, 100) == expected


@pytest.mark.parametrize("junk", [b"[],", b'{"":0},', b"[[]],", b"1,"])
def test_an_answer_that_would_fill_the_memory_is_not_read(junk: bytes) -> None:
    """A list costs a hundred times its two bytes once it is read."""
    with pytest.raises(wire.Unusable, match="more than is read"):
        wire.parse(b'{"z":[' + junk * 200_000 + b"0]}")


def test_pictures_are_known_by_their_first_bytes() -> None:
    assert [wire.picture_type(each) for each in (PNG, JPEG, WEBP, b"", b"<html>", b"RIFF0000WAVE")] == [
        "image/png",
        "image/jpeg",
        "image/webp",
        None,
        None,
        None,
    ]
