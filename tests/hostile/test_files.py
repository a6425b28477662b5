"""Files that a recipe, or its user, names: plain ones, within the workspace unless the user said otherwise."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from runner import workspace
from runner.errors import UsageError
from tests.hostile.confinement import Room
from tests.pictures import plain

RECIPE = """\
recipe: 1
inputs:
  photo: {{type: image, default: {}}}
model: flux-1-kontext-dev
seed: 1
steps:
  - name: warm
    prompt: Warm light.
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace with everything in and around it that may be named."""
    home = tmp_path / "home"
    (home / ".retouch").mkdir(parents=True)
    (home / "folder").mkdir()
    (tmp_path / "outside.png").write_bytes(plain(8, 8))
    (home / "photo.png").write_bytes(plain(8, 8))
    (home / "link-out.png").symlink_to(tmp_path / "outside.png")
    (home / "folder-out").symlink_to(tmp_path)
    (home / "circle.png").symlink_to(home / "circle.png")
    (home / "zero.png").symlink_to("/dev/zero")
    os.mkfifo(home / "pipe.png")
    return home


@pytest.mark.parametrize("command", ["validate", "plan"])
@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("../outside.png", "lies outside the workspace"),
        ("folder/../../outside.png", "lies outside the workspace"),
        ("/etc/passwd", "lies outside the workspace"),
        ("link-out.png", "lies outside the workspace"),
        ("folder-out/outside.png", "lies outside the workspace"),
        ("zero.png", "lies outside the workspace"),
        ("/dev/stdin", "outside the workspace"),
        ("/proc/self/environ", "lies outside the workspace"),
        ("circle.png", "circle.png"),
        ("pipe.png", "pipe.png"),
        ("folder", "is a folder"),
        ("~/photo.png", "there is no file ~/photo.png"),
        ("~root/photo.png", "there is no file ~root/photo.png"),
        ("$HOME/photo.png", "there is no file $HOME/photo.png"),
        ("file:///etc/passwd", "is an address, not a file"),
        ("file:/etc/passwd", "is an address, not a file"),
        ("https://photos.example/mug.png", "is an address, not a file"),
        ("'data:image/png;base64,AAAA'", "is an address, not a file"),
        ("'\\\\host\\share\\mug.png'", "names a drive or another computer"),
        ("//host/share/mug.png", "names a drive or another computer"),
        ("'C:\\mug.png'", "names a drive or another computer"),
        ('"a\\0.png"', "cannot be the path of a file"),
        ("a" * 5_000, "cannot be the path of a file"),
        ("a/" * 3_000, "cannot be the path of a file"),
    ],
)
def test_a_recipe_reaches_plain_files_of_its_workspace_alone(
    room: Room, home: Path, command: str, named: str, words: str
) -> None:
    """Told at its place in the recipe, and never waited for."""
    (home / "r.yaml").write_text(RECIPE.format(named), encoding="utf-8")
    ended = room.run(command, "r.yaml", cwd=home)
    assert ended.code == 2, ended.told
    assert "r.yaml:3:" in ended.told
    assert words in ended.told
    assert "Traceback" not in ended.told
    assert len(ended.told) < 1_500


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("pipe.png", "pipe.png is a pipe or a device, not a file"),
        ("/dev/zero", "/dev/zero is a pipe or a device, not a file"),
        ("/dev/stdin", "is a pipe or a device, not a file"),
        ("folder", "folder is a folder"),
        ("circle.png", "circle.png cannot be read"),
        ("~nobody-of-that-name/photo.png", "there is no file ~nobody-of-that-name/photo.png"),
        ("photo.pngg", "there is no file photo.pngg"),
        ("a" * 5_000, "cannot be read: File name too long"),
        ("", "-i photo= has no value"),
    ],
)
def test_what_a_user_names_is_a_plain_file_too(room: Room, home: Path, named: str, words: str) -> None:
    """Nothing is waited for that may never come, or never end."""
    (home / "r.yaml").write_text(RECIPE.format("photo.png"), encoding="utf-8")
    ended = room.run("plan", "r.yaml", "-i", f"photo={named}", cwd=home)
    assert ended.code == 2, ended.told
    assert words in ended.told
    assert len(ended.told) < 1_500


@pytest.mark.parametrize("named", ["../outside.png", "link-out.png", "folder-out/outside.png"])
def test_a_user_may_name_any_file(room: Room, home: Path, named: str) -> None:
    """The bounds are for what somebody else wrote."""
    (home / "r.yaml").write_text(RECIPE.format("photo.png"), encoding="utf-8")
    ended = room.run("plan", "r.yaml", "-i", f"photo={named}", cwd=home)
    assert ended.code == 0, ended.told


def test_what_takes_a_file_s_place_is_not_followed(tmp_path: Path) -> None:
    """Between a look and the opening, a link or a pipe may be put there; the opening does not go along, or wait."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    with pytest.raises(OSError, match="symbolic links"):
        workspace._opened_at_once(str(tmp_path / "link"), os.O_RDONLY)
    opened: list[int] = []
    opening = threading.Thread(
        target=lambda: opened.append(workspace._opened_at_once(str(tmp_path / "pipe"), os.O_RDONLY)), daemon=True
    )
    opening.start()
    opening.join(timeout=30)
    assert opened, "the opening waits for somebody to write"
    os.close(opened[0])


def test_a_file_is_read_as_far_as_it_may_be_large(tmp_path: Path) -> None:
    """However large it says to be, or grows meanwhile."""
    (tmp_path / "photo.png").write_bytes(b"x" * 11)
    assert workspace.read_file(tmp_path / "photo.png", "photo.png", most=11) == b"x" * 11
    with pytest.raises(UsageError, match=r"photo\.png is larger than"):
        workspace.read_file(tmp_path / "photo.png", "photo.png", most=10)
