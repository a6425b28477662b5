"""Recipes for models that nobody planned for: nested requests, several pictures, no prompt, needed settings."""

from __future__ import annotations

from typing import Any

import pytest

from runner import document, layout, parsing, plan
from runner.errors import InvalidRecipe
from runner.inputs import Item
from runner.operation import Catalogue, Model
from runner.operations import OPERATIONS
from runner.recipe import Recipe
from runner.schemagen.recipe_schema import recipe_schema
from runner.validation import problems


def block(required: list[str], **properties: Any) -> dict[str, Any]:
    """The schema of an object."""
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


TEXT = {"type": "string"}
PICTURE = {"type": "string"}
SEED = {"type": "integer", "minimum": 0, "maximum": 99}
DEEP = block(
    ["request"],
    extra=block(
        [], format={"type": "string", "enum": ["png", "jpeg"]}, only_text={**TEXT, "x-text-to-image-only": True}
    ),
    request=block(
        ["prompt", "seed", "image_base64", "scale"],
        prompt=TEXT,
        seed=SEED,
        image_base64=PICTURE,
        mask_image_base64=PICTURE,
        scale={"type": "number", "minimum": 1, "maximum": 4, "description": "How much.\n\nMore."},
        steps={"type": "integer", "minimum": 1, "maximum": 50},
        image_num={"type": "integer", "minimum": 1, "maximum": 4},
        sizes={"type": "array", "items": {"type": "integer", "minimum": 1}},
        parts={"type": "array", "items": block(["path"], path=TEXT, weight={"type": "number", "maximum": 1})},
    ),
)
PLAIN = block(["image"], image=PICTURE, resolution={"type": "string", "enum": ["2k", "4k"]})
ERASER = block(["image"], prompt=TEXT, image=PICTURE, mask=PICTURE)
WANTING = block(["image", "options"], image=PICTURE, options=block(["level", "mode"], level=SEED, mode=TEXT))
SERIES = block(
    ["prompt"],
    prompt=TEXT,
    image=PICTURE,
    several={"type": "string", "enum": ["auto", "off"], "default": "off"},
    several_options=block([], max_images={"type": "integer", "minimum": 1}),
)
ROUNDS = block(["prompt"], prompt=TEXT, image=PICTURE, batch_size={"type": "integer"}, n_iter={"type": "integer"})
SCHEMAS = {
    "series": SERIES,
    "rounds": ROUNDS,
    "deep": DEEP,
    "plain": PLAIN,
    "plain-2": PLAIN,
    "eraser": ERASER,
    "wanting": WANTING,
}
CATALOGUE = Catalogue(
    {name: Model(name, name.title(), f"/v3/{name}", schema) for name, schema in SCHEMAS.items()}, OPERATIONS
)
SHAPE = recipe_schema(SCHEMAS, {verb: each.PARAMS for verb, each in OPERATIONS.items()})
TOP = "recipe: 1\ninputs: {photo: {type: image}, mask: {type: image}, n: {type: number, default: 2}}\n"


def parsed(steps: str, top: str = "") -> Recipe:
    return parsing.parse(document.load(f"{TOP}{top}steps:\n{steps}", "r.yaml"), "r", SHAPE, CATALOGUE)


def told(steps: str, top: str = "") -> list[tuple[int, int, str]]:
    """Line from the first step on, column and message of every problem."""
    with pytest.raises(InvalidRecipe) as caught:
        parsed(steps, top)
    above = TOP.count("\n") + top.count("\n") + 1
    places = [(each.location, each.message) for each in caught.value.diagnostics]
    return [(place.line - above, place.column, message) for place, message in places]


def test_a_step_may_be_a_model_alone() -> None:
    """Its own model makes it an edit; the request then carries no prompt."""
    made = parsed(
        "  - {name: up, model: plain, settings: {resolution: 4k}}\n  - {name: clean, model: eraser, from: up}\n"
    )
    assert [(step.model, step.prompt, step.sources) for step in made.steps] == [
        ("plain", None, ("photo",)),
        ("eraser", None, ("up",)),
    ]
    planned = plan.make(made, Item("", {"n": 2}), 1, CATALOGUE, lambda _: b"").steps
    assert [each.requests for each in planned] == [({"resolution": "4k"},), ({},)]


