"""A recipe that is being made: held against everything that `validate` knows before a byte of it is on the disk."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from runner import document, parsing, plan, workspace
from runner.cli import retirement, wiring
from runner.cli.new.reading import as_sum, is_text
from runner.cli.schemas.building import shape_of
from runner.cli.wiring import House
from runner.errors import InvalidRecipe
from runner.inputs import Item
from runner.plan import Plan
from runner.recipe import Recipe
from runner.starters import Own, Starter, written
from runner.workspace import Workspace

_SAMPLES = "samples"
_STEP_OF_A_BUDGET = 0.05


@dataclass(frozen=True)
class Draft:
    """A starter, and what is to be its reader's own. Each answer gives another draft."""

    starter: Starter
    built: House
    """Of the new recipe's place, where nothing stands yet."""
    own: Own
    pictures: Mapping[Path, bytes] = field(default_factory=dict)
    """Files to be put beside the recipe."""

    @property
    def place(self) -> Path:
        """The new recipe's file."""
        return self.built.workspace.recipe

    @property
    def schema_file(self) -> Path:
        """What the recipe's first line leads an editor to."""
        return self.built.workspace.models_folder.parent / "recipe.schema.json"

    def having(self, **changed: object) -> Draft:
        """The same with other words of its own."""
        return replace(self, own=replace(self.own, **changed))  # type: ignore[arg-type]

    def with_default(self, name: str, value: str | int | float | bool) -> Draft:
        """The same with another default of an input."""
        return self.having(defaults={**self.own.defaults, name: value})

    def with_sample(self, name: str) -> Draft:
        """The same with the starter's own picture for an input, in a folder of samples."""
        file = self.starter.sample(name)
        return self._with_copy(name, self.place.parent / _SAMPLES / file.name, file.read_bytes())

    def with_picture(self, name: str, file: Path, data: bytes) -> Draft:
        """The same with a picture of the reader's for an input: where it is, or beside the recipe, whose pictures have
        to lie in its workspace."""
        home, folder = self.built.workspace.root, self.place.parent.resolve()
        there = file.resolve()
        path = Path(os.path.relpath(there, folder)).as_posix()
        if is_text(path) and (there.is_relative_to(home) or there.is_relative_to(folder)):
            return self.with_default(name, path)
        stem = workspace.file_name(there.stem) or name
        return self._with_copy(name, self.place.parent / f"{stem}{there.suffix.lower()}", data)

    def _with_copy(self, name: str, place: Path, data: bytes) -> Draft:
        tried, number = place, 2
        while not self._may_hold(tried, data):
            tried, number = place.with_stem(f"{place.stem}-{number}"), number + 1
        copied = replace(self, pictures={**self.pictures, tried: data})
        return copied.with_default(name, tried.relative_to(self.place.parent).as_posix())

    def _may_hold(self, place: Path, data: bytes) -> bool:
        """Whether nothing else stands there, or is about to."""
        if place in self.pictures:
            return self.pictures[place] == data
        return not os.path.lexists(place) or (place.is_file() and place.read_bytes() == data)

    def text(self) -> str:
        """The new recipe."""
        return written(self.starter, self.own)

    def recipe(self) -> Recipe:
        """The new recipe, read. Raises InvalidRecipe."""
        text = document.load(self.text(), self.place.name)
        return parsing.parse(text, self.place.stem, self.built.recipe_schema, self.built.catalogue)

    def plan(self) -> Plan | None:
        """What it would do with its defaults; None where an input has none. Raises InvalidRecipe."""
        recipe = self.recipe()
        values = {each.name: each.default for each in recipe.inputs.values() if each.type != "image"}
        known = {name: value for name, value in values.items() if value is not None}
        if len(known) < len(values):
            return None
        return plan.make(recipe, Item("", known), 0, self.built.catalogue, self.built.workspace.read_beside_recipe)

    def complaints(self) -> list[str]:
        """What would be wrong with it, in words."""
        try:
            self.plan()
        except InvalidRecipe as error:
            return [each.message for each in error.diagnostics]
        return []

    def fitting_models(self) -> list[str]:
        """The models that follow a prompt and with which it has no problem: those that can be paid for now first, then
        the starter's own."""
        usual = str(self.starter.document.data.get("model"))
        ready = {name for name in self.built.prices if retirement.day(name) is None}
        models = sorted(
            self.built.catalogue.models.values(),
            key=lambda each: (each.name not in ready, each.name != usual, each.name),
        )
        prompted = [each.name for each in models if each.layout.prompt_required]
        return [name for name in prompted if not self.having(model=name).complaints()]

    def without_price(self) -> list[str]:
        """The models of its steps whose price is not known."""
        models = dict.fromkeys(step.model for step in self.recipe().steps if step.model is not None)
        return [model for model in models if model not in self.built.prices]

    def cost(self) -> float | None:
        """The most that one run costs in US dollars, by the price list; None where a price is not known."""
        planned = self.plan()
        if planned is None or self.without_price():
            return None
        calls = [(each, call) for each in planned.steps if each.model for call in range(len(each.requests))]
        return sum(self.built.prices[each.model.name].usd * each.pictures(call) for each, call in calls if each.model)

    def usual_budget(self) -> str:
        """The starter's budget, or more where the model that was chosen costs more."""
        said = str(self.starter.document.data.get("budget", "1.00 USD"))
        cost = self.cost() or 0.0
        enough = Decimal(str(round(math.ceil(cost / _STEP_OF_A_BUDGET) * _STEP_OF_A_BUDGET, 2)))
        return said if Decimal(said.split()[0]) >= Decimal(str(cost)) else as_sum(enough)

    def files(self) -> Mapping[Path, bytes]:
        """Every file that has to be written, the recipe last."""
        found = {place: data for place, data in self.pictures.items() if not place.exists()}
        if not self.schema_file.exists():
            found[self.schema_file] = shape_of(self.built.schemas).encode("utf-8")
        return {**found, self.place: self.text().encode("utf-8")}


def begun(starter: Starter, place: Path, title: str | None) -> Draft:
    """The draft of a recipe that will stand at `place`, as its starter has it."""
    folder = place.parent.resolve()
    here = Workspace(workspace.root_of(folder), place)
    draft = Draft(starter, wiring.house_of(here), Own(place.name, ""))
    key = here.recipe_key
    return draft.having(
        place=key if key.isprintable() else place.name,
        schema=Path(os.path.relpath(draft.schema_file, folder)).as_posix(),
        title=title,
    )
