"""Plans: what would run for one item, with everything filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from runner import document, fingerprint, parsing, plan
from runner.artifact import Artifact
from runner.errors import InvalidRecipe, UsageError
from runner.inputs import Item
from runner.plan import Plan
from tests.fakes import CATALOGUE, SHAPE

PHOTO = Artifact("d" * 64, "p" * 64, "image/png", 10, 10, 100)


def planned(
    text: str, values: Mapping[str, Any] | None = None, seed: int = 1, photo: Artifact = PHOTO, name: str = "photo"
) -> Plan:
    checked = parsing.parse(document.load("recipe: 1\nmodel: paint\n" + text, "r.yaml"), "r", SHAPE, CATALOGUE)
    item = Item(name, values or {}, dict.fromkeys(checked.images, photo))
    return plan.make(checked, item, seed, CATALOGUE, read)


def read(path: str) -> bytes:
    if path != "fonts/a.ttf":
        raise UsageError(f"there is no file {path}")
    return b"a font"


ONE = """inputs: {photo: {type: image}, word: {type: text}}
steps:
  - {name: a, prompt: ' Hi {{ word }} ', candidates: 2}
"""


def test_requests_are_complete() -> None:
    """Rendered prompt without outer space, settings, a seed for each candidate by the documented formula."""
    made = planned(ONE, {"word": "Mug"})
    key = made.item.key
    assert made.steps[0].requests == (
        {"prompt": "Hi Mug", "seed": fingerprint.seed(1, "a", key, 1, 0, 2147483647)},
        {"prompt": "Hi Mug", "seed": fingerprint.seed(1, "a", key, 2, 0, 2147483647)},
    )


def test_seeds_depend_on_pixels_not_on_names() -> None:
    """Renaming a picture or editing its metadata leaves its seeds alone; another picture has others."""
    seeds = [
        planned(ONE, {"word": "x"}, photo=photo, name=name).steps[0].seed(0)
        for photo, name in [
            (PHOTO, "a"),
            (Artifact("e" * 64, "p" * 64, "image/png", 10, 10, 120), "b"),
            (Artifact("d" * 64, "q" * 64, "image/png", 10, 10, 100), "a"),
        ]
    ]
    assert seeds[0] == seeds[1] != seeds[2]


def test_seeds_depend_on_the_first_picture_alone() -> None:
    """A new logo, which only a later step takes, does not draw the steps before it again."""
    text = "inputs: {photo: {type: image}, logo: {type: image}}\nsteps:\n  - {name: a, prompt: x}\n"
    text += "  - {name: b, prompt: y, from: [a, logo]}\n"
    other = Artifact("e" * 64, "q" * 64, "image/png", 10, 10, 100)
    checked = parsing.parse(document.load("recipe: 1\nmodel: paint\n" + text, "r.yaml"), "r", SHAPE, CATALOGUE)
    keys = [
        Item("x", {}, {"photo": photo, "logo": logo}).key
        for photo, logo in [(PHOTO, PHOTO), (PHOTO, other), (other, PHOTO)]
    ]
    assert keys[0] == keys[1] != keys[2]
    before, after = (
        plan.make(checked, Item("x", {}, {"photo": PHOTO, "logo": logo}), 1, CATALOGUE, read).steps[0].seed(0)
        for logo in (PHOTO, other)
    )
    assert before == after


def test_inserting_a_step_leaves_other_seeds_alone() -> None:
    """A seed belongs to its step's name, not to its place."""
    before = planned("steps:\n  - {name: a, prompt: x}\n  - {name: b, prompt: y}\n")
    after = planned("steps:\n  - {name: a, prompt: x}\n  - {name: new, prompt: z}\n  - {name: b, prompt: y}\n")
    assert before.steps[1].seed(0) == after.steps[2].seed(0)


def test_a_step_s_own_seed_is_that_of_its_first_candidate() -> None:
    """The further ones are derived from it, whatever the recipe's seed is."""
    text = "steps:\n  - {name: a, prompt: x, seed: 77, candidates: 2}\n"
    first, second = planned(text, seed=1).steps[0], planned(text, seed=2).steps[0]
    assert first.seed(0) == 77
    assert first.requests == second.requests
    assert first.seed(1) not in {77, None}


BRANCH = """inputs: {photo: {type: image}, on: {type: boolean}}
steps:
  - {name: a, prompt: x}
  - {name: b, prompt: y, when: "on"}
  - {name: c, prompt: z}
  - {name: d, prompt: w, from: b}
"""


def test_a_step_that_is_off_is_passed_by() -> None:
    """Who names it gets what it would have taken."""
    on, off = planned(BRANCH, {"on": True}), planned(BRANCH, {"on": False})
    assert [step.sources for step in on.steps] == [("photo",), ("a",), ("b",), ("b",)]
    assert [step.sources for step in off.steps] == [("photo",), ("a",), ("a",), ("a",)]
    assert [step.off for step in off.steps] == [False, True, False, False]


