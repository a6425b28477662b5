"""The workspace: the folder that recipes live in, the files they name, and where results go.

It is the nearest folder at or above the recipe that holds `retouch.toml`, `.retouch/` or `.git`; else the recipe's own
folder. State (pictures, journal) lies in its `.retouch/`, results in `out/<recipe>/<run>/`.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from runner import schema_files
from runner.errors import Busy, OutOfReach, UsageError
from runner.validation import nearest, suggestion

MARKS = ("retouch.toml", ".retouch", ".git")
MOST_FILE_BYTES = 200_000_000
"""Of an input picture or a font."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace, and the recipe that is worked on in it."""

    root: Path
    recipe: Path

    @property
    def state(self) -> Path:
        """The folder of the store."""
        return self.root / ".retouch"

    @property
    def settings_file(self) -> Path:
        """Where the workspace's settings are, if it has any."""
        return self.root / "retouch.toml"

    @property
    def models_folder(self) -> Path:
        """Where the workspace's own model schemas are, if it has any."""
        return self.root / "schemas" / "models"

    @property
    def recipe_name(self) -> str:
        """The recipe's file name without its ending."""
        return self.recipe.stem

    @property
    def recipe_key(self) -> str:
        """What the recipe is called within the workspace: its path from the root, with forward slashes."""
        place = self.recipe.resolve()
        return place.relative_to(self.root).as_posix() if place.is_relative_to(self.root) else place.name

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the workspace's store for one run; the lock goes when the process does. Raises Busy, OutOfReach."""
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            ignore = self.state / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            lock = FileLock(self.state / "lock", timeout=0)
            with lock:
                yield
        except Timeout:
            hint = "wait until it has ended, then run the same command again"
            raise Busy("another run is at work in this workspace", hint=hint) from None
        except PermissionError as error:
            raise OutOfReach(f"the folder {self.state.name} cannot be written: {error.strerror}") from None

    def file_beside_recipe(self, path: str) -> Path:
        """A file that the recipe names, relative to its own folder. Raises UsageError when it is out of bounds."""
        place = (self.recipe.parent / path).resolve()
        if not place.is_relative_to(self.root) and not place.is_relative_to(self.recipe.parent.resolve()):
            raise UsageError(f"`{path}` lies outside the workspace", hint="copy the file beside the recipe")
        return place

    def read_beside_recipe(self, path: Any) -> bytes:
        """The bytes of a file that the recipe names. Raises UsageError."""
        if not isinstance(path, str):
            raise UsageError("the path of a file is expected here")
        return read_file(self.file_beside_recipe(path), path)

    def results(self, run: str) -> Path:
        """The folder for the results of a run."""
        return self.root / "out" / self.recipe_name / run


def find(recipe: Path) -> Workspace:
    """The workspace of a recipe file, which may also be one of the shipped recipes, by its name alone.

    Raises UsageError when there is no such file.
    """
    if not recipe.is_file():
        shipped = schema_files.shipped("pipelines", f"{recipe.name}.yaml")
        if recipe.name != str(recipe) or not shipped.is_file():
            raise UsageError(f"there is no recipe {recipe}", hint=_other_recipes(recipe))
        recipe = shipped
    if schema_files.is_shipped(recipe):
        return Workspace(root_of(Path.cwd()), recipe)
    return Workspace(root_of(recipe.resolve().parent), recipe)


def root_of(folder: Path) -> Path:
    """The workspace that a folder belongs to."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if any((each / mark).exists() for mark in MARKS)), folder)


def read_file(path: Path, shown: str) -> bytes:
    """The bytes of a picture or font the user named. Raises UsageError in words."""
    try:
        if path.is_dir():
            hint = "name one picture; this version of retouch takes one item in a run"
            raise UsageError(f"{shown} is a folder", hint=hint)
        if path.stat().st_size > MOST_FILE_BYTES:
            raise UsageError(f"{shown} is larger than {MOST_FILE_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no file {shown}", hint=nearest_file(path)) from None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}") from None


def file_name(*parts: str) -> str:
    """A name that every system can store, from parts that may hold anything: `mug-product-hero`."""
    words = (re.sub(r"[^\w.-]+", "-", part).strip("-. ")[:60] for part in parts)
    return "-".join(word for word in words if word)


class Results:
    """The folder of one run's results. A folder that held an earlier run's results is brought up to date: what that
    run had written and this one has not is removed, and nothing else is touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: list[str] = []

    def put(self, name: str, source: Path) -> Path:
        """Copy a picture from the store to `name`, a path within the folder with forward slashes."""
        return self._placed(name, lambda beside: shutil.copyfile(source, beside))

    def put_bytes(self, name: str, data: bytes) -> Path:
        """Write a picture to `name`, likewise."""
        return self._placed(name, lambda beside: beside.write_bytes(data))

    def _placed(self, name: str, fill: Callable[[Path], object]) -> Path:
        """Fill a file beside its place, then move it there in one act."""
        place = self.folder / name
        with _words_for(self.folder):
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f".{place.name}.part")
            fill(beside)
            beside.replace(place)
        self._written.append(name)
        return place

    def finish(self, record: Mapping[str, Any]) -> Path:
        """Write `run.json`, last of all, and remove what an earlier run had left."""
        place = self.folder / "run.json"
        earlier = self._files_of_earlier_run()
        with _words_for(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(dict(record) | {"files": self._written}, indent=2, ensure_ascii=False) + "\n"
            beside = place.with_name(".run.json.part")
            beside.write_text(text, encoding="utf-8")
            beside.replace(place)
            for name in earlier:
                if name not in self._written:
                    (self.folder / name).unlink(missing_ok=True)
        return place

    def _files_of_earlier_run(self) -> list[str]:
        try:
            record = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
            named = [each for each in record["files"] if isinstance(each, str)]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        home = self.folder.resolve()
        return [each for each in named if (home / each).resolve().is_relative_to(home)]


@contextlib.contextmanager
def _words_for(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutOfReach(f"results cannot be written to {folder}: {error.strerror}") from None


def nearest_file(path: Path) -> str | None:
    """A hint for a file that is not there: one beside it with almost the same name."""
    if not path.parent.is_dir():
        return "there is no such folder"
    near = nearest(path.name, (each.name for each in path.parent.iterdir() if each.is_file()))
    return f"did you mean {near}?" if near else None


def _other_recipes(recipe: Path) -> str | None:
    folder = schema_files.shipped("pipelines")
    shipped = sorted(each.stem for each in folder.glob("*.yaml"))
    beside = sorted(each.name for each in recipe.parent.glob("*.yaml")) if recipe.parent.is_dir() else []
    if recipe.suffix in {".yaml", ".yml"} or beside:
        return (
            suggestion(recipe.name, beside)
            if beside
            else "check the path, or name a shipped recipe: " + ", ".join(shipped)
        )
    return "recipes that come with retouch: " + ", ".join(shipped)
