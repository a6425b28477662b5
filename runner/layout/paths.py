"""Paths into requests and schemas: reading, writing and listing what stands at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
"""Keys from the top of the request, e.g. `("request", "prompt")`."""


def get(request: Mapping[str, Any], path: Path) -> Any:
    """The value at a path of a request, or None."""
    value: Any = request
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def put(request: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of the request with the value at a path; objects on the way are made where they are missing."""
    first, rest = path[0], path[1:]
    if rest:
        inner = request.get(first)
        value = put(inner if isinstance(inner, Mapping) else {}, rest, value)
    return {**request, first: value}


def schema_at(schema: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The schema of the parameter at a path; empty where there is none."""
    for key in path:
        schema = schema.get("properties", {}).get(key, {})
    return schema


def types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema allows; empty where it says nothing of them."""
    kind = schema.get("type", ())
    return (kind,) if isinstance(kind, str) else tuple(kind)


def leaves(schema: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any], bool]]:
    """Every parameter that is no block of others, however deep, in the page's order: path, schema, whether required."""
    for name, each in schema.get("properties", {}).items():
        if each.get("properties"):
            yield from leaves(each, (*above, name))
        else:
            yield (*above, name), each, name in schema.get("required", ())


def dotted(path: Path) -> str:
    """A path as people write it: `request.steps`."""
    return ".".join(path)
