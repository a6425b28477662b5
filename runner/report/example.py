"""A recipe of one step for any model, ready to be copied: made from the model's schema, so that it always fits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from runner import layout
from runner.document.source import source_of
from runner.layout.paths import types
from runner.operation import Json, Model
from runner.validation import problems

_PROMPT = "Say what is to change, and what must stay as it is."
_SHOWN = 2
"""Settings that are shown beside those that have to be given."""
_WISER: Mapping[str, Json] = {"aspect_ratio": "3:2", "watermark": False}
"""What a recipe is best begun with, where the default or the first choice leads astray who copies it."""
_LIKE = re.compile(r"\blike (\S+)\Z")


def example(model: Model) -> str:
    """A recipe with one step that asks this model, as YAML text."""
    pictures = _pictures(model)
    lines = ["recipe: 1"]
    if pictures:
        lines += ["inputs:", *(f"  {name}: {{type: image}}" for name in pictures)]
    lines += ["steps:", "  - name: my-step", f"    model: {_written(model.name)}"]
    if len(pictures) > 1:
        lines.append(f"    from: [{', '.join(pictures)}]")
    if model.layout.prompt is not None:
        lines.append(f"    prompt: {_PROMPT if pictures else 'Say what the picture shows.'}")
    settings: Mapping[str, Json] = {}
    for path, value in _settings(model, edits=bool(pictures)):
        settings = layout.put(settings, path, value)
    if settings:
        lines += ["    settings:", *(f"      {_written(name)}: {_written(value)}" for name, value in settings.items())]
    return "\n".join(lines) + "\n"


def _pictures(model: Model) -> list[str]:
    """Names for the pictures that it needs; for one, if it can do without."""
    number = max(model.layout.fewest, min(1, model.layout.most))
    names = ["mask" if "mask" in place.path[-1] else "photo" for place in model.layout.places(number)]
    return [name if names.index(name) == at else f"{name}_{at + 1}" for at, name in enumerate(names)]


def _settings(model: Model, *, edits: bool) -> Iterator[tuple[layout.Path, Json]]:
    """Settings that have to be given, and a few others, each with a value that it may have."""
    shown = 0
    for path, schema, _ in layout.leaves(model.settings):
        needed = all(
            key in layout.schema_at(model.settings, path[:at]).get("required", ()) for at, key in enumerate(path)
        )
        known = schema.get("default") is not None or "enum" in schema or "x-dimension" in schema
        if edits and schema.get("x-text-to-image-only"):
            continue
        if needed or (known and len(path) == 1 and shown < _SHOWN):
            shown += not needed
            yield path, _fitting(schema, path[-1])


def _fitting(schema: Mapping[str, Any], name: str = "") -> Json:
    """A value that fits: the first of a few guesses with which nothing is wrong, else the last of them."""
    guesses = [*([_WISER[name]] if name in _WISER else []), *_guesses(schema)]
    return next((each for each in guesses if not problems(each, schema)), guesses[-1])


def _guesses(schema: Mapping[str, Any]) -> Iterator[Json]:
    """The default, the first choice, or what its type takes, the simplest first."""
    if schema.get("default") is not None:
        yield schema["default"]
    yield from (each for each in schema.get("enum", ())[:1] if each is not None)
    kinds = types(schema) or ("string",)
    if {"integer", "number"} & {*kinds}:
        yield from _numbers(schema)
    elif "boolean" in kinds:
        yield True
    elif "array" in kinds:
        yield [_fitting(schema.get("items", {}))] * max(1, schema.get("minItems", 0))
    elif "object" in kinds:
        parts = schema.get("properties", {})
        yield {name: _fitting(parts.get(name, {})) for name in schema.get("required", ())}
    else:
        like = _LIKE.search(str(schema.get("x-form", "")))
        yield like[1] if like else "…".ljust(schema.get("minLength", 0), "…")


def _numbers(schema: Mapping[str, Any]) -> Iterator[int | float]:
    """The smallest number there is, or else one near an end of the range, or in its middle."""
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    step = schema.get("multipleOf", 1)
    if least is None:
        least = 1 if most is None else min(1, most)
    yield least
    yield math.ceil(least / step) * step
    yield (math.floor(least / step) + 1) * step
    yield (least + (least + 2 if most is None else most)) / 2


def _written(value: Json) -> str:
    """A value as YAML, blocks in braces."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_written(key)}: {_written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return source_of(value)
