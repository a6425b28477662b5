"""Whole pages: both markups, nesting, endpoints, and pages that give nothing or mean harm."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest

from runner.errors import UsageError
from runner.schemagen.build import build_all
from runner.schemagen.page import read_page
from runner.schemagen.schema import request_schema, response_schema

U = "https://docs.example/api-reference/model-apis-paint"


def entry(name: str, kind: str, *lines: str, anchor: str = "[\u200b]") -> str:
    """One parameter as a crawler leaves it."""
    parts = [f"{anchor}({U}#param-{name})", name.replace("_", "\\_"), kind.replace("[]", "\\[\\]"), *lines]
    return "\n\n".join(parts) + "\n\n"


def heading(words: str) -> str:
    """A heading as a crawler leaves it."""
    return f"## [\u200b]({U}\\#{words.lower()})  {words}\n\n"


def crawled(body: str, sample: str, answer: str = '{"task_id": "<string>"}', response: str = "") -> str:
    """A crawled page with its samples."""
    url = "https://api.example/v3/async/paint"
    call = f"curl --request POST \\\n  --url {url} \\\n  --header 'Authorization: <authorization>'"
    return (
        f"Paint\n\ncURL\n\nCopy\n\n```\n{call} \\\n  --data '\n{sample}\n'\n```\n\n200\n\n```\n{answer}\n```\n\n"
        + heading("Request Headers")
        + entry("Authorization", "string", "required")
        + heading("Request Body")
        + body
        + heading("Response")
        + (response or entry("task_id", "string", "required"))
        + "Was this page helpful?\n\nYesNo\n"
    )


def nested_answer(outer: str, inner: str) -> str:
    """A source page's answer in which one field lies in another."""
    return (
        f'<ResponseField name="{outer}" type="object"><Expandable title="properties">'
        f'<ResponseField name="{inner}" type="string" /></Expandable></ResponseField>'
    )


def schema_of(text: str) -> tuple[dict[str, Any], list[str]]:
    """Schema and warnings of a page, without those about wording."""
    schema, warnings = request_schema(read_page(text, "page.md"), read="2026-01-01", wording={})
    return schema, [each for each in warnings if not each.startswith("no wording")]


NESTED = (
    entry("extra", "object", "Show properties")
    + entry("hook", "object", "Hide properties")
    + entry("url", "string", "required", "Where to.")
    + entry("seed", "integer")
    + entry("seed", "integer", "required", "Range \\[0, 9\\]")
    + entry("parts", "object[]", "required", "Currently supports up to 5 parts.", "Show properties")
    + entry("name", "string", "required")
    + entry("name", "string", anchor="[]")
)
SAMPLE = """{
  "extra": {"hook": {"url": "<string>"}, "seed": 123},
  "seed": 123,
  "parts": [\\
    {\\
      "name": "<string>"\\
    }\\
  ],
  "name": "<string>"
}"""


def test_nesting_comes_from_the_sample() -> None:
    """Crawled pages do not say where an object ends: the same name stands inside and outside, and both are right."""
    schema, warnings = schema_of(crawled(NESTED, SAMPLE))
    assert warnings == []
    assert list(schema["properties"]) == ["extra", "seed", "parts", "name"]
    extra = schema["properties"]["extra"]
    assert extra["properties"]["hook"] == {
        "type": "object",
        "additionalProperties": False,
        "properties": {"url": {"type": "string"}},
        "required": ["url"],
    }
    assert extra["properties"]["seed"] == {"type": "integer"}
    assert schema["properties"]["seed"] == {"type": "integer", "minimum": 0, "maximum": 9}
    assert schema["properties"]["parts"] == {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        },
        "maxItems": 5,
    }
    assert schema["required"] == ["seed", "parts"]


