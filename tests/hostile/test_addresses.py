"""Addresses as inputs: only for those who ask for it, never by a recipe's own word, and nothing secret is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import retouch, run_json
from tests.pictures import plain
from tests.website import Site, site

RECIPE = """\
recipe: 1
inputs:
  photo: {type: image}
  logo: {type: image, default: logo.png}
model: flux-1-kontext-dev
seed: 1
steps:
  - {name: warm, from: [photo, logo], prompt: Warm light.}
"""
SECRET = "?X-Signature=abcdefghijklmnop0123456789"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with the recipe and its logo, and beside it what a site serves."""
    (tmp_path / "home").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "home" / "r.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "home" / "logo.png").write_bytes(plain(8, 8))
    (tmp_path / "site" / "mug.png").write_bytes(plain(64, 48))
    (tmp_path / "site" / "page.png").write_text("<!doctype html><html>")
    return tmp_path


def photo(served: Site, name: str = "mug.png") -> list[str]:
    """The words that give the photo by its address."""
    return ["-i", f"photo={served.address}/{name}{SECRET}"]


@pytest.mark.parametrize("command", ["plan", "run"])
def test_an_address_is_only_asked_when_the_option_is_there(shop: Path, command: str) -> None:
    """Without it the refusal names it, and nothing was asked."""
    with site(shop / "site") as served:
        told = retouch(command, "r.yaml", *photo(served), cwd=shop / "home")
        address = served.address
    assert told.returncode == 2
    assert told.stderr == (
        f"retouch: -i photo={address}/mug.png?… is an address, not a file\n"
        "  add --allow-url to have it fetched, or save the picture and name the file\n"
    )
    assert served.asked == []


def test_with_the_option_it_is_a_picture_like_any_other(shop: Path) -> None:
    """Fetched and told by plan and run; the item is named after it, the same file gives the same result; and its
    signature stands nowhere."""
    with site(shop / "site") as served:
        planned = retouch("plan", "r.yaml", *photo(served), "--allow-url", cwd=shop / "home")
        assert planned.returncode == 0, planned.stderr
        assert f"photo: fetched {served.address}/mug.png?…, 1 kB\n" in planned.stderr
        made = run_json("r.yaml", *photo(served), "--allow-url", "-o", "results", cwd=shop / "home")
    again = run_json("r.yaml", "-i", "photo=../site/mug.png", "-o", "again", cwd=shop / "home")
    (item,), (same,) = made["items"], again["items"]
    assert item["item"] == "mug"
    assert item["outputs"] == ["results/mug-r.jpg"]
    assert [step["fingerprint"] for step in same["steps"]] == [step["fingerprint"] for step in item["steps"]]
    assert same["steps"][0]["cached"]
    kept = [each for each in (shop / "home").rglob("*") if each.is_file()]
    assert not [each for each in kept if b"abcdefghijklmnop" in each.read_bytes()]
    assert "abcdefghijklmnop" not in planned.stdout + planned.stderr + json.dumps(made)


def test_what_lies_at_an_address_is_looked_at(shop: Path) -> None:
    """A page around the picture, and a picture that is gone."""
    with site(shop / "site") as served:
        page = retouch("plan", "r.yaml", *photo(served, "page.png"), "--allow-url", cwd=shop / "home")
        gone = retouch("plan", "r.yaml", *photo(served, "nope.png"), "--allow-url", cwd=shop / "home")
    assert (page.returncode, gone.returncode) == (2, 2)
    assert page.stderr.splitlines()[-2:] == [
        f"retouch: {served.address}/page.png?…: this file is a web page",
        "  download the picture itself, not the page around it",
    ]
    assert f"the picture {served.address}/nope.png is gone" in gone.stderr


def test_no_address_is_asked_while_something_else_is_wrong(shop: Path) -> None:
    """A missing logo is told before anybody hears of us."""
    (shop / "home" / "logo.png").unlink()
    with site(shop / "site") as served:
        told = retouch("plan", "r.yaml", *photo(served), "--allow-url", cwd=shop / "home")
    assert told.returncode == 2
    assert "there is no file logo.png" in told.stderr
    assert served.asked == []


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_recipe_s_own_picture_is_never_an_address(shop: Path, command: str) -> None:
    """Not even with the option, which is about the words of the command line."""
    with site(shop / "site") as served:
        text = RECIPE.replace("default: logo.png", f'default: "{served.address}/mug.png"')
        (shop / "home" / "r.yaml").write_text(text, encoding="utf-8")
        words = [] if command == "validate" else ["-i", "photo=../site/mug.png", "--allow-url"]
        told = retouch(command, "r.yaml", *words, cwd=shop / "home")
    assert told.returncode == 2
    assert "is an address, not a file" in told.stderr
    assert served.asked == []
