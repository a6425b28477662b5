"""The inputs of a recipe: declared values, held against their own types and bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner import templating
from runner.document import Path
from runner.inputs import Input
from runner.language import INPUT_NAME, INPUT_NAME_FORM, INPUT_TYPES, RESERVED_NAMES
from runner.parsing.notes import Notes
from runner.validation import shown

_KEYS: Mapping[str, tuple[str, ...]] = {
    "inputs of type choice": ("options",),
    "numbers": ("minimum", "maximum"),
    "texts": ("min_length", "max_length"),
}
_OF_TYPE = {"choice": "inputs of type choice", "number": "numbers", "integer": "numbers", "text": "texts"}


@dataclass(frozen=True, slots=True)
class Inputs:
    """All inputs that stand in the recipe, with what is known of them."""

    declared: dict[str, Input] = field(default_factory=dict)
    """Those whose type is one of the language."""
    types: dict[str, str] = field(default_factory=dict)
    """Of all; empty where the type is none of the language."""

    @property
    def images(self) -> list[str]:
        """Names of the image inputs, in order."""
        return [name for name, kind in self.types.items() if kind == "image"]

    def known(self) -> dict[str, templating.Known]:
        """What templates need to know of each."""
        options = {name: each.options for name, each in self.declared.items()}
        return {name: templating.Known(kind, options.get(name, ())) for name, kind in self.types.items()}


def read_inputs(raw: Any, notes: Notes) -> Inputs:
    """The block `inputs:`, tolerating what the shape check reports."""
    inputs = Inputs()
    for name, each in (raw if isinstance(raw, dict) else {}).items():
        path: Path = ("inputs", name)
        kind = each.get("type") if isinstance(each, dict) else None
        inputs.types[name] = kind if isinstance(kind, str) and kind in INPUT_TYPES else ""
        _check_name(name, path, notes)
        if isinstance(each, str) and each in INPUT_TYPES:
            message = f"expected a block of `key: value` lines, found {shown(each)}"
            notes.note(path, message, f"write a block: {name}: {{type: {each}}}")
        if inputs.types[name]:
            inputs.declared[name] = _declared(name, inputs.types[name], each, path, notes)
    return inputs


def _check_name(name: str, path: Path, notes: Notes) -> None:
    message = f"{shown(name)} cannot be the name of an input"
    if not re.fullmatch(INPUT_NAME, name):
        notes.note(path, message, INPUT_NAME_FORM, key=True, whole=False)
    elif name in RESERVED_NAMES:
        hint = f"`{name}` means something else in a template; call it otherwise, like `{name}_text`"
        notes.note(path, message, hint, key=True, whole=False)


def _declared(name: str, kind: str, raw: Mapping[str, Any], path: Path, notes: Notes) -> Input:
    """One input, its default held against its own bounds."""
    for key, owner in _out_of_place(kind, raw):
        message = f"`{key}` does not belong to an input of type {kind}"
        notes.note((*path, key), message, f"it is for {owner}", key=True)
    options = raw.get("options")
    one = Input(
        name=name,
        type=kind,
        help=str(raw.get("help") or ""),
        default=raw.get("default"),
        options=tuple(each for each in options if isinstance(each, str)) if isinstance(options, list) else (),
        minimum=_number(raw, "minimum"),
        maximum=_number(raw, "maximum"),
        min_length=_whole(raw, "min_length") or 0,
        max_length=_whole(raw, "max_length"),
    )
    for least, most in (("minimum", "maximum"), ("min_length", "max_length")):
        low, high = getattr(one, least), getattr(one, most)
        if low is not None and high is not None and low > high:
            message = f"nothing is at least {raw[least]} and at most {raw[most]}"
            notes.note((*path, least), message, f"`{least}` must not be larger than `{most}`")
            return one
    if one.default is not None and (kind != "choice" or one.options):
        objection = one.objection(one.default)
        if objection:
            message = f"the default {shown(one.default)} does not suit an input of type {kind}"
            notes.note((*path, "default"), message, f"expected: {objection}")
    return one


def _out_of_place(kind: str, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys that belong to inputs of other types, and to which."""
    for owner, keys in _KEYS.items():
        if owner != _OF_TYPE.get(kind):
            yield from ((key, owner) for key in keys if key in raw)


def _number(raw: Mapping[str, Any], key: str) -> float | None:
    value = raw.get(key)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _whole(raw: Mapping[str, Any], key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
