"""Inputs: the typed values a caller gives to a recipe, and items, the sets of them that a run works through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner import color, digest
from runner.artifact import Artifact
from runner.errors import UsageError
from runner.templating import MOST_CHARACTERS
from runner.validation import as_written, listed, nearest, read_number, shown, suggestion

Value = str | int | float | bool

_SAID = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""Words on a command line for what is so and what is not."""

LARGEST = 10**15
"""Of a number that a caller gives, up or down: what is larger is no size, count or strength of a picture."""


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
                return None if value in self.options else "one of: " + listed(self.options)
            case "boolean":
                return None if isinstance(value, bool) else "true or false"
            case "number" | "integer":
                return self._number_objection(value)
            case "color":
                fits = isinstance(value, str) and re.search(color.PATTERN, value) and not value.endswith("\n")
                return None if fits else color.FORM
        if not isinstance(value, str):
            return f'a text; put it in quotes: "{as_written(value)}"'
        if self.type == "text" and len(value) > MOST_CHARACTERS:
            return f"a text of at most {MOST_CHARACTERS} characters, not {len(value)}"
        if self.type == "text" and not self.min_length <= len(value) <= (self.max_length or len(value)):
            return f"a text of {self.min_length} to {self.max_length or 'any number of'} characters, not {len(value)}"
        return None

    def read(self, text: str) -> Value:
        """The value of a text from a command line. Raises UsageError in words."""
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            message = f"the value of `{self.name}` is not text that can be read as UTF-8"
            raise UsageError(message, hint="save or type it again as UTF-8") from None
        value = self._typed(text)
        objection = self.objection(value)
        if objection:
            meant = self._meant(text)
            hint = f"did you mean {shown(meant)}? " if meant is not None else ""
            raise UsageError(
                f"{shown(text)} does not suit the input `{self.name}`", hint=f"{hint}expected: {objection}"
            )
        return value

    def _typed(self, text: str) -> Value:
        """A text as a value of this input's type, where it says one."""
        if self.type in {"number", "integer"}:
            number = read_number(text)
            return text if number is None else number
        return _SAID.get(text.lower(), text) if self.type == "boolean" else text

    def _meant(self, text: str) -> str | None:
        """What was most likely meant by a text that does not suit, provided that it would."""
        match self.type:
            case "choice":
                meant = nearest(text, self.options)
            case "boolean":
                meant = nearest(text, _SAID)
            case "color":
                meant = f"#{text}" if self.objection(f"#{text}") is None else nearest(text, color.NAMES)
            case "number" | "integer":
                meant = text.replace(",", ".")
            case _:
                meant = None
        return meant if meant is not None and self.objection(self._typed(meant)) is None else None

    def _number_objection(self, value: Value) -> str | None:
        expected = "a whole number" if self.type == "integer" else "a number"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return expected
        if not abs(value) <= LARGEST:  # also for what is no number at all, which compares with nothing
            return f"{expected} from -{LARGEST} to {LARGEST}"
        if self.type == "integer" and isinstance(value, float):
            return expected + (f", without a point: {as_written(value)}" if value.is_integer() else "")
        if self.minimum is not None and not value >= self.minimum:
            return f"at least {as_written(self.minimum)}"
        if self.maximum is not None and not value <= self.maximum:
            return f"at most {as_written(self.maximum)}"
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
        """Identity of the item for seeds: a digest over the pixels of its first picture, the one that names it, so
        that renaming a file, adding others to a batch, or changing a logo that only a later step takes, leaves its
        seeds alone. 16 hexadecimal digits."""
        first = [image.pixels for image in self.images.values()][:1]
        return digest.of_value(first)[:16]


def given(inputs: Mapping[str, Input], texts: Mapping[str, str]) -> dict[str, Value]:
    """The value of every input: what the caller wrote, else its default. Images stay paths.

    Raises one UsageError with every unknown name, value that does not suit, and input without a value.
    """
    wrong = [
        UsageError(f"the recipe has no input `{name}`", hint=suggestion(name, inputs))
        for name in texts
        if name not in inputs
    ]
    values: dict[str, Value] = {}
    for name, each in inputs.items():
        try:
            values[name] = _given(each, texts.get(name))
        except UsageError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        listed = "".join(f"\n  {each.message}; {each.hint}" for each in wrong)
        raise UsageError(f"{len(wrong)} inputs are not right:{listed}")
    return values


def _given(one: Input, text: str | None) -> Value:
    if text is not None:
        return one.read(text)
    if one.default is None:
        told = f" ({one.help})" if one.help else ""
        raise UsageError(f"the input `{one.name}` has no value{told}", hint=f"give it with -i {one.name}=…")
    return one.default
