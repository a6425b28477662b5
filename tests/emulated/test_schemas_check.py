"""From a page to a schema and back: a page is added, used, edited, and `schemas check` names the edit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from runner import document
from tests.command import ROOT, retouch, run_json
from tests.website import site

PAGES = ROOT / "tests" / "pages" / "novita"
PAGE = (PAGES / "flux-1-kontext-pro.rendered.md").read_text(encoding="utf-8").partition("---\n\n")[2]
"""A page that does not state its own address."""
RECIPE = """\
recipe: 1
inputs:
  photo: {type: image}
model: shop-model
seed: 3
steps:
  - name: restyle
    prompt: Paint it
    settings:
      guidance_scale: 18
      aspect_ratio: "9:21"

  - name: again
    prompt: Once more
    settings: {aspect_ratio: "16:9"}

  - {name: other, model: flux-1-kontext-pro, prompt: Last, settings: {guidance_scale: 18}}
"""
EDITS = {
    "Range \\[1.0 ~ 20.0\\]": "Range \\[1.0 ~ 10.0\\]",
    "Default is 3.5": "Default is 4",
    ", `9:21`": "",
}


def edited(*only: str) -> str:
    """The page with the facts changed that `EDITS` tells, or with some of them."""
    text = PAGE
    for former in only or EDITS:
        assert former in text
        text = text.replace(former, EDITS[former])
    return text


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace with a page, the model made from it, and a recipe that uses it."""
    (tmp_path / ".retouch").mkdir()
    (tmp_path / "recipes").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "recipes" / "shop.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "retouch.toml").write_text("[prices]\nshop-model = 0.01\n", encoding="utf-8")
    added = retouch("schemas", "add", "docs/page.md", "--name", "shop-model", cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    return tmp_path


def schema_of(home: Path, name: str = "shop-model") -> dict[str, Any]:
    """A schema of the workspace's own."""
    found: dict[str, Any] = json.loads((home / "schemas" / "models" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_round_trip(home: Path) -> None:
    """Read, add, run, check against an edited copy, update, silence."""
    picture = home / "photo.png"
    shutil.copy(ROOT / "pipelines" / "samples" / "logo.png", picture)
    answer = run_json("recipes/shop.yaml", "-i", "photo=photo.png", "-o", "out", cwd=home)
    assert (home / answer["items"][0]["outputs"][0]).is_file()
    (home / "docs" / "page.md").write_text(edited(), encoding="utf-8")
    told = retouch("schemas", "check", "docs/page.md", cwd=home)
    assert told.stdout.splitlines() == [
        "shop-model: `guidance_scale` has the default `4` now, it was `3.5`",
        "shop-model: `guidance_scale` has the range 1 to 10 now, it was 1 to 20",
        "shop-model: `aspect_ratio` takes `9:21` no longer",
        "recipes/shop.yaml:10: `settings.guidance_scale`: has the default `4` now, it was `3.5` "
        "(it is set here, so nothing changes)",
        "recipes/shop.yaml:10: `settings.guidance_scale`: has the range 1 to 10 now, it was 1 to 20",
        "recipes/shop.yaml:11: `settings.aspect_ratio`: takes `9:21` no longer",
        "recipes/shop.yaml:13: `again`: leaves `guidance_scale` to the model: it has the default `4` now, it was `3.5`",
        "recipes/shop.yaml:15: `settings.aspect_ratio`: takes `9:21` no longer",
        "recipes/shop.yaml:10:23: no longer valid: `18` is too large: at most 10",
        "recipes/shop.yaml:11:21: no longer valid: `9:21` is not one of the choices",
    ]
    assert told.returncode == 1
    assert told.stderr.splitlines() == [
        "1 page read: 1 changed",
        "take the changes over with `retouch schemas check --update`",
    ]
    before = schema_of(home)
    updated = retouch("schemas", "check", "docs/page.md", "--update", cwd=home)
    assert updated.returncode == 0
    assert updated.stdout.splitlines()[:-1] == told.stdout.splitlines()
    assert updated.stdout.splitlines()[-1] == "schemas/models/shop-model.json: written"
    after = schema_of(home)
    assert after["properties"]["guidance_scale"] == before["properties"]["guidance_scale"] | {
        "default": 4, "maximum": 10,
    }  # fmt: skip
    assert (after["$id"], after["x-retouch"]["source"]) == ("shop-model.json", "docs/page.md")
    silent = retouch("schemas", "check", "docs/page.md", cwd=home)
    assert (silent.returncode, silent.stdout) == (0, "")
    assert silent.stderr == "1 page read: nothing has changed\n"
    assert retouch("validate", "recipes/shop.yaml", cwd=home).returncode == 2


def test_json(home: Path) -> None:
    """The same for a program, in one object, with the same exit code."""
    (home / "copy.md").write_text(edited("Default is 3.5"), encoding="utf-8")
    done = retouch("schemas", "check", "copy.md", "nope.md", "--json", cwd=home)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    (model,) = told["models"]
    assert (model["model"], model["source"], model["text_changed"], model["written"]) == (
        "shop-model", "docs/page.md", True, None,
    )  # fmt: skip
    assert model["changes"] == [
        {"kind": "default", "parameter": "guidance_scale", "now": "guidance_scale", "answer": False,
         "words": "`guidance_scale` has the default `4` now, it was `3.5`"}
    ]  # fmt: skip
    assert [(line["file"], line["line"], line["step"]) for line in told["recipes"]] == [
        ("recipes/shop.yaml", 10, "restyle"),
        ("recipes/shop.yaml", 13, "again"),
    ]
    assert told["errors"] == [{"model": None, "message": "there is no file nope.md", "hint": None, "code": 2}]


def test_only_words_changed(home: Path) -> None:
    """Another sentence is no drift; --update keeps the new digest."""
    (home / "docs" / "page.md").write_text(PAGE.replace("Was this page helpful", "Did this help"), encoding="utf-8")
    words = "shop-model: the text of its page has changed, and no fact with it\n"
    told = retouch("schemas", "check", "docs/page.md", cwd=home)
    assert (told.returncode, told.stdout) == (0, words)
    assert retouch("schemas", "check", "docs/page.md", "--update", cwd=home).returncode == 0
    assert retouch("schemas", "check", "docs/page.md", cwd=home).stdout == ""


def test_a_reader_that_reads_otherwise(home: Path) -> None:
    """A fact that differs although the page is the same comes from retouch itself, and is told so."""
    place = home / "schemas" / "models" / "shop-model.json"
    place.write_text(place.read_text(encoding="utf-8").replace('"maximum": 20', '"maximum": 30'), encoding="utf-8")
    told = retouch("schemas", "check", "docs/page.md", cwd=home)
    assert told.returncode == 1
    assert told.stdout.splitlines()[:2] == [
        "shop-model: `guidance_scale` has the range 1 to 20 now, it was 1 to 30",
        "shop-model: its page is the same as before; this version of retouch reads it otherwise",
    ]


def test_a_picture_that_is_named_otherwise(home: Path) -> None:
    """Then every step with the model is touched, at its own line, and stays valid: recipes never say it."""
    text = (
        PAGE.replace("param-images", "param-image").replace("\nimages\n", "\nimage\n").replace("string\\[\\]", "string")
    )
    text = text.replace('"images": [\\\n    "<string>"\\\n  ]', '"image": "<string>"')
    (home / "docs" / "page.md").write_text(text, encoding="utf-8")
    told = retouch("schemas", "check", "docs/page.md", cwd=home)
    changed = "`images` (list of at most 4, optional) is now `image` (text, optional)"
    assert told.stdout.splitlines() == [
        f"shop-model: {changed}",
        f"recipes/shop.yaml:7: `restyle`: {changed}",
        f"recipes/shop.yaml:13: `again`: {changed}",
    ]
    assert told.returncode == 1


def test_a_page_that_reads_worse_says_so(home: Path) -> None:
    """Where a fact is gone because the page contradicts itself, its warning stands beside the change."""
    text = PAGE.replace("Default is 3.5. Range", "Default is 3.5. Default is 5. Range")
    (home / "docs" / "page.md").write_text(text, encoding="utf-8")
    told = retouch("schemas", "check", "docs/page.md", cwd=home).stdout
    assert "shop-model: `guidance_scale` has no default any more, it was `3.5`" in told
    assert "shop-model: the page was read with a warning: `guidance_scale`" in told


def test_an_endpoint_that_moved_and_one_that_is_required(home: Path) -> None:
    """Both touch whole steps; a page that names no endpoint leaves the former one alone."""
    text = PAGE.replace("/v3/async/flux-1-kontext-pro", "/v4/flux-1-kontext-pro").replace(
        "\nguidance\\_scale\n\nnumber\n", "\nguidance\\_scale\n\nnumber\n\nrequired\n"
    )
    (home / "docs" / "page.md").write_text(text, encoding="utf-8")
    told = retouch("schemas", "check", "docs/page.md", cwd=home).stdout.splitlines()
    moved = "the request goes to POST /v4/flux-1-kontext-pro now, it went to POST /v3/async/flux-1-kontext-pro"
    assert f"shop-model: {moved}" in told
    assert f"recipes/shop.yaml:7: `restyle`: {moved}" in told
    assert "recipes/shop.yaml:10: `settings.guidance_scale`: is required now" in told
    assert "recipes/shop.yaml:13: `again`: `guidance_scale` is required now" in told
    source = (PAGES / "flux-1-kontext-pro.mdx.md").read_text(encoding="utf-8")
    (home / "docs" / "page.md").write_text(source, encoding="utf-8")
    again = retouch("schemas", "check", "docs/page.md", "--update", cwd=home)
    assert "the request goes to" not in again.stdout
    assert schema_of(home)["x-retouch"]["path"] == "/v3/async/flux-1-kontext-pro"


def test_which_recipes_are_looked_at(home: Path) -> None:
    """Not those of results, hidden folders, environments and other workspaces; a broken one is named.

    What was wrong with a recipe before is not told again.
    """
    for folder in ("out/run", ".hidden", "node_modules/x", "venv", "inner", "recipes/deep"):
        (home / folder).mkdir(parents=True)
        (home / folder / "copy.yml").write_text(RECIPE, encoding="utf-8")
    (home / "venv" / "pyvenv.cfg").touch()
    (home / "inner" / "retouch.toml").touch()
    (home / "recipes" / "broken.yaml").write_text("recipe: 1\nmodel: shop-model\nsteps: [\n", encoding="utf-8")
    wrong = RECIPE.replace("Paint it", "Paint {{ nothing }}").replace("18", "9")
    (home / "recipes" / "wrong.yaml").write_text(wrong, encoding="utf-8")
    (home / "recipes" / "strange.yaml").write_text("recipes: 1\nmodel: shop-model\n", encoding="utf-8")
    (home / "docs" / "page.md").write_text(edited("Range \\[1.0 ~ 20.0\\]"), encoding="utf-8")
    told = retouch("schemas", "check", "docs/page.md", cwd=home)
    files = {line.split(":")[0] for line in told.stdout.splitlines()} - {"shop-model"}
    assert files == {"recipes/shop.yaml", "recipes/deep/copy.yml", "recipes/wrong.yaml"}
    invalid = [line.split(":")[0] for line in told.stdout.splitlines() if "no longer valid" in line]
    assert invalid == ["recipes/deep/copy.yml", "recipes/shop.yaml"]
    assert "recipes/broken.yaml" in told.stderr
    assert "strange" not in told.stderr


def test_pages_nobody_knows(home: Path) -> None:
    """All pages are tried; what is no page, lost its markup or belongs to no model ends with 2."""
    (home / "lost.md").write_text("guidance_scale number Default is 3.5\n", encoding="utf-8")
    (home / "new.md").write_text(PAGE.replace("flux-1-kontext-pro", "brand-new"), encoding="utf-8")
    told = retouch("schemas", "check", "lost.md", "new.md", "nope.md", "docs/page.md", cwd=home)
    assert told.returncode == 2
    assert "no request parameters were found in lost.md" in told.stderr
    assert "no model that is known here was made from new.md" in told.stderr
    assert "make it known with `retouch schemas add`" in told.stderr
    assert "there is no file nope.md" in told.stderr
    assert "1 page read, 3 could not be read: nothing has changed" in told.stderr


def test_a_page_at_an_address(home: Path) -> None:
    """Read, added and checked from its address; a copy on disk does not take the address's place."""
    with site(home / "docs") as served:
        address = f"{served.address}/page.md"
        assert json.loads(retouch("schemas", "read", address, cwd=home).stdout)["x-retouch"]["source"] == address
        assert retouch("schemas", "add", address, "--name", "from-afar", cwd=home).returncode == 0
        (home / "docs" / "page.md").write_text(edited("Default is 3.5"), encoding="utf-8")
        told = retouch("schemas", "check", address, cwd=home)
        assert told.stdout == "from-afar: `guidance_scale` has the default `4` now, it was `3.5`\n"
        assert retouch("schemas", "check", address, "--update", cwd=home).returncode == 0
        assert schema_of(home, "from-afar")["x-retouch"]["source"] == address
    away = retouch("schemas", "check", address, "docs/page.md", cwd=home)
    assert away.returncode == 1
    assert "127.0.0.1 cannot be reached" in away.stderr
    assert retouch("schemas", "check", address, cwd=home).returncode == 5
    (home / "copy.md").write_text(edited(), encoding="utf-8")
    assert retouch("schemas", "check", "copy.md", "--update", cwd=home).returncode == 0
    assert schema_of(home)["x-retouch"]["source"] == "copy.md"
    assert schema_of(home, "from-afar")["properties"]["guidance_scale"]["maximum"] == 10
    assert schema_of(home, "from-afar")["x-retouch"]["source"] == address


def test_add_does_not_take_anothers_place(home: Path) -> None:
    """The same page again is welcome; another one needs --replace."""
    assert retouch("schemas", "add", "docs/page.md", "--name", "shop-model", cwd=home).returncode == 0
    (home / "other.md").write_text(edited(), encoding="utf-8")
    refused = retouch("schemas", "add", "other.md", "--name", "shop-model", cwd=home)
    assert refused.returncode == 2
    assert "is there already, and was made from docs/page.md" in refused.stderr
    assert schema_of(home)["properties"]["guidance_scale"]["default"] == 3.5
    assert retouch("schemas", "add", "other.md", "--name", "shop-model", "--replace", cwd=home).returncode == 0
    assert schema_of(home)["properties"]["guidance_scale"]["default"] == 4
    assert schema_of(home)["x-retouch"]["source"] == "other.md"


def test_add_says_what_it_takes_for_granted(home: Path) -> None:
    """A page without an endpoint, and a name that comes with retouch."""
    source = (PAGES / "flux-1-kontext-pro.mdx.md").read_text(encoding="utf-8")
    (home / "flux-1-kontext-pro.mdx.md").write_text(source, encoding="utf-8")
    told = retouch("schemas", "add", "flux-1-kontext-pro.mdx.md", cwd=home)
    assert told.returncode == 0
    assert "as for other tasks, /v3/async/flux-1-kontext-pro is taken" in told.stderr
    assert "takes the place of the `flux-1-kontext-pro` that comes with retouch" in told.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of retouch's own repository with two models, whose pages lie in the folder `pages`."""
    place = tmp_path / "checkout"
    for folder in ("runner", "schemas"):
        shutil.copytree(ROOT / folder, place / folder, ignore=shutil.ignore_patterns("__pycache__", "models"))
    for folder in ("schemas/models", ".git", "pages"):
        (place / folder).mkdir()
    for name in ("flux-1-kontext-dev", "flux-1-kontext-pro", "task-result"):
        shutil.copy(PAGES / f"{name}.rendered.md", place / "pages" / f"{name}.md")
    return place


def point_to(checkout: Path, address: str) -> None:
    """Let catalogue and task-result name pages at this address."""
    models = "".join(
        f"  {name}: {{provider: novita, price: 0.01, page: {address}/{name}.md}}\n"
        for name in ("flux-1-kontext-dev", "flux-1-kontext-pro")
    )
    text = f"currency: USD\nmodels:\n{models}"
    (checkout / "schemas" / "catalog.yaml").write_text(text, encoding="utf-8")
    result = checkout / "schemas" / "task-result.json"
    schema = json.loads(result.read_text(encoding="utf-8"))
    schema["x-retouch"]["source"] = f"{address}/task-result.md"
    result.write_text(json.dumps(schema), encoding="utf-8")


def test_the_checkout_builds_and_checks_everything(checkout: Path) -> None:
    """`build` makes every schema from its address; `check` reads them all again, the task's result too."""
    env = {"PYTHONPATH": str(checkout)}
    with site(checkout / "pages") as served:
        point_to(checkout, served.address)
        stranger = checkout / "schemas" / "models" / "old-model.json"
        shutil.copy(ROOT / "schemas" / "models" / "flux-1-kontext-max.json", stranger)
        built = retouch("schemas", "build", cwd=checkout, env=env)
        assert built.returncode == 0, built.stderr
        assert {file.name for file in (checkout / "schemas" / "models").iterdir()} == {
            "flux-1-kontext-dev.json", "flux-1-kontext-pro.json",
        }  # fmt: skip
        assert "old-model.json: not in the catalogue, removed" in built.stderr
        quiet = retouch("schemas", "check", cwd=checkout, env=env)
        assert (quiet.returncode, quiet.stdout) == (0, "")
        assert quiet.stderr == "3 pages read: nothing has changed\n"

        page = checkout / "pages" / "task-result.md"
        page.write_text(page.read_text(encoding="utf-8").replace("eta", "wait"), encoding="utf-8")
        (checkout / "pages" / "flux-1-kontext-dev.md").unlink()
        told = retouch("schemas", "check", cwd=checkout, env=env)
        assert told.returncode == 1
        assert "task-result: the answer's `task.eta` is gone" in told.stdout
        assert "flux-1-kontext-dev: the page" in told.stderr
        assert "2 pages read, 1 could not be read: 1 changed" in told.stderr
        taken = retouch("schemas", "check", "--update", cwd=checkout, env=env)
        assert taken.returncode == 2
        assert "schemas/task-result.json: written" in taken.stdout
        assert "retouch schemas build --recipe" in taken.stderr

        former = {file: file.read_bytes() for file in (checkout / "schemas").rglob("*.json")}
        failed = retouch("schemas", "build", cwd=checkout, env=env)
        assert failed.returncode == 2
        assert "flux-1-kontext-dev.md is gone" in failed.stderr
    assert {file: file.read_bytes() for file in (checkout / "schemas").rglob("*.json")} == former
    away = retouch("schemas", "check", cwd=checkout, env=env)
    assert away.returncode == 5
    assert away.stderr.startswith("retouch: flux-1-kontext-dev, flux-1-kontext-pro, task-result: 127.0.0.1 cannot")
    assert not list((checkout / "schemas").rglob("*.part"))


def test_a_shipped_model_is_updated_beside_the_recipes(checkout: Path, tmp_path: Path) -> None:
    """In a workspace of one's own a new schema of a shipped model goes there, and the shipped one stays."""
    env = {"PYTHONPATH": str(checkout)}
    place = tmp_path / "mine"
    (place / ".retouch").mkdir(parents=True)
    with site(checkout / "pages") as served:
        point_to(checkout, served.address)
        assert retouch("schemas", "build", cwd=checkout, env=env).returncode == 0
        shipped = checkout / "schemas" / "models" / "flux-1-kontext-pro.json"
        before = shipped.read_bytes()
        page = checkout / "pages" / "flux-1-kontext-pro.md"
        page.write_text(page.read_text(encoding="utf-8").replace("Default is 3.5", "Default is 4"), encoding="utf-8")
        told = retouch("schemas", "check", "--update", cwd=place, env=env)
        assert told.returncode == 0
        assert told.stdout.splitlines() == [
            "flux-1-kontext-pro: `guidance_scale` has the default `4` now, it was `3.5`",
            "schemas/models/flux-1-kontext-pro.json: written",
        ]
        assert shipped.read_bytes() == before
        assert retouch("schemas", "check", cwd=place, env=env).stdout == ""
    assert schema_of(place, "flux-1-kontext-pro")["properties"]["guidance_scale"]["default"] == 4


def test_build_of_the_recipe_alone(home: Path) -> None:
    """`--recipe` knows the shipped models and the workspace's own; it goes with no pages."""
    assert retouch("schemas", "build", "--recipe", cwd=home).returncode == 0
    schema = (home / "schemas" / "recipe.schema.json").read_text(encoding="utf-8")
    assert '"shop-model"' in schema
    assert '"flux-1-kontext-pro"' in schema
    both = retouch("schemas", "build", "--recipe", "--pages", "docs", cwd=home)
    assert (both.returncode, "--recipe reads no pages" in both.stderr) == (2, True)


WORKFLOW = document.read(ROOT / ".github" / "workflows" / "schemas.yml").data


def test_the_workflow_may_only_read() -> None:
    """It runs weekly and by hand, and can write nothing."""
    assert set(WORKFLOW["on"]) == {"schedule", "workflow_dispatch"}
    assert WORKFLOW["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(
    ("code", "title"),
    [(0, "The pages say what they said"), (1, "The pages have changed"), (5, "Some pages could not be read")],
)
def test_the_workflow_tells_in_its_summary(tmp_path: Path, code: int, title: str) -> None:
    """The last step as it stands, with a stand-in for the command: words in the summary, and the command's code."""
    import os
    import subprocess

    command = tmp_path / "bin" / "retouch"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\necho "said: $*"\necho problem >&2\nexit {code}\n', encoding="utf-8")
    command.chmod(0o755)
    env = {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    script = WORKFLOW["jobs"]["check"]["steps"][-1]["run"]
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=env, check=False, timeout=60)
    assert done.returncode == code
    summary = (tmp_path / "summary").read_text(encoding="utf-8")
    assert summary == f"## {title}\n~~~~~~text\nsaid: schemas check\nproblem\n~~~~~~\n"
