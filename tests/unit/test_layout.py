"""Which of a step's pictures goes where in a request, and what stands where it is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from runner import document, layout, parsing, plan
from runner.errors import InvalidRecipe
from runner.inputs import Item
from runner.operation import Catalogue, Model
from runner.operations import OPERATIONS
from runner.schemagen.recipe_schema import recipe_schema
from tests.unit.test_any_model import PICTURE, TEXT, block

PICTURES = {"type": "array", "items": PICTURE, "maxItems": 3}
LIST = block(["init_images"], mask=PICTURE, init_images=PICTURES)
TWO_LISTS = block([], images=PICTURES, style_images=PICTURES, mask=PICTURE)
FREE_THEN_NEEDED = block(["mask"], image=PICTURE, style_image=PICTURE, mask=PICTURE)


def test_the_picture_comes_first_and_masks_come_last() -> None:
    """Wherever the page has them; the rest keeps the page's order."""
    names = ["mask_image", "style_image", "mask_shape_image", "image", "face_image_file", "inpaint_mask"]
    places = layout.of(block([], **dict.fromkeys(names, PICTURE))).pictures
    assert [place.path[-1] for place in places] == [
        "image",
        "style_image",
        "face_image_file",
        "mask_image",
        "mask_shape_image",
        "inpaint_mask",
    ]


@pytest.mark.parametrize(
    ("schema", "pictures", "filled"),
    [
        (LIST, "a", {"init_images": ["a"]}),
        (LIST, "am", {"init_images": ["a"], "mask": "m"}),
        (LIST, "abm", {"init_images": ["a", "b"], "mask": "m"}),
        (LIST, "abcm", {"init_images": ["a", "b", "c"], "mask": "m"}),
        (TWO_LISTS, "ab", {"images": ["a"], "style_images": ["b"]}),
        (TWO_LISTS, "abcde", {"images": ["a", "b", "c"], "style_images": ["d"], "mask": "e"}),
        (TWO_LISTS, "abcdefg", {"images": ["a", "b", "c"], "style_images": ["d", "e", "f"], "mask": "g"}),
        (FREE_THEN_NEEDED, "m", {"mask": "m"}),
        (FREE_THEN_NEEDED, "am", {"image": "a", "mask": "m"}),
        (FREE_THEN_NEEDED, "asm", {"image": "a", "style_image": "s", "mask": "m"}),
        (block([]), "", {}),
    ],
)
def test_each_place_gets_one_before_a_list_takes_a_second(
    schema: dict[str, Any], pictures: str, filled: dict[str, Any]
) -> None:
    """A mask behind a list is no further picture of the list, and what has to be there comes first."""
    assert {place.path[-1]: taken for place, taken in layout.of(schema).filled([*pictures])} == filled


def test_the_bounds_of_a_seed_are_whole() -> None:
    """A page may give them with decimals; a seed drawn between them still has none."""
    seed = {"type": "number", "minimum": 0.5, "maximum": 9.9}
    model = Model("m", "M", "/v3/m", {"type": "object", "properties": {"seed": seed}})
    assert model.seeds == (1, 9)


@pytest.mark.parametrize("kind", ["integer", "number", ["number", "null"]])
def test_a_seed_is_drawn_whatever_number_the_page_calls_it(kind: Any) -> None:
    """As a whole number, also where the page says no more than `number`."""
    schema = block(["prompt"], prompt=TEXT, seed={"type": kind, "minimum": 0, "maximum": 50})
    (step,) = planned("  - {name: a, model: m, prompt: x, from: []}\n", schema, {}).steps
    assert isinstance(step.seed(0), int)


def test_a_seed_in_words_is_a_setting() -> None:
    """It cannot be drawn."""
    assert layout.of(block([], seed=TEXT)).seed is None


def planned(steps: str, schema: dict[str, Any], values: dict[str, Any]) -> plan.Plan:
    """The plan of a recipe with a photo and a mask, for a model `m` with this schema and for `words`."""
    schemas = {"m": schema, "words": block(["prompt"], prompt=TEXT)}
    catalogue = Catalogue({name: Model(name, name, "/v3", each) for name, each in schemas.items()}, OPERATIONS)
    shape = recipe_schema(schemas, {verb: each.PARAMS for verb, each in OPERATIONS.items()})
    text = f"recipe: 1\ninputs: {{photo: {{type: image}}, mask: {{type: image}}, n: {{type: number}}}}\nsteps:\n{steps}"
    recipe = parsing.parse(document.load(text, "r.yaml"), "r", shape, catalogue)
    return plan.make(recipe, Item("", values), 1, catalogue, lambda _: b"")


PAINTED = "  - {name: painted, model: words, prompt: x, from: [], when: n > 5}\n"


@pytest.mark.parametrize(
    ("schema", "taken", "told"),
    [
        (block(["image"], image=PICTURE, mask=PICTURE), "painted, mask", "the `image` of m, not the `mask`"),
        (block(["image", "mask"], image=PICTURE, mask=PICTURE), "painted, mask", "the `image` of m, not the `mask`"),
        (LIST, "painted, mask", "the `init_images` of m, not the `mask`"),
        (TWO_LISTS, "photo, painted, mask", "the `style_images` of m, not the `mask`"),
    ],
)
def test_a_picture_never_moves_to_another_place(schema: dict[str, Any], taken: str, told: str) -> None:
    """Where a step before it is off and has nothing to pass on; one message for it, at `from:`."""
    with pytest.raises(InvalidRecipe) as caught:
        planned(f"{PAINTED}  - {{name: a, model: m, from: [{taken}]}}\n", schema, {"n": 1})
    (found,) = caught.value.diagnostics
    assert found.message.startswith("`painted` is off and has no picture to pass on: `mask` would become ")
    assert found.message.endswith(told)
    assert (found.location.line, found.location.column) == (5, 25)
    assert found.hint == "give both steps the same `when:`"


@pytest.mark.parametrize(
    ("schema", "taken", "left"),
    [
        (block(["image"], image=PICTURE, mask=PICTURE), "photo, painted", ("photo",)),
        (LIST, "photo, painted, mask", ("photo", "mask")),
        (block([], images=PICTURES), "painted, photo", ("photo",)),
    ],
)
def test_what_stays_at_its_place_goes_on(schema: dict[str, Any], taken: str, left: tuple[str, ...]) -> None:
    """A mask that is not made, one less in a list."""
    made = planned(f"{PAINTED}  - {{name: a, model: m, from: [{taken}]}}\n", schema, {"n": 1})
    assert made.steps[1].sources == left
