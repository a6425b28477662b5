"""Starter recipes: those that come with retouch, and how one of them becomes somebody's own.

Everything that a starter says for its reader stays: its comments, its order, its empty lines. What is exchanged stands
in `Own`: values are put where the starter's stood, and the words in the comments that name its file name the new one.

    starters()               all of them, the simplest first
    written(starter, own)    the text of the new recipe
    recipe_name(words)       a file name that every system can store
    scalar(value)            a value as it stands in a recipe and is read again exactly
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runner import document, schema_files
from runner.document import Document
from runner.starters.naming import recipe_name
from runner.starters.scalars import scalar
from runner.starters.writing import Own, written

__all__ = ["Own", "Starter", "recipe_name", "scalar", "starters", "written"]

_FOLDERS = ("pipelines/starters", "pipelines")
"""Where starters lie: first those that are nothing but a beginning, then the recipes that are of use as they are."""


@dataclass(frozen=True, slots=True)
class Starter:
    """One recipe to begin with."""

    name: str
    file: Path
    document: Document

    @property
    def about(self) -> str:
        """What it makes, in a sentence."""
        return str(self.document.data.get("description") or self.document.data.get("title") or self.name)

    def sample(self, name: str) -> Path:
        """The picture that an input of it has as its default."""
        return self.file.parent / str(self.document.data["inputs"][name]["default"])


def starters() -> Mapping[str, Starter]:
    """All starters by name. Raises InvalidRecipe for one that cannot be read."""
    files = [file for folder in _FOLDERS for file in sorted(schema_files.shipped(*folder.split("/")).glob("*.yaml"))]
    return {file.stem: Starter(file.stem, file, document.read(file)) for file in files}
