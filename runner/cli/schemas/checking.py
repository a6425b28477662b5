"""`retouch schemas check`: the pages read again, and what changed since, in words; with --update, taken over."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from runner import pages as page_texts
from runner import schema_files, workspace
from runner.cli import wiring
from runner.cli.schemas.affected import Affected, affected, workspaces_inside
from runner.cli.schemas.building import out_of_date
from runner.cli.schemas.reading import page_of, pages_at, put, today
from runner.errors import RetouchError, UsageError
from runner.report.words import clean, error_text
from runner.schemagen.build import TASK_RESULT, with_endpoint, written
from runner.schemagen.drift import Change, answer_changes, request_changes
from runner.schemagen.page import Page
from runner.schemagen.schema import request_schema, response_schema
from runner.workspace import MOST_LISTED, Workspace

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A schema that this workspace knows."""

    name: str
    schema: Schema
    place: Path
    """Where a new one is written."""

    @property
    def source(self) -> str:
        """What its page can be found by again; empty where the schema does not say."""
        return self.schema["x-retouch"].get("source") or ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A page read again, beside the schema that was made from it before."""

    known: Known
    schema: Schema
    """What the page gives today."""
    changes: tuple[Change, ...]
    same_text: bool
    doubts: tuple[str, ...]
    """What the reader was not sure of on the page."""
    wordless: tuple[str, ...]
    """What our wording has no words for."""

    def notes(self) -> list[str]:
        """What must be known to judge the changes."""
        notes = []
        if self.changes and self.same_text:
            notes.append("its page is the same as before; this version of retouch reads it otherwise")
        if any(change.vanished for change in self.changes):
            notes += [f"the page was read with a warning: {doubt}" for doubt in self.doubts]
        if not self.changes and not self.same_text:
            notes.append("the text of its page has changed, and no fact with it")
        return notes


@dataclass(frozen=True, slots=True)
class Unread:
    """A page that could not be read again."""

    model: str | None
    """Whose page it is; None for one that was named and not found to be anyone's."""
    error: RetouchError


