"""The other commands, and packages that bring operations and providers of their own."""

from __future__ import annotations

import json
from pathlib import Path

from click import Context
from PIL import Image

from runner.cli.main import cli
from tests.command import ROOT, retouch, run_json

PAGE = ROOT / "tests" / "pages" / "novita" / "flux-1-kontext-dev.rendered.md"
MODELS = ROOT / "schemas" / "models"


def test_help_lists_every_command(tmp_path: Path) -> None:
    """`--help` names each command, and each has a help of its own."""
    told = retouch("--help", cwd=tmp_path)
    for command in cli.list_commands(Context(cli)):
        assert f"  {command} " in told.stdout
        assert "Usage: retouch " + command in retouch(command, "--help", cwd=tmp_path).stdout


def test_models_lists_and_shows(tmp_path: Path) -> None:
    """All models with pictures and price; one with its settings; one that is not there with the nearest."""
    listed = retouch("models", cwd=tmp_path).stdout
    rows = [line.split() for line in listed.splitlines()]
    assert ["flux-1-kontext-dev", "FLUX.1", "Kontext", "Dev", "0", "to", "4", "0.0225,", "retired"] in rows
    assert ["image-eraser", "Image", "Eraser", "1", "to", "2", "not", "known"] in rows
    shown = retouch("models", "flux-1-kontext-dev", cwd=tmp_path).stdout
    assert "num_inference_steps" in shown
    assert "1 to 50" in shown
    assert "serves it only until 2026-08-19" in " ".join(shown.split())
    assert "NOVITA_BASE_URL" in shown
    wrong = retouch("models", "flux-1-kontext-def", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "did you mean `flux-1-kontext-dev`?" in wrong.stderr
    every = json.loads(retouch("models", "--json", cwd=tmp_path).stdout)
    retired = [each["model"] for each in every if each["retired"] == "2026-08-19"]
    assert retired == ["flux-1-kontext-dev", "flux-1-kontext-max", "flux-1-kontext-pro"]
    assert [each["model"] for each in every] == sorted(file.stem for file in MODELS.glob("*.json"))
    assert (
        json.loads(retouch("models", "flux-1-kontext-pro", "--json", cwd=tmp_path).stdout)["$id"]
        == "flux-1-kontext-pro.json"
    )


def test_a_model_from_a_page_runs(tmp_path: Path) -> None:
    """`schemas add`, a price, and the model is in recipes and on the emulator."""
    home = tmp_path
    (home / "retouch.toml").write_text("[prices]\nmy-model = 0.01\n", encoding="utf-8")
    added = retouch("schemas", "add", str(PAGE), "--name", "my-model", cwd=home)
    assert added.returncode == 0, added.stderr
    assert "my-model" in retouch("models", cwd=home).stdout
    (home / "r.yaml").write_text(
        "recipe: 1\nmodel: my-model\nseed: 1\nsteps:\n  - {name: a, prompt: A red kite, settings: {size: 512*256}}\n",
        encoding="utf-8",
    )
    answer = run_json("r.yaml", "-o", "out", cwd=home)
    with Image.open(home / answer["items"][0]["outputs"][0]) as image:
        assert image.size == (512, 256)


def test_a_page_that_seems_to_make_no_pictures_is_added_with_a_warning(tmp_path: Path) -> None:
    """Its answer names a task like every other one's, so only title and path can tell."""
    (tmp_path / "retouch.toml").touch()
    text = PAGE.read_text(encoding="utf-8").replace("FLUX.1 Kontext Dev", "Kontext Image to Video")
    (tmp_path / "film.md").write_text(text, encoding="utf-8")
    added = retouch("schemas", "add", "film.md", "--name", "film", cwd=tmp_path)
    assert added.returncode == 0
    assert "this seems to make videos or sounds" in added.stderr
    assert "seems to make" not in retouch("schemas", "add", str(PAGE), "--name", "mine", cwd=tmp_path).stderr


def test_pages_that_are_none_are_refused(tmp_path: Path) -> None:
    """A page without parameters, a missing one, and one of a GET endpoint end with 2 and words."""
    (tmp_path / "empty.md").write_text("# Nothing here\n", encoding="utf-8")
    empty = retouch("schemas", "read", "empty.md", cwd=tmp_path)
    assert (empty.returncode, empty.stdout) == (2, "")
    assert "no request parameters were found" in empty.stderr
    assert retouch("schemas", "read", "nope.md", cwd=tmp_path).returncode == 2
    task = ROOT / "tests" / "pages" / "novita" / "task-result.rendered.md"
    refused = retouch("schemas", "add", str(task), cwd=tmp_path)
    assert refused.returncode == 2
    assert "describes no model" in refused.stderr
    text = PAGE.read_text(encoding="utf-8").replace("prompt", "note").replace("image", "thing")
    (tmp_path / "none.md").write_text(text, encoding="utf-8")
    nothing = retouch("schemas", "add", "none.md", cwd=tmp_path)
    assert nothing.returncode == 2
    assert "describes no model: neither a prompt nor a picture is among its parameters" in nothing.stderr
    assert not (tmp_path / "schemas").exists()


def test_a_page_that_is_named_wrongly(tmp_path: Path) -> None:
    """An address without https, a folder, nothing at all: each with words that help."""
    (tmp_path / "docs").mkdir()
    for page, words in {
        "www.novita.example/docs/x": "write https:// in front: https://www.novita.example/docs/x",
        "docs": "docs is a folder",
        "docs/nope.md": "there is no file docs/nope.md",
        "": "no page is named",
    }.items():
        for command in ("read", "add", "check"):
            told = retouch("schemas", command, page, cwd=tmp_path)
            assert told.returncode == 2
            assert words in told.stderr


def test_a_name_that_recipes_cannot_write(tmp_path: Path) -> None:
    """The hint has the nearest name that they can."""
    for given, proposed in {"Seedream 4.5": "seedream-4-5", "x" * 50: "x" * 40, "__a": "a"}.items():
        refused = retouch("schemas", "add", str(PAGE), "--name", given, cwd=tmp_path)
        assert refused.returncode == 2
        assert f"`--name {proposed}`" in refused.stderr
    hopeless = retouch("schemas", "add", str(PAGE), "--name", "!", cwd=tmp_path)
    assert "name it with --name: a name has lower-case letters" in hopeless.stderr
    for given in ("", "model\n"):
        refused = retouch("schemas", "add", str(PAGE), "--name", given, cwd=tmp_path)
        assert (refused.returncode, "cannot be the name of a model" in refused.stderr) == (2, True)
    assert not (tmp_path / "schemas").exists()


def test_validate_tells_all_files_and_speaks_json(tmp_path: Path) -> None:
    """Problems of several files in one pass, in their order; as JSON for programs."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.yaml").write_text("recipe: 1\ntitel: x\nsteps: []\n", encoding="utf-8")
    told = retouch("validate", "b.yaml", "a.yaml", "nope.yaml", cwd=tmp_path)
    assert told.returncode == 2
    assert [line.split(":")[0] for line in told.stderr.splitlines() if line.startswith(("a.yaml", "b.yaml"))] == [
        "b.yaml", "b.yaml", "a.yaml", "a.yaml",
    ]  # fmt: skip
    assert "there is no recipe nope.yaml" in told.stderr
    answer = json.loads(retouch("validate", "a.yaml", "--format", "json", cwd=tmp_path).stdout)
    assert [each["location"]["line"] for each in answer["problems"]] == [2, 3]


def test_valid_recipes_are_valid(tmp_path: Path) -> None:
    """Every recipe of tests/recipes/valid passes, with exactly the warnings that stand beside it, if any."""
    folder = ROOT / "tests" / "recipes" / "valid"
    assert len(list(folder.glob("*.yaml"))) >= 2
    for file in sorted(folder.glob("*.yaml")):
        told = retouch("validate", file.name, cwd=folder)
        expected = file.with_suffix(".txt")
        assert told.returncode == 0, told.stderr
        assert told.stdout == "1 recipe checked: no problem found\n"
        assert told.stderr == (expected.read_text(encoding="utf-8") if expected.exists() else "")
        assert not (folder / ".retouch").exists()


MIRROR = '''
"""An operation from another package."""
import io

NAME = "mirror"
VERSION = 1
IMAGES = (1, 1)
PARAMS = {"type": "object", "additionalProperties": False, "properties": {}}


def apply(images, params):
    from PIL import Image, ImageOps

    out = io.BytesIO()
    ImageOps.mirror(Image.open(io.BytesIO(images[0]))).save(out, "PNG")
    return out.getvalue()
'''
ECHO = '''
"""A provider from another package: gives every picture back as it came."""
import base64

from runner.operation import Collected, Traffic


class Echo:
    name = "echo"
    realm = "paid"
    traffic = Traffic()
    origin = {"provider": "echo", "host": "here"}

    def __init__(self, table):
        self.word = table["word"]

    async def start(self, call):
        await call.witness.turn()
        await call.witness.sending("0" * 64)
        return {"picture": base64.b64encode(call.images[0]).decode(), "word": self.word}

    async def collect(self, ticket, finished):
        await finished(1, None)
        return Collected((base64.b64decode(ticket["picture"]),), None)

    async def close(self):
        return None


def build(schemas, table):
    assert "flux-1-kontext-dev" in schemas
    return Echo(table)
'''


def test_other_packages_bring_operations_and_providers(tmp_path: Path) -> None:
    """What runner/README.md says of entry points: an operation and a provider, installed beside retouch."""
    site = tmp_path / "site"
    (site / "guest-1.0.dist-info").mkdir(parents=True)
    (site / "guest-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n")
    (site / "guest-1.0.dist-info" / "entry_points.txt").write_text(
        "[retouch.operations]\nmirror = guest_mirror\n[retouch.providers]\necho = guest_echo:build\n"
    )
    (site / "guest_mirror.py").write_text(MIRROR)
    (site / "guest_echo.py").write_text(ECHO)
    home = tmp_path / "home"
    (home / ".retouch").mkdir(parents=True)
    (home / "retouch.toml").write_text('[echo]\nword = "hello"\n')
    picture = Image.new("RGB", (4, 2), "red")
    picture.paste("blue", (2, 0, 4, 2))
    picture.save(home / "photo.png")
    (home / "r.yaml").write_text(
        "recipe: 1\ninputs: {photo: {type: image}}\nmodel: flux-1-kontext-dev\nseed: 1\nsteps:\n"
        "  - {name: same, prompt: x}\n  - {name: turned, mirror: {}}\n"
    )
    env = {"PYTHONPATH": f"{ROOT}:{site}"}
    answer = run_json("r.yaml", "-i", "photo=photo.png", "--provider", "echo", "-o", "out", cwd=home, env=env)
    assert answer["provider"] == "echo"
    with Image.open(home / answer["items"][0]["outputs"][0]) as image:
        assert image.convert("RGB").getpixel((0, 0)) == (0, 0, 255)
