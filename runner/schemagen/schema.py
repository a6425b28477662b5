"""Page + our wording -> JSON Schema (draft 2020-12), closed and dated.

The page gives names, types and limits; titles and descriptions come from the wording (schemas/wording.yaml), in our
words. What a keyword of JSON Schema cannot say goes under `x-` names, which schemas/README.md explains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.schemagen.kinds import Kind
from runner.schemagen.page import Page, Parameter
from runner.schemagen.prose import Facts

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def request_schema(
    page: Page, *, read: str, wording: Mapping[str, Any], name: str | None = None
) -> tuple[Schema, list[str]]:
    """The request's schema, and warnings: those of the page, then the parameters that have no wording.

    It is closed unless the page leaves it in doubt whether these are all its parameters.

    `read` is the date on which the page was read, as YYYY-MM-DD; `name` is the model's, page.name by default.
    """
    name = name or page.name
    words = _Words(wording, name, "parameters")
    properties = {each.name: _property(each, words, "", closed=True) for each in page.parameters}
    answer = None
    if page.response is not None:
        answer = _object(page.response, _Words(wording, name, "answers"), "", closed=False)
    required = [each.name for each in page.parameters if each.required]
    schema = _head(page, name, words.of_model)
    schema |= {"type": "object"} | ({"additionalProperties": False} if page.closed else {}) | {"properties": properties}
    if required:
        schema["required"] = required
    schema["x-retouch"] = _origin(page, read) | {"response": answer}
    return schema, [*page.warnings, *words.missing()]


def response_schema(
    page: Page, *, read: str, wording: Mapping[str, Any], name: str | None = None
) -> tuple[Schema, list[str]]:
    """The answer's schema, and warnings as of request_schema. Open: a provider may add fields at any time."""
    name = name or page.name
    words = _Words(wording, name, "answers")
    schema = _head(page, name, words.of_model) | _object(page.response or (), words, "", closed=False)
    schema["x-retouch"] = _origin(page, read) | {"response": None}
    return schema, [*page.warnings, *words.missing()]


def _head(page: Page, name: str, told: Mapping[str, Any]) -> Schema:
    head: Schema = {"$schema": DIALECT, "$id": f"{name}.json", "title": told.get("title", page.title)}
    if "description" in told:
        head["description"] = told["description"]
    return head


def _origin(page: Page, read: str) -> Schema:
    return {
        "title": page.title,
        "method": page.method,
        "path": page.path,
        "sync": page.sync,
        "source": page.source,
        "read": read,
        "digest": page.digest,
        "deprecated": page.deprecated,
    }


@dataclass
class _Words:
    """Looks up titles and descriptions by the path of a parameter, the model's own first, and notes what is missing."""

    wording: Mapping[str, Any]
    model: str
    group: str
    """`parameters` or `answers`."""
    without: list[str] = field(default_factory=list)

    @property
    def of_model(self) -> Mapping[str, Any]:
        """Title, description and overrides of the model itself; empty where there are none."""
        found: Mapping[str, Any] = self.wording.get("models", {}).get(self.model, {})
        return found

    def of(self, path: str) -> Schema:
        """Title and description of a parameter, e.g. `request.loras.strength`; empty where there are none."""
        last = path.rsplit(".", 1)[-1]
        for group in (self.of_model.get(self.group, {}), self.wording.get(self.group, {})):
            for key in (path, last):
                if key in group:
                    return {word: group[key][word] for word in ("title", "description") if word in group[key]}
        self.without.append(path)
        return {}

    def missing(self) -> list[str]:
        """One warning that names everything without words; none when nothing is missing."""
        listed = ", ".join(f"`{path}`" for path in self.without)
        return [f"no wording for {listed}: they get no description"] if listed else []


def _object(fields: Sequence[Parameter], words: _Words, above: str, *, closed: bool) -> Schema:
    schema: Schema = {"type": "object"}
    if closed:
        schema["additionalProperties"] = False
    schema["properties"] = {each.name: _property(each, words, above, closed=closed) for each in fields}
    required = [each.name for each in fields if each.required]
    return schema | ({"required": required} if required else {})


def _property(parameter: Parameter, words: _Words, above: str, *, closed: bool) -> Schema:
    """One parameter as a schema. `closed`: whether objects in it refuse keys that the page does not name."""
    path = f"{above}.{parameter.name}" if above else parameter.name
    facts = parameter.facts
    schema = words.of(path) | _typed(facts.kind)
    if parameter.properties:
        inner = _object(parameter.properties, words, path, closed=closed and parameter.closed)
        if "array" in facts.kind.types and "object" not in facts.kind.types:
            schema["items"] = inner
        else:
            inner.pop("type")
            schema |= inner
    _limit(schema, facts)
    if facts.deprecated:
        schema["deprecated"] = True
    if facts.text_to_image_only:
        schema["x-text-to-image-only"] = True
    if parameter.place in ("query", "path"):
        schema["x-in"] = parameter.place
    return schema


def _typed(kind: Kind) -> Schema:
    if not kind.types:
        return {}
    schema: Schema = {"type": kind.types[0] if len(kind.types) == 1 else list(kind.types)}
    if kind.file:
        schema["format"] = "binary"
    if kind.items is not None and kind.items.types:
        schema["items"] = _typed(kind.items)
    if kind.values is not None and kind.values.types:
        schema["additionalProperties"] = _typed(kind.values)
    return schema


def _limit(schema: Schema, facts: Facts) -> None:
    """Add choices, default, bounds, lengths and form."""
    if facts.enum:
        choices = list(facts.enum)
        if facts.kind.listing:
            schema["items"] = schema.get("items", {"type": "string"}) | {"enum": choices}
        else:
            schema["enum"] = choices + ([None] if "null" in facts.kind.types and None not in choices else [])
    if facts.default:
        schema["default"] = facts.default[0]
    for key, value in (
        ("exclusiveMinimum" if facts.above else "minimum", facts.minimum),
        ("exclusiveMaximum" if facts.below else "maximum", facts.maximum),
        ("multipleOf", facts.multiple),
        ("minItems" if facts.kind.listing else "minLength", facts.lengths[0]),
        ("maxItems" if facts.kind.listing else "maxLength", facts.lengths[1]),
    ):
        if value is not None:
            schema[key] = value
    if facts.dimension is not None:
        form = facts.dimension
        if form.exact:
            schema["pattern"] = form.pattern
            schema["x-form"] = form.form
        schema["x-dimension"] = {
            "separator": form.separator,
            "minimum": form.minimum,
            "maximum": form.maximum,
            "multipleOf": form.multiple,
        }