def test_a_name_that_two_open_objects_wait_for_goes_to_the_inner_one() -> None:
    """Page and sample run in the same order, so the inner object is complete before the outer one goes on."""
    body = entry("a", "object", "Show properties") + entry("b", "object", "Show properties")
    body += entry("x", "string", "required") + entry("x", "integer")
    schema, _ = schema_of(crawled(body, '{"a": {"b": {"x": "<string>"}, "x": 123}}'))
    outer = schema["properties"]["a"]["properties"]
    assert outer["b"]["properties"] == {"x": {"type": "string"}}
    assert outer["x"] == {"type": "integer"}


def test_source_pages_nest_the_same_way() -> None:
    """The tags of the source say what the sample says for the crawled page."""
    text = """# Paint

<ParamField body="extra" type="object">
  <Expandable title="properties" defaultOpen={false}>
    <ParamField body="hook" type="object">
      <Expandable title="properties">
        <ParamField body="url" type="string" required>Where to.</ParamField>
      </Expandable>
    </ParamField>
    <ParamField body="seed" type="integer" />
  </Expandable>
</ParamField>
<ParamField body="seed" type="integer" required={true}>Range \\[0, 9]</ParamField>
<ParamField body="parts" type="object[]" required={true}>
  Currently supports up to 5 parts.
  <Expandable title="properties">
    <ParamField body="name" type="string" required={true} />
  </Expandable>
</ParamField>
<ParamField body="name" type="string" />
<ResponseField name="task_id" type="string" required={true} />
"""
    source, crawl = schema_of(text)[0], schema_of(crawled(NESTED, SAMPLE))[0]
    for each in ("properties", "required"):
        assert source[each] == crawl[each]
    assert source["x-retouch"]["response"] == crawl["x-retouch"]["response"]


def test_a_parameter_without_a_place_in_the_sample_is_left_out_and_told() -> None:
    """Nobody knows whether it belongs to the object above it; a guess would refuse right requests."""
    body = entry("extra", "object", "Show properties") + entry("known", "string") + entry("stray", "string")
    schema, warnings = schema_of(crawled(body, '{"extra": {"known": "<string>"}}'))
    assert list(schema["properties"]) == ["extra"]
    assert list(schema["properties"]["extra"]["properties"]) == ["known"]
    assert "additionalProperties" not in schema["properties"]["extra"]
    assert "additionalProperties" not in schema, "it may as well belong to the request itself"
    assert warnings == [
        "`stray`: the page's sample does not show where it belongs, perhaps to `extra`; it is left out",
        "what is in doubt may belong to the request itself, which takes any other parameter too",
    ]


def test_what_stands_between_two_properties_of_an_object_is_a_third_one() -> None:
    """A page never leaves an object and comes back to it, so an incomplete sample is enough for these."""
    body = (
        entry("extra", "object", "Show properties") + entry("first", "string") + entry("stray", "integer", "required")
    )
    body += entry("last", "string") + entry("prompt", "string", "required")
    schema, warnings = schema_of(crawled(body, '{"extra": {"first": "a", "last": "b"}, "prompt": "c"}'))
    assert warnings == []
    assert list(schema["properties"]) == ["extra", "prompt"]
    assert list(schema["properties"]["extra"]["properties"]) == ["first", "stray", "last"]
    assert schema["properties"]["extra"]["required"] == ["stray"]
    assert schema["properties"]["extra"]["additionalProperties"] is False


def test_an_object_between_them_may_hold_what_follows_it() -> None:
    """Then nobody knows which of the two holds the next one, and all of them stay out."""
    body = entry("extra", "object", "Show properties") + entry("first", "string") + entry("inner", "object")
    body += entry("stray", "string") + entry("last", "string")
    schema, warnings = schema_of(crawled(body, '{"extra": {"first": "a", "last": "b"}}'))
    assert list(schema["properties"]["extra"]["properties"]) == ["first", "last"]
    assert [warning.split(":")[0] for warning in warnings[:2]] == ["`inner`", "`stray`"]


