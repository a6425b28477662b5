"""Schemas of a workspace, which anybody may have written: what is no schema of a model is told, and ends nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import layout, schema_files
from runner.errors import UsageError
from runner.schemagen.recipe_schema import recipe_schema
from runner.validation import problems, schema_problem
from tests.command import ROOT, retouch

GOOD: dict[str, Any] = schema_files.model_schemas()["seedream-4-5"]


def put(folder: Path, text: str) -> Path:
    """The folder of models, with one file in it."""
    (folder / "mine.json").write_text(text, encoding="utf-8")
    return folder


def schema(**size: Any) -> dict[str, Any]:
    """A small schema, whose parameter `size` says this."""
    return {"type": "object", "x-retouch": {"path": "/v3/x"}, "properties": {"size": size}}


def test_every_schema_of_ours_has_the_form() -> None:
    """The shipped ones, though nobody checks them when they are read."""
    assert {schema_problem(each) for each in schema_files.model_schemas().values()} == {None}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ('{"x-retouch": {}, "properties": {"size": {"minimum": NaN}}}', "NaN is no number"),
        ('{"x-retouch": {}, "title": "\\ud800"}', "holds letters that are none"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "blocks inside each other"),
        ('{"x-retouch": {}, "default": ' + "[" * 60 + "]" * 60 + "}", "more than 48 deep"),
        ("[]", "is no schema of a model: expected a block"),
        ("{}", "`x-retouch:` is missing here"),
        ('{"x-retouch": {"response": 3}}', "x-retouch.response: expected a block"),
        ('{"x-retouch": {"title": 3}}', "x-retouch.title: expected text or nothing"),
        (json.dumps(schema(type="nosuch")), "properties.size.type: `nosuch` is not one of the choices"),
        (json.dumps(schema(type=["string", 1])), "properties.size.type.1: "),
        (json.dumps(schema(pattern="(a+)+$")), "properties.size.pattern: `(a+)+$` does not have the right form"),
        (json.dumps(schema(pattern=r"^(?:[9-0])\*[1-9][0-9]*(?![\s\S])")), "pattern: this is no regular expression"),
        (json.dumps(schema(properties={"x": {"$ref": "#/a"}})), "properties.size.properties.x.$ref: unknown key"),
        (json.dumps(schema(items=[])), "properties.size.items: expected a block"),
        (json.dumps(schema(enum=1)), "properties.size.enum: expected a list"),
        (json.dumps(schema(**{"x-dimension": {"minimum": "a"}})), "properties.size.x-dimension"),
        (json.dumps(schema(**{"x-form": [1]})), "properties.size.x-form: expected text"),
        (" " * 4_000_001, "larger than 4 MB"),
    ],
)
def test_what_is_none_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    """The file, the place in it, and what is wrong there."""
    with pytest.raises(UsageError) as caught:
        schema_files.model_schemas([put(tmp_path, text)])
    assert caught.value.message.startswith(str(tmp_path / "mine.json"))
    assert words in caught.value.message


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A file that never ends, or never begins, is none."""
    os.mkfifo(tmp_path / "mine.json")
    with pytest.raises(UsageError, match="is no file that can be read"):
        schema_files.model_schemas([tmp_path])


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 5), st.sampled_from(["", "string", "(", "x", "integer"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["type", "a", "items"]), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYWORDS = sorted(
    {"type", "enum", "minimum", "maxItems", "pattern", "items", "properties", "required", "default", "description"}
    | {"x-dimension", "x-form", "x-in", "anyOf", "not", "$ref", "$id", "multipleOf", "title", "additionalProperties"}
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["size", "prompt", "images", "seed", "image_size", ""]), st.sampled_from(KEYWORDS), JSON)
def test_what_passes_can_be_relied_on(name: str, keyword: str, value: Any) -> None:
    """Whatever stands in a schema: either it is refused, or layout, recipe schema and validation take it."""
    changed = json.loads(json.dumps(GOOD))
    place = changed["properties"].setdefault(name, {}) if name else changed
    place[keyword] = value
    if schema_problem(changed) is None:
        layout.of(changed)
        recipe_schema({"mine": changed}, {})
        problems({"size": "1024*1024", "prompt": "x", "images": ["a"], "image_size": 3, "seed": 1}, changed)


def test_the_command_tells_it(tmp_path: Path) -> None:
    """No traceback and no log: two lines that can be acted on."""
    models = tmp_path / "schemas" / "models"
    models.mkdir(parents=True)
    (tmp_path / "retouch.toml").touch()
    put(models, json.dumps(schema(type="nosuch")))
    told = retouch("models", cwd=tmp_path)
    assert told.returncode == 2
    assert told.stderr.splitlines()[1].endswith("make it again with `retouch schemas add`, or mend it")


def test_pages_give_schemas_that_are_let_in(tmp_path: Path) -> None:
    """What `schemas add` writes is read again by the same check: a page with a size, bounds, blocks and an answer."""
    page = ROOT / "tests" / "pages" / "novita" / "seedream-4-5.rendered.md"
    (tmp_path / "retouch.toml").touch()
    assert retouch("schemas", "add", str(page), "--name", "mine", cwd=tmp_path).returncode == 0
    assert "mine" in schema_files.model_schemas([tmp_path / "schemas" / "models"])
