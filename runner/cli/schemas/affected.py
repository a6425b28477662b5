"""Which recipes of a workspace lean on what changed in a schema, at which lines, and which are no longer valid."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from runner import document, layout, parsing, uses
from runner.cli import wiring
from runner.cli.examining import examine
from runner.cli.wiring import House, Schemas
from runner.document import Document
from runner.document import Path as Place
from runner.errors import Diagnostic, InvalidRecipe, RetouchError
from runner.layout import Layout
from runner.operation import Catalogue
from runner.schemagen.drift import Change
from runner.schemagen.recipe_schema import recipe_schema
from runner.workspace import MARKS, Workspace

_NEVER = {"node_modules"}
"""Folders with files of other people; hidden ones, results and virtual environments are passed by as well."""
_RECIPE = re.compile(rb"^[\"']?recipe[\"']?\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One place in a recipe that a change touches."""

    file: str
    line: int
    column: int
    model: str
    step: str
    about: str
    """What stands there, as the author writes it: `settings.size`, or the step's name."""
    told: str

    @property
    def words(self) -> str:
        """Place and change, for people."""
        return f"{self.file}:{self.line}: `{self.about}`: {self.told}"


@dataclass(frozen=True, slots=True)
class Affected:
    """What changed schemas mean for the recipes of a workspace."""

    lines: tuple[Line, ...]
    broken: tuple[Diagnostic, ...]
    """Problems that a recipe has only from now on."""
    unread: tuple[RetouchError, ...]
    """Recipes that speak of such a model, and cannot be read."""


def affected(built: House, changed: Mapping[str, Sequence[Change]], schemas: Schemas) -> Affected:
    """What the changes of these models mean. `built` has the former schemas, `schemas` the new ones of the models."""
    later = _with(built, schemas)
    lines: list[Line] = []
    broken: list[Diagnostic] = []
    unread: list[RetouchError] = []
    for file in recipe_files(built.workspace.root, list(changed)):
        here = Workspace(built.workspace.root, file)
        try:
            text = document.read(file, os.path.relpath(file))
        except InvalidRecipe as error:
            first, hint = error.diagnostics[0], "whether this recipe leans on what changed cannot be told"
            unread.append(RetouchError(f"{first.location}: {first.message}", hint=hint))
            continue
        except RetouchError as error:
            unread.append(error)
            continue
        if not isinstance(text.data, dict) or "recipe" not in text.data:
            continue
        touched = (lines_of(text, model, changed[model], built.schemas[model], schemas[model]) for model in changed)
        lines += sorted(chain.from_iterable(touched), key=lambda line: line.line)
        known = {(each.location, each.message) for each in _problems(text, replace(built, workspace=here))}
        found = _problems(text, replace(later, workspace=here))
        broken += [each for each in found if (each.location, each.message) not in known]
    return Affected(tuple(lines), tuple(broken), tuple(unread))


def recipe_files(root: Path, models: Sequence[str]) -> list[Path]:
    """Every recipe of the workspace in which the name of one of the models stands, in order of their paths.

    Workspaces inside the workspace have schemas of their own, and are passed by: see `workspaces_inside`.
    """
    names = [model.encode("utf-8") for model in models]
    found = []
    for folder, inner, files in os.walk(root):
        inner[:] = [each for each in inner if not _passed_by(root, Path(folder, each))]
        found += [place for name in files if _speaks_of(place := Path(folder, name), names)]
    return sorted(found)


def workspaces_inside(root: Path) -> list[Path]:
    """The workspaces below this one that hold recipes or models of their own, in order; not those inside them again."""
    found = []
    for folder, inner, _ in os.walk(root):
        places = [Path(folder, each) for each in inner if not _is_foreign(root, Path(folder, each))]
        within = {place for place in places if _is_workspace(place)}
        found += [each for each in within if (each / "schemas" / "models").is_dir() or recipe_files(each, [""])]
        inner[:] = [each.name for each in places if each not in within]
    return sorted(found)