def test_doubt_about_an_object_opens_all_that_it_stands_in() -> None:
    """What was left out deep inside may belong to any of them; an object beside them stays closed."""
    text = """<ParamField body="outer" type="object"><Expandable title="properties">
  <ParamField body="content" type="object">
    <Tabs><Tab title="a"><ParamField body="kind" type="string" /></Tab></Tabs>
  </ParamField></Expandable>
</ParamField>
<ParamField body="beside" type="object"><Expandable title="properties">
  <ParamField body="kind" type="string" /></Expandable>
</ParamField>"""
    schema, _ = schema_of(text)
    assert "additionalProperties" not in schema
    assert "additionalProperties" not in schema["properties"]["outer"]
    assert schema["properties"]["beside"]["additionalProperties"] is False


def test_defaults_and_marks_of_the_crawled_page() -> None:
    """Type, `default:` and `required` stand on lines of their own, in this order."""
    body = entry("mode", "string", 'default:"text"', "required", "Enum: `text`, `json`") + entry(
        "n", "integer", "default:-1"
    )
    schema, _ = schema_of(crawled(body, '{"mode": "<string>", "n": 123}'))
    assert schema["properties"]["mode"] == {"type": "string", "enum": ["text", "json"], "default": "text"}
    assert schema["properties"]["n"]["default"] == -1
    assert schema["required"] == ["mode"]


def test_where_it_comes_from() -> None:
    """Title, endpoint, kind of answer, source, date and digest; null where the page does not say."""
    schema, _ = schema_of(crawled(entry("prompt", "string", "required"), '{"prompt": "<string>"}'))
    origin = schema["x-retouch"]
    assert len(origin.pop("digest")) == 64
    assert origin == {
        "title": "Paint",
        "method": "POST",
        "path": "/v3/async/paint",
        "sync": False,
        "source": "page.md",
        "read": "2026-01-01",
        "deprecated": None,
        "response": {"type": "object", "properties": {"task_id": {"type": "string"}}, "required": ["task_id"]},
    }
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "paint.json"
    assert schema["additionalProperties"] is False


def test_an_answer_without_a_task_is_synchronous() -> None:
    """No `task_id` in the answer: it is the result itself."""
    page = crawled(
        entry("prompt", "string"), '{"prompt": "<string>"}', '{"images": ["<string>"]}', entry("images", "string[]")
    )
    schema, _ = schema_of(page)
    assert schema["x-retouch"]["sync"] is True


@pytest.mark.parametrize(
    ("answer", "sync"),
    [
        ('<ResponseField name="task_id" type="string" />', False),
        (nested_answer("data", "task_id"), False),
        (nested_answer("task", "task_id"), False),
        (nested_answer("task", "task_id") + '<ResponseField name="images" type="string[]" />', True),
        (nested_answer("task", "id"), True),
        ("The audio stream is returned directly.", True),
        ("Format: `binary`", True),
        ("The endpoint answers with a task.", None),
    ],
)
def test_whether_the_answer_is_the_result_itself(answer: str, sync: bool | None) -> None:
    """A task's id may lie in an object; a stream has no fields, and the page says so in words."""
    text = f'# Paint\n\n## Request Body\n\n<ParamField body="prompt" type="string" />\n\n## Response\n\n{answer}\n'
    assert schema_of(text)[0]["x-retouch"]["sync"] is sync


def test_what_a_sample_sends_beyond_the_page_s_list_is_a_warning() -> None:
    """One line with all the names: either the list or the sample is out of date."""
    text = """# Paint
<ParamField body="prompt" type="string" />

```bash
curl 'https://api.example/v3/paint' -d '{"prompt": "a", "frames": 9, "speed": 1}'
```
"""
    schema, warnings = schema_of(text)
    assert list(schema["properties"]) == ["prompt"]
    assert warnings == ["the page's sample sends `frames`, `speed`, which the page does not list among its parameters"]


