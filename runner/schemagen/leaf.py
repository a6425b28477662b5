"""A setting or param as editors and the first check know it: what it may be, in words, and that it may be a template.

A leaf that takes a template accepts any text with `{{` or `{%` in it; what it renders to is checked once the values are
known. Editors look for choices and types in a property itself and in its `anyOf`, never behind `if`, so `anyOf` it is,
with what is meant first. Blocks and lists are gone into: a template gives one value, never several.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from runner.validation import allowed, as_written

TEMPLATE = {"title": "Template", "type": "string", "pattern": "\\{[{%]"}
"""It needs a title: a language server takes alternatives with the same one, or with none, for one and the same."""

_OR_TEMPLATE = {"$ref": "#/$defs/template"}
_TOLD = ("title", "description", "default", "deprecated")
_NOT_FOR_EDITORS = {"x-dimension", "x-file", "x-text-to-image-only", "x-in"}
_ANY_TEXT = {"type", "minLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
"""Rules that any text without end passes, when text is among the types."""
_WORTH_SHARING = 100
"""Characters of JSON from which on rules that stand several times are written once."""


def leaf(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what an author writes for the parameter of this name, which is its title where it has none."""
    told = {"title": name} | {key: schema[key] for key in _TOLD if key in schema}
    words = _words(schema)
    if words:
        told["description"] = f"{told['description']}\n\n{words}" if "description" in told else words
    rules = {key: each for key, each in schema.items() if key not in _NOT_FOR_EDITORS and key not in told}
    if "pattern" in rules and "x-form" in rules:
        rules["patternErrorMessage"] = rules["x-form"]
    if rules.get("properties"):
        inner = rules["properties"]
        form = f"write a block: {name}: {{{next(iter(rules.get('required', inner)), '')}: …}}"
        return told | {"x-form": form} | rules | {"properties": {key: leaf(key, each) for key, each in inner.items()}}
    if isinstance(rules.get("items"), Mapping):
        return told | rules | {"items": leaf(name, rules["items"])}
    return told | (rules if _takes_templates(rules) else {"anyOf": [rules, _OR_TEMPLATE]})


def _takes_templates(rules: Mapping[str, Any]) -> bool:
    """Whether a text with a template in it fits already, or never can."""
    kind = rules.get("type", ())
    kinds = {kind} if isinstance(kind, str) else set(kind)
    if kinds and kinds <= {"array", "object", "null"}:
        return True
    return set(rules) <= _ANY_TEXT and (not kinds or "string" in kinds)


def _words(schema: Mapping[str, Any]) -> str:
    """What may stand there and what holds without it. Editors list choices by themselves."""
    form = schema.get("x-form") or ("" if "enum" in schema else allowed(schema))
    parts = [f"{form[0].upper()}{form[1:]}."] if form else []
    if schema.get("x-text-to-image-only"):
        parts.append("Only where a picture is made from text alone.")
    if isinstance(default := schema.get("default"), (str, bool, int, float)) and default != "":
        parts.append(f"Default: {default if isinstance(default, str) else as_written(default)}.")
    return " ".join(parts)


def shared(schema: dict[str, Any]) -> dict[str, Any]:
    """The recipe's schema with long rules that several leaves have written once, below `$defs`."""
    rules = [(name, _text(each["anyOf"][0])) for name, each in _leaves(schema)]
    often = {text for text, times in Counter(text for _, text in rules).items() if times > 1}
    names: dict[str, str] = {}
    for name, text in rules:
        if text in often and text not in names and len(text) >= _WORTH_SHARING:
            alike = sum(each.split(".")[0] == f"value-{name}" for each in names.values())
            names[text] = f"value-{name}.{alike + 1}" if alike else f"value-{name}"
    for _, each in list(_leaves(schema)):
        text = _text(each["anyOf"][0])
        if text in names:
            each["anyOf"][0] = {"$ref": f"#/$defs/{names[text]}"}
    schema["$defs"] |= {name: json.loads(text) for text, name in names.items()}
    return schema


def _leaves(schema: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a leaf that takes templates, with the name of its property."""
    if isinstance(schema, dict):
        if isinstance(schema.get("anyOf"), list) and schema["anyOf"][-1:] == [_OR_TEMPLATE]:
            yield name, schema
        for key, each in schema.items():
            yield from _leaves(each, name if key == "items" else key)
    elif isinstance(schema, list):
        for each in schema:
            yield from _leaves(each, name)


def _text(rules: Mapping[str, Any]) -> str:
    return json.dumps(rules, ensure_ascii=False)
