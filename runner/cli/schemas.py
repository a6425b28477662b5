"""`retouch schemas`: from documentation pages to schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from runner import schema_files, settings
from runner.cli import wiring
from runner.errors import OutOfReach, UsageError
from runner.language import STEP_NAME, STEP_NAME_FORM
from runner.operations import OPERATIONS
from runner.schemagen.build import TASK_RESULT, Built, build_all, with_endpoint, written
from runner.schemagen.page import read_page
from runner.schemagen.recipe_schema import recipe_schema
from runner.schemagen.schema import request_schema
from runner.workspace import Workspace, root_of

MARKUPS = (".rendered.md", ".mdx.md", ".md")
"""Endings of a page's file, the one that is preferred first."""


@click.group()
def schemas() -> None:
    """Make schemas from the provider's documentation pages."""


@schemas.command()
@click.argument("page", type=click.Path(path_type=Path))
def read(page: Path) -> None:
    """Print the request's JSON Schema of a documentation PAGE (a file); warnings go to standard error."""
    wiring.use_utf8()
    schema, _ = _read(page, None)
    click.echo(written(schema), nl=False)


@schemas.command()
@click.argument("page", type=click.Path(path_type=Path))
@click.option("--name", help="What recipes call the model; default: the last word of its endpoint.")
def add(page: Path, name: str | None) -> None:
    """Put the schema of a documentation PAGE (a file) into `schemas/models/` of this workspace.

    The model is then known to every command, and to the emulator.
    """
    wiring.use_utf8()
    schema, called = _read(page, name)
    if not re.search(STEP_NAME, called):
        raise UsageError(f"`{called}` cannot be the name of a model", hint=f"name it with --name: {STEP_NAME_FORM}")
    whole = with_endpoint(schema, called)
    if whole["x-retouch"]["method"] not in {"POST", None}:
        hint = "a model's page describes a POST request with a prompt or a picture"
        raise UsageError(
            f"{page} describes no model: its endpoint is asked with {whole['x-retouch']['method']}", hint=hint
        )
    if whole["x-retouch"]["path"] is None:
        raise UsageError(f"{page} does not say where requests go", hint="a page with a cURL sample does")
    here = Workspace(root_of(Path.cwd()), page)
    folder = here.models_folder
    if folder == schema_files.shipped("schemas", "models"):
        hint = "to add a model to retouch itself, see schemas/README.md; for your own, go to a folder of your own"
        raise UsageError("this folder is retouch itself", hint=hint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{called}.json").write_text(written(whole), encoding="utf-8")
    except OSError as error:
        raise OutOfReach(f"{folder / called}.json cannot be written: {error.strerror}") from None
    click.echo(
        f"{folder / called}.json: use it with `model: {called}`; see its settings with `retouch models {called}`"
    )
    if called not in wiring.prices(settings.load(here.settings_file)):
        words = (
            f"its price is not known: write it to retouch.toml, below [prices]: {called} = …  # US dollars a picture"
        )
        click.echo(words, err=True)


def _read(page: Path, name: str | None) -> tuple[dict[str, Any], str]:
    """The schema of a page, and the model's name; its warnings are told."""
    found = read_page(_text(page), page.name)
    called = name or found.name
    schema, warnings = request_schema(found, read=_today(), wording=schema_files.wording(), name=called)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    return schema, called


@schemas.command()
@click.option("--pages", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of the pages.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Default: ./schemas.")
def build(pages: Path | None, output: Path | None) -> None:
    """Write the schemas of all models of the catalogue, and the recipe's own.

    With --pages each model's schema is made again from `MODEL.rendered.md`, `MODEL.mdx.md` or `MODEL.md` in that
    folder. Without it only `recipe.schema.json` is written, from the schemas that are there.
    """
    wiring.use_utf8()
    folder = output or Path("schemas")
    if not (folder / "models").is_dir():
        raise UsageError(f"{folder} holds no folder `models`", hint="name the folder of schemas with -o")
    built = generated(pages, folder)
    for name, text in built.files.items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"{folder / name}")
    for warning in built.warnings:
        click.echo(f"warning: {warning}", err=True)


def generated(pages: Path | None, folder: Path) -> Built:
    """Every generated file by its path below `folder`, where the former ones lie. Raises UsageError."""
    files: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    if pages is not None:
        made = build_all(_pages_in(pages), schema_files.wording(), _today())
        warnings = made.warnings
        files = {name: _with_former_date(text, folder / name) for name, text in made.files.items()}
    models = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (folder / "models").glob("*.json")}
    models |= {Path(name).stem: json.loads(text) for name, text in files.items() if name.startswith("models/")}
    return Built(files | {"recipe.schema.json": shape_of(models)}, warnings)


def shape_of(models: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of `recipe.schema.json` for these models and the built-in operations."""
    ordered = {name: models[name] for name in sorted(models)}
    return written(recipe_schema(ordered, {verb: each.PARAMS for verb, each in OPERATIONS.items()}))


def _pages_in(folder: Path) -> dict[str, tuple[str, str]]:
    """Text and address of each page that the catalogue names, by model, and of the task's result."""
    addresses = {name: str(each["page"]) for name, each in schema_files.catalog()["models"].items()}
    found: dict[str, tuple[str, str]] = {}
    for name in [*addresses, TASK_RESULT]:
        file = next((folder / f"{name}{end}" for end in MARKUPS if (folder / f"{name}{end}").is_file()), None)
        if file is None:
            raise UsageError(f"{folder} holds no page of {name}", hint=f"looked for {name} with " + ", ".join(MARKUPS))
        text = _text(file)
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


def _text(page: Path) -> str:
    try:
        return page.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no file {page}") from None
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{page} is no text that can be read as UTF-8") from None


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
