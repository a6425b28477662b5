"""`retouch run`, the whole command: rehearsals in its own process, and over real sockets against a served emulator."""

from __future__ import annotations

import io
import json
import signal
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops, ImageStat

from runner import __version__
from tests.command import COMMAND, environment, ledger, retouch, run_json, served, workspace

TWO_STEPS = """recipe: 1
inputs: {photo: {type: image}}
model: flux-1-kontext-dev
seed: 3
steps:
  - {name: warm, prompt: Warm light.}
  - {name: cold, prompt: Cold light., candidates: 2}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return workspace(tmp_path)


def small_workspace(folder: Path, recipe: str = TWO_STEPS) -> Path:
    """A workspace with one recipe and one photo."""
    (folder / ".retouch").mkdir(parents=True)
    (folder / "r.yaml").write_text(recipe, encoding="utf-8")
    quarters().save(folder / "photo.jpg", quality=95)
    return folder


def quarters(width: int = 400, height: int = 300) -> Image.Image:
    """Four colours, so that turning and swapping shows."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((220, 40, 40), (0, 0, width // 2, height // 2))
    image.paste((40, 180, 60), (width // 2, 0, width, height // 2))
    image.paste((40, 60, 200), (0, height // 2, width // 2, height))
    return image


def told_by_metadata(data: bytes) -> dict[str, str]:
    """What a picture's XMP says of it, read by the image library and a plain XML parser; empty without XMP."""
    with Image.open(io.BytesIO(data)) as image:
        packet = image.info.get("xmp")
    if packet is None:
        return {}
    (about,) = ElementTree.fromstring(packet).iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    return {name.rpartition("}")[2]: value for name, value in about.items()}


def files(folder: Path) -> dict[str, bytes]:
    """Every picture in a folder of results."""
    kept = (each for each in folder.rglob("*") if each.is_file() and each.name != "run.json")
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in kept}


def test_a_shipped_recipe_runs_from_anywhere(shop: Path) -> None:
    """It rehearses to the end with no key, and leaves results, steps and run.json; for all others see
    test_shipped_recipes."""
    away = shop / "somewhere" / "else" / "far"
    away.mkdir(parents=True)
    answer = run_json(str(shop / "pipelines" / "twilight.yaml"), "-o", str(shop / "out"), cwd=away)
    (item,) = answer["items"]
    assert item["status"] == "done"
    assert len(item["steps"]) >= 4
    assert item["outputs"]
    for path in [*item["outputs"], *(path for step in item["steps"] for path in step["outputs"])]:
        with Image.open(shop / path) as image:
            image.load()
    record = json.loads((shop / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["rehearsal"] is True
    assert str(shop) not in json.dumps(record)
    assert answer["cost"] == {"paid": 0, "in_doubt": 0, "currency": "USD"}


def test_the_second_run_sends_nothing_and_gives_the_same_bytes(shop: Path) -> None:
    """The same command twice: 0 requests, equal files."""
    first = run_json("pipelines/product-hero.yaml", "-o", "one", cwd=shop)
    second = run_json("pipelines/product-hero.yaml", "-o", "two", cwd=shop)
    assert first["requests"]["submits"] == 4
    assert second["requests"] == {"submits": 0, "polls": 0, "downloads": 0}
    assert all(step["cached"] for step in second["items"][0]["steps"])
    assert files(shop / "one") == files(shop / "two")


def test_every_picture_of_a_rehearsal_says_so_in_its_metadata(tmp_path: Path) -> None:
    """Finals and steps, in all three formats, tell rehearsal, recipe, step and tool to any program that reads XMP."""
    kinds = "".join(f"  - {{name: {kind}, from: warm, convert: {{format: {kind}}}}}\n" for kind in ("png", "webp"))
    home = small_workspace(tmp_path, TWO_STEPS + kinds)
    (home / "r.yaml").rename(home / "salt & pepper.yaml")
    answer = run_json("salt & pepper.yaml", "-i", "photo=photo.jpg", "-o", "out", cwd=home)
    (item,) = answer["items"]
    marks = {f"out/{name}": told_by_metadata(data) for name, data in files(home / "out").items()}
    assert {name.rpartition(".")[2] for name in marks} == {"png", "webp", "jpg"}
    for step in item["steps"]:
        assert [marks.pop(path) for path in step["outputs"]] == [mark_of(step["step"])] * len(step["outputs"])
    assert [marks.pop(path) for path in item["outputs"]] == [mark_of(step) for step in ("cold", "png", "webp")]
    assert not marks


def test_what_no_stand_in_went_into_is_not_marked(tmp_path: Path) -> None:
    """Operations alone give real pictures, key or no key: the mark follows the pictures, not the provider."""
    recipe = "recipe: 1\ninputs: {photo: {type: image}}\nsteps:\n  - {name: small, resize: {width: 100}}\n"
    warm = "  - {name: warm, model: flux-1-kontext-dev, prompt: Warm., from: photo}\n"
    home = small_workspace(tmp_path, recipe + warm)
    run_json("r.yaml", "-i", "photo=photo.jpg", "-o", "out", cwd=home)
    steps = files(home / "out" / "steps")
    assert told_by_metadata(steps["01-small.png"]) == {}
    assert told_by_metadata(steps["02-warm.jpg"])["rehearsal"] == "true"
    (home / "free.yaml").write_text(recipe, encoding="utf-8")
    run_json("free.yaml", "-i", "photo=photo.jpg", "-o", "free", cwd=home)
    assert json.loads((home / "free" / "run.json").read_text(encoding="utf-8"))["rehearsal"] is False
    run_json("free.yaml", "-i", "photo=out/steps/02-warm.jpg", "-o", "from", cwd=home)
    assert told_by_metadata(files(home / "from")["steps/01-small.png"])["rehearsal"] == "true"


def mark_of(step: str) -> dict[str, str]:
    tool = f"retouch {__version__}"
    return {"about": "", "CreatorTool": tool, "rehearsal": "true", "recipe": "salt & pepper", "step": step}


def test_renames_and_comments_cost_nothing(tmp_path: Path) -> None:
    """Another file name for recipe and photo, another title, comments and key order: nothing is sent."""
    home = small_workspace(tmp_path)
    run_json("r.yaml", "-i", "photo=photo.jpg", "-o", "one", cwd=home)
    (home / "photo.jpg").rename(home / "other name.jpg")
    lines = TWO_STEPS.replace("recipe: 1\n", "# new\nrecipe: 1\ntitle: New\n").replace(
        "{name: warm, prompt: Warm light.}", "{prompt: Warm light., name: warm}"
    )
    (home / "renamed.yaml").write_text(lines, encoding="utf-8")
    answer = run_json("renamed.yaml", "-i", "photo=other name.jpg", "-o", "two", cwd=home)
    assert answer["requests"]["submits"] == 0
    assert answer["items"][0]["item"] == "other name"


def test_one_object_on_standard_output(tmp_path: Path) -> None:
    """`--json` prints exactly the documented keys, and nothing else."""
    answer = run_json("r.yaml", "-i", "photo=photo.jpg", cwd=small_workspace(tmp_path))
    assert list(answer) == ["run", "provider", "recipe", "items", "requests", "cost", "failures"]
    assert list(answer["items"][0]) == ["item", "status", "outputs", "steps"]
    assert list(answer["items"][0]["steps"][0]) == ["step", "status", "seed", "fingerprint", "cached", "outputs"]
    assert answer["provider"] == "emulator"
    assert list(answer["requests"]) == ["submits", "polls", "downloads"]


def phone_photo() -> bytes:
    """12 megapixels, stored lying on its side, with the tag that says so."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    quarters(3000, 4000).rotate(90, expand=True).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def cmyk_jpeg() -> bytes:
    out = io.BytesIO()
    quarters().convert("CMYK").save(out, "JPEG", quality=95)
    return out.getvalue()


def png_with_alpha() -> bytes:
    image = quarters().convert("RGBA")
    image.paste((0, 0, 0, 0), (300, 200, 400, 300))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def grey_16_bit() -> bytes:
    """Four greys as 16-bit values."""
    above = (10000).to_bytes(2, "little") * 200 + (30000).to_bytes(2, "little") * 200
    below = (50000).to_bytes(2, "little") * 200 + (65535).to_bytes(2, "little") * 200
    image = Image.frombytes("I;16", (400, 300), above * 150 + below * 150)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


PHOTOS: dict[str, tuple[bytes, tuple[int, int], list[tuple[int, int, int]]]] = {
    "phone.jpg": (phone_photo(), (3000, 4000), [(220, 40, 40), (40, 180, 60), (40, 60, 200)]),
    "cmyk.jpg": (cmyk_jpeg(), (400, 300), [(220, 40, 40), (40, 180, 60), (40, 60, 200)]),
    "alpha.png": (png_with_alpha(), (400, 300), [(220, 40, 40), (40, 180, 60), (40, 60, 200)]),
    "grey16.png": (grey_16_bit(), (400, 300), [(39,) * 3, (117,) * 3, (195,) * 3]),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_photos_of_all_kinds_come_out_right(shop: Path, name: str) -> None:
    """A turned phone photo, CMYK, alpha and 16 bits: right way up, right colours, right size, also for the model."""
    data, size, colors = PHOTOS[name]
    (shop / name).write_bytes(data)
    (shop / "same.yaml").write_text(
        "recipe: 1\ninputs: {photo: {type: image}}\nsteps:\n  - {name: same, convert: {format: png}}\n",
        encoding="utf-8",
    )
    answer = run_json("same.yaml", "-i", f"photo={name}", "-o", "same", cwd=shop)
    with Image.open(shop / answer["items"][0]["outputs"][0]) as image:
        assert image.size == size
        seen = image.convert("RGB")
        width, height = size
        places = [(width // 4, height // 4), (width * 3 // 4, height // 4), (width // 4, height * 3 // 4)]
        for place, color in zip(places, colors, strict=True):
            found = seen.getpixel(place)
            assert isinstance(found, tuple)
            assert max(abs(a - b) for a, b in zip(found, color, strict=True)) <= 8, (place, found, color)
    answer = run_json("pipelines/product-hero.yaml", "-i", f"photo={name}", "-o", "out", cwd=shop)
    assert answer["items"][0]["status"] == "done"
    first = shop / answer["items"][0]["steps"][0]["outputs"][0]
    with Image.open(first) as image:
        assert abs(image.width / image.height - size[0] / size[1]) < 0.03
        brightest = image.convert("RGB").crop((image.width * 55 // 100, image.height * 55 // 100, *half(image)))
        darkest = image.convert("RGB").crop((image.width * 5 // 100, image.height * 5 // 100, *quarter(image)))
        if name != "alpha.png":  # the white quarter stays the lightest one: what the model was sent stood upright
            assert brightness(brightest) > brightness(darkest)


def half(image: Image.Image) -> tuple[int, int]:
    return image.width * 75 // 100, image.height * 75 // 100


def quarter(image: Image.Image) -> tuple[int, int]:
    return image.width * 40 // 100, image.height * 40 // 100


def brightness(image: Image.Image) -> float:
    return float(ImageStat.Stat(image.convert("L")).mean[0])


def test_the_same_pictures_over_real_sockets(shop: Path) -> None:
    """A served emulator gives what the rehearsal gave, to the byte; one submit a task, none refused."""
    rehearsed = run_json("pipelines/product-hero.yaml", "-o", "rehearsed", cwd=shop)
    with served("--latency", "0.1") as address:
        key = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        answer = run_json("pipelines/product-hero.yaml", "--provider", "novita", "-o", "served", cwd=shop, env=key)
        account = ledger(address)
    assert files(shop / "served") == files(shop / "rehearsed")
    assert account["totals"]["submits"] == account["totals"]["accepted"] == 4
    assert (account["totals"]["refused"], account["totals"]["leaks"], account["totals"]["unauthorized"]) == (0, 0, 0)
    assert sorted(task["label"] for task in account["tasks"]) == [
        "background 1/2",
        "background 2/2",
        "clean",
        "with-logo",
    ]
    assert answer["requests"]["submits"] == 4
    assert answer["cost"]["paid"] == pytest.approx(2 * 0.0225 + 2 * 0.04)
    assert rehearsed["cost"]["paid"] == 0


def test_two_machines_send_the_same_bodies(tmp_path: Path) -> None:
    """Two workspaces, the same recipe and photo: request bodies equal to the byte."""
    bodies = []
    for name in ("here", "there"):
        home = small_workspace(tmp_path / name)
        with served("--latency", "0") as address:
            key = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
            run_json("r.yaml", "-i", "photo=photo.jpg", "--provider", "novita", cwd=home, env=key)
            bodies.append(sorted(task["digest"] for task in ledger(address)["tasks"]))
    assert bodies[0] == bodies[1]
    assert len(bodies[0]) == 3


def test_an_interrupted_run_is_resumed_without_paying_again(tmp_path: Path) -> None:
    """Ctrl-C while a task runs: exit 130, words on how to go on; the next run collects it and submits only the rest."""
    home = small_workspace(tmp_path)
    with served("--latency", "1.5") as address:
        key = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        words = ["run", "r.yaml", "-i", "photo=photo.jpg", "--provider", "novita"]
        process = subprocess.Popen(
            [*COMMAND, *words], cwd=home, env=environment(key), stderr=subprocess.PIPE, text=True
        )
        while ledger(address)["totals"]["polls"] == 0:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "the next run collects" in told
        assert told.endswith("go on with:\n  retouch run r.yaml -i photo=photo.jpg --provider novita\n")
        assert ledger(address)["totals"]["submits"] == 1
        answer = run_json(*words[1:], cwd=home, env=key)
        account = ledger(address)
    assert answer["items"][0]["status"] == "done"
    assert answer["requests"]["submits"] == 2
    assert account["totals"]["submits"] == 3
    assert account["totals"]["repeated"] == 0


def test_a_reader_that_goes_away_ends_no_run(tmp_path: Path) -> None:
    """`retouch run … 2>&1 | head -1`: the run goes on silently, and everything that was bought is kept."""
    home = small_workspace(tmp_path)
    with served("--latency", "0.3") as address:
        key = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        words = ["run", "r.yaml", "-i", "photo=photo.jpg", "--provider", "novita", "-o", "out"]
        process = subprocess.Popen(
            [*COMMAND, *words], cwd=home, env=environment(key), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert json.loads((home / "out" / "run.json").read_text(encoding="utf-8"))["requests"]["submits"] == 3
        again = run_json(*words[1:], cwd=home, env=key)
    assert again["requests"]["submits"] == 0


FULL = Path("/dev/full")
"""Takes nothing, as a full disk does."""


def test_a_full_disk_behind_standard_output_loses_nothing(tmp_path: Path) -> None:
    """`--json > file` on a full disk: 5, in words; the results are there. The same for what else is printed."""
    home = small_workspace(tmp_path)

    def full(*words: str) -> str:
        with FULL.open("w") as out:
            told = subprocess.run(
                [*COMMAND, *words],
                cwd=home,
                env=environment(),
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert told.returncode == 5, told.stderr
        assert "standard output cannot be written: No space left on device" in told.stderr
        assert "Traceback" not in told.stderr
        return told.stderr

    assert "the results are in out, with run.json, and nothing is lost" in full(
        "run", "r.yaml", "-i", "photo=photo.jpg", "-o", "out", "--json"
    )
    assert (home / "out" / "run.json").is_file()
    for words in (["journal"], ["journal", "--json"], ["journal", "--costs", "--csv"], ["models"], ["plan", "r.yaml"]):
        full(*words, *(["-i", "photo=photo.jpg"] if words[0] == "plan" else []))


def test_an_interrupted_rehearsal_starts_anew(tmp_path: Path) -> None:
    """Tasks of the built-in emulator end with its process: the next run does not wait for them."""
    home = small_workspace(tmp_path, TWO_STEPS.replace("candidates: 2", "candidates: 16"))
    words = ["run", "r.yaml", "-i", "photo=photo.jpg"]
    process = subprocess.Popen([*COMMAND, *words], cwd=home, env=environment(), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while "warm" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert run_json(*words[1:], cwd=home)["items"][0]["status"] == "done"


def test_one_folder_for_many_photos(tmp_path: Path) -> None:
    """A loop over photos with one `-o` keeps every result, and so does a second recipe."""
    home = small_workspace(tmp_path)
    (home / "s.yaml").write_text(
        "recipe: 1\ninputs: {photo: {type: image}}\nsteps:\n  - {name: small, resize: {width: 100}}\n", encoding="utf-8"
    )
    for name in ("one", "two"):
        quarters().save(home / f"{name}.png")
        for recipe in ("r", "s"):
            run_json(f"{recipe}.yaml", "-i", f"photo={name}.png", "-o", "out", cwd=home)
    finals = {name for name in files(home / "out") if not name.startswith("steps/")}
    assert finals == {"one-r.jpg", "one-s.png", "two-r.jpg", "two-s.png"}


def test_what_cannot_work_is_told_before_anything_is_paid(tmp_path: Path) -> None:
    """A letter that the font lacks stops the run at the recipe's line, not after the paid step above it."""
    recipe = TWO_STEPS + "  - {name: words, text: {text: 日本}}\n"
    home = small_workspace(tmp_path, recipe)
    with served("--latency", "0") as address:
        key = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        for command in ("plan", "run"):
            told = retouch(command, "r.yaml", "-i", "photo=photo.jpg", cwd=home, env=key)
            failed(told, 2, "r.yaml:8:", "日")
        assert ledger(address)["totals"]["submits"] == 0


def test_quiet_tells_what_goes_wrong(tmp_path: Path) -> None:
    """`-q` says nothing about what goes well, and everything about what does not."""
    steps = "steps:\n  - {name: cut, crop: {x: 900, y: 0, width: 9, height: 9}}\n"
    recipe = "recipe: 1\ninputs: {photo: {type: image}}\n" + steps
    home = small_workspace(tmp_path, recipe)
    failed(retouch("run", "r.yaml", "-i", "photo=photo.jpg", "-q", cwd=home), 1, "cut")
    (home / "r.yaml").write_text(TWO_STEPS, encoding="utf-8")
    good = retouch("run", "r.yaml", "-i", "photo=photo.jpg", "-q", cwd=home)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")


def failed(told: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """The command ended with this code and these words, and without a traceback."""
    assert told.returncode == code, (told.stdout, told.stderr)
    for word in words:
        assert word in told.stderr
    assert "Traceback" not in told.stderr


def test_wrong_usage_ends_with_2(tmp_path: Path) -> None:
    """Each mistake on the command line is one clear error."""
    home = small_workspace(tmp_path)
    failed(retouch("run", "rr.yaml", cwd=home), 2, "there is no recipe rr.yaml", "did you mean `r.yaml`?")
    failed(retouch("run", "r.yaml", cwd=home), 2, "`photo` has no value", "-i photo=")
    failed(retouch("run", "r.yaml", "-i", "phto=x", cwd=home), 2, "no input `phto`", "did you mean `photo`?")
    failed(retouch("run", "r.yaml", "-i", "photo", cwd=home), 2, "an equals sign")
    failed(retouch("run", "r.yaml", "-i", "photo=nope.jpg", cwd=home), 2, "there is no file nope.jpg")
    failed(retouch("run", "r.yaml", "-i", "photo=.", cwd=home), 2, "is a folder")
    failed(retouch("run", "r.yaml", "-i", "photo=r.yaml", cwd=home), 2, "r.yaml")
    failed(
        retouch("run", "r.yaml", "-i", "photo=photo.jpg", "--provider", "novta", cwd=home), 2, "did you mean `novita`?"
    )
    failed(retouch("run", "r.yaml", "-i", "photo=photo.jpg", "--seed", "x", cwd=home), 2, "--seed x")
    failed(retouch("run", "r.yaml", "--table", "a.csv", cwd=home), 2, "not in this version")
    failed(retouch("run", "r.yaml", "--bogus", cwd=home), 2, "--bogus")
    failed(retouch("run", "r.yaml", "-i", "photo=photo.jpg", "--max-cost", "nan", cwd=home), 2, "--max-cost")
    words = ["run", "r.yaml", "-i", "photo=photo.jpg"]
    failed(retouch(*words, "--max-cost", "0.01USD", cwd=home), 2, "a number of US dollars, like 0.50")
    failed(retouch(*words, "--max-cost", "-1", cwd=home), 2, "a number of US dollars, like 0.50")
    failed(retouch(*words, "-o", "/dev/null", cwd=home), 2, "that is not a folder")
    failed(retouch("run", "r.yaml", "-i", "photo=photo.jpg", "--seed", "9" * 5000, cwd=home), 2, "--seed")
    failed(
        retouch("plan", "r.yaml", "-i", "photo=photo.jpg", "--provider", "nov", cwd=home), 2, "did you mean `novita`?"
    )
    failed(retouch("rum", "r.yaml", cwd=home), 2, "did you mean `run`?")
    assert not (home / "out").exists()


def test_key_problems_end_with_4(tmp_path: Path) -> None:
    """No key, and a key that the host refuses."""
    home = small_workspace(tmp_path)
    words = ["run", "r.yaml", "-i", "photo=photo.jpg", "--provider", "novita"]
    failed(retouch(*words, cwd=home), 4, "NOVITA_API_KEY is not set")
    with served("--latency", "0", "--key", "right") as address:
        wrong = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "wrong-key-canary"}
        told = retouch(*words, cwd=home, env=wrong)
        assert ledger(address)["totals"]["accepted"] == 0
    failed(told, 4, "key")
    assert "wrong-key-canary" not in told.stdout + told.stderr


def test_a_host_that_is_not_there_ends_with_5(tmp_path: Path) -> None:
    """Nothing listens: the network's exit code, and nothing was paid."""
    home = small_workspace(tmp_path)
    with served() as address:
        pass
    away = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
    told = retouch("run", "r.yaml", "-i", "photo=photo.jpg", "--provider", "novita", cwd=home, env=away)
    failed(told, 5, "cannot be reached")


def test_a_run_that_could_cost_too_much_does_not_start(tmp_path: Path) -> None:
    """`budget:` and `--max-cost` stop before the first request; a rehearsal has no cost."""
    home = small_workspace(tmp_path)
    (home / "b.yaml").write_text(TWO_STEPS + "budget: 0.05 USD\n", encoding="utf-8")
    with served("--latency", "0") as address:
        key = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        paid = ["-i", "photo=photo.jpg", "--provider", "novita"]
        failed(retouch("run", "b.yaml", *paid, cwd=home, env=key), 8, "0.0675 USD", "the 0.0500 USD of `budget:`")
        planned = retouch("plan", "b.yaml", *paid, cwd=home, env=key)
        assert "over the budget: `run` will refuse to start. With cold" in planned.stdout
        assert "over the budget" not in retouch("plan", "b.yaml", *paid[:2], cwd=home).stdout, "a rehearsal is free"
        failed(
            retouch("run", "r.yaml", *paid, "--max-cost", "0.06", cwd=home, env=key),
            8,
            "0.0600 USD of --max-cost",
            "nothing was sent",
        )
        assert ledger(address)["totals"]["submits"] == 0
        run_json("r.yaml", *paid, "--max-cost", "0.07", cwd=home, env=key)
        run_json("r.yaml", *paid, "--max-cost", "0", cwd=home, env=key)  # all is known: nothing to pay
    run_json("b.yaml", "-i", "photo=photo.jpg", cwd=home)


def test_a_drawn_seed_is_shown_and_kept(tmp_path: Path) -> None:
    """A recipe without a seed keeps the one that was drawn; `--seed new` draws another."""
    home = small_workspace(tmp_path, TWO_STEPS.replace("seed: 3\n", ""))
    told = retouch("run", "r.yaml", "-i", "photo=photo.jpg", cwd=home)
    assert "drawn for this recipe" in told.stderr
    again = run_json("r.yaml", "-i", "photo=photo.jpg", cwd=home)
    assert again["requests"]["submits"] == 0
    new = run_json("r.yaml", "-i", "photo=photo.jpg", "--seed", "new", cwd=home)
    assert new["requests"]["submits"] == 3
    fixed = run_json("r.yaml", "-i", "photo=photo.jpg", "--seed", "9", cwd=home)
    assert fixed["requests"]["submits"] == 3


def test_candidates_look_different_and_the_chosen_one_is_the_result(tmp_path: Path) -> None:
    """Two candidates are two pictures; the second can be chosen."""
    home = small_workspace(tmp_path, TWO_STEPS.replace("candidates: 2}", "candidates: 2, choose: 2}"))
    answer = run_json("r.yaml", "-i", "photo=photo.jpg", "-o", "out", cwd=home)
    first, second = (home / path for path in answer["items"][0]["steps"][1]["outputs"])
    with Image.open(first) as one, Image.open(second) as two:
        assert min(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), two.convert("RGB"))).mean) > 1
    assert (home / answer["items"][0]["outputs"][0]).read_bytes() == second.read_bytes()


def test_a_failed_operation_is_told_and_ends_with_1(tmp_path: Path) -> None:
    """A crop outside the picture fails that step; the branch beside it is finished."""
    recipe = (
        "recipe: 1\ninputs: {photo: {type: image}}\nsteps:\n"
        "  - {name: cut, crop: {x: 900, y: 0, width: 100, height: 100}}\n"
        "  - {name: after, convert: {format: jpeg}}\n"
        "  - {name: small, from: photo, resize: {width: 100}}\n"
    )
    home = small_workspace(tmp_path, recipe)
    answer = run_json("r.yaml", "-i", "photo=photo.jpg", "-o", "out", cwd=home, code=1)
    assert [step["status"] for step in answer["items"][0]["steps"]] == ["failed", "skipped", "done"]
    assert [(each["step"], each["kind"]) for each in answer["failures"]] == [("cut", "operation")]
    assert len(answer["items"][0]["outputs"]) == 1


def test_a_shipped_recipe_runs_by_its_name(tmp_path: Path) -> None:
    """`retouch run twilight` anywhere; results go below the folder one is in, or the recipe's workspace."""
    answer = run_json("twilight", "-o", "out", cwd=tmp_path)
    assert answer["recipe"] == "twilight"
    assert (tmp_path / answer["items"][0]["outputs"][0]).is_file()


def plan_json(*words: str, cwd: Path, env: dict[str, str] | None = None) -> dict[str, Any]:
    told = retouch("plan", *words, "--json", cwd=cwd, env=env)
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_plan_tells_what_a_run_will_do(tmp_path: Path) -> None:
    """Before: to pay, with the sum; after: cached. A plan sends nothing."""
    home = small_workspace(tmp_path)
    with served("--latency", "0") as address:
        key = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        before = plan_json("r.yaml", "-i", "photo=photo.jpg", cwd=home, env=key)
        assert ledger(address)["totals"]["submits"] == 0
        run_json("r.yaml", "-i", "photo=photo.jpg", cwd=home, env=key)
        after = plan_json("r.yaml", "-i", "photo=photo.jpg", cwd=home, env=key)
    assert [(step["status"], step["calls"]) for step in before["steps"]] == [("to pay", 1), ("to pay", 2)]
    assert before["cost"]["high"] == pytest.approx(0.0675)
    assert [step["status"] for step in after["steps"]] == ["cached", "cached"]
    without_key = plan_json("r.yaml", "-i", "photo=photo.jpg", "--provider", "novita", cwd=home)
    assert without_key["cost"]["high"] == pytest.approx(0.0675)
    shown = retouch("plan", "r.yaml", "-i", "photo=photo.jpg", cwd=home)
    assert "warm" in shown.stdout
    assert "with a key, 0.0675 USD" in shown.stdout
