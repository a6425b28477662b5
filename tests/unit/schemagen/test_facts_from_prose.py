"""One parameter's type and prose -> the facts that the schema states. Each line here is a phrasing that pages use."""

from __future__ import annotations

from typing import Any

import pytest

from runner.schemagen.dimensions import between
from runner.schemagen.page import read_page
from runner.schemagen.schema import request_schema


def read(kind: str, prose: str, name: str = "value", attributes: str = "") -> tuple[dict[str, Any], list[str]]:
    """The property that a source page with this one parameter gives, and the warnings."""
    text = f'<ParamField body="{name}" type="{kind}" {attributes}>\n  {prose}\n</ParamField>\n'
    schema, warnings = request_schema(read_page(text, "page.md"), read="2026-01-01", wording={})
    return schema["properties"][name], [each for each in warnings if not each.startswith("no wording")]


def stated(kind: str, prose: str, **more: str) -> dict[str, Any]:
    """The facts besides the type."""
    found, warnings = read(kind, prose, **more)
    assert warnings == []
    return {key: each for key, each in found.items() if key != "type"}


BOUNDS = [
    (r"Rounds. Range \[1 \~ 50].", {"minimum": 1, "maximum": 50}),
    ("Rounds. Range [1, 50]", {"minimum": 1, "maximum": 50}),
    ("Rounds. Range: -1 to 2147483647.", {"minimum": -1, "maximum": 2147483647}),
    ("Rounds. Range: -1 ~ 2147483647. Default is -1.", {"default": -1, "minimum": -1, "maximum": 2147483647}),
    ("Rounds.Value range: [0, 4]", {"minimum": 0, "maximum": 4}),
    ("Value range: `[1, 15]`", {"minimum": 1, "maximum": 15}),
    ("Whole, valid range: [10, 6144].", {"minimum": 10, "maximum": 6144}),
    ("Range (0, 50]", {"exclusiveMinimum": 0, "maximum": 50}),
    ("Range [0, 100)", {"minimum": 0, "exclusiveMaximum": 100}),
    ("within the range (0, 100].", {"exclusiveMinimum": 0, "maximum": 100}),
    ("Required range: `-2 < x < 2`", {"exclusiveMinimum": -2, "exclusiveMaximum": 2}),
    ("Required range: `0 < x <= 1`", {"exclusiveMinimum": 0, "maximum": 1}),
    ("Required range: `0 <= x <= 20`", {"minimum": 0, "maximum": 20}),
    ("Range [0~1], how visible it is.", {"minimum": 0, "maximum": 1}),
    ("Range [0, 1,000]", {"minimum": 0, "maximum": 1000}),
    ("Range [1,100]", {"minimum": 1, "maximum": 100}),
    ("Must be between 0 and 1. More is stronger.", {"minimum": 0, "maximum": 1}),
    ("A whole number; an integer between 0 and 20 says how many.", {"minimum": 0, "maximum": 20}),
    ("Valid values range from 4 to 128.", {"minimum": 4, "maximum": 128}),
    ("How bold it is, between 0 and 2. More is bolder.", {"minimum": 0, "maximum": 2}),
    ("Bold, between 0 and 2.\n  Required range: `0 < x < 2`", {"exclusiveMinimum": 0, "exclusiveMaximum": 2}),
    ("The same again each time, minimum -1. Defaults to -1.", {"default": -1, "minimum": -1}),
    ("The maximum value for value is 5.", {"maximum": 5}),
    ("It must be greater than 0.", {"exclusiveMinimum": 0}),
    ("More steps usually can produce more, Range [1, 100].", {"minimum": 1, "maximum": 100}),
    ("Must be a multiple of 8.", {"multipleOf": 8}),
]


@pytest.mark.parametrize(("prose", "facts"), BOUNDS)
def test_bounds_of_a_number(prose: str, facts: dict[str, Any]) -> None:
    """Ranges in every phrasing, open ends included."""
    assert stated("integer", prose) == facts


