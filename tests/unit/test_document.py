"""YAML for people: what is read as what, where it stands, and what is refused."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner import document
from runner.document import Span
from runner.errors import InvalidRecipe, UsageError


def load(text: str) -> document.Document:
    return document.load(text, "r.yaml")


def refused(text: str) -> list[tuple[int, int, str]]:
    """Line, column and message of everything wrong with a text."""
    with pytest.raises(InvalidRecipe) as caught:
        load(text)
    return [(d.location.line, d.location.column, d.message) for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("16:9", "16:9"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2024-01-01", "2024-01-01"),
        ("007", "007"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("9" * 40, "9" * 40),
        ("<<", "<<"),
        ("=", "="),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"12"', "12"),
        ("'true'", "true"),
    ],
)
def test_plain_values_are_read_as_people_mean_them(written: str, value: Any) -> None:
    """Only whole numbers, decimals, true/false and null are more than text."""
    read = load(f"key: {written}\n").data["key"]
    assert read == value
    assert type(read) is type(value)


def test_positions_of_keys_and_values() -> None:
    """Every key and value has its line, column and width, from 1."""
    doc = load('a: 1\nsteps:\n  - name: "x y"\n    from: [b, cc]\n')
    assert doc.keys["a",] == Span(1, 1, 1)
    assert doc.values["a",] == Span(1, 4, 1)
    assert doc.keys["steps", 0, "name"] == Span(3, 5, 4)
    assert doc.values["steps", 0, "name"] == Span(3, 11, 5)
    assert doc.values["steps", 0, "from", 1] == Span(4, 15, 2)


def test_a_missing_path_points_to_what_surrounds_it() -> None:
    """A problem with something that is not written stands at the nearest thing that is."""
    doc = load("steps:\n  - name: x\n")
    assert doc.diagnostic(("steps", 0, "prompt"), "missing").location.line == 2


def test_a_line_of_a_text_block_is_a_line_of_the_file() -> None:
    """Line n of a `|` block is line n below its key, and the word is found in it."""
    doc = load("a: 1\nprompt: |\n  one\n  two {{ nme }}\n")
    place = doc.diagnostic_in_text(("prompt",), 2, "nme", "unknown").location
    assert (place.line, place.column) == (4, 10)


def test_a_word_in_a_short_text_is_found_on_its_line() -> None:
    """In a plain or quoted text the word is looked for behind the key."""
    doc = load('nme: 1\nnme2: "{{ nme }}"\n')
    place = doc.diagnostic_in_text(("nme2",), 1, "nme", "unknown").location
    assert (place.line, place.column) == (2, 11)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key `a` stands twice"),
        ("a:\n\tb: 1\n", 2, 1, "a tab"),
        ("a: x\ty\n", 1, 5, "a tab"),
        ("a: !!python/object:os.system x\n", 1, 4, "a value cannot begin with `!`"),
        ("a: !local x\n", 1, 4, "a value cannot begin with `!`"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second recipe"),
        ("title: x\u2028b: 2\n", 1, 9, "a hidden line break (U+2028)"),
        ("title: x\u0085b: 2\n", 1, 9, "a hidden line break (U+0085)"),
        ("a: x\u202eb\n", 1, 5, "writing direction"),
        ("a: x\x00b\n", 1, 5, "a NUL character"),
        ("a: x\x1b[31m\n", 1, 5, "a control character"),
        ("a: {{ x }}\n", 1, 4, "this text begins with a brace, and has no quotes"),
        ("a: *x\n", 1, 4, "stands for nothing above it"),
        ("a: *.jpg\n", 1, 4, "cannot begin with `*`"),
        ("title: b: c\n", 1, 9, "a colon stands where none is expected"),
        ("a: b: c\n", 1, 4, "a block stands on the line of its key"),
        ("a: - b\n", 1, 4, "a dash stands where none is expected"),
        ("? a\nb: 1\n", 1, 1, "a question mark stands before this key"),
        ('a: "b\nc: 1\n', 1, 4, "quotation mark is never closed"),
        ("a: [1, 2\nb: 3\n", 1, 4, "a bracket or brace is not closed"),
        ("a: {b: 1 c: 2}\n", 1, 11, "a bracket or brace is not closed"),
        ("a: {% if x %}y\n", 1, 4, "this text begins with a brace, and has no quotes"),
        ("a: x #ff8800 y\n", 1, 6, "from `#` on this is a comment"),
        ("a: #224466\nb: 1\n", 1, 4, "from `#` on this is a comment"),
        ("a: [b, c #d]\n]\n", 1, 10, "from `#` on this is a comment"),
        ("a: {b: c #d}\ne: 1\n", 1, 10, "from `#` on this is a comment"),
        ("a: [\n  b,\n  'c' #d]\ne: 1\n", 3, 7, "from `#` on this is a comment"),
        ("a: [\n  'b', #c\n  'd'\ne: 1\n", 1, 4, "a bracket or brace is not closed"),
        ("a: x #ff8800\n  more\n", 1, 6, "from `#` on this is a comment"),
        ("a: 'don't'\n", 1, 9, "goes on after the closing quotation mark"),
        ('a: "b" c\n', 1, 8, "goes on after the closing quotation mark"),
        ('a: {b: "c" d}\n', 1, 12, "goes on after the closing quotation mark"),
        ('a: b, "c" d\nbad\ne: f\n', 2, 1, "a colon is missing"),
        ("a: |\n  x #ff8800\n bad\nc: d\n", 3, 2, "does not fit the ones above"),
        ("a: 1\nbb\nc: 2\n", 2, 1, "a colon is missing"),
        ("steps:\n  - name: a\n    prompt: x\n   model: y\n", 4, 4, "does not fit the ones above"),
        ("a: @x\n", 1, 4, "cannot begin with this character"),
        ("a: &x [*x]\n", 1, 8, "stands for nothing above it"),
    ],
)
def test_what_is_refused_and_where(text: str, line: int, column: int, words: str) -> None:
    """Each trap of YAML is an error at its place, in words."""
    first = refused(text)[0]
    assert first[:2] == (line, column)
    assert words in first[2]


def test_comments_that_people_write_are_comments() -> None:
    """A `#` with a space behind it, on a line of its own, or behind quotes or a key takes nothing from a value."""
    text = '#one\na: b # two\n  #three\nc: d ## four\ne: f #\ng: "#h" #five\ni: #six\n  j: k#l\nm: |\n  n #o\n'
    assert load(text).data == {"a": "b", "c": "d", "e": "f", "g": "#h", "i": {"j": "k#l"}, "m": "n #o\n"}


def test_each_lost_end_of_a_value_is_told() -> None:
    """One pass tells every comment that was none, also where the text cannot be read any further."""
    assert [each[0] for each in refused("a: #224466\nb: [c #d\n]\ne: {f: #fff}\ng: 1\n")] == [1, 2, 4]


@pytest.mark.parametrize(
    ("text", "word", "line", "column"),
    [
        ('k: "an owl {{ an }}"\n', "an", 1, 15),
        ("k: want {{ an }}\n", "an", 1, 12),
        ("k: 'a {{ b }} {% if c %}'\n", "c", 1, 21),
        ("k: one an\n  two {{ an }}\n", "an", 2, 10),
        ('k: "one an\n\n  two {{ an }}"\n', "an", 3, 10),
        ("k: >\n  one an\n\n  two {{ an }}\n", "an", 4, 10),
        ("k: >-\n  one {{ a\n  ~ b }}\n", "b", 3, 5),
        ('{k: "one an {{ an }}"}\n', "an", 1, 16),
        ("k: \"{{ 'an' ~ an }}\"\n", "an", 1, 15),
        ("k: \"{{ n == 'Winter' }}\"\n", "Winter", 1, 14),
        ('k: "{{ {{{ n }}"\n', "{{{", 1, 8),
        ('k: "{{ n"\n', "n", 1, 8),
        ("k: an owl\n", "an", 1, 4),
        ("k: one\n  two {{ n\n", None, 2, 7),
        ('k: "{{ one"\n', None, 1, 4),
    ],
)
def test_a_word_is_found_in_the_templates_of_a_text(text: str, word: str | None, line: int, column: int) -> None:
    """Whole words inside of braces are to blame, on whatever line of the file they stand; never the prose around."""
    place = load(text).diagnostic_in_text(("k",), 1, word, "unknown").location
    assert (place.line, place.column) == (line, column)


def test_a_condition_is_a_template_as_a_whole() -> None:
    """In a condition every word counts, and a lone `=` is none that belongs to `==` or to a text."""
    doc = load('w: a == "b=c" and d = "e"\nv: \'a >= 1 and d=2\'\n')
    assert doc.diagnostic_in_text(("w",), 1, "=", "single", condition=True).location.column == 21
    assert doc.diagnostic_in_text(("v",), 1, "=", "single", condition=True).location.column == 17
    assert doc.diagnostic_in_text(("w",), 1, "d", "unknown", condition=True).location.column == 19


def test_a_picture_is_no_recipe(tmp_path: Path) -> None:
    """Who gives a picture is told how to give it; a text in another encoding is told as such."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0" + b"\x00" * 2_000_000)
    with pytest.raises(UsageError, match=r"photo.jpg is a picture, not a recipe") as caught:
        document.read(file, "photo.jpg")
    assert caught.value.hint is not None
    assert "-i photo=photo.jpg" in caught.value.hint