def test_a_prompt_that_may_be_left_out_may_be_given() -> None:
    """It goes where the page has it."""
    made = parsed("  - {name: a, model: eraser, prompt: the lamp, from: [photo, mask]}\n")
    (step,) = plan.make(made, Item("", {"n": 2}), 1, CATALOGUE, lambda _: b"").steps
    assert step.requests == ({"prompt": "the lamp"},)


def test_a_step_without_a_prompt_says_when_it_gets_no_picture() -> None:
    """At its model, which is what makes it an edit."""
    made = parsed(
        "  - {name: a, model: deep, prompt: x, when: n > 5, from: photo, settings: {request: {scale: 2}}}\n"
        "  - {name: b, model: eraser, from: photo, when: n > 5}\n  - {name: c, model: plain, from: b}\n"
    )
    assert plan.make(made, Item("", {"n": 2}), 1, CATALOGUE, lambda _: b"").steps[2].sources == ("photo",)
    from_text = "recipe: 1\ninputs: {n: {type: number}}\nsteps:\n"
    from_text += "  - {name: a, model: words, prompt: x, when: n > 5}\n  - {name: b, model: plain}\n"
    schemas = {**SCHEMAS, "words": block(["prompt"], prompt=TEXT)}
    catalogue = Catalogue({name: Model(name, name, "/v3", each) for name, each in schemas.items()}, OPERATIONS)
    shape = recipe_schema(schemas, {verb: each.PARAMS for verb, each in OPERATIONS.items()})
    begun = parsing.parse(document.load(from_text, "r.yaml"), "r", shape, catalogue)
    with pytest.raises(InvalidRecipe) as caught:
        plan.make(begun, Item("", {"n": 2}), 1, catalogue, lambda _: b"")
    (found,) = caught.value.diagnostics
    assert (found.location.line, found.location.column) == (5, 15)
    assert found.message.startswith("`plain` finds no picture here")


def test_nested_parts_go_where_the_page_has_them() -> None:
    """Settings mirror the page's nesting; templates in them are rendered and keep their type."""
    made = parsed(
        "  - {name: a, model: deep, prompt: x, seed: 7,\n"
        "     settings: {request: {scale: '{{ n }}', sizes: ['{{ n }}', 3]}}}\n"
    )
    (step,) = plan.make(made, Item("", {"n": 2}), 1, CATALOGUE, lambda _: b"").steps
    assert step.requests == ({"request": {"scale": 2, "sizes": [2, 3], "prompt": "x", "seed": 7}},)


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("{name: a, model: plain, prompt: x}", [(1, 29, "plain takes no prompt")]),
        (
            "{name: a, model: deep, settings: {request: {scale: 2}}}",
            [(1, 15, "deep needs a prompt, and this step has none")],
        ),
        ("{name: a, model: deep, prompt: x}", [(1, 28, "deep needs the setting `request.scale`")]),
        (
            "{name: a, model: deep, prompt: x, settings: {extra: {format: png}}}",
            [(1, 39, "deep needs the setting `request.scale`")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: {steps: 3}}}",
            [(1, 50, "deep needs the setting `request.scale`")],
        ),
        (
            "{name: a, model: wanting}",
            [(1, 15, "wanting needs the setting `options.level`"), (1, 15, "wanting needs the setting `options.mode`")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: 4}}",
            [(1, 59, "expected a block of `key: value` lines, found `4`")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: 4}",
            [(1, 49, "expected a block of `key: value` lines, found `4`")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: {scale: 9, stpes: 3}}}",
            [(1, 67, "`9` is too large: at most 4"), (1, 70, "unknown key `stpes`")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: {scale: 2, parts: [{weight: 2}]}}}",
            [(1, 78, "`path:` is missing here"), (1, 87, "`2` is too large: at most 1")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: {scale: 2, sizes: '{{ n }}'}}}",
            [(1, 77, "expected a list, found `{{ n }}`")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: '{{ n }}'}}",
            [(1, 59, "expected a block of `key: value` lines, found `{{ n }}`")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {scale: 2}}",
            [(1, 50, "unknown key `scale`")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: {scale: 2, seed: 3}}}",
            [(1, 70, "`seed` never stands in `settings`")],
        ),
        (
            "{name: a, model: deep, prompt: x, candidates: 2, settings: {request: {scale: 2, image_num: 2}}}",
            [(1, 39, "`candidates` and `request.image_num` exclude each other")],
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: {scale: 2}, extra: {only_text: y}}}",
            [(1, 79, "`extra.only_text` works only where a picture is made from text alone")],
        ),
        (
            "{name: a, model: eraser, from: [photo, mask, mask]}",
            [(1, 36, "eraser takes at most 2 pictures, 3 are given")],
        ),
        (
            "{name: a, model: rounds, prompt: x, candidates: 2, settings: {n_iter: 2}}",
            [(1, 41, "`candidates` and `n_iter` exclude each other")],
        ),
        (
            "{name: a, model: rounds, prompt: x, choose: 7, settings: {batch_size: 3, n_iter: 2}}",
            [(1, 49, "there is no picture 7: this step makes 6")],
        ),
        ("{name: a, model: plain, from: []}", [(1, 35, "plain edits a picture, and there is none here")]),
        ("{name: a, model: plain, seed: 1}", [(1, 29, "plain takes no seed")]),
        ("{name: a, model: deep, resize: {width: 9}}", [(1, 15, "`model` does not go with `resize`")]),
        ("{name: a, model: wanting, resize: {width: 9}}", [(1, 15, "`model` does not go with `resize`")]),
    ],
)
def test_what_a_model_does_not_take_is_told_at_its_place(step: str, found: list[tuple[int, int, str]]) -> None:
    """One message for one mistake, at the line and column of the setting, or of what lacks it."""
    assert told(f"  - {step}\n") == found


