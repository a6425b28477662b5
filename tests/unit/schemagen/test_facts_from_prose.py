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
    (r"The same again. Range: \[-1, 2^32-1]. Value range: \[-1, 4294967295]", {"minimum": -1, "maximum": 4294967295}),
    ("Rounds. Range: `1 <= x <= 40`. Default: `30`.", {"default": 30, "minimum": 1, "maximum": 40}),
    ("Required range: `x >= 0`", {"minimum": 0}),
    ("Whole, value must be greater than or equal to 0.", {"minimum": 0}),
    ("Page to show. Integer, value >= 0. Default: 0.", {"default": 0, "minimum": 0}),
    ("Wide, must be > 0", {"exclusiveMinimum": 0}),
    ("It must not exceed 10.", {"maximum": 10}),
    ("Cannot be less than 2. Cannot exceed 9.", {"minimum": 2, "maximum": 9}),
    ("`value` must be at least 3.", {"minimum": 3}),
    ("How many, up to 10.", {"maximum": 10}),
    (
        "How loud it is; select a value between 1 and 2. The default value is 1.",
        {"default": 1, "minimum": 1, "maximum": 2},
    ),
    ("Value between 0 and 1.", {"minimum": 0, "maximum": 1}),
    ("Its weight, from 0 to 1.", {"minimum": 0, "maximum": 1}),
    ("Its weight. From 0 to 1", {"minimum": 0, "maximum": 1}),
    ("Length in seconds (1-16).", {"minimum": 1, "maximum": 16}),
    (
        r"Length in seconds. Supports a length within the range \[4, 12]. Value range: \[4, 12]",
        {"minimum": 4, "maximum": 12},
    ),
    ("For example, if value is 5, five come back.The maximum value for value is 5.", {"maximum": 5}),
    ("Range: [0, +∞)", {"minimum": 0}),
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
        "Its aspect ratio must be between 0.4 and 2.5.",
        "The file size must not exceed 10 MB.",
        "The width of the picture must be at least 300.",
        "Both sides must be between 64 and 2048.",
        "The sum of all weights must be less than 1.",
        "The pixel value must be between 0 and 255.",
        "Numbers in the range 1 to 10 are reserved.",
        "Recommended range: 5-10.",
        "Should be between 5 and 10 for best results.",
        "Good pictures come from values between 3 and 5.",
        "A value between 0 and 1 softens the edges.",
        "Range [1, 5] for one model, [1, 10] for the other.",
        "Range [1, 5] or [10, 20].",
        "Range 1-5 is for beginners.",
        "When stream is on, range [1, 5].",
        "Say how many, e.g. Range [1, 5].",
        "Two layers (2-3) differ from the others (4-5).",
        "Up to 3 retries are made, at most 4 tokens come back.",
        "It takes 10 to 20 minutes and costs between 1 and 5 cents.",
        "Between 2019 and 2023 it was another model.",
        "If mode is fast, the default is 4.",
        "- with sound: default 5",
        "The default of the model is taken; by default 5 pictures are made.",
        "Options are limited. Supports 5 modes.",
        "Maximum 1.5 MB, minimum 0.5 seconds. It must not exceed 1,000 pixels.",
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
    ("integer", "Length in seconds. Default is 4 seconds, with `4` or `8` to choose from.", 4),
    ("integer", "Length in seconds. Default is 5s.", 5),
    ("integer", "Rounds (default 28).", 28),
    ("integer", "Rounds, with a default value of 28.", 28),
    ("boolean", "If it is not given, the default is false.", False),
    ("string", "A language; default `en`.", "en"),
    ("boolean", "Write more.\n\n  * `true`: Default value, write more.\n  * `false`: Leave it.", True),
    ("boolean", "true (default): with sound; false: without.", True),
    ("string", "Mode. `auto` by default.", "auto"),
    ("string", "Voices are: anna (Anna, default voice), ben (Ben).", None),
    ("string", "How to pay. Options:\n\n  * `now`: at once (default)\n  * `later`: by month", "now"),
    ("integer", "When the format is mp3, the default is 128.", None),
    ("string", "* 4s: default 360p, options: `360p`, `720p`", None),
    ("string[]", "Default is [].", []),
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
    ("string", "Form. Optional values are `url` and `hex`. The default is `hex`.", ["url", "hex"]),
    ("string", "Which tool. Valid value: Easel.", ["Easel"]),
    ("string", "State. One of: `pulling` (getting ready), `running`, `fail`.", ["pulling", "running", "fail"]),
    ("string", "Effect. Options: hall (large), box (small)", ["hall", "box"]),
    ("string", "Kind. Values:\n\n  * net: far away.\n  * disk: near.", ["net", "disk"]),
    ("string", "Where it stands:\n\n  * `none`: gone\n  * `low`: few", ["none", "low"]),
    ("string", "Speed.\n\n  Supports:\n\n  * `slow`: cheap.\n  * `fast`: dear.", ["slow", "fast"]),
    (
        "string",
        "Size.\n\n  Accepted values:\n\n  * fast is false: `a`, `b`, `c`\n  * fast is true: `a`",
        ["a", "b", "c"],
    ),
    ("integer", "Supports:\n\n  * (480p) `832` for `width` of `480`\n  * `480` for `width` of `832`", [832, 480]),
    ("integer", "Supported values: `5` or `10` seconds.", [5, 10]),
    ("boolean", "Acceptable values: `true`, `false`", None),
    ("string", "Options: cinematic, realistic, etc.", None),
    ("string", "Options: `a`, `b`, and more.", None),
    ("string", "Possible values: e.g. `a`, `b`.", None),
    ("string", "Enum: `a` is quick, `b` is slow.", None),
    ("string", "Supports: `png`, `jpg`.", None),
    ("string", "Available options are limited.", None),
    ("string", "enum: a | b | c", ["a", "b", "c"]),
    ("string", "When `mode` is `fast`, valid values: `a`, `b`.", None),
    ("string", "Recommended:\n\n  * `512x512`: small\n  * `1024x1024`: large", None),
    ("string", "JSON with these keys:\n\n  * `id`: who\n  * `name`: what", None),
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
    ("string", "Encoded, with a maximum resolution of 2048 x 2048.", {}),
    ("array", "Array length: 1 - unlimited", {"minItems": 1}),
    ("array", "Array length: 2+", {"minItems": 2}),
    ("array", "Array length: 2 or more", {"minItems": 2}),
    ("array", "Array length: 2", {"minItems": 2, "maxItems": 2}),
    ("object[]", "Only one value is supported.", {"maxItems": 1}),
    ("object[]", "Only two values are allowed.", {"maxItems": 2}),
    ("object[]", "Only one model is supported.", {}),
    ("object[]", "Only one value is supported with video.", {}),
    ("string", "Where the subtitles are, cut into sentences (no more than 50 characters).", {}),
    ("string", "The text (no more than 50 characters).", {"maxLength": 50}),
    ("string[]", "No more than 7 entries, at least 2 entries.", {"minItems": 2, "maxItems": 7}),
    ("string[]", "Each up to 4 characters.", {}),
    ("string[]", "Films of up to 10 seconds, up to 1080p, up to 24 fps.", {}),
    ("string[]", "Tried again up to 3 times. Recommended max: 3.", {}),
    ("string", "Length limit: 0 - 2000", {"maxLength": 2000}),
    ("string", "Length limit: 1 - unlimited", {"minLength": 1}),
    ("string", "Its words; Cannot exceed 2500 characters.", {"maxLength": 2500}),
    ("string", "The length must be less than 10,000 characters.", {"maxLength": 9999}),
    ("string", "Text with a length limit of 0-220 characters.", {"maxLength": 220}),
    ("string", "Filter. String, length 0–255.", {"maxLength": 255}),
    ("string", "The sound's length: 5-10 seconds. Maximum length 30 seconds.", {}),
    ("string", "Video length 3-5. The clip length must be 5 to 10.", {}),
    ("string", "Up to 500 words, at most 100 tokens, max file size: 10MB.", {}),
    ("string", "Recommended to be less than 8000 characters.", {}),
    ("string", "Maximum length: 1.5 minutes. Max length 1,000 words.", {}),
    ("string", "Words, 1 to 2,000 characters.", {"minLength": 1, "maxLength": 2000}),
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
    ("Look · object[] | null", {"type": ["array", "null"], "items": {"type": "object"}}),
    ("string[] | integer[]", {"type": "array"}),
    ("string or array of strings", {"type": ["string", "array"], "items": {"type": "string"}}),
    ("string, number, or null", {"type": ["string", "number", "null"]}),
    ("array(string)", {"type": "array", "items": {"type": "string"}}),
    ("[]object", {"type": "array", "items": {"type": "object"}}),
    ("string<uri>", {"type": "string"}),
    ("integer(int64)", {"type": "integer"}),
    ("any", {}),
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
    assert "x-dimension" not in found, "a form that says nothing is not told"
    found = stated(
        "string", "2K, or own sides. Each side must be between 512 and 4096, such as 2048x1024.", name="size"
    )
    assert "pattern" not in found
    assert found["x-dimension"]["minimum"] == 512


