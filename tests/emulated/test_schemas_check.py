"""From a page to a schema and back: a page is added, used, edited, and `schemas check` names the edit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
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
        "  How closely the picture must follow the prompt. Low leaves the model more freedom, high can look forced.",
        "recipes/shop.yaml:11:21: no longer valid: `9:21` is not one of the choices",
        "  did you mean `9:16`? one of: 21:9, 16:9, 4:3, 3:2, 1:1, 2:3, 3:4, 9:16",
    ]
    assert told.returncode == 1
    assert told.stderr.splitlines() == [
        "1 page read: 1 changed",
        "take the changes over with the same command and `--update`",
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


def test_what_only_values_tell(home: Path) -> None:
    """A recipe whose settings come from inputs with defaults is no longer valid either; the hint stands below."""
    recipe = """\
recipe: 1
inputs:
  photo: {type: image}
  strength: {type: number, default: 18}
  shape: {type: text, default: "9:21"}
model: shop-model
seed: 3
steps:
  - name: restyle
    prompt: Paint it
    settings: {guidance_scale: "{{ strength }}", aspect_ratio: "{{ shape }}"}
"""
    (home / "recipes" / "shop.yaml").write_text(recipe, encoding="utf-8")
    assert retouch("validate", "recipes/shop.yaml", cwd=home).returncode == 0
    (home / "docs" / "page.md").write_text(edited(), encoding="utf-8")
    told = retouch("schemas", "check", "docs/page.md", cwd=home).stdout.splitlines()
    (at,) = [number for number, line in enumerate(told) if "no longer valid: `9:21`" in line]
    assert told[at].startswith("recipes/shop.yaml:11:")
    assert told[at + 1].startswith("  ")
    assert sum("no longer valid" in line for line in told) == 2


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
    files = {line.split(":")[0] for line in told.stdout.splitlines() if line[0] != " "} - {"shop-model"}
    assert files == {"recipes/shop.yaml", "recipes/deep/copy.yml", "recipes/wrong.yaml"}
    invalid = [line.split(":")[0] for line in told.stdout.splitlines() if "no longer valid" in line]
    assert invalid == ["recipes/deep/copy.yml", "recipes/shop.yaml"]
    assert "recipes/broken.yaml" in told.stderr
    assert "strange" not in told.stderr


def test_workspaces_inside_are_named(home: Path) -> None:
    """Their recipes and models are not looked at, which must not be silent, whether or not something changed."""
    for folder, name in (("shop", "a.yaml"), ("shop/deep", "b.yaml"), ("models/schemas/models", "m.json")):
        (home / folder).mkdir(parents=True)
        (home / folder / name).write_text(RECIPE, encoding="utf-8")
    for mark in ("shop", "models", "empty", "shop/deep"):
        (home / mark).mkdir(exist_ok=True)
        (home / mark / "retouch.toml").touch()
    told = retouch("schemas", "check", "docs/page.md", cwd=home)
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr.splitlines()[-2:] == [
        "models, shop: workspaces of their own, whose models and recipes were not looked at; "
        "run the same command there",
        "1 page read: nothing has changed",
    ]
    answer = retouch("schemas", "check", "docs/page.md", "--json", cwd=home / "recipes")
    assert json.loads(answer.stdout)["passed_by"] == ["../models", "../shop"]


def test_the_recipe_schema_of_a_workspace_is_not_forgotten(home: Path) -> None:
    """Once it is there, what no longer agrees with it says so, with the command that works from this very folder."""
    assert retouch("schemas", "build", "--recipe", cwd=home).returncode == 0
    again = retouch("schemas", "add", "docs/page.md", "--name", "shop-model", cwd=home)
    assert "build --recipe" not in again.stderr
    added = retouch("schemas", "add", "docs/page.md", "--name", "another", cwd=home)
    words = "bring schemas/recipe.schema.json up to date with `retouch schemas build --recipe`"
    assert words in added.stderr
    assert retouch("schemas", "build", "--recipe", cwd=home).returncode == 0
    (home / "docs" / "page.md").write_text(edited(), encoding="utf-8")
    updated = retouch("schemas", "check", "../docs/page.md", "--update", cwd=home / "recipes")
    words = "bring ../schemas/recipe.schema.json up to date with `retouch schemas build --recipe -o ../schemas`"
    assert words in updated.stderr
    assert retouch("schemas", "build", "--recipe", "-o", "../schemas", cwd=home / "recipes").returncode == 0


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


def test_a_reader_of_the_former_schema_keeps_it_whole(home: Path) -> None:
    """A new schema takes the place of the former file; whoever has that open reads all of it."""
    (home / "docs" / "page.md").write_text(edited(), encoding="utf-8")
    with (home / "schemas" / "models" / "shop-model.json").open(encoding="utf-8") as former:
        assert retouch("schemas", "check", "docs/page.md", "--update", cwd=home).returncode == 0
        assert json.load(former)["properties"]["guidance_scale"]["maximum"] == 20
    assert schema_of(home)["properties"]["guidance_scale"]["maximum"] == 10


def test_pipes_and_schemas_without_a_page(home: Path) -> None:
    """Neither a pipe that looks like a recipe, nor one that a schema names, is waited for; each model is told."""
    os.mkfifo(home / "recipes" / "pipe.yaml")
    os.mkfifo(home / "docs" / "pipe.md")
    own, models = schema_of(home), home / "schemas" / "models"
    shipped = [file.stem for file in (ROOT / "schemas" / "models").glob("*.json")]
    for name, source in [("shop-model", "docs/pipe.md"), ("bare", None), *((name, None) for name in shipped)]:
        text = json.dumps(own | {"x-retouch": own["x-retouch"] | {"source": source}})
        (models / f"{name}.json").write_text(text, encoding="utf-8")
    (home / "docs" / "page.md").write_text(edited(), encoding="utf-8")
    told = retouch("schemas", "check", cwd=home)
    assert told.returncode == 2
    assert "shop-model: docs/pipe.md is no file that can be read" in told.stderr
    assert ", bare: its schema does not say which page it was made from" in told.stderr
    (models / "shop-model.json").write_text(json.dumps(own), encoding="utf-8")
    assert "recipes/shop.yaml:10" in retouch("schemas", "check", "docs/page.md", cwd=home).stdout


def test_an_address_is_stored_without_what_stands_behind_it(home: Path) -> None:
    """No fragment; an address with a query is refused, and what stands in it is told nowhere."""
    with site(home / "docs") as served:
        address = f"{served.address}/page.md"
        assert retouch("schemas", "add", f"{address}#param-size", "--name", "from-afar", cwd=home).returncode == 0
        for command in ("read", "add", "check"):
            refused = retouch("schemas", command, f"{address}?key=secret", cwd=home)
            assert refused.returncode == 2
            assert f"{address} has a query behind it" in refused.stderr
            assert "secret" not in refused.stdout + refused.stderr
    assert schema_of(home, "from-afar")["x-retouch"]["source"] == address


@pytest.mark.parametrize("path", ["/v3/../x", "//other.example/x", "/v3/x?a=b", "/v3/@x", "v3/x", "/v3/ü"])
def test_paths_that_lead_elsewhere(home: Path, path: str) -> None:
    """By `--path` or on the page itself: the key goes wherever a path leads."""
    page = (PAGES / "flux-1-kontext-pro.mdx.md").read_text(encoding="utf-8")
    (home / "silent.md").write_text(page, encoding="utf-8")
    refused = retouch("schemas", "add", "silent.md", "--path", path, cwd=home)
    assert refused.returncode == 2
    assert "is no path: it" in refused.stderr
    assert not (home / "schemas" / "models" / "silent.json").exists()


def test_a_page_s_own_path_is_held_against_the_same_rule(home: Path) -> None:
    """A page cannot climb either."""
    text = PAGE.replace("/v3/async/flux-1-kontext-pro", "/v3/../flux-1-kontext-pro")
    (home / "climbs.md").write_text(text, encoding="utf-8")
    refused = retouch("schemas", "add", "climbs.md", cwd=home)
    assert refused.returncode == 2
    assert "requests go to /v3/../flux-1-kontext-pro, which no request can: it climbs with dots" in refused.stderr


def test_a_page_of_another_host_is_a_warning(home: Path) -> None:
    """Requests and the key go to the provider alone, which need not know that model."""
    words = "warning: the page sends requests to api.example.test; retouch sends them to"
    told = retouch("schemas", "add", "docs/page.md", "--name", "other", cwd=home)
    assert (told.returncode, f"{words} api.novita.ai" in told.stderr) == (0, True)
    mine = retouch("schemas", "add", "docs/page.md", cwd=home, env={"NOVITA_BASE_URL": "https://mine.example"})
    assert f"{words} mine.example" in mine.stderr
    (home / "own.md").write_text(PAGE.replace("api.example.test", "api.novita.ai"), encoding="utf-8")
    own = retouch("schemas", "add", "own.md", "--name", "own", cwd=home)
    assert (own.returncode, "the page sends requests" in own.stderr) == (0, False)


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
        assert "retouch schemas build --recipe" not in taken.stderr  # no recipe speaks of the task's result

        former = {file: file.read_bytes() for file in (checkout / "schemas").rglob("*.json")}
        failed = retouch("schemas", "build", cwd=checkout, env=env)
        assert failed.returncode == 2
        assert "flux-1-kontext-dev.md is gone" in failed.stderr
    assert {file: file.read_bytes() for file in (checkout / "schemas").rglob("*.json")} == former
    away = retouch("schemas", "check", cwd=checkout, env=env)
    assert away.returncode == 5
    assert away.stderr.startswith("retouch: flux-1-kontext-dev, flux-1-kontext-pro, task-result: 127.0.0.1 cannot")
    assert not list((checkout / "schemas").rglob("*.part"))


def test_the_checkout_takes_no_pages_of_one_s_own(checkout: Path) -> None:
    """Its schemas come from the catalogue; whoever adds one there has lost the way."""
    page = "pages/flux-1-kontext-pro.md"
    refused = retouch("schemas", "add", page, "--name", "mine", cwd=checkout, env={"PYTHONPATH": str(checkout)})
    assert (refused.returncode, "this folder is retouch itself" in refused.stderr) == (2, True)
    assert not (checkout / "schemas" / "models" / "mine.json").exists()


def test_build_leaves_what_is_someone_s_own(home: Path) -> None:
    """In a workspace every model of the catalogue is made; those beside them stay."""
    before = schema_of(home)
    built = retouch("schemas", "build", "--pages", str(PAGES), cwd=home)
    assert built.returncode == 0, built.stderr
    assert "shop-model.json: not in the catalogue, left as it is" in built.stderr
    assert schema_of(home) == before
    assert schema_of(home, "flux-1-kontext-pro")["$id"] == "flux-1-kontext-pro.json"


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
    command = tmp_path / "bin" / "retouch"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\necho "said: $*"\necho problem >&2\nexit {code}\n', encoding="utf-8")
    command.chmod(0o755)
    env = {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    last = WORKFLOW["jobs"]["check"]["steps"][-1]
    assert last["working-directory"] == "${{ vars.RETOUCH_FOLDER || '.' }}"
    script = last["run"]
    shell = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(shell, cwd=tmp_path, env=env, check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == code
    summary = (tmp_path / "summary").read_text(encoding="utf-8")
    assert summary == f"## {title}\n\n    said: schemas check\n    problem\n"
    first, *_, last_line = done.stdout.splitlines()
    assert first.startswith("::stop-commands::")
    assert last_line == f"::{first.removeprefix('::stop-commands::')}::"
