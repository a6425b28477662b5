"""Which recipe a name means, in which workspace, and what is said when there is none."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from runner import workspace
from runner.errors import UsageError
from runner.workspace import Workspace


def hint(recipe: str) -> str:
    """What is said about a recipe that is not there."""
    with pytest.raises(UsageError) as caught:
        workspace.find(Path(recipe))
    return caught.value.hint or ""


def test_a_shipped_recipe_works_in_the_folder_of_the_one_who_names_it(tmp_path: Path) -> None:
    """Its results go where the user is, not beside the shipped file."""
    with contextlib.chdir(tmp_path):
        found = workspace.find(Path("product-hero"))
    assert found.root == tmp_path.resolve()
    assert found.recipe.is_file()
    assert found.results("latest").is_relative_to(tmp_path.resolve())


def test_a_missing_recipe_is_held_against_those_that_are_there(tmp_path: Path) -> None:
    """A name that is near is offered; another one is not, whatever its ending."""
    for name in ("own.yaml", "banner.yml"):
        (tmp_path / name).write_text("recipe: 1\n", encoding="utf-8")
    with contextlib.chdir(tmp_path):
        assert hint("nothere.yaml") == "recipes here: banner.yml, own.yaml"
        assert hint("owm.yaml") == "did you mean `own.yaml`?"
        assert hint("baner.yaml") == "did you mean `banner.yml`?"
        assert hint("product-her") == "did you mean `product-hero`?"
        assert hint("nowhere/at-all.yaml").startswith("check the path, or name a shipped recipe: old-photo")
        assert hint("xyz").startswith("recipes that come with retouch: old-photo")


def test_the_list_of_recipes_has_an_end(tmp_path: Path) -> None:
    """A folder full of recipes is not told in full."""
    for number in range(30):
        (tmp_path / f"r{number:02}.yaml").write_text("recipe: 1\n", encoding="utf-8")
    with contextlib.chdir(tmp_path):
        assert hint("zzzzzz.yaml").endswith("r09.yaml, …")


@pytest.mark.parametrize("name", ["a\0b.png", "p" * 300, "p/" * 3000])
def test_what_can_be_no_path_is_refused(name: str, tmp_path: Path) -> None:
    """A name that no file system takes is the recipe's mistake, not a crash."""
    (tmp_path / "r.yaml").write_text("recipe: 1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be the path of a file"):
        Workspace(tmp_path.resolve(), tmp_path / "r.yaml").file_beside_recipe(name)


def test_a_recipe_with_an_endless_name_is_not_there() -> None:
    """The file system's refusal is told."""
    with pytest.raises(UsageError, match="there is no recipe"):
        workspace.find(Path("p" * 300 + ".yaml"))
