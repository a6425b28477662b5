"""The workspace: the folder that recipes live in, the files they name, and where results go.

It is the nearest folder at or above the recipe that holds `retouch.toml`, `.retouch/` or `.git`; else the recipe's own
folder. State (pictures, journal) lies in its `.retouch/`, results in `out/<recipe>/<run>/`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shlex
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from runner import schema_files
from runner.disk import DISK, Disk
from runner.errors import Busy, OutOfReach, UsageError
from runner.validation import nearest, one_line, shown

MARKS = ("retouch.toml", ".retouch", ".git")
MOST_FILE_BYTES = 200_000_000
"""Of an input picture or a font."""
_A_LOOK = 0.2
"""Seconds for which a run tries to get the lock at least: another process may just be looking whether it is held."""
MOST_LISTED = 10
"""Names of files in a hint."""
_MOST_TOLD = 200
"""Characters of a path in a message."""
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""The disk, or what a user may have of it."""


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

    def prepare(self) -> None:
        """Make the store's folder, which git leaves alone. Raises OutOfReach."""
        try:
            DISK.make_folder(self.state)
            ignore = self.state / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> OutOfReach:
        words = getattr(error, "strerror", None) or str(error)
        return OutOfReach(f"the folder {self.state} cannot be used for the store: {words}")

    @contextlib.contextmanager
    def held(self, wait: float = 0.0, *, other: str = "another run") -> Iterator[None]:
        """Hold the workspace's store for one run; the lock goes when the process does, however that ends.

        Another holder is waited for `wait` seconds; the refusal calls it `other`. Raises Busy, OutOfReach.
        """
        # loads half of the network library; who only reads recipes needs neither
        from filelock import FileLock, Timeout

        self.prepare()
        lock = FileLock(self.state / "lock", timeout=max(wait, _A_LOOK))
        try:
            lock.acquire()
        except Timeout:
            hint = f"wait until it has ended, or let {'a longer ' if wait else ''}`--wait SECONDS` do so"
            if wait:
                raise Busy(f"waited {wait:g} s; {other} is still at work in this workspace", hint=hint) from None
            raise Busy(f"{other} is at work in this workspace", hint=hint) from None
        except (OSError, NotImplementedError) as error:  # the second: a file system that has no locks
            raise self._unusable(error) from None
        try:
            yield
        finally:
            lock.release()

    def is_held(self) -> bool:
        """Whether a run is at work just now. Makes nothing, waits for nothing, and keeps no run from beginning."""
        if not (self.state / "lock").exists():
            return False
        from filelock import FileLock, Timeout

        lock = FileLock(self.state / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return True
        except (OSError, NotImplementedError):  # it may not be written, so no run of ours can hold it
            return False
        lock.release()
        return False

    def file_beside_recipe(self, path: str) -> Path:
        """A file that the recipe names, relative to its own folder, links followed.

        Raises UsageError when it is out of bounds. A path is judged by its letters first: on some systems a look at
        `\\\\host\\share` already tells that host who we are.
        """
        if "://" in path or path.lower().startswith(("file:", "data:")):
            hint = "a recipe names files beside it; an address can only be given on the command line, see --allow-url"
            raise UsageError(f"`{_name_of(path)}` is an address, not a file", hint=hint)
        if PureWindowsPath(path).drive:
            hint = "name the file as seen from the recipe, like photos/mug.jpg"
            raise UsageError(f"`{_name_of(path)}` names a drive or another computer", hint=hint)
        try:
            place = (self.recipe.parent / path).resolve()
            place.is_file()  # asks the file system, which refuses what can be no path: NUL characters, endless names
        except (ValueError, OSError, RuntimeError):  # the last: links that lead in a circle
            raise UsageError(f"{shown(path)} cannot be the path of a file") from None
        if not self._is_within(place):
            raise UsageError(f"`{_name_of(path)}` lies outside the workspace", hint="copy the file beside the recipe")
        return place

    def _is_within(self, place: Path) -> bool:
        return place.is_relative_to(self.root) or place.is_relative_to(self.recipe.parent.resolve())

    def read_beside_recipe(self, path: Any) -> bytes:
        """The bytes of a file that the recipe names. Raises UsageError."""
        if not isinstance(path, str):
            raise UsageError("the path of a file is expected here")
        return read_file(self.file_beside_recipe(path), path)

    def option_for(self, recipe: Path) -> str:
        """What `retouch journal` needs behind it to find this workspace from here: most often nothing."""
        return "" if root_of(Path.cwd()) == self.root else f" --in {shlex.quote(str(recipe))}"

    def results(self, run: str) -> Path:
        """The folder for the results of a run."""
        return self.root / "out" / self.recipe_name / run


def find(recipe: Path) -> Workspace:
    """The workspace of a recipe file, which may also be one of the shipped recipes, by its name alone.

    Raises UsageError when there is no such file.
    """
    try:
        is_file = recipe.is_file()
    except OSError as error:  # a name that no file can have, or a folder that may not be looked into
        raise UsageError(f"there is no recipe {shown(recipe)}", hint=error.strerror) from None
    if recipe.is_dir():
        beside = sorted(each for each in recipe.glob("*.y*ml") if each.is_file())
        named = ", ".join(map(str, beside[:MOST_LISTED])) + (", …" if len(beside) > MOST_LISTED else "")
        hint = f"name a recipe in it: {named}" if beside else "name a recipe: a file that ends in .yaml"
        raise UsageError(f"{shown(str(recipe))} is a folder, not a recipe", hint=hint)
    if not is_file:
        shipped = schema_files.shipped("pipelines", f"{recipe.name}.yaml")
        if recipe.name != str(recipe) or not shipped.is_file():
            raise UsageError(f"there is no recipe {recipe}", hint=_other_recipes(recipe))
        return Workspace(root_of(Path.cwd()), shipped)
    if schema_files.is_shipped(recipe):
        return Workspace(root_of(Path.cwd()), recipe)
    return Workspace(root_of(recipe.resolve().parent), recipe)


def root_of(folder: Path) -> Path:
    """The workspace that a folder belongs to."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if any((each / mark).exists() for mark in MARKS)), folder)


def read_file(path: Path, named: str, *, most: int = MOST_FILE_BYTES) -> bytes:
    """The bytes of a picture or font the user named, as `named`. Raises UsageError in words.

    Only plain files are opened: a pipe would be waited for, and a device may never end.
    """
    told = _name_of(named)
    try:
        place = path.resolve()
        kind = place.stat().st_mode
        if stat.S_ISDIR(kind):
            raise UsageError(f"{told} is a folder", hint="name one picture in it: a run takes one")
        if not stat.S_ISREG(kind):
            raise UsageError(f"{told} is a pipe or a device, not a file", hint="save the picture to a file first")
        with open(place, "rb", opener=_opened_at_once) as file:  # Path.open takes no opener
            data = file.read(most + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {told}", hint=nearest_file(path)) from None
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it cannot be the path of a file"
        raise UsageError(f"{told} cannot be read: {why}") from None
    if len(data) > most:
        raise UsageError(f"{told} is larger than {most // 1_000_000} MB")
    return data


def _opened_at_once(path: str, flags: int) -> int:
    """Open what was just looked at: not what a link leads to that has taken its place meanwhile, and without waiting
    for anybody at the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))


