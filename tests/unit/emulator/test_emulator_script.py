"""A script of faults: which requests it means, and what is said of one that is wrong."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from runner import document
from runner.emulator.faults import Fault, Faults
from runner.emulator.mischief import CASES, KINDS, Kind
from runner.emulator.script import SCHEMA, read, scripted
from runner.emulator.task import FATES
from runner.errors import InvalidRecipe, UsageError
from runner.report.words import diagnostics_text
from tests.command import ROOT


def hits(*faults: dict[str, Any], asked: int = 6, seed: int = 0, kind: Kind = "submit") -> list[int]:
    """Which of so many requests meet a fault, from 1."""
    due = Faults(scripted(*faults, seed=seed))
    return [number for number in range(1, asked + 1) if due.due(kind, "m", "s", partial("body {}".format, number))]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"nth": 2}, [2]),
        ({"nth": [1, 4]}, [1, 4]),
        ({"from": 3}, [3, 4, 5, 6]),
        ({"times": 2}, [1, 2]),
        ({"from": 3, "times": 2}, [3, 4]),
        ({"chance": 0}, []),
        ({"chance": 1}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_fault_says_which_requests_it_means(which: dict[str, Any], expected: list[int]) -> None:
    """By their count among those that fit."""
    assert hits({"on": "submit", "half": True, **which}) == expected


def test_a_fault_counts_only_what_fits_it() -> None:
    """Kind, model and step, the latter two as patterns."""
    fault = {"on": "submit", "model": "flux-*", "step": "re*", "nth": 2, "half": True}
    due = Faults(scripted(fault))
    asked: list[tuple[Kind, str, str]] = [
        ("submit", "flux-a", "restyle"),
        ("poll", "flux-a", "restyle"),
        ("submit", "other", "restyle"),
        ("submit", "flux-a", "upscale"),
        ("submit", "flux-b", "retouch 2/3"),
    ]
    assert [due.due(*each, lambda: "") is not None for each in asked] == [False, False, False, False, True]


def test_any_means_every_kind_of_request() -> None:
    """One count over all of them: the N-th thing that is asked of the host."""
    due = Faults(scripted({"on": "any", "nth": 3, "drop": "before"}))
    kinds: list[Kind] = ["submit", "poll", "download", "poll"]
    assert [due.due(kind, "", "", lambda: "") is not None for kind in kinds] == [False, False, True, False]


def test_the_first_fault_that_is_due_happens_and_all_count() -> None:
    """A later rule does not wait for an earlier one's requests to be over."""
    due = Faults(scripted({"on": "submit", "nth": 1, "half": True}, {"on": "submit", "nth": [1, 2], "drip": 5}))
    met = [due.due("submit", "", "", lambda: "") for _ in range(3)]
    assert [each.kind if isinstance(each, Fault) else None for each in met] == ["half", "drip", None]


def test_chances_follow_the_seed_and_not_the_order() -> None:
    """The same requests meet the same faults, however they are mixed; another seed draws anew; the share is right."""
    fault = {"on": "submit", "chance": 0.3, "half": True}
    first = hits(fault, asked=400, seed=1)
    assert first == hits(fault, asked=400, seed=1)
    assert first != hits(fault, asked=400, seed=2)
    assert 90 < len(first) < 150
    due = Faults(scripted(fault, seed=1))
    backwards = [n for n in range(400, 0, -1) if due.due("submit", "m", "s", partial("body {}".format, n))]
    assert sorted(backwards) == first


def test_the_same_request_again_is_drawn_again() -> None:
    """A retry may be luckier."""
    due = Faults(scripted({"on": "submit", "chance": 0.5, "half": True}))
    assert {due.due("submit", "", "", lambda: "body") is None for _ in range(20)} == {True, False}


