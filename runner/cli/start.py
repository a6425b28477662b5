"""What `run` and `plan` share: from the words of a command line to the plan of an item."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from runner import inputs, plan, workspace
from runner.artifact import Artifact
from runner.cli.wiring import House
from runner.errors import BadImage, InvalidRecipe, UsageError
from runner.inputs import Item
from runner.plan import Plan
from runner.recipe import Recipe
from runner.records import Tariff
from runner.store.store import Store

HIGHEST_SEED = 2**31 - 1


def nothing(_: str) -> Tariff:
    """What a picture costs in a rehearsal, whatever the model."""
    return Tariff(0.0, "a rehearsal")


def texts_of(pairs: Sequence[str]) -> dict[str, str]:
    """`name=value` words as a dictionary. Raises UsageError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"-i {pair}: expected a name, an equals sign and a value", hint="like: -i product=Mug")
        if name.strip() in found:
            raise UsageError(f"the input `{name.strip()}` is given twice", hint="this version takes one item in a run")
        found[name.strip()] = value
    return found


def item(recipe: Recipe, built: House, store: Store, pairs: Sequence[str]) -> Item:
    """The item that a command line describes: values checked, pictures looked at and kept in the store.

    A picture on the command line is a path from here; a default is a path beside the recipe.
    """
    texts = texts_of(pairs)
    values = inputs.given(recipe.inputs, texts)
    images: dict[str, Artifact] = {}
    names: list[str] = []
    for name in recipe.images:
        told = str(values.pop(name))
        try:
            place = Path(told).expanduser() if name in texts else built.workspace.file_beside_recipe(told)
            images[name] = store.keep(workspace.read_file(place, told))
        except (BadImage, UsageError) as error:
            if name not in texts:  # the recipe itself names the file: tell where
                problem = recipe.document.diagnostic(("inputs", name, "default"), error.message, error.hint)
                raise InvalidRecipe([problem]) from None
            words = error.message if isinstance(error, UsageError) else f"{told}: {error.message}"
            raise UsageError(words, hint=error.hint) from None
        names.append(place.stem)
    return Item(names[0] if names else "", values, images)


def seed(recipe: Recipe, built: House, store: Store, asked: str | None, *, keep: bool) -> tuple[int, bool]:
    """The seed of the run, and whether it was drawn: `--seed`, else the recipe's, else one drawn for this recipe.

    A drawn seed is kept, so that the same command gives the same pictures and pays once; `--seed new` draws again, and
    without `keep` leaves the kept one alone.
    """
    key = built.workspace.recipe_key
    if asked is not None and asked != "new":
        if not re.fullmatch("[0-9]{1,15}", asked):
            raise UsageError(f"--seed {asked}: expected a whole number from 0, or `new`")
        return int(asked), False
    if asked is None and recipe.seed is not None:
        return recipe.seed, False
    known = None if asked == "new" else store.index.seed(key)
    drawn = random.SystemRandom().randint(0, HIGHEST_SEED) if known is None else known
    if known is None and (keep or asked is None):
        drawn = store.index.keep_seed(key, drawn, replace=asked == "new")
    return drawn, True


def plan_of(recipe: Recipe, built: House, one: Item, run_seed: int) -> Plan:
    """The plan of one item. Raises InvalidRecipe, also for params that no picture could make work."""
    made = plan.make(recipe, one, run_seed, built.catalogue, built.workspace.read_beside_recipe)
    found = []
    for planned in made.steps:
        objection = getattr(planned.operation, "objection", None)
        words = objection(planned.params) if objection is not None else None
        if words:
            found.append(recipe.document.diagnostic((*planned.step.path, str(planned.step.operation)), words, key=True))
    if found:
        raise InvalidRecipe(found)
    return made
