"""`retouch models NAME`: what a model takes, whatever its page looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import ROOT, retouch, workspace

PAGE: dict[str, Any] = {
    "title": "Deep",
    "type": "object",
    "additionalProperties": False,
    "required": ["request"],
    "properties": {
        "request": {
            "type": "object",
            "required": ["image_base64", "scale"],
            "properties": {
                "prompt": {"type": "string"},
                "image_base64": {"type": "string"},
                "mask_image_base64": {"type": "string"},
                "scale": {"type": "number", "minimum": 1, "maximum": 4},
                "options": {
                    "type": "object",
                    "required": ["level"],
                    "properties": {"soft": {"type": "boolean", "default": True}, "level": {"type": "integer"}},
                },
            },
        },
    },
    "x-retouch": {"title": "Deep", "method": "POST", "path": "/v3/deep", "sync": True},
}


def test_a_nested_model_is_shown_as_recipes_write_it(tmp_path: Path) -> None:
    """Whether it takes a prompt, the order of its pictures, settings with dots, and which of them have to be given."""
    home = workspace(tmp_path)
    (home / "schemas" / "models").mkdir(parents=True)
    (home / "schemas" / "models" / "deep.json").write_text(json.dumps(PAGE), encoding="utf-8")
    lines = retouch("models", "deep", cwd=home, env={"COLUMNS": "120"}).stdout.splitlines()
    assert lines[1:4] == [
        "prompt: can be left out; pictures: 1 to 2; USD per image: not known",
        "`from:` names the pictures in this order: request.image_base64, request.mask_image_base64 (can be left out)",
        "",
    ]
    table = [line.split() for line in lines[5 : lines.index("a recipe to begin with") - 1]]
    assert table == [
        ["request.scale", "number", "from", "1", "to", "4", "must", "be", "set"],
        ["request.options.soft", "true", "or", "false", "true"],
        ["request.options.level", "whole", "number", "needed", "in", "its", "block"],
    ]
    (listed,) = [each for each in json.loads(retouch("models", "--json", cwd=home).stdout) if each["model"] == "deep"]
    assert listed["prompt"] == "can be left out"
    assert listed["places"] == ["request.image_base64", "request.mask_image_base64"]
    assert listed["settings"] == ["request.options.level", "request.options.soft", "request.scale"]


def test_models_that_need_or_take_no_prompt_say_so(tmp_path: Path) -> None:
    """And a model without settings has no empty table."""
    assert "\nprompt: needed; pictures: 0 to 4;" in retouch("models", "flux-1-kontext-dev", cwd=tmp_path).stdout
    shown = retouch("models", "image-remove-background", cwd=tmp_path).stdout
    assert "\nprompt: none; pictures: 1;" in shown
    assert "\n\nno settings\n\n" in shown


def test_a_long_name_of_a_setting_is_never_broken(tmp_path: Path) -> None:
    """It stands on a line of its own, for people who copy it; the columns stay as they are."""
    lines = retouch("models", "seedream-4-5", cwd=tmp_path, env={"COLUMNS": "80"}).stdout.splitlines()
    at = lines.index("sequential_image_generation_options.max_images")
    heading = next(line for line in lines if line.startswith("setting "))
    assert lines[at + 1].index("whole number") == heading.index("values")
    assert lines[at + 1].index("15") == heading.index("default")
    assert all(len(line) <= 80 for line in lines)


def test_models_are_listed_by_name(tmp_path: Path) -> None:
    """Those of the workspace among the shipped ones."""
    home = workspace(tmp_path)
    (home / "schemas" / "models").mkdir(parents=True)
    (home / "schemas" / "models" / "my-model.json").write_text(json.dumps(PAGE), encoding="utf-8")
    table = retouch("models", cwd=home).stdout.partition("\n\n")[0]
    names = [line.split()[0] for line in table.splitlines()[1:]]
    assert "my-model" in names
    assert names == sorted(names)
    assert names == [each["model"] for each in json.loads(retouch("models", "--json", cwd=home).stdout)]


def test_an_unknown_model_says_how_to_add_one(tmp_path: Path) -> None:
    """From its page; and which one may have been meant."""
    refused = retouch("models", "z-image", cwd=tmp_path)
    assert refused.returncode == 2
    assert "did you mean `z-image-turbo`?" in refused.stderr
    assert "`retouch schemas add PAGE`" in refused.stderr


def test_what_a_page_says_is_one_line_and_safe(tmp_path: Path) -> None:
    """Title, names and defaults, with line ends and control characters in them; lists as JSON."""
    home = workspace(tmp_path)
    (home / "schemas" / "models").mkdir(parents=True)
    page = {
        "title": "Two\nlines \x1b[31m",
        "type": "object",
        "properties": {
            "image\u202e": {"type": "string"},
            "word": {"type": "string", "default": "a\nb\x1b"},
            "odd\nname": {"type": "string"},
            "sizes": {"type": "array", "items": {"type": "string"}, "default": ["x", "y"]},
            "scale": {"type": "number", "default": 4.0},
        },
        "x-retouch": {"title": "Two\nlines \x1b[31m", "method": "POST", "path": "/v3/odd", "sync": True},
    }
    (home / "schemas" / "models" / "odd.json").write_text(json.dumps(page), encoding="utf-8")
    shown = retouch("models", "odd", cwd=home).stdout
    assert shown.splitlines()[0] == "odd: Two lines \\u001b[31m"
    assert not {"\x1b", "\u202e"} & {*shown}
    table = [line.split() for line in shown.splitlines()]
    assert ["word", "text", "a", "b\\u001b"] in table
    assert any(row[:2] == ["odd", "name"] for row in table)
    assert any(row[0] == "sizes" and row[-2:] == ['["x",', '"y"]'] for row in table if row)
    assert ["scale", "number", "4"] in table
    listed = retouch("models", cwd=home).stdout
    assert any(line.startswith("odd ") and "Two lines \\u001b[31m" in line for line in listed.splitlines())


def test_a_list_beside_other_places_says_how_pictures_are_shared(tmp_path: Path) -> None:
    """In `models`, and for each picture in `plan`."""
    home = workspace(tmp_path)
    (home / "schemas" / "models").mkdir(parents=True)
    page = {
        "title": "Init",
        "type": "object",
        "required": ["init_images"],
        "properties": {
            "mask": {"type": "string"},
            "init_images": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
        },
        "x-retouch": {"title": "Init", "method": "POST", "path": "/v3/init", "sync": True},
    }
    (home / "schemas" / "models" / "init.json").write_text(json.dumps(page), encoding="utf-8")
    assert retouch("models", "init", cwd=home).stdout.splitlines()[2:4] == [
        "`from:` names the pictures in this order: init_images (a list of at most 4), mask (can be left out)",
        "each of them gets one picture before a list takes a second",
    ]
    recipe = "recipe: 1\ninputs: {photo: {type: image}, dust: {type: image}}\n"
    recipe += "steps: [{name: clean, model: init, from: [photo, dust]}]\n"
    (home / "clean.yaml").write_text(recipe, encoding="utf-8")
    pictures = [word for name in ("photo", "dust") for word in ("-i", f"{name}=pipelines/samples/mug.jpg")]
    planned = retouch("plan", "clean.yaml", *pictures, cwd=home, env={"COLUMNS": "80"}).stdout
    assert "  pictures  photo as init_images, dust as mask" in planned.splitlines()


def example_of(model: str, home: Path) -> str:
    """The recipe that `retouch models NAME` ends with."""
    shown = retouch("models", model, cwd=home).stdout
    return shown.partition("a recipe to begin with\n\n")[2]


@pytest.mark.parametrize("model", sorted(each.stem for each in (ROOT / "schemas" / "models").glob("*.json")))
def test_the_example_of_every_model_is_a_recipe(model: str, tmp_path: Path) -> None:
    """As it is printed: checked, and held against the model's schema."""
    (tmp_path / "example.yaml").write_text(example_of(model, tmp_path), encoding="utf-8")
    told = retouch("validate", "example.yaml", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"model: {model}" in example_of(model, tmp_path)


def test_the_example_of_a_model_with_blocks_is_a_recipe(tmp_path: Path) -> None:
    """What its block needs is there; a block that can be left out is."""
    home = workspace(tmp_path)
    (home / "schemas" / "models").mkdir(parents=True)
    (home / "schemas" / "models" / "deep.json").write_text(json.dumps(PAGE), encoding="utf-8")
    assert example_of("deep", home).splitlines()[2:] == [
        "    photo: {type: image}",
        "  steps:",
        "    - name: my-step",
        "      model: deep",
        "      prompt: Say what is to change, and what must stay as it is.",
        "      settings:",
        "        request: {scale: 1}",
    ]
    (home / "example.yaml").write_text(example_of("deep", home), encoding="utf-8")
    assert retouch("validate", "example.yaml", cwd=home).returncode == 0


def test_the_list_marks_what_cannot_be_paid_for_at_once(tmp_path: Path) -> None:
    """Retired models and those without a price, with what the words mean and what can be done below the list."""
    table, *notes = retouch("models", cwd=tmp_path, env={"COLUMNS": "80"}).stdout.split("\n\n")
    assert max(map(len, table.splitlines())) <= 80
    ends = {line.split()[0]: line.rstrip().rpartition("  ")[2] for line in table.splitlines()}
    assert ends["flux-1-kontext-dev"] == "0.0225, retired"
    assert ends["flux-2-dev"] == "not known"
    retired, unknown = (" ".join(note.split()) for note in notes)
    names = "flux-1-kontext-dev, flux-1-kontext-max and flux-1-kontext-pro"
    assert retired.startswith(f"retired: the host serves {names} only until 2026-08-19.")
    assert "NOVITA_BASE_URL" in retired
    assert unknown.startswith("not known: a paid run wants to know the price.")
    assert "`retouch.toml`" in unknown


def test_the_example_does_not_lead_astray(tmp_path: Path) -> None:
    """Nobody wants a sign in the corner, or a strip for a picture."""
    assert "watermark: false" in example_of("seedream-4-5", tmp_path)
    assert "aspect_ratio: 3:2" in example_of("flux-1-kontext-pro", tmp_path)


def test_a_retired_model_says_so(tmp_path: Path) -> None:
    """With the date and what to do, broken between words; and the price has its source."""
    lines = retouch("models", "flux-1-kontext-dev", cwd=tmp_path, env={"COLUMNS": "80"}).stdout.splitlines()
    assert lines[2] == "the price is from schemas/catalog.yaml, Novita's list price for one picture, seen 2026"
    assert " ".join(lines[4:8]).startswith(
        "flux-1-kontext-dev is retired: novita has announced that its own host serves it only until 2026-08-19. Name "
        "another model (`retouch models` lists them), set NOVITA_BASE_URL to a host that serves it, or rehearse"
    )
    assert "retired" not in retouch("models", "flux-2-dev", cwd=tmp_path).stdout
