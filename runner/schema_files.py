"""Finds and reads what is generated or dated: schemas, catalogue of prices, wording, and the recipes we ship.

In an installed wheel `schemas/` and `pipelines/` lie in the package's `_data` folder, in a checkout beside the package.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from runner import document
from runner.errors import Damaged, UsageError

_PACKAGE = Path(__file__).resolve().parent


def shipped(*parts: str) -> Path:
    """Path of a file or folder that comes with retouch, e.g. shipped("schemas", "recipe.schema.json")."""
    data = _PACKAGE / "_data"
    return (data if data.is_dir() else _PACKAGE.parent).joinpath(*parts)


def is_shipped(path: Path) -> bool:
    """Whether the path lies in the data folder of an installed package, where nothing may be written."""
    return path.resolve().is_relative_to(_PACKAGE / "_data")


def model_schemas(folders: Iterable[Path] = ()) -> dict[str, dict[str, Any]]:
    """Request schemas by model name: the shipped ones, then those of each folder, which may replace them.

    Raises UsageError for a file that is no request schema.
    """
    found: dict[str, dict[str, Any]] = {}
    for folder in (shipped("schemas", "models"), *folders):
        for file in sorted(folder.glob("*.json")):
            schema = _json(file)
            if not isinstance(schema, dict) or not isinstance(schema.get("x-retouch"), dict):
                raise UsageError(f"{file} is no schema of a model", hint="make it with `retouch schemas`")
            found[file.stem] = schema
    return found


def recipe_schema() -> dict[str, Any]:
    """The shape of a recipe, for the shipped models."""
    schema: dict[str, Any] = _json(shipped("schemas", "recipe.schema.json"))
    return schema


def wording() -> Mapping[str, Any]:
    """Our words for the parameters of the models (schemas/wording.yaml)."""
    words: Mapping[str, Any] = document.read(shipped("schemas", "wording.yaml")).data
    return words


def catalog() -> Mapping[str, Any]:
    """Who serves which model, at what price, as seen when (schemas/catalog.yaml)."""
    data: Mapping[str, Any] = document.read(shipped("schemas", "catalog.yaml")).data
    return data


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Damaged(f"{file} cannot be read: {error.strerror}", hint="install retouch again") from None
    except ValueError as error:
        raise UsageError(f"{file} is not JSON: {error}") from None