def test_entities_in_a_sample_are_read_as_what_they_stand_for() -> None:
    """Some writers leave `&#x3C;` for `<` in code; an address keeps its `&copy=`."""
    text = """# Paint - Documentation

<ParamField query="copy" type="string" />
<ParamField query="limit" type="integer" />

```bash
curl --request GET --url 'https://api.example/v3/list?limit=1&copy=2' --header 'Authorization: &#x3C;authorization>'
```
"""
    page = read_page(text, "page.md")
    assert (page.title, page.endpoint) == ("Paint", "https://api.example/v3/list?limit=1&copy=2")
    body = entry("a", "object", "Show properties") + entry("b", "string")
    schema, warnings = schema_of(crawled(body, '{"a": {"b": "&#x3C;string>"}}').replace("<authorization>", "&lt;x&gt;"))
    assert warnings == []
    assert list(schema["properties"]["a"]["properties"]) == ["b"]


@pytest.mark.parametrize(
    ("path", "name", "word"),
    [
        ("/v3/paint-4.5", "paint-4-5", "paint-4.5"),
        ("/v3/Paint_Big", "paint-big", "Paint_Big"),
        ("/v3/models/{model}", "page", "page"),
    ],
)
def test_the_name_is_one_that_recipes_can_write(path: str, name: str, word: str) -> None:
    """Signs that a model's name cannot have become hyphens; the provider's own word stays at hand for its address."""
    page = read_page(f'`POST {path}`\n\n<ParamField body="prompt" type="string" />', "page.md")
    assert (page.name, page.word) == (name, word)


def test_query_parameters_are_part_of_the_request() -> None:
    """A GET endpoint takes its parameters in the query; headers are none."""
    text = """# List
<ParamField header="Authorization" type="string" required={true}>Key.</ParamField>
<ParamField query="page.limit" type="integer">range (0, 100].</ParamField>
<ParamField path="id" type="string" required={true}>Which.</ParamField>

```bash
curl 'https://api.example/v3/list/{id}?page.limit=2' --header 'x: y'
```
"""
    schema, _ = schema_of(text)
    assert schema["properties"] == {
        "page.limit": {"type": "integer", "exclusiveMinimum": 0, "maximum": 100, "x-in": "query"},
        "id": {"type": "string", "x-in": "path"},
    }
    assert (schema["x-retouch"]["method"], schema["x-retouch"]["path"]) == ("GET", "/v3/list/{id}")


def test_a_deprecated_page_says_so() -> None:
    """The badge of a crawled page, or a sentence above the parameters."""
    text = crawled(entry("prompt", "string"), '{"prompt": "<string>"}')
    assert read_page("Deprecated\n\n" + text, "page.md").deprecated is True
    assert read_page(text, "page.md").deprecated is None


def test_only_the_first_endpoint_of_a_page_is_read() -> None:
    """Request parameters after an answer belong to another endpoint."""
    text = """<ParamField body="a" type="string" /><ResponseField name="task_id" type="string" />
<ParamField query="task_id" type="string" /><ResponseField name="status" type="string" />"""
    schema, warnings = schema_of(text)
    assert list(schema["properties"]) == ["a"]
    assert warnings == ["the page describes several endpoints; the first one is read"]


def test_tags_in_an_example_are_no_parameters() -> None:
    """What stands in a code block is shown, not said."""
    text = '<ParamField body="a" type="string" />\n```mdx\n<ParamField body="b" type="string" />\n```\n'
    assert list(schema_of(text)[0]["properties"]) == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# A page\n\nabout something else.",
        "prompt string required\n\nThe prompt.",
        '<ParamField header="Authorization" type="string" />',
        '<ResponseField name="task_id" type="string" />',
        "<html><body><h2>Request Body</h2><p>prompt</p></body></html>",
    ],
)
def test_a_page_without_parameters_is_an_error_that_says_what_was_looked_for(text: str) -> None:
    """Never an empty schema."""
    with pytest.raises(UsageError, match=r"no request parameters were found in page\.md") as caught:
        read_page(text, "page.md")
    assert caught.value.exit_code == 2
    assert "ParamField" in str(caught.value.hint)


