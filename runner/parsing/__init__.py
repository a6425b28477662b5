"""A document becomes a recipe. All problems are found in one pass: those of its shape (validation against the recipe
schema) and those of its meaning (names, edges, templates, what a model takes). Later code never meets raw YAML.

Both work on data in which misspelt keys are put right (`spelling`), so that one mistake gives one message. Both may
meet the same mistake; then only the meaning's words are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from runner.document import Document
from runner.errors import Diagnostic, InvalidRecipe
from runner.operation import Catalogue
from runner.parsing.inputs import read_inputs
from runner.parsing.notes import Notes
from runner.parsing.spelling import put_right
from runner.parsing.steps import StepReader
from runner.parsing.unused import note_unused
from runner.recipe import Recipe
from runner.validation import Problem, problems


def parse(document: Document, name: str, schema: Mapping[str, Any], catalogue: Catalogue) -> Recipe:
    """The recipe of a document. `schema` is the shape of recipes (schemagen.recipe_schema) for the same catalogue.

    Raises InvalidRecipe with all problems.
    """
    data = document.data
    if not isinstance(data, dict):
        raise InvalidRecipe(
            [document.diagnostic((), "this file holds no recipe", "a recipe begins with the line `recipe: 1`")]
        )
    meant, written = put_right(data, schema, catalogue.operations)
    notes = Notes(document, written)
    inputs = read_inputs(meant.get("inputs"), notes)
    reader = StepReader(meant, inputs, catalogue, notes)
    steps = reader.steps()
    doubts = Notes(document, written)
    note_unused(meant, inputs, notes, doubts)
    found = [*notes.found, *_of_shape(problems(meant, schema), notes)]
    if found:
        raise InvalidRecipe(_once(found))
    budget = data.get("budget")
    return Recipe(
        name=name,
        title=data.get("title") or name,
        description=data.get("description") or "",
        inputs=inputs.declared,
        steps=tuple(steps),
        seed=data.get("seed"),
        budget=Decimal(budget.split()[0]) if budget else None,
        document=document,
        warnings=tuple(_once(doubts.found)),
    )


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
            split = each.on_key and place in notes.document.keys and not notes.document.has_colon(place)
            hint = "a comma separates inside { }: put quotes around a text that has one" if split else each.hint
            yield notes.document.diagnostic(place, each.message, hint, key=each.on_key)
