"""The plan: what would run for one item. Immutable; results live beside it, never in it.

Order, edges, rendered texts and seeds are all settled here, and every request is held against the schema of its model
before anything is sent. Only the pictures that earlier steps will make are not known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner import fingerprint, layout, templating
from runner.document import Path
from runner.errors import Diagnostic, InvalidRecipe, UsageError
from runner.inputs import Item
from runner.operation import Catalogue, Json, Model, Operation
from runner.recipe import Recipe, Step
from runner.validation import as_written, problems

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

    def seed(self, call: int) -> int | None:
        """The seed that its `call`-th request (from 0) carries, if any."""
        if self.model is None or self.model.layout.seed is None:
            return None
        value: int | None = layout.get(self.requests[call], self.model.layout.seed)
        return value

    def pictures(self, call: int) -> int:
        """How many pictures its `call`-th request (from 0) asks for."""
        return 1 if self.model is None else self.model.layout.count(self.requests[call])

    def fingerprints(self, realm: str, pixels: tuple[str, ...]) -> tuple[str, ...]:
        """Fingerprint of each paid call, or of the operation, once the pixel digests of its pictures are known."""
        if self.operation is not None:
            return (fingerprint.of_operation(self.operation.NAME, self.operation.VERSION, self.params, pixels),)
        assert self.model is not None
        return tuple(
            fingerprint.of_call(realm, self.model.name, request, pixels, at + 1 if self.seed(at) is None else None)
            for at, request in enumerate(self.requests)
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


def make(recipe: Recipe, item: Item, seed: int, catalogue: Catalogue, read_file: Reader) -> Plan:
    """Plan one item. Raises InvalidRecipe with every request and param that its schema refuses."""
    planner = _Planner(recipe, item, seed, catalogue, read_file)
    planned: dict[str, PlannedStep] = {}
    for step in recipe.steps:
        sources = tuple(end for name in step.sources for end in _passing_by(name, planned))
        planned[step.name] = planner.step(step, sources)
    if planner.found:
        raise InvalidRecipe(planner.found)
    return Plan(recipe, item, seed, tuple(planned.values()), _finals(planned))


def _passing_by(name: str, planned: Mapping[str, PlannedStep]) -> tuple[str, ...]:
    """A source, or what stands before it when it is off. Those are ends already: each was planned this way."""
    step = planned.get(name)
    return step.sources[:1] if step is not None and step.off else (name,)


def _finals(planned: Mapping[str, PlannedStep]) -> tuple[str, ...]:
    """What no step takes, in order; a chain whose last steps are off ends in what they would have taken."""
    named = {source for each in planned.values() for source in each.step.sources}
    taken = {source for each in planned.values() if not each.off for source in each.sources}
    ends = (end for name in planned if name not in named for end in _passing_by(name, planned))
    return tuple(name for name in dict.fromkeys(ends) if name not in taken)


class _Planner:
    """Fills in the steps of one recipe with one item, and notes what does not fit."""

    def __init__(self, recipe: Recipe, item: Item, seed: int, catalogue: Catalogue, read_file: Reader) -> None:
        self._document = recipe.document
        self._item = item
        self._seed = seed
        self._catalogue = catalogue
        self._read_file = read_file
        self.found: list[Diagnostic] = []

    def step(self, step: Step, sources: tuple[str, ...]) -> PlannedStep:
        """One step that takes these pictures."""
        if not self._condition(step):
            return PlannedStep(step, sources, off=True)
        if step.operation is not None:
            return self._operation(step, step.operation, sources)
        assert step.model is not None
        return self._paid(step, self._catalogue.models[step.model], sources)

    def _note(self, path: Path, message: str, hint: str | None = None, *, key: bool = False) -> None:
        self.found.append(self._document.diagnostic(path, message, hint, key=key))

    def _condition(self, step: Step) -> bool:
        try:
            return step.when is None or templating.holds(step.when, self._item.values)
        except ValueError as error:
            self._note((*step.path, "when"), str(error))
            return True

    def _paid(self, step: Step, model: Model, sources: tuple[str, ...]) -> PlannedStep:
        known = len(self.found)
        base: Mapping[str, Any] = self._rendered(dict(step.settings), (*step.path, "settings"), model.schema)
        if step.prompt is not None and model.layout.prompt is not None:
            where = model.layout.prompt
            prompt = self._rendered(step.prompt, (*step.path, "prompt"), layout.schema_at(model.schema, where))
            base = layout.put(base, where, prompt.strip() if isinstance(prompt, str) else prompt)
            if layout.get(base, where) == "":
                told = " with these values" if templating.is_template(step.prompt) else ""
                hint = "say what is to change, or add a `when:`"
                self._note((*step.path, "prompt"), f"the prompt is empty{told}", hint)
        if step.sources and not sources:
            key = _main_key(step)
            self._no_picture(step, key, model.name if key == "model" else key)
        requests = tuple(self._seeded(base, step, model, number) for number in range(1, step.candidates + 1))
        if len(self.found) == known:
            self._hold_against(model, step, requests[0], len(sources))
        return PlannedStep(step, sources, model=model, requests=requests)

    def _seeded(self, base: Mapping[str, Any], step: Step, model: Model, candidate: int) -> Mapping[str, Any]:
        """The request of one candidate: a step's own seed is that of its first candidate, all others are derived."""
        if model.seeds is None or model.layout.seed is None:
            return base
        lowest, highest = model.seeds
        seed = step.seed
        if seed is None or candidate > 1:
            root = self._seed if seed is None else seed
            seed = fingerprint.seed(root, step.name, self._item.key, candidate, lowest, highest)
        return layout.put(base, model.layout.seed, seed)

    def _hold_against(self, model: Model, step: Step, request: Mapping[str, Any], images: int) -> None:
        """Note what the model's schema has against the rendered request, at the places of the recipe."""
        whole = request
        for place, taken in model.layout.filled(["picture"] * images):
            whole = layout.put(whole, place.path, taken)
        for problem in problems(whole, model.schema):
            written = (*step.path, *_written_at(model, step, problem.path))
            self._note(written, problem.message, problem.hint, key=problem.on_key)

    def _operation(self, step: Step, verb: str, sources: tuple[str, ...]) -> PlannedStep:
        operation = self._catalogue.operations[verb]
        path = (*step.path, verb)
        known = len(self.found)
        params: dict[str, Any] = self._rendered(dict(step.params), path, operation.PARAMS)
        if len(sources) < operation.IMAGES[0]:
            self._no_picture(step, verb, verb)
        if len(self.found) == known:
            for problem in problems(params, operation.PARAMS):
                self._note((*path, *problem.path), problem.message, problem.hint, key=problem.on_key)
        if len(self.found) == known:
            for key, schema in operation.PARAMS.get("properties", {}).items():
                if schema.get("x-file") and key in params:
                    params[key] = self._file(params[key], (*path, key))
        return PlannedStep(step, sources, operation=operation, params=params)

    def _file(self, named: Any, path: Path) -> bytes:
        try:
            return self._read_file(named)
        except UsageError as error:
            self._note(path, error.message, error.hint)
            return b""

    def _no_picture(self, step: Step, key: str, who: str) -> None:
        message = f"`{who}` finds no picture here: the step above is off and had none to pass on"
        self._note((*step.path, key), message, "give both steps the same `when:`", key=True)

    def _rendered(self, value: Any, path: Path, schema: Any) -> Any:
        """A value with every template in it rendered. Recursion ends with the document's depth limit.

        What a template gives becomes text where the schema takes nothing else: `text: "{{ people }}"` stands in quotes.
        """
        stated: Mapping[str, Any] = schema if isinstance(schema, Mapping) else {}
        if isinstance(value, str):
            try:
                result = templating.render(value, self._item.values)
            except ValueError as error:
                self._note(path, str(error))
                return value
            as_text = stated.get("type") == "string" and isinstance(result, (bool, int, float))
            return as_written(result) if as_text else result
        if isinstance(value, dict):
            inner = stated.get("properties", {})
            return {key: self._rendered(each, (*path, key), inner.get(key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self._rendered(each, (*path, at), stated.get("items")) for at, each in enumerate(value)]
        return value


def _main_key(step: Step) -> str:
    """The key that makes it a step for a model."""
    return "model" if step.prompt is None else "prompt"


def _written_at(model: Model, step: Step, path: Path) -> Path:
    """Where in a step that is written which stands at a path of the request."""
    if path == ():
        return (_main_key(step),)
    if path == model.layout.prompt:
        return ("prompt",)
    if path == model.layout.seed:
        return ("seed",)
    if any(path[: len(place.path)] == place.path for place in model.layout.pictures):
        return ("from",)
    return ("settings", *path)