@pytest.mark.parametrize(
    "prose",
    [
        "Values between 0.0 and 1.0 reward repetition.",
        "Reasonable value is around 0.1 to 1.",
        "Total pixel range: [3686400, 16777216].",
        "Aspect ratio range: [1/16, 16].",
        "Status codes in the 2xx range say that it went well.",
        "At most 8 megapixels with a maximum file size of 30 MB.",
        "If the minimum value is less than 10 GB, 10 GB are taken.",
        "It must be greater than 0 to have an effect.",
        "With 0 = maximum effect and 1 = none.",
    ],
)
def test_what_bounds_something_else_sets_nothing(prose: str) -> None:
    """A number in the prose is no bound as long as nobody says that it is."""
    assert stated("number", prose) == {}


DEFAULTS = [
    ("integer", "Rounds. Default is 28. More is slower.", 28),
    ("number", "Default is 2.5. Range [1.0 ~ 20.0]", 2.5),
    ("number", "default: 7", 7),
    ("number", "The default is 3.5.", 3.5),
    ("number", "The default value is 0.5.", 0.5),
    ("number", "Its strength, defaults to 1. More is stronger.", 1),
    ("number", "Channels. Default is 1 (mono).", 1),
    ("integer", "Default is -1. -1 draws one.", -1),
    ("integer", "Default is `-1`.", -1),
    ("integer", "Default is −1.", -1),
    ("boolean", "Quicker and cheaper.Default: `false`.", False),
    ("bool", "The default is False.", False),
    ("boolean", "true: with a mark (default). false: without", None),
    ("string", "File kind; default: png", "png"),
    ("string", "Default is mp3.", "mp3"),
    ("string", "Default is 2.", "2"),
    ("string", "Where. Default: “/network”.", "/network"),
    ("string[]", 'Default is `["text"]`.', ["text"]),
    ("string", "By default, the outcome is kept for a day.", None),
    ("string", "Default is the size of the picture.", None),
    ("integer", "Lifetime in seconds, default is 1 day.", None),
    ("integer", "Below 10 the system will default to 10.", None),
    ("boolean | null", "Default is null.", None),
    ("string", "Default is null.", None),
]


@pytest.mark.parametrize(("kind", "prose", "value"), DEFAULTS)
def test_defaults(kind: str, prose: str, value: Any) -> None:
    """Defaults in every phrasing, with the type of the parameter; a phrase or a unit behind the number is none."""
    found = stated(kind, prose)
    assert found.get("default") == value
    assert type(found.get("default")) is type(value)


@pytest.mark.parametrize(
    ("kind", "attribute", "value"),
    [
        ("boolean", "{true}", True),
        ("string", '"2048x2048"', "2048x2048"),
        ("number", "{1.0}", 1),
        ("integer", '"4"', 4),
    ],
)
def test_defaults_in_the_markup(kind: str, attribute: str, value: Any) -> None:
    """A default that has an attribute of its own."""
    assert stated(kind, "Something.", attributes=f"default={attribute}")["default"] == value


CHOICES = [
    ("string", "Kind.<br />\n  Enum: `jpeg`, `png`, `webp`", ["jpeg", "png", "webp"]),
    ("string", "Default is png.Enum: `png, webp, jpeg`", ["png", "webp", "jpeg"]),
    ("string", "Enum: `png``webp``jpeg`", ["png", "webp", "jpeg"]),
    ("string", "Mode.Optional values: `auto`, `disabled`", ["auto", "disabled"]),
    ("string", "Who. Available options: `system`, `user`, or `assistant`", ["system", "user", "assistant"]),
    ("string", 'Mood. Allowed values: `["happy", "sad"]`', ["happy", "sad"]),
    ("string", r"Port. Supported types: \[tcp, http].", ["tcp", "http"]),
    ("string", "Sound. Options: `mp3`, `wav`. wav is larger.", ["mp3", "wav"]),
    ("string", "Sound. Options: mp3, wav.", ["mp3", "wav"]),
    ("string", "One of system, user, or assistant.", ["system", "user", "assistant"]),
    ("string", "One of big, small.\n\n  Enum: `big`, `small`", ["big", "small"]),
    ("string", "Room. Valid values:\n\n  * `hall` (large)\n  * `box` (small)", ["hall", "box"]),
    ("string", "Enum: `16:9`, `1:1`", ["16:9", "1:1"]),
    ("string", "Enum: `1`, `2`", ["1", "2"]),
    ("integer", "Enum: `0, 1, 2`", [0, 1, 2]),
    ("number", "Learning. Enum: `1e-4`, `2`", [0.0001, 2]),
    ("number", "Options:\n\n  1: mono\n\n  2: stereo", [1, 2]),
    ("number", r"Range: \[8000, 16000, 22050]", [8000, 16000, 22050]),
    ("integer | null", "Enum: `0`, `1`", [0, 1, None]),
    ("enum<string>", "Which. Enum: `baai/bge-m3`.", ["baai/bge-m3"]),
    ("string", "Only when the other one is set to one of the following: linear, cosine.", None),
    ("string", "Which. Supported values:\n\n  `'Chinese', 'Chinese,Yue', 'auto'`", ["Chinese", "Chinese,Yue", "auto"]),
    ("string", "Supports jpeg, png and webp.", None),
    ("string", "Options for streaming.", None),
]


