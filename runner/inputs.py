"""Inputs: the typed values a caller gives to a recipe, and items, the sets of them that a run works through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner import color, digest
from runner.artifact import Artifact
from runner.errors import UsageError
from runner.validation import shown, suggestion

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Input:
    """One input as the recipe declares it, every default filled in."""

    name: str
    type: str
    help: str = ""
    default: Value | None = None
    """For an image, its path beside the recipe; None when the caller must give a value."""
    options: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    min_length: int = 0
    max_length: int | None = None

    def objection(self, value: Value) -> str | None:
        """What is wrong with a value of this input, in words; None when nothing is."""
        match self.type:
            case "choice":
                return None if value in self.options else "one of: " + ", ".join(self.options)
            case "boolean":
                return None if isinstance(value, bool) else "true or false"
            case "number" | "integer":
                return self._number_objection(value)
            case "color":
                fits = isinstance(value, str) and re.search(color.PATTERN, value) and not value.endswith("\n")
                return None if fits else color.FORM
        if not isinstance(value, str):
            return f'a text; put it in quotes: "{value}"'
        if self.type == "text" and not self.min_length <= len(value) <= (self.max_length or len(value)):
            return f"a text of {self.min_length} to {self.max_length or 'any number of'} characters, not {len(value)}"
        return None

    def read(self, text: str) -> Value:
        """The value of a text from a command line. Raises UsageError in words."""
        value: Value = text
        if self.type in {"number", "integer"}:
            try:
                value = float(text) if self.type == "number" else int(text)
            except ValueError:
                value = text
        elif self.type == "boolean":
            value = {"true": True, "false": False}.get(text, text)
        objection = self.objection(value)
        if objection:
            raise UsageError(f"{shown(text)} does not suit the input `{self.name}`", hint=f"expected: {objection}")
        return value

    def _number_objection(self, value: Value) -> str | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return "a whole number" if self.type == "integer" else "a number"
        if self.type == "integer" and value != int(value):
            return "a whole number"
        if self.minimum is not None and not value >= self.minimum:
            return f"at least {self.minimum:g}"
        if self.maximum is not None and not value <= self.maximum:
            return f"at most {self.maximum:g}"
        return None


@dataclass(frozen=True, slots=True)
class Item:
    """One set of inputs: what one chain of edits starts from."""

    name: str
    """For people and file names: the first picture's file name without its ending; empty without pictures."""
    values: Mapping[str, Value]
    """Every input that is no image, by name."""
    images: Mapping[str, Artifact] = field(default_factory=dict)
    """Every image input, by name, in the recipe's order."""

    @property
    def key(self) -> str:
        """Identity of the item for seeds: a digest over its pictures, so that renaming a file, or adding others to a
        batch, leaves its seeds alone. 16 hexadecimal digits."""
        return digest.of_value([image.pixels for image in self.images.values()])[:16]


def given(inputs: Mapping[str, Input], texts: Mapping[str, str]) -> dict[str, Value]:
    """The value of every input: what the caller wrote, else its default. Images stay paths.

    Raises UsageError for an unknown name, a value that does not suit, or an input without a value.
    """
    for name in texts:
        if name not in inputs:
            raise UsageError(f"the recipe has no input `{name}`", hint=suggestion(name, inputs))
    values: dict[str, Any] = {}
    for name, each in inputs.items():
        value = each.read(texts[name]) if name in texts else each.default
        if value is None:
            told = f" ({each.help})" if each.help else ""
            raise UsageError(f"the input `{name}` has no value{told}", hint=f"give it with -i {name}=…")
        values[name] = value
    return values
