"""A document becomes a recipe. All problems are found in one pass: those of its shape (validation against the recipe
schema) and those of its meaning (names, edges, templates, what a model takes). Later code never meets raw YAML.

Both work on data in which misspelt keys are put right (`spelling`), so that one mistake gives one message. Both may
meet the same mistake; then only the meaning's words are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from runner.document import Document, first_of
from runner.errors import Diagnostic, InvalidRecipe
from runner.operation import Catalogue
from runner.parsing.braces import note_single_braces
from runner.parsing.confirming import confirmed
from runner.parsing.declared import note_misspelt
from runner.parsing.inputs import read_inputs
from runner.parsing.lost import lost_ends
from runner.parsing.misplaced import note_misplaced
from runner.parsing.notes import Notes
from runner.parsing.spelling import put_right
from runner.parsing.steps import StepReader
from runner.parsing.unused import note_unused
from runner.recipe import Recipe
from runner.validation import Problem, problems


def parse(document: Document, name: str, schema: Mapping[str, Any], catalogue: Catalogue) -> Recipe:
    """The recipe of a document. `schema` is the shape of recipes (schemagen.recipe_schema) for the same catalogue.

    Raises InvalidRecipe with all problems, those of the document's form among them.
    """

    def problems_of(other: Document) -> list[Diagnostic]:
        return _read(other, name, schema, catalogue)[1]

    recipe, found = _read(document, name, schema, catalogue)
    if recipe is None or found:
        raise InvalidRecipe(first_of(confirmed(found, document, problems_of)))
    return recipe


def _read(
    document: Document, name: str, schema: Mapping[str, Any], catalogue: Catalogue
) -> tuple[Recipe | None, list[Diagnostic]]:
    """The recipe, or else everything that is wrong with it."""
    data = document.data
    if not isinstance(data, dict):
        hint = "a recipe begins with the line `recipe: 1`"
        return None, [*document.found, document.diagnostic((), "this file holds no recipe", hint)]
    meant, written = put_right(data, schema, catalogue.operations)
    notes = Notes(document, written)
    note_misplaced(meant, catalogue.operations, notes)
    inputs = read_inputs(meant.get("inputs"), notes)
    note_misspelt(meant.get("steps"), inputs, notes)
    reader = StepReader(meant, inputs, catalogue, notes)
    steps = reader.steps()
    doubts = Notes(document, written)
    in_braces = note_single_braces(meant.get("steps"), inputs.types, doubts)
    note_unused(meant, inputs, notes, doubts, excused=in_braces)
    found = [*document.found, *notes.found, *_of_shape(problems(meant, schema), notes)]
    if found:
        return None, _once(found)
    budget = data.get("budget")
    recipe = Recipe(
        name=name,
        title=data.get("title") or name,
        description=data.get("description") or "",
        inputs=inputs.declared,
        steps=tuple(steps),
        seed=data.get("seed"),
        budget=Decimal(budget.split()[0]) if budget else None,
        document=document,
        warnings=tuple(sorted(_once([*doubts.found, *lost_ends(document)]), key=lambda each: each.location)),
    )
    return recipe, []


def _once(found: list[Diagnostic]) -> list[Diagnostic]:
    """Every problem once: the same words at the same place are one mistake, like a name that stands twice in a line."""
    first: dict[object, Diagnostic] = {}
    for each in found:
        first.setdefault((each.location, each.message), each)
    return list(first.values())


def _of_shape(found: list[Problem], notes: Notes) -> Iterator[Diagnostic]:
    """What the shape check found, as far as the check of the meaning has not told it already."""
    for each in found:
        known = (*each.path, each.missing) in notes.missing if each.missing else each.path in notes.told
        if not known:
            place = notes.in_file(each.path)
            instead = None if each.meant is None else notes.source(each.path, each.meant, key=each.on_key)
            yield notes.document.diagnostic(place, each.message, each.hint, key=each.on_key, instead=instead)
