"""Problems as plain text: needs no terminal library, so that `validate` starts fast."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from runner.errors import Diagnostic, RetouchError

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_MOST_QUOTED = 160


def clean(text: str) -> str:
    """Text that is safe for a terminal: control, bidi and invisible characters are written out as `\\u001b`."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def clean_line(text: str) -> str:
    """The same for one row of a table or one line of a message, which may not become two."""
    return clean(" ".join(text.split()))


def diagnostic_text(problem: Diagnostic) -> str:
    """One problem: place and message, the quoted line with a caret, the hint."""
    lines = [f"{clean(str(problem.location))}: {clean(problem.message)}"]
    if problem.quoted.strip():
        quoted, column = _cut(problem.quoted, problem.location.column)
        number = str(problem.location.line)
        before, marked = quoted[: column - 1], quoted[column - 1 :][: problem.width]
        lines.append(f"  {number} | {clean(quoted)}")
        lines.append(f"  {' ' * len(number)} | {' ' * _cells(before)}{'^' * max(1, _cells(marked))}")
    if problem.hint:
        lines.append(f"  {clean(problem.hint)}")
    return "\n".join(lines)


def diagnostics_text(problems: Sequence[Diagnostic]) -> str:
    """All problems, an empty line between two."""
    return "\n\n".join(diagnostic_text(problem) for problem in problems)


def error_text(error: RetouchError) -> str:
    """An error and what to do about it."""
    told = f"retouch: {clean(error.message)}"
    return f"{told}\n  {clean(error.hint)}" if error.hint else told


def _cells(text: str) -> int:
    """How many cells of a terminal a text takes once it is clean: wide letters take two, marks on letters none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in clean(text)
    )


def _cut(line: str, column: int) -> tuple[str, int]:
    """A long line, cut to the part around the column; and the column in it."""
    if len(line) <= _MOST_QUOTED:
        return line, column
    start = max(0, column - 1 - _MOST_QUOTED // 2)
    part = line[start : start + _MOST_QUOTED]
    return ("…" + part[1:] if start else part), column - start
