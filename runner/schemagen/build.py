"""Pages -> the schema files that are committed; the only way they come about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.schemagen.page import read_page
from runner.schemagen.schema import Schema, request_schema, response_schema

TASK_RESULT = "task-result"
"""The page whose answer every provider of tasks gives; all other pages describe a model."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build gives."""

    files: Mapping[str, str]
    """Text by path below `schemas/`, e.g. `models/flux-1-kontext-dev.json`."""
    warnings: tuple[str, ...]
    """Every doubt, with the name of the page before it."""


def build_all(
    pages: Mapping[str, tuple[str, str]], wording: Mapping[str, Any], read: str, paths: Mapping[str, str] | None = None
) -> Built:
    """Every schema file from its page. `pages` holds (text, source) by model name, and by `task-result`.

    `read` is the date on which the pages were read, as YYYY-MM-DD; `paths` are the endpoints, by model, of pages that
    do not say theirs. Raises UsageError for a page that yields nothing.
    """
    files: dict[str, str] = {}
    warnings: list[str] = []
    for name, (text, source) in pages.items():
        page = read_page(text, source)
        if name == TASK_RESULT:
            schema, doubts = response_schema(page, read=read, wording=wording, name=name)
            files[f"{name}.json"] = written(schema)
        else:
            schema, doubts = request_schema(page, read=read, wording=wording, name=name)
            known = {"method": "POST", "path": (paths or {}).get(name)}
            files[f"models/{name}.json"] = written(with_endpoint(schema, name, known))
        warnings += [f"{name}: {doubt}" for doubt in doubts]
    return Built(files, tuple(warnings))


def with_endpoint(schema: Schema, name: str, known: Mapping[str, Any] | None = None) -> Schema:
    """The schema with method and path, where its page states none: source pages leave them out.

    `known` holds `method` and `path` of the model, as somebody else has them: its former schema, or the catalogue.
    Where they do not either, tasks of this provider are all posted to `/v3/async/<model>`. A page that says otherwise
    is believed, and a synchronous endpoint that nobody knows stays without.
    """
    origin = schema["x-retouch"]
    if origin["path"] is not None:
        return schema
    endpoint = {key: (known or {}).get(key) for key in ("method", "path")}
    if endpoint["path"] is None:
        task = origin["sync"] is False
        endpoint = {"method": "POST", "path": f"/v3/async/{name}"} if task else {}
    return schema | {"x-retouch": origin | endpoint}


def written(schema: Schema) -> str:
    """The text of a schema file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