def test_wording_is_ours_and_the_most_exact_one_wins() -> None:
    """Titles and descriptions by name, by path, and by model; what has none is told in one warning."""
    wording = {
        "parameters": {"seed": {"title": "Seed"}, "extra.seed": {"description": "Inner."}},
        "answers": {"task_id": {"description": "The task."}},
        "models": {"paint": {"description": "Paints.", "parameters": {"name": {"description": "Its own."}}}},
    }
    page = read_page(crawled(NESTED, SAMPLE), "page.md")
    schema, warnings = request_schema(page, read="2026-01-01", wording=wording)
    assert schema["description"] == "Paints."
    assert schema["properties"]["seed"]["title"] == "Seed"
    assert schema["properties"]["extra"]["properties"]["seed"]["description"] == "Inner."
    assert schema["properties"]["name"]["description"] == "Its own."
    assert schema["x-retouch"]["response"]["properties"]["task_id"]["description"] == "The task."
    assert warnings == ["no wording for `extra`, `extra.hook`, `extra.hook.url`, `parts`: they get no description"]
    assert "Where to" not in str(schema)


def test_the_answer_alone() -> None:
    """An answer's schema is open: what the page does not name may come all the same."""
    page = read_page(crawled(entry("prompt", "string"), '{"prompt": "<string>"}'), "page.md")
    schema, _ = response_schema(page, read="2026-01-01", wording={}, name="task-result")
    assert schema["$id"] == "task-result.json"
    assert schema["properties"] == {"task_id": {"type": "string"}}
    assert "additionalProperties" not in schema


def test_a_build_names_the_page_of_each_warning() -> None:
    """Files by their path below `schemas/`, doubts with the model's name before them."""
    text = '<ParamField body="prompt" type="blob" /><ResponseField name="task_id" type="string" />'
    built = build_all(
        {"paint": (text, "page.md")}, {"parameters": {"prompt": {}}, "answers": {"task_id": {}}}, "2026-01-01"
    )
    assert list(built.files) == ["models/paint.json"]
    assert built.files["models/paint.json"].endswith("}\n")
    assert '"path": "/v3/async/paint"' in built.files["models/paint.json"]
    assert built.warnings == ("paint: `prompt`: the type `blob` is not understood; any value passes",)


PIECES = [
    "Range [", "Default: `", "Enum: `a`, ", "Options:\n", "\n- ", "(", "[[", "`", "\\", "[a](", "<a ", "1-", "1,",
    "POST\n/\nv\n", "1 < x ", "maximum ", "“", "title: ", "10x10 ", "<ParamField ", '<ParamField a="', "<Tab>",
    '<ParamField body="a" type="object"><Expandable>', "</ParamField>", entry("b", "object", "Show properties"),
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_pages_end_quickly(piece: str) -> None:
    """Whatever is repeated over and over in the text of a parameter, the reader comes back within two seconds."""
    for start in (heading("Request Body") + entry("a", "string"), '<ParamField body="a" type="integer">'):
        text = (start + piece * 400_000)[:399_000]
        begun = time.perf_counter()
        with suppress(UsageError):
            read_page(text, "page.md")
        assert time.perf_counter() - begun < 2


def test_a_page_that_is_too_long_is_refused_at_once() -> None:
    """Ten megabytes are no documentation page."""
    with pytest.raises(UsageError, match="too long for a documentation page"):
        read_page("a" * 10_000_000, "page.md")


def test_reading_a_page_takes_no_time() -> None:
    """Far below the blink of an eye, so that a check of all pages is not felt."""
    text = crawled(NESTED, SAMPLE)
    begun = time.perf_counter()
    for _ in range(10):
        read_page(text, "page.md")
    assert time.perf_counter() - begun < 0.5
