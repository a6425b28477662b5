"""Where each key and each item of a document stands, which lines are its own, and what stands behind it.

YAML's parser tells where keys and values begin; where a value ends is found in the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from runner.document import Document, Path, Span
from runner.errors import Diagnostic, InvalidRecipe, Location
from runner.formatting import leaf as leaves
from runner.formatting.leaf import Leaf

_COMMENT_OR_NOTHING = re.compile(r"\s*(#.*)?\Z")
_BEFORE_KEY = re.compile(r"[ -]*\Z")
_COLON = re.compile(r"\s*:(?=\s|\Z)")


@dataclass(frozen=True, slots=True)
class Place:
    """A key or an item; lines and columns count from 0."""

    path: Path
    line: int
    column: int
    key: str
    leaf: Leaf | None
    """None where a block follows."""
    last: int
    """The last line of its own: of the value, or of the key where a block follows."""
    behind: str = ""
    behind_column: int = -1
    """Where that comment begins; -1 where it cannot go on in the next line."""


def places(document: Document) -> list[Place]:
    """All entries in the order of the file, each before what stands in it.

    Raises InvalidRecipe where it is written in a way that is not understood here: nothing may be moved then.
    """
    return _Places(document).read()


def children(data: Any) -> Iterable[tuple[str | int, Any]]:
    """The names and values of a block, or the numbers and items of a list."""
    return enumerate(data) if isinstance(data, list) else data.items()


class _Places:
    """Reads one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lines: Sequence[str] = document.lines

    def read(self) -> list[Place]:
        for span in (*self.document.keys.values(), *self.document.values.values()):
            if self._begins(span) == "&":
                raise self._stands_for_another(span)
        return list(self._places((), self.document.data))

    def _places(self, path: Path, data: Any) -> Iterator[Place]:
        """All entries in the order of the file, each before what stands in it."""
        after = -1
        for name, value in children(data):
            place = self._place((*path, name), value, self._start(path, name, after))
            yield place
            after = place.last
            if place.leaf is None:
                for each in self._places(place.path, value):
                    after = each.last
                    yield each

    def _start(self, path: Path, name: str | int, after: int) -> Span:
        """A key, or an item's dash: in the line of its value, or in one above it, but below line `after`."""
        if isinstance(name, str):
            return self.document.keys[(*path, name)]
        value, column = self.document.values[(*path, name)], self.document.values[path].column - 1
        for line in range(value.line - 1, after, -1):
            before, text = self.lines[line][:column], self.lines[line][column:]
            if (text == "-" or text.startswith("- ")) and _BEFORE_KEY.match(before):
                return Span(line + 1, column + 1, 1)
        raise self._not_understood(value)

    def _place(self, path: Path, data: Any, start: Span) -> Place:
        """One entry, with what stands in its own lines."""
        line, column = start.line - 1, start.column - 1
        text = self.lines[line]
        stop = column + start.width
        key = text[column:stop] if isinstance(path[-1], str) else ""
        if key:
            colon = _COLON.match(text, stop)
            if colon is None:
                raise self._not_understood(start)
            stop = colon.end()
        value = self.document.values[path]
        if not _BEFORE_KEY.match(text[:column]) or (value.line - 1, value.column - 1) < (line, stop):
            raise self._not_understood(start)
        if isinstance(data, dict | list) and self._begins(value) not in {"{", "["}:
            leaf, last = None, line
            comment = (line, stop) if value.line - 1 > line else None
        else:
            found = leaves.read(self.document, path, data, column, (line, stop))
            leaf, last, comment = found.leaf, found.last, found.comment
        if comment is None:
            return Place(path, line, column, key, leaf, last)
        match = _COMMENT_OR_NOTHING.match(self.lines[comment[0]], comment[1])
        if match is None:
            raise self._not_understood(Span(comment[0] + 1, comment[1] + 1, 1))
        goes_on = leaf is None or not leaf.block
        behind, behind_column = (match[1] or "").rstrip(), match.start(1) if goes_on else -1
        return Place(path, line, column, key, leaf, last, behind, behind_column)

    def _begins(self, span: Span) -> str:
        """The character that a key or value begins with."""
        return self.lines[span.line - 1][span.column - 1 : span.column]

    def _not_understood(self, span: Span) -> InvalidRecipe:
        hint = "write each key as `key: value`, and each item of a list with a dash"
        return self._refused(span, "this way of writing cannot be put in order", hint)

    def _stands_for_another(self, span: Span) -> InvalidRecipe:
        hint = "write out what `*` repeats, and take the `&` away"
        return self._refused(span, "a value with a `&` name is repeated here; moving lines could change it", hint)

    def _refused(self, span: Span, message: str, hint: str) -> InvalidRecipe:
        place = Location(self.document.file, span.line, span.column)
        return InvalidRecipe([Diagnostic(place, message, hint, self.lines[span.line - 1], span.width)])
