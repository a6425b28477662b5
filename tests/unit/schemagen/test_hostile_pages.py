"""Pages that mean harm, and texts at random: reading ends with a right result or with one clear error."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import UsageError
from runner.schemagen.page import Parameter, read_page
from runner.schemagen.schema import request_schema

CRAWLED = "## Request Body\n\n[](https://a.example/b#param-value)\n\nvalue\n\n"
STARTS = [
    CRAWLED + "string\n\n",
    CRAWLED + "integer\n\n",
    '<ParamField body="value" type="string[]">',
    "## Request Body\n",
    "",
]
FRAGMENTS = [
    "[", "<", "`", " ", "\n", "9", "1,", "{", "(", "**", "\\", "“", "~", "- ", "| a | b |\n", "|---|---|\n", "```\n",
    "~~~\n", "````", "```bash\ncurl -d '{", "\n```\n", "{/*", "*/}", "<!--", "-->", "export const A = () => {\n",
    "}\n", '```json\n{"a": [', "Range [", "Range 1 - ", "Range: `1 <= x", "must be between 1 and ", "value >= ",
    "2^32-1 ", "default default ", "Default is ", "Default: `", "(default) ", "by default", "Enum: `a`, ",
    "Options:\n", "Values:\n- a\n", "- `a`: b\n", "Supports: `a`\n", "One of ", "`a`, ", "'a', ", "length ",
    "up to 3 ", "at most 3 characters ", "width*height ", "1x1 ", "5s ", "required ", "When x, ", "e.g. ",
    ", from 1 to 2", " (1-2)", "[](#param-a)\n\na\n\nobject\n\nShow properties\n\n", "## Response\n", "# Title\n",
    '<ParamField body="a" type="object">', '<ParamField body="b" default={{', '<ParamField query="', "</ParamField>",
    "<Expandable>", "</Expandable>", "<Tab>", "</Tab>", '<Tab><ParamField body="a" type="integer" required />',
    '<ResponseField name="c" type="file" />',
    "- `a` (string, required): b\n", "POST\n/\nv3\n", "`POST /v3/a`", "# Source: https://a.example\n", "title: a\n",
    "\u200b", "\x00", "é", "🎨", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_whatever_is_repeated_reading_ends(fragment: str) -> None:
    """Longer than any page, in each markup: no pattern runs away, and no error but the one that is meant to be."""
    for start in STARTS:
        with suppress(UsageError):
            read_page((start + fragment * 80_000)[:80_000], "page.md")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        "[" * 10_000_000,
        "<ParamField " * 1_000_000,
        '<ParamField body="a" type="object"><Expandable>' * 100_000,
        "[](https://a.example/b#param-c)\n\nc\n\nstring\n\n" * 100_000,
        CRAWLED + "object\n\nShow properties\n\n" + "[](#param-a)\n\na\n\nobject\n\nShow properties\n\n" * 8_000,
        '<ParamField body="a" type="object">' * 5_000,
        '<ParamField body="a" type="string" />' * 5_000,
        "## Request Body\n" + "- `a` (string): b\n" * 5_000,
    ],
)
def test_a_page_beyond_all_reason_is_one_clear_error(text: str) -> None:
    """Ten megabytes, a hundred thousand tags or anchors, objects without end."""
    with pytest.raises(UsageError):
        read_page(text, "page.md")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STARTS), st.lists(st.sampled_from([*FRAGMENTS, "a", "value", ". ", "10", "to "]), max_size=60))
def test_fragments_glued_at_random_give_a_schema_or_the_error(start: str, fragments: list[str]) -> None:
    """Whatever comes out can be written down as a schema, and its bounds are in order."""
    try:
        page = read_page(start + "".join(fragments), "page.md")
    except UsageError:
        return
    request_schema(page, read="2026-01-01", wording={})
    for parameter in page.parameters:
        in_order(parameter)


def in_order(parameter: Parameter) -> None:
    """No bound above the other, no default outside of what is allowed."""
    facts = parameter.facts
    if facts.minimum is not None and facts.maximum is not None:
        assert facts.minimum <= facts.maximum
    fewest, most = facts.lengths
    assert fewest is None or most is None or fewest <= most
    if facts.enum and facts.default and not isinstance(facts.default[0], list):
        assert facts.default[0] in facts.enum
    for inner in parameter.properties:
        in_order(inner)


NOUNS = [
    "pixels",
    "MB",
    "seconds",
    "tokens",
    "words",
    "frames",
    "megapixels",
    "hours",
    "per minute",
    "%",
    "fps",
]


SENTENCES = [
    "Between {} and {} {}.", "Up to {} or {} {}.", "At most {} and at least {} {}.", "Takes {} to {} {}.",
    "The picture must be {}x{} {}.", "Range of the ratio: [{}, {}] {}.",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["string", "string[]", "boolean", "object"]),
    st.sampled_from(SENTENCES),
    st.integers(0, 9999), st.integers(0, 9999), st.sampled_from(NOUNS),
)  # fmt: skip
def test_numbers_that_count_something_else_set_nothing(
    kind: str, sentence: str, low: int, high: int, noun: str
) -> None:
    """Pixels, bytes, seconds, words and tokens never become a bound or a length."""
    text = f'<ParamField body="value" type="{kind}">\n  {sentence.format(low, high, noun)}\n</ParamField>\n'
    schema, _ = request_schema(read_page(text, "page.md"), read="", wording={})
    assert set(schema["properties"]["value"]) <= {"type", "items"}
