"""The workspace: where it begins, what it holds, and what it never touches."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from runner import workspace
from runner.disk import Disk
from runner.errors import Busy, OutOfReach, UsageError
from runner.workspace import Results, Workspace, file_name, find, root_of


@pytest.mark.parametrize("mark", ["retouch.toml", ".retouch", ".git"])
def test_the_nearest_mark_above_is_the_root(tmp_path: Path, mark: str) -> None:
    """A settings file, a store or a git folder each make a workspace."""
    (tmp_path / mark).mkdir()
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert root_of(inner) == tmp_path.resolve()


def test_without_a_mark_the_recipe_s_folder_is_the_root(tmp_path: Path) -> None:
    """A lone recipe keeps its state beside itself."""
    (tmp_path / "r.yaml").write_text("recipe: 1")
    found = find(tmp_path / "r.yaml")
    assert found.root == tmp_path.resolve()
    assert (found.recipe_name, found.recipe_key) == ("r", "r.yaml")


def test_a_missing_recipe_names_the_nearest(tmp_path: Path) -> None:
    """A slip in the file name is answered with what is there."""
    (tmp_path / "hero.yaml").write_text("recipe: 1")
    with pytest.raises(UsageError) as caught:
        find(tmp_path / "heroo.yaml")
    assert caught.value.hint == "did you mean `hero.yaml`?"


def test_only_one_run_holds_a_workspace(tmp_path: Path) -> None:
    """The second run is told to wait; the lock leaves with the first."""
    place = Workspace(tmp_path, tmp_path / "r.yaml")
    with place.held():
        with pytest.raises(Busy), Workspace(tmp_path, tmp_path / "r.yaml").held():
            pass
        assert (tmp_path / ".retouch" / ".gitignore").read_text() == "*\n"
    with place.held():
        pass


def test_files_outside_the_workspace_are_refused(tmp_path: Path) -> None:
    """A recipe reaches what lies in its workspace, by links either."""
    home = tmp_path / "home"
    (home / ".retouch").mkdir(parents=True)
    (home / "recipes").mkdir()
    (home / "font.ttf").write_bytes(b"font")
    (tmp_path / "secret").write_bytes(b"secret")
    (home / "link").symlink_to(tmp_path / "secret")
    place = find_in(home / "recipes")
    assert place.read_beside_recipe("../font.ttf") == b"font"
    for path in ("../../secret", str(tmp_path / "secret"), "../link"):
        with pytest.raises(UsageError, match="outside the workspace"):
            place.read_beside_recipe(path)


def find_in(folder: Path) -> Workspace:
    (folder / "r.yaml").write_text("recipe: 1")
    return find(folder / "r.yaml")


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """A folder, a missing file and one with a slip in its name."""
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match="is a folder"):
        workspace.read_file(tmp_path, "photos/")
    with pytest.raises(UsageError) as caught:
        workspace.read_file(tmp_path / "phto.jpg", "phto.jpg")
    assert caught.value.hint == "did you mean photo.jpg?"


def record(recipe: str = "warm", item: str = "mug") -> dict[str, object]:
    """The part of a run's record that says whose results they are."""
    return {"retouch": "0", "recipe": recipe, "items": [{"item": item}]}


def written(
    out: Path, names: list[str], recipe: str = "warm", item: str = "mug", *, complete: bool = True
) -> list[str]:
    """The names that the pictures of one run got."""
    results = Results(out, recipe, [item])
    got = [results.put(name, f"{recipe} {item}".encode()) for name in names]
    results.finish(record(recipe, item), complete=complete)
    return got


def everything(out: Path) -> list[str]:
    return sorted(each.relative_to(out).as_posix() for each in out.rglob("*") if each.is_file())


def test_backslashes_between_folders_are_told(tmp_path: Path) -> None:
    """A path that was copied on Windows is told as every system reads it."""
    assert workspace.nearest_file(tmp_path / "samples\\mug.jpg") == "write slashes between folders: samples/mug.jpg"


def test_results_of_an_earlier_run_are_brought_up_to_date(tmp_path: Path) -> None:
    """The same recipe and item again: what only the earlier run had is removed; a user's own file stays."""
    out = tmp_path / "out"
    written(out, ["a.png", "steps/01-old.png"])
    (out / "mine.txt").write_text("mine")
    written(out, ["a.png"])
    assert everything(out) == ["a.png", "mine.txt", "run.json"]
    assert json.loads((out / "run.json").read_text())["files"] == ["a.png"]


