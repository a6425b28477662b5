"""The recipes we ship, with the inputs an author would change: each rehearses, and gives the results it promises.

The pictures are the awkward ones that people bring: upright, wide, tiny, turned by the camera, with transparent parts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.command import ROOT, retouch, run_json, workspace

RECIPES = sorted(path.stem for path in (ROOT / "pipelines").glob("*.yaml"))
SIX = ["old-photo", "portrait", "product-hero", "social-set", "storybook", "twilight"]
SAMPLE_LIMIT = 360_000
"""Bytes of a sample picture: everyone who clones the project takes them along."""

Result = tuple[str, str, tuple[int, int] | None]
"""How a result's file is called behind its picture's name, its format, and its size where the recipe promises one."""

HERO: list[Result] = [("shop-picture", "JPEG", (1200, 1200)), ("banner", "JPEG", (1600, 900))]
PORTRAIT: list[Result] = [
    ("cv-picture", "JPEG", (1080, 1350)),
    ("profile-picture", "JPEG", (1080, 1080)),
    ("black-and-white", "JPEG", (1080, 1350)),
]
OLD_PHOTO: list[Result] = [("print", "JPEG", None), ("before-and-after", "JPEG", (2020, 1000))]
SOCIAL: list[Result] = [
    ("post-square", "PNG", (1080, 1080)),
    ("post-upright", "PNG", (1080, 1350)),
    ("post-story", "PNG", (1080, 1920)),
    ("post-wide", "PNG", (1600, 900)),
]
BOOK: list[Result] = [(f"page-{number}", "PNG", (1540, 1380)) for number in (1, 2, 3)]
WORDLESS_BOOK: list[Result] = [("first-paper", "PNG", (1540, 1380)), ("second-paper", "PNG", (1540, 1380)), BOOK[2]]
"""Where a step is off, the last one that made the picture names it."""
HOUSE: list[Result] = [("twilight", "JPEG", None)]
"""A result that is the only one bears the name of the recipe."""

CASES: list[tuple[str, list[str], int, list[Result]]] = [
    ("product-hero", [], 4, HERO),
    (
        "product-hero",
        ["photo=upright.jpg", "logo=square.png", f"product={'Wide teapot ' * 3}", "season=winter"],
        4,
        HERO,
    ),
    ("portrait", [], 4, PORTRAIT),
    ("portrait", ["photo=wide.jpg", "person=the man", "skin=leave", "backdrop=leave"], 1, PORTRAIT),
    ("portrait", ["photo=turned.jpg", "skin=polished", "backdrop=deep blue"], 4, PORTRAIT),
    ("portrait", ["photo=tiny.png", "backdrop=white"], 4, PORTRAIT),
    ("old-photo", [], 3, OLD_PHOTO),
    ("old-photo", ["photo=upright.jpg", "colour=false", "caption=", "clothes=", "paper=#202020"], 2, OLD_PHOTO),
    (
        "old-photo",
        ["photo=strip.png", "caption=Great-uncle Bartholomew, Great-aunt Wilhelmine and friends", "clothes="],
        3,
        OLD_PHOTO,
    ),
    ("old-photo", ["photo=tiny.png", f"people={'two girls and a dog ' * 5}"], 3, OLD_PHOTO),
    ("social-set", [], 3, SOCIAL),
    ("social-set", ["photo=upright.jpg", "logo=square.png", f"headline={'Wonderful wo' * 3}", "mood=leave"], 2, SOCIAL),
    ("social-set", ["photo=clear.png", "headline=Hi", "mood=cosy night", "card_color=#101820", "ink=white"], 3, SOCIAL),
    ("storybook", [], 5, BOOK),
    (
        "storybook",
        ["drawing=upright.jpg", "name=Zaza", "beginning=", "middle=", "style=felt and wool"],
        5,
        WORDLESS_BOOK,
    ),
    ("twilight", [], 4, HOUSE),
    ("twilight", ["photo=upright.jpg", "tidy=false", "caption=", "disclosure=false", "sky=clear"], 3, HOUSE),
    ("twilight", ["photo=clear.png", f"caption={'Long Lane ' * 6}", "lamp_color=golden", "quality=60"], 4, HOUSE),
]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the shipped recipes and the pictures that people bring."""
    home = workspace(tmp_path_factory.mktemp("studio"))
    drawn((400, 900)).save(home / "upright.jpg")
    drawn((900, 380)).save(home / "wide.jpg")
    drawn((64, 48)).save(home / "tiny.png")
    drawn((200, 1000)).save(home / "strip.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: the camera was turned by a quarter
    drawn((800, 600)).save(home / "turned.jpg", exif=exif)
    clear = drawn((640, 480)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    clear.save(home / "clear.png")
    square = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(square).ellipse((20, 20, 280, 280), fill=(200, 60, 40, 255))
    square.save(home / "square.png")
    return home


def drawn(size: tuple[int, int]) -> Image.Image:
    """A disc on a ground, in any size."""
    image = Image.new("RGB", size, (70, 110, 120))
    width, height = size
    ImageDraw.Draw(image).ellipse((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=(230, 190, 120))
    return image


def found(outputs: Sequence[str], home: Path) -> dict[str, tuple[str, tuple[int, int]]]:
    """Format and size of each result, by the name of its file without the ending."""
    results = {}
    for path in outputs:
        with Image.open(home / path) as image:
            image.load()
            results[Path(path).stem] = (str(image.format), image.size)
    return results


def test_there_are_six_recipes() -> None:
    """Each kind of work that we promise a recipe for has one, and every one of them is rehearsed here."""
    assert RECIPES == SIX
    assert {recipe for recipe, *_ in CASES} == set(SIX)


def test_every_recipe_is_valid_without_a_warning(studio: Path) -> None:
    """`validate` has nothing to say about them."""
    done = retouch("validate", *(f"pipelines/{name}.yaml" for name in RECIPES), cwd=studio)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_recipe_is_in_order(studio: Path) -> None:
    """`fmt` would change nothing in them."""
    done = retouch("fmt", "--check", *(f"pipelines/{name}.yaml" for name in RECIPES), cwd=studio)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_says_what_it_is(recipe: str) -> None:
    """Title, description, budget and seed stand in it, an editor finds its schema, and its first lines can be typed."""
    text = (ROOT / "pipelines" / f"{recipe}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schemas/recipe.schema.json\n#\n# ")
    assert f"#   retouch run pipelines/{recipe}.yaml\n" in text
    assert all(f"\n{key}: " in text for key in ("recipe", "title", "description", "model", "seed", "budget"))


@pytest.mark.parametrize(
    ("recipe", "inputs", "tasks", "results"),
    CASES,
    ids=[f"{case[0]} with {len(case[1])} inputs, {case[2]} tasks" for case in CASES],
)
def test_a_recipe_gives_the_results_it_promises(
    studio: Path, recipe: str, inputs: list[str], tasks: int, results: list[Result], tmp_path: Path
) -> None:
    """A rehearsal asks for as many paid pictures as these inputs need, and every result has its format and size."""
    given = [word for each in inputs for word in ("-i", each)]
    answer = run_json(f"pipelines/{recipe}.yaml", *given, "-o", str(tmp_path / "out"), cwd=studio)
    (item,) = answer["items"]
    assert item["status"] == "done"
    assert answer["requests"]["submits"] == tasks
    pictures = found(item["outputs"], studio)
    assert len(pictures) == len(results)
    for word, kind, size in results:
        (name,) = (name for name in pictures if name.endswith(f"-{word}"))
        assert pictures[name][0] == kind
        assert size is None or pictures[name][1] == size


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_paid_run_stays_within_the_budget(studio: Path, recipe: str) -> None:
    """At the list prices, with nothing bought before, it costs what its budget allows, and less than 0.25 USD."""
    done = retouch("plan", f"pipelines/{recipe}.yaml", "--provider", "novita", "--json", cwd=studio)
    assert done.returncode == 0, done.stderr
    foreseen = json.loads(done.stdout)
    assert foreseen["over"] is None
    assert 0 < foreseen["cost"]["high"] < 0.25


def test_samples_are_small_and_used() -> None:
    """Each sample picture is the default of an input, and none of them makes a clone slow."""
    recipes = "".join((ROOT / "pipelines" / f"{name}.yaml").read_text(encoding="utf-8") for name in RECIPES)
    samples = sorted((ROOT / "pipelines" / "samples").iterdir())
    assert [each.name for each in samples if f"default: samples/{each.name}\n" not in recipes] == []
    assert [each.name for each in samples if each.stat().st_size > SAMPLE_LIMIT] == []
