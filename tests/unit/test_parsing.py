"""Recipes: from a document to frozen steps, every default filled in and every edge known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from runner import document, parsing
from runner.errors import InvalidRecipe
from runner.recipe import Recipe
from tests.fakes import CATALOGUE, SHAPE

FULL = """
recipe: 1
title: All keys
description: For the test.
inputs:
  photo: {type: image, default: a.jpg}
  logo: {type: image}
  word: {type: text, help: A word, default: Mug, min_length: 1, max_length: 9}
  strength: {type: number, minimum: 0, maximum: 10, default: 2.5}
  season: {type: choice, options: [spring, winter], default: winter}
  dark: {type: boolean, default: false}
  ink: {type: color, default: "#224466"}
model: paint
seed: 4711
budget: 0.50 USD
steps:
  - name: first
    prompt: One {{ word }}.
    settings: {strength: "{{ strength }}"}
    candidates: 2
    choose: 2
    when: season == "winter"
  - name: second
    prompt: Two{% if dark %} by night{% endif %}.
    from: [first, logo]
    seed: 5
  - name: third
    from: second
    resize: {width: 20, fit: pad, height: 20, background: "{{ ink }}"}
"""


def parsed(text: str) -> Recipe:
    return parsing.parse(document.load(text, "r.yaml"), "r", SHAPE, CATALOGUE)


def messages(text: str) -> list[str]:
    with pytest.raises(InvalidRecipe) as caught:
        parsed(text)
    return [each.message for each in caught.value.diagnostics]


def test_every_key_arrives() -> None:
    """A recipe with every key becomes a complete record."""
    made = parsed(FULL)
    assert (made.title, made.seed, made.budget) == ("All keys", 4711, Decimal("0.50"))
    assert made.images == ("photo", "logo")
    assert made.inputs["word"].max_length == 9
    first, second, third = made.steps
    assert (first.model, first.candidates, first.choose, first.when) == ("paint", 2, 2, 'season == "winter"')
    assert (second.sources, second.seed) == (("first", "logo"), 5)
    assert (third.operation, third.sources, dict(third.params)) == (
        "resize",
        ("second",),
        {"width": 20, "fit": "pad", "height": 20, "background": "{{ ink }}"},
    )


def test_the_first_step_takes_the_first_picture_and_others_the_step_above() -> None:
    """Order is execution, unless `from:` says otherwise."""
    assert [step.sources for step in parsed(FULL).steps] == [("photo",), ("first", "logo"), ("second",)]


def test_a_recipe_may_start_from_text() -> None:
    """Without image inputs the first step takes no picture."""
    made = parsed("recipe: 1\nmodel: paint\nsteps:\n  - {name: a, prompt: x}\n  - {name: b, prompt: y}\n")
    assert [step.sources for step in made.steps] == [(), ("a",)]


def test_comments_and_layout_change_nothing_but_the_text_digest() -> None:
    """Two layouts of one recipe give the same steps."""
    other = "# a comment\n" + FULL.replace("  - name: first\n", "  # another\n  - name: first\n")
    assert parsed(other).steps == parsed(FULL).steps
    assert parsed(other).text_digest != parsed(FULL).text_digest


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("model: paint\n", "model: seedless\n"), "seedless takes no seed"),
        (("seed: 5\n", "seed: 3000000000\n"), "too large: at most 2147483647 for paint"),
        (("from: [first, logo]", "from: [first, word]"), "the input `word` is no picture"),
        (("from: [first, logo]", "from: [first, logo, logo, logo, logo]"), "at most 4 pictures, 5 are given"),
        (("from: second\n", "from: [second, first]\n"), "`resize` takes 1 picture, 2 given"),
        (("default: winter", "default: autumn"), "the default `autumn` is not one of the options"),
        (("default: 2.5", "default: 12"), "the default `12` does not suit"),
        (("default: false", "default: maybe"), "the default `maybe` does not suit"),
        (('default: "#224466"', "default: bluish"), "the default `bluish` does not suit"),
        (("candidates: 2", "candidates: 17"), "`17` is too large"),
        (("seed: 5", "seed: 5\n    settings: {prompt: x}"), "`prompt` never stands in `settings`"),
        (("seed: 5", "seed: 5\n    settings: {images: [x]}"), "`images` never stands in `settings`"),
    ],
)
def test_what_the_meaning_check_finds(change: tuple[str, str], words: str) -> None:
    """Names, edges, models and defaults are held against each other."""
    found = messages(FULL.replace(*change))
    assert len(found) == 1, found
    assert words in found[0]


def test_a_model_that_needs_a_picture_says_so() -> None:
    """Text alone is refused where the page requires a picture."""
    assert messages("recipe: 1\nmodel: seedless\nsteps:\n  - {name: a, prompt: x}\n") == [
        "seedless edits a picture, and there is none here"
    ]


def test_one_mistake_gives_one_message() -> None:
    """A step that cannot be read does not make those below it wrong."""
    assert len(messages(FULL.replace("prompt: One {{ word }}.", "prompt: One {{ wrod }}."))) == 1
    assert len(messages(FULL.replace("model: paint", "model: piant"))) == 1


@pytest.mark.parametrize(
    "change",
    [
        ("model: paint", "modle: paint"),
        ("inputs:", "input:"),
        ("- name: first", "- nmae: first"),
        ("from: [first, logo]", "form: [first, logo]"),
        ("prompt: One", "promt: One"),
        ("photo: {type: image,", "photo: {tpye: image,"),
    ],
    ids=lambda change: change[1],
)
def test_a_misspelt_key_is_one_mistake(change: tuple[str, str]) -> None:
    """What needs the key, or stands below it, is read as it was meant."""
    (found,) = messages(FULL.replace(*change))
    assert found.startswith("unknown key")


def test_what_stands_below_a_misspelt_key_is_checked_all_the_same() -> None:
    """Two mistakes are told in one pass, each at its own place, though one stands inside the other."""
    text = FULL.replace("inputs:", "input:").replace("logo: {type: image}", "logo: {type: imge}")
    with pytest.raises(InvalidRecipe) as caught:
        parsed(text)
    assert [(each.location.line, each.message) for each in caught.value.diagnostics] == [
        (5, "unknown key `input`"),
        (7, "`imge` is not one of the choices"),
    ]


def test_an_input_of_an_unknown_type_makes_nothing_else_wrong() -> None:
    """It may be the picture that a step takes."""
    assert messages(
        "recipe: 1\nmodel: seedless\ninputs: {photo: {type: imge}}\nsteps:\n"
        "  - {name: a, prompt: x}\n  - {name: b, prompt: x, from: [a, photo]}\n"
    ) == ["`imge` is not one of the choices"]


@pytest.mark.parametrize(
    ("steps", "unused"),
    [
        ("{name: a, prompt: the logo of the product}", ["logo", "product"]),
        ("{name: a, prompt: '{{ product }}', from: logo}", ["photo"]),
        ("{name: a, prompt: '{{ \"product\" }}', from: [photo, logo]}", ["product"]),
        ("{name: a, when: product == 'x', prompt: x, from: [photo, logo]}", []),
        ("{name: a, prompt: x, settings: {strength: '{{ product }}'}, from: [photo, logo]}", []),
        ("{name: a, prompt: '{{ prodct }}', from: [photo, logo]}", None),
        ("{name: a, prompt: '{{ product }}', from: [photo, lgo]}", None),
    ],
)
def test_inputs_that_no_step_uses_are_told(steps: str, unused: list[str] | None) -> None:
    """Prose uses nothing, nor does a text in quotes; where a name is misspelt in a step, that is told alone."""
    text = (
        "recipe: 1\nmodel: paint\ninputs: {photo: {type: image}, logo: {type: image}, product: {type: text}}\n"
        f"steps:\n  - {steps}\n"
    )
    if unused is None:
        assert [each.split("`")[0] for each in messages(text)] in (
            ["there is no input "],
            ["there is no step or image input "],
        )
    else:
        told = [each.message for each in parsed(text).warnings]
        assert told == [f"warning: no step uses the input `{name}`" for name in unused]


def test_different_mistakes_at_one_place_are_all_told() -> None:
    """Only the same words at the same place are one mistake."""
    assert messages("title: x\n") == ["`recipe:` is missing here", "`steps:` is missing here"]
    found = messages("recipe: 1\nmodel: paint\nsteps:\n  - {name: a, prompt: '{{ b }} {{ b }} {{ c }}'}\n")
    assert found == ["there is no input `b`", "there is no input `c`"]


@pytest.mark.parametrize("name", ["self", "true", "none", "not", "elif", '"line\\n"', '""', "Word", "1st", "a-b"])
def test_names_that_templates_cannot_reach_are_refused(name: str) -> None:
    """Words with a meaning of their own, and what is no word at all."""
    (found, *_) = messages(
        f"recipe: 1\nmodel: paint\ninputs: {{{name}: {{type: text}}}}\nsteps:\n  - {{name: a, prompt: x}}\n"
    )
    assert found.endswith("cannot be the name of an input")
