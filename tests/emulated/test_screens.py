"""What stands on a screen of 80 columns: sentences are broken between words, and only there."""

from __future__ import annotations

from pathlib import Path

from tests.command import retouch
from tests.terminal import typed

RECIPE = """\
recipe: 1
seed: 1
model: flux-1-kontext-dev
steps:
  - {name: a, prompt: A red kite, settings: {size: 512*256}}
"""


def test_the_opening_of_a_run(tmp_path: Path) -> None:
    """At a terminal the notice has two lines; in a pipe it has one, which programs can look for."""
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    screen = typed("run", "r.yaml", answers=[], cwd=tmp_path)
    assert screen.returncode == 0, screen.text
    lines = screen.text.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("REHEARSAL"))
    assert max(map(len, lines[at : at + 2])) <= 80
    notice = "because no NOVITA_API_KEY is set. Nothing leaves this machine."
    assert notice in " ".join(lines[at : at + 2])
    assert notice in retouch("run", "r.yaml", cwd=tmp_path).stderr


def test_hints(tmp_path: Path) -> None:
    """A long hint goes on below its beginning, and the quoted line stays whole."""
    long = "a red kite " * 12
    (tmp_path / "r.yaml").write_text(RECIPE.replace("settings", f"note: {long}, setings"), encoding="utf-8")
    screen = typed("validate", "r.yaml", answers=[], cwd=tmp_path)
    assert screen.returncode == 2
    prose = [line for line in screen.text.splitlines() if " | " not in line]
    assert max(map(len, prose)) <= 80
    piped = retouch("validate", "r.yaml", cwd=tmp_path)
    assert " ".join(screen.text.split()) == " ".join((piped.stdout + piped.stderr).split())
    assert max(map(len, piped.stderr.splitlines())) > 80
    quoted = [line for line in piped.stderr.splitlines() if " | " in line]
    assert quoted
    assert set(quoted) <= set(screen.text.splitlines())


def test_paths_are_told_as_seen_from_here(tmp_path: Path) -> None:
    """Also from a folder below the one that the results go to."""
    (tmp_path / ".git").mkdir()
    below = tmp_path / "shop"
    below.mkdir()
    (below / "r.yaml").write_text(RECIPE, encoding="utf-8")
    told = retouch("run", "r.yaml", cwd=below)
    assert told.returncode == 0, told.stderr
    assert "../out/r/" in told.stderr
    assert str(tmp_path) not in told.stderr
    assert "1 request for pictures; a rehearsal costs nothing" in told.stderr
    assert "no request for pictures" in retouch("run", "r.yaml", cwd=below).stderr


def test_what_is_no_recipe(tmp_path: Path) -> None:
    """Folders, values that are missing, and files in the place of folders are told for what they are."""
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    pics = tmp_path / "pics"
    pics.mkdir()
    for words, hint in (
        (("validate", "."), "`.` is a folder, not a recipe\n  name a recipe in it: r.yaml"),
        (("run", "pics"), "`pics` is a folder, not a recipe\n  name a recipe: a file that ends in .yaml"),
        (("fmt", "pics"), "pics is a folder, not a recipe\n  name the recipes in it"),
        (("run", "r.yaml", "-o", "r.yaml"), "-o r.yaml: that is not a folder"),
        (("new", "../evil", "--yes"), "../evil.yaml may lie above this folder, and nothing is written there"),
    ):
        told = retouch(*words, cwd=tmp_path)
        assert told.returncode == 2
        assert hint in told.stderr
    assert not (tmp_path.parent / "evil.yaml").exists()