@pytest.mark.parametrize(
    ("begins", "told"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "a file of Word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of Word"),
        (b"{\\rtf1\\ansi\n{\\fonttbl\\f0 Helvetica;}\n", "rich text"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"<!DOCTYPE html>\n<title>shop.yaml</title>\n", "a web page"),
    ],
)
def test_a_paper_is_no_recipe(tmp_path: Path, begins: bytes, told: str) -> None:
    """Whoever wrote a recipe in a word processor is told what the file is, and how to save it."""
    file = tmp_path / "shop.yaml"
    file.write_bytes(begins)
    with pytest.raises(UsageError, match=f"shop.yaml is {told}.*, not a recipe") as caught:
        document.read(file, "shop.yaml")
    assert caught.value.hint == "save the recipe as plain text, in UTF-8"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """The limit holds for files as for texts."""
    file = tmp_path / "r.yaml"
    file.write_text("a: " + "x" * 1_000_000, encoding="utf-8")
    with pytest.raises(UsageError, match="larger than 1000 kB"):
        document.read(file)


def test_duplicate_keys_are_all_told() -> None:
    """One pass tells every duplicate."""
    assert [each[0] for each in refused("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n")] == [2, 5]


def test_bytes_that_are_no_text_have_a_place(tmp_path: Any) -> None:
    """A file in another encoding is an error with line and column."""
    file = tmp_path / "r.yaml"
    file.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(InvalidRecipe) as caught:
        document.read(file)
    assert (caught.value.diagnostics[0].location.line, caught.value.diagnostics[0].location.column) == (2, 7)


