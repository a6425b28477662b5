"""Pictures that mean harm, or are none: refused in exact words, before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import artifact
from runner.errors import BadImage
from tests.command import ledger, retouch, served
from tests.hostile import bad_pictures
from tests.hostile.bad_pictures import Bad, Odd
from tests.hostile.confinement import MOST_MEMORY, Room

REFUSED = [*bad_pictures.refused()]


@pytest.mark.parametrize("bad", REFUSED, ids=lambda bad: bad.name)
def test_refused(bad: Bad) -> None:
    """One sentence says what the file is, another one what to do."""
    with pytest.raises(BadImage) as caught:
        artifact.inspect(bad.data)
    assert bad.words in caught.value.message
    assert bad.hint in (caught.value.hint or "")


@pytest.mark.parametrize("odd", [*bad_pictures.taken()], ids=lambda odd: odd.name)
def test_taken(odd: Odd) -> None:
    """What can be seen can be used; nothing that stands behind or beside the picture goes to a model."""
    facts = artifact.inspect(odd.data)
    assert (facts.width, facts.height) == odd.size
    sent = artifact.for_model(odd.data)
    assert len(sent) < 20_000
    assert b"<html" not in sent
    assert b"PK\x03\x04" not in sent
    assert artifact.inspect(sent).height == odd.size[1]


def test_a_picture_in_numbers_with_a_point() -> None:
    """No format of ours can hold one."""
    with pytest.raises(BadImage, match="a TIFF picture"):
        artifact.inspect(bad_pictures.float_picture())


RECIPE = """\
recipe: 1
inputs:
  photo: {type: image}
model: flux-1-kontext-dev
seed: 1
steps:
  - name: warm
    prompt: Warm light.
"""


def test_nothing_is_sent_of_any_of_them(tmp_path: Path) -> None:
    """`run` for a host ends with exit code 2 and the same words, whatever the file is called; its ledger is empty."""
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    chosen = [
        each for each in REFUSED if each.name in {"empty", "half-a-jpeg", "50000-by-50000", "heic", "animated-png"}
    ]
    assert len(chosen) == 5
    with served() as address:
        env = {"NOVITA_API_KEY": "a-key-for-this-test-only", "NOVITA_BASE_URL": address}
        for bad in chosen:
            (tmp_path / "photo.jpg").write_bytes(bad.data)
            told = retouch("run", "r.yaml", "-i", "photo=photo.jpg", "--provider", "novita", cwd=tmp_path, env=env)
            assert told.returncode == 2, told.stderr
            assert told.stderr.startswith("retouch: photo.jpg: this ")
            assert bad.words in told.stderr
            assert bad.hint in told.stderr
        assert set(ledger(address)["totals"].values()) == {0}


def test_the_content_decides_not_the_ending(tmp_path: Path) -> None:
    """A WebP that is called .jpg is a picture like any other."""
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "photo.jpg").write_bytes(
        next(each for each in bad_pictures.taken() if each.name == "webp-lossless-alpha").data
    )
    told = retouch("plan", "r.yaml", "-i", "photo=photo.jpg", cwd=tmp_path)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("name", ["50000-by-50000", "bomb-in-a-profile", "a-thousand-scans", "wide-as-a-number-goes"])
def test_a_bomb_takes_little_memory(room: Room, name: str, tmp_path: Path) -> None:
    """The command ends in words, within the memory that any hostile file may have."""
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "photo.png").write_bytes(next(each for each in REFUSED if each.name == name).data)
    ended = room.run("plan", "r.yaml", "-i", "photo=photo.png", cwd=tmp_path)
    assert ended.code == 2, ended.told
    assert ended.peak <= MOST_MEMORY
