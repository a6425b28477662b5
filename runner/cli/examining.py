"""What is wrong with recipes: each file's verdict is a value, so that one broken recipe is not the end of the others.

Many files are examined by several processes at once. Nothing is sent, and nothing is written.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from runner import plan, settings, templating
from runner.cli import retirement, wiring
from runner.cli.wiring import House, Houses
from runner.document import Path
from runner.errors import Diagnostic, InvalidRecipe, RetouchError, UsageError
from runner.inputs import Item
from runner.recipe import Recipe
from runner.validation import first_paragraph
from runner.workspace import Workspace, nearest_file

MANY = 100
"""Files for which a further process pays: it takes as long to start as some thirty recipes take."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with one recipe file. Travels between processes."""

    file: str
    problems: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    error: str | None = None
    """Why it could not be examined at all; then `hint` says what to do."""
    hint: str | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether the recipe cannot run as it is."""
        return bool(self.problems) or self.error is not None


def verdicts(files: Sequence[FilePath]) -> list[Verdict]:
    """The verdict of each file, in their order."""
    workers = min(len(files) // MANY, os.cpu_count() or 1)
    if workers < 2:
        return _verdicts(files)
    from concurrent.futures import ProcessPoolExecutor

    share = -(-len(files) // workers)
    parts = [files[at : at + share] for at in range(0, len(files), share)]
    with ProcessPoolExecutor(workers, initializer=_leave_interrupts_to_the_first) as pool:
        return [each for part in pool.map(_verdicts, parts) for each in part]


def _leave_interrupts_to_the_first() -> None:
    """Ctrl-C reaches all processes; the first one ends the others, and says so once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _verdicts(files: Sequence[FilePath]) -> list[Verdict]:
    """What other packages bring only makes more recipes right, so that it is not looked for before one is wrong."""
    houses = wiring.Houses(guests=False)
    found = [_verdict(file, houses) for file in files]
    if not any(each.is_wrong for each in found) or not wiring.has_guests():
        return found
    houses = wiring.Houses(guests=True)
    return [_verdict(file, houses) if each.is_wrong else each for file, each in zip(files, found, strict=True)]


def _verdict(file: FilePath, houses: Houses) -> Verdict:
    warnings: tuple[Diagnostic, ...] = ()
    try:
        built = houses.of(file)
        recipe = built.recipe()
        provider, _ = settings.choose_provider(None, built.settings)
        warnings = (*recipe.warnings, *retirement.warnings(recipe, provider, built.settings))
        examine(recipe, built)
    except InvalidRecipe as error:
        return Verdict(str(file), error.diagnostics, warnings)
    except RetouchError as error:
        return Verdict(str(file), (), warnings, error.message, error.hint)
    return Verdict(str(file), (), warnings)


def examine(recipe: Recipe, built: House) -> None:
    """Check what takes values and files to tell, of a recipe that could be parsed. Raises InvalidRecipe with all of it.

    Values are the defaults of the inputs; where one has none, they are known only when it runs.
    """
    found = [
        recipe.document.diagnostic(path, error.message, error.hint or about)
        for path, named, about in _files(recipe, built)
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


def _files(recipe: Recipe, built: House) -> Iterator[tuple[Path, str, str | None]]:
    """Every file that the recipe names, as far as no template stands in its name: where, its name, and what it is."""
    for name in recipe.images:
        default = recipe.inputs[name].default
        if default is not None:
            yield ("inputs", name, "default"), str(default), None
    for step in recipe.steps:
        if step.operation is not None:
            for key, schema in built.catalogue.operations[step.operation].PARAMS.get("properties", {}).items():
                named = step.params.get(key)
                if schema.get("x-file") and isinstance(named, str) and not templating.is_template(named):
                    yield (*step.path, step.operation, key), named, first_paragraph(schema.get("description"))


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
