"""The committed schemas say what the pages say: our stand-ins always, the originals where they lie at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runner import schema_files, validation
from runner.schemagen.build import build_all
from runner.schemagen.page import read_page
from runner.schemagen.schema import request_schema

ROOT = Path(__file__).resolve().parents[3]
STAND_INS = ROOT / "tests" / "pages" / "novita"
ORIGINALS = ROOT.parent / "shared" / "docs" / "novita"
READ = "2026-11-21"
BUILT_FROM = {
    "flux-1-kontext-dev": "flux-1-kontext-dev.rendered.md",
    "flux-1-kontext-pro": "flux-1-kontext-pro.rendered.md",
    "flux-1-kontext-max": "flux-1-kontext-max.mdx.md",
    "flux-2-dev": "flux-2-dev.rendered.md",
    "flux-2-flex": "flux-2-flex.rendered.md",
    "flux-2-pro": "flux-2-pro.rendered.md",
    "qwen-image-edit": "qwen-image-edit.rendered.md",
    "image-eraser": "image-eraser.rendered.md",
    "image-remove-background": "image-remove-background.rendered.md",
    "image-upscaler": "image-upscaler.rendered.md",
    "z-image-turbo": "z-image-turbo.rendered.md",
    "seedream-4-0": "seedream-4-0.rendered.md",
    "seedream-4-5": "seedream-4-5.rendered.md",
    "task-result": "task-result.rendered.md",
}
"""The one page that each committed schema is built from."""
DOUBTS = {
    "seedream-4-0": (
        "seedream-4-0: `size`: “- Default: `2048x2048`” contradicts “- Optional values: `1K`, `2K`, `4K`”; "
        "default and choices: nothing is set",
    )
}
"""Warnings that a page gives rightly: this one names a size as its default that its own choices do not have."""


def committed(name: str) -> str:
    """The text of a committed schema."""
    folder = ROOT / "schemas" if name == "task-result" else ROOT / "schemas" / "models"
    return (folder / f"{name}.json").read_text(encoding="utf-8")


def pages() -> list[tuple[str, Path]]:
    """Every page there is: the stand-ins always, the originals where the checkout has them beside it."""
    folders = [folder for folder in (STAND_INS, ORIGINALS) if folder.is_dir()]
    return [(page.name.split(".")[0], page) for folder in folders for page in sorted(folder.glob("*.md"))]


def built(name: str, page: Path, source: str = "") -> dict[str, Any]:
    """The schema built from one page."""
    wording: Mapping[str, Any] = schema_files.wording()
    found = {name: (page.read_text(encoding="utf-8"), source)}
    done = build_all(found, wording, READ, schema_files.endpoints())
    assert done.warnings == DOUBTS.get(name, ())
    schema: dict[str, Any] = json.loads(next(iter(done.files.values())))
    return schema


def facts(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what tells one page of a model from another: where it lies, when it was read, its digest."""
    origin = {key: each for key, each in schema["x-retouch"].items() if key not in {"source", "read", "digest"}}
    return schema | {"x-retouch": origin}


def test_there_is_a_stand_in_for_every_schema_in_both_markups() -> None:
    """Without the originals the comparison below still has every committed schema to look at."""
    names = {page.name for page in STAND_INS.glob("*.md")}
    assert set(BUILT_FROM.values()) <= names
    assert {f"{name}.mdx.md" for name in BUILT_FROM} <= names
    assert {file.stem for file in (ROOT / "schemas" / "models").glob("*.json")} == set(BUILT_FROM) - {"task-result"}


@pytest.mark.parametrize(("name", "page"), pages(), ids=lambda each: str(each).removeprefix(str(ROOT.parent)))
def test_every_page_gives_the_facts_of_the_committed_schema(name: str, page: Path) -> None:
    """Both markups of a model, and stand-in and original, say the same: names, types, bounds, defaults, choices."""
    assert facts(built(name, page)) == facts(json.loads(committed(name)))


@pytest.mark.parametrize("name", BUILT_FROM)
def test_committed_schemas_are_built_and_not_edited(name: str) -> None:
    """From its own page, a schema comes out to the letter; digest and date included where the original is at hand."""
    page = ORIGINALS / BUILT_FROM[name]
    origin = json.loads(committed(name))["x-retouch"]
    original = page.is_file()
    text = (page if original else STAND_INS / BUILT_FROM[name]).read_text(encoding="utf-8")
    built = build_all({name: (text, origin["source"])}, schema_files.wording(), READ, schema_files.endpoints())
    (out,) = built.files.values()
    if not original:
        out = out.replace(json.loads(out)["x-retouch"]["digest"], origin["digest"])
    assert out == committed(name)


def test_both_markups_differ_where_only_one_of_them_speaks() -> None:
    """Source pages name no endpoint: the reader says null, and the build puts in where tasks are posted."""
    text = (STAND_INS / "flux-1-kontext-max.mdx.md").read_text(encoding="utf-8")
    schema, _ = request_schema(read_page(text, "page.md"), read=READ, wording={})
    assert (schema["x-retouch"]["method"], schema["x-retouch"]["path"]) == (None, None)
    assert json.loads(committed("flux-1-kontext-max"))["x-retouch"]["path"] == "/v3/async/flux-1-kontext-max"


def test_no_machine_path_in_what_is_committed() -> None:
    """A schema names an address, never a folder of the machine that built it."""
    for name in BUILT_FROM:
        assert json.loads(committed(name))["x-retouch"]["source"].startswith("https://")


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"images": ["a"], "size": "256*1536", "seed": -1}, []),
        ({"size": "512*512\n"}, ["size"]),
        ({"size": "512x512"}, ["size"]),
        ({"size": "255*512"}, ["size"]),
        ({"size": "512*1537"}, ["size"]),
        ({"size": "0512*512"}, ["size"]),
        ({"images": ["a"] * 5}, ["images"]),
        ({"num_inference_steps": 51}, ["num_inference_steps"]),
        ({"guidance_scale": 0.5}, ["guidance_scale"]),
        ({"output_format": "gif"}, ["output_format"]),
        ({"steps": 3}, ["steps"]),
    ],
)
def test_requests_are_judged_by_the_generated_schema(sent: dict[str, Any], wrong: list[str]) -> None:
    """The schema lets right requests pass and names the parameter that is wrong, a trailing line break included."""
    schema = json.loads(committed("flux-1-kontext-dev"))
    assert [each.path[0] for each in validation.problems({"prompt": "x"} | sent, schema)] == wrong


def test_a_request_needs_a_prompt() -> None:
    """What the page marks as required is required."""
    found = validation.problems({"images": ["a"]}, json.loads(committed("flux-1-kontext-dev")))
    assert [each.message for each in found] == ["`prompt:` is missing here"]
