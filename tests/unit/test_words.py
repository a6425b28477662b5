"""Problems as plain text: the caret stands under what it means, in any terminal."""

from __future__ import annotations

import pytest

from runner.errors import Diagnostic, Location
from runner.report.words import diagnostic_text


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
