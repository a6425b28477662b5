"""Problems as plain text: the caret stands under what it means, in any terminal."""

from __future__ import annotations

import pytest

from runner.errors import Diagnostic, Location
from runner.report.words import diagnostic_text, wrapped


def shown(line: str, column: int, width: int = 1) -> tuple[str, str]:
    """The quoted line and the line with the caret, without what stands before the bar."""
    told = diagnostic_text(Diagnostic(Location("r.yaml", 7, column), "no", None, line, width)).splitlines()
    return told[1].removeprefix("  7 | "), told[2].removeprefix("    | ")


@pytest.mark.parametrize(
    ("line", "column", "width", "caret"),
    [
        ("a: bc", 4, 2, "   ^^"),
        ("a\u200b: bc", 5, 2, " " * 9 + "^^"),
        ("a: \u200b", 4, 1, "   ^^^^^^"),
        ("屋根: bc", 5, 2, "      ^^"),
        ("a: 屋根", 4, 2, "   ^^^^"),
        ("e\u0301: bc", 5, 2, "   ^^"),
        ("a: b", 4, 99, "   ^"),
        ("a:", 3, 1, "  ^"),
    ],
    ids=["plain", "hidden before", "hidden", "wide before", "wide", "accent", "too wide", "behind the end"],
)
def test_the_caret_stands_under_the_word(line: str, column: int, width: int, caret: str) -> None:
    """Letters that a terminal shows in two cells, and those that are written out, move the caret."""
    assert shown(line, column, width)[1] == caret


def test_a_long_line_is_cut_around_the_caret() -> None:
    """What is quoted of it has the word in it, and the caret stands below it."""
    quoted, caret = shown("x" * 500 + "here" + "y" * 500, 501, 4)
    assert len(quoted) == 160
    assert quoted[caret.index("^") :][: caret.count("^")] == "here"


def test_a_corrected_line_stands_below_the_hint() -> None:
    """It stands behind the same margin as the quoted line, so that the two can be compared."""
    problem = Diagnostic(Location("r.yaml", 7, 3), "no", "so", "  promt: x", 5, "  prompt: x")
    assert diagnostic_text(problem).splitlines()[1:] == [
        "  7 |   promt: x",
        "    |   ^^^^^",
        "  so",
        "  corrected:",
        "  7 |   prompt: x",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a colour is missing here", "a colour is missing\nhere"),
        ("  write a colour like `#ffffff`", "  write a colour\n  like `#ffffff`"),
        ("see photos/of/the/whole/family.jpg, please", "see\nphotos/of/the/whole/family.jpg,\nplease"),
        ("屋根 屋根屋根 屋根 屋根", "屋根 屋根屋根 屋根\n屋根"),
        (
            "go on with:\n  retouch run shop.yaml -i photo=mug.jpg",
            "go on with:\n  retouch run shop.yaml -i photo=mug.jpg",
        ),
    ],
    ids=["a sentence", "a hint", "a long word", "wide letters", "a command"],
)
def test_sentences_are_broken_between_words(text: str, told: str) -> None:
    """A word that is wider than the terminal stays whole, and so does a command, which is there to be copied."""
    assert wrapped(text, 20) == told
    assert wrapped(text, None) == text
