"""From a starter's text to the text of a new recipe, line by line, so that everything else stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.document import Document, Path
from runner.starters.scalars import scalar

if TYPE_CHECKING:
    from runner.starters import Starter

MODELINE = "# yaml-language-server: $schema="
_REMARKS = {
    "budget": "# Without a budget, only `--max-cost` limits what a run may cost.",
    "seed": "# Without a seed, the first run draws one and keeps it; `--seed new` draws another.",
}
"""What holds where a key is left out."""


@dataclass(frozen=True, slots=True)
class Own:
    """What makes a recipe somebody's own. None leaves what the starter says."""

    place: str
    """The new file's path from the root of its workspace, with forward slashes."""
    schema: str
    """Path of the recipes' schema, from the new file's folder."""
    title: str | None = None
    defaults: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    """Of inputs, by name; of an image, its path from the new file's folder."""
    model: str | None = None
    budget: str | None = None
    """A sum like `0.50 USD`."""
    seed: int | None = None
    without: frozenset[str] = frozenset()
    """Of `budget` and `seed` those that the recipe is to do without."""


def written(starter: Starter, own: Own) -> str:
    """The text of the new recipe. What is exchanged stands on one line in a starter."""
    page = _Page(starter.document)
    if own.title is not None:
        page.put(("title",), own.title)
    if own.model is not None:
        page.put(("model",), own.model)
    for name, value in own.defaults.items():
        page.put_default(name, value)
    if own.budget is not None:
        page.put(("budget",), own.budget, plain=True)
    if own.seed is not None:
        page.put(("seed",), own.seed)
    for key in sorted(own.without):
        page.leave_out(key, _REMARKS[key])
    lines = [_renamed(line, starter.name, own.place) for line in page.lines()]
    if lines and lines[0].startswith(MODELINE):
        del lines[0]
    return "\n".join([MODELINE + own.schema, *lines]).rstrip("\n") + "\n"


class _Page:
    """The lines of a starter. Places are those of the starter, so lines are exchanged, never moved, until the end."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lines = [*document.lines]

    def lines(self) -> list[str]:
        """All lines, without their ends."""
        return "\n".join(self._lines).split("\n")

    def put(self, path: Path, value: str | int | float | bool, *, plain: bool = False) -> None:
        """Exchange the value at a path; a starter without it gets a line of its own before the steps."""
        text = str(value) if plain else scalar(value)
        if path not in self._document.values:
            self._before_steps(f"{path[-1]}: {text}\n")
            return
        span = self._document.values[path]
        line = self._lines[span.line - 1]
        self._lines[span.line - 1] = line[: span.column - 1] + text + line[span.column - 1 + span.width :]

    def put_default(self, name: str, value: str | int | float | bool) -> None:
        """Exchange the default of an input, or give it one, behind its type."""
        path: Path = ("inputs", name, "default")
        if path in self._document.values:
            self.put(path, value)
            return
        key, kind = self._document.keys["inputs", name, "type"], self._document.values["inputs", name, "type"]
        line, end = self._lines[kind.line - 1], kind.column - 1 + kind.width
        in_braces = "{" in line[: key.column - 1]
        between = ", " if in_braces else "\n" + " " * (key.column - 1)
        self._lines[kind.line - 1] = f"{line[:end]}{between}default: {scalar(value)}{line[end:]}"

    def leave_out(self, key: str, remark: str) -> None:
        """Turn a line at the top into a comment, below a remark that says what holds without it."""
        if (key,) in self._document.keys:
            at = self._document.keys[key,].line - 1
            self._lines[at] = f"{remark}\n# {self._lines[at]}"

    def _before_steps(self, line: str) -> None:
        at = self._document.keys["steps",].line - 1
        self._lines[at] = f"{line}\n{self._lines[at]}"


def _renamed(line: str, starter: str, place: str) -> str:
    """A comment that names the starter's file, naming the new one."""
    if not line.lstrip().startswith("#"):
        return line
    for folder in ("pipelines/starters/", "pipelines/"):
        line = line.replace(f"{folder}{starter}.yaml", place)
    return line
