"""Recipes that mean harm end in one clear error: exit code 2, little memory, and an end.

What each does is told in tests/hostile/traps.py. How long they take, one by one, is measured by
`python -m tests.hostile`. Here many of them are given to one command, and it must get through all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.hostile import traps
from tests.hostile.confinement import MOST_MEMORY, Room
from tests.hostile.traps import Trap
from tests.pictures import plain

TRAPS = traps.every()
GROUPS = [TRAPS[first::10] for first in range(10)]
MOST_TOLD = 60_000
"""Characters that are told of one recipe."""


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group[0].name}-and-{len(group) - 1}-more")
def test_they_end_in_words(room: Room, group: Sequence[Trap], tmp_path: Path) -> None:
    """What is wrong with each is told, briefly and at its place; nothing hangs, nothing grows, nothing falls over."""
    (tmp_path / "photo.jpg").write_bytes(plain(8, 8))
    for trap in group:
        (tmp_path / f"{trap.name}.yaml").write_bytes(trap.data)
    found = room.run("validate", *(f"{trap.name}.yaml" for trap in group), cwd=tmp_path)
    assert found.code == 2, found.told[-2_000:]
    assert found.peak <= MOST_MEMORY
    told = found.told.split("\n\n")
    for trap in group:
        of_it = "\n\n".join(each for each in told if each.startswith(_starts(trap)))
        assert trap.expects in of_it, f"{trap.name}: {of_it[:2_000]}"
        assert len(of_it) <= MOST_TOLD, trap.name
    assert all(each.startswith(tuple(start for trap in group for start in _starts(trap))) for each in told[:-1])


def _starts(trap: Trap) -> tuple[str, str]:
    """How everything begins that is told of it."""
    return f"{trap.name}.yaml:", f"retouch: {trap.name}.yaml "


def test_there_are_enough_of_them() -> None:
    """Each is named once."""
    assert len({each.name for each in TRAPS}) == len(TRAPS) >= 150


@pytest.mark.parametrize("name", ["aliases-20-levels", "text-times-billion", "template-loop", "blanks-1-mb"])
@pytest.mark.parametrize("command", ["plan", "run", "explain"])
def test_other_commands_refuse_them_too(room: Room, command: str, name: str, tmp_path: Path) -> None:
    """No command reads a recipe in another way."""
    trap = next(each for each in TRAPS if each.name == name)
    (tmp_path / "r.yaml").write_bytes(trap.data)
    (tmp_path / "photo.jpg").write_bytes(plain(8, 8))
    found = room.run(command, "r.yaml", cwd=tmp_path)
    assert found.code == 2, found.told[:2_000]
    assert trap.expects in found.told
