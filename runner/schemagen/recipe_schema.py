"""The schema of a recipe, for editors and for the first check: shape of the language + models + operations.

Built from the request schemas of the models and the params of the operations, so that a setting is known to editors as
soon as its model is. Branches are chosen with `if`/`then` on the model's name: with `pattern`, because an editor that
completes takes a text for every `const` that it begins. What stands in settings and params is made in `leaf`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner import layout
from runner.language import INPUT_TYPES, PAID_KEYS, STEP_NAME, STEP_NAME_FORM
from runner.layout import Layout
from runner.schemagen.leaf import TEMPLATE, leaf, shared

Schema = Mapping[str, Any]

MODELS_LISTED = "`retouch models` lists them all; `retouch schemas add PAGE` adds one"
"""Where an author finds a model whose name is not known here."""


def recipe_schema(models: Mapping[str, Schema], operations: Mapping[str, Schema]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a recipe.

    `models` are request schemas by model name, `operations` the params' schemas by verb; both in the order in which
    they are offered to authors.
    """
    verbs = ["prompt", *operations]
    layouts = {name: layout.of(schema) for name, schema in models.items()}
    return shared(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "recipe.schema.json",
            "title": "retouch recipe",
            "description": "A chain of image edits, run by retouch.",
            "type": "object",
            "additionalProperties": False,
            "required": ["recipe", "steps"],
            "properties": _top(),
            "allOf": [_no_model_on_top(), *(_for_model_on_top(name, schema) for name, schema in models.items())],
            "$defs": {
                "input": _input(),
                "step": _step(operations, verbs),
                "edit": _edit(models, layouts, verbs),
                "model": _model(models),
                "template": TEMPLATE,
                **{f"step-{name}": _step_of(name, each) for name, each in layouts.items()},
                **{f"settings-{name}": _settings(name, schema) for name, schema in models.items()},
                **{f"operation-{verb}": _operation(verb, schema) for verb, schema in operations.items()},
            },
        }
    )


def _top() -> dict[str, Any]:
    return {
        "recipe": {"description": "Version of the recipe language: always 1.", "type": "integer", "enum": [1]},
        "title": {"description": "What the recipe is called.", "type": "string"},
        "description": {"description": "What the recipe does, in a sentence or two.", "type": "string"},
        "inputs": {
            "description": "What the caller gives to a run. Each input has a name, a type and, if it can, a default.",
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/input"},
            "x-form": "write each input on a line below: product: {type: text}",
        },
        "model": {"description": "The model of all steps that name none themselves.", "$ref": "#/$defs/model"},
        "seed": {
            "description": "A number from which every step draws its own seed: the same number, the same pictures.",
            "type": "integer",
            "minimum": 0,
            "maximum": 2**53 - 1,
        },
        "budget": {
            "description": "The most a run may cost, for example `0.50 USD`.",
            "type": "string",
            "pattern": "^[0-9]{1,6}(\\.[0-9]{1,4})? USD$",
            "x-form": "write a sum in US dollars, like `0.50 USD`",
            "patternErrorMessage": "write a sum in US dollars, like `0.50 USD`",
        },
        "matrix": {
            "not": {},
            "doNotSuggest": True,
            "description": "`matrix:` is not in this version of retouch; run the recipe once for each combination.",
        },
        "steps": {
            "description": "The edits, in order. Each takes the picture of the step above, or those named in `from:`.",
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#/$defs/step"},
            "x-form": "write each step as a list entry, with a dash before its first key: `- name: warm`",
        },
    }


