"""The plan: what would run for one item. Immutable; results live beside it, never in it.

Order, edges, rendered texts and seeds are all settled here, and every request is held against the schema of its model
before anything is sent. Only the pictures that earlier steps will make are not known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
        ends = [_passing_by(name, planned) for name in step.sources]
        planned[step.name] = planner.step(step, ends)
    if planner.found:
        raise InvalidRecipe(planner.found)
    return Plan(recipe, item, seed, tuple(planned.values()), _finals(planned))


def _passing_by(name: str, planned: Mapping[str, PlannedStep]) -> str | None:
    """A source, or what stands before it when it is off, if anything: an end already, for each was planned this way."""
    step = planned.get(name)
    if step is None or not step.off:
        return name
    return step.sources[0] if step.sources else None


def _finals(planned: Mapping[str, PlannedStep]) -> tuple[str, ...]:
    """What no step takes, in order; a chain whose last steps are off ends in what they would have taken."""
    named = {source for each in planned.values() for source in each.step.sources}
    taken = {source for each in planned.values() if not each.off for source in each.sources}
    ends = dict.fromkeys(_passing_by(name, planned) for name in planned if name not in named)
    return tuple(name for name in ends if name is not None and name not in taken)


class _Planner:
    """Fills in the steps of one recipe with one item, and notes what does not fit."""

    def __init__(self, recipe: Recipe, item: Item, seed: int, catalogue: Catalogue, read_file: Reader) -> None:
        self._document = recipe.document
        self._item = item
        self._seed = seed
        self._catalogue = catalogue
        self._read_file = read_file
        self.found: list[Diagnostic] = []

    def step(self, step: Step, ends: Sequence[str | None]) -> PlannedStep:
        """One step. `ends` is where each picture it names comes from: None where nobody makes it."""
        sources = tuple(end for end in ends if end is not None)
        if not self._condition(step):
            return PlannedStep(step, sources, off=True)
        if step.operation is not None:
            return self._operation(step, step.operation, sources)
        assert step.model is not None
        return self._paid(step, self._catalogue.models[step.model], sources, ends)

    def _note(self, path: Path, message: str, hint: str | None = None, *, key: bool = False) -> None:
        self.found.append(self._document.diagnostic(path, message, hint, key=key))

    def _condition(self, step: Step) -> bool:
        try:
            return step.when is None or templating.holds(step.when, self._item.values)
        except ValueError as error:
            self._note((*step.path, "when"), str(error))
            return True

    def _paid(self, step: Step, model: Model, sources: tuple[str, ...], ends: Sequence[str | None]) -> PlannedStep:
        known = len(self.found)
        self._moved(step, model, ends)
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
        if len(self.found) == known:
            self._count(model, step, requests)
        return PlannedStep(step, sources, model=model, requests=requests)

    def _moved(self, step: Step, model: Model, ends: Sequence[str | None]) -> None:
        """Note a picture that would go to another place of the request, because one before it is not there."""
        meant = zip(step.sources, ends, model.layout.places(len(ends)), strict=False)
        there = [(name, place) for name, end, place in meant if end is not None]
        lost = next((name for name, end in zip(step.sources, ends, strict=True) if end is None), None)
        for (name, place), other in zip(there, model.layout.places(len(there)), strict=False):
            if place != other and lost is not None:
                words = f"`{lost}` is off and has no picture to pass on: `{name}` would become the "
                words += f"`{layout.dotted(other.path)}` of {model.name}, not the `{layout.dotted(place.path)}`"
                self._note((*step.path, "from"), words, "give both steps the same `when:`", key=True)
                return

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

    def _count(self, model: Model, step: Step, requests: tuple[Mapping[str, Any], ...]) -> None:
        """Note a number of pictures that nobody knows, and a choice beyond those that are made."""
        open_ended = model.layout.uncounted(requests[0])
        made = sum(model.layout.count(request) for request in requests)
        if open_ended is not None:
            words = f"{model.name} may make any number of pictures here, and each is paid for"
            hint = f"set `{layout.dotted(open_ended.path)}`, the most it may make"
            self._note((*step.path, "settings" if step.settings else _main_key(step)), words, hint, key=True)
        elif step.choose > made:
            words = f"there is no picture {step.choose}: with these values this step makes {made}"
            self._note((*step.path, "choose"), words, "choose a smaller number, or ask for more pictures")

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
