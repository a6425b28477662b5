"""`retouch new`: from a few answers, or none, to a recipe that is one's own and has no problem."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from runner.starters import starters
from tests.command import retouch, run_json
from tests.terminal import CTRL_C, CTRL_D, typed


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """An empty folder but for a picture, a text that pretends to be one, and a folder."""
    folder = tmp_path / "shop"
    folder.mkdir()
    Image.new("RGB", (640, 480), "teal").save(folder / "photo.jpg")
    (folder / "notes.jpg").write_text("no picture", encoding="utf-8")
    return folder


def files(folder: Path) -> list[str]:
    """Every file below a folder, by its path from there."""
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())


@pytest.mark.parametrize("starter", [*starters()])
def test_every_starter_makes_a_recipe(starter: str, tmp_path: Path) -> None:
    """In an empty folder, without a question: it is written, in order, has no problem and no warning, and plans."""
    done = retouch("new", "My own", "--from", starter, "--yes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    checked = retouch("validate", "my-own.yaml", cwd=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert retouch("plan", "my-own.yaml", cwd=tmp_path).returncode == 0
    assert retouch("fmt", "--check", "my-own.yaml", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("starter", ["one-edit", "postcard"])
def test_the_first_starters_run(starter: str, tmp_path: Path) -> None:
    """Those that are no shipped recipes; the others run in tests of their own."""
    assert retouch("new", "--from", starter, "--yes", cwd=tmp_path).returncode == 0
    assert run_json(f"{starter}.yaml", "-o", "out", cwd=tmp_path)["items"]


def test_without_a_question(shop: Path) -> None:
    """All that can be asked can be said with options; the recipe has it, and tells which files were written."""
    words = ["--from", "postcard", "-i", "photo=photo.jpg", "-i", 'place=Say "hi": {{ x }}', "--budget", "$0,5"]
    done = retouch("new", "My card", *words, "--model", "flux-1-kontext-max", "--seed", "none", "--yes", cwd=shop)
    assert done.returncode == 0, done.stderr
    assert files(shop) == ["my-card.yaml", "notes.jpg", "photo.jpg", "schemas/recipe.schema.json"]
    text = (shop / "my-card.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schemas/recipe.schema.json\n")
    for line in [
        "title: My card",
        "    default: photo.jpg",
        r'    default: "Say \"hi\": {{ x }}"',
        "model: flux-1-kontext-max",
        "budget: 0.50 USD",
        "# seed: 1900",
        "#   retouch run my-card.yaml",
    ]:
        assert line in text.splitlines()
    assert "  my-card.yaml                your recipe\n" in done.stdout
    assert "retouch run my-card.yaml" in done.stdout


def test_with_answers(shop: Path) -> None:
    """Each answer is checked at once, and asked for again in words when it will not do."""
    answers = ["9", "postcrd", "postcard", "?!", "My card", "phto.jpg", "notes.jpg", "photo.jpg", "x" * 50, "Porto"]
    screen = typed("new", answers=[*answers, "3", "1.5 euro", "0.3", "perhaps", "n"], cwd=shop)
    assert screen.returncode == 0, screen.text
    for words in [
        "there is no `9`",
        "did you mean `postcard`?",
        "no file can be called `?!`",
        "there is no file phto.jpg\n  did you mean photo.jpg?",
        "notes.jpg: this file is text",
        "expected: a text of 1 to 40 characters, not 50",
        "`1.5 euro` is no sum of money",
        "answer yes or no",
        "my-card.yaml                your recipe",
    ]:
        assert words in screen.text
    text = (shop / "my-card.yaml").read_text(encoding="utf-8")
    for words in ["default: photo.jpg", "default: Porto", "model: flux-1-kontext-pro", "budget: 0.30 USD", "# seed: "]:
        assert words in text
    assert max(map(len, screen.text.splitlines())) <= 130  # a path that was typed may be long
    assert retouch("validate", "my-card.yaml", cwd=shop).returncode == 0


def test_enter_takes_every_default(shop: Path) -> None:
    """Enter alone gives what `--yes` gives."""
    screen = typed("new", answers=[""] * 7, cwd=shop)
    assert screen.returncode == 0, screen.text
    asked = (shop / "one-edit.yaml").read_bytes()
    (shop / "one-edit.yaml").unlink()
    assert retouch("new", "--yes", cwd=shop).returncode == 0
    assert (shop / "one-edit.yaml").read_bytes() == asked


@pytest.mark.parametrize("columns", [50, 80])
def test_questions_fit_the_terminal(shop: Path, columns: int) -> None:
    """No line of ours is wider than the terminal."""
    screen = typed("new", answers=["2", *[""] * 6], cwd=shop, columns=columns)
    lines = screen.text.partition("Written, and checked")[0].splitlines()
    assert [line for line in lines if len(line) > columns] == []


@pytest.mark.parametrize("end", [CTRL_C, CTRL_D])
@pytest.mark.parametrize("before", [0, 5])
def test_who_leaves_leaves_nothing_behind(shop: Path, before: int, end: str) -> None:
    """Ctrl-C, or the end of the input, at any question: no file is written, and that is said."""
    there = files(shop)
    screen = typed("new", answers=[*[""] * before, end], cwd=shop)
    assert screen.returncode == 130
    assert "nothing was written" in screen.text
    assert files(shop) == there


@pytest.mark.parametrize("name", ["my-card.yaml", "My card"])
def test_no_file_is_overwritten(shop: Path, name: str) -> None:
    """However the name is spelt; another one is named."""
    (shop / "my-card.yaml").write_text("mine\n", encoding="utf-8")
    done = retouch("new", name, "--yes", cwd=shop)
    assert done.returncode == 2
    assert "my-card.yaml is there already" in done.stderr
    assert "my-card-2" not in files(shop)
    assert (shop / "my-card.yaml").read_text(encoding="utf-8") == "mine\n"


def test_a_link_that_leads_nowhere_is_there_already(shop: Path) -> None:
    """It would be written through."""
    (shop / "card.yaml").symlink_to(shop / "elsewhere.yaml")
    done = retouch("new", "card", "--yes", cwd=shop)
    assert done.returncode == 2
    assert not (shop / "elsewhere.yaml").exists()


def test_a_default_name_that_is_taken_gets_a_number(shop: Path) -> None:
    """`retouch new --yes` works any number of times."""
    for _ in range(3):
        assert retouch("new", "--yes", cwd=shop).returncode == 0
    assert {"one-edit.yaml", "one-edit-2.yaml", "one-edit-3.yaml", "samples/house.jpg"} <= {*files(shop)}


def test_another_picture_of_the_sample_s_name_is_left_alone(shop: Path) -> None:
    """The sample goes beside it under a number, and the recipe names that."""
    (shop / "samples").mkdir()
    shutil.copy(shop / "photo.jpg", shop / "samples" / "house.jpg")
    assert retouch("new", "card", "--yes", cwd=shop).returncode == 0
    assert (shop / "samples" / "house.jpg").read_bytes() == (shop / "photo.jpg").read_bytes()
    assert "default: samples/house-2.jpg" in (shop / "card.yaml").read_text(encoding="utf-8")


def test_a_picture_from_elsewhere_is_copied(shop: Path, tmp_path: Path) -> None:
    """A recipe's own pictures lie in its workspace; one from outside comes along, whatever it is called."""
    shutil.copy(shop / "photo.jpg", tmp_path / "My: Photo.JPG")
    done = retouch("new", "card", "-i", "photo=../My: Photo.JPG", "--yes", cwd=shop)
    assert done.returncode == 0, done.stderr
    assert "default: My-Photo.jpg" in (shop / "card.yaml").read_text(encoding="utf-8")
    assert (shop / "My-Photo.jpg").read_bytes() == (shop / "photo.jpg").read_bytes()