@click.command()
@click.argument("pages", nargs=-1, metavar="[PAGE...]")
@click.option("--update", is_flag=True, help="Write the new schemas.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def check(pages: tuple[str, ...], update: bool, as_json: bool) -> int:
    """Read the pages of all models again, or each PAGE (a file or an address), and tell what changed.

    Also told: which recipes of this workspace lean on it, and at which lines. Ends with 0 when nothing changed, or
    --update has written it, and with 1 when something did; else with 2 or 5 when a page yields nothing or cannot be
    reached.
    """
    wiring.use_utf8()
    built = wiring.house_of(Workspace(workspace.root_of(Path.cwd()), Path("none")))
    checked, unread = _read_again(pages, _known(built.workspace), built.workspace.root)
    drifted = [each for each in checked if each.changes]
    meant = _for_recipes(drifted, built)
    put_down = [each for each in checked if update and (each.changes or not each.same_text)]
    for each in put_down:
        put(each.known.place, written(dict(each.schema)))
    passed_by = [os.path.relpath(each) for each in workspaces_inside(built.workspace.root)]
    if as_json:
        told = _told(checked, unread, meant, put_down) | {"passed_by": passed_by}
        click.echo(clean(json.dumps(told, ensure_ascii=False, indent=2)))
    else:
        _tell(checked, unread, meant, put_down)
        _tell_what_is_left(passed_by)
        click.echo(_summary(checked, unread), err=True)
        if drifted and not put_down:
            click.echo("take the changes over with the same command and `--update`", err=True)
        elif put_down and (advice := out_of_date(built.workspace)) is not None:
            click.echo(clean(advice), err=True)
    if drifted and not update:
        return 1
    return min((each.error.exit_code for each in unread), default=0)


def _known(here: Workspace) -> dict[str, Known]:
    """Every model that the workspace knows; in retouch's own checkout the task's result too."""
    folder = here.models_folder
    schemas = wiring.model_schemas(here)
    found = {name: Known(name, schema, folder / f"{name}.json") for name, schema in schemas.items()}
    result = schema_files.shipped("schemas", f"{TASK_RESULT}.json")
    if folder == schema_files.shipped("schemas", "models"):
        found[TASK_RESULT] = Known(TASK_RESULT, json.loads(result.read_text(encoding="utf-8")), result)
    return found


def _read_again(named: Sequence[str], known: Mapping[str, Known], root: Path) -> tuple[list[Checked], list[Unread]]:
    """Every page that was named, else the page of every schema; one that cannot be read does not end it."""
    checked: list[Checked] = []
    unread: list[Unread] = []
    for page in named:
        try:
            found = page_of(page, root)
            checked += [_compared(each, _with_source(found, page, each)) for each in _matching(found, known)]
        except RetouchError as error:
            unread.append(Unread(None, error))
    if not named:
        nameless = [each.name for each in known.values() if not each.source]
        why = UsageError("its schema does not say which page it was made from", hint="name the page behind the command")
        unread += [Unread(name, why) for name in nameless]
        models = [each for each in known.values() if each.source]
        for each, read in zip(models, pages_at([model.source for model in models], root), strict=True):
            if isinstance(read, RetouchError):
                unread.append(Unread(each.name, read))
            else:
                checked.append(_compared(each, read))
    return checked, unread


def _matching(page: Page, known: Mapping[str, Known]) -> list[Known]:
    """The schemas that a page speaks of: those made from it, else those of its endpoint, else the one of its name.

    Where schemas of the workspace's own are among them, those that come with retouch are not meant.
    """
    source = page.source.removesuffix(".md")
    found = [each for each in known.values() if each.source.removesuffix(".md") == source]
    if not found and page.path is not None:
        found = [each for each in known.values() if each.schema["x-retouch"].get("path") == page.path]
    if not found and page.name in known:
        found = [known[page.name]]
    if not found:
        hint = "make it known with `retouch schemas add`"
        raise UsageError(f"no model that is known here was made from {page.source}", hint=hint)
    return [each for each in found if each.place.is_file()] or found


def _with_source(page: Page, named: str, known: Known) -> Page:
    """The page with what its schema's source will be: a saved copy does not take the place of an address."""
    saved = page.url is None and not page_texts.is_address(named)
    return replace(page, source=known.source) if saved and page_texts.is_address(known.source) else page


def _compared(known: Known, page: Page) -> Checked:
    answer = known.name == TASK_RESULT
    make, changes = (response_schema, answer_changes) if answer else (request_schema, request_changes)
    schema, warnings = make(page, read=today(), wording=schema_files.wording(), name=known.name)
    if not answer:
        schema = with_endpoint(schema, known.name, known.schema["x-retouch"])
    same = known.schema["x-retouch"].get("digest") == page.digest
    wordless = tuple(each for each in warnings if each not in page.warnings)
    return Checked(known, schema, changes(known.schema, schema), same, page.warnings, wordless)


def _for_recipes(drifted: Sequence[Checked], built: wiring.House) -> Affected:
    models = [each for each in drifted if each.known.name in built.schemas]
    if not models:
        return Affected((), (), ())
    changed = {each.known.name: each.changes for each in models}
    return affected(built, changed, {each.known.name: each.schema for each in models})


def _tell(checked: Sequence[Checked], unread: Sequence[Unread], meant: Affected, put_down: Sequence[Checked]) -> None:
    """In words: changes, recipes and what was written on standard output, everything else on standard error."""
    for each in checked:
        for words in (*(change.words for change in each.changes), *each.notes()):
            click.echo(clean(f"{each.known.name}: {words}"))
    for line in meant.lines:
        click.echo(clean(line.words))
    for problem in meant.broken:
        click.echo(clean(f"{problem.location}: no longer valid: {problem.message}"))
        if problem.hint:
            click.echo(f"  {clean(problem.hint)}")
    for each in put_down:
        click.echo(f"{os.path.relpath(each.known.place)}: written")
        for doubt in (*each.doubts, *each.wordless):
            click.echo(f"warning: {each.known.name}: {clean(doubt)}", err=True)
    for error in (*meant.unread, *_joined(unread)):
        click.echo(error_text(error), err=True)


def _tell_what_is_left(inside: Sequence[str]) -> None:
    """Workspaces inside this one, on standard error: whoever keeps recipes there would take silence for peace."""
    if inside:
        names = ", ".join(inside[:MOST_LISTED]) + (", …" if len(inside) > MOST_LISTED else "")
        told = "a workspace of its own" if len(inside) == 1 else "workspaces of their own"
        words = f"{names}: {told}, whose models and recipes were not looked at; run the same command there"
        click.echo(clean(words), err=True)


def _joined(unread: Sequence[Unread]) -> list[RetouchError]:
    """What could not be read; one host that does not answer is told once, with all models that it keeps from us."""
    same: dict[tuple[str, str | None], list[str]] = {}
    for each in unread:
        same.setdefault((each.error.message, each.error.hint), []).extend([each.model] if each.model else [])
    return [
        RetouchError(": ".join(([", ".join(models)] if models else []) + [message]), hint=hint)
        for (message, hint), models in same.items()
    ]


def _summary(checked: Sequence[Checked], unread: Sequence[Unread]) -> str:
    drifted = sum(bool(each.changes) for each in checked)
    parts = [f"{len(checked)} page{'' if len(checked) == 1 else 's'} read"] if checked or not unread else []
    parts += [f"{len(unread)} could not be read"] if unread else []
    return ", ".join(parts) + (f": {drifted} changed" if drifted else ": nothing has changed" if checked else "")


def _told(
    checked: Sequence[Checked], unread: Sequence[Unread], meant: Affected, put_down: Sequence[Checked]
) -> dict[str, Any]:
    """The same for a program."""
    return {
        "models": [
            {
                "model": each.known.name,
                "source": each.known.source,
                "text_changed": not each.same_text,
                "changes": [_change(change) for change in each.changes],
                "notes": each.notes(),
                "written": os.path.relpath(each.known.place) if each in put_down else None,
            }
            for each in checked
        ],
        "recipes": [
            {key: getattr(line, key) for key in ("file", "line", "column", "model", "step", "about", "told")}
            for line in meant.lines
        ],
        "problems": [
            {"file": each.location.file, "line": each.location.line, "column": each.location.column,
             "message": each.message, "hint": each.hint}
            for each in meant.broken
        ],
        "unread": [each.message for each in meant.unread],
        "errors": [
            {"model": each.model, "message": each.error.message, "hint": each.error.hint, "code": each.error.exit_code}
            for each in unread
        ],
    }  # fmt: skip


def _change(change: Change) -> dict[str, Any]:
    paths = {"parameter": change.before or change.now, "now": change.now}
    dotted = {key: ".".join(path) if path is not None else None for key, path in paths.items()}
    return {"kind": change.kind, **dotted, "answer": change.of_answer, "words": change.words}
