"""`retouch models NAME`: what a model takes, whatever its page looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.command import retouch, workspace

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
                "options": {"type": "object", "properties": {"soft": {"type": "boolean", "default": True}}},
            },
        },
    },
    "x-retouch": {"title": "Deep", "method": "POST", "path": "/v3/deep", "sync": True},
}


def test_a_nested_model_is_shown_as_recipes_write_it(tmp_path: Path) -> None:
    """Whether it takes a prompt, the order of its pictures, and settings with dots."""
    home = workspace(tmp_path)
    (home / "schemas" / "models").mkdir(parents=True)
    (home / "schemas" / "models" / "deep.json").write_text(json.dumps(PAGE), encoding="utf-8")
    lines = retouch("models", "deep", cwd=home).stdout.splitlines()
    assert lines[1:4] == [
        "prompt: can be left out; pictures: 1 to 2; USD per image: not known",
        "`from:` names the pictures in this order: request.image_base64, request.mask_image_base64 (can be left out)",
        "",
    ]
    table = [line.split() for line in lines[5:]]
    assert table == [
        ["request.scale", "number", "from", "1", "to", "4", "must", "be", "set"],
        ["request.options.soft", "true", "or", "false", "true"],
    ]
    (listed,) = [each for each in json.loads(retouch("models", "--json", cwd=home).stdout) if each["model"] == "deep"]
    assert listed["prompt"] == "can be left out"
    assert listed["places"] == ["request.image_base64", "request.mask_image_base64"]
    assert listed["settings"] == ["request.options.soft", "request.scale"]


def test_models_that_need_or_take_no_prompt_say_so(tmp_path: Path) -> None:
    """And a model without settings has no empty table."""
    assert "\nprompt: needed; pictures: 0 to 4;" in retouch("models", "flux-1-kontext-dev", cwd=tmp_path).stdout
    shown = retouch("models", "image-remove-background", cwd=tmp_path).stdout
    assert "\nprompt: none; pictures: 1;" in shown
    assert shown.endswith("\nno settings\n")