def hints(steps: str) -> list[str | None]:
    """The hint of every problem."""
    with pytest.raises(InvalidRecipe) as caught:
        parsed(f"  - {steps}\n")
    return [each.hint for each in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("step", "hint"),
    [
        (
            "{name: a, model: deep, prompt: x, settings: {request.scale: 2}}",
            "blocks are written without dots: write `settings: {request: {scale: …}}`",
        ),
        (
            "{name: a, model: deep, prompt: x, settings: {request: {scale: 2, extra.format: png}}}",
            "it stands elsewhere: write `settings: {extra: {format: …}}`",
        ),
        (
            "{name: a, model: deep, prompt: x, scale: 2}",
            "it stands in `settings`: write `settings: {request: {scale: …}}`",
        ),
        (
            "{name: a, model: deep, prompt: x, request: {scale: 2}}",
            "it stands in `settings`: write `settings: {request: …}`",
        ),
        (
            "{name: a, model: deep, prompt: x, request.scale: 2}",
            "it stands in `settings`: write `settings: {request: {scale: …}}`",
        ),
        ("{name: a, model: plain, resolution: 4k}", "it stands in `settings`: write `settings: {resolution: …}`"),
    ],
)
def test_a_setting_in_the_wrong_place_is_told_where_it_belongs(step: str, hint: str) -> None:
    """One message, also where the setting is needed: it is there, only elsewhere."""
    assert hints(step) == [hint]


def chosen(several: str, n: str | int = 2) -> list[str]:
    """What is told of a choice of the third picture, before and after templates are filled in."""
    step = f"  - {{name: a, model: series, prompt: x, choose: 3, settings: {{{several}}}}}\n"
    try:
        plan.make(parsed(step), Item("", {"n": n}), 1, CATALOGUE, lambda _: b"")
    except InvalidRecipe as refused:
        return [each.message for each in refused.diagnostics]
    return []


def test_a_choice_beyond_what_is_made_is_told_before_it_is_paid_for() -> None:
    """A series that is off makes one picture; what a template says is known in the plan."""
    assert chosen("several: auto, several_options: {max_images: 3}") == []
    assert chosen("several_options: {max_images: 3}") == ["there is no picture 3: this step makes 1"]
    words = "there is no picture 3: with these values this step makes 2"
    assert chosen("several: auto, several_options: {max_images: '{{ n }}'}") == [words]
    assert chosen("several: auto, several_options: {max_images: '{{ n }}'}", 3) == []
    switched = "several: '{{ n }}', several_options: {max_images: 3}"
    assert chosen(switched, "off") == ["there is no picture 3: with these values this step makes 1"]
    assert chosen(switched, "auto") == []