def test_results_are_what_no_step_takes() -> None:
    """Branches end in several results; a last step that is off gives way to the one before."""
    assert planned(BRANCH, {"on": True}).finals == ("c", "d")
    inputs = "inputs: {photo: {type: image}, on: {type: boolean}}\nsteps:\n"
    text = inputs + "  - {name: a, prompt: x}\n  - {name: b, prompt: y, when: 'on'}\n"
    assert planned(text, {"on": False}).finals == ("a",)
    text = inputs + "  - {name: a, prompt: x, when: 'on'}\n"
    assert planned(text, {"on": False}).finals == ("photo",)


def test_an_operation_left_without_a_picture_is_told() -> None:
    """A recipe from text whose first step is off has nothing to resize."""
    steps = "steps:\n  - {name: a, prompt: x, when: 'on'}\n  - {name: b, resize: {width: 9}}\n"
    text = "inputs: {on: {type: boolean}}\n" + steps
    with pytest.raises(InvalidRecipe) as caught:
        planned(text, {"on": False})
    assert "finds no picture here" in caught.value.diagnostics[0].message


def test_a_prompt_left_without_a_picture_is_told() -> None:
    """An edit never turns into a picture made from text alone; a step that never had a picture is one."""
    steps = "steps:\n  - {name: a, prompt: x, when: 'on'}\n  - {name: b, prompt: y}\n"
    text = "inputs: {on: {type: boolean}}\n" + steps
    with pytest.raises(InvalidRecipe) as caught:
        planned(text, {"on": False})
    (problem,) = caught.value.diagnostics
    assert (problem.location.line, problem.message) == (
        6,
        "`prompt` finds no picture here: the step above is off and had none to pass on",
    )
    assert [step.sources for step in planned(text, {"on": True}).steps] == [(), ("a",)]


@pytest.mark.parametrize(
    ("step", "values", "line", "words"),
    [
        ("{name: a, prompt: x, settings: {strength: '{{ n }}'}}", {"n": 11}, 5, "`11` is too large: at most 10"),
        ("{name: a, prompt: '{{ n / 0 }}'}", {"n": 1}, 5, "this divides by zero"),
        ("{name: a, prompt: ' {{ n if n > 1 else \"\" }} '}", {"n": 1}, 5, "the prompt is empty with these values"),
        ("{name: a, when: n > 0, prompt: '  '}", {"n": 1}, 5, "the prompt is empty"),
        ("{name: a, prompt: x, settings: {num_images: '{{ n / 4 }}'}}", {"n": 2}, 5, "expected a whole number"),
        ("{name: a, resize: {width: '{{ n }}'}}", {"n": 0}, 5, "too small"),
        ("{name: a, text: {text: '{{ n }}', font: nope.ttf}}", {"n": 0}, 5, "there is no file nope.ttf"),
    ],
)
def test_what_only_values_can_tell_is_told_at_its_place(
    step: str, values: dict[str, Any], line: int, words: str
) -> None:
    """Each rendered request and param is held against its schema before anything is sent."""
    text = f"inputs: {{photo: {{type: image}}, n: {{type: number}}}}\nsteps:\n  - {step}\n"
    with pytest.raises(InvalidRecipe) as caught:
        planned(text, values)
    (problem,) = caught.value.diagnostics
    assert problem.location.line == line
    assert words in problem.message


def test_values_keep_their_type() -> None:
    """A setting that is one whole expression arrives as a number."""
    text = "inputs: {n: {type: number}}\nsteps:\n  - {name: a, prompt: x, settings: {strength: '{{ n }}'}}\n"
    assert planned(text, {"n": 2.5}).steps[0].requests[0]["strength"] == 2.5


def test_a_calculated_length_is_a_whole_number() -> None:
    """Half of 4 is 2, not 2.0, wherever a whole number is asked for."""
    text = "inputs: {n: {type: number}}\nsteps:\n  - {name: a, prompt: x, settings: {num_images: '{{ n / 2 }}'}}\n"
    (step,) = planned(text, {"n": 4}).steps
    assert step.requests[0]["num_images"] == 2
    assert type(step.requests[0]["num_images"]) is int


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (2.50, "2.5"), (True, "true")])
def test_numbers_become_text_where_only_text_fits(value: float | bool, text: str) -> None:
    """A prompt, and the words on a picture, take a number that stands alone in its template."""
    steps = "  - {name: a, prompt: '{{ n }}'}\n  - {name: b, text: {text: '{{ n }}'}}\n"
    prompt, words = planned("inputs: {photo: {type: image}, n: {type: number}}\nsteps:\n" + steps, {"n": value}).steps
    assert prompt.requests[0]["prompt"] == text
    assert words.params["text"] == text


def test_files_arrive_as_bytes_and_count_by_content() -> None:
    """A font's path is not part of the fingerprint; its bytes are."""
    text = "inputs: {photo: {type: image}}\nsteps:\n  - {name: a, text: {text: x, font: fonts/a.ttf}}\n"
    step = planned(text).steps[0]
    assert step.params["font"] == b"a font"
    assert step.fingerprints("paid", ("p",)) == step.fingerprints("rehearsal", ("p",))
