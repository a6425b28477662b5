"""What `run` and `plan` share: from the words of a command line to the plan of an item."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from runner import inputs, pages, plan, workspace
from runner.artifact import Artifact
from runner.cli.wiring import House
from runner.errors import BadImage, InvalidRecipe, UsageError
from runner.inputs import Item
from runner.pages import pictures
from runner.plan import Plan
from runner.recipe import Recipe
from runner.records import Tariff
from runner.secrecy import without_queries
from runner.store.store import Store

HIGHEST_SEED = 2**31 - 1

allow_url = click.option("--allow-url", is_flag=True, help="Fetch pictures that `-i` names by their address, https://…")
"""The option of `run` and `plan` without which no address is asked."""


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
            hint = "a run takes each input once: for another picture, run it again"
            raise UsageError(f"the input `{name.strip()}` is given twice", hint=hint)
        found[name.strip()] = value
    return found


def item(
    recipe: Recipe,
    built: House,
    store: Store,
    pairs: Sequence[str],
    *,
    allow_url: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Item:
    """The item that a command line describes: values checked, pictures looked at and kept in the store.

    A picture on the command line is a path from here or, with `allow_url`, an address; a default is a path beside the
    recipe. Addresses are asked once everything else is right; `tell` hears of each picture that came.
    """
    texts = texts_of(pairs)
    values = inputs.given(recipe.inputs, texts)
    images: dict[str, Artifact] = {}
    named = {name: str(values.pop(name)) for name in recipe.images}
    for name in sorted(recipe.images, key=lambda each: each in texts and pages.is_address(named[each])):
        told = named[name]
        try:
            if name not in texts:
                data = workspace.read_file(built.workspace.file_beside_recipe(told), told)
            else:
                data = _asked_for(name, told, allow_url, tell)
            images[name] = store.keep(data)
        except (BadImage, UsageError) as error:
            if name not in texts:  # the recipe itself names the file: tell where
                problem = recipe.document.diagnostic(("inputs", name, "default"), error.message, error.hint)
                raise InvalidRecipe([problem]) from None
            words = error.message if isinstance(error, UsageError) else f"{_plain(told)}: {error.message}"
            raise UsageError(words, hint=error.hint) from None
    first = named[recipe.images[0]] if recipe.images else ""
    return Item(_stem(first), values, {name: images[name] for name in recipe.images})


def _asked_for(name: str, told: str, allow_url: bool, tell: Callable[[str], None]) -> bytes:
    """The file or address that a user names for an image input."""
    if not told:
        raise UsageError(f"-i {name}= has no value", hint=f"name a picture behind it: -i {name}=photo.jpg")
    if not pages.is_address(told):
        return workspace.read_file(_home(Path(told)), told)
    if not allow_url:
        hint = "add --allow-url to have it fetched, or save the picture and name the file"
        raise UsageError(f"-i {name}={_plain(told)} is an address, not a file", hint=hint)
    data = pictures.read(told)
    tell(f"{name}: fetched {_plain(told)}, {-(-len(data) // 1000):,} kB")
    return data


def _home(path: Path) -> Path:
    """The path with `~` read as a shell would; as it is where nobody has that name."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def _plain(told: str) -> str:
    """A path as it is; an address without what may be secret in it."""
    return without_queries(told) if pages.is_address(told) else told


def _stem(told: str) -> str:
    """What the picture is called that names the item: its file without folder and ending."""
    return pictures.name_of(told) if pages.is_address(told) else Path(told).stem


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
