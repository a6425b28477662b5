"""A recipe with everything in it that is not written: defaults, where pictures come from and go, how seeds are drawn.

For people and programs alike; no input needs a value for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from runner import layout
from runner.inputs import Input
from runner.operation import Catalogue, Json, Model
from runner.recipe import Recipe, Step
from runner.validation import allowed

Origin = Literal["written", "default", "left open", "not used"]
"""Where the value of a setting comes from: the recipe; the model or operation; nobody has set it; it does not count,
since it is for pictures made from text alone, or belongs to another setting that nobody has set."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a model, or one param of an operation."""

    name: str
    """With dots where it stands in blocks."""
    value: Json
    """As written, templates and all; None where it is left open."""
    origin: Origin

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {"name": self.name, "value": self.value, "from": self.origin}


def explain(recipe: Recipe, catalogue: Catalogue) -> dict[str, Any]:
    """The whole recipe as one JSON object; every text in it is for people."""
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "description": recipe.description,
        "seed": recipe.seed,
        "budget": None if recipe.budget is None else float(recipe.budget),
        "inputs": [_input(each) for each in recipe.inputs.values()],
        "steps": [_step(step, recipe, catalogue) for step in recipe.steps],
        "results": list(results(recipe)),
    }


def results(recipe: Recipe) -> Iterator[str]:
    """The steps whose pictures no other step takes."""
    taken = {source for step in recipe.steps for source in step.sources}
    return (step.name for step in recipe.steps if step.name not in taken)


def settings(step: Step, catalogue: Catalogue) -> list[Setting]:
    """Every setting that the step's model has, or every param of its operation, in the order of their schema."""
    if step.operation is not None:
        params = catalogue.operations[step.operation].PARAMS
        owned = params.get("dependentSchemas", {})
        alone = {name for name, needs in owned.items() if not {*needs.get("required", ())} <= {*step.params}}
        found = layout.leaves(params)
        return [_setting(path, schema, step.params, idle=path[-1] in alone) for path, schema, _ in found]
    model = catalogue.models[str(step.model)]
    edits = bool(step.sources)
    return [
        _setting(path, schema, step.settings, idle=edits and bool(schema.get("x-text-to-image-only")))
        for path, schema, _ in layout.leaves(model.settings)
    ]


def _setting(path: layout.Path, schema: Mapping[str, Any], written: Mapping[str, Any], *, idle: bool) -> Setting:
    name, value = layout.dotted(path), layout.get(written, path)
    if value is not None:
        return Setting(name, value, "written")
    if idle:
        return Setting(name, None, "not used")
    return Setting(name, schema["default"], "default") if "default" in schema else Setting(name, None, "left open")


def _input(one: Input) -> dict[str, Any]:
    return {
        "input": one.name,
        "type": one.type,
        "help": one.help,
        "takes": _values(one),
        "default": one.default,
    }


def _values(one: Input) -> str:
    """What may be given for an input."""
    match one.type:
        case "image":
            return "a picture"
        case "choice":
            return f"one of: {', '.join(one.options)}"
        case "color":
            return "a colour"
        case "text" if one.max_length is None and not one.min_length:
            return "text"
        case "text":
            if one.min_length and one.max_length is not None:
                return f"text of {one.min_length} to {one.max_length} characters"
            most = f"at most {one.max_length}" if one.max_length is not None else f"at least {one.min_length}"
            return f"text of {most} characters"
    schema = {"type": one.type, "minimum": one.minimum, "maximum": one.maximum}
    return allowed({key: each for key, each in schema.items() if each is not None})


def _step(step: Step, recipe: Recipe, catalogue: Catalogue) -> dict[str, Any]:
    model = None if step.model is None else catalogue.models[step.model]
    raw: Any = recipe.document.data["steps"][step.position]
    return {
        "step": step.name,
        "when": step.when,
        "model": step.model,
        "model_from": None if model is None else "the step" if "model" in raw else "the top of the recipe",
        "operation": step.operation,
        "takes": _takes(step, recipe, model, named="from" in raw),
        "prompt": step.prompt,
        "settings": [each.to_json() for each in settings(step, catalogue)],
        "seed": None if model is None else _seed(step, recipe, model),
        "candidates": step.candidates,
        "choose": step.choose,
        "goes_to": [other.name for other in recipe.steps if step.name in other.sources],
    }


def _takes(step: Step, recipe: Recipe, model: Model | None, *, named: bool) -> list[dict[str, Any]]:
    places = model.layout.places(len(step.sources)) if model else []
    several = len(set(places)) > 1
    off = {each.name for each in recipe.steps if each.when is not None}
    return [
        {
            "picture": source,
            "kind": "input" if source in recipe.images else "step",
            "because": _because(step, source in recipe.images, named=named),
            "may_be_off": source in off,
            "becomes": layout.dotted(places[at].path) if several and at < len(places) else None,
        }
        for at, source in enumerate(step.sources)
    ]


def _because(step: Step, is_input: bool, *, named: bool) -> str:
    """What a picture is to the step that takes it, and why it is this one."""
    if named:
        return f"{'an input' if is_input else 'a step'}, named in `from:`"
    return "the step above" if step.position else "the first picture among the inputs"


def _seed(step: Step, recipe: Recipe, model: Model) -> str:
    if model.layout.seed is None:
        return f"none: {model.name} takes none"
    if step.seed is not None:
        more = "; those of further candidates are derived from it" if step.candidates > 1 else ""
        return f"{step.seed}, written in the step{more}"
    base = f"the recipe's seed {recipe.seed}" if recipe.seed is not None else "the seed that the first run draws"
    picture = " and the first picture among the inputs" if recipe.images else ""
    parts: Sequence[str] = (base, f"the name of the step{picture}")
    return f"derived from {', '.join(parts)}"