@pytest.mark.parametrize(
    "bomb",
    [
        "a: " + "[" * 200_000,
        "a: " + "{b: " * 100_000,
        "- " * 100_000 + "x",
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"k{n}: &k{n} [{','.join([f'*{p}'] * 10)}]\n" for n, p in
            enumerate(["a", *(f"k{n}" for n in range(9))])),
        "".join(f"k{n}: &k{n} {'[' * 60}{f'*k{n - 1}' if n else 'x'}{']' * 60}\n" for n in range(20)),
        "a: [" + "x," * 150_000 + "]",
        "a: " + "x" * 1_100_000,
    ],
    ids=["brackets", "braces", "dashes", "aliases", "deep-aliases", "many", "long"],
)  # fmt: skip
def test_bombs_are_refused(bomb: str) -> None:
    """Nesting, aliases and sheer size end in an error, not in a crash or a hang."""
    assert refused(bomb)


def test_aliases_stand_for_what_they_name() -> None:
    """A harmless alias gives a copy, with the positions of what it names."""
    doc = load("a: &x {b: [1, 2]}\nc: *x\n")
    assert doc.data["c"] == {"b": [1, 2]}
    assert doc.values["c", "b", 1].line == 1


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.text(st.characters(codec="ascii", min_codepoint=32))
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex("[a-z]{1,6}", fullmatch=True), inner),
    max_leaves=20,
)


@given(trees)
def test_what_is_dumped_is_read_back(tree: Any) -> None:
    """Any tree of plain values, written as JSON (which is YAML) or by a YAML dumper, is read back the same."""
    assert load(json.dumps({"root": tree})).data == {"root": tree}
    flow = (
        yaml.safe_dump({"root": tree}, default_style='"')
        if isinstance(tree, str)
        else json.dumps({"root": tree}, indent=1)
    )
    assert load(flow).data == {"root": tree}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fall over: it gives data, or at least one diagnostic."""
    with contextlib.suppress(InvalidRecipe):
        load(text)


def test_one_mistake_of_form_does_not_hide_what_follows() -> None:
    """With `mend`, the text is read as it was most likely meant; what is wrong with it stands in `found`."""
    doc = document.load("a: Note: x\nb: {{ c }}\nd:\n\te: 1\n", "r.yaml", mend=True)
    assert doc.data == {"a": "Note: x", "b": "{{ c }}", "d": {"e": 1}}
    assert [each.location.line for each in doc.found] == [1, 2, 4]
    assert [each.corrected for each in doc.found] == ['a: "Note: x"', 'b: "{{ c }}"', "  e: 1"]


def test_what_is_quoted_is_the_file_and_not_what_was_read_instead() -> None:
    """A problem on a line that was read otherwise stands where its author wrote it."""
    doc = document.load("b: {{ c }}\n", "r.yaml", mend=True)
    problem = doc.diagnostic_in_text(("b",), 1, "c", "unknown")
    assert (problem.quoted, problem.location.column) == ("b: {{ c }}", 7)


def test_a_long_text_is_not_read_again_and_again() -> None:
    """Mistakes without end are told in bounded time: no line is tried out where that would be slow."""
    with pytest.raises(InvalidRecipe) as caught:
        document.load('a: "' * 10_000, "r.yaml", mend=True)
    assert len(caught.value.diagnostics) == 1
