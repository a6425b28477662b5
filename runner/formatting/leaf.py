"""Values that are no blocks: words, numbers, texts below a `|`, and what stands in [ ] and { }."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from runner.document import Document, Path, Span
from runner.formatting import brackets

STEP = 2
"""Spaces by which one block is set in further than the one around it."""

_HEADER = re.compile(r"[|>][-+0-9]*")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value as it is written."""

    first: str
    """What stands in the line of the key, or of the dash."""
    more: tuple[str, ...] = ()
    """The lines below, set in as seen from the column of the key or dash."""
    kept: bool = False
    """A text below a `|+`: the empty lines that end it belong to it."""
    block: bool = False
    """A text below a `|` or `>`: a comment behind it stands in its first line."""


@dataclass(frozen=True, slots=True)
class Extent:
    """A value, and where it ends; lines and columns count from 0."""

    leaf: Leaf
    last: int
    """The last line of the value."""
    comment: tuple[int, int] | None
    """Line and column from which on a comment may stand behind it; None where the lines were taken whole."""


def read(document: Document, path: Path, data: Any, column: int, after: tuple[int, int]) -> Extent:
    """The value at `path`, whose key or dash begins in `column`; `after` is the place behind its colon or dash."""
    lines, value = document.lines, document.values[path]
    line, start = value.line - 1, value.column - 1
    begins = lines[line][start : start + 1]
    if begins in {"", " "}:
        return Extent(Leaf(""), after[0], after)
    if begins in {"|", ">"}:
        found = _block_text(lines, line, start, column)
    elif begins in {"{", "["}:
        found = _in_brackets(document, path, data, column)
    else:
        found = _words(document, path, value)
    if line == after[0]:
        return found
    first = lines[after[0]][after[1] :].strip()
    own = [text if begins in {"|", ">", "'", '"'} else text.rstrip() for text in lines[after[0] + 1 : found.last + 1]]
    return Extent(Leaf(first, _set_in(own), kept=found.leaf.kept), found.last, None)


def _words(document: Document, path: Path, value: Span) -> Extent:
    """A plain value or one in quotes, which may go on in the lines below."""
    lines = document.lines
    line, start = value.line - 1, value.column - 1
    written = document.texts.get(path)
    last = written.spans[-1].line - 1 if written and written.spans else line
    if last == line:
        stop = start + value.width
        return Extent(Leaf(lines[line][start:stop].rstrip()), line, (line, stop))
    quoted = lines[line][start] in "\"'"
    own = [text if quoted else text.rstrip() for text in lines[line : last + 1]]
    return Extent(Leaf(own[0][start:], _set_in([*own[1:-1], own[-1].rstrip()])), last, None)


def _in_brackets(document: Document, path: Path, data: Any, column: int) -> Extent:
    """[ ] and { }, which may go on in the lines below."""
    found = brackets.read(document, path, data)
    more = tuple(line[min(column, _indent(line)) :] for line in found.lines[1:])
    return Extent(Leaf(found.lines[0], more), found.last, (found.last, found.stop))


def _block_text(lines: Sequence[str], line: int, start: int, column: int) -> Extent:
    """A text below a `|` or `>`, every character of it as it is.

    Its lines are those that are set in as far as the first one that is not empty, or as far as a number behind the sign
    says; empty ones at its end belong to it only below a `|+`.
    """
    header = _HEADER.match(lines[line], start)
    assert header is not None
    digit = _DIGIT.search(header.group())
    base = column + int(digit.group()) if digit else 0
    last = line
    for number in range(line + 1, len(lines)):
        text = lines[number]
        if text.strip():
            base = base or max(_indent(text), column + 1)
            if _indent(text) < base:
                break
            last = number
        elif base and len(text) > base:
            last = number
    kept = "+" in header.group()
    while kept and last + 1 < len(lines) and not lines[last + 1].strip():
        last += 1
    own = lines[line + 1 : last + 1]
    more = tuple(text[column:].rstrip(" ") if len(text) <= base else text[column:] for text in own)
    if not digit:
        more = tuple(" " * STEP + text[base:] if len(text) > base else "" for text in own)
    leaf = Leaf(header.group(), more, kept=kept, block=True)
    return Extent(leaf, last, (line, header.end()))


def _set_in(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines one step in, as they stand to each other."""
    own = list(lines)
    base = min((_indent(line) for line in own if line.strip()), default=0)
    return tuple(" " * STEP + line[base:] if line.strip() else "" for line in own)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
