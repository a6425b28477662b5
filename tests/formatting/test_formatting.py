"""`runner.formatting`: what a recipe looks like in order, and what is left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.errors import InvalidRecipe, UsageError
from runner.formatting import formatted
from runner.formatting.order import OPERATION, STEP
from runner.language import INPUT_IN_ORDER, TOP_IN_ORDER
from runner.operations import OPERATIONS
from runner.schema_files import recipe_schema
from tests.command import ROOT

EXAMPLES = sorted((ROOT / "tests" / "formatting" / "examples").glob("*.expected.yaml"))
SHIPPED = [
    *sorted((ROOT / "pipelines").rglob("*.yaml")),
    *sorted((ROOT / "tests" / "recipes" / "valid").glob("*.yaml")),
]


def in_order(text: str) -> str:
    return formatted(text, "r.yaml")


def step(text: str) -> str:
    """One step in order, without what stands around it."""
    return in_order(f"recipe: 1\nsteps:\n{text}").removeprefix("recipe: 1\n\nsteps:\n")


@pytest.mark.parametrize("expected", EXAMPLES, ids=lambda file: file.name.removesuffix(".expected.yaml"))
def test_examples(expected: Path) -> None:
    """NAME.yaml becomes NAME.expected.yaml, which stays as it is."""
    before = expected.with_name(expected.name.replace(".expected", ""))
    assert in_order(before.read_text(encoding="utf-8")) == expected.read_text(encoding="utf-8")
    assert in_order(expected.read_text(encoding="utf-8")) == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_our_own_recipes_are_in_order(file: Path) -> None:
    """What we ship is what the command makes of it."""
    text = file.read_text(encoding="utf-8")
    assert in_order(text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- prompt: a\n  name: b\n", "  - name: b\n    prompt: a\n"),
        ("-   name:   b\n    prompt  :  a\n", "  - name: b\n    prompt: a\n"),
        ("- resize: {width: 1}\n  from: x\n  name: b\n", "  - name: b\n    from: x\n    resize: {width: 1}\n"),
        ("- sharpen:\n    radius: 1\n  name: b\n", "  - name: b\n    sharpen:\n      radius: 1\n"),
        ("- name: b\n  promt: a\n  from: c\n", "  - name: b\n    promt: a\n    from: c\n"),
        ("- promt: a\n  name: b\n", "  - name: b\n    promt: a\n"),
        ("-\n  name: b\n", "  - name: b\n"),
        ("- name: a\n\n\n\n- name: b\n", "  - name: a\n\n  - name: b\n"),
        ("- name: a\n  seed: 1\n- name: b\n", "  - name: a\n    seed: 1\n\n  - name: b\n"),
        ("- name: b\n\n\n  prompt: a\n\n", "  - name: b\n    prompt: a\n"),
        ("- {name: b, prompt: a}\n- {prompt: c, name: d}\n", "  - {name: b, prompt: a}\n  - {prompt: c, name: d}\n"),
    ],
)
def test_steps(before: str, after: str) -> None:
    """Keys stand in order, each step has the same form, and an empty line parts steps of several lines."""
    assert step(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{ a:  1,b : [ x,y ] ,c: {}}", "{a: 1, b: [x, y], c: {}}"),
        ('{"a":1, "b":  "x,  y"}', '{"a": 1, "b": "x,  y"}'),
        ("[16:9 , http://x , a  b, 'it''s']", "[16:9, http://x, a  b, 'it''s']"),
        ("[a,b,]", "[a, b,]"),
        ("[ ]", "[]"),
        ("{a: 1,   # first\n     b: 2}", "{a: 1,  # first\n     b: 2}"),
        ("[a,\n\n     b\n   ]", "[a,\n\n     b\n   ]"),
        ("[~, null,true ]", "[~, null, true]"),
        ("[ 'a\n     b' ]", "[ 'a\n     b' ]"),
        ("{? a : 1}", "{? a : 1}"),
        ("{ a: , b: 1 }", "{ a: , b: 1 }"),
    ],
)
def test_spaces_in_brackets(before: str, after: str) -> None:
    """One space behind commas and colons, none inside brackets; what is unusual stays as it is."""
    assert in_order(f"recipe: {before}\n") == f"recipe: {after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("|\n       a  \n\n         b\n       c\n", "|\n      a  \n\n        b\n      c\n"),
        (">-\n     a\n     b\n", ">-\n      a\n      b\n"),
        ("|   # so\n     a\n", "|  # so\n      a\n"),
        ("|1\n    a\n     b\n", "|1\n     a\n      b\n"),
        ("|2\n      a\n     b\n", "|2\n       a\n      b\n"),
        ("|\n     a\n        \n", "|\n      a\n         \n"),
        ("|\n     # no comment\n     - no: step\n", "|\n      # no comment\n      - no: step\n"),
        ("one\n       two\n", "one\n      two\n"),
        ("\n     one\n", "\n      one\n"),
        ("\n     |\n       a\n", "\n      |\n        a\n"),
        ('"one\\\n      two"\n', '"one\\\n      two"\n'),
        ("|\n     日本 ☕ é\n", "|\n      日本 ☕ é\n"),
    ],
)
def test_texts_keep_every_character(before: str, after: str) -> None:
    """Lines of a text are set in anew, all by the same, and nothing else."""
    assert step(f" - name: a\n   prompt: {before}") == f"  - name: a\n    prompt: {after}".replace(
        "prompt: \n", "prompt:\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  prompt: |+\n    x\n\n\n", "    prompt: |+\n      x\n\n\n"),
        ("  prompt: |+\n    x\n", "    prompt: |+\n      x\n"),
        ("  prompt: |+\n    x\n- name: b\n  seed: 1\n", "    prompt: |+\n      x\n  - name: b\n    seed: 1\n"),
        ("  prompt: |+\n    x\n\n\n  # so\n", "    prompt: |+\n      x\n\n\n    # so\n"),
    ],
)
def test_the_empty_lines_that_a_text_keeps(before: str, after: str) -> None:
    """Below `|+` they belong to the text: none is added and none taken away."""
    assert step(f"- name: a\n{before}") == f"  - name: a\n{after}"


def test_the_empty_lines_that_a_text_keeps_go_with_it() -> None:
    """To the end of the file, and to the end of a step."""
    before = "steps:\n  - name: a\n    prompt: |+\n      x\n\n\nrecipe: 1\n"
    assert in_order(before) == "recipe: 1\n\nsteps:\n  - name: a\n    prompt: |+\n      x\n\n\n"
    before = "- prompt: |+\n    x\n  name: a\n\n  # so\n"
    assert step(before) == "  - name: a\n    prompt: |+\n      x\n    # so\n"


def test_a_text_whose_last_line_has_no_end() -> None:
    """An author who leaves out the last line end means no other text."""
    assert step("- name: a\n  prompt: |\n    x") == "  - name: a\n    prompt: |\n      x\n"


def test_windows_and_old_mac_line_ends_and_byte_order_marks() -> None:
    """Lines end in one way, and no invisible mark stands before them."""
    assert in_order("\ufeffrecipe: 1\r\nseed: 2\r\n") == "recipe: 1\nseed: 2\n"
    assert in_order("recipe: 1\rseed: 2\r") == "recipe: 1\nseed: 2\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# of title\ntitle: a\n# of recipe\nrecipe: 1\n", "# of recipe\nrecipe: 1\n# of title\ntitle: a\n"),
        ("# of the file\n\ntitle: a\nrecipe: 1\n", "# of the file\n\nrecipe: 1\ntitle: a\n"),
        ("title: a   # behind\nrecipe: 1 # too\n", "recipe: 1  # too\ntitle: a  # behind\n"),
        ("title: a # one\n         # two\nrecipe: 1\n", "recipe: 1\ntitle: a  # one\n          # two\n"),
        ("title: a\nrecipe: 1\n# last\n", "recipe: 1\ntitle: a\n# last\n"),
        ("seed: 1\n\n# apart\n\n\nrecipe: 1\n", "# apart\nrecipe: 1\nseed: 1\n"),
        (
            "# of title\n# yaml-language-server: $schema=x\ntitle: a\nrecipe: 1\n",
            "# yaml-language-server: $schema=x\nrecipe: 1\n# of title\ntitle: a\n",
        ),
    ],
)
def test_comments_go_with_their_key(before: str, after: str) -> None:
    """Those above it and those behind it; the ones on top and at the end stay there."""
    assert in_order(before) == after


def test_a_step_that_was_put_into_comments_stays_between_its_neighbours() -> None:
    """Also where its author began the comments in the first column."""
    before = "- name: a\n  prompt: x\n#- name: b\n#  prompt: y\n- name: c\n"
    assert step(before) == "  - name: a\n    prompt: x\n\n  #- name: b\n  #  prompt: y\n  - name: c\n"


def test_the_order_of_inputs_and_settings_stays() -> None:
    """The first picture of the inputs is the one that the first step takes."""
    inputs, steps = "inputs:\n  b: {type: image}\n  a: {type: image}", "steps:\n  - name: a\n    settings: {z: 1, a: 2}"
    text = f"recipe: 1\n\n{inputs}\n\n{steps}\n"
    assert in_order(text) == text


@pytest.mark.parametrize("text", ["a: 1\n", "- recipe\n", "text\n", "", "# nothing\n"])
def test_what_is_no_recipe_is_refused(text: str) -> None:
    """Another YAML file that came along with a pattern is not touched."""
    with pytest.raises(UsageError, match=r"r\.yaml holds no recipe"):
        in_order(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("recipe: &one 1\nseed: *one\n", "with a `&` name"),
        ("{recipe: 1}\n", "this way of writing"),
        ("recipe: 1\nsteps: [a\n", "a bracket or brace is not closed"),
    ],
)
def test_what_cannot_be_put_in_order_is_told_with_its_place(text: str, words: str) -> None:
    """Forms in which a moved line could mean something else, and mistakes."""
    with pytest.raises(InvalidRecipe) as caught:
        in_order(text)
    assert any(words in each.message for each in caught.value.diagnostics)


def test_every_key_of_the_language_has_its_place_in_the_order() -> None:
    """A key that the language gains is put in order, too."""
    schema = recipe_schema()
    assert set(schema["properties"]) == set(TOP_IN_ORDER)
    assert set(schema["$defs"]["input"]["properties"]) == set(INPUT_IN_ORDER)
    assert set(schema["$defs"]["step"]["properties"]) - set(OPERATIONS) == set(STEP) - {OPERATION}