def _input() -> dict[str, Any]:
    return {
        "title": "input",
        "description": "One value that the caller gives. For example: product: {type: text, default: Mug}",
        "type": "object",
        "x-form": "write a block with a type, like: product: {type: text}",
        "additionalProperties": False,
        "required": ["type"],
        "properties": {
            "type": {"description": "What kind of value it is.", "type": "string", "enum": list(INPUT_TYPES)},
            "help": {"description": "One line that tells the caller what to give.", "type": "string"},
            "default": {
                "description": "The value when the caller gives none; for an image, a path beside the recipe.",
                "type": ["string", "number", "boolean"],
            },
            "options": {
                "description": "The choices, for `type: choice`.",
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"type": "string", "minLength": 1},
            },
            "minimum": {"description": "Smallest number allowed.", "type": "number"},
            "maximum": {"description": "Largest number allowed.", "type": "number"},
            "min_length": {"description": "Fewest characters of a text.", "type": "integer", "minimum": 0},
            "max_length": {"description": "Most characters of a text.", "type": "integer", "minimum": 1},
        },
        "if": {"properties": {"type": {"const": "choice"}}, "required": ["type"]},
        "then": {"required": ["options"], "x-missing": "an input of type choice needs `options:`, the list of choices"},
    }


def _step(operations: Mapping[str, Schema], verbs: list[str]) -> dict[str, Any]:
    return {
        "title": "step",
        "description": "One edit: a `prompt:` for a model, a `model:` that needs none, or one operation.",
        "type": "object",
        "x-form": "write a name and what the step does, like: {name: warm, prompt: Warm light.}",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "name": {
                "description": "A name of its own for this step.",
                "type": "string",
                "pattern": STEP_NAME,
                "x-form": STEP_NAME_FORM,
                "patternErrorMessage": STEP_NAME_FORM,
            },
            "prompt": {
                "description": "What the model is to change, in plain words. Costs money.",
                "type": "string",
                "minLength": 1,
            },
            **{verb: {"$ref": f"#/$defs/operation-{verb}"} for verb in operations},
            "model": {"description": "The model of this step.", "$ref": "#/$defs/model"},
            "settings": {
                "description": "Parameters of the model.",
                "type": "object",
                "x-form": "write a block: settings: {guidance_scale: 4}; `retouch models MODEL` lists what there is",
            },
            "from": {
                "description": "The pictures this step takes: steps above, or image inputs. A list when several; "
                "an empty one, [], where it takes none and paints from text alone.",
                "type": ["string", "array"],
                "items": {"type": "string"},
            },
            "when": {
                "description": 'A condition, like: season == "winter". When it is false, the picture passes by.',
                "type": "string",
                "minLength": 1,
            },
            "candidates": {
                "description": "How many pictures to make, each with a seed of its own: 1 to 16. Without it: 1.",
                "type": "integer",
                "default": 1,
                "minimum": 1,
                "maximum": 16,
            },
            "choose": {
                "description": "Which of the pictures goes on: `first`, or its number from 1. Without it: the first.",
                "default": "first",
                "type": ["string", "integer"],
                "minimum": 1,
            },
            "seed": {
                "description": "A seed for this step alone.",
                "type": "integer",
                "minimum": 0,
                "maximum": 2**53 - 1,
            },
        },
        "dependentSchemas": _one_verb(verbs),
        "if": {"not": {"anyOf": [{"required": [verb]} for verb in operations]}},
        "then": {"$ref": "#/$defs/edit"},
    }


def _edit(models: Mapping[str, Schema], layouts: Mapping[str, Layout], verbs: list[str]) -> dict[str, Any]:
    """A step that is no operation."""
    named = [_for_model(name, models[name], each) for name, each in layouts.items()]
    return {
        "if": {"not": {"anyOf": [{"required": ["prompt"]}, {"required": ["model"]}]}},
        "then": {"required": ["prompt"], "x-missing": _no_verb(verbs)},
        # only where a step names its model: each of these conditions takes its time, in every step
        "dependentSchemas": {"model": {"allOf": named}},
    }


def _no_verb(verbs: list[str]) -> str:
    return f"this step does nothing: give it one of {', '.join(f'`{verb}:`' for verb in verbs)}"