@pytest.mark.parametrize(
    ("prose", "named", "kept"),
    [
        ("Try 960x1728. Own sizes: dimensions should be 1024-2048px.", "960x1728", (None, None, None)),
        ("Try 1000x1024, in steps: both must be multiples of 32.", "1000x1024", (None, None, None)),
        ("Try 640x960. Dimensions should be 1024-2048px, multiples of 32.", "640x960", (None, None, 32)),
        ("Between [512x512, 2048x2048]. Area: 2560x1440=3686400 and more.", None, (512, 2048, None)),
    ],
)
def test_a_size_that_breaks_the_page_s_own_rule_drops_the_rule(
    prose: str, named: str | None, kept: tuple[int | None, int | None, int | None]
) -> None:
    """The page names it as one that works, so the rule would refuse a right value."""
    found, warnings = read("string", prose, name="size")
    form = found["x-dimension"]
    assert (form["minimum"], form["maximum"], form["multipleOf"]) == kept
    assert len(warnings) == (named is not None)
    assert all(str(named) in warning for warning in warnings)


@pytest.mark.parametrize(
    ("kind", "prose", "values"),
    [
        ("integer", "Length in seconds. The default is 5, with `5` being the only available option.", [5]),
        ("string", "How sharp. Default is 1080p, with `1080p` as the only option available.", ["1080p"]),
        ("integer", "Speed. Currently, only the number 6 is supported.", [6]),
        ("string", "Kind of disk. Must be set to network.", ["network"]),
        ("string", "Its kind. It must be `fast`.", ["fast"]),
        ("integer", "Size in GB. Currently fixed at 100.", [100]),
        ("string", "`paint` is the only supported value.", ["paint"]),
        ("string", "How it comes. Can be `url` or `data`.", ["url", "data"]),
        ("string", "Supported: `a`, `b`", ["a", "b"]),
        ("string", "Model kinds: `open` or `closed`. If left out, both.", ["open", "closed"]),
        ("integer", "Must be set to 5 when fast is on.", None),
        ("integer", "When fast is on, only 5 is supported.", None),
        ("integer", "The aspect ratio is fixed at 1.", None),
        ("string", "Must be set to a number.", None),
        ("string", "Must be set.", None),
        ("string", "A picture. Only `png` is supported.", None),
        ("string", "Can be either large or small.", None),
        ("string", "See the modes: `a` or `b` may follow.", None),
        ("string", "Pictures. Supported: `png`, `jpg`", None),
        ("number", "Version. Must be 1.5.2.", None),
    ],
)
def test_sentences_that_leave_one_choice_or_two(kind: str, prose: str, values: list[Any] | None) -> None:
    """They count where nothing follows that makes them one case of several, or a remark on something else."""
    assert stated(kind, prose).get("enum") == values


