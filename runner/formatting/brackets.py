"""What stands in [ ] and { }: the spaces around commas and colons, and nothing else.

The parser says where each word in it begins and ends. Between two words there are only brackets, commas, colons,
spaces, line ends and comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from runner.document import Document, Path, Span

_SIGN = re.compile(r"[\[\]{},:]|#.*")
_NOTHING = frozenset({"~", "null", "Null", "NULL"})

_Place = tuple[int, int]
"""Line and column, from 0."""


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A value in brackets, from the opening one to the closing one."""

    lines: tuple[str, ...]
    """Below the first with the spaces that they begin with in the file."""
    last: int
    """The line of the file in which the closing bracket stands, from 0."""
    stop: int
    """The column behind it, from 0."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, a bracket, a comma, a colon or a comment, where it begins and where it ends."""

    text: str
    start: _Place
    stop: _Place


def read(document: Document, path: Path, data: Any) -> Bracketed:
    """The value in brackets at `path`, with the spaces in it put right; as it is where it holds anything unusual."""
    start = _start(document.values[path])
    pieces = list(_pieces(document.lines, start, dict(_words(document, path, data))))
    last, stop = pieces[-1].stop
    lines = [*document.lines[start[0] : last], document.lines[last][:stop]]
    if not _unusual(pieces):
        rows: list[list[_Piece]] = [[] for _ in lines]
        for piece in pieces:
            rows[piece.start[0] - start[0]].append(piece)
        lines = [_indent(line) + _spaced(row) for line, row in zip(lines, rows, strict=True)]
        return Bracketed((lines[0].lstrip(" "), *lines[1:]), last, stop)
    return Bracketed((lines[0][start[1] :].rstrip(), *(line.rstrip() for line in lines[1:])), last, stop)


def _words(document: Document, path: Path, data: Any) -> Iterator[tuple[_Place, _Place]]:
    """Where each key and each single value in it begins and ends."""
    children = enumerate(data) if isinstance(data, list) else data.items()
    for name, value in children:
        where = (*path, name)
        if isinstance(data, dict):
            yield _start(document.keys[where]), _stop(document.keys[where])
        span = document.values[where]
        written = document.texts.get(where)
        if isinstance(value, dict | list):
            yield from _words(document, where, value)
        elif written and len(written.spans) > 1:
            end = written.spans[-1]
            quoted = document.lines[span.line - 1][span.column - 1] in "\"'"
            yield _start(span), (end.line - 1, end.column - 1 + end.width + quoted)
        elif value is not None or document.lines[span.line - 1][span.column - 1 : _stop(span)[1]] in _NOTHING:
            yield _start(span), _stop(span)


def _pieces(lines: Sequence[str], start: _Place, words: Mapping[_Place, _Place]) -> Iterator[_Piece]:
    """Everything from the opening bracket to the closing one. What is not known comes character by character."""
    line, column = start
    depth = 0
    while line < len(lines):
        here = (line, column)
        sign = _SIGN.match(lines[line], column)
        stop = words.get(here) or (line, sign.end() if sign else column + 1)
        text = lines[line][column : stop[1]] if stop[0] == line else "\n"
        if column >= len(lines[line]):
            stop = (line + 1, 0)
        elif text != " ":
            yield _Piece(text, here, stop)
        if sign and here not in words:
            depth += (text in "[{") - (text in "]}")
            if depth == 0:
                return
        line, column = stop


def _unusual(pieces: Sequence[_Piece]) -> bool:
    """Whether something stands there that is better left alone: a text over several lines, a colon without a value."""
    if any(piece.start[0] != piece.stop[0] for piece in pieces):
        return True
    signs = [bool(_SIGN.fullmatch(piece.text)) for piece in pieces]
    for (left, is_sign), (right, other_is_sign) in pairwise(zip(pieces, signs, strict=True)):
        if not is_sign and not other_is_sign:
            return True
        if left.text == ":" and (right.text in {",", "]", "}", ":"} or right.text.startswith("#")):
            return True
    return False


def _spaced(row: Sequence[_Piece]) -> str:
    """The pieces of one line with the spaces that belong between them."""
    text = ""
    before = ""
    for piece in row:
        if before and piece.text.startswith("#"):
            text += "  "
        elif before in {",", ":"} and piece.text not in {"]", "}"}:
            text += " "
        text += piece.text.rstrip()
        before = piece.text
    return text


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]


def _start(span: Span) -> _Place:
    return span.line - 1, span.column - 1


def _stop(span: Span) -> _Place:
    return span.line - 1, span.column - 1 + span.width