@pytest.mark.parametrize(("kind", "prose", "values"), CHOICES)
def test_choices(kind: str, prose: str, values: list[Any] | None) -> None:
    """Choices in every form, with the right value type; a list in passing is none."""
    assert stated(kind, prose).get("enum") == values


LENGTHS = [
    ("string[]", "Limit to a maximum of 4 images.", {"maxItems": 4}),
    ("object[]", "Currently supports up to 5 LoRAs.", {"maxItems": 5}),
    ("array", "LoRAs (maximum 3)Array length: 0 - 3", {"maxItems": 3}),
    (
        "array",
        "Up to 14 pictures can be given. Kinds: jpeg.\n\n  Array length: 1 - 14",
        {"minItems": 1, "maxItems": 14},
    ),
    ("string[]", "Pictures of up to 30 MB.", {}),
    ("string[]", "Each up to 2048 x 2048 pixels.", {}),
    ("string", "Its name. String, length limit: 1-255 characters.", {"minLength": 1, "maxLength": 255}),
    ("string", "Maximum length: 50,000 characters.", {"maxLength": 50000}),
    ("string", "a-z and 0-9, with a maximum length of 64.", {"maxLength": 64}),
    ("string", "The length must be between 1 and 1024 characters.", {"minLength": 1, "maxLength": 1024}),
    ("string", "The recommended length is no more than 600 characters.", {}),
    ("string", "Up to 4 sequences end it.", {}),
    ("string", "Encoded, with a maximum resolution of 2048 x 2048.", {}),
]


@pytest.mark.parametrize(("kind", "prose", "facts"), LENGTHS)
def test_lengths(kind: str, prose: str, facts: dict[str, int]) -> None:
    """Elements of a list, characters of a text, and nothing that counts pixels, bytes or words."""
    found = stated(kind, prose)
    assert {key: each for key, each in found.items() if key.startswith(("min", "max"))} == facts


KINDS: list[tuple[str, dict[str, Any]]] = [
    ("float", {"type": "number"}),
    ("number(float)", {"type": "number"}),
    ("float32", {"type": "number"}),
    ("bool", {"type": "boolean"}),
    ("string | null", {"type": ["string", "null"]}),
    ("boolean¦null", {"type": ["boolean", "null"]}),
    ("string[]", {"type": "array", "items": {"type": "string"}}),
    ("arraystring[]", {"type": "array", "items": {"type": "string"}}),
    ("[string]", {"type": "array", "items": {"type": "string"}}),
    ("array<integer>", {"type": "array", "items": {"type": "integer"}}),
    ("number[][]", {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}),
    ("list", {"type": "array"}),
    ("map[string, integer] | null", {"type": ["object", "null"], "additionalProperties": {"type": "integer"}}),
    ("string | object[] | null", {"type": ["string", "array", "null"], "items": {"type": "object"}}),
]


@pytest.mark.parametrize(("written", "schema"), KINDS)
def test_types(written: str, schema: dict[str, Any]) -> None:
    """Types in the spellings that pages use."""
    assert read(written, "Something.")[0] == schema


def test_a_type_that_is_not_understood_is_a_warning_and_no_type() -> None:
    """A wrong type would refuse right values."""
    assert read("blob", "Something.") == ({}, ["`value`: the type `blob` is not understood; any value passes"])


