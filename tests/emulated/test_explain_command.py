"""`retouch explain`: a recipe with every default filled in, before any input has a value."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.command import ROOT, retouch, workspace

RECIPE = """recipe: 1
title: "A\\e[31m title"
inputs:
  photo: {type: image, help: The photo}
  mood: {type: choice, options: [calm, wild], default: calm}
  people: {type: integer, minimum: 1}
steps:
  - name: warm
    model: flux-1-kontext-pro
    prompt: Make it {{ mood }}, for {{ people }}.
    settings: {guidance_scale: "{{ people }}"}
    candidates: 3
    choose: 2
  - name: cut
    when: mood == "wild"
    model: image-remove-background
  - name: signed
    from: [cut, photo]
    overlay: {anchor: top}
"""


def test_a_recipe_explained(tmp_path: Path) -> None:
    """Every line of it. No input needs a value, nothing is sent, and no store is made."""
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    told = retouch("explain", "r.yaml", cwd=tmp_path, env={"COLUMNS": "80"})
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "A\\u001b[31m title",
        "",
        "inputs",
        "  photo",
        "    a picture; has to be given",
        "    The photo",
        "  mood",
        "    one of: calm, wild; calm unless you give another",
        "  people",
        "    whole number of at least 1; has to be given",
        "",
        "1. warm: flux-1-kontext-pro",
        "  takes     photo, the first picture among the inputs",
        "  prompt    Make it {{ mood }}, for {{ people }}.",
        "  settings  guidance_scale  {{ people }}",
        "  not set   aspect_ratio: left to the model",
        "  unused    safety_tolerance: only for pictures made from text alone",
        "  seed      derived from the seed that the first run draws, the name of the step",
        "            and the first picture among the inputs",
        "  makes     3 candidates, each paid for; number 2 goes on to cut",
        "",
        "2. cut: image-remove-background",
        '  when      mood == "wild"; else its picture passes by unchanged',
        "  takes     warm, the step above",
        "  settings  image-remove-background has none",
        "  seed      none: image-remove-background takes none",
        "  makes     a picture that goes on to signed",
        "",
        "3. signed: overlay",
        "  takes     cut, a step, named in `from:`; when that is off, what it would have",
        "            taken",
        "            photo, an input, named in `from:`",
        "  settings  anchor  top",
        "  defaults  width 25%, margin 4%, opacity 1, rotate 0",
        "  makes     a picture that is a result",
        "",
        "result: signed",
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["r.yaml"]


def test_what_is_not_used_is_not_told_as_a_default(tmp_path: Path) -> None:
    """The width of a line that is not drawn has none, for people and for programs; once the line is there, it has."""
    steps = "steps: [{name: signed, text: {text: Hi, box: white}}]"
    (tmp_path / "r.yaml").write_text(f"recipe: 1\ninputs: {{photo: {{type: image}}}}\n{steps}\n", encoding="utf-8")
    told = retouch("explain", "r.yaml", cwd=tmp_path, env={"COLUMNS": "80"}).stdout
    assert "box_padding 60%" in told
    assert "outline_width 6%" not in told
    (step,) = json.loads(retouch("explain", "r.yaml", "--json", cwd=tmp_path).stdout)["steps"]
    assert {"name": "outline_width", "value": None, "from": "not used"} in step["settings"]
    assert {"name": "box_padding", "value": "60%", "from": "default"} in step["settings"]


def test_texts_lists_and_sums_read_well(tmp_path: Path) -> None:
    """A prompt flows where its lines are too wide, an input in it is never broken, and money has cents."""
    steps = "".join(f"  - {{name: {name}, from: warm, resize: {{width: 9}}}}\n" for name in ("one", "two", "three"))
    (tmp_path / "r.yaml").write_text(
        "recipe: 1\nbudget: 0.10 USD\n"
        "inputs: {photo: {type: image}, mood: {type: text, max_length: 80, default: calm},"
        " name: {type: text, min_length: 2, max_length: 9, default: Pip}}\n"
        "steps:\n  - name: warm\n    model: flux-1-kontext-pro\n    prompt: |\n"
        "      Keep everything of this picture exactly as it is now, for the {{ name }} in it,\n"
        "      and make it\n      {{ mood }} and slow, as slow as it can be made by any means, and {{ mood }}.\n\n"
        "      {% if mood == 'wild' %}\n      Short.\n      Lines.\n      {% endif %}\n" + steps,
        encoding="utf-8",
    )
    lines = retouch("explain", "r.yaml", cwd=tmp_path, env={"COLUMNS": "80"}).stdout.splitlines()
    assert "    text of at most 80 characters; calm unless you give another" in lines
    assert "    text of 2 to 9 characters; Pip unless you give another" in lines
    at = next(at for at, line in enumerate(lines) if line.startswith("  prompt"))
    assert [line[12:] for line in lines[at : at + 8]] == [
        "Keep everything of this picture exactly as it is now, for the",
        "{{ name }} in it, and make it {{ mood }} and slow, as slow as it can",
        "be made by any means, and {{ mood }}.",
        "",
        "{% if mood == 'wild' %}",
        "Short.",
        "Lines.",
        "{% endif %}",
    ]
    assert "  makes     a picture that goes on to one, two and three" in lines
    assert lines[-1] == "budget: 0.10 USD, the most that a run may cost"


@pytest.mark.parametrize("columns", [50, 80])
@pytest.mark.parametrize("recipe", sorted(each.name for each in (ROOT / "pipelines").glob("*.yaml")))
def test_every_recipe_fits(recipe: str, columns: int, tmp_path: Path) -> None:
    """Nothing is wider than the terminal, and no name is broken."""
    home = workspace(tmp_path)
    told = retouch("explain", f"pipelines/{recipe}", cwd=home, env={"COLUMNS": str(columns)})
    assert told.returncode == 0, told.stderr
    assert [line for line in told.stdout.splitlines() if len(line) > columns and ", the model at" not in line] == []
    words = set(re.split(r"[\s,:]+", told.stdout))
    asked = json.loads(retouch("explain", f"pipelines/{recipe}", "--json", cwd=home).stdout)
    for step in asked["steps"]:
        assert {step["step"], *(each["name"] for each in step["settings"]), *step["goes_to"]} <= words


def test_programs_get_all_of_it(tmp_path: Path) -> None:
    """Where pictures come from, what each setting is and who set it, and what becomes of a picture."""
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    told = json.loads(retouch("explain", "r.yaml", "--json", cwd=tmp_path).stdout)
    assert [(each["input"], each["default"]) for each in told["inputs"]] == [
        ("photo", None),
        ("mood", "calm"),
        ("people", None),
    ]
    warm, cut, signed = told["steps"]
    assert {"name": "guidance_scale", "value": "{{ people }}", "from": "written"} in warm["settings"]
    assert {"name": "safety_tolerance", "value": None, "from": "not used"} in warm["settings"]
    assert (warm["candidates"], warm["choose"], warm["model_from"]) == (3, 2, "the step")
    assert cut["when"] == 'mood == "wild"'
    assert [(each["picture"], each["kind"], each["may_be_off"]) for each in signed["takes"]] == [
        ("cut", "step", True),
        ("photo", "input", False),
    ]
    assert told["results"] == ["signed"]


def test_a_wrong_recipe_is_told_as_by_validate(tmp_path: Path) -> None:
    """There is nothing to explain then."""
    (tmp_path / "r.yaml").write_text(RECIPE.replace("candidates", "candidate"), encoding="utf-8")
    told = retouch("explain", "r.yaml", cwd=tmp_path)
    assert told.returncode == 2
    assert "did you mean `candidates`?" in told.stderr