def test_two_plain_words_are_choices_of_a_parameter_that_is_a_kind() -> None:
    """A format can be "either float or text"; a picture that can be "either large or small" is no choice."""
    prose = "How numbers come back. Can be either float or text."
    assert stated("string", prose, name="number_format")["enum"] == ["float", "text"]
    assert stated("string", prose, name="numbers") == {}


def test_one_value_that_is_left_contradicts_a_longer_list() -> None:
    """Nobody knows which of the two sentences is older."""
    found, warnings = read("string", "Enum: `a`, `b`. Currently only `a` is supported.")
    assert found == {"type": "string"}
    assert len(warnings) == 1
    assert "“Enum: `a`, `b`”" in warnings[0]


@pytest.mark.parametrize(
    ("kind", "prose"),
    [
        ("string", "What to paint, encoded as a string, array of strings, or array of token arrays."),
        ("string", "Can be a string or a list of strings."),
        ("integer", "May be either an integer or a string."),
    ],
)
def test_a_type_that_the_prose_widens_is_no_type(kind: str, prose: str) -> None:
    """The narrower one would refuse right values."""
    found, warnings = read(kind, prose)
    assert found == {}
    assert len(warnings) == 1
    assert f"its type `{kind}` contradicts" in warnings[0]


@pytest.mark.parametrize(
    ("kind", "prose"),
    [
        ("string | string[]", "Can be a string or an array of strings."),
        ("number", "Can be an integer or a number."),
        ("string", "Can be a link or the picture itself."),
        ("string", "Can be a string or a list of strings that are joined, as text."),
    ],
)
def test_a_type_that_holds_all_of_them_stays(kind: str, prose: str) -> None:
    """Only types that the written one does not hold contradict it."""
    assert "type" in read(kind, prose)[0]
    assert read(kind, prose)[1] == []


def test_a_text_that_counts_several_is_a_warning() -> None:
    """ "Up to 4 sequences" of a text: the page means a list, but says a text."""
    found, warnings = read("string | null", "Up to 4 sequences end it.")
    assert found == {"type": ["string", "null"]}
    assert warnings == ["`value`: “Up to 4 sequences” counts several, but its type holds one text"]


