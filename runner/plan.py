"""The plan: what would run for one item. Immutable; results live beside it, never in it.

Order, edges, rendered texts and seeds are all settled here, and every request is held against the schema of its model
before anything is sent. Only the pictures that earlier steps will make are not known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner import fingerprint, templating
from runner.document import Path
from runner.errors import Diagnostic, InvalidRecipe, UsageError
from runner.inputs import Item
from runner.operation import Catalogue, Json, Model, Operation
from runner.recipe import Recipe, Step
from runner.validation import problems

Reader = Callable[[str], bytes]
"""Gives the bytes of a file that a param names; raises UsageError in words."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step with everything filled in that can be known before it runs."""

    step: Step
    sources: tuple[str, ...]
    """Steps and image inputs it takes, after steps that are off have been passed by."""
    off: bool = False
    """Its `when:` is false: it does nothing, and who names it gets what it would have taken."""
    model: Model | None = None
    requests: tuple[Mapping[str, Json], ...] = ()
    """One per paid call: prompt, seed and settings."""
    operation: Operation | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    """Of the operation; files as bytes."""

    @property
    def name(self) -> str:
        """The step's name."""
        return self.step.name

    @property
    def images_made(self) -> int:
        """How many pictures the step makes."""
        if self.off:
            return 0
        return sum(request.get("num_images", 1) for request in self.requests) if self.model else 1

    def seed(self, call: int) -> int | None:
        """The seed that its `call`-th request (from 0) carries, if any."""
        value: int | None = self.requests[call].get("seed")
        return value

    def fingerprints(self, realm: str, pixels: tuple[str, ...]) -> tuple[str, ...]:
        """Fingerprint of each paid call, or of the operation, once the pixel digests of its pictures are known."""
        if self.operation is not None:
            return (fingerprint.of_operation(self.operation.NAME, self.operation.VERSION, self.params, pixels),)
        assert self.model is not None
        return tuple(
            fingerprint.of_call(realm, self.model.name, request, pixels, None if "seed" in request else number)
            for number, request in enumerate(self.requests, 1)
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What would run for one item, in order."""

    recipe: Recipe
    item: Item
    seed: int
    steps: tuple[PlannedStep, ...]
    finals: tuple[str, ...]
    """Steps (or image inputs) whose pictures are the results: those that no other step takes."""

    @property
    def tasks(self) -> int:
        """Paid calls, if nothing were cached."""
        return sum(len(each.requests) for each in self.steps)


def make(recipe: Recipe, item: Item, seed: int, catalogue: Catalogue, read_file: Reader) -> Plan:
    """Plan one item. Raises InvalidRecipe with every request and param that its schema refuses."""
    found: list[Diagnostic] = []
    planned: dict[str, PlannedStep] = {}
    for step in recipe.steps:
        sources = tuple(end for name in step.sources for end in _passing_by(name, planned))
        if step.when is not None and not _condition(step, item, recipe, found):
            planned[step.name] = PlannedStep(step, sources, off=True)
        elif step.operation is not None:
            planned[step.name] = _operation(step, sources, item, recipe, catalogue, read_file, found)
        else:
            planned[step.name] = _paid(step, sources, item, seed, recipe, catalogue, found)
    if found:
        raise InvalidRecipe(found)
    return Plan(recipe, item, seed, tuple(planned.values()), _finals(planned))


def _passing_by(name: str, planned: Mapping[str, PlannedStep]) -> tuple[str, ...]:
    """A source, or what stands before it when it is off. Those are ends already: each was planned this way."""
    step = planned.get(name)
    return step.sources[:1] if step is not None and step.off else (name,)


def _finals(planned: Mapping[str, PlannedStep]) -> tuple[str, ...]:
    """What no step takes, in order; a chain whose last steps are off ends in what they would have taken."""
    taken = {source for each in planned.values() if not each.off for source in each.sources}
    finals = dict.fromkeys(
        end for name, each in planned.items() if not _is_taken(name, planned) for end in _passing_by(name, planned)
    )
    return tuple(name for name in finals if name not in taken)


def _is_taken(name: str, planned: Mapping[str, PlannedStep]) -> bool:
    return any(name in each.step.sources for each in planned.values())


def _condition(step: Step, item: Item, recipe: Recipe, found: list[Diagnostic]) -> bool:
    assert step.when is not None
    try:
        return templating.holds(step.when, item.values)
    except ValueError as error:
        found.append(recipe.document.diagnostic((*step.path, "when"), str(error)))
        return True


def _paid(
    step: Step,
    sources: tuple[str, ...],
    item: Item,
    seed: int,
    recipe: Recipe,
    catalogue: Catalogue,
    found: list[Diagnostic],
) -> PlannedStep:
    assert step.model is not None
    model = catalogue.models[step.model]
    known = len(found)
    prompt = _rendered(step.prompt, (*step.path, "prompt"), item, recipe, found)
    settings = _rendered(dict(step.settings), (*step.path, "settings"), item, recipe, found)
    base: dict[str, Any] = {"prompt": prompt.strip() if isinstance(prompt, str) else prompt} | settings
    if len(found) == known:
        found += _objections(step, base, model, len(sources), recipe)
    requests = tuple(_seeded(base, step, model, seed, item, number) for number in range(1, step.candidates + 1))
    return PlannedStep(step, sources, model=model, requests=requests)


def _seeded(
    base: Mapping[str, Any], step: Step, model: Model, seed: int, item: Item, candidate: int
) -> Mapping[str, Any]:
    """The request of one candidate: a step's own seed is that of its first candidate, all others are derived."""
    if model.seeds is None:
        return dict(base)
    lowest, highest = model.seeds
    if step.seed is not None and candidate == 1:
        return dict(base) | {"seed": step.seed}
    root = seed if step.seed is None else step.seed
    return dict(base) | {"seed": fingerprint.seed(root, step.name, item.key, candidate, lowest, highest)}


def _objections(step: Step, base: Mapping[str, Any], model: Model, images: int, recipe: Recipe) -> list[Diagnostic]:
    """What the model's schema has against the rendered request, at the places of the recipe."""
    whole = dict(base)
    if model.image_key == "images" and images:
        whole["images"] = ["picture"] * images
    elif model.image_key == "image" and images:
        whole["image"] = "picture"
    found = []
    for problem in problems(whole, model.schema):
        first = problem.path[:1]
        if first in {("prompt",), ()}:
            path: Path = (*step.path, "prompt")
        elif first in {("images",), ("image",)}:
            path = (*step.path, "from")
        else:
            path = (*step.path, "settings", *problem.path)
        missing = problem.on_key and not first
        key = problem.on_key or missing
        found.append(recipe.document.diagnostic(path, problem.message, problem.hint, key=key))
    return found


def _operation(
    step: Step,
    sources: tuple[str, ...],
    item: Item,
    recipe: Recipe,
    catalogue: Catalogue,
    read_file: Reader,
    found: list[Diagnostic],
) -> PlannedStep:
    assert step.operation is not None
    operation = catalogue.operations[step.operation]
    path = (*step.path, step.operation)
    known = len(found)
    params: dict[str, Any] = _rendered(dict(step.params), path, item, recipe, found)
    if len(sources) < operation.IMAGES[0]:
        message = f"`{operation.NAME}` finds no picture here: the step above is off and had none to pass on"
        found.append(recipe.document.diagnostic(path, message, "give both steps the same `when:`", key=True))
    if len(found) == known:
        for problem in problems(params, operation.PARAMS):
            where = (*path, *problem.path)
            found.append(recipe.document.diagnostic(where, problem.message, problem.hint, key=problem.on_key))
    if len(found) == known:
        for key, schema in operation.PARAMS.get("properties", {}).items():
            if schema.get("x-file") and key in params:
                try:
                    params[key] = read_file(params[key])
                except UsageError as error:
                    found.append(recipe.document.diagnostic((*path, key), error.message, error.hint))
    return PlannedStep(step, sources, operation=operation, params=params)


def _rendered(value: Any, path: Path, item: Item, recipe: Recipe, found: list[Diagnostic]) -> Any:
    """A value with every template in it rendered. Recursion ends with the document's depth limit."""
    if isinstance(value, str):
        try:
            return templating.render(value, item.values)
        except ValueError as error:
            found.append(recipe.document.diagnostic(path, str(error)))
            return value
    if isinstance(value, dict):
        return {key: _rendered(each, (*path, key), item, recipe, found) for key, each in value.items()}
    if isinstance(value, list):
        return [_rendered(each, (*path, at), item, recipe, found) for at, each in enumerate(value)]
    return value
