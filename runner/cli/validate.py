"""`retouch validate`: every problem of every recipe in one pass. Nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path as FilePath

import click

from runner import plan, templating
from runner.cli import wiring
from runner.cli.wiring import House
from runner.document import Path
from runner.errors import Diagnostic, InvalidRecipe, UsageError
from runner.inputs import Item
from runner.recipe import Recipe
from runner.report.words import diagnostics_text, error_text
from runner.workspace import Workspace, nearest_file


@click.command()
@click.argument("recipes", nargs=-1, required=True, type=click.Path(path_type=FilePath), metavar="RECIPE...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How problems are told.")
def validate(recipes: tuple[FilePath, ...], form: str) -> int:
    """Check each RECIPE: its shape, its names, its templates, the settings of its models, the files it names."""
    wiring.use_utf8()
    found: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    others: list[UsageError] = []
    for file in recipes:
        try:
            built = wiring.house(file)
            recipe = built.recipe()
            warnings += recipe.warnings
            examine(recipe, built)
        except InvalidRecipe as error:
            found += error.diagnostics
        except UsageError as error:
            others.append(error)
    if form == "json":
        told = {"problems": [asdict(each) for each in found], "warnings": [asdict(each) for each in warnings]}
        click.echo(json.dumps(told | {"errors": [each.message for each in others]}, ensure_ascii=False))
        return 2 if found or others else 0
    if warnings:
        click.echo(diagnostics_text(warnings) + "\n", err=True)
    if found or others:
        words = [diagnostics_text(found)] if found else []
        click.echo("\n\n".join(words + [error_text(each) for each in others]), err=True)
        count = len(found) + len(others)
        click.echo(f"\n{count} problem{'' if count == 1 else 's'} found", err=True)
    else:
        click.echo(f"{len(recipes)} recipe{'' if len(recipes) == 1 else 's'} checked: no problem found")
    return 2 if found or others else 0


def examine(recipe: Recipe, built: House) -> None:
    """Check what takes values and files to tell, of a recipe that could be parsed. Raises InvalidRecipe with all of it.

    Values are the defaults of the inputs; where one has none, they are known only when it runs.
    """
    found = [
        recipe.document.diagnostic(path, error.message, error.hint)
        for path, named in _files(recipe, built)
        if (error := _no_file(built.workspace, named)) is not None
    ]
    texts = [each for each in recipe.inputs.values() if each.type != "image"]
    if all(each.default is not None for each in texts):
        values = {each.name: each.default for each in texts if each.default is not None}
        try:
            plan.make(recipe, Item("", values), 0, built.catalogue, built.workspace.read_beside_recipe)
        except InvalidRecipe as error:
            told = {(each.location, each.message) for each in found}
            found += [each for each in error.diagnostics if (each.location, each.message) not in told]
    if found:
        raise InvalidRecipe(found)


def _files(recipe: Recipe, built: House) -> Iterator[tuple[Path, str]]:
    """Every file that the recipe names, as far as no template stands in its name, and where it does."""
    for name in recipe.images:
        default = recipe.inputs[name].default
        if default is not None:
            yield ("inputs", name, "default"), str(default)
    for step in recipe.steps:
        if step.operation is not None:
            for key, schema in built.catalogue.operations[step.operation].PARAMS.get("properties", {}).items():
                named = step.params.get(key)
                if schema.get("x-file") and isinstance(named, str) and not templating.is_template(named):
                    yield (*step.path, step.operation, key), named


def _no_file(place: Workspace, named: str) -> UsageError | None:
    """What is wrong with a file beside the recipe; None when it is there."""
    try:
        file = place.file_beside_recipe(named)
        if file.is_dir():
            return UsageError(f"{named} is a folder", hint="name a file in it")
        if not file.is_file():
            return UsageError(f"there is no file {named}", hint=nearest_file(file))
    except UsageError as error:
        return error
    return None
