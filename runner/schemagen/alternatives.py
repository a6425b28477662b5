"""Alternatives that a page lists under one parameter, such as the tabs of a message's parts -> one list of properties.

It takes whatever any of them takes, and says only what all of them say: each name once, with the facts on which every
alternative that has it agrees. A name may be demanded only where each alternative has it.

A crawled page does not show where a tab ends, so how many alternatives there are is not known: it demands none of the
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from runner.schemagen.kinds import Kind
from runner.schemagen.nesting import Node
from runner.schemagen.prose import Facts

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Same:
    """The nodes of one name, from all alternatives."""

    nodes: tuple[Node, ...]
    everywhere: bool
    """Whether each alternative has it."""


def count(nodes: Iterable[Node]) -> int:
    """How many alternatives list these nodes."""
    return len({node.tab for node in nodes if node.tab})


def united(lists: Sequence[Sequence[Node]]) -> list[Same]:
    """Lists of properties, each perhaps with alternatives of its own, as one list in page order.

    A list without properties has none of the names; but of alternatives, only those count that list properties.
    """
    tabs = [{node.tab for node in nodes if node.tab} or {0} for nodes in lists]
    named: dict[str, list[Node]] = {}
    stands: dict[str, set[tuple[int, int]]] = {}
    for number, nodes in enumerate(lists):
        for node in nodes:
            name = node.entry.name
            named.setdefault(name, []).append(node)
            places = {node.tab} if node.tab else tabs[number]
            stands.setdefault(name, set()).update((number, tab) for tab in places)
    whole = sum(len(each) for each in tabs)
    counted = whole == 1 or all(node.entry.depth is not None for nodes in lists for node in nodes)
    return [Same(tuple(nodes), counted and len(stands[name]) == whole) for name, nodes in named.items()]


def agreed(name: str, told: Sequence[Facts], warnings: list[str]) -> Facts:
    """The facts that are the same in all of `told`; where the types differ, none but that any value passes."""
    first = told[0]
    if len(told) == 1:
        return first
    deprecated = all(each.deprecated for each in told)
    if any(each.kind != first.kind for each in told):
        warnings.append(f"`{name}`: its type is not the same wherever it stands; any value passes")
        return Facts(Kind(), deprecated=deprecated)
    low = _same([(each.minimum, each.above) for each in told])
    high = _same([(each.maximum, each.below) for each in told])
    return Facts(
        kind=first.kind,
        default=_same([each.default for each in told]) or (),
        minimum=low[0] if low else None,
        above=bool(low and low[1]),
        maximum=high[0] if high else None,
        below=bool(high and high[1]),
        multiple=_same([each.multiple for each in told]),
        enum=_same([each.enum for each in told]) or (),
        lengths=(_same([each.lengths[0] for each in told]), _same([each.lengths[1] for each in told])),
        dimension=_same([each.dimension for each in told]),
        deprecated=deprecated,
        text_to_image_only=all(each.text_to_image_only for each in told),
    )


def _same(values: Sequence[_T]) -> _T | None:
    """The one value of all; None where two differ. `true` is not 1."""
    return values[0] if all(repr(value) == repr(values[0]) for value in values) else None
