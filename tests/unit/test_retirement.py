"""Models that their host gives up are told in time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from runner.cli import retirement, wiring
from runner.settings import Settings

RECIPE = """recipe: 1
inputs: {photo: {type: image}}
model: flux-1-kontext-dev
steps:
  - {name: a, prompt: one}
  - {name: b, prompt: two, model: flux-1-kontext-pro}
  - {name: c, prompt: three, model: flux-1-kontext-pro}
  - {name: d, model: image-upscaler}
"""


def told(
    folder: Path, provider: str = "novita", url: str = "https://api.novita.ai", today: date | None = None
) -> list[str]:
    """Place and words of each warning."""
    (folder / "r.yaml").write_text(RECIPE, encoding="utf-8")
    recipe = wiring.house(folder / "r.yaml").recipe()
    found = retirement.warnings(recipe, provider, Settings(novita_url=url), today)
    return [f"{each.location.line}:{each.location.column} {each.message}" for each in found]


def test_each_model_once_where_it_is_named_first(tmp_path: Path) -> None:
    """At the top of the recipe, or in the step."""
    until = "retired: novita has announced that its own host serves it only until 2026-08-19"
    assert told(tmp_path) == [f"3:8 flux-1-kontext-dev is {until}", f"6:35 flux-1-kontext-pro is {until}"]


@pytest.mark.parametrize(("day", "words"), [(18, "will be retired"), (19, "is retired"), (20, "is retired")])
def test_the_day_counts(day: int, words: str, tmp_path: Path) -> None:
    """Before it, there is time left."""
    assert words in told(tmp_path, today=date(2026, 8, day))[0]


@pytest.mark.parametrize(
    ("provider", "url"),
    [("emulator", "https://api.novita.ai"), ("mine", "https://api.novita.ai"), ("novita", "https://sister.example")],
)
def test_other_hosts_may_serve_it(provider: str, url: str, tmp_path: Path) -> None:
    """And a rehearsal asks nobody."""
    assert told(tmp_path, provider, url) == []
