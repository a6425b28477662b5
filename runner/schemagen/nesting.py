"""A flat list of entries -> a tree: which parameter is a property of which.

Source says it by depth. Crawled pages do not say where a list of properties ends, but they carry a sample made from
the same parameters, so both run in the same order: a name belongs to the innermost object whose sample still waits for
it. Where the sample does not know a name, nothing is guessed: a warning says so.

Under one parameter a page may list alternatives, in tabs. Source numbers the tabs; in a crawled page they follow each
other, so a name that comes again in the same object begins or continues another alternative. All of them stay in the
tree, and schemagen.alternatives makes one list of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any

from runner.errors import UsageError
from runner.schemagen.kinds import kind_of
from runner.schemagen.markup import MOST_DEPTH, MOST_PARAMETERS, Entry


@dataclass(slots=True)
class Node:
    """An entry with what stands in it. `sample` is what the page shows for it; of a list, its first element."""

    entry: Entry
    children: list[Node] = field(default_factory=list)
    """In page order. A name stands several times where several alternatives have it."""
    names: Counter[str] = field(default_factory=Counter)
    """Names of the children so far, and how often each of them came."""
    sample: Any = None
    mixed: bool = False
    """Whether the page lists alternatives under it."""
    tab: int = 0
    """The alternative it stands in; 0 when in all of them. Crawled pages only count how often its name came."""
    partial: bool = False
    """Whether it may have more properties than `children`."""
    unsure: list[Entry] = field(default_factory=list)
    """Entries after its last child that may be its own, or of what it stands in."""


def nested(entries: Sequence[Entry], sample: Any, warnings: list[str]) -> list[Node]:
    """The entries as a tree; `sample` is the JSON that the page shows for them, or None."""
    by_sample = any(entry.depth is None for entry in entries)
    roots = (_by_sample if by_sample else _by_depth)(entries, sample, warnings)
    for root in roots:
        _open_around(root)
    return roots


def _by_depth(entries: Sequence[Entry], sample: Any, warnings: list[str]) -> list[Node]:
    roots: list[Node] = []
    open_nodes: list[Node] = []
    for entry in entries:
        depth = min(entry.depth or 0, len(open_nodes))
        del open_nodes[depth:]
        parent = open_nodes[-1] if open_nodes else None
        shape = parent.sample if parent else sample
        node = Node(entry, sample=_inside(shape, entry.name), tab=entry.choice)
        open_nodes.append(node)
        if parent is not None and entry.choice:
            parent.mixed = True
        _put(node, roots, parent, warnings)
    return roots


def _by_sample(entries: Sequence[Entry], sample: Any, warnings: list[str]) -> list[Node]:
    roots: list[Node] = []
    top = sample if isinstance(sample, dict) else {}
    open_nodes: list[Node] = []
    later = Counter(entry.name for entry in entries)
    for entry in entries:
        name = entry.name
        later[name] -= 1
        level, sure = _level(open_nodes, name, top, roots, later)
        if not sure:
            open_nodes[-1].unsure.append(entry)
            continue
        _tell_unsure(open_nodes[level + 1 :], warnings)
        del open_nodes[level + 1 :]
        parent = open_nodes[-1] if open_nodes else None
        node = Node(entry, sample=_inside(parent.sample if parent else top, name), tab=1)
        if parent is not None:
            node.tab += parent.names[name]
            parent.mixed = parent.mixed or node.tab > 1
            _settle(parent, warnings)
        _put(node, roots, parent, warnings)
        if entry.opens or (isinstance(node.sample, dict) and node.tab == 1):
            open_nodes.append(node)
        if len(open_nodes) > MOST_DEPTH:
            raise UsageError("the page nests parameters deeper than any endpoint takes")
    _tell_unsure(open_nodes, warnings)
    return roots


def _level(
    open_nodes: Sequence[Node], name: str, top: Mapping[str, Any], roots: Sequence[Node], later: Counter[str]
) -> tuple[int, bool]:
    """Which open object an entry belongs to, -1 for none of them; and whether that is sure.

    A name that an object has already is an alternative to it where nothing waits for it, or while that object goes on.
    What follows "Show properties" at once is the first of them, also where the sample knows none.
    """
    last = len(open_nodes) - 1
    waiting = next((number for number in range(last, -1, -1) if _waits(open_nodes[number], name)), -1)
    twin = next((number for number in range(last, waiting, -1) if name in open_nodes[number].names), -1)
    awaited = waiting >= 0 or name in top
    if twin >= 0 and (not awaited or _is_unfinished(open_nodes[twin], later)):
        return last if _lists_first(open_nodes[last]) else twin, True
    if twin >= 0 and open_nodes[twin].mixed:  # then page and sample ran in step, and what waits may not be reached yet
        shown, have = (
            (open_nodes[waiting].sample, open_nodes[waiting].names)
            if waiting >= 0
            else (top, Counter(root.entry.name for root in roots))
        )
        between = any(_is_unfinished(node, later) for node in open_nodes[waiting + 1 : twin])
        if between or _goes_on(_before(shown, name), have, later):
            return twin, True
    if awaited or not open_nodes:
        return waiting, True
    return last, _lists_first(open_nodes[last])


def _is_unfinished(node: Node, later: Counter[str]) -> bool:
    return _goes_on(node.sample, node.names, later)


def _goes_on(shown: Any, have: Container[str], later: Counter[str]) -> bool:
    """Whether an object's sample shows names that the page has yet to list; then the object has not ended."""
    if not isinstance(shown, Mapping):
        return False
    return any(times and name in shown and name not in have for name, times in later.items())