def _one_verb(verbs: list[str]) -> dict[str, Any]:
    """Each verb forbids those that come later in the list, and an operation forbids the keys of a paid edit."""
    forbidden: dict[str, Any] = {}
    for at, verb in enumerate(verbs):
        others = [*verbs[at + 1 :], *(PAID_KEYS if verb != "prompt" else ())]
        if others:
            forbidden[verb] = {"properties": dict.fromkeys(others, False)}
    return forbidden


def _model(models: Mapping[str, Schema]) -> dict[str, Any]:
    """The name of a model; what each of them is stands beside the names, where editors look for it."""
    told = [f"{schema.get('title', name)}. {schema.get('description', '')}".strip() for name, schema in models.items()]
    return {"type": "string", "enum": list(models), "enumDescriptions": told, "x-form": MODELS_LISTED}


def _for_model(name: str, schema: Schema, parts: Layout) -> dict[str, Any]:
    """A step that names its model takes what that model takes, and gives what it needs."""
    needed = [*(["prompt"] if parts.prompt_required else []), *_needed_settings(schema)]
    then = {"$ref": f"#/$defs/step-{name}", **({"required": needed} if needed else {})}
    return {"if": _is(name), "then": then}


def _for_model_on_top(name: str, schema: Schema) -> dict[str, Any]:
    """A step that names no model takes what the model on top takes; a step with a prompt gives what it needs."""
    inherited: dict[str, Any] = {"$ref": f"#/$defs/step-{name}"}
    needed = _needed_settings(schema)
    if needed:
        inherited |= {"if": {"type": "object", "required": ["prompt"]}, "then": {"required": needed}}
    items = {"if": {"type": "object", "required": ["model"]}, "then": True, "else": inherited}
    return {"if": _is(name), "then": _for_steps(items)}


def _no_model_on_top() -> dict[str, Any]:
    """Then every step with a prompt names its model."""
    items = {"if": {"type": "object", "required": ["prompt"]}, "then": {"required": ["model"]}}
    return {"if": {"type": "object", "not": {"required": ["model"]}}, "then": _for_steps(items)}


def _for_steps(items: Schema) -> dict[str, Any]:
    """A rule for every step. Editors would offer `steps:` once more for it, unless told not to."""
    return {"properties": {"steps": {"doNotSuggest": True, "items": items}}}


def _is(name: str) -> dict[str, Any]:
    """What holds where `model:` is exactly this one."""
    pattern = "^" + re.sub(r"[^A-Za-z0-9_-]", lambda other: f"[{other[0]}]", name) + "$"
    return {
        "type": "object",
        "properties": {"model": {"type": "string", "pattern": pattern}},
        "required": ["model"],
    }


def _needed_settings(schema: Schema) -> list[str]:
    return ["settings"] if layout.settings_of(schema).get("required") else []


def _step_of(name: str, parts: Layout) -> dict[str, Any]:
    """What a model makes of the keys of a step."""
    refused = {key: False for key, part in (("prompt", parts.prompt), ("seed", parts.seed)) if part is None}
    return {"properties": {"settings": {"$ref": f"#/$defs/settings-{name}"}, **refused}}


def _settings(name: str, schema: Schema) -> dict[str, Any]:
    """The block of one model. Editors offer the key `settings:` for the step's own, and not once more for this."""
    inner = layout.settings_of(schema)
    return {
        "title": "settings",
        "doNotSuggest": True,
        "description": f"Settings of {schema.get('title', name)}.",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: leaf(key, each) for key, each in inner["properties"].items()},
        **({"required": inner["required"]} if "required" in inner else {}),
    }


def _operation(verb: str, schema: Schema) -> dict[str, Any]:
    kept = {key: each for key, each in schema.items() if key not in {"$schema", "$id"}}
    properties = {key: leaf(key, each) for key, each in schema.get("properties", {}).items()}
    written = ", ".join(f"{key}: …" for key in schema.get("required", list(properties)[:1]))
    own = {"title": verb, "description": f"The operation `{verb}`.", "x-form": f"write a block: {verb}: {{{written}}}"}
    return own | kept | {"properties": properties}