@pytest.mark.parametrize(
    ("kind", "prose", "facts"),
    [
        ("integer", "Range [64, 2048].\n  Step: 8", {"minimum": 64, "maximum": 2048, "multipleOf": 8}),
        ("integer", "Range [1, 10]. Step: 3", {"minimum": 1, "maximum": 10}),
        ("integer", "Step: 3", {}),
        ("number", "Range: 0 to 1\n  Step: 0.01", {"minimum": 0, "maximum": 1}),
        ("integer", "Range [0, 9]. First step: 3 pictures.", {"minimum": 0, "maximum": 9}),
    ],
)
def test_steps(kind: str, prose: str, facts: dict[str, Any]) -> None:
    """A step counts from the least value, a multiple from zero; fractions are no multiples of each other in binary."""
    assert stated(kind, prose) == facts


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
        ("number", "Range (0, 10], loud.\n\n  Value range: [0, 10]", ("Range (0, 10]", "Value range: [0, 10]")),
        ("integer", "Range [1, 8]. It must not exceed 5.", ("Range [1, 8]", "It must not exceed 5")),
        ("string", "Enum: `a`, `b`. See:\n\n  * `a`: one\n  * `c`: two", ("Enum: `a`, `b`", "`c`: two")),
        ("string", "Length limit: 5 - 9. At least 12 characters.", ("Length limit: 5 - 9", "At least 12 characters")),
    ],
)
def test_a_contradiction_sets_nothing_and_quotes_both_sentences(kind: str, prose: str, names: tuple[str, str]) -> None:
    """Whichever of two statements is right, the other one would make a wrong schema."""
    found, warnings = read(kind, prose)
    assert set(found) <= {"type", "items"}
    assert len(warnings) == 1
    assert all(name in warnings[0] for name in names)


def test_what_the_markup_states_is_held_against_the_prose() -> None:
    """Attributes for bounds and lengths count like sentences, and contradict them like sentences."""
    assert stated("integer", "Seed.", attributes="minimum={-1} maximum={9}") == {"minimum": -1, "maximum": 9}
    assert stated("string", "Words.", attributes='minLength={2} maxLength="9"') == {"minLength": 2, "maxLength": 9}
    found, warnings = read("integer", "Range [0, 9].", attributes="minimum={-1} maximum={9}")
    assert found == {"type": "integer"}
    assert warnings == ["`value`: “minimum=-1, maximum=9” contradicts “Range [0, 9]”; range: nothing is set"]


@pytest.mark.parametrize(
    ("attributes", "prose", "required", "words"),
    [
        ("required={true}", "What to do. Optional.", False, ("required", "Optional")),
        ("required={false}", "Required. What to do.", False, ("required: no", "Required")),
        ("", "Required. What to do.", True, None),
        ("", "Required for private pictures.", False, None),
        ("required={false}", "Required if none is given.", False, None),
        ("required", "What to do.", True, None),
    ],
)
def test_what_is_required(attributes: str, prose: str, required: bool, words: tuple[str, str] | None) -> None:
    """The mark of the markup, or a sentence that says nothing else; two that disagree ask for nothing."""
    text = f'<ParamField body="value" type="string" {attributes}>\n  {prose}\n</ParamField>\n'
    page = read_page(text, "page.md")
    assert page.parameters[0].required is required
    assert len(page.warnings) == (words is not None)
    assert all(word in page.warnings[0] for word in words or ())


def test_a_parameter_s_own_name_makes_a_statement_its_own() -> None:
    """A "port range" bounds `port`, "accepts 1 to 7 images" counts `images`, "supported formats" lists `format`."""
    port = stated("integer", "Supported port range: 1-65535, except for 2222.", name="port")
    assert port == {"minimum": 1, "maximum": 65535}
    assert stated("integer", "Supported port range: 1-65535.", name="count") == {}
    assert stated("string[]", "* Accepts 1 to 7 images", name="images") == {
        "items": {"type": "string"}, "minItems": 1, "maxItems": 7,
    }  # fmt: skip
    both = stated("string[]", "How to pay. Valid values:\n\n  * `now`: at once\n  * `later`: by month")
    assert both == {"items": {"type": "string", "enum": ["now", "later"]}}
    assert "maxItems" not in stated("string[]", "* Accepts 1 to 7 views", name="images")
    assert stated("string", "Supported formats: `wav`, `pcm`.", name="output_format")["enum"] == ["wav", "pcm"]
    assert stated("string", "Supported formats: `wav`, `pcm`.", name="voice") == {}


def test_a_file_is_no_json() -> None:
    """Uploads are parts of a form: the schema says so, and a warning too."""
    found, warnings = read("file", "Lines of JSON.")
    assert found == {"type": "string", "format": "binary"}
    assert warnings == ["`value` is a file, sent as a part of a form; JSON cannot hold it"]


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
