"""The inputs of a recipe: declared values, held against their own types and bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner import color, templating
from runner.document import Path
from runner.inputs import Input, Value
from runner.language import INPUT_NAME, INPUT_NAME_FORM, INPUT_TYPES, RESERVED_NAMES
from runner.parsing.notes import Notes
from runner.validation import choice_hint, meant, shown

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
        _check_name(name, path, raw, notes)
        if isinstance(each, str) and each in INPUT_TYPES and path not in notes.told:
            message = f"expected a block of `key: value` lines, found {shown(each)}"
            notes.note(path, message, f"write a block: {name}: {{type: {each}}}", instead=f"{{type: {each}}}")
        if inputs.types[name]:
            inputs.declared[name] = _declared(name, inputs.types[name], each, path, notes)
    for name in list(inputs.types):  # `Product` is no name, and still what `{{ product }}` means
        meant_name = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")
        inputs.types.setdefault(meant_name, inputs.types[name])
        if name in inputs.declared:
            inputs.declared.setdefault(meant_name, inputs.declared[name])
    return inputs


def _check_name(name: str, path: Path, others: Mapping[str, Any], notes: Notes) -> None:
    message = f"{shown(name)} cannot be the name of an input"
    if not re.fullmatch(INPUT_NAME, name):
        meant = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")
        right = meant if re.fullmatch(INPUT_NAME, meant) and meant not in others else None
        notes.note(path, message, INPUT_NAME_FORM, key=True, whole=False, instead=right)
    elif name in RESERVED_NAMES:
        hint = f"`{name}` means something else inside {{{{ }}}}; call it otherwise, like `{name}_text`"
        notes.note(path, message, hint, key=True, whole=False)


def _declared(name: str, kind: str, raw: Mapping[str, Any], path: Path, notes: Notes) -> Input:
    """One input, its default held against its own bounds."""
    for key, owner in _out_of_place(kind, raw):
        message = f"`{key}` does not belong to an input of type {kind}"
        notes.note((*path, key), message, f"it is for {owner}", key=True)
    options, default = raw.get("options"), raw.get("default")
    one = Input(
        name=name,
        type=kind,
        help=str(raw.get("help") or ""),
        default=default if isinstance(default, (str, bool, int, float)) else None,
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
            right = _meant(one)
            instead = None if right is None else notes.source((*path, "default"), right)
            hint = f"expected: {objection}"
            if kind == "choice":
                message, hint = (
                    f"the default {shown(one.default)} is not one of the options",
                    choice_hint(one.default, list(one.options)),
                )
            notes.note((*path, "default"), message, hint, instead=instead)
    return one


def _meant(one: Input) -> Value | None:
    """The default that was most likely meant."""
    by_type: Mapping[str, Mapping[str, Any]] = {
        "choice": {"type": "string", "enum": list(one.options)},
        "color": {"type": "string", "pattern": color.PATTERN},
        "image": {"type": "string"},
        "text": {"type": "string"},
    }
    value = meant(one.default, by_type.get(one.type, {"type": one.type}))
    return None if value is None or isinstance(value, list) or one.objection(value) else value


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
