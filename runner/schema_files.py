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
from runner.validation import schema_problem

_MOST_BYTES = 4_000_000
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

    Raises UsageError for a file that is no request schema: anybody may have written one, and every command relies on
    its form.
    """
    found = {file.stem: _json(file) for file in sorted(shipped("schemas", "models").glob("*.json"))}
    for folder in folders:
        found |= {file.stem: _request_schema(file) for file in sorted(folder.glob("*.json"))}
    return found


def _request_schema(file: Path) -> dict[str, Any]:
    """The schema in a file that is not ours. Raises UsageError with the place of what is wrong with it."""
    schema = _json(file)
    problem = schema_problem(schema)
    if problem is not None:
        place = ".".join(str(part) for part in problem.path)
        told = f"{place}: {problem.message}" if place else problem.message
        hint = f"{problem.hint}; " if problem.hint else ""
        hint += "make it again with `retouch schemas add`, or mend it"
        raise UsageError(f"{file} is no schema of a model: {told}", hint=hint)
    found: dict[str, Any] = schema
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


def endpoints() -> Mapping[str, str]:
    """Where requests of a model go, by model, as the catalogue has it: for pages that do not say it."""
    return {name: str(each["path"]) for name, each in catalog()["models"].items() if "path" in each}


def _json(file: Path) -> Any:
    """What a JSON file holds. Raises Damaged when it cannot be read, UsageError when it is none."""
    if not file.is_file():  # reading a pipe would wait for ever
        raise UsageError(f"{file} is no file that can be read")
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Damaged(f"{file} cannot be read: {error.strerror}", hint="install retouch again") from None
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{file} is larger than {_MOST_BYTES // 1_000_000} MB, more than any schema")
    try:
        found = json.loads(data, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # half a surrogate pair could be written nowhere
    except UnicodeError:
        raise UsageError(f"{file} holds letters that are none") from None
    except ValueError as error:
        raise UsageError(f"{file} is not JSON: {error}") from None
    except RecursionError:
        raise UsageError(f"{file} has blocks inside each other, too many to be read") from None
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")
