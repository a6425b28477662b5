"""A flat list of entries -> a tree: which parameter is a property of which.

Source says it by depth. Crawled pages do not say where a list of properties ends, but they carry a sample made from
the same parameters, so both run in the same order: a name belongs to the innermost object whose sample still waits for
it. Where the sample does not know a name, nothing is guessed: a warning says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.errors import UsageError
from runner.schemagen.markup import MOST_DEPTH, Entry


@dataclass(slots=True)
class Node:
    """An entry with what stands in it. `sample` is what the page shows for it; of a list, its first element."""

    entry: Entry
    children: list[Node] = field(default_factory=list)
    sample: Any = None
    mixed: bool = False
    """Whether the page lists alternatives under it, so that no one list of properties is right."""
    partial: bool = False
    """Whether it may have more properties than `children`."""

    @property
    def names(self) -> set[str]:
        """Names of the children so far."""
        return {child.entry.name for child in self.children}


def nested(entries: Sequence[Entry], sample: Any, warnings: list[str]) -> list[Node]:
    """The entries as a tree; `sample` is the JSON that the page shows for them, or None."""
    if any(entry.depth is None for entry in entries):
        return _by_sample(entries, sample, warnings)
    return _by_depth(entries, sample, warnings)


def _by_depth(entries: Sequence[Entry], sample: Any, warnings: list[str]) -> list[Node]:
    roots: list[Node] = []
    open_nodes: list[Node] = []
    for entry in entries:
        depth = min(entry.depth or 0, len(open_nodes))
        del open_nodes[depth:]
        parent = open_nodes[-1] if open_nodes else None
        shape = parent.sample if parent else sample
        node = Node(entry, sample=_inside(shape, entry.name))
        open_nodes.append(node)
        if parent is not None and (entry.choice or parent.mixed):
            parent.mixed = True
            continue
        _put(node, roots if parent is None else parent.children, parent, warnings)
    return roots


def _by_sample(entries: Sequence[Entry], sample: Any, warnings: list[str]) -> list[Node]:
    roots: list[Node] = []
    top = sample if isinstance(sample, dict) else {}
    open_nodes: list[Node] = []
    for entry in entries:
        name = entry.name
        level = next((number for number in reversed(range(len(open_nodes))) if _waits(open_nodes[number], name)), -1)
        if level < 0 and open_nodes and name not in top:
            _leave_out(entry, open_nodes, warnings)
            continue
        del open_nodes[level + 1 :]
        parent = open_nodes[-1] if open_nodes else None
        node = Node(entry, sample=_inside(parent.sample if parent else top, name))
        _put(node, roots if parent is None else parent.children, parent, warnings)
        if isinstance(node.sample, dict) or entry.opens:
            open_nodes.append(node)
        if len(open_nodes) > MOST_DEPTH:
            raise UsageError("the page nests parameters deeper than any endpoint takes")
    return roots


def _leave_out(entry: Entry, open_nodes: list[Node], warnings: list[str]) -> None:
    """Drop an entry that the sample does not know: an alternative to one that stands there, or of an unknown parent."""
    twin = next((node for node in reversed(open_nodes) if entry.name in node.names), None)
    if twin is not None:
        twin.mixed = True
        return
    open_nodes[-1].partial = True
    warnings.append(
        f"`{entry.name}`: the page's sample does not show where it belongs, perhaps to `{open_nodes[-1].entry.name}`; "
        "it is left out"
    )


def _waits(node: Node, name: str) -> bool:
    return isinstance(node.sample, dict) and name in node.sample and name not in node.names


def _put(node: Node, siblings: list[Node], parent: Node | None, warnings: list[str]) -> None:
    name = node.entry.name
    if any(each.entry.name == name for each in siblings):
        where = f"in `{parent.entry.name}`" if parent else "on the page"
        warnings.append(f"`{name}` stands twice {where}; the first one counts")
        return
    siblings.append(node)


def _inside(shape: Any, name: str) -> Any:
    """What the sample shows for a name: of a list of objects, its first object."""
    value = shape.get(name) if isinstance(shape, dict) else None
    return value[0] if isinstance(value, list) and value else value
