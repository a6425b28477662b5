"""`retouch schemas build`: every generated file of `schemas/` made again, each from its one source."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from runner import pages, schema_files
from runner.cli import wiring
from runner.cli.schemas.reading import put, today
from runner.errors import RetouchError, UsageError
from runner.operations import OPERATIONS
from runner.report.words import clean
from runner.schemagen.build import TASK_RESULT, Built, build_all, written
from runner.schemagen.page import read_page
from runner.schemagen.recipe_schema import recipe_schema
from runner.workspace import Workspace

MARKUPS = (".rendered.md", ".mdx.md", ".md")
"""Endings of a page's file, the one that is preferred first."""


@click.command()
@click.option(
    "--pages",
    "from_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the pages, instead of their addresses.",
)
@click.option("--recipe", is_flag=True, help="Write only `recipe.schema.json`, from the schemas that are there.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Default: ./schemas.")
def build(from_folder: Path | None, recipe: bool, output: Path | None) -> None:
    """Write the schemas of all models of the catalogue, and the recipe's own.

    Each model's page is read from its address in `catalog.yaml`, or with --pages from `MODEL.rendered.md`,
    `MODEL.mdx.md` or `MODEL.md` in a folder. Nothing is written before all pages have been read.
    """
    wiring.use_utf8()
    if recipe and from_folder is not None:
        raise UsageError("--recipe reads no pages", hint="leave out --recipe or --pages")
    folder = output or Path("schemas")
    if not recipe and not (folder / "models").is_dir():
        raise UsageError(f"{folder} holds no folder `models`", hint="name the folder of schemas with -o")
    if recipe:
        built = Built({"recipe.schema.json": shape_of(schema_files.model_schemas([folder / "models"]))}, ())
    else:
        built = generated(_pages_in(from_folder) if from_folder else _pages_at(folder), folder)
    for name, text in built.files.items():
        put(folder / name, text)
        click.echo(f"{folder / name}")
    if not recipe:
        _tell_of_strangers(folder, built)
    for warning in built.warnings:
        click.echo(f"warning: {clean(warning)}", err=True)


def generated(found: Mapping[str, tuple[str, str]], folder: Path) -> Built:
    """Every generated file by its path below `folder`, where the former ones lie. `found` holds text and source of each
    page, by model. Raises UsageError.
    """
    made = build_all(found, schema_files.wording(), today(), schema_files.endpoints())
    files = {name: _with_former_date(text, folder / name) for name, text in made.files.items()}
    models = {Path(name).stem: json.loads(text) for name, text in files.items() if name.startswith("models/")}
    return Built(files | {"recipe.schema.json": shape_of(models)}, made.warnings)


def shape_of(models: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of `recipe.schema.json` for these models and the built-in operations."""
    ordered = {name: models[name] for name in sorted(models)}
    return written(recipe_schema(ordered, {verb: each.PARAMS for verb, each in OPERATIONS.items()}))


def out_of_date(here: Workspace) -> str | None:
    """What to say when the workspace has a `recipe.schema.json` that its models no longer agree with."""
    file = here.models_folder.parent / "recipe.schema.json"
    if not file.is_file() or file.read_text(encoding="utf-8") == shape_of(wiring.model_schemas(here)):
        return None
    folder = os.path.relpath(file.parent)
    elsewhere = f" -o {folder}" if folder != "schemas" else ""
    return f"bring {os.path.relpath(file)} up to date with `retouch schemas build --recipe{elsewhere}`"


def _addresses() -> dict[str, str]:
    """The address of each model's page, as the catalogue has it."""
    return {name: str(each["page"]) for name, each in schema_files.catalog()["models"].items()}


def _pages_at(folder: Path) -> dict[str, tuple[str, str]]:
    """Text and address of each page that the catalogue names, and of the task's result, whose schema names its page."""
    addresses = _addresses()
    result = folder / f"{TASK_RESULT}.json"
    if not result.is_file():
        result = schema_files.shipped("schemas", result.name)
    addresses[TASK_RESULT] = json.loads(result.read_text(encoding="utf-8"))["x-retouch"]["source"]
    found: dict[str, tuple[str, str]] = {}
    for (name, address), text in zip(addresses.items(), pages.read_all([*addresses.values()]), strict=True):
        if isinstance(text, RetouchError):
            raise text
        found[name] = text, address
    return found


def _pages_in(folder: Path) -> dict[str, tuple[str, str]]:
    """Text and address of each page that the catalogue names, by model, and of the task's result."""
    addresses = _addresses()
    found: dict[str, tuple[str, str]] = {}
    for name in [*addresses, TASK_RESULT]:
        file = next((folder / f"{name}{end}" for end in MARKUPS if (folder / f"{name}{end}").is_file()), None)
        if file is None:
            raise UsageError(f"{folder} holds no page of {name}", hint=f"looked for {name} with " + ", ".join(MARKUPS))
        text = pages.read(str(file))
        found[name] = text, read_page(text, file.name).url or addresses.get(name, file.name)
    return found


def _with_former_date(text: str, former: Path) -> str:
    """The text, with the date of the file that is there when the page has not changed since."""
    if not former.is_file():
        return text
    schema, before = json.loads(text), json.loads(former.read_text(encoding="utf-8"))
    if before.get("x-retouch", {}).get("digest") == schema["x-retouch"]["digest"]:
        schema["x-retouch"]["read"] = before["x-retouch"]["read"]
    return written(schema)


def _tell_of_strangers(folder: Path, built: Built) -> None:
    """Schemas that the catalogue does not name go where they lie with retouch itself; elsewhere they are someone's."""
    ours = folder.resolve() == schema_files.shipped("schemas")
    for file in sorted((folder / "models").glob("*.json")):
        if f"models/{file.name}" not in built.files:
            if ours:
                file.unlink()
            click.echo(f"{file}: not in the catalogue, {'removed' if ours else 'left as it is'}", err=True)