def _name_of(path: str) -> str:
    """A path as it is told: on one line, and no longer than anybody reads."""
    told = one_line(path)
    return told if len(told) <= _MOST_TOLD else told[: _MOST_TOLD - 1] + "…"


def file_name(*parts: str) -> str:
    """A name that every system can store, from parts that may hold anything: `mug-product-hero`."""
    words = (re.sub(r"[^\w.-]+", "-", part).strip("-. ")[:60] for part in parts)
    return "-".join(word for word in words if word)


def check_room(folders: Iterable[Path], needed: int) -> None:
    """Raise OutOfReach when a disk that has to take so many bytes has fewer left, before anything is paid for."""
    for folder in folders:
        there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
        free = shutil.disk_usage(there).free
        if free < needed:
            raise OutOfReach(
                f"the disk of {folder} has {free / 1e6:.0f} MB left, and this run may need {needed / 1e6:.0f} MB; "
                "nothing was sent",
                hint="free some space",
            )


class Results:
    """The folder of one run's results.

    A file that retouch did not write is never touched: a picture that would take its place gets a number. Pictures of
    an earlier run of the same recipe and item are brought up to date, and what that run had and this one has not is
    removed; pictures of other runs stay. Whose files are whose stands in `run.json`.
    """

    def __init__(self, folder: Path, recipe: str, items: Sequence[str], disk: Disk = DISK) -> None:
        """Make the folder, so that what stands in the way is known before anything is paid. Raises OutOfReach."""
        self.folder = folder
        self._disk = disk
        with _words_for(folder):
            disk.prove(folder)
        earlier = self._earlier()
        self._same = earlier.get("recipe") == recipe and [each.get("item") for each in earlier["items"]] == [*items]
        self._former: list[str] = earlier["files"]
        self._ours = {*self._former, *earlier["kept"]}
        self._written: list[str] = []

    def abandon(self) -> None:
        """Take the folder away again, if nothing stands in it."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def name_for(self, name: str, data: bytes) -> str:
        """The name under which these bytes will stand: `name`, a path with forward slashes, or a numbered one.

        A file that holds these very bytes is in its place already: a run that was cut off before its `run.json` put it
        there.
        """
        stem, dot, ending = name.rpartition(".")
        tried, number = name, 2
        while (place := self.folder / tried).exists() and tried not in self._ours and not _holds(place, data):
            tried, number = f"{stem}-{number}{dot}{ending}", number + 1
        return tried

    def put(self, name: str, data: bytes) -> str:
        """Write a picture; the name it got. When this returns it is complete in its place."""
        name = self.name_for(name, data)
        place = self.folder / name
        with _words_for(self.folder):
            self._disk.put(place, data)
        self._written.append(name)
        return name

    def finish(self, record: Mapping[str, Any], *, complete: bool) -> Path:
        """Write `run.json`, last of all. When this run is `complete`, remove what an earlier one had left."""
        stale = [name for name in self._former if name not in self._written] if self._same and complete else []
        with _words_for(self.folder):
            for name in stale:
                self._remove(self.folder / name)
            kept = sorted(name for name in self._ours - {*self._written, *stale} if (self.folder / name).is_file())
            text = json.dumps(dict(record) | {"files": self._written, "kept": kept}, indent=2, ensure_ascii=False)
            data = (text + "\n").encode("utf-8", "replace")
            place = self.folder / self.name_for("run.json", data)
            self._disk.put(place, data)
        return place

    def _remove(self, place: Path) -> None:
        """Remove a file of an earlier run, unless it is one of this run under another spelling."""
        if place.is_file() and not any(place.samefile(self.folder / name) for name in self._written):
            place.unlink()

    def _earlier(self) -> dict[str, Any]:
        """The earlier `run.json`, if it is one of ours; its names of files only where they lie in the folder."""
        nothing: dict[str, Any] = {"items": [], "files": [], "kept": []}
        try:
            record = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
            if "retouch" not in record:
                return nothing
            home = self.folder.resolve()
            for key in ("files", "kept"):
                named = [each for each in record.get(key, []) if isinstance(each, str)]
                record[key] = [each for each in named if (home / each).resolve().is_relative_to(home)]
            record["kept"].append("run.json")
            record["items"] = [each for each in record["items"] if isinstance(each, dict)]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return nothing
        found: dict[str, Any] = record
        return found


def _holds(place: Path, data: bytes) -> bool:
    """Whether a file holds these bytes, and no others."""
    try:
        return place.is_file() and place.stat().st_size == len(data) and place.read_bytes() == data
    except OSError:
        return False


@contextlib.contextmanager
def _words_for(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "free some space and run the same command again: what was bought is kept, and nothing is paid again"
        raise OutOfReach(
            f"results cannot be written to {folder}: {error.strerror}", hint=hint if error.errno in _FULL else None
        ) from None


def nearest_file(path: Path) -> str | None:
    """A hint for a file that is not there: its path with slashes, or one beside it with almost the same name."""
    if "\\" in path.name:  # as Windows writes paths, and on Windows this would be no part of a name
        return f"write slashes between folders: {PureWindowsPath(path.name).as_posix()}"
    try:
        if not path.parent.is_dir():
            return "there is no such folder"
        near = nearest(path.name, (each.name for each in path.parent.iterdir() if each.is_file()))
    except OSError:  # a folder that may not be looked into
        return None
    return f"did you mean {near}?" if near else None


def _other_recipes(recipe: Path) -> str:
    """A hint for a recipe that is not there: one with almost the same name, or all there are."""
    shipped = sorted(each.stem for each in schema_files.shipped("pipelines").glob("*.yaml"))
    beside: dict[str, str] = {}
    if recipe.parent.is_dir():
        beside = {each.stem: each.name for each in sorted(recipe.parent.glob("*.y*ml"))}
    names = {name: name for name in shipped if recipe.name == str(recipe)} | beside
    near = nearest(recipe.stem, names)
    if near is not None:
        return f"did you mean `{names[near]}`?"
    if recipe.suffix in {".yaml", ".yml"}:
        listed = ", ".join(list(beside.values())[:MOST_LISTED]) + (", …" if len(beside) > MOST_LISTED else "")
        if beside:
            return f"recipes here: {listed}"
        return "check the path, or name a shipped recipe: " + ", ".join(shipped)
    return "recipes that come with retouch: " + ", ".join(shipped)
