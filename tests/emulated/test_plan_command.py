"""`retouch plan`: what a person reads before anything is paid for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.command import ROOT, retouch, run_json, served, workspace

KEY = {"NOVITA_API_KEY": "sk_0123456789abcdef0123"}
"""Something that could be a key: a plan sends nothing."""

TWO_STEPS = """recipe: 1
title: Two steps
inputs: {photo: {type: image, default: photo.png}, mood: {type: text, default: calm}}
model: flux-1-kontext-dev
seed: 3
budget: 0.10 USD
steps:
  - name: warm
    prompt: |
      Make the light warm and {{ mood }}.

      Change nothing else in this picture, whatever it shows, and keep every one of its colours as it is now.
  - {name: cold, model: flux-1-kontext-pro, prompt: "Make it cold.", settings: {guidance_scale: 4}, candidates: 2}
  - {name: small, resize: {width: 100}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace with a recipe of two paid steps and a free one."""
    (tmp_path / ".retouch").mkdir()
    Image.new("RGB", (64, 48), "teal").save(tmp_path / "photo.png")
    (tmp_path / "r.yaml").write_text(TWO_STEPS, encoding="utf-8")
    return tmp_path


def shown(*words: str, cwd: Path, columns: int = 80, env: dict[str, str] | None = None) -> list[str]:
    """The lines that `plan` prints."""
    told = retouch("plan", *words, cwd=cwd, env={"COLUMNS": str(columns), **(env or {})})
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


def plan_json(*words: str, cwd: Path, env: dict[str, str] | None = None) -> dict[str, Any]:
    """What `plan --json` prints."""
    told = retouch("plan", *words, "--json", cwd=cwd, env=env)
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_a_plan_at_80_columns(home: Path) -> None:
    """Every line of it: steps, requests with the reason why they are to be paid, sum, limit, prices, seed."""
    assert shown("r.yaml", cwd=home, env=KEY) == [
        "Two steps, with photo",
        "",
        "step   takes  does                status              USD",
        "warm   photo  flux-1-kontext-dev  to pay           0.0225",
        "cold   warm   flux-1-kontext-pro  to pay: 2 calls  0.0800",
        "small  cold   resize              free",
        "",
        "warm",
        "  why       first time",
        "  seed      1272384075",
        "  prompt    Make the light warm and calm. Change nothing else in this picture, …",
        "",
        "cold",
        "  why       first time",
        "  seeds     1716093708, 442921591",
        "  settings  guidance_scale 4",
        "  prompt    Make it cold.",
        "",
        "3 calls on novita, 0.1025 USD",
        "budget: 0.10 USD",
        "over the budget: `run` will refuse to start. With cold the sum comes above the",
        "0.10 USD of `budget:`; in all it is 0.0025 USD too much",
        "flux-1-kontext-dev: 0.0225 USD a picture (schemas/catalog.yaml, Novita's list",
        "price for one picture, seen 2026)",
        "flux-1-kontext-pro: 0.04 USD a picture (schemas/catalog.yaml, the maker's list",
        "price for one picture, seen 2026)",
        "seed of the run: 3",
    ]


@pytest.mark.parametrize("columns", [50, 80, 132])
@pytest.mark.parametrize("recipe", sorted(each.name for each in (ROOT / "pipelines").glob("*.yaml")))
def test_no_name_is_ever_broken(recipe: str, columns: int, tmp_path: Path) -> None:
    """Whatever the terminal is like: each step, model and operation is there whole, and nothing is wider than it."""
    home = workspace(tmp_path)
    lines = shown(f"pipelines/{recipe}", cwd=home, columns=columns)
    words = set(re.split(r"[\s,:]+", "\n".join(lines)))
    for step in plan_json(f"pipelines/{recipe}", cwd=home)["steps"]:
        assert {step["step"], step["model"] or step["operation"], *step["takes"]} <= words
    assert [line for line in lines if len(line.rstrip()) > columns] == []
    assert not any(line.endswith("…") and "prompt" not in line for line in lines)


def test_a_narrow_terminal_gets_a_few_lines_for_each_step(home: Path) -> None:
    """Instead of columns that nobody could read."""
    assert shown("r.yaml", cwd=home, columns=40)[2:12] == [
        "warm",
        "  flux-1-kontext-dev",
        "  takes photo",
        "  to pay, 0.0225 USD",
        "cold",
        "  flux-1-kontext-pro",
        "  takes warm",
        "  to pay: 2 calls, 0.0800 USD",
        "small",
        "  resize",
    ]


def test_prompts_can_be_shown_whole(home: Path) -> None:
    """With their own line breaks, moved in, and broken between words."""
    lines = shown("r.yaml", "--prompts", cwd=home, columns=60)
    at = lines.index("  prompt    Make the light warm and calm.")
    assert lines[at + 1 : at + 4] == [
        "",
        "            Change nothing else in this picture, whatever it",
        "            shows, and keep every one of its colours as it",
    ]


def test_a_rehearsal_tells_what_a_key_would_pay(home: Path) -> None:
    """It is free itself, and never refuses; with a key it might."""
    lines = shown("r.yaml", cwd=home)
    assert any(line.endswith("with a key") for line in lines)
    assert "3 calls on emulator, free, as a rehearsal is; with a key, 0.1025 USD" in lines
    assert any(line.startswith("with a key, `run` would refuse to start. With cold") for line in lines)
    told = plan_json("r.yaml", cwd=home)
    assert (told["cost"]["low"], told["cost"]["high"], told["cost_with_key"]["high"]) == (0.0, 0.0, 0.1025)
    (home / "free.yaml").write_text(
        TWO_STEPS.replace("flux-1-kontext-pro", "flux-2-dev").replace("guidance_scale: 4", "")
    )
    assert "with a key, 0.0225 USD and what flux-2-dev costs" in "\n".join(shown("free.yaml", cwd=home, columns=132))


@pytest.mark.parametrize("columns", [40, 80])
def test_a_price_that_nobody_knows_is_told_in_its_place(columns: int, home: Path) -> None:
    """A plan is a question, which ends with 0: what is known is counted, and where to write the price is told. `run`
    refuses; so does nothing once the price is there."""
    text = TWO_STEPS.replace("flux-1-kontext-pro", "flux-2-dev").replace("guidance_scale: 4", "")
    (home / "r.yaml").write_text(text, encoding="utf-8")
    words = " ".join("\n".join(shown("r.yaml", cwd=home, env=KEY, columns=columns)).split())
    assert "to pay: 2 calls price not known" in words or "to pay: 2 calls, price not known" in words
    assert "3 calls on novita, 0.0225 USD and what flux-2-dev costs" in words
    assert "`run` will refuse to start: no price is known for flux-2-dev" in words
    assert "`retouch.toml`, below `[prices]`: [prices] flux-2-dev = …" in words
    told = plan_json("r.yaml", cwd=home, env=KEY)
    assert told["cost"] == {"low": 0.0225, "high": 0.0225, "currency": "USD", "without_price": ["flux-2-dev"]}
    assert [(each["price"] is None, each["cost"]) for each in told["steps"]] == [
        (False, 0.0225),
        (True, None),
        (True, 0.0),
    ]
    refused = retouch("run", "r.yaml", cwd=home, env=KEY)
    assert refused.returncode == 2
    assert "no price is known for flux-2-dev" in refused.stderr
    (home / "retouch.toml").write_text("[prices]\nflux-2-dev = 0.01\n", encoding="utf-8")
    assert "3 calls on novita, 0.0425 USD" in shown("r.yaml", cwd=home, env=KEY, columns=80)


def test_a_rehearsal_tells_which_price_a_key_would_want(home: Path) -> None:
    """With the way out; several are told in one sentence."""
    text = TWO_STEPS.replace("flux-1-kontext-pro", "flux-2-dev").replace("guidance_scale: 4", "")
    (home / "r.yaml").write_text(text.replace("flux-1-kontext-dev", "flux-2-pro"), encoding="utf-8")
    lines = shown("r.yaml", cwd=home, columns=132)
    assert "3 calls on emulator, free, as a rehearsal is; with a key, what flux-2-pro and flux-2-dev cost" in lines
    assert "with a key, `run` would refuse to start: no price is known for flux-2-pro and flux-2-dev" in lines
    assert lines[lines.index("  [prices]") :][:3] == ["  [prices]", "  flux-2-pro = …", "  flux-2-dev = …"]
    told = plan_json("r.yaml", cwd=home)
    assert told["cost"]["without_price"] == []
    assert told["cost_with_key"]["without_price"] == ["flux-2-pro", "flux-2-dev"]
    assert [(each["cost"], each["cost_with_key"]) for each in told["steps"]] == [(0.0, None), (0.0, None), (0.0, 0.0)]


def test_a_limit_of_ones_own_is_held_against_the_sum(home: Path) -> None:
    """`--max-cost` as `run` has it; the lower of both counts. A plan is a question: it ends with 0."""
    told = plan_json("r.yaml", "--max-cost", "0.02", cwd=home, env=KEY)
    assert told["over"] == {"step": "warm", "limit": 0.02, "by": "--max-cost", "over": 0.0825, "surely": True}
    assert plan_json("r.yaml", "--max-cost", "1", cwd=home, env=KEY)["over"]["by"] == "budget"
    assert retouch("run", "r.yaml", "--max-cost", "0.02", cwd=home, env=KEY).returncode == 8
    assert retouch("plan", "r.yaml", "--max-cost", "much", cwd=home, env=KEY).returncode == 2


def test_a_series_costs_between_one_picture_and_all_of_them(home: Path) -> None:
    """The model decides how many it makes: the sum has a low and a high end, and a price of ones own is named."""
    (home / "retouch.toml").write_text("[prices]\nseedream-4-5 = 0.05\n", encoding="utf-8")
    series = "sequential_image_generation: auto, sequential_image_generation_options: {max_images: 3}"
    (home / "s.yaml").write_text(
        "recipe: 1\nbudget: 0.10 USD\nsteps:\n"
        f"  - {{name: seasons, model: seedream-4-5, prompt: A mug in spring., settings: {{{series}}}}}\n",
        encoding="utf-8",
    )
    lines = shown("s.yaml", cwd=home, env=KEY)
    assert "1 call on novita, 0.0500 to 0.1500 USD" in lines
    assert "seedream-4-5: 0.05 USD a picture (retouch.toml)" in lines
    assert any(
        line.startswith("over the budget: `run` will refuse to start. With seasons the sum could") for line in lines
    )
    told = plan_json("s.yaml", cwd=home, env=KEY)
    assert told["cost"] == {"low": 0.05, "high": 0.15, "currency": "USD", "without_price": []}
    assert told["steps"][0]["price"] == {"usd": 0.05, "by": "retouch.toml"}
    assert not told["over"]["surely"]


def test_after_a_change_the_reason_is_told(home: Path) -> None:
    """In the table's lines and for programs; what is known needs none."""
    with served("--latency", "0") as address:
        paid = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        (home / "r.yaml").write_text(TWO_STEPS.replace("0.10 USD", "1 USD"), encoding="utf-8")
        run_json("r.yaml", cwd=home, env=paid)
        known = plan_json("r.yaml", cwd=home, env=paid)
        assert [(each["status"], each["why"]) for each in known["steps"]] == [("cached", [])] * 3
        (home / "r.yaml").write_text(TWO_STEPS.replace("scale: 4", "scale: 3"), encoding="utf-8")
        lines = shown("r.yaml", cwd=home, env=paid)
        assert "  why       settings changed: guidance_scale 4 → 3" in lines
        moved = plan_json("r.yaml", "-i", "mood=wild", cwd=home, env=paid)
    assert [each["why"] for each in moved["steps"]] == [
        ["prompt changed"],
        ["made anew: warm", "settings changed: guidance_scale 4 → 3"],
        [],
    ]
    assert moved["steps"][0]["prompt"].startswith("Make the light warm and wild.")
    lines = shown("r.yaml", cwd=home)
    assert lines.count(f"  why       another provider: so far made by {address.removeprefix('http://')}") == 2


def test_the_graph_is_printed_alone(home: Path) -> None:
    """As text or as Mermaid, whether the form stands behind `--graph` or not."""
    text = ["photo", "↓ warm   flux-1-kontext-dev", "↓ cold   flux-1-kontext-pro", "↓ small  resize  = a result"]
    for words in (
        ["r.yaml", "--graph"],
        ["--graph", "r.yaml"],
        ["r.yaml", "--graph", "text"],
        ["--graph", "-i", "mood=x", "r.yaml"],
    ):
        assert shown(*words, cwd=home) == text, words
    assert shown("--graph", "mermaid", "r.yaml", cwd=home)[:3] == [
        "flowchart TD",
        '  n1(["photo"])',
        '  n2["warm<br/>flux-1-kontext-dev"]',
    ]


def test_a_retired_model_is_told_at_its_line(home: Path) -> None:
    """By `plan` and by `run`, where the provider's own host would be asked; nowhere else."""
    told = retouch("plan", "r.yaml", cwd=home, env=KEY)
    assert told.returncode == 0
    assert told.stderr.startswith(
        "r.yaml:4:8: flux-1-kontext-dev is retired: novita has announced that its own host serves it only until "
        "2026-08-19\n  4 | model: flux-1-kontext-dev\n"
    )
    assert "r.yaml:13:25: flux-1-kontext-pro is retired" in told.stderr
    assert "`--provider emulator`" in told.stderr
    assert "retired" not in retouch("plan", "r.yaml", "--provider", "emulator", cwd=home, env=KEY).stderr
    with served("--latency", "0") as address:
        elsewhere = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        assert "retired" not in retouch("plan", "r.yaml", cwd=home, env=elsewhere).stderr


def test_nothing_unsafe_reaches_the_terminal(home: Path) -> None:
    """Titles, prompts, values and file names are written out where they are not plain."""
    odd = "\x1b[31m\u202e"
    (home / "r.yaml").write_text(
        TWO_STEPS.replace("title: Two steps", 'title: "Two\\e[31m\\u202esteps"'), encoding="utf-8"
    )
    for words in ((), ("--prompts",), ("--graph",), ("--graph", "mermaid")):
        told = retouch("plan", "r.yaml", "-i", f"mood=wild{odd}", *words, cwd=home)
        assert not {"\x1b", "\u202e"} & {*told.stdout, *told.stderr}


def test_colours_follow_the_reader(home: Path) -> None:
    """None where the output is piped or NO_COLOR is set."""
    for env in ({}, {"NO_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}):
        assert "\x1b[3" not in "\n".join(shown("r.yaml", cwd=home, env=env))
    assert "\x1b[3" in "\n".join(shown("r.yaml", cwd=home, env={"FORCE_COLOR": "1"}))
