"""The proof that a recipe in order says what it said: the same values, and the same comments at the same keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from runner.document import Path
from runner.formatting.leaf import Leaf
from runner.formatting.order import arranged
from runner.formatting.outline import Block, Outline


def same_values(before: Any, after: Any) -> bool:
    """Whether two documents hold the same data: of the same types, and with keys in the same order where that counts.

    At the top, in an input and in a step it does not.
    """
    return _values(before) == _values(after)


def same_comments(before: Outline, after: Outline) -> bool:
    """Whether the same comments stand at the same keys, and values are written alike but for spaces."""
    return Counter(_told(before)) == Counter(_told(after))


def _values(data: Any, path: Path = ()) -> object:
    """Data in a form that tells 1 from true and 1.0, and one order of keys from another where that matters."""
    if isinstance(data, list):
        return [_values(each, (*path, number)) for number, each in enumerate(data)]
    if isinstance(data, dict):
        pairs = [(name, _values(value, (*path, name))) for name, value in data.items()]
        free = not path or (len(path) == 2 and path[0] in {"inputs", "steps"})
        return sorted(pairs, key=lambda pair: pair[0]) if free else pairs
    return type(data).__name__, repr(data)


def _told(read: Outline) -> Iterator[tuple[Path, str, str]]:
    """Every comment and every value as it is written, with what it belongs to and how."""
    yield from (((), "on top", line) for line in read.head if line)
    yield from _told_by(read.block, (), None)


def _told_by(block: Block, path: Path, item: Path | None) -> Iterator[tuple[Path, str, str]]:
    """The same for a block. What stands above the first key of an item is about that `item`."""
    first = arranged(block, path).entries[0].name
    for entry in block.entries:
        where = (*path, entry.name)
        owner = item if item is not None and entry.name == first else where
        yield from ((owner, "above", line) for line in entry.above if line)
        yield from ((where, "behind", line) for line in entry.behind)
        if isinstance(entry.value, Leaf):
            yield where, "value", "".join("".join((entry.value.first, *entry.value.more)).split())
        else:
            yield from _told_by(entry.value, where, owner if isinstance(entry.name, int) else None)
    yield from ((path, "end", line) for line in block.end if line)
