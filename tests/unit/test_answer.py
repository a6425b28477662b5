"""Where pictures lie in answers: every form that pages show, and nothing that only looks like one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import answer
from runner.answer import Place, Unusable

A, B = b"first picture", b"second picture"
A64, B64 = (base64.b64encode(each).decode() for each in (A, B))
ONE, TWO = "https://cdn.example/1.png?sig=1", "https://cdn.example/2.png?sig=2"
MOST = 1_000_000
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"images": [ONE, TWO]}, (ONE, TWO)),
        ({"image_urls": [ONE], "binary_data_base64": []}, (ONE,)),
        ({"image_urls": None, "binary_data_base64": [A64, B64]}, (A, B)),
        ({"image_urls": [ONE], "binary_data_base64": [A64]}, (A,)),
        ({"image_file": A64, "image_type": "png"}, (A,)),
        ({"image_file": ONE, "image_type": "png"}, (ONE,)),
        ({"image": f"data:image/png;base64,{A64}"}, (A,)),
        (
            {"images": [{"image_url": ONE, "image_url_ttl": 3600, "image_type": "png"}], "task": {"task_id": "t"}},
            (ONE,),
        ),
        ({"created": 1, "data": [{"url": ONE}, {"b64_json": B64, "url": None}]}, (ONE, B)),
        ({"output": {"images": [{"url": ONE}]}}, (ONE,)),
        ({"output": ONE}, (ONE,)),
        ({"image_url": TWO, "images": [A64]}, (A,)),
        ({"code": 0, "msg": "ok", "data": {"imgs": [A64]}}, (A,)),
        ({"images": [A64.rstrip("=")]}, (A,)),
        ({"images": ["\n".join([A64[:8], A64[8:]])]}, (A,)),
        ({"images": [None, "", {}, ONE]}, (ONE,)),
    ],
)
def test_pictures_are_found_in_every_form_that_pages_show(
    told: dict[str, Any], expected: tuple[str | bytes, ...]
) -> None:
    assert answer.pictures(told, MOST) == expected


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"task_id": "t1"},
        {"task": {"task_id": "t1"}, "images": []},
        {"images": None},
        {"images": [{}]},
        {"url": ONE},
        {"upload_url": ONE, "webhook": {"url": ONE}},
        {"data": ONE},
        {"prompt": "a cat"},
        {"videos": [{"video_url": ONE}]},
    ],
)
def test_what_is_no_picture_is_not_taken_for_one(told: dict[str, Any]) -> None:
    assert answer.pictures(told, MOST) == ()


@pytest.mark.parametrize(
    "told",
    [
        {"images": 5},
        {"images": [True]},
        {"images": [[ONE]]},
        {"images": ["no base64!"]},
        {"images": ["file:///etc/passwd"]},
        {"images": ["https://cdn.example/a b"]},
        {"images": ["https://cdn.example/" + "x" * 10_000]},
        {"images": [ONE + "\nAuthorization: x"]},
        {"images": [ONE] * 100},
        {"image_file": "data:text/html;base64," + A64},
        {"image_file": "data:image/png;base64,"},
        {"image_file": "A" * 2_000_000},
        {"image_file": "größe"},
        {"image": {"image": {"image": {"image": {"image": {"image": ONE}}}}}},
    ],
    ids=lambda told: repr(told)[:40],
)
def test_what_cannot_be_a_picture_where_one_belongs_is_unusable(told: dict[str, Any]) -> None:
    try:
        found = answer.pictures(told, MOST)
    except Unusable:
        return
    assert found
    assert all(isinstance(each, Unusable) for each in found)


def test_what_cannot_be_a_picture_does_not_take_the_others_away() -> None:
    """They are paid for. What stands in the place of one tells why it is none."""
    first, bad, last = answer.pictures({"images": [ONE, 7, A64]}, MOST)
    assert (first, type(bad), last) == (ONE, Unusable, A)
    assert answer.pictures({"image": 7, "images": [ONE]}, MOST) == (ONE,)


SPICY = bytes(range(256))


@pytest.mark.parametrize(
    "written",
    [
        "data:image/PNG;base64,",
        "DATA:image/png;BASE64,",
        "data:image/png;charset=utf-8;base64,",
        "data:application/octet-stream;base64,",
        "data:;base64,",
        "",
    ],
)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_read_in_every_spelling(written: str, encode: Callable[[bytes], bytes]) -> None:
    """It is paid for, however its type is written; the first bytes tell what it is."""
    assert answer.pictures({"image": written + encode(SPICY).decode()}, MOST) == (SPICY,)


def test_a_task_is_found_wherever_answers_name_one() -> None:
    assert answer.task_ids({"data": {"task_id": "b"}, "task_id": None, "task": {"task_id": "a"}}) == ("a", "b")
    assert answer.task_ids({"task": "x", "data": []}) == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=30),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["images", "image", "data", "url", "output", "task_id", "b64_json"]), inner
            )
        ),
        max_leaves=20,
    )
)
def test_no_answer_breaks_the_reading(value: Any) -> None:
    """Whatever JSON comes: pictures, or Unusable."""
    try:
        found = answer.pictures({"images": value, "data": value}, MOST)
    except Unusable:
        return
    links = [each for each in found if isinstance(each, str)]
    assert all(each.lower().startswith(("http://", "https://")) for each in links)


@pytest.mark.parametrize(
    ("schema", "first"),
    [
        (obj(images=TEXTS), Place(("images",), True, (), "either")),
        (obj(images={"type": "array"}), Place(("images",), True, (), "either")),
        (obj(image_urls=TEXTS), Place(("image_urls",), True, (), "link")),
        (obj(image_urls=TEXTS, binary_data_base64=TEXTS), Place(("binary_data_base64",), True, (), "base64")),
        (obj(image_file=TEXT, image_type=TEXT), Place(("image_file",), False, (), "base64")),
        (
            obj(images={"type": "array", "items": obj(image_url=TEXT, image_type=TEXT)}, task=obj(task_id=TEXT)),
            Place(("images",), True, ("image_url",), "link"),
        ),
        (obj(data={"type": "array", "items": obj(url=TEXT)}), Place(("data",), True, ("url",), "link")),
        (obj(output=obj(image_url=TEXT)), Place(("output", "image_url"), False, (), "link")),
        (obj(image={}), Place(("image",), False, (), "either")),
    ],
)
def test_a_schema_tells_where_the_pictures_will_be(schema: dict[str, Any], first: Place) -> None:
    assert answer.places(schema)[0] == first
    assert answer.holds_pictures(schema)
    assert answer.at_once({"sync": True, "response": schema})
    assert not answer.at_once({"sync": False, "response": schema})


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {},
        obj(task_id=TEXT),
        obj(prompt=TEXT),
        obj(voice=TEXT, audio_url=TEXT),
        obj(upload_url=TEXT, method=TEXT),
        obj(models={"type": "array", "items": obj(cover_url=TEXT)}),
        obj(url=TEXT),
        obj(image={"type": "integer"}),
        obj(images={"type": "array", "items": {"type": "integer"}}),
    ],
)
def test_a_schema_without_pictures_holds_none(schema: dict[str, Any] | None) -> None:
    assert not answer.holds_pictures(schema)


@pytest.mark.parametrize(
    ("schema", "place", "at_once"),
    [
        (obj(task_id=TEXT), ("task_id",), False),
        (obj(task=obj(task_id=TEXT)), ("task", "task_id"), False),
        (obj(code=TEXT, data=obj(task_id=TEXT)), ("data", "task_id"), False),
        (obj(task=obj(task_id=TEXT), images=TEXTS), ("task", "task_id"), True),
        (obj(other=TEXT), None, True),
        (None, None, True),
    ],
)
def test_an_answer_that_only_names_a_task_is_not_the_result(
    schema: dict[str, Any] | None, place: tuple[str, ...] | None, at_once: bool
) -> None:
    """Whatever the page is taken for: a task's id and no picture means that there is a task to ask for."""
    assert answer.task_place(schema) == place
    assert answer.at_once({"sync": True, "response": schema}) is at_once
