"""How much is told of a recipe with very much wrong, and what limits must not change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner import document
from runner.errors import Diagnostic, InvalidRecipe
from tests.hostile.confinement import Room

HEAD = "recipe: 1\nmodel: flux-1-kontext-dev\ninputs:\n  photo: {type: image}\n"
STEPS = "steps:\n  - {name: warm, prompt: Warm light.}\n"


def found(text: str) -> list[Diagnostic]:
    """What is wrong with the form of a text."""
    with pytest.raises(InvalidRecipe) as caught:
        document.load(text, "r.yaml")
    return list(caught.value.diagnostics)


def told(room: Room, folder: Path, text: str) -> list[str]:
    """Where problems stand, and what they are, as `retouch validate` tells them."""
    (folder / "r.yaml").write_text(text, encoding="utf-8")
    ended = room.run("validate", "r.yaml", cwd=folder)
    assert ended.code == 2, ended.told
    return [line for line in ended.told.splitlines() if line.startswith("r.yaml:")]


@pytest.mark.parametrize("number", [100, 101, 5_000])
def test_a_hundred_problems_are_told(room: Room, tmp_path: Path, number: int) -> None:
    """The first in the file, then a line that says where it goes on; of exactly a hundred there is no such line."""
    lines = told(room, tmp_path, HEAD + STEPS + "".join(f"zzz{at}: 1\n" for at in range(number)))
    assert lines[:100] == [f"r.yaml:{at + 7}:1: unknown key `zzz{at}`" for at in range(100)]
    assert lines[100:] == ["r.yaml:107:1: there are more problems, here and below"][: number - 100]


@pytest.mark.parametrize(("number", "words"), [(100, "100 problems found"), (101, "more than 100 problems found")])
def test_more_than_a_hundred_problems_are_not_counted(room: Room, tmp_path: Path, number: int, words: str) -> None:
    """Neither by `validate` nor by what would run the recipe: nobody has looked for the others."""
    (tmp_path / "r.yaml").write_text(HEAD + STEPS + "".join(f"zzz{at}: 1\n" for at in range(number)), encoding="utf-8")
    assert room.run("validate", "r.yaml", cwd=tmp_path).told.splitlines()[-1] == words
    assert f"{words}; nothing was sent" in room.run("plan", "r.yaml", cwd=tmp_path).told


def test_a_long_line_is_quoted_in_part(room: Room, tmp_path: Path) -> None:
    """For programs as for people: the part around the problem."""
    long = STEPS.replace("Warm light.", f'"{"x" * 9_000} {{{{ wrod }}}} {"y" * 9_000}"')
    (tmp_path / "r.yaml").write_text(HEAD + long, encoding="utf-8")
    ended = room.run("validate", "--format", "json", "r.yaml", cwd=tmp_path)
    (problem,) = json.loads(ended.told)["problems"]
    assert "{{ wrod }}" in problem["quoted"]
    assert len(problem["quoted"]) < 200
    assert problem["location"]["column"] > 9_000


def test_a_hundred_problems_of_form_are_told() -> None:
    """The same where the form is wrong."""
    problems = found("k: 1\n" * 5_000)
    assert len(problems) == 101
    assert problems[0].location.line == 2
    assert problems[-1].message == "there are more problems, here and below"


def test_the_same_word_many_times_is_one_problem(room: Room, tmp_path: Path) -> None:
    """It does not hide what stands below it."""
    steps = f'steps:\n  - {{name: warm, prompt: "{"{{ wrod }} " * 300}"}}\n  - {{name: last, promtt: x}}\n'
    lines = told(room, tmp_path, HEAD + steps)
    assert [line.split(": ", 1)[1] for line in lines] == ["there is no input `wrod`", "unknown key `promtt`"]


def test_a_long_word_is_told_in_part(room: Room, tmp_path: Path) -> None:
    """Its beginning says which it is."""
    (line,) = told(room, tmp_path, HEAD + STEPS.replace("Warm light.", '"{{ ' + "long" * 3_000 + ' }}"'))
    assert line.endswith("long…`")
    assert len(line) < 120


def test_anchors_inside_each_other() -> None:
    """Each stands for its own part; where two have one name, the one that begins last counts."""
    text = "a: &all {b: &list [x, &one y], c: *one}\nd: *all\ne: [*list, *one]\nf: &same [&same z]\ng: *same\n"
    data = document.load(text, "r.yaml").data
    assert data["d"] == {"b": ["x", "y"], "c": "y"}
    assert data["e"] == [["x", "y"], "y"]
    assert data["g"] == "z"


def test_a_name_that_is_given_again_stands_for_the_new_one() -> None:
    """An anchor is known from its end on."""
    assert document.load("a: &n x\nb: &n [*n]\nc: *n\n", "r.yaml").data == {"a": "x", "b": ["x"], "c": ["x"]}
