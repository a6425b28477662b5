"""One mistake, one message: the recipes in pipelines/ with single mistakes put in, one after the other.

Each mutation is made mechanically, wherever it can be made. A mutant may still be a valid recipe (a word misspelt in a
prompt is none of our business); what is told about the others is held against four claims.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from runner import document, parsing
from runner.cli import wiring
from runner.cli.wiring import House
from runner.errors import Diagnostic, InvalidRecipe
from runner.report.words import diagnostics_text
from tests.jargon import jargon_in

PIPELINES = Path(__file__).resolve().parents[2] / "pipelines"
RECIPES = ("product-hero", "storybook", "twilight")

Lines = tuple[str, ...]
Mutant = tuple[int, Lines]
"""The line of the mistake, from 1, and all lines with it."""

KEY = re.compile(r"^(?P<before>\s*(?:- )?)(?P<key>[a-z_]+):(?P<after>(?:\s.*)?)$")


def replaced(lines: Lines, at: int, line: str | None) -> Mutant:
    """The lines with another one at `at` (from 0), or without it."""
    return at + 1, (*lines[:at], *(() if line is None else (line,)), *lines[at + 1 :])


def in_keys(change: Callable[[re.Match[str]], str | None]) -> Callable[[Lines], Iterator[Mutant]]:
    """A mutation of every line that begins with a key; None leaves one alone."""

    def mutants(lines: Lines) -> Iterator[Mutant]:
        for at, line in enumerate(lines):
            found = KEY.match(line)
            changed = change(found) if found and not _in_text(lines, at) else None
            if changed is not None and changed != line:
                yield replaced(lines, at, changed)

    return mutants


def in_lines(change: Callable[[str], str | None]) -> Callable[[Lines], Iterator[Mutant]]:
    """A mutation of every line that says something."""

    def mutants(lines: Lines) -> Iterator[Mutant]:
        for at, line in enumerate(lines):
            changed = change(line) if line.strip() and not line.lstrip().startswith("#") else None
            if changed is not None and changed != line:
                yield replaced(lines, at, changed)

    return mutants


def _in_text(lines: Lines, at: int) -> bool:
    """Whether a line stands in a text below a `|`."""
    own = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent < own:
            return line.rstrip().endswith(("|", ">"))
    return False


def keys_in_braces(lines: Lines) -> Iterator[Mutant]:
    """Every key inside { }, with two letters swapped."""
    for at, line in enumerate(lines):
        if line.lstrip().startswith("#") or _in_text(lines, at):
            continue
        for found in re.finditer(r"(?<=[{,])(\s*)([a-z_]{3,})(?=:\s)", line):
            key = found.group(2)
            swapped = found.group(1) + key[0] + key[2] + key[1] + key[3:]
            if swapped.strip() != key:
                yield replaced(lines, at, line[: found.start()] + swapped + line[found.end() :])


def braces_lost(lines: Lines) -> Iterator[Mutant]:
    """Every line without its last closing brace or bracket."""
    for at, line in enumerate(lines):
        if re.search(r"[^}][}\]]$", line) and not _in_text(lines, at):
            yield replaced(lines, at, line[:-1])


def keys_twice(lines: Lines) -> Iterator[Mutant]:
    """Every `key: value` line written twice."""
    for at, line in enumerate(lines):
        found = KEY.match(line)
        if found and found["after"].strip() and found["after"].strip()[0] not in "|>" and not _in_text(lines, at):
            again = re.sub(r"^(\s*)- ", r"\1  ", line)
            yield at + 2, (*lines[: at + 1], again, *lines[at + 1 :])


def swapped(found: re.Match[str]) -> str | None:
    """Two letters of the key in the other order: `porduct`."""
    key = found["key"]
    return f"{found['before']}{key[0]}{key[2]}{key[1]}{key[3:]}:{found['after']}" if len(key) > 3 else None


def without_value(found: re.Match[str]) -> str | None:
    """The key alone."""
    return f"{found['before']}{found['key']}:" if found["after"].strip() not in {"", "|"} else None


def behind_a_dash(found: re.Match[str]) -> str | None:
    """The key as an entry of a list."""
    return None if "-" in found["before"] else f"{found['before']}- {found['key']}:{found['after']}"


def dashed(instead: str) -> Callable[[str], str | None]:
    """Something else in place of the dash of a list."""
    return lambda line: line.replace("- ", instead, 1) if line.lstrip().startswith("- ") else None


def value(written: str) -> Callable[[re.Match[str]], str | None]:
    """Another value for every key that has one on its line."""
    return lambda found: (
        f"{found['before']}{found['key']}: {written}" if found["after"].strip() not in {"", "|", ">"} else None
    )


MUTATIONS: dict[str, Callable[[Lines], Iterator[Mutant]]] = {
    "a key is misspelt": in_keys(swapped),
    "a key in braces is misspelt": keys_in_braces,
    "a key has a capital letter": in_keys(lambda m: f"{m['before']}{m['key'].capitalize()}:{m['after']}"),
    "a line is missing": in_keys(lambda m: None if m["after"].strip() in {"", "|"} else ""),
    "the value is missing": in_keys(without_value),
    "a list stands there": in_keys(value("[[]]")),
    "a block stands there": in_keys(value("{a: b}")),
    "a number stands there": in_keys(value("-7.5")),
    "a word stands there": in_keys(value("Nonsense of mine")),
    "a template stands there without quotes": in_keys(value("{{ nobody }} there")),
    "a colon stands in the text": in_keys(value("Note: this")),
    "a quotation mark is not closed": in_keys(value('"So')),
    "a comment is glued on": in_keys(value("Blue #ff8800")),
    "the space after the colon is missing": in_keys(lambda m: f"{m['before']}{m['key']}:{m['after'].lstrip()}"),
    "the colon is missing": in_keys(lambda m: f"{m['before']}{m['key']} {m['after'].lstrip()}"),
    "one space too many": in_lines(lambda line: " " + line),
    "one space too few": in_lines(lambda line: line[1:] if line.startswith(" ") else None),
    "two spaces too many": in_lines(lambda line: "  " + line),
    "two spaces too few": in_lines(lambda line: line[2:] if line.startswith("  ") else None),
    "a tab": in_lines(lambda line: "\t" + line.lstrip() if line.startswith(" ") else None),
    "a no-break space": in_lines(lambda line: line.replace(" ", "\u00a0", 1)),
    "the dash is glued on": in_lines(dashed("-")),
    "the dash is missing": in_lines(dashed("  ")),
    "a dash too many": in_keys(behind_a_dash),
    "a brace is missing": braces_lost,
    "a key stands twice": keys_twice,
    "curly quotes": in_lines(lambda line: line.replace('"', "“", 1).replace('"', "”", 1)),
}


def told(lines: Sequence[str], house: House) -> tuple[Diagnostic, ...]:
    """What is told about a recipe; nothing when it is valid."""
    try:
        text = document.load("\n".join(lines), "r.yaml", mend=True)
        parsing.parse(text, "r", house.recipe_schema, house.catalogue)
    except InvalidRecipe as error:
        return error.diagnostics
    return ()


@pytest.fixture(scope="module")
def houses() -> dict[str, House]:
    """What checks each recipe."""
    return {name: wiring.house(PIPELINES / f"{name}.yaml") for name in RECIPES}


@pytest.mark.parametrize("what", MUTATIONS)
def test_one_mistake_one_message(what: str, houses: dict[str, House]) -> None:
    """At most two problems are told of a single mistake (the value put in may be a second one), in words that an author
    knows, the first of them where the mistake was made, and what is shown as corrected is mended with it."""
    for name in RECIPES:
        for line, lines in _chosen(name, what):
            problems = told(lines, houses[name])
            place = f"{name}, line {line}: {lines[line - 1] if line <= len(lines) else ''}"
            assert len(problems) <= MOST.get(what, 2), place
            assert jargon_in(diagnostics_text(problems)) == [], place
            if problems and not _told_elsewhere(what, lines, line):
                assert abs(problems[0].location.line - line) <= 1, place
            for problem in problems:
                _check_correction(problem, problems, lines, houses[name])


MOST = {"the colon is missing": 6, "two spaces too few": 4, "a line is missing": 4}
"""Where the first line below an empty block loses its form, what follows may be read in several ways."""
EVERY = 7
"""One mutant in so many is made, another share of them for each recipe and mutation: all of them take minutes."""


def _chosen(name: str, what: str) -> list[Mutant]:
    lines = tuple((PIPELINES / f"{name}.yaml").read_text(encoding="utf-8").split("\n"))
    return list(MUTATIONS[what](lines))[(len(what) + len(name)) % EVERY :: EVERY]


def _told_elsewhere(what: str, lines: Lines, line: int) -> bool:
    """Mistakes that are told at another place, and rightly: what is missing is told at the block that lacks it, and an
    input's name that only one step uses may be wrong here or there."""
    written = lines[line - 1] if line <= len(lines) else ""
    return what == "a line is missing" or (what == "a key is misspelt" and bool(re.fullmatch(r"  [a-z_]+:", written)))


def _check_correction(problem: Diagnostic, problems: Sequence[Diagnostic], lines: Lines, house: House) -> None:
    if problem.corrected is None:
        return
    at = problem.location.line - 1
    after = told([*lines[:at], problem.corrected, *lines[at + 1 :]], house)
    left = Counter(map(_identity, problems)) - Counter([_identity(problem)])
    assert Counter(map(_identity, after)) <= left, problem


def _identity(problem: Diagnostic) -> tuple[int, str]:
    return problem.location.line, problem.message
