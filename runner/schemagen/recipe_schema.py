"""The schema of a recipe, for editors and for the first check: shape of the language + models + operations.

Built from the request schemas of the models and the params of the operations, so that a setting is known to editors as
soon as its model is. Branches are chosen with `if`/`then` on the model's name. A leaf that may be a template accepts
any text with `{{` or `{%` in it; what it renders to is checked once the values are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner import layout
from runner.language import INPUT_TYPES, PAID_KEYS, STEP_NAME, STEP_NAME_FORM

Schema = Mapping[str, Any]

_TEMPLATE = {"type": "string", "pattern": "\\{[{%]"}


def recipe_schema(models: Mapping[str, Schema], operations: Mapping[str, Schema]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a recipe.

    `models` are request schemas by model name, `operations` the params' schemas by verb; both in the order in which
    they are offered to authors.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "recipe.schema.json",
        "title": "retouch recipe",
        "description": "A chain of image edits, run by retouch.",
        "type": "object",
        "additionalProperties": False,
        "required": ["recipe", "steps"],
        "properties": _top(list(models)),
        "allOf": [_for_model_on_top(name) for name in models],
        "$defs": {
            "input": _input(),
            "step": _step(list(models), operations),
            **{f"settings-{name}": _settings(name, schema) for name, schema in models.items()},
            **{f"operation-{verb}": _operation(verb, schema) for verb, schema in operations.items()},
        },
    }


def _top(models: list[str]) -> dict[str, Any]:
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
        "model": {"description": "The model of all steps that name none themselves.", "type": "string", "enum": models},
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
        },
        "matrix": {
            "not": {},
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


def _step(models: list[str], operations: Mapping[str, Schema]) -> dict[str, Any]:
    verbs = ["prompt", *operations]
    branches = [_for_model(name) for name in models]
    return {
        "description": "One edit: a `prompt:` for a model, or one operation.",
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
            },
            "prompt": {
                "description": "What the model is to change, in plain words. Costs money.",
                "type": "string",
                "minLength": 1,
            },
            **{verb: {"$ref": f"#/$defs/operation-{verb}"} for verb in operations},
            "model": {"description": "The model of this step.", "type": "string", "enum": models},
            "settings": {
                "description": "Parameters of the model.",
                "type": "object",
                "x-form": "write a block: settings: {guidance_scale: 4}; `retouch models MODEL` lists what there is",
            },
            "from": {
                "description": "The pictures this step takes: steps above, or image inputs. A list when several.",
                "type": ["string", "array"],
                "minItems": 1,
                "items": {"type": "string"},
            },
            "when": {
                "description": 'A condition, like: season == "winter". When it is false, the picture passes by.',
                "type": "string",
                "minLength": 1,
            },
            "candidates": {
                "description": "How many pictures to make, each with a seed of its own.",
                "type": "integer",
                "minimum": 1,
                "maximum": 16,
            },
            "choose": {
                "description": "Which of the pictures goes on: `first`, or its number from 1.",
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
        "if": {"not": {"anyOf": [{"required": [verb]} for verb in verbs]}},
        "then": {"required": ["prompt"], "x-missing": _no_verb(verbs)},
        "allOf": branches,
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


def _for_model(name: str) -> dict[str, Any]:
    """A step that names its model has that model's settings."""
    return {
        "if": {"properties": {"model": {"const": name}}, "required": ["model"]},
        "then": {"properties": {"settings": {"$ref": f"#/$defs/settings-{name}"}}},
    }


def _for_model_on_top(name: str) -> dict[str, Any]:
    """A step that names no model has the settings of the model on top."""
    settings = {"properties": {"settings": {"$ref": f"#/$defs/settings-{name}"}}}
    items = {"if": {"type": "object", "required": ["model"]}, "then": True, "else": settings}
    return {
        "if": {"properties": {"model": {"const": name}}, "required": ["model"]},
        "then": {"properties": {"steps": {"items": items}}},
    }


def _settings(name: str, schema: Schema) -> dict[str, Any]:
    properties = {key: _leaf(each) for key, each in layout.settings_of(schema)["properties"].items()}
    return {
        "description": f"Settings of {schema.get('title', name)}.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _operation(verb: str, schema: Schema) -> dict[str, Any]:
    kept = {key: each for key, each in schema.items() if key not in {"$schema", "$id"}}
    properties = {key: _leaf(each) for key, each in schema.get("properties", {}).items()}
    written = ", ".join(f"{key}: …" for key in schema.get("required", list(properties)[:1]))
    own = {"description": f"The operation `{verb}`.", "x-form": f"write a block: {verb}: {{{written}}}"}
    return own | kept | {"properties": properties}


def _leaf(schema: Schema) -> dict[str, Any]:
    """A schema that accepts a template wherever a leaf stands; blocks and lists are gone into."""
    if "properties" in schema:
        return dict(schema) | {"properties": {key: _leaf(each) for key, each in schema["properties"].items()}}
    if isinstance(schema.get("items"), Mapping):
        return dict(schema) | {"items": _leaf(schema["items"])}
    told = {key: schema[key] for key in ("title", "description", "default") if key in schema}
    return told | {"if": _TEMPLATE, "then": True, "else": dict(schema)}