def test_names_that_are_no_letters(shop: Path) -> None:
    """Bytes that are no text: a recipe cannot be called so, and a picture that is comes along under another name."""
    assert "no file can be called" in retouch("new", os.fsdecode(b"mug\xff"), "--yes", cwd=shop).stderr
    odd = os.fsdecode(b"odd\xff.jpg")
    shutil.copy(shop / "photo.jpg", shop / odd)
    done = retouch("new", "card", "-i", f"photo={odd}", "--yes", cwd=shop)
    assert done.returncode == 0, done.stderr
    assert "default: odd.jpg" in (shop / "card.yaml").read_text(encoding="utf-8")


def test_a_path_as_file_managers_paste_it(shop: Path) -> None:
    """Dragged onto a terminal, a path comes in quotes or with backslashes."""
    shutil.copy(shop / "photo.jpg", shop / "My photo.jpg")
    for number, pasted in enumerate([f"'{shop}/My photo.jpg'", f"{shop}/My\\ photo.jpg"]):
        screen = typed("new", f"card{number}", answers=["", pasted, *[""] * 3], cwd=shop)
        assert screen.returncode == 0, screen.text
        assert "default: My photo.jpg" in (shop / f"card{number}.yaml").read_text(encoding="utf-8")


def test_in_a_workspace(shop: Path) -> None:
    """In a folder of a workspace, the first line leads up to the workspace's schema, which is written once."""
    (shop / "retouch.toml").write_text("", encoding="utf-8")
    done = retouch("new", "autumn/Big mug", "--from", "postcard", "-i", "photo=photo.jpg", "--yes", cwd=shop)
    assert done.returncode == 0, done.stderr
    text = (shop / "autumn" / "big-mug.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schemas/recipe.schema.json\n")
    assert "default: ../photo.jpg" in text
    assert "retouch run autumn/big-mug.yaml" in text
    assert "retouch run autumn/big-mug.yaml" in done.stdout
    again = retouch("new", "autumn/small mug", "-i", "photo=photo.jpg", "--yes", cwd=shop)
    assert "recipe.schema.json" not in again.stdout


