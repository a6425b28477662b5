"""`runner.formatting.proof`: it sees every value that is another one, and every comment that is lost or moved."""

from __future__ import annotations

import pytest

from runner import document
from runner.formatting.outline import outline
from runner.formatting.proof import same_comments, same_values

RECIPE = """\
# yaml-language-server: $schema=x
recipe: 1  # behind
# above
seed: 2

inputs:
  a: {type: image}
  b: {type: image}

steps:
  # above a step
  - name: s  # behind a name
    prompt: |
      one
      two
    settings:
      z: 1
      a: 2
      # the end of settings
    # the end of a step
# the end
"""


@pytest.mark.parametrize(
    ("said", "instead", "same"),
    [
        ("recipe: 1  # behind\n# above\nseed: 2\n", "# above\nseed: 2\nrecipe: 1  # behind\n", True),
        ("seed: 2", "seed: 2.0", False),
        ("seed: 2", 'seed: "2"', False),
        ("recipe: 1", "recipe: true", False),
        ("z: 1\n      a: 2", "a: 2\n      z: 1", False),
        ("  a: {type: image}\n  b: {type: image}", "  b: {type: image}\n  a: {type: image}", False),
        ("      one\n", "      one \n", False),
        ("      one\n", "", False),
    ],
)
def test_values(said: str, instead: str, same: bool) -> None:
    """Another type, another order where it counts, a space in a text: all of them are differences."""
    assert RECIPE.count(said) == 1
    before, after = (document.load(text, "r").data for text in (RECIPE, RECIPE.replace(said, instead)))
    assert same_values(before, after) is same


@pytest.mark.parametrize(
    ("said", "instead", "same"),
    [
        ("recipe: 1  # behind\n# above\nseed: 2\n", "# above\nseed: 2\nrecipe: 1  # behind\n", True),
        ("recipe: 1  # behind\n# above\nseed: 2\n", "recipe: 1\n# above\nseed: 2  # behind\n", False),
        ("# above\nseed", "seed", False),
        ("# above\nseed", "# above\n# above\nseed", False),
        ("recipe: 1  # behind\n# above\n", "# above\nrecipe: 1  # behind\n", False),
        ("  # above a step\n  - name: s", "  - # above a step\n    name: s", True),
        ("      # the end of settings\n", "    # the end of settings\n", False),
        ("    # the end of a step\n", "  # the end of a step\n", False),
        ("# yaml-language-server: $schema=x\n", "", False),
        ("# the end\n", "", False),
        ("settings:", '"settings":', True),
        ("seed: 2", 'seed: "2"', False),
    ],
)
def test_comments(said: str, instead: str, same: bool) -> None:
    """Another place, another number of them, another way to write a value: all of them are differences."""
    assert RECIPE.count(said) == 1
    before, after = (outline(document.load(text, "r")) for text in (RECIPE, RECIPE.replace(said, instead)))
    assert same_comments(before, after) is same