def _before(shown: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What a sample shows before a name."""
    return dict(takewhile(lambda pair: pair[0] != name, islice(shown.items(), MOST_PARAMETERS)))


def _lists_first(node: Node) -> bool:
    """Whether its properties are about to begin, and the sample shows none."""
    shown = isinstance(node.sample, dict) and bool(node.sample)
    return node.entry.opens and not node.children and not node.unsure and not shown


def _settle(parent: Node, warnings: list[str]) -> None:
    """Take in what stood unsure before another child of `parent`: a page never leaves an object and comes back to it.

    Where one of them may hold others in turn, nobody knows which, and they stay out; so they do among alternatives,
    where a property that the sample does not know may be one of another alternative's object.
    """
    holds = any(entry.opens or {"object", "array"} & set(kind_of(entry.kind).types) for entry in parent.unsure)
    if holds or parent.mixed:
        _tell_unsure([parent], warnings)
        return
    for entry in parent.unsure:
        _put(Node(entry, tab=1), parent.children, parent, warnings)
    parent.unsure.clear()


def _tell_unsure(nodes: Sequence[Node], warnings: list[str]) -> None:
    """Warn of the entries that stay out, and leave the objects open that they may belong to."""
    for node in nodes:
        for entry in node.unsure:
            warnings.append(
                f"`{entry.name}`: the page's sample does not show where it belongs, perhaps to `{node.entry.name}`; "
                "it is left out"
            )
        node.partial = node.partial or bool(node.unsure)
        node.unsure.clear()


def _open_around(node: Node) -> None:
    """Leave open whatever holds an object that is in doubt: what stands there may belong around it."""
    for child in node.children:
        _open_around(child)
        node.partial = node.partial or child.partial or child.mixed


def _waits(node: Node, name: str) -> bool:
    return isinstance(node.sample, dict) and name in node.sample and name not in node.names


def _put(node: Node, roots: list[Node], parent: Node | None, warnings: list[str]) -> None:
    """Add a node to what it stands in; schemagen.alternatives makes one of those that have the same name."""
    name = node.entry.name
    siblings = roots if parent is None else parent.children
    if any(each.entry.name == name and each.tab == node.tab for each in siblings):
        where = f"in `{parent.entry.name}`" if parent else "on the page"
        warnings.append(f"`{name}` stands twice {where}; only what both say of it is read")
    siblings.append(node)
    if parent is not None:
        parent.names[name] += 1


def _inside(shape: Any, name: str) -> Any:
    """What the sample shows for a name: of a list of objects, its first object."""
    value = shape.get(name) if isinstance(shape, dict) else None
    return value[0] if isinstance(value, list) and value else value
