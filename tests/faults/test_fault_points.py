"""A fault at each durable or external act in turn, until a run needs no fault; then resumes, and both ledgers compared.

What is checked after every run stands in `world`. Paid twice, lost, torn, or not told: any of it fails.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.faults.machine import KINDS, Kind, Machine
from tests.faults.recipes import CANDIDATES, CHAIN, INSTANT
from tests.faults.world import World

LEAST_POINTS = 60
"""Of a chain of three paid steps: the loop must not go blind."""


def new_world(folder: Path, recipe: str) -> World:
    folder.mkdir(parents=True)
    return World(folder, recipe)


def undisturbed(folder: Path, recipe: str) -> World:
    """A world in which nothing goes wrong."""
    world = new_world(folder / "undisturbed", recipe)
    assert world.boot().done
    return world


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_at_every_act_of_a_chain_costs_and_loses_nothing(kind: Kind, tmp_path: Path) -> None:
    """N = 1, 2, … until the run comes to its end before the fault."""
    calm = undisturbed(tmp_path, CHAIN)
    at, struck = 0, ""
    names: Counter[str] = Counter()
    while True:
        at += 1
        world, machine = new_world(tmp_path / str(at), CHAIN), Machine(kind, at)
        world.boot(machine)
        if machine.struck is None:
            break
        struck = machine.struck
        names[struck.split()[0]] += 1
        try:
            world.finish()
            world.check_finished(calm)
        except Exception as error:
            raise AssertionError(f"{kind} at act {at}, {struck}: {error}") from error
    assert at - 1 >= LEAST_POINTS
    assert {"write", "sync", "move", "submit", "poll", "download", "index", "make", "create", "cut"} <= names.keys()


@pytest.mark.parametrize("recipe", [CANDIDATES, INSTANT], ids=["candidates", "instant"])
@pytest.mark.parametrize("kind", KINDS)
def test_calls_side_by_side_and_instant_answers_hold_as_well(kind: Kind, recipe: str, tmp_path: Path) -> None:
    """Each twelfth act, others for each kind; the soak goes further."""
    calm = undisturbed(tmp_path, recipe)
    for at in range(1 + KINDS.index(kind), len(calm.machines[0].acts), 12):
        world, machine = new_world(tmp_path / str(at), recipe), Machine(kind, at)
        world.boot(machine)
        world.finish()
        world.check_finished(calm)


@pytest.mark.parametrize("seed", range(20))
def test_a_second_fault_in_what_follows_the_first(seed: int, tmp_path: Path) -> None:
    """At any act of the run, and at any act of the one after."""
    random = Random(seed)
    recipe = random.choice([CHAIN, CANDIDATES])
    calm, world = undisturbed(tmp_path, recipe), new_world(tmp_path / "world", recipe)
    acts = len(calm.machines[0].acts)
    world.boot(Machine(random.choice(KINDS), random.randint(1, acts), seed))
    world.boot(Machine(random.choice(KINDS), random.randint(1, max(1, acts - len(world.machines[0].acts) + 20)), seed))
    world.finish()
    world.check_finished(calm)
