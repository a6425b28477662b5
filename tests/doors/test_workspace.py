"""The workspace: where it begins, what it holds, and what it never touches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner import workspace
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


def test_results_of_an_earlier_run_are_brought_up_to_date(tmp_path: Path) -> None:
    """What the earlier run wrote and this one did not is removed; a user's own file stays."""
    source = tmp_path / "source"
    source.write_bytes(b"picture")
    out = tmp_path / "out"
    first = Results(out)
    first.put("a.png", source)
    first.put("steps/01-old.png", source)
    first.finish({"run": "1"})
    (out / "mine.txt").write_text("mine")
    second = Results(out)
    second.put("a.png", source)
    second.finish({"run": "2"})
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == [
        "a.png",
        "mine.txt",
        "run.json",
    ]
    assert json.loads((out / "run.json").read_text())["files"] == ["a.png"]


def test_a_foreign_run_json_removes_nothing_outside(tmp_path: Path) -> None:
    """Paths in an old record are followed only within the folder."""
    (tmp_path / "keep.txt").write_text("keep")
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text(json.dumps({"files": ["../keep.txt", str(tmp_path / "keep.txt"), 5]}))
    Results(out).finish({"run": "1"})
    assert (tmp_path / "keep.txt").exists()


def test_results_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    """A file in the way is an error in words."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutOfReach, match="cannot be written"):
        Results(tmp_path / "out").finish({})


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