def test_results_of_other_runs_stay(tmp_path: Path) -> None:
    """Another photo, or another recipe, in the same folder: nothing that was made before goes away, or changes name."""
    out = tmp_path / "out"
    written(out, ["mug1-warm.jpg"], item="mug1")
    written(out, ["mug2-warm.jpg"], item="mug2")
    written(out, ["mug2-cold.jpg"], recipe="cold", item="mug2")
    assert everything(out) == ["mug1-warm.jpg", "mug2-cold.jpg", "mug2-warm.jpg", "run.json"]
    assert written(out, ["mug1-warm.jpg"], item="mug1") == ["mug1-warm.jpg"]
    assert len(everything(out)) == 4


def test_a_run_that_failed_removes_nothing(tmp_path: Path) -> None:
    """The good pictures of the run before it are still there."""
    out = tmp_path / "out"
    written(out, ["a.png", "steps/01-one.png"])
    written(out, ["steps/01-one.png"], complete=False)
    assert everything(out) == ["a.png", "run.json", "steps/01-one.png"]


def test_files_that_are_not_ours_are_never_touched(tmp_path: Path) -> None:
    """A picture that would take the place of a user's file, and run.json itself, get a number instead."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_text("mine")
    (out / "run.json").write_text('{"mine": true}')
    assert written(out, ["a.png"]) == ["a-2.png"]
    assert (out / "a.png").read_text() == "mine"
    assert (out / "run.json").read_text() == '{"mine": true}'
    assert everything(out) == ["a-2.png", "a.png", "run-2.json", "run.json"]


def test_a_foreign_run_json_removes_nothing_outside(tmp_path: Path) -> None:
    """Paths in an old record are followed only within the folder."""
    (tmp_path / "keep.txt").write_text("keep")
    out = tmp_path / "out"
    out.mkdir()
    names = {"files": ["../keep.txt", str(tmp_path / "keep.txt"), 5], "kept": []}
    (out / "run.json").write_text(json.dumps(record() | names))
    written(out, ["a.png"])
    assert (tmp_path / "keep.txt").exists()


def test_a_folder_that_cannot_be_is_told_at_once(tmp_path: Path) -> None:
    """A file in the way is an error in words before anything runs."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutOfReach, match="cannot be written"):
        Results(tmp_path / "out" / "sub", "warm", ["mug"])


class FullDisk(Disk):
    """Has no room for another file."""

    def put(self, place: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))


def test_a_disk_that_is_full_at_the_end_is_told_with_what_to_do(tmp_path: Path) -> None:
    """Everything is paid by then; the same command brings it, once there is room."""
    results = Results(tmp_path / "out", "warm", ["mug"], FullDisk())
    with pytest.raises(OutOfReach, match="cannot be written") as full:
        results.put("a.png", b"picture")
    assert "nothing is paid again" in str(full.value.hint)


def test_a_folder_without_results_is_taken_away(tmp_path: Path) -> None:
    """A run that gave nothing leaves no empty folder, and takes none that is not empty."""
    Results(tmp_path / "out", "warm", ["mug"]).abandon()
    assert not (tmp_path / "out").exists()
    (tmp_path / "mine.txt").write_text("mine")
    Results(tmp_path, "warm", ["mug"]).abandon()
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.parametrize("way", ["file", "folder"])
def test_a_store_that_cannot_be_is_told(tmp_path: Path, way: str) -> None:
    """A file in the place of `.retouch`, or a folder in the place of its lock."""
    if way == "file":
        (tmp_path / ".retouch").write_text("in the way")
    else:
        (tmp_path / ".retouch" / "lock").mkdir(parents=True)
    with pytest.raises(OutOfReach, match="cannot be used"), Workspace(tmp_path, tmp_path / "r.yaml").held():
        pass


def test_an_error_inside_a_run_is_not_the_lock_s(tmp_path: Path) -> None:
    """What goes wrong while the workspace is held comes out as it is."""
    with pytest.raises(PermissionError), Workspace(tmp_path, tmp_path / "r.yaml").held():
        raise PermissionError


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("mug", "hero"), "mug-hero"),
        (("", "hero"), "hero"),
        (("a/b\\c:d*?", "hero"), "a-b-c-d-hero"),
        (("..", "hero"), "hero"),
        (("Größe 1", "hero"), "Größe-1-hero"),
        (("x" * 200, "hero"), "x" * 60 + "-hero"),
    ],
)
def test_file_names_suit_every_system(parts: tuple[str, ...], name: str) -> None:
    """No separators, no reserved characters, no leading dots, no endless names."""
    assert file_name(*parts) == name
