"""A document as blocks of lines: which comment goes with which key, and which lines are a value's own.

YAML's parser drops comments. What lies between two values is comments and empty lines, and each of them gets one owner
here:

- a comment in the line of a value is `behind` it, and so are those right below that begin in the same column;
- one that is set in further than what comes next belongs to a block that ends here: it is the block's `end`;
- every other one stands `above` what comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from runner.document import Document, Path
from runner.formatting.leaf import Leaf
from runner.formatting.places import Place, children, places

_MARKERS = ("---", "%")
_END = "..."
"""Ends a YAML text; at the end of a file it says nothing."""

Comments = tuple[str, ...]
"""Own lines, one each: a comment from its `#` on, or "" for an empty line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value, or an item of a list, and the comments that go with it."""

    name: str | int
    key: str
    """As written, with quotation marks; "" for an item."""
    value: Block | Leaf
    above: Comments = ()
    behind: Comments = ()
    """The comment in the line of the key or value, and those that go on below it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Keys, or the items of a list, one below the other."""

    entries: tuple[Entry, ...]
    end: Comments = ()
    """What follows the last entry, set in as far as the block is."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole file."""

    head: Comments
    """What stands above everything else, and does not go with the first key."""
    block: Block


@dataclass(slots=True)
class _Gathered:
    """The comments found so far, by the path of their owner."""

    above: dict[Path, list[str]] = field(default_factory=dict)
    behind: dict[Path, list[str]] = field(default_factory=dict)
    end: dict[Path, list[str]] = field(default_factory=dict)


def outline(document: Document) -> Outline:
    """The blocks of a document whose top is keys below one another.

    Raises InvalidRecipe where it is written in a way that is not understood here: nothing may be moved then.
    """
    return _Outliner(document).read()


class _Outliner:
    """Reads one document."""

    def __init__(self, document: Document) -> None:
        self.document = replace(document, lines=document.lines[:-1])  # the last one is what follows the last line end
        self.lines = self.document.lines
        self.found = _Gathered()
        self.columns: dict[Path, int] = {}
        """Where the entries of each block begin."""

    def read(self) -> Outline:
        found = places(self.document)
        for place in found:
            self.columns.setdefault(place.path[:-1], place.column)
        head = self._head(found[0])
        for place, following in zip(found, [*found[1:], None], strict=True):
            self._share(place, following)
        by_path = {place.path: place for place in found}
        head = self._with_modelines(head)
        return Outline(tuple(head), self._block((), self.document.data, by_path))

    def _head(self, first: Place) -> list[str]:
        """What stands above the first key and is about the whole file: all above the last empty line.

        A comment right above the key goes with the key.
        """
        lines = [line.strip() for line in self.lines[: first.line]]
        last = max((number for number, line in enumerate(lines) if not line or line.startswith(_MARKERS)), default=-1)
        self.found.above[first.path] = lines[last + 1 :]
        return lines[: last + 1]

    def _with_modelines(self, head: list[str]) -> list[str]:
        """The head with the line that tells editors where the schema is on top, above whichever key it stood."""
        modelines = []
        for lines in (head, *(lines for path, lines in self.found.above.items() if len(path) == 1)):
            modelines += [line for line in lines if is_modeline(line)]
            lines[:] = [line for line in lines if not is_modeline(line)]
        head = modelines + head
        while head and not head[0]:
            head.pop(0)
        return head

    def _share(self, place: Place, following: Place | None) -> None:
        """Give each comment between one entry and the next to its owner."""
        behind = [place.behind] if place.behind else []
        if behind:
            self.found.behind[place.path] = behind
        lines = range(place.last + 1, following.line if following else len(self.lines))
        below = following is not None and place.leaf is None
        closing = [] if below else self._closing(place, following)
        waiting: list[str] = []
        going_on = bool(behind)
        for number in lines:
            text = self.lines[number].strip()
            column = len(self.lines[number]) - len(self.lines[number].lstrip())
            going_on = going_on and column == place.behind_column and text.startswith("#")
            if going_on:
                behind.append(text)
                continue
            if not text or text == _END:
                waiting.append("")
                continue
            while closing and (self.columns[closing[0]] > column or (following and column <= following.column)):
                closing.pop(0)
            waiting.append(text)
            if closing:
                self.found.end.setdefault(closing[0], []).extend(waiting)
                waiting = []
        if following:
            self.found.above[following.path] = waiting

    def _closing(self, place: Place, following: Place | None) -> list[Path]:
        """The blocks that end between two entries, the innermost first; at the end of the file, all."""
        blocks = [place.path[:size] for size in range(len(place.path) - 1, -1, -1)]
        if following is None:
            return blocks
        return [block for block in blocks if following.path[: len(block)] != block]

    def _block(self, path: Path, data: Any, by_path: Mapping[Path, Place]) -> Block:
        """A block with everything that was found for it."""
        entries = []
        for name, value in children(data):
            where = (*path, name)
            leaf = by_path[where].leaf
            above, behind = self.found.above.get(where, []), self.found.behind.get(where, [])
            if isinstance(name, int) and leaf is None:  # `- # so` is about the whole item
                above, behind = [*above, *behind], []
            inside = leaf or self._block(where, value, by_path)
            entries.append(Entry(name, by_path[where].key, inside, tuple(above), tuple(behind)))
        return Block(tuple(entries), tuple(self.found.end.get(path, [])))


def is_modeline(line: str) -> bool:
    """Whether a line tells editors where the schema is."""
    return line.startswith("# yaml-language-server:")
