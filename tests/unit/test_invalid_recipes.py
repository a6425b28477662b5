"""Every recipe of tests/recipes/invalid gives exactly the message that stands beside it, and exit code 2."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from runner.cli.main import main

FOLDER = Path(__file__).resolve().parents[1] / "recipes" / "invalid"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
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
    assert {each.stem for each in FOLDER.glob("*.txt")} == {each.stem for each in FOLDER.glob("*.yaml")}
