"""The order in which keys stand: what it is about first, what it does last.

A key that is not known here stays behind the one that it stands behind, and none stands before the first that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runner.document import Path
from runner.formatting.leaf import Leaf
from runner.formatting.outline import Block, Entry
from runner.language import INPUT_IN_ORDER, TOP_IN_ORDER

OPERATION = "(operation)"
"""Stands for the verb of an operation: any key of a step that has a block of its own and is not known otherwise."""
STEP = ("name", "when", "from", "model", "prompt", "settings", "candidates", "choose", "seed", OPERATION)


def arranged(block: Block, path: Path = ()) -> Block:
    """A block with its keys in order, and the blocks in it; `path` says which block of the recipe it is.

    What stood above the key that is now the first of an item stands above the item.
    """
    entries = [_arranged_inside(entry, (*path, entry.name)) for entry in block.entries]
    return replace(block, entries=tuple(_in_order(entries, _order_of(path))))


def _arranged_inside(entry: Entry, path: Path) -> Entry:
    if isinstance(entry.value, Leaf):
        return entry
    inside = arranged(entry.value, path)
    first = inside.entries[0]
    if not isinstance(entry.name, int) or not first.above:
        return replace(entry, value=inside)
    below = replace(inside, entries=(replace(first, above=()), *inside.entries[1:]))
    return replace(entry, value=below, above=(*entry.above, *first.above))


def _order_of(path: Path) -> Sequence[str]:
    """The keys of the block at `path`, in order; empty where they stay as they are."""
    if not path:
        return TOP_IN_ORDER
    if len(path) == 2 and path[0] in {"inputs", "steps"}:
        return INPUT_IN_ORDER if path[0] == "inputs" else STEP
    return ()


def _in_order(entries: Sequence[Entry], order: Sequence[str]) -> list[Entry]:
    ranks = {name: rank for rank, name in enumerate(order)}
    ranked = []
    rank = 0
    for entry in entries:
        is_verb = OPERATION in ranks and entry.name not in ranks and _is_block(entry)
        known = ranks.get(OPERATION if is_verb else str(entry.name))
        rank = rank if known is None else known
        ranked.append((rank, known is None, entry))
    return [entry for _, _, entry in sorted(ranked, key=lambda each: each[:2])]


def _is_block(entry: Entry) -> bool:
    return isinstance(entry.value, Block) or entry.value.first.startswith("{")
