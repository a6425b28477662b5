"""Starters become somebody's own recipe: what was given is read again exactly, and all else stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runner import document
from runner.starters import Own, Starter, recipe_name, scalar, starters, written

KNOWN = starters()
Test = TypeVar("Test", bound=Callable[..., None])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
HARD = [
    'Say "hi": {{ x }}',
    "{% for a in b %}",
    "two\nlines\r\n\tand a tab",
    "- [a, b] # no comment",
    "no",
    "1900",
    "16:9",
    "null",
    "~",
    " blanks around ",
    "",
    "\u2028\u202e\ufeff\x00\x85\x1b",
    "\\n is no line end",
    "C:\\photos",
    "😀 ﬁ ß é",
    "#ff8800",
    "&a *a !a |",
    "it's",
]


def examples(test: Test) -> Test:
    """Every hard text as an example of its own."""
    for each in HARD:
        test = example(each)(test)
    return test


@examples
@given(TEXTS)
def test_a_text_is_read_again_exactly(value: str) -> None:
    """As a value of a block, in braces, and in a list: whatever it holds, it is that text and nothing else."""
    told = scalar(value)
    assert "\n" not in told
    text = f"block: {told}\nbraces: {{a: {told}, b: 1}}\nlist:\n  - {told}\n"
    assert document.load(text, "x.yaml").data == {"block": value, "braces": {"a": value, "b": 1}, "list": [value]}


@given(
    st.one_of(
        st.integers(-(10**9), 10**9),
        st.booleans(),
        st.floats(-1e6, 1e6).filter(lambda each: each == 0 or abs(each) > 1e-60),
    )
)
def test_a_number_is_read_again_exactly(value: float) -> None:
    """Numbers and truth values keep their type and every digit."""
    found = document.load(f"a: {scalar(value)}\n", "x.yaml").data["a"]
    assert found == value
    assert isinstance(found, bool) is isinstance(value, bool)


@examples
@given(TEXTS)
def test_what_was_given_stands_in_the_recipe_and_all_else_stays(value: str) -> None:
    """The title and a text with any letters: the data differ in these alone, and no comment is lost."""
    starter = KNOWN["product-hero"]
    own = Own("mug.yaml", "schemas/recipe.schema.json", title=value, defaults={"product": value})
    made = document.load(written(starter, own), "mug.yaml")
    expected = {**starter.document.data, "title": value}
    expected["inputs"] = {**expected["inputs"], "product": {**expected["inputs"]["product"], "default": value}}
    assert made.data == expected
    assert comments(made.lines)[1:] == [
        each.replace("pipelines/product-hero.yaml", "mug.yaml") for each in comments(starter.document.lines)[1:]
    ]


@pytest.mark.parametrize("starter", KNOWN.values(), ids=list(KNOWN))
def test_every_starter_takes_every_answer(starter: Starter) -> None:
    """All that `retouch new` exchanges can be exchanged in every starter, and no line tells of the starter's file."""
    inputs = starter.document.data["inputs"]
    defaults = {name: 'a "b": c' for name, each in inputs.items() if each["type"] in {"text", "image"}}
    assert defaults
    own = Own("a/b.yaml", "x.json", title="T", defaults=defaults, model="m", budget="9.00 USD", seed=9)
    text = written(starter, own)
    data = document.load(text, "b.yaml").data
    assert {name: data["inputs"][name]["default"] for name in defaults} == defaults
    assert [data["title"], data["model"], data["budget"], data["seed"]] == ["T", "m", "9.00 USD", 9]
    assert data["steps"] == starter.document.data["steps"]
    assert text.startswith("# yaml-language-server: $schema=x.json\n")
    assert "pipelines" not in text
    assert "retouch run a/b.yaml" in text


@pytest.mark.parametrize("starter", KNOWN.values(), ids=list(KNOWN))
def test_seed_and_budget_can_be_left_out(starter: Starter) -> None:
    """They become comments, below a line that says what holds without them."""
    text = written(starter, Own("b.yaml", "x.json", without=frozenset({"seed", "budget"})))
    data = document.load(text, "b.yaml").data
    assert {"seed", "budget"} & {*data} == set()
    assert "\n# seed: " in text
    assert "`--seed new`" in text
    assert "\n# budget: " in text


@pytest.mark.parametrize("inputs", ["  a: {type: text, help: x}", "  a:\n    type: text\n    help: x"])
def test_an_input_without_a_default_gets_one(inputs: str) -> None:
    """In braces and in a block."""
    starter = of_text(f"recipe: 1\ninputs:\n{inputs}\nsteps: []\n")
    own = Own("b.yaml", "x.json", defaults={"a": "b, c"}, title="T", budget="1.00 USD")
    data = document.load(written(starter, own), "b.yaml").data
    assert data["inputs"]["a"] == {"type": "text", "help": "x", "default": "b, c"}
    assert [data["title"], data["budget"]] == ["T", "1.00 USD"]


def test_a_starter_without_a_modeline_gets_one() -> None:
    """And keeps its first comment."""
    text = written(of_text("# Mine.\nrecipe: 1\nsteps: []\n"), Own("b.yaml", "x.json"))
    assert text.splitlines()[:2] == ["# yaml-language-server: $schema=x.json", "# Mine."]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("My mug", "my-mug"),
        ("my-mug", "my-mug"),
        ("Müllers Straße & Söhne!", "mullers-strasse-and-sohne"),
        ("Mary's  café", "marys-cafe"),
        ("../../etc", "etc"),
        ("a\nb\x00c", "a-b-c"),
        ("CON", "con-recipe"),
        ("com1", "com1-recipe"),
        ("日本の写真", "日本の写真"),
        ("?!", ""),
        ("-rf", "rf"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_file_is_called_so_that_every_system_can_store_it(words: str, name: str) -> None:
    """Small letters, digits and hyphens; no marks on letters, which systems store in different ways."""
    assert recipe_name(words) == name


@given(TEXTS)
def test_a_name_stays_what_it_is(words: str) -> None:
    """The name of a name is the name: what was said once can be typed again."""
    name = recipe_name(words)
    assert recipe_name(name) == name
    assert len(name.encode()) < 200
    assert Path(name).name == name


def test_the_simplest_starters_come_first() -> None:
    """Who knows nothing yet takes the first one."""
    assert [*KNOWN][:2] == ["one-edit", "postcard"]
    assert {"product-hero", "storybook", "twilight"} <= {*KNOWN}


def test_every_sample_is_there() -> None:
    """An image input's default can be copied."""
    named = [
        each.sample(name)
        for each in KNOWN.values()
        for name, one in each.document.data["inputs"].items()
        if one["type"] == "image"
    ]
    assert len(named) >= len(KNOWN)
    assert [file for file in named if not file.is_file()] == []


def comments(lines: tuple[str, ...]) -> list[str]:
    """The lines that are comments, in order."""
    return [line for line in lines if line.lstrip().startswith("#")]


def of_text(text: str) -> Starter:
    """A starter of a test's own."""
    return Starter("own", Path("own.yaml"), document.load(text, "own.yaml"))
