"""The steps of a plan as a graph: which picture goes where. As text for a terminal, and as Mermaid for web pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runner.plan import Plan, PlannedStep
from runner.report.words import clean_line

_PLAIN = re.compile(r"[^A-Za-z0-9 _.,/-]")
"""What does not mean itself in every label of Mermaid."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A picture input, or a step that is on."""

    name: str
    does: str
    sources: tuple[str, ...]
    shape: tuple[str, str]
    """Brackets that Mermaid draws it with: inputs with round ends, models as boxes, operations with round corners."""


def mermaid(plan: Plan) -> str:
    """A Mermaid flowchart, as web pages that know Mermaid draw it; results have a thick border."""
    nodes = _nodes(plan)
    # numbers, since names like `end` or `graph` are words of Mermaid itself
    names = {node.name: f"n{number}" for number, node in enumerate(nodes, 1)}
    lines = ["flowchart TD"]
    for node in nodes:
        label = "<br/>".join(map(_label, filter(None, (node.name, node.does))))
        lines.append(f'  {names[node.name]}{node.shape[0]}"{label}"{node.shape[1]}')
    lines += [f"  {names[source]} --> {names[node.name]}" for node in nodes for source in node.sources]
    ends = ",".join(names[name] for name in plan.finals)
    return "\n".join([*lines, "  classDef result stroke-width:3px", f"  class {ends} result"]) + "\n"


def text(plan: Plan) -> str:
    """The graph as lines: what follows a step stands below it, and where several do, each begins a branch.

    A step that takes several pictures stands below the first one; the others are named behind it.
    """
    nodes = _nodes(plan)
    below = _below(nodes)
    lines: list[tuple[str, _Node, str | None]] = []
    roots = [node for node in nodes if not node.sources]
    waiting: list[tuple[_Node, str, str, str | None]] = [(root, "", "", None) for root in reversed(roots)]
    while waiting:
        first, lead, indent, above = waiting.pop()
        lines.append((lead, first, above))
        node, follows = first, below[first.name]
        while len(follows) == 1:
            above, node = node.name, follows[0]
            lines.append((f"{indent}↓ ", node, above))
            follows = below[node.name]
        for at, branch in reversed(list(enumerate(follows))):
            last = at == len(follows) - 1
            ahead = f"{indent}{'└─' if last else '├─'} "
            waiting.append((branch, ahead, f"{indent}{'   ' if last else '│  '}", node.name))
    width = max(len(lead) + len(node.name) for lead, node, _ in lines)
    aside = {node.name: [other.name for other in nodes if node.name in other.sources[1:]] for node in nodes}
    told = [
        _line(lead, node, above, plan, width, [] if below[node.name] else aside[node.name])
        for lead, node, above in lines
    ]
    off = [step.name for step in plan.steps if step.off]
    told += [f"\noff, since their condition is false: {', '.join(off)}"] if off else []
    return "\n".join(told) + "\n"


def _nodes(plan: Plan) -> list[_Node]:
    """Inputs that some step takes, then steps, in the order of the recipe; steps that are off are left out."""
    taken = {source for step in plan.steps if not step.off for source in step.sources} | set(plan.finals)
    inputs = [_Node(name, "", (), ("([", "])")) for name in plan.item.images if name in taken]
    return inputs + [_node(step) for step in plan.steps if not step.off]


def _node(step: PlannedStep) -> _Node:
    if step.operation is not None:
        return _Node(step.name, step.operation.NAME, step.sources, ("(", ")"))
    return _Node(step.name, clean_line(step.model.name) if step.model else "", step.sources, ("[", "]"))


def _below(nodes: Sequence[_Node]) -> Mapping[str, list[_Node]]:
    """What stands below each node: the steps whose first picture it is."""
    below: dict[str, list[_Node]] = {node.name: [] for node in nodes}
    for node in nodes:
        if node.sources:
            below[node.sources[0]].append(node)
    return below


def _line(lead: str, node: _Node, above: str | None, plan: Plan, width: int, into: Sequence[str]) -> str:
    """One line; `into` are the steps that take the picture, of a node that nothing stands below."""
    others = [name for name in dict.fromkeys(node.sources) if name != above]
    words = [node.does] if node.does else []
    words += [f"with {' and '.join(others)}"] if others else []
    words += ["from text alone"] if not node.sources and node.does else []
    words += [f"goes into {' and '.join(into)}"] if into else []
    result = "  = a result" if node.name in plan.finals else ""
    return f"{(lead + node.name).ljust(width)}  {', '.join(words)}{result}".rstrip()


def _label(words: str) -> str:
    """A part of a label, with everything but plain letters as the number of its character."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", words)
