"""What changed between two readings of a page: every kind of change in its words, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.schemagen.drift import Change, answer_changes, request_changes

GUIDANCE = {"type": "number", "default": 3.5, "minimum": 1, "maximum": 20}
SIZE = {
    "type": "string",
    "pattern": "^[0-9]+x[0-9]+$",
    "x-form": "write width*height",
    "x-dimension": {"separator": "*", "minimum": 256, "maximum": 1536, "multipleOf": None},
}
TASK = {"type": "object", "properties": {"task_id": {"type": "string"}}, "required": ["task_id"]}


def schema(required: tuple[str, ...] = (), origin: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """A request schema with these properties."""
    about = {"method": "POST", "path": "/v3/async/paint", "sync": False, "deprecated": None, "response": TASK}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": list(required)} if required else {}),
        "x-retouch": about | (origin or {}),
    }


def told(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The changes in words."""
    return [change.words for change in request_changes(before, now)]


def turned(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The changes of one optional parameter `x`."""
    return told(schema(x=before), schema(x=now))


def test_the_drift_of_2025() -> None:
    """One picture became a list of pictures, and a seed came."""
    seed = {"type": "integer", "minimum": -1, "maximum": 2147483647, "default": -1}
    before = schema(("prompt", "image"), prompt={"type": "string"}, image={"type": "string"})
    now = schema(
        ("prompt",),
        prompt={"type": "string"},
        images={"type": "array", "items": {"type": "string"}, "maxItems": 4},
        seed=seed,
    )
    assert told(before, now) == [
        "`image` (text, required) is now `images` (list of at most 4, optional)",
        "`seed` is new (whole number from -1 to 2147483647, optional)",
    ]
    renamed, new = request_changes(before, now)
    assert (renamed.kind, renamed.before, renamed.now, renamed.needed) == ("renamed", ("image",), ("images",), False)
    assert (new.kind, new.before, new.now, new.needed) == ("new", None, ("seed",), False)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({"type": "number"}, {"type": "integer", "minimum": 1},
         ["`x` is now whole number, at least 1, optional; it was number, optional"]),
        ({"type": "string"}, {"type": ["array", "string"], "maxItems": 2},
         ["`x` is now list or text of at most 2, optional; it was text, optional"]),
        ({"type": "string"}, {}, ["`x` is now anything, optional; it was text, optional"]),
        (GUIDANCE, GUIDANCE | {"default": 4}, ["`x` has the default `4` now, it was `3.5`"]),
        (GUIDANCE, {key: GUIDANCE[key] for key in ("type", "minimum", "maximum")},
         ["`x` has no default any more, it was `3.5`"]),
        ({"type": "string"}, {"type": "string", "default": ""}, ["`x` has a default now: an empty text"]),
        ({"type": "string", "default": "2"}, {"type": "string", "default": "yes"},
         ['`x` has the default `yes` now, it was `"2"`']),
        (GUIDANCE, GUIDANCE | {"maximum": 10}, ["`x` has the range 1 to 10 now, it was 1 to 20"]),
        (GUIDANCE, {"type": "number", "default": 3.5, "exclusiveMinimum": 0, "maximum": 20},
         ["`x` has the range above 0, at most 20 now, it was 1 to 20"]),
        ({"type": "integer", "minimum": 8}, {"type": "integer", "minimum": 8, "multipleOf": 8},
         ["`x` has the range at least 8, in steps of 8 now, it was at least 8"]),
        ({"type": "number", "exclusiveMaximum": 1}, {"type": "number"}, ["`x` has no range any more, it was below 1"]),
        ({"type": "number"}, {"type": "number", "minimum": 0, "maximum": 1}, ["`x` has a range now: 0 to 1"]),
        ({"type": "string", "enum": ["jpeg", "png"]}, {"type": "string", "enum": ["png", "webp"]},
         ["`x` takes `webp` now as well", "`x` takes `jpeg` no longer"]),
        ({"enum": [1, "a"]}, {"enum": ["1", "a"]}, ['`x` takes `"1"` now as well', "`x` takes `1` no longer"]),
        ({"enum": [1]}, {"enum": [True]}, ["`x` takes `true` now as well", "`x` takes `1` no longer"]),
        ({"type": "string", "enum": ["a"]}, {"type": "string"}, ["`x` has no choices any more, they were `a`"]),
        ({"type": "string"}, {"type": "string", "enum": ["1", "a"]}, ['`x` has choices now: `"1"`, `a`']),
        ({"type": "array", "items": {"type": "string", "enum": ["a"]}},
         {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
         ["each entry of `x` takes `b` now as well"]),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "integer"}},
         ["each entry of `x` is now whole number; it was text"]),
        ({"type": "array"}, {"type": "array", "items": {"type": "string"}},
         ["each entry of `x` is now text; it was anything"]),
        ({"type": "array", "maxItems": 4}, {"type": "array", "maxItems": 3},
         ["`x` has the length at most 3 entries now, it was at most 4 entries"]),
        ({"type": "string"}, {"type": "string", "minLength": 1, "maxLength": 800},
         ["`x` has a length now: 1 to 800 characters"]),
        ({"type": "array", "minItems": 2, "maxItems": 2}, {"type": "array"},
         ["`x` has no length any more, it was exactly 2 entries"]),
        (SIZE, SIZE | {"x-dimension": SIZE["x-dimension"] | {"maximum": 2048, "multipleOf": 16}},  # type: ignore[operator]
         ["`x` has the form width*height, each side 256 to 2048, in steps of 16 now, "
          "it was width*height, each side 256 to 1536"]),
        (SIZE, {"type": "string"}, ["`x` has no form any more, it was width*height, each side 256 to 1536"]),
        ({"type": "string"}, {"type": "string", "deprecated": True}, ["`x` is deprecated now"]),
        ({"type": "string", "deprecated": True}, {"type": "string"}, ["`x` is no longer deprecated"]),
        ({"type": "string"}, {"type": "string", "x-text-to-image-only": True},
         ["`x` counts only where no picture is sent now"]),
        ({"type": "string"}, {"type": "string", "x-in": "query"},
         ["`x` stands in the query of the request now, it stood in the body"]),
        ({"type": "object", "additionalProperties": False}, {"type": "object"}, ["`x` takes keys of any name now"]),
        ({"type": "object"}, {"type": "object", "additionalProperties": False},
         ["`x` takes only the keys that the page names now"]),
        ({"type": "object", "additionalProperties": {"type": "string"}},
         {"type": "object", "additionalProperties": {"type": "number"}},
         ["each value of `x` is now number; it was text"]),
        ({"type": "string"}, {"type": "string", "contentEncoding": "base64"},
         ["`x` has another `contentEncoding` now"]),
    ],
)  # fmt: skip
def test_one_parameter(before: dict[str, Any], now: dict[str, Any], words: list[str]) -> None:
    """Each fact that may change, with what it is and what it was."""
    assert turned(before, now) == words


@pytest.mark.parametrize(
    ("required", "words"),
    [((False, True), "`x` is required now"), ((True, False), "`x` is optional now")],
)
def test_required_and_optional(required: tuple[bool, bool], words: str) -> None:
    """What must be sent, and what need not any more."""
    before, now = (schema(("x",) if each else (), x={"type": "string"}) for each in required)
    (change,) = request_changes(before, now)
    assert (change.words, change.kind, change.needed) == (words, "required", required[1])


def test_inside_objects_and_lists() -> None:
    """What stands in an object is named by its path; what stands in the objects of a list as well."""
    lora = {"type": "object", "properties": {"path": {"type": "string"}, "scale": GUIDANCE}, "required": ["path"]}
    extra = {"type": "object", "properties": {"seed": {"type": "integer"}}}
    before = schema(
        request={"type": "object", "properties": {"extra": extra, "loras": {"type": "array", "items": lora}}}
    )
    now = copy.deepcopy(before)
    inner = now["properties"]["request"]["properties"]
    inner["extra"]["properties"] = {"noise": {"type": "boolean"}}
    inner["extra"]["required"] = ["noise"]
    inner["loras"]["items"]["properties"]["scale"]["maximum"] = 2
    inner["loras"]["items"].pop("required")
    assert told(before, now) == [
        "`request.extra.seed` is gone (whole number, optional)",
        "`request.extra.noise` is new (true or false, required)",
        "`request.loras.path` is optional now",
        "`request.loras.scale` has the range 1 to 2 now, it was 1 to 20",
    ]
    assert request_changes(before, now)[0].before == ("request", "extra", "seed")


def test_a_name_is_changed_only_where_it_is_certain() -> None:
    """A picture for a picture and a name for its plural; two pictures for one, a mask, or another word are not."""
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    assert told(schema(image_file=text), schema(images=texts)) == [
        "`image_file` (text, optional) is now `images` (list, optional)"
    ]
    assert told(schema(lora=text), schema(loras=texts)) == ["`lora` (text, optional) is now `loras` (list, optional)"]
    for before, now in (
        (schema(image=text), schema(mask_image=text)),
        (schema(image=text), schema(image_file=text, image_base64=text)),
        (schema(strength=GUIDANCE), schema(weight=GUIDANCE)),
    ):
        kinds = [change.kind for change in request_changes(before, now)]
        assert kinds == ["gone"] + ["new"] * len(now["properties"])


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({}, {"path": "/v4/paint"}, ["the request goes to POST /v4/paint now, it went to POST /v3/async/paint"]),
        ({}, {"method": "PUT"}, ["the request goes to PUT /v3/async/paint now, it went to POST /v3/async/paint"]),
        ({}, {"sync": True}, ["the answer is the result itself now, it was a task to ask for"]),
        ({"sync": True}, {"sync": False}, ["the answer is a task to ask for now, it was the result itself"]),
        ({}, {"deprecated": True}, ["the page says now that this is deprecated"]),
        ({"deprecated": True}, {"deprecated": None}, ["the page no longer says that this is deprecated"]),
        ({}, {"path": None, "method": None, "sync": None}, []),
        ({}, {"response": None}, ["the page shows no answer any more"]),
        ({"response": None}, {}, ["the page shows the answer now"]),
        ({}, {"response": {"type": "object", "properties": {"id": {"type": "string"}}}},
         ["the answer's `task_id` is gone (text, required)", "the answer's `id` is new (text, optional)"]),
        ({}, {"title": "Another", "source": "elsewhere", "read": "2027-01-01", "digest": "0"}, []),
    ],
)  # fmt: skip
def test_endpoint_and_answer(before: dict[str, Any], now: dict[str, Any], words: list[str]) -> None:
    """Where requests go and what comes back. What a page leaves out of these is no change: not every markup has it."""
    changes = request_changes(schema(origin=before), schema(origin=now))
    assert [change.words for change in changes] == words
    assert all(change.before is None and change.now is None for change in changes if not change.of_answer)


def test_the_result_of_a_task() -> None:
    """A schema of an answer alone."""
    before = {"type": "object", "properties": {"status": {"type": "string", "enum": ["A"]}}, "x-retouch": {}}
    now = {"type": "object", "properties": {"status": {"type": "string", "enum": ["A", "B"]}}, "x-retouch": {}}
    assert [change.words for change in answer_changes(before, now)] == ["the answer's `status` takes `B` now as well"]


def test_long_lists_are_counted() -> None:
    """A change that lists hundreds of choices stays readable."""
    (words,) = turned({"type": "string", "enum": [f"c{n}" for n in range(20)]}, {"type": "string"})
    assert words.endswith("`c11` and 8 more")


def test_one_change_is_one_line() -> None:
    """Whatever a page's values and names hold, what is told of them does not break into lines of its own."""
    odd: Any = {"type": "string", "enum": ["a\n::error::b"], "default": "c\nd", "x-form": "e"}
    before, now = schema(), schema(**{"na\nme": odd})
    words = told(before, now) + told(now, before) + turned({"type": "string"}, odd) + turned(odd, {"type": "string"})
    assert "`a\\n::error::b`" in "".join(words)
    assert not any("\n" in each for each in words)


def test_what_is_stated_no_more_is_marked() -> None:
    """So that a page that only reads worse can be told from one that changed."""
    before, now = schema(x={"type": "string"}, y=GUIDANCE), schema(y={"type": "number"})
    changes = request_changes(before, now)
    assert [change.kind for change in changes] == ["gone", "default", "range"]
    assert all(change.vanished for change in changes)
    assert not any(change.vanished for change in request_changes(now, before))
    silent = schema(origin={"response": None})
    (gone,), (shown,) = request_changes(schema(), silent), request_changes(silent, schema())
    assert (gone.vanished, shown.vanished) == (True, False)


SCALARS = st.one_of(st.integers(0, 3), st.booleans(), st.sampled_from(["a", "b"]))
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["string", "number", "integer", "array", "object"]),
    "default": SCALARS,
    "minimum": st.integers(0, 2),
    "exclusiveMaximum": st.integers(3, 5),
    "maxLength": st.integers(1, 3),
    "maxItems": st.integers(1, 3),
    "enum": st.lists(st.sampled_from(["a", "b", "1"]), min_size=1, unique=True).map(sorted),
    "deprecated": st.just(True),
    "x-in": st.just("query"),
    "x-text-to-image-only": st.just(True),
    "x-dimension": st.fixed_dictionaries(
        {"separator": st.just("*"), "minimum": st.integers(1, 2), "maximum": st.none(), "multipleOf": st.none()}
    ),
}
LEAVES = st.fixed_dictionaries({}, optional=FACTS)
PROPERTIES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(
            lambda within, names: {"type": "object", "properties": within, "required": sorted(names & within.keys())},
            st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
            st.sets(st.sampled_from(["a", "b", "c"])),
        )
        | st.builds(lambda within: {"type": "array", "items": within}, inner)
    ),
    max_leaves=5,
)


@given(before=PROPERTIES, now=PROPERTIES)
def test_no_change_is_missed_and_none_invented(before: dict[str, Any], now: dict[str, Any]) -> None:
    """Schemas that differ have a change, and equal ones have none; words are no fact."""
    changes: tuple[Change, ...] = request_changes(schema(x=before), schema(x=now))
    assert bool(changes) == (sorted_facts(before) != sorted_facts(now))
    worded = {"title": "X", "description": "Another word.", **before}
    assert request_changes(schema(x=before), schema(x=worded)) == ()


CONTAINERS = {"items", "properties", "required"}


def sorted_facts(value: Any) -> Any:
    """A schema in one form: truth values told from numbers, and nothing said told like something empty."""
    if isinstance(value, dict):
        stated = {key: sorted_facts(each) for key, each in value.items()}
        return {key: each for key, each in stated.items() if key not in CONTAINERS or each not in ((False, []), {})}
    return (type(value) is bool, value)
