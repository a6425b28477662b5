"""`retouch validate`: every problem of every recipe in one pass. Nothing is sent."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from runner import plan, workspace
from runner.cli import wiring
from runner.cli.wiring import House
from runner.errors import Diagnostic, InvalidRecipe, UsageError
from runner.inputs import Item
from runner.recipe import Recipe
from runner.report.words import diagnostics_text, error_text


@click.command()
@click.argument("recipes", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RECIPE...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How problems are told.")
def validate(recipes: tuple[Path, ...], form: str) -> int:
    """Check each RECIPE: its shape, its names, its templates, the settings of its models, the files it names."""
    wiring.use_utf8()
    found: list[Diagnostic] = []
    others: list[UsageError] = []
    for file in recipes:
        try:
            built = wiring.house(file)
            _check(built.recipe(), built)
        except InvalidRecipe as error:
            found += error.diagnostics
        except UsageError as error:
            others.append(error)
    if form == "json":
        problems = [asdict(each) for each in found]
        click.echo(json.dumps({"problems": problems, "errors": [each.message for each in others]}, ensure_ascii=False))
    elif found or others:
        told = [diagnostics_text(found)] if found else []
        click.echo("\n\n".join(told + [error_text(each) for each in others]), err=True)
        count = len(found) + len(others)
        click.echo(f"\n{count} problem{'' if count == 1 else 's'} found", err=True)
    else:
        click.echo(f"{len(recipes)} recipe{'' if len(recipes) == 1 else 's'} checked: no problem found")
    return 2 if found or others else 0


def _check(recipe: Recipe, built: House) -> None:
    """What takes values and files to tell. Raises InvalidRecipe with all problems."""
    found: list[Diagnostic] = []
    for name in recipe.images:
        default = recipe.inputs[name].default
        if default is not None:
            try:
                place = built.workspace.file_beside_recipe(str(default))
                if not place.is_file():
                    raise UsageError(f"there is no file {default}", hint=workspace.nearest_file(place))
            except UsageError as error:
                found.append(recipe.document.diagnostic(("inputs", name, "default"), error.message, error.hint))
    texts = [each for each in recipe.inputs.values() if each.type != "image"]
    if all(each.default is not None for each in texts):  # else the values are known only when it runs
        values = {each.name: each.default for each in texts if each.default is not None}
        try:
            plan.make(recipe, Item("", values), 0, built.catalogue, built.workspace.read_beside_recipe)
        except InvalidRecipe as error:
            found += error.diagnostics
    if found:
        raise InvalidRecipe(found)
