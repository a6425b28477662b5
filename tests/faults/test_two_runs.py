"""Two runs of one workspace: one works, the other one gives up or waits. In real processes."""

from __future__ import annotations

from pathlib import Path

from runner.workspace import find
from tests.command import retouch
from tests.pictures import plain

RECIPE = "recipe: 1\ninputs: {photo: {type: image}}\nsteps:\n  - {name: small, resize: {width: 8}}\n"


def test_a_second_run_gives_up_with_7_and_touches_nothing(tmp_path: Path) -> None:
    """It opens no journal and makes no folder; once the first one has ended, it works."""
    (tmp_path / ".retouch").mkdir()
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "photo.png").write_bytes(plain(16, 12))
    words = "run", "r.yaml", "-i", "photo=photo.png", "-o", "out"
    with find(tmp_path / "r.yaml").held():
        told = retouch(*words, cwd=tmp_path)
        assert (told.returncode, "another run" in told.stderr) == (7, True)
        assert not (tmp_path / "out").exists()
        assert not (tmp_path / ".retouch" / "journal").exists()
    assert retouch(*words, cwd=tmp_path).returncode == 0
