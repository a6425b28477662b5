"""`retouch validate` from outside: many files at once, each form of its answer, what other packages bring."""

from __future__ import annotations

import json
import re
from pathlib import Path

from runner.cli import examining
from tests.command import ROOT, retouch

GOOD = """\
recipe: 1
inputs: {photo: {type: image}}
model: flux-1-kontext-dev
steps:
  - name: warm
    prompt: Warm light.
"""
WRONG = GOOD.replace("prompt:", "promt:")
ODD = GOOD.replace("Warm light.", "50% more, :: so\n    settings: {guidance_scale: 99}")


def test_many_files_are_told_in_their_order(tmp_path: Path) -> None:
    """So many that several processes share them: nothing is lost, nothing comes twice, one broken file ends nothing."""
    count = 2 * examining.MANY + 7
    names = [f"r{number:04}.yaml" for number in range(count)]
    for number, name in enumerate(names):
        (tmp_path / name).write_text(WRONG if number % 20 == 3 else GOOD, encoding="utf-8")
    told = retouch("validate", *names, "gone.yaml", "--format", "json", cwd=tmp_path)
    assert told.returncode == 2, told.stderr
    answer = json.loads(told.stdout)
    wrong = [name for number, name in enumerate(names) if number % 20 == 3]
    assert [each["location"]["file"] for each in answer["problems"]] == wrong
    assert answer["errors"] == [
        {"file": "gone.yaml", "message": "there is no recipe gone.yaml", "hint": answer["errors"][0]["hint"]}
    ]
    assert "r0000.yaml" in answer["errors"][0]["hint"]
    right = [name for name in names if name not in wrong]
    assert retouch("validate", *right, cwd=tmp_path).stdout == f"{len(right)} recipes checked: no problem found\n"


def test_settings_that_are_wrong_are_told_once(tmp_path: Path) -> None:
    """`retouch.toml` belongs to all of them."""
    (tmp_path / "retouch.toml").write_text("concurency = 3\n", encoding="utf-8")
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(GOOD, encoding="utf-8")
    told = retouch("validate", "a.yaml", "b.yaml", cwd=tmp_path)
    assert told.returncode == 2
    assert told.stderr.count("unknown key `concurency`") == 1
    assert told.stderr.endswith("\n1 problem found\n")


def test_marks_for_a_pull_request(tmp_path: Path) -> None:
    """Each problem is one workflow command with its place; what stands in a recipe can neither end nor begin one."""
    (tmp_path / "a,b.yaml").write_text(WRONG, encoding="utf-8")
    (tmp_path / "odd.yaml").write_text(ODD + "  - name: '%0A::error::'\n    prompt: x\n", encoding="utf-8")
    unused = GOOD.replace("{photo: {type: image}}", "{photo: {type: image}, mood: {type: text}}")
    (tmp_path / "unused.yaml").write_text(unused, encoding="utf-8")
    told = retouch("validate", "a,b.yaml", "odd.yaml", "unused.yaml", "gone.yaml", "--format", "github", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (2, "")
    *lines, summary = told.stdout.splitlines()
    found = [re.fullmatch(r"::(error|warning) ([^:]*)::(.+)", line) for line in lines]
    assert all(found), lines
    first, *middle, warning, last = [each.groups() for each in found if each]
    assert first[:2] == ("error", "file=a%2Cb.yaml,line=6,col=5,endColumn=10,title=retouch")
    assert first[2].startswith("unknown key `promt`%0A")
    assert {level for level, *_ in middle} == {"error"}
    assert all("file=odd.yaml," in values for _, values, _ in middle)
    assert any("%25" in message for *_, message in middle)
    assert warning[0] == "warning"
    assert "file=unused.yaml,line=2," in warning[1]
    assert last[:2] == ("error", "title=retouch")
    assert "there is no recipe gone.yaml" in last[2]
    assert summary == f"{len(middle) + 2} problems found"
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    good = retouch("validate", "good.yaml", "--format", "github", cwd=tmp_path)
    assert (good.returncode, good.stdout) == (0, "1 recipe checked: no problem found\n")


def test_what_another_package_brings_is_looked_for_when_a_recipe_is_wrong_without_it(tmp_path: Path) -> None:
    """An operation of another package in one recipe, a mistake in another, nothing of either in a third."""
    about = tmp_path / "site" / "guest-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[retouch.operations]\nmirror = guest_mirror\n", encoding="utf-8")
    (about.parent / "guest_mirror.py").write_text(
        'NAME, VERSION, IMAGES = "mirror", 1, (1, 1)\n'
        'PARAMS = {"type": "object", "additionalProperties": False, "properties": {"axis": {"type": "string"}}}\n'
        "def apply(images, params):\n    return images[0]\n",
        encoding="utf-8",
    )
    env = {"PYTHONPATH": f"{ROOT}:{about.parent}"}
    mirrored = GOOD + "  - name: turned\n    mirror: {axis: x}\n"
    for name, text in (("good", GOOD), ("guest", mirrored), ("wrong", mirrored.replace("axis", "axes"))):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    fine = retouch("validate", "good.yaml", "guest.yaml", cwd=tmp_path, env=env)
    assert (fine.returncode, fine.stdout) == (0, "2 recipes checked: no problem found\n"), fine.stderr
    told = retouch("validate", "guest.yaml", "wrong.yaml", cwd=tmp_path, env=env)
    assert told.returncode == 2
    assert "wrong.yaml:8:14: unknown key `axes`" in told.stderr
    assert "guest.yaml" not in told.stderr
    assert "turned" not in retouch("validate", "good.yaml", cwd=tmp_path).stderr