def lines_of(
    text: Document, model: str, changes: Sequence[Change], before: Mapping[str, object], now: Mapping[str, object]
) -> list[Line]:
    """The places of one recipe that the changes of one model touch, in the order of the file, each once."""
    forms = layout.of(before), layout.of(now)
    found: dict[tuple[int, str, str], Line] = {}
    for step in uses.steps_with(text, model):
        name = uses.name_of(text, step)
        for change in changes:
            touched = _touched(text, step, change, forms)
            if touched is not None:
                place, about, told = touched
                span = text.span(place, key=about != name)
                line = Line(text.file, span.line, span.column, model, name, about, told)
                found.setdefault((line.line, about, told), line)
    return sorted(found.values(), key=lambda line: line.line)


def _touched(
    text: Document, step: Place, change: Change, forms: tuple[Layout, Layout]
) -> tuple[Place, str, str] | None:
    """Where a change touches a step: the place, what stands there, and what is told. None where it does not."""
    whole = uses.name_place(text, step), uses.name_of(text, step), change.words
    parameter, form = (change.before, forms[0]) if change.before is not None else (change.now, forms[1])
    if change.of_answer:
        return None
    if parameter is None:  # of the endpoint, or of the page as a whole
        return whole
    if any(parameter == each.path for each in form.pictures):
        return whole if change.kind != "new" or change.needed else None
    place = uses.place_of(text, step, parameter, form)
    if parameter == form.seed and (place is None or change.kind in {"new", "default"}):
        return whole if change.kind != "default" else None  # wherever a model takes a seed, every request has one
    if change.kind == "new":
        return whole if change.needed and place is None and _is_sent(text, step, parameter, forms[1]) else None
    if place is not None:
        told = f"{change.told} (it is set here, so nothing changes)" if change.kind == "default" else change.told
        return place, ".".join(str(part) for part in place[2:] or place), told
    if change.kind == "default":
        return whole[0], whole[1], f"leaves {change.subject} to the model: it {change.told}"
    return whole if change.needed and _is_sent(text, step, parameter, forms[1]) else None


def _is_sent(text: Document, step: Place, parameter: layout.Path, form: Layout) -> bool:
    """Whether the object that a parameter stands in is part of the step's request."""
    around = parameter[:-1]
    inside = any(path[: len(around)] == around for path in form.own)
    return not around or inside or uses.place_of(text, step, around, form) is not None


def _with(built: House, schemas: Schemas) -> House:
    """The same house with other schemas for some models."""
    every = {**built.schemas, **schemas}
    catalogue = Catalogue(
        {name: wiring.model_of(name, each) for name, each in every.items()}, built.catalogue.operations
    )
    shape = recipe_schema(every, {verb: each.PARAMS for verb, each in catalogue.operations.items()})
    return replace(built, schemas=every, catalogue=catalogue, recipe_schema=shape)


def _problems(text: Document, built: House) -> Sequence[Diagnostic]:
    """What `retouch validate` finds in a recipe."""
    try:
        examine(parsing.parse(text, Path(text.file).stem, built.recipe_schema, built.catalogue), built)
    except InvalidRecipe as error:
        return error.diagnostics
    return ()


def _passed_by(root: Path, folder: Path) -> bool:
    return _is_foreign(root, folder) or _is_workspace(folder)


def _is_foreign(root: Path, folder: Path) -> bool:
    """Whether what lies in it is nobody's own: hidden, other people's, results, a virtual environment."""
    own = folder.name.startswith(".") or folder.name in _NEVER or (folder.name == "out" and folder.parent == root)
    return own or (folder / "pyvenv.cfg").exists()


def _is_workspace(folder: Path) -> bool:
    return any((folder / mark).exists() for mark in MARKS)


def _speaks_of(file: Path, names: Sequence[bytes]) -> bool:
    """Whether a file looks like a recipe with one of these models: most need not be read as YAML."""
    if file.suffix not in {".yaml", ".yml"} or file.name.startswith("."):
        return False
    try:
        if not file.is_file():  # a pipe, whose reader would wait for ever
            return False
        with file.open("rb") as opened:
            start = opened.read(document.MOST_BYTES)
    except OSError:
        return False
    return _RECIPE.search(start) is not None and any(name in start for name in names)