def test_a_schema_that_is_out_of_date_is_told(shop: Path) -> None:
    """It may be somebody's own, so it is left alone, and the command that renews it is named."""
    (shop / "schemas").mkdir()
    (shop / "schemas" / "recipe.schema.json").write_text("{}", encoding="utf-8")
    done = retouch("new", "card", "--yes", cwd=shop)
    assert "retouch schemas build --recipe" in done.stdout
    assert (shop / "schemas" / "recipe.schema.json").read_text(encoding="utf-8") == "{}"


def test_the_schema_is_the_one_that_is_built(shop: Path) -> None:
    """`retouch schemas build --recipe` would write the same."""
    assert retouch("new", "card", "--yes", cwd=shop).returncode == 0
    assert retouch("schemas", "build", "--recipe", "-o", "built", cwd=shop).returncode == 0
    written, built = (shop / folder / "recipe.schema.json" for folder in ("schemas", "built"))
    assert written.read_bytes() == built.read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--from", "postcrd"], "did you mean `postcard`?"),
        (["--model", "flux-1-kontext-dex"], "did you mean `flux-1-kontext-dev`?"),
        (["--model", "image-upscaler"], "image-upscaler does not suit one-edit"),
        (["--from", "product-hero", "--model", "flux-1-kontext-pro"], "models that suit it: flux-1-kontext-dev"),
        (["--budget", "a lot"], "write US dollars, like 0.50, or `none`"),
        (["--seed", "-1"], "write a whole number from 0"),
        (["--seed", "9" * 16], "is no seed"),
        (["-i", "foto=photo.jpg"], "did you mean `photo`?"),
        (["-i", "photo=phto.jpg"], "did you mean photo.jpg?"),
        (["-i", "photo=notes.jpg"], "notes.jpg: this file is text"),
        (["-i", "photo=."], "is a folder"),
        (["-i", "photo=~no-such-person/x.jpg"], "there is no file ~no-such-person/x.jpg"),
        (["-i", "photo"], "expected a name, an equals sign and a value"),
        (["--from", "product-hero", "-i", "season=monsoon"], "expected: one of: spring"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_an_option_that_will_not_do(shop: Path, words: list[str], told: str) -> None:
    """It is refused with the way out, exit code 2, and nothing is written."""
    there = files(shop)
    done = retouch("new", "card", *words, "--yes", cwd=shop)
    assert done.returncode == 2
    assert told in done.stderr
    assert files(shop) == there


def test_without_a_terminal(shop: Path) -> None:
    """Nobody can answer: the command that asks nothing is named."""
    done = retouch("new", "my mug", "--from", "postcard", cwd=shop)
    assert done.returncode == 2
    assert "retouch new 'my mug' --from postcard --yes" in done.stderr
    assert "one-edit, postcard" in done.stderr


def test_a_costly_model_raises_the_usual_budget(shop: Path) -> None:
    """A recipe whose first run would not start is no beginning; a budget that was named is kept, with a note."""
    words = ["--from", "one-edit", "--model", "flux-1-kontext-max", "--yes"]
    assert retouch("new", "card", *words, cwd=shop).returncode == 0
    (shop / "retouch.toml").write_text("[prices]\nflux-1-kontext-max = 0.32\n", encoding="utf-8")
    assert retouch("new", "dear", *words, cwd=shop).returncode == 0
    low = retouch("new", "low", *words, "--budget", "0.1", cwd=shop)
    budgets = [(shop / f"{name}.yaml").read_text(encoding="utf-8") for name in ("card", "dear", "low")]
    assert [next(line for line in each.splitlines() if line.startswith("budget:")) for each in budgets] == [
        "budget: 0.10 USD",
        "budget: 0.35 USD",
        "budget: 0.10 USD",
    ]
    assert "one run can cost 0.32 USD, so with a budget of 0.10 USD only rehearsals start" in low.stdout


def test_what_stands_before_a_paid_run_is_told(shop: Path) -> None:
    """A retired model, a price that nobody knows: what to do, at the end; nothing where nothing stands in between."""
    words = ["--from", "one-edit", "--yes"]
    retired = " ".join(retouch("new", "retired", *words, cwd=shop).stdout.split())
    assert "a run is a rehearsal, which is free. Before a run with a key: flux-1-kontext-dev is retired" in retired
    assert "NOVITA_BASE_URL" in retired
    unknown = " ".join(retouch("new", "unknown", *words, "--model", "flux-2-dev", cwd=shop).stdout.split())
    assert "No price is known for flux-2-dev." in unknown
    assert unknown.endswith("to the text file `retouch.toml`, below `[prices]`: `flux-2-dev = …`.")
    (shop / "retouch.toml").write_text("[prices]\nflux-2-dev = 0.01\n", encoding="utf-8")
    assert "Before a run" not in retouch("new", "known", *words, "--model", "flux-2-dev", cwd=shop).stdout
    elsewhere = {"NOVITA_BASE_URL": "https://pictures.example"}
    assert "Before a run" not in retouch("new", "elsewhere", *words, cwd=shop, env=elsewhere).stdout


def test_models_that_can_be_paid_for_stand_first(shop: Path) -> None:
    """They are served, and have a price; Enter still takes the starter's own, which stands behind them."""
    (shop / "retouch.toml").write_text("[prices]\nseedream-4-5 = 0.01\n", encoding="utf-8")
    screen = typed("new", answers=[""] * 7, cwd=shop)
    assert "   1  seedream-4-5        0.01 USD a picture\n   2  flux-1-kontext-dev  0.0225 USD" in screen.text
    assert "model: flux-1-kontext-dev" in (shop / "one-edit.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("taken", ["samples", "schemas"])
def test_what_cannot_be_written_leaves_nothing(shop: Path, taken: str) -> None:
    """A file stands where a folder has to be: nothing at all is left, nor a folder, of what was written before."""
    (shop / taken).write_text("mine", encoding="utf-8")
    there = sorted(shop.rglob("*"))
    done = retouch("new", "card", "--yes", cwd=shop)
    assert done.returncode == 5, done.stderr
    assert "so nothing was" in done.stderr
    assert sorted(shop.rglob("*")) == there
