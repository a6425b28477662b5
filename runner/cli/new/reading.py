"""What is typed in answer to a question, or behind an option: checked at once, in words."""

from __future__ import annotations

import re
import shlex
from decimal import Decimal
from pathlib import Path

from runner import workspace
from runner.artifact import inspect
from runner.errors import BadImage, UsageError
from runner.inputs import Input, Value
from runner.starters import recipe_name

NONE = "none"
"""Typed where something is to be left out."""

_SUM = re.compile(r"\$? ?(?P<sum>[0-9]{1,6}([.,][0-9]{1,4})?) ?(USD|usd|\$|dollars?)?")
_HIGHEST_SEED = 2**53 - 1
_ENDINGS = {".yaml", ".yml"}


def place_of(name: str) -> tuple[Path, str | None]:
    """The file of a recipe that is called so, `shop/My mug` -> `shop/my-mug.yaml`, and its title, if words were given
    and not the name of a file. Raises UsageError."""
    told = _path(name)
    words = told.stem if told.suffix in _ENDINGS else told.name
    stem = recipe_name(words)
    if not stem or not is_text(words):
        raise UsageError(f"no file can be called `{name}`", hint="use letters and digits, like: my-mug")
    place = told.with_name(f"{stem}.yaml")
    if ".." in told.parts:
        hint = f"go there first: cd {shlex.quote(str(told.parent))}"
        raise UsageError(f"{place} may lie above this folder, and nothing is written there", hint=hint)
    if place.exists() or place.is_symlink():
        raise UsageError(f"{place} is there already", hint=f"choose another name, like {free_name(place).stem}")
    return place, words if words != stem else None


def free_name(place: Path) -> Path:
    """The place, or the first one with a number where nothing stands yet."""
    tried, number = place, 2
    while tried.exists() or tried.is_symlink():
        tried, number = place.with_stem(f"{place.stem}-{number}"), number + 1
    return tried


def picture_of(text: str) -> tuple[Path, bytes]:
    """A picture on this machine, and its bytes. Raises UsageError when it is none that can be used.

    File managers put quotes or backslashes around a path that is dragged onto a terminal.
    """
    place = _path(text)
    if not _is_there(place):
        try:
            words = shlex.split(text)
        except ValueError:
            words = []
        if len(words) == 1 and _is_there(_path(words[0])):
            place = _path(words[0])
    data = workspace.read_file(place, text)
    try:
        inspect(data)
    except BadImage as error:
        raise UsageError(f"{text}: {error.message}", hint=error.hint) from None
    return place, data


def is_text(words: str) -> bool:
    """Whether it can be written into a file: names of files may hold bytes that are no letters."""
    try:
        words.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def value_of(one: Input, text: str) -> Value:
    """The value of an input that is no picture; two quotation marks alone are an empty text. Raises UsageError."""
    return one.read("" if one.type == "text" and text in {'""', "''"} else text)


def budget_of(text: str) -> str | None:
    """A sum as a recipe writes it, `0.50 USD`; None for none. Raises UsageError."""
    if text.lower() == NONE:
        return None
    match = _SUM.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"`{text}` is no sum of money", hint=f"write US dollars, like 0.50, or `{NONE}`")
    return as_sum(Decimal(match["sum"].replace(",", ".")))


def as_sum(amount: Decimal) -> str:
    """A sum as a recipe writes it, with cents at least."""
    cents = amount.quantize(Decimal("0.01"))
    return f"{cents if cents == amount else amount:f} USD"


def seed_of(text: str) -> int | None:
    """A seed; None for none. Raises UsageError."""
    if text.lower() == NONE:
        return None
    if not re.fullmatch("[0-9]{1,16}", text) or int(text) > _HIGHEST_SEED:
        raise UsageError(f"`{text}` is no seed", hint=f"write a whole number from 0, like 4711, or `{NONE}`")
    return int(text)


def _path(text: str) -> Path:
    """A path as it was typed; `~` at its beginning is one's own folder, where there is one."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # the folder of nobody
        return Path(text)


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except (OSError, ValueError):  # what can be no path
        return False
