"""Every recipe of tests/recipes/invalid gives exactly the message that stands beside it, and exit code 2; its words are
those of an author, and each line it shows as corrected mends what it says it mends."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from runner.cli.main import main
from tests.jargon import jargon_in

FOLDER = Path(__file__).resolve().parents[1] / "recipes" / "invalid"
RECIPES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_message(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole message, to the letter."""
    with contextlib.chdir(FOLDER), pytest.raises(SystemExit) as stop:
        main(["validate", file.name])
    told = capsys.readouterr()
    assert stop.value.code == 2
    assert told.out == ""
    assert told.err == file.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_message_has_its_recipe() -> None:
    """No message is left behind without the recipe that gives it."""
    assert {each.stem for each in FOLDER.glob("*.txt")} == {each.stem for each in RECIPES}


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_words_of_an_author(file: Path) -> None:
    """No message has a word that only programmers know."""
    assert jargon_in(file.with_suffix(".txt").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_corrected_lines(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a corrected line in its place, that problem is gone, and there is no new one."""
    before = problems(file, capsys)
    for problem in before:
        if problem["corrected"] is not None:
            lines = file.read_text(encoding="utf-8").split("\n")
            lines[problem["location"]["line"] - 1] = problem["corrected"]
            mended = tmp_path / file.name
            mended.write_text("\n".join(lines), encoding="utf-8")
            left = Counter(map(identity, before)) - Counter([identity(problem)])
            assert Counter(map(identity, problems(mended, capsys))) <= left


def test_corrected_lines_are_common() -> None:
    """Where one can know what was meant, it is said: the claim above is not held by silence."""
    told = [each.read_text(encoding="utf-8").count("\n  corrected:\n") for each in FOLDER.glob("*.txt")]
    assert sum(told) > 150
    assert sum(map(bool, told)) > 90


def problems(file: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What `validate --format json` has against a recipe."""
    with contextlib.chdir(file.parent), pytest.raises(SystemExit):
        main(["validate", "--format", "json", file.name])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["problems"]
    return found


def identity(problem: dict[str, Any]) -> tuple[int, str]:
    """A problem, wherever in its line it stands."""
    return problem["location"]["line"], problem["message"]
