"""An outline as text: how far lines are set in, and where empty lines stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.document import Path
from runner.formatting.leaf import STEP, Leaf
from runner.formatting.outline import Block, Comments, Entry, Outline

_APART = frozenset({"inputs", "steps"})
"""Keys with an empty line above and below them."""


def written(outline: Outline) -> str:
    """The text of an outline, in the order in which its entries stand."""
    lines = [*_once(outline.head), *_block(outline.block, (), 0)]
    return "\n".join(lines) + "\n"


def _block(block: Block, path: Path, column: int) -> list[str]:
    """The lines of a block that begins in `column`."""
    lines: list[str] = []
    before: Entry | None = None
    for entry in block.entries:
        lines += _set_in(_above(entry, before, path), column)
        lines += _entry(entry, (*path, entry.name), column)
        before = entry
    end = _once(block.end)
    while end and not end[-1]:
        end.pop()
    if before and _is_kept(before):
        end = _without_first_empty(end)
    return [*lines, *_set_in(end, column)]


def _entry(entry: Entry, path: Path, column: int) -> list[str]:
    """The lines of one key or item, without what stands above it."""
    start = " " * column + (f"{entry.key}:" if entry.key else "-")
    behind, going_on = entry.behind[:1], entry.behind[1:]
    if isinstance(entry.value, Leaf):
        first = entry.value.first
        gap = "" if not first else "  " if first.startswith("#") else " "
        lines = [start + gap + first, *_set_in(entry.value.more, column)]
        at = 0 if entry.value.block else -1
        inside: list[str] = []
    else:
        inside = _block(entry.value, path, column + STEP)
        lines = [start] if entry.key else [start + inside.pop(0)[column + 1 :]]
        at = -1
    for comment in behind:
        lines[at] += "  " + comment
        lines += [" " * (len(lines[at]) - len(comment)) + each for each in going_on]
    return [*lines, *inside]


def _above(entry: Entry, before: Entry | None, path: Path) -> list[str]:
    """What stands above an entry: its comments, and the empty line that parts it from the one before."""
    lines = _once(entry.above)
    if before is None and not path:  # above an empty line it would be about the whole file
        return [line for line in lines if line]
    if before is None or _is_kept(before):
        return _without_first_empty(lines)
    if not path and {entry.name, before.name} & _APART:
        return ["", *_without_first_empty(lines)]
    if path == ("steps",) and not (_is_one_line(entry) and _is_one_line(before)):
        return ["", *_without_first_empty(lines)]
    if path and path not in {("inputs",), ("steps",)} and not any(lines):
        return []
    return lines


def _is_one_line(entry: Entry) -> bool:
    return isinstance(entry.value, Leaf) and not entry.value.more and not entry.above


def _is_kept(entry: Entry) -> bool:
    """Whether an entry ends with a text to which the empty lines below it belong."""
    value = entry.value
    while isinstance(value, Block) and not any(value.end):
        value = value.entries[-1].value
    return isinstance(value, Leaf) and value.kept


def _once(lines: Comments) -> list[str]:
    """Own lines, of several empty ones in a row only the first."""
    return [line for number, line in enumerate(lines) if line or number == 0 or lines[number - 1]]


def _without_first_empty(lines: list[str]) -> list[str]:
    return lines[1:] if lines and not lines[0] else lines


def _set_in(lines: Sequence[str], column: int) -> Iterator[str]:
    return (" " * column + line if line else "" for line in lines)