def test_all_rounds_are_chosen_from_and_paid_for() -> None:
    """Also where a template says how many there are."""
    step = "  - {name: a, model: rounds, prompt: x, choose: 6, settings: {batch_size: 3, n_iter: '{{ n }}'}}\n"
    (planned,) = plan.make(parsed(step), Item("", {"n": 2}), 1, CATALOGUE, lambda _: b"").steps
    assert planned.pictures(0) == 6
    with pytest.raises(InvalidRecipe) as caught:
        plan.make(parsed(step), Item("", {"n": 1}), 1, CATALOGUE, lambda _: b"")
    words = "there is no picture 6: with these values this step makes 3"
    assert [each.message for each in caught.value.diagnostics] == [words]


def test_a_series_without_an_end_is_refused() -> None:
    """Its price would be known to nobody."""
    assert chosen("several: auto") == ["series may make any number of pictures here, and each is paid for"]


def test_candidates_go_with_a_series_that_is_off() -> None:
    """Each task then makes one picture; once it is on, whether or not the number is given, one of the two has to go."""
    step = "  - {name: a, model: series, prompt: x, candidates: 2, settings: {SET}}\n"
    made = parsed(step.replace("SET", "several: off, several_options: {max_images: 3}".replace("off", "'off'")))
    assert made.steps[0].candidates == 2
    ((_, _, message),) = told(step.replace("SET", "several: auto"))
    assert message == "`candidates` and `several` exclude each other"


def test_a_step_without_prompt_model_or_operation_does_nothing() -> None:
    """Also below a model on top, whether that one takes a prompt or not."""
    for top in ("", "model: deep\n", "model: plain\n"):
        ((line, _, message),) = told("  - {name: a}\n", top)
        assert line == 1
        assert message.startswith("this step does nothing")


def test_a_model_on_top_without_prompt_is_named_in_its_steps() -> None:
    """A prompt below it is refused, and what it needs is asked of steps with a prompt alone."""
    assert told("  - {name: a, prompt: x}\n", "model: plain\n") == [(1, 15, "plain takes no prompt")]
    assert parsed("  - {name: a, resize: {width: 9}}\n", "model: wanting\n").steps[0].operation == "resize"
    assert told("  - {name: a, prompt: x}\n", "model: deep\n") == [(1, 15, "deep needs the setting `request.scale`")]


def test_from_an_empty_list_takes_no_picture() -> None:
    """Text alone, though the recipe has pictures."""
    schema = block(["prompt"], prompt=TEXT)
    catalogue = Catalogue({"text": Model("text", "Text", "/v3/text", schema)}, OPERATIONS)
    shape = recipe_schema({"text": schema}, {verb: each.PARAMS for verb, each in OPERATIONS.items()})
    whole = TOP + "steps: [{name: a, model: text, prompt: x, from: []}]\n"
    (step,) = parsing.parse(document.load(whole, "r.yaml"), "r", shape, catalogue).steps
    assert step.sources == ()


def test_the_schema_alone_says_what_an_editor_needs() -> None:
    """Names that begin alike are told apart, and what a model needs or refuses is in the schema itself."""
    step = {"name": "a", "model": "plain-2"}
    recipe = {"recipe": 1, "steps": [step]}
    assert problems(recipe, SHAPE) == []
    assert problems({**recipe, "steps": [{**step, "prompt": "x"}]}, SHAPE)
    assert problems({**recipe, "steps": [{"name": "a", "model": "deep", "settings": {"request": {"scale": 2}}}]}, SHAPE)
    assert problems({**recipe, "steps": [{"name": "a", "model": "deep", "prompt": "x"}]}, SHAPE)
    assert problems({"recipe": 1, "steps": [{"name": "a", "prompt": "x"}]}, SHAPE)


def test_layout_of_what_is_filled_in_order() -> None:
    """The picture that is edited, then the mask; what is optional stays empty."""
    parts = layout.of(DEEP)
    assert (parts.prompt, parts.prompt_required, parts.seed) == (("request", "prompt"), True, ("request", "seed"))
    assert [(place.path[-1], taken) for place, taken in parts.filled(["a", "b"])] == [
        ("image_base64", "a"),
        ("mask_image_base64", "b"),
    ]
    assert [place.path[-1] for place, _ in parts.filled(["a"])] == ["image_base64"]
    assert not layout.of(ERASER).prompt_required
    assert layout.of(PLAIN).prompt is None
