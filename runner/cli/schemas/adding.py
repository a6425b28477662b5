"""`retouch schemas read` and `retouch schemas add`: one page, to look at or to use."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from runner import answer, layout, pages, schema_files, settings, workspace
from runner.cli import wiring
from runner.cli.schemas.building import out_of_date
from runner.cli.schemas.reading import page_of, put, today
from runner.errors import UsageError
from runner.language import STEP_NAME, STEP_NAME_FORM
from runner.novita import paths
from runner.report.words import clean
from runner.schemagen.build import with_endpoint, written
from runner.schemagen.page import Page
from runner.schemagen.schema import request_schema
from runner.settings import Settings
from runner.validation import shown
from runner.workspace import Workspace

MOST_OF_A_NAME = 40
"""Characters of a name that recipes can write (language.STEP_NAME)."""


_OTHER = re.compile(r"video|\b[tivr]2v\b|\b(?:speech|audio|voice|music)\b", re.IGNORECASE)
"""What titles and paths of endpoints say whose tasks make no pictures; the answer itself only names a task."""


@click.command()
@click.argument("page")
def read(page: str) -> None:
    """Print the request's JSON Schema of a documentation PAGE (a file or an address).

    Warnings go to standard error.
    """
    wiring.use_utf8()
    found = page_of(page, workspace.root_of(Path.cwd()))
    click.echo(written(_schema(found, found.name)), nl=False)


@click.command()
@click.argument("page")
@click.option("--name", help="What recipes call the model; default: the last word of its endpoint.")
@click.option("--path", help="Where requests go, such as /v3/brush: for a page that does not say it.")
@click.option("--replace", is_flag=True, help="Replace the schema of that name, although it comes from another page.")
def add(page: str, name: str | None, path: str | None, replace: bool) -> None:
    """Put the schema of a documentation PAGE (a file or an address) into `schemas/models/` of this workspace.

    The model is then known to every command, and to the emulator.
    """
    wiring.use_utf8()
    here = Workspace(workspace.root_of(Path.cwd()), Path("none"))
    folder = here.models_folder
    if folder == schema_files.shipped("schemas", "models"):
        hint = "to add a model to retouch itself, see schemas/README.md; for your own, go to a folder of your own"
        raise UsageError("this folder is retouch itself", hint=hint)
    found = page_of(page, here.root)
    page = found.source if pages.is_address(page) else page
    called = found.name if name is None else name
    if not re.search(STEP_NAME, called) or called.endswith("\n"):  # `$` lets one line end pass
        raise UsageError(f"{shown(called)} cannot be the name of a model", hint=_as_name(called))
    chosen = settings.load(here.settings_file)
    schema = _with_endpoint(_schema(found, called), page, found, called, path)
    _refuse_no_model(schema, page, found)
    _tell_of_another_host(found, chosen)
    file = folder / f"{called}.json"
    if not replace:
        _refuse_other_page(file, schema)
    put(file, written(schema))
    place = os.path.relpath(file)
    click.echo(f"{place}: use it with `model: {called}`; see its settings with `retouch models {called}`")
    if schema_files.shipped("schemas", "models", file.name).is_file():
        click.echo(f"in this workspace it takes the place of the `{called}` that comes with retouch", err=True)
    if called not in wiring.prices(chosen):
        words = f"its price is not known: write it to retouch.toml, below [prices]: {called} = …"
        click.echo(f"{words}  # US dollars a picture", err=True)
    if (advice := out_of_date(here)) is not None:
        click.echo(clean(advice), err=True)


def _as_name(called: str) -> str:
    """A hint with the nearest name that recipes can write."""
    legal = re.sub(r"[^a-z0-9]+", "-", called.lower()).strip("-")[:MOST_OF_A_NAME].rstrip("-")
    return f"name it with `--name {legal}`" if legal else f"name it with --name: {STEP_NAME_FORM}"


def _schema(found: Page, called: str) -> dict[str, Any]:
    """The schema of a page; its warnings are told."""
    schema, warnings = request_schema(found, read=today(), wording=schema_files.wording(), name=called)
    for warning in warnings:
        click.echo(f"warning: {clean(warning)}", err=True)
    return schema


def _with_endpoint(schema: dict[str, Any], page: str, found: Page, called: str, given: str | None) -> dict[str, Any]:
    """The schema with where requests go; it is said when that is not the page's own word.

    Raises UsageError for a path that was given and cannot be.
    """
    if given is not None:
        schema = _at(schema, given, page)
    own = found.url or (page if pages.is_address(page) else None)
    whole = with_endpoint(schema, found.word if own else called)
    path = whole["x-retouch"]["path"]
    if path is not None and found.path is None and given is None:
        told = f"the page does not say where requests go; as for other tasks, {path} is taken"
        click.echo(f"warning: {clean(told)}", err=True)
    return whole


def _refuse_no_model(whole: dict[str, Any], page: str, found: Page) -> None:
    """Raises UsageError when no step could use what the page describes; warns when it seems to make no pictures."""
    about, form = whole["x-retouch"], layout.of(whole)
    if about["method"] not in {"POST", None}:
        hint = "a model's page describes a POST request with a prompt or a picture"
        raise UsageError(f"{page} describes no model: its endpoint is asked with {about['method']}", hint=hint)
    if form.prompt is None and not form.pictures:
        hint = "a model takes a text called like `prompt`, or a picture called like `image`, in a parameter of its own"
        raise UsageError(
            f"{page} describes no model: neither a prompt nor a picture is among its parameters", hint=hint
        )
    if about["path"] is None:
        hint = "a page with a cURL sample does; or say it with --path, like --path /v3/brush"
        raise UsageError(f"{page} does not say where requests go", hint=hint)
    if why := paths.unfit(about["path"]):
        raise UsageError(f"{page} says that requests go to {about['path']}, which no request can: {why}")
    response = about["response"]
    if response is not None and not answer.holds_pictures(response) and answer.task_place(response) is None:
        hint = "a model's answer is a picture, or a task whose pictures can be asked for"
        raise UsageError(f"{page} describes no model: its answer holds neither a picture nor a task", hint=hint)
    if _OTHER.search(f"{found.title} {about['path']}"):
        told = "this seems to make videos or sounds; only pictures are fetched, and a task that makes none is paid too"
        click.echo(f"warning: {told}", err=True)


def _at(schema: dict[str, Any], given: str, page: str) -> dict[str, Any]:
    """The schema with the path that was given. Raises UsageError where the page says another one, or it is none."""
    origin = schema["x-retouch"]
    if why := paths.unfit(given):
        hint = "write it from the slash behind the host, like /v3/brush"
        raise UsageError(f"{shown(given)} is no path: {why}", hint=hint)
    if origin["path"] not in {None, given}:
        raise UsageError(f"{page} says that requests go to {origin['path']}", hint="leave out --path")
    return schema | {"x-retouch": origin | {"method": origin["method"] or "POST", "path": given}}


def _tell_of_another_host(found: Page, chosen: Settings) -> None:
    """Say so when the page sends requests elsewhere: the key goes to the provider's own host, whatever a page says."""
    hosts = [urlsplit(each).hostname for each in (chosen.novita_url, Settings().novita_url)]
    stated = urlsplit(found.endpoint or "").hostname
    if stated is not None and stated not in hosts:
        told = f"the page sends requests to {stated}; retouch sends them to {hosts[0]}, which need not know this model"
        click.echo(f"warning: {clean(told)}", err=True)


def _refuse_other_page(file: Path, schema: dict[str, Any]) -> None:
    """Raises UsageError when the file holds the schema of another page than this one."""
    if not file.is_file():
        return
    try:
        former = json.loads(file.read_text(encoding="utf-8"))["x-retouch"]["source"]
    except (OSError, ValueError, KeyError, TypeError):
        former = None
    if former != schema["x-retouch"]["source"]:
        told = f"was made from {former}" if isinstance(former, str) else "is no schema that retouch made"
        hint = "choose another name with --name, or replace it with --replace"
        raise UsageError(f"{file} is there already, and {told}", hint=hint)
