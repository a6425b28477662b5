"""The recipe's schema is generated: the committed file is what the generator gives, and it says what recipes may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner import document, schema_files
from runner.cli.schemas import shape_of
from runner.validation import problems
from tests.command import ROOT, retouch

SHIPPED = sorted((ROOT / "pipelines").glob("*.yaml"))


def test_the_committed_schema_is_the_generated_one() -> None:
    """No drift: models, operations and generator give the file, byte for byte."""
    committed = (ROOT / "schemas" / "recipe.schema.json").read_text(encoding="utf-8")
    assert committed == shape_of(schema_files.model_schemas())


def test_it_is_a_schema() -> None:
    """The file is valid under draft 2020-12, and refers to nothing outside itself."""
    schema = json.loads((ROOT / "schemas" / "recipe.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    references = [each for each in walk(schema) if isinstance(each, dict) and "$ref" in each]
    assert references
    assert all(each["$ref"].startswith("#/$defs/") and each["$ref"][8:] in schema["$defs"] for each in references)


def walk(value: Any) -> list[Any]:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(found for each in inner for found in walk(each))]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_recipes_fit_their_schema(file: Path) -> None:
    """What editors see as right is what we ship; each names the schema for its editor."""
    assert problems(document.read(file).data, schema_files.recipe_schema()) == []
    assert file.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=../schemas/recipe.schema.json\n"
    )


def test_build_writes_the_same_schema(tmp_path: Path) -> None:
    """`retouch schemas build --recipe` gives the committed file."""
    models = tmp_path / "schemas" / "models"
    models.mkdir(parents=True)
    for file in (ROOT / "schemas" / "models").glob("*.json"):
        (models / file.name).write_bytes(file.read_bytes())
    done = retouch("schemas", "build", "--recipe", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    built = (tmp_path / "schemas" / "recipe.schema.json").read_bytes()
    assert built == (ROOT / "schemas" / "recipe.schema.json").read_bytes()


def test_build_from_pages_gives_the_committed_facts(tmp_path: Path) -> None:
    """From our stand-in pages `build --pages` gives every schema; only where it came from differs."""
    models = tmp_path / "schemas" / "models"
    models.mkdir(parents=True)
    done = retouch("schemas", "build", "--pages", str(ROOT / "tests" / "pages" / "novita"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for file in (ROOT / "schemas" / "models").glob("*.json"):
        ours, made = (json.loads((folder / file.name).read_text(encoding="utf-8")) for folder in (file.parent, models))
        for key in ("source", "digest", "read", "title"):
            ours["x-retouch"].pop(key), made["x-retouch"].pop(key)
        assert made == ours
