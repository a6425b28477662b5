"""What a power cut leaves of the journal's file: whole lines, or fewer of them; never damage in the middle."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from runner.errors import OutOfReach
from runner.store import lines
from runner.store.lines import Lines
from tests.faults.machine import Crash, Kind, Machine
from tests.faults.platter import FaultyDisk, Platter


def unheard(_: lines.Record) -> None:
    """What stands in the file does not matter here."""


def opened(file: Path, platter: Platter, machine: Machine) -> Lines:
    """The file as a process of this machine opens it."""
    found = Lines(file, "journal", 1, FaultyDisk(platter, machine), unheard)
    found.make_room(1)
    return found


def append(file: Lines, machine: Machine, strike: int) -> None:
    """Append a line of several sectors; the fault of the machine strikes at this of its acts."""
    machine.at = len(machine.acts) + strike
    with contextlib.suppress(OutOfReach, Crash):
        file.append([{"is": "long", "words": f"{number} " * 300} for number in range(4)])


def close(file: Lines) -> None:
    with contextlib.suppress(Crash):
        file.close()


@pytest.mark.parametrize("first", ["kill", "error"])
@pytest.mark.parametrize("seed", range(60))
def test_a_line_that_no_sync_has_seen_lasts_before_another_follows(first: Kind, seed: int, tmp_path: Path) -> None:
    """A process ends before its sync, or the sync fails. The next one reads the line all the same, and the power goes
    while it writes its own: any sector of what was not synced may be missing."""
    file, platter = tmp_path / "journal", Platter()
    calm, poor, last = Machine(), Machine(first, seed=seed), Machine("power", seed=seed)
    whole = opened(file, platter, calm)
    whole.append([{"is": "first"}])
    close(whole)
    spoilt = opened(file, platter, poor)
    append(spoilt, poor, 2)  # written, and not synced
    close(spoilt)
    follows = opened(file, platter, last)
    append(follows, last, 2)
    close(follows)
    platter.lose_power(last.random)
    assert lines.read(file, "journal", 1, unheard).lines >= 3


@pytest.mark.parametrize("strike", [1, 2])
@pytest.mark.parametrize("seed", range(30))
def test_of_a_line_that_was_torn_nothing_is_read(strike: int, seed: int, tmp_path: Path) -> None:
    """Whatever sectors survive, the line is there or dropped, and the next one takes its place."""
    file, platter, machine = tmp_path / "journal", Platter(), Machine("power", seed=seed)
    torn = opened(file, platter, machine)
    torn.append([{"is": "first"}])
    append(torn, machine, strike)
    close(torn)
    platter.lose_power(machine.random)
    told: list[lines.Record] = []
    again = Lines(file, "journal", 1, FaultyDisk(platter, Machine()), told.append)
    assert [each["is"] for each in told] in (["first"], ["first", *["long"] * 4])
    again.append([{"is": "next"}])
    again.close()
    lines.read(file, "journal", 1, told.append)
    assert told[-1]["is"] == "next"
