"""Inputs: what a caller may give, how it is read, and what is said when it does not suit."""

from __future__ import annotations

from typing import Any

import pytest

from runner.errors import UsageError
from runner.inputs import Input, given


def one(kind: str, **more: Any) -> Input:
    return Input("x", kind, **more)


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        (one("text"), "Mug", "Mug"),
        (one("text"), "5", "5"),
        (one("number"), "4", 4),
        (one("number"), "4.0", 4.0),
        (one("number"), "-.5", -0.5),
        (one("integer"), "-4", -4),
        (one("integer"), "1000000000000000", 10**15),
        (one("boolean"), "true", True),
        (one("boolean"), "Yes", True),
        (one("boolean"), "off", False),
        (one("choice", options=("a", "b")), "b", "b"),
        (one("color"), "#ff8800", "#ff8800"),
        (one("image"), "photos/mug.jpg", "photos/mug.jpg"),
    ],
)
def test_values_are_read_by_their_type(declared: Input, text: str, value: Any) -> None:
    """A whole number stays one, even for an input that takes decimals."""
    read = declared.read(text)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("declared", "text", "hint"),
    [
        (one("number"), "nan", "expected: a number"),
        (one("number"), "inf", "expected: a number"),
        (one("number"), "1e400", "expected: a number"),
        (one("number"), "1e16", "from -1000000000000000 to 1000000000000000"),
        (one("integer"), "9" * 4200, "from -1000000000000000 to 1000000000000000"),
        (one("integer"), "9" * 5000, "from -1000000000000000 to 1000000000000000"),
        (one("integer"), "1_0", "expected: a whole number"),
        (one("integer"), "٣", "expected: a whole number"),
        (one("integer"), " 5 ", "expected: a whole number"),
        (one("integer"), "4.0", "expected: a whole number, without a point: 4"),
        (one("integer"), "4.5", "expected: a whole number"),
        (one("number"), "1_0.5", "expected: a number"),
        (one("number", minimum=1234567.5), "1", "expected: at least 1234567.5"),
        (one("number", maximum=1e6), "2000000", "expected: at most 1000000"),
        (one("text"), "x" * 900_000, "at most 20000 characters, not 900000"),
        (one("text", max_length=3), "long", "0 to 3 characters, not 4"),
        (one("boolean"), "maybe", "expected: true or false"),
        (one("boolean"), "tru", "did you mean `true`? expected: true or false"),
        (one("number"), "2,5", "did you mean `2.5`? expected: a number"),
        (one("number", maximum=2), "2,5", "expected: a number"),
        (one("integer"), "2,5", "expected: a whole number"),
        (one("choice", options=("winter", "spring")), "Winter", "did you mean `winter`? expected: one of"),
        (one("choice", options=("winter", "spring")), "wintr", "did you mean `winter`? expected: one of"),
        (one("color"), "ff8800", "did you mean `#ff8800`? expected: a name"),
        (one("choice", options=("a", "b")), "c", "expected: one of: a, b"),
        (one("color"), "redd", "expected: a name like"),
    ],
)
def test_what_does_not_suit_is_refused_in_words(declared: Input, text: str, hint: str) -> None:
    """Every value is held against its input before anything else looks at it."""
    with pytest.raises(UsageError) as caught:
        declared.read(text)
    assert "does not suit the input `x`" in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 2e15])
def test_defaults_are_plain_numbers_too(value: float) -> None:
    """What a recipe declares passes the same check as what a caller gives."""
    assert one("number").objection(value) is not None
    assert one("integer").objection(value) is not None


def test_an_integer_is_written_without_a_point() -> None:
    """A default of 4.0 would reach the request as a decimal."""
    assert one("integer").objection(4) is None
    assert one("integer").objection(4.0) == "a whole number, without a point: 4"
    assert one("text").objection(True) == 'a text; put it in quotes: "true"'


def test_a_value_that_is_no_text_is_refused() -> None:
    """Bytes of another encoding arrive from a command line as halves of characters, which nothing can write down."""
    for kind in ("text", "image"):
        with pytest.raises(UsageError, match="is not text that can be read as UTF-8"):
            one(kind).read("a\udcff")


INPUTS = {
    "product": Input("product", "text", help="Its name"),
    "count": Input("count", "integer", default=2),
    "season": Input("season", "choice", options=("summer", "winter"), default="winter"),
}


def test_values_are_what_was_given_else_the_default() -> None:
    """Every input has a value in the end, in the recipe's order."""
    assert given(INPUTS, {"count": "3", "product": "Mug"}) == {"product": "Mug", "count": 3, "season": "winter"}


def test_all_wrong_values_are_told_at_once() -> None:
    """One line for each; a single one is told as it is."""
    with pytest.raises(UsageError) as caught:
        given(INPUTS, {"count": "many", "seasn": "winter", "season": "Winter"})
    lines = caught.value.message.splitlines()
    assert lines[0] == "4 inputs are not right:"
    assert [line.split(";")[0].strip() for line in lines[1:]] == [
        "the recipe has no input `seasn`",
        "the input `product` has no value (Its name)",
        "`many` does not suit the input `count`",
        "`Winter` does not suit the input `season`",
    ]
    with pytest.raises(UsageError) as caught:
        given(INPUTS, {"product": "Mug", "count": "many"})
    assert (caught.value.message, caught.value.hint) == (
        "`many` does not suit the input `count`",
        "expected: a whole number",
    )
