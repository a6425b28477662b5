"""A plan as a graph: lines for a terminal, and Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runner.report import graph
from runner.store.store import Store
from tests.fakes import frozen, planned

BRANCHES = """
recipe: 1
inputs: {photo: {type: image}, logo: {type: image}}
model: paint
steps:
  - {name: clean, prompt: first}
  - {name: end, prompt: second}
  - {name: signed, from: [end, logo], overlay: {}}
  - {name: square, crop: {aspect: "1:1"}}
  - {name: web, convert: {format: jpeg}}
  - {name: wide, from: signed, resize: {width: 8}}
  - {name: paper, from: [], prompt: paper}
  - {name: graph, from: [wide, paper, clean], prompt: join}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / ".retouch", frozen())
    yield opened
    opened.close()


def test_chains_go_down_and_branches_aside(store: Store) -> None:
    """Each picture that goes into a step is above it or named behind it."""
    assert graph.text(planned(BRANCHES, store)).splitlines() == [
        "photo",
        "↓ clean     paint",
        "↓ end       paint",
        "↓ signed    overlay, with logo",
        "├─ square   crop",
        "│  ↓ web    convert  = a result",
        "└─ wide     resize",
        "   ↓ graph  paint, with paper and clean  = a result",
        "logo        goes into signed",
        "paper       paint, from text alone, goes into graph",
    ]


def test_what_is_off_is_passed_by(store: Store) -> None:
    """And named, so that nobody misses it."""
    text = BRANCHES.replace("{name: end,", "{name: end, when: 1 == 2,")
    lines = graph.text(planned(text, store)).splitlines()
    assert "↓ signed    overlay, with logo" in lines
    assert lines[-1] == "off, since their condition is false: end"
    assert "end" not in graph.mermaid(planned(text, store))


def test_mermaid_names_nodes_by_number(store: Store) -> None:
    """A step may be called `end` or `graph`, which Mermaid takes for words of its own; labels stand in quotes."""
    lines = graph.mermaid(planned(BRANCHES, store)).splitlines()
    assert lines[0] == "flowchart TD"
    assert '  n1(["photo"])' in lines
    assert '  n4["end<br/>paint"]' in lines
    assert '  n5("signed<br/>overlay")' in lines
    assert {"  n3 --> n4", "  n4 --> n5", "  n2 --> n5"} <= {*lines}
    assert lines[-1] == "  class n7,n10 result"
    for line in lines[1:-2]:
        assert re.fullmatch(r'  n\d+( --> n\d+|(\[|\(|\(\[)"[A-Za-z0-9 _.,/<>#;-]+"(\]|\)|\]\)))', line), line


def test_labels_cannot_break_out(store: Store) -> None:
    """A model is named after a file; whatever that is called, its label stays a label."""
    made = planned(BRANCHES, store)
    paint = made.steps[0].model
    assert paint is not None
    odd = replace(made, steps=(replace(made.steps[0], model=replace(paint, name='x"] --> y;\n`#')), *made.steps[1:]))
    assert '["clean<br/>x#34;#93; --#62; y#59; #96;#35;"]' in graph.mermaid(odd)
    assert 'x"] --> y; `#' in graph.text(odd).splitlines()[1]


def test_a_long_chain_needs_no_depth(store: Store) -> None:
    """Neither a chain nor a comb of branches ends in an error of ours."""
    steps = "".join(f"  - {{name: s{number}, resize: {{width: 8}}}}\n" for number in range(1500))
    text = f"recipe: 1\ninputs: {{photo: {{type: image}}}}\nsteps:\n{steps}"
    assert len(graph.text(planned(text, store)).splitlines()) == 1501
    comb = "".join(
        f"  - {{name: a{n}, from: {f'a{n - 1}' if n else 'photo'}, resize: {{width: 8}}}}\n"
        f"  - {{name: b{n}, resize: {{width: 9}}}}\n"
        for n in range(400)
    )
    text = f"recipe: 1\ninputs: {{photo: {{type: image}}}}\nsteps:\n{comb}"
    assert len(graph.text(planned(text, store)).splitlines()) == 801
