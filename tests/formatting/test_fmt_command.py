"""`retouch fmt` as its users have it: what it writes, what it leaves alone, what it says and how it ends."""

from __future__ import annotations

import stat
import subprocess
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import pytest

from runner.disk import Disk
from tests.command import COMMAND, environment, retouch

LOOSE = "recipe:  1\nsteps:\n- prompt: Warm light.   # ü\n  name: warm\n"
NEAT = "recipe: 1\n\nsteps:\n  - name: warm\n    prompt: Warm light.  # ü\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a recipe in order and one that is not."""
    (tmp_path / "loose.yaml").write_text(LOOSE, encoding="utf-8")
    (tmp_path / "neat.yaml").write_text(NEAT, encoding="utf-8")
    return tmp_path


def test_recipes_are_put_in_order(home: Path) -> None:
    """The file that is not in order is written, the other one is not touched, and it says which."""
    (home / "neat.yaml").chmod(0o444)
    before = (home / "neat.yaml").stat()
    told = retouch("fmt", "loose.yaml", "neat.yaml", cwd=home)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "loose.yaml: put in order\n2 recipes: 1 put in order, 1 in order already\n"
    assert (home / "loose.yaml").read_text(encoding="utf-8") == NEAT
    assert (home / "neat.yaml").stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(each.name for each in home.iterdir()) == ["loose.yaml", "neat.yaml"]


def test_a_second_time_changes_nothing(home: Path) -> None:
    """And says so."""
    retouch("fmt", "loose.yaml", cwd=home)
    told = retouch("fmt", "loose.yaml", cwd=home)
    assert (told.returncode, told.stdout) == (0, "1 recipe: in order already\n")


def test_check_changes_nothing_and_exits_with_1(home: Path) -> None:
    """With 0 where all are in order."""
    told = retouch("fmt", "--check", "loose.yaml", "neat.yaml", cwd=home)
    assert told.returncode == 1
    assert told.stdout == "loose.yaml: not in order\n2 recipes: 1 not in order, 1 in order\n"
    assert (home / "loose.yaml").read_text(encoding="utf-8") == LOOSE
    assert retouch("fmt", "--check", "neat.yaml", cwd=home).returncode == 0


def test_diff_shows_what_would_change(home: Path) -> None:
    """As a difference that `git apply` and `patch` take; the count of recipes goes to the other stream."""
    told = retouch("fmt", "--diff", "loose.yaml", "neat.yaml", cwd=home)
    assert told.returncode == 1
    assert (home / "loose.yaml").read_text(encoding="utf-8") == LOOSE
    subprocess.run(["git", "apply", "-p0"], input=told.stdout, text=True, cwd=home, check=True)
    assert (home / "loose.yaml").read_text(encoding="utf-8") == NEAT


def test_standard_input_goes_to_standard_output(home: Path) -> None:
    """For editors: the recipe and nothing else, in UTF-8 whatever the terminal's letters are."""
    command = [*COMMAND, "fmt", "-"]
    told = subprocess.run(
        command, input=LOOSE.encode(), capture_output=True, env=environment({"PYTHONIOENCODING": "ascii"}), check=True
    )
    assert told.stdout == NEAT.encode()
    assert told.stderr == b""
    wrong = subprocess.run(command, input=b"recipe: [\n", capture_output=True, env=environment(), check=False)
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert wrong.stderr.startswith(b"standard input:1:")
    latin = subprocess.run(command, input=b"recipe: \xfc\n", capture_output=True, env=environment(), check=False)
    assert latin.returncode == 2
    assert b"standard input is not UTF-8 text" in latin.stderr


def test_a_recipe_with_mistakes_is_told_and_left_as_it_is(home: Path) -> None:
    """The others are put in order all the same."""
    (home / "open.yaml").write_text("recipe: 1\nsteps: [\n", encoding="utf-8")
    (home / "other.yaml").write_text("on:   push\n", encoding="utf-8")
    told = retouch("fmt", "open.yaml", "other.yaml", "no.yaml", "loose.yaml", cwd=home)
    assert told.returncode == 2
    assert told.stdout == "loose.yaml: put in order\n2 recipes: 1 put in order, 1 left as it was\n"
    assert "open.yaml:2:" in told.stderr
    assert "other.yaml holds no recipe" in told.stderr
    assert "there is no file no.yaml" in told.stderr
    assert (home / "open.yaml").read_text(encoding="utf-8") == "recipe: 1\nsteps: [\n"
    assert (home / "other.yaml").read_text(encoding="utf-8") == "on:   push\n"


def test_a_misspelt_key_is_no_hindrance(home: Path) -> None:
    """What a recipe says is for `retouch validate` to judge."""
    (home / "loose.yaml").write_text(LOOSE.replace("prompt", "promt"), encoding="utf-8")
    assert retouch("fmt", "loose.yaml", cwd=home).returncode == 0
    assert (home / "loose.yaml").read_text(encoding="utf-8") == NEAT.replace("prompt", "promt")


def test_rights_and_links_stay(home: Path) -> None:
    """A link still leads to its file, which is the one that changes; who may read it does not."""
    (home / "loose.yaml").chmod(0o640)
    (home / "link.yaml").symlink_to("loose.yaml")
    assert retouch("fmt", "link.yaml", cwd=home).returncode == 0
    assert (home / "link.yaml").is_symlink()
    assert (home / "loose.yaml").read_text(encoding="utf-8") == NEAT
    assert stat.S_IMODE((home / "loose.yaml").stat().st_mode) == 0o640


def test_line_ends_stay_as_they_are(home: Path) -> None:
    """Those of Windows are no disorder, for git writes them there; a mixture is, and differs in what nobody sees."""
    windows = NEAT.replace("\n", "\r\n").encode()
    (home / "neat.yaml").write_bytes(windows)
    assert retouch("fmt", "--check", "neat.yaml", cwd=home).returncode == 0
    loose = (home / "loose.yaml").read_bytes()
    (home / "loose.yaml").write_bytes(loose.replace(b"\n", b"\r\n"))
    assert retouch("fmt", "loose.yaml", cwd=home).returncode == 0
    assert (home / "loose.yaml").read_bytes() == windows
    (home / "mixed.yaml").write_bytes(NEAT.replace("\n", "\r\n", 1).encode())
    told = retouch("fmt", "--diff", "mixed.yaml", cwd=home)
    assert told.returncode == 1
    assert told.stdout == "mixed.yaml: only the ends of its lines would change\n"


def test_standard_input_stands_alone(home: Path) -> None:
    """Two recipes cannot be told apart on one stream."""
    assert retouch("fmt", "-", "loose.yaml", cwd=home).returncode == 2


def test_a_full_disk_leaves_the_recipe_as_it_was(home: Path) -> None:
    """A file is written beside it first: nobody ever meets half a recipe."""

    class Full(Disk):
        def sync(self, file: BinaryIO | FileIO) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        Full().rewrite(home / "loose.yaml", NEAT.encode())
    assert (home / "loose.yaml").read_text(encoding="utf-8") == LOOSE
    assert sorted(each.name for each in home.iterdir()) == ["loose.yaml", "neat.yaml"]
