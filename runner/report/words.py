"""Problems as plain text: needs no terminal library, so that `validate` starts fast."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from runner.errors import Diagnostic, RetouchError

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Control characters, those that turn the writing direction, halves of pairs, and what nobody can see."""
_MOST_QUOTED = 160
PRICE_WANTED = (
    "Look it up on the host's price page, and write it in US dollars a picture to the text file `retouch.toml`, below "
    "`[prices]`"
)
"""What to do where the price of a model is not known."""
_NARROWEST = 20
"""Letters that a line has room for, however narrow the terminal is."""


def clean(text: str) -> str:
    """Text that is safe for a terminal: control, bidi and invisible characters are written out as `\\u001b`."""
    return _UNSAFE.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    """As JSON writes it, so that JSON stays JSON: the two halves of a pair where four digits are too few."""
    code = ord(found.group())
    units = [code] if code < 0x10000 else [0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF)]
    return "".join(f"\\u{unit:04x}" for unit in units)


def clean_line(text: str) -> str:
    """The same for one row of a table or one line of a message, which may not become two."""
    return clean(" ".join(text.split()))


def diagnostic_text(problem: Diagnostic, width: int | None = None) -> str:
    """One problem: place and message, the quoted line with a caret, the hint, the corrected line if it is known.

    Sentences are broken between words where they are wider than `width`; quoted lines stay whole.
    """
    lines = [wrapped(f"{clean(str(problem.location))}: {clean(problem.message)}", width)]
    if problem.quoted.strip():
        quoted, column = excerpt(problem.quoted, problem.location.column)
        number = str(problem.location.line)
        before, marked = quoted[: column - 1], quoted[column - 1 :][: problem.width]
        lines.append(f"  {number} | {clean(quoted)}")
        lines.append(f"  {' ' * len(number)} | {' ' * _cells(before)}{'^' * max(1, _cells(marked))}")
    if problem.hint:
        lines.append(wrapped(f"  {clean(problem.hint)}", width))
    if problem.corrected is not None:
        corrected, _ = excerpt(problem.corrected, problem.location.column)
        lines += ["  corrected:", f"  {problem.location.line} | {clean(corrected)}"]
    return "\n".join(lines)


def diagnostics_text(problems: Sequence[Diagnostic], width: int | None = None) -> str:
    """All problems, an empty line between two."""
    return "\n\n".join(diagnostic_text(problem, width) for problem in problems)


def error_text(error: RetouchError, width: int | None = None) -> str:
    """An error and what to do about it."""
    told = f"retouch: {clean(error.message)}"
    return wrapped(f"{told}\n  {clean(error.hint)}" if error.hint else told, width)


def wrapped(text: str, width: int | None) -> str:
    """A text whose lines are broken between words where they are wider than `width`; None has room for all.

    A line that is a command stays whole: it is there to be copied.
    """
    if width is None:
        return text
    return "\n".join(
        line if _cells(line) <= width or line.lstrip().startswith("retouch ") else _broken(line, width)
        for line in text.split("\n")
    )


def _broken(line: str, width: int) -> str:
    """A line on as many as it takes, each as far in as the first; a word that is wider stays whole."""
    indent = line[: len(line) - len(line.lstrip())]
    width = max(width, _NARROWEST)
    told, room = indent, width - _cells(indent)
    for at, word in enumerate(line.split()):
        wide = _cells(word)
        if at and wide + 1 > room:
            told, room = f"{told}\n{indent}", width - _cells(indent)
        elif at:
            told, room = f"{told} ", room - 1
        told, room = told + word, room - wide
    return told


def counted(number: int, thing: str) -> str:
    """A number of things, for instance "1 recipe" or "3 recipes"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def enumerated(words: Sequence[str]) -> str:
    """Words as a sentence names them, for instance "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), *words[-1:]] if len(words) > 1 else words)


def _cells(text: str) -> int:
    """How many cells of a terminal a text takes once it is clean: wide letters take two, marks on letters none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in clean(text)
    )


def excerpt(line: str, column: int) -> tuple[str, int]:
    """A long line, cut to the part around the column; and the column in it."""
    if len(line) <= _MOST_QUOTED:
        return line, column
    start = max(0, column - 1 - _MOST_QUOTED // 2)
    part = line[start : start + _MOST_QUOTED]
    return ("…" + part[1:] if start else part), column - start
