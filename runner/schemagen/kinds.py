"""The type of a parameter, as a page writes it, in JSON Schema's words; and texts turned into values of that type.

Read: `string`, `int`, `float32`, `number(float)`, `string<uri>`, `bool`, `file`, `null`, `object`, `map[string, T]`,
`list`, `T[]`, `[]T`, `[T]`, `array<T>`, `enum<T>`, `Name · T`; unions written with `|`, `¦`, `/`, `,` or `or`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_WORDS = {
    "string": "string",
    "str": "string",
    "text": "string",
    "url": "string",
    "uuid": "string",
    "uri": "string",
    "base64": "string",
    "file": "string",
    "binary": "string",
    "integer": "integer",
    "int": "integer",
    "int32": "integer",
    "int64": "integer",
    "uint32": "integer",
    "uint64": "integer",
    "long": "integer",
    "number": "number",
    "float": "number",
    "float32": "number",
    "float64": "number",
    "double": "number",
    "decimal": "number",
    "numeric": "number",
    "boolean": "boolean",
    "bool": "boolean",
    "object": "object",
    "dict": "object",
    "json": "object",
    "map": "object",
    "array": "array",
    "arrary": "array",
    "list": "array",
    "null": "null",
    "none": "null",
}
_UNION = re.compile(r"\s{0,4}(?:[|¦/]|,?\s\bor\b\s|,(?![^<\[]{0,80}[>\]]))\s{0,4}")
_REFINED = re.compile(r"(\w{1,20})\s?(?:\(([\w-]{1,20})\)|<([\w-]{1,20})>)")
_OF = re.compile(r"(?:array|arrary|list)\s?(?:<(.{1,80})>|\[(.{1,80})\]|\((.{1,80})\)|of (.{1,80}))")
_NAMED = re.compile(r"[\w .-]{1,60}\s·\s(.{1,80})")
_FILES = frozenset({"file", "binary"})
_MAP = re.compile(r"(?:map|dict|object)\s?[<\[]\s{0,4}\w{1,20}\s{0,4},\s{0,4}(.{1,80}?)\s{0,4}[>\]]")
_A_TYPE = (
    r"(?:an?\s)?(?:(?:array|list)s?\sof\s(?:[a-z]{1,20}\s){0,2}[a-z]{1,20}"
    r"|strings?|integers?|numbers?|booleans?|objects?|arrays?|lists?)"
)
_OR_TYPE = rf"{_A_TYPE}(?:(?:,\s(?:or\s)?|\sor\s){_A_TYPE}){{1,5}}"
_TYPES_IN_PROSE = re.compile(
    rf"\b(?:(?:can|may)\sbe|(?:encoded|given|passed|provided|specified|sent|written|supplied)\sas)\s(?:either\s)?"
    rf"({_OR_TYPE})(?=\s{{0,3}}(?:[.;,)\n]|\Z))",
    re.IGNORECASE,
)
_POWER = re.compile(r"([-−]?)(\d{1,2})(?:\^|\*\*)(\d{1,2})(?:\s?[-−]\s?(\d))?")
_NUMBER = re.compile(r"[-+]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][-+]?\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type. `types` are JSON Schema's words, several for a union; empty when the page's word is not understood."""

    types: tuple[str, ...] = ()
    items: Kind | None = None
    """Of a list, what it holds."""
    values: Kind | None = None
    """Of a map, what it holds."""
    file: bool = False
    """Whether it is the content of a file, sent as one part of a form."""

    @property
    def numeric(self) -> bool:
        """Whether it is one number."""
        return bool({"integer", "number"} & set(self.types)) and not {"string", "array"} & set(self.types)

    @property
    def textual(self) -> bool:
        """Whether it is one text."""
        return "string" in self.types and not {"integer", "number", "array", "object"} & set(self.types)

    @property
    def listing(self) -> bool:
        """Whether it is a list and nothing else."""
        return "array" in self.types and not {"string", "integer", "number", "object"} & set(self.types)


def kind_of(text: str, depth: int = 0) -> Kind:
    """Read a type as a page writes it."""
    words = text.strip().strip("`").lower()
    if depth > 4 or not words or len(words) > 100:
        return Kind()
    named = _NAMED.fullmatch(words)
    if named:  # "Prosody · object": the name of a schema, then its type
        return kind_of(named.group(1), depth + 1)
    mapped = _MAP.fullmatch(words)
    if mapped:
        return Kind(("object",), values=kind_of(mapped.group(1), depth + 1))
    parts = [part for part in _UNION.split(words) if part]
    if len(parts) > 1:
        return _union([kind_of(part, depth + 1) for part in parts])
    return _single(words, depth)