DIMENSIONS = [
    (r"Pixels (width\*height). Range \[256 \~ 1536 per dimension].", "*", 256, 1536, None, "256*1536", "1537*256"),
    ("Size (width*height). Each dimension ranges from 256 to 1536 pixels", "*", 256, 1536, None, "300*300", "255*300"),
    (r"Must be between \[512x512, 2048x2048].", "x", 512, 2048, None, "512x2048", "512x2049"),
    (
        "Recommended: 1280x1280. Own sizes: dimensions should be 1024-2048px, both must be multiples of 32.",
        "x", 1024, 2048, 32, "1280x1280", "1000x1280",
    ),
    (r"Size in pixels (width\*height)", "*", None, None, None, "7*9999", "512*512\n"),
]  # fmt: skip


@pytest.mark.parametrize(("prose", "separator", "low", "high", "step", "right", "wrong"), DIMENSIONS)
def test_sizes(
    prose: str, separator: str, low: int | None, high: int | None, step: int | None, right: str, wrong: str
) -> None:
    """A size has a form for each side; its bounds are never those of the text."""
    import re

    found = stated("string", prose, name="size")
    assert found["x-dimension"] == {"separator": separator, "minimum": low, "maximum": high, "multipleOf": step}
    assert re.search(found["pattern"], right)
    assert not re.search(found["pattern"], wrong)
    assert not {"minimum", "maximum", "minLength", "maxLength"} & set(found)


def test_a_size_with_another_form_gets_no_pattern() -> None:
    """`2K` beside `2048x2048`: a pattern for the one would refuse the other."""
    found = stated("string", "Way 1: 2K or 4K; way 2: pixels, such as 2048x2048.", name="size")
    assert "pattern" not in found
    assert found["x-dimension"]["separator"] == "x"


@pytest.mark.parametrize(("low", "high"), [(256, 1536), (0, 10), (1, 1), (7, 12345), (99, 101), (1024, 2048)])
def test_a_pattern_of_numbers_accepts_those_between_and_no_others(low: int, high: int) -> None:
    """Checked for each number, and for leading zeros."""
    import re

    pattern = re.compile(between(low, high))
    assert all(bool(pattern.fullmatch(str(each))) is (low <= each <= high) for each in range(20_000))
    assert not pattern.fullmatch(f"0{high}")


@pytest.mark.parametrize(
    ("kind", "prose", "names"),
    [
        ("integer", "Default is 3. Rounds. The default is 4.", ("Default is 3", "The default is 4")),
        ("integer", "Range [1, 8]. Later: Range [1, 16].", ("Range [1, 8]", "Range [1, 16]")),
        ("integer", "Default is 1. Required range: `1 < x < 128`", ("Default is 1", "1 < x < 128")),
        ("string", "Default is gif. Enum: `png`, `jpeg`", ("Default is gif", "Enum: `png`, `jpeg`")),
        ("string[]", "Up to 3 images. At most 4 images.", ("Up to 3 images", "At most 4 images")),
    ],
)
def test_a_contradiction_sets_nothing_and_quotes_both_sentences(kind: str, prose: str, names: tuple[str, str]) -> None:
    """Whichever of two statements is right, the other one would make a wrong schema."""
    found, warnings = read(kind, prose)
    assert set(found) <= {"type", "items"}
    assert len(warnings) == 1
    assert all(name in warnings[0] for name in names)


def test_a_range_that_does_not_say_what_it_counts_is_a_warning() -> None:
    """`Range [1, 1024]` on a prompt may mean characters, tokens or words."""
    found, warnings = read("string", "Words, divided by `,`. Range [1, 1024].", name="prompt")
    assert found == {"type": "string"}
    assert warnings == ["`prompt`: “Range [1, 1024]” does not say what it counts; nothing is set"]


def test_marks() -> None:
    """What the plan must know besides the value: only without a picture, or no longer to be used."""
    assert stated("string", "Only supported in text-to-image.\nFrom 1 to 5.")["x-text-to-image-only"] is True
    assert stated("string", "Deprecated, use the other one.")["deprecated"] is True
    assert stated("string", "Something.", attributes="deprecated={true}")["deprecated"] is True