def test_a_file_is_read(tmp_path: Path) -> None:
    """All keys of the format together."""
    file = tmp_path / "faults.yaml"
    file.write_text(
        "seed: 7\nfaults:\n"
        "  - {on: submit, model: flux-*, step: restyle*, nth: [1, 2], answer: {status: 503, headers: {X-A: b}}}\n"
        "  - {on: any, from: 2, times: 3, chance: 0.5, drop: after, delay: 1.5}\n"
        "  - {on: poll, case: html, accepted: true, retry_after: 2}\n",
        encoding="utf-8",
    )
    script = read(file)
    assert script.seed == 7
    assert [each.kind for each in script.faults] == ["answer-503", "drop-after+delay", "html+accepted"]
    assert script.faults[0].nth == frozenset({1, 2})
    assert (script.faults[1].first, script.faults[1].times, script.faults[1].chance) == (2, 3, 0.5)


WRONG = [
    ("faults:\n  - {on: pol, half: true}", "2:10: `pol` is not one of the choices", "did you mean `poll`?"),
    ("faults:\n  - {on: submit, case: expired}", "2:24: `expired` is not one of the choices", "one of: rate-limited"),
    ("faults:\n  - {on: submit}", "2:5: this fault does nothing", "give it one of `answer`, `case`"),
    ("faults:\n  - {on: submit, drop: before, half: true}", "2:32: `half` cannot stand beside `drop`", ""),
    ("faults:\n  - {on: submit, nth: 1, times: 2, half: true}", "2:26: `times` cannot stand beside `nth`", ""),
    ("faults:\n  - {on: submit, nth: 0, half: true}", "2:23: `0` is too small: at least 1", ""),
    ("faults:\n  - {on: submit, answer: {status: 99}}", "2:35: `99` is too small: at least 200", ""),
    ("faults:\n  - {on: submit, accepted: true, drop: after}", "2:18: `accepted` has nothing to say here", "a `case`"),
    ("faults:\n  - {on: submit, link: x}", "2:18: `link` belongs to `on: poll`", ""),
    ("faults:\n  - {on: download, task: lost}", "2:20: `task` belongs to `on: submit` or `on: poll`", ""),
    ("faults:\n  - {on: poll, answer: {status: 200, headers: {Content-Length: '1'}}}", "is no header", ""),
    ("faults:\n  - {on: poll, answer: {status: 200, headers: {X: ü}}}", "2:51: a header takes printable", ""),
    ("", "1:1: this file holds no faults", "it begins with the line `faults:`"),
]


@pytest.mark.parametrize(("text", "message", "hint"), WRONG)
def test_a_mistake_is_shown_at_its_place(tmp_path: Path, text: str, message: str, hint: str) -> None:
    """File, line, column, the line itself, and what was expected."""
    file = tmp_path / "faults.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRecipe) as caught:
        read(file)
    told = diagnostics_text(caught.value.diagnostics)
    assert f"{file}:" in told
    assert message in told
    assert hint in told
    assert text.splitlines()[-1:] == [] or text.splitlines()[-1].strip() in told


def test_the_guide_shows_the_format() -> None:
    """Its example is a script without a mistake; its tables name every case and every fate, as they are."""
    guide = (ROOT / "runner" / "README.md").read_text(encoding="utf-8")
    example = re.search(r"^```yaml\n(seed: .*?)^```$", guide, re.MULTILINE | re.DOTALL)
    assert example is not None
    data = document.load(example[1], "README.md").data
    assert len(scripted(*data["faults"], seed=data["seed"]).faults) == 5
    cases = [
        f"| `{name}` | {'any' if case.on == KINDS else ', '.join(case.on)} | {case.words} |"
        for name, case in CASES.items()
    ]
    fates = [f"| `{name}` | {words} |" for name, words in FATES.items()]
    assert "\n".join(["|---|---|---|", *cases, ""]) in guide
    assert "\n".join(["|---|---|", *fates, ""]) in guide
    for key in SCHEMA["properties"]["faults"]["items"]["properties"]:
        assert f"`{key}" in guide or f" {key}:" in guide


def test_a_mistake_in_python_is_told_in_the_same_words() -> None:
    """A test that scripts nonsense does not pass by doing nothing."""
    with pytest.raises(UsageError, match=r"faults\.0: this fault does nothing"):
        scripted({"on": "submit"})
    with pytest.raises(UsageError, match="is not one of the choices"):
        scripted({"on": "submit", "case": "expired"})