def contradicted(kind: Kind, prose: str) -> str | None:
    """The words of the prose that allow a type which `kind` does not: "given as a string or array of strings"."""
    found = _TYPES_IN_PROSE.search(prose) if kind.types else None
    if found is None:
        return None
    named = {
        word.rstrip("s") for word in re.findall(r"[a-z]+", re.sub(r"\sof\s[a-z ]{1,60}", "", found.group(1).lower()))
    }
    told = {_WORDS[word] for word in named & _WORDS.keys()}
    if "number" in kind.types:
        told.discard("integer")
    return found.group() if told - set(kind.types) else None


def value_of(text: str, kind: Kind) -> tuple[Any] | None:
    """The text as a value of the kind, in a tuple; None when it is not one. The most exact type of a union wins."""
    bare = text.strip()
    unquoted = bare[1:-1] if len(bare) > 1 and bare[0] + bare[-1] in {'""', "''", "“”", "‘’"} else bare
    for word in ("null", "boolean", "integer", "number", "array", "object", "string"):
        if word in kind.types:
            found = _as(word, bare, unquoted)
            if found is not None:
                return found
    return None


def _as(word: str, bare: str, unquoted: str) -> tuple[Any] | None:
    if word == "string":
        return (unquoted,)
    if word == "null":
        return (None,) if unquoted.lower() in {"null", "none"} else None
    if word == "boolean":
        return {"true": (True,), "false": (False,)}.get(unquoted.lower())
    if word in ("integer", "number"):
        return _number(unquoted, whole=word == "integer")
    try:
        value = json.loads(unquoted if unquoted[:1] in "[{" else bare)
    except (ValueError, RecursionError):
        return None
    return (value,) if isinstance(value, list if word == "array" else dict) else None


def _number(text: str, *, whole: bool) -> tuple[int | float] | None:
    text = text.replace("−", "-")
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    if number.is_integer() and abs(number) < 2**53:
        return (int(number),)
    if re.fullmatch(r"[-+]?\d{1,18}", text):
        return (int(text),)
    return None if whole else (number,)


def number_of(text: str) -> int | float | None:
    """A number as prose writes it: `1,024`, `−1`, `0.5`, `2^32-1`; None when it is none."""
    power = _POWER.fullmatch(text)
    if power:
        sign, base, exponent, less = power.groups()
        number: int = int(base) ** int(exponent) - int(less or 0)
        return -number if sign else number
    found = _number(re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text), whole=False)
    return found[0] if found else None


def _single(words: str, depth: int) -> Kind:
    if words.startswith("arraystring"):
        words = words.removeprefix("array")
    if words.endswith("[]"):
        return Kind(("array",), items=kind_of(words[:-2], depth + 1))
    if words.startswith("[]"):
        return Kind(("array",), items=kind_of(words[2:], depth + 1))
    if words.startswith("[") and words.endswith("]"):
        return Kind(("array",), items=kind_of(words[1:-1], depth + 1))
    listed = _OF.fullmatch(words)
    if listed:
        inner = next(group for group in listed.groups() if group)
        return Kind(("array",), items=kind_of(inner.removesuffix("s"), depth + 1))
    if words.startswith("enum<") and words.endswith(">"):
        return kind_of(words[5:-1], depth + 1)
    refined = _REFINED.fullmatch(words)
    word = refined.group(1) if refined else words
    known = _WORDS.get(word)
    if known is None or (refined and known in {"array", "object", "null"}):
        return Kind()
    return Kind((known,), file=word in _FILES or bool(refined and _FILES & set(refined.groups())))


def _union(parts: list[Kind]) -> Kind:
    """One kind for several; unknown as soon as one of them is, for a type that is missing refuses right values."""
    if any(not part.types for part in parts):
        return Kind()
    types = dict.fromkeys(word for part in parts for word in part.types)
    items = {part.items for part in parts if "array" in part.types}
    return Kind(
        tuple(types),
        items=items.pop() if len(items) == 1 else None,  # "string[] | integer[]": either, so nothing is said of both
        values=next((part.values for part in parts if part.values), None),
        file=any(part.file for part in parts),
    )
