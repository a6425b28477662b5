"""What is decided without the library is decided as the library decides it, for the schemas that recipes meet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import pytest

from runner import document
from runner.validation import checking
from runner.validation.fitting import Unsure, fits
from tests.command import ROOT

SCHEMA = json.loads((ROOT / "schemas" / "recipe.schema.json").read_text(encoding="utf-8"))
RECIPES = sorted([*ROOT.glob("pipelines/**/*.yaml"), *ROOT.glob("tests/recipes/valid/*.yaml")])
MODELS = sorted((ROOT / "schemas" / "models").glob("*.json"))
OTHERS: list[Any] = ["", "x", "16:9", "flux-1-kontext-dev", 0, 1, 1.0, 2.5, -1, 10**9, True, None, float("inf"), {}, []]


def decided_by_the_library(value: Any, schema: Mapping[str, Any]) -> bool:
    """The validator with our rules, asked for every reason."""
    found = checking.validator_for(schema).is_valid(value)
    assert isinstance(found, bool)
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in some data."""
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in entries:
        yield from places(each, (*path, key))


def changed(data: Any, random: Random) -> Any:
    """The data with one thing in it replaced, taken away, or joined by another key."""
    copy = json.loads(json.dumps(data))
    path = random.choice(list(places(copy)))
    if not path:
        return random.choice(OTHERS)
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    match random.randrange(3):
        case 0:
            holder[path[-1]] = random.choice(OTHERS)
        case 1:
            del holder[path[-1]]
        case _ if isinstance(holder, dict):
            holder[random.choice(["size", "prompt", "model", "resize", "seed", "unknown"])] = random.choice(OTHERS)
    return copy


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_good_recipes_are_decided_at_once(file: Any) -> None:
    """All that we ship fits, and the library is not needed for it."""
    assert fits(document.read(file).data, SCHEMA, SCHEMA)


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_changed_recipes_are_decided_as_the_library_does(file: Any) -> None:
    """One thing in them changed, at random: the same yes and no; both occur."""
    random, answers = Random(file.stem), set()
    data = document.read(file).data
    for _ in range(60):
        other = changed(data, random)
        answers.add(decided := fits(other, SCHEMA, SCHEMA))
        assert decided == decided_by_the_library(other, SCHEMA), other
    assert answers == {True, False}


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_settings_of_models_are_decided_as_the_library_does(file: Any) -> None:
    """Each property of each model, with values that suit and such that do not."""
    schema = json.loads(file.read_text(encoding="utf-8"))
    for name, stated in schema["properties"].items():
        values = [*OTHERS, *stated.get("enum", []), stated.get("default"), stated.get("minimum"), stated.get("maximum")]
        for value in values:
            part = {"type": "object", "properties": {name: stated}}
            assert fits({name: value}, part, part) == decided_by_the_library({name: value}, part), (name, value)


def test_a_rule_that_is_not_known_is_left_to_the_library() -> None:
    """Whoever writes schemas by hand may use them all."""
    schema = {"type": "object", "properties": {"a": {"multipleOf": 3}}, "patternProperties": {"^b": {"type": "string"}}}
    with pytest.raises(Unsure):
        fits({"a": 4}, schema, schema)
    assert [each.validator for each in checking.errors_of({"a": 4, "b1": 2}, schema)] == ["multipleOf", "type"]
    assert checking.errors_of({"a": 6, "b1": ""}, schema) == []
