"""Recipes of any order and spacing, with comments everywhere: nothing is lost, and each comment stays where it belongs.

Each comment names the key that it stands at, and where: `# @above steps.0.prompt`. A reader of its own, which knows
nothing of the formatter, then looks in the result whether it stands there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runner import document
from runner.formatting import formatted

Draw = Any

PLAIN = [
    "mug",
    "16:9",
    "2.50",
    "007",
    "yes",
    "null",
    "it's",
    "a  b",
    '"a: b"',
    "'it''s # no comment'",
    '"\\u00e9"',
    "日本 ☕",
]
BRACKETS = [
    "[a,b]",
    "[ 'a' , b ]",
    "{a: 1,b: [x,  y]}",
    '{ "a":1 }',
    "{}",
    "[ ]",
    "[a,\n  b  ]",
    '{a: 1,\n\n   "b": 2}',
]
CONTINUED = ["one\n  two", '"one\n  two\\\n  three"', "'one\n\n  two'"]
TEXTS = ["~ one", "~ two  ", "  ~ set in # so", "", "~ {{ x }}: y", "   "]
HEADERS = ["|", ">", "|-", ">-", "|+", "|2", ">2-"]

TOP_ORDER = ["recipe", "title", "description", "inputs", "model", "seed", "budget", "steps"]
TOP = ["recipe", "title", "description", "model", "seed", "budget", "odd"]
INPUT = ["type", "help", "options", "default", "minimum", "hlep"]
STEP = ["when", "from", "prompt", "settings", "resize", "seed", "promt"]


@st.composite
def recipes(draw: Draw) -> str:
    """The text of a recipe."""
    blocks: list[list[str]] = []
    for key in draw(st.lists(st.sampled_from(TOP), unique=True)):
        blocks.append(_entry(draw, key, key, 0))
    if draw(st.booleans()):
        names = [f"in{number}" for number in range(draw(st.integers(1, 3)))]
        inside = [_named_block(draw, name, f"inputs.{name}", INPUT) for name in names]
        blocks.append(_around(draw, "inputs", _below(draw, [line for each in inside for line in each], 1)))
    steps = [line for number in range(draw(st.integers(1, 3))) for line in _step(draw, number)]
    least: int = draw(st.integers(0, 1))  # a list may stand as far left as its key, and then no comment can end it
    blocks.append(_around(draw, "steps", _below(draw, [*steps, *(_end(draw, "steps") if least else [])], least)))
    blocks = list(draw(st.permutations(blocks)))
    head = ["# yaml-language-server: $schema=x", *_blank(draw)] if draw(st.booleans()) else []
    first = next(place for place, line in enumerate(blocks[0]) if line.strip() and not line.startswith("#"))
    # a comment above an empty line would be about the whole file there
    blocks[0] = [line for place, line in enumerate(blocks[0]) if line.strip() or place > first]
    ends: int = draw(st.integers(1, 3))
    return "\n".join([*head, *(line for block in blocks for line in block)]) + "\n" * ends


def _named_block(draw: Draw, name: str, path: str, keys: list[str]) -> list[str]:
    """An input, as a block of its own."""
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, min_size=1))
    inside = [line for key in chosen for line in _entry(draw, key, f"{path}.{key}", 0)]
    return _around(draw, name, _below(draw, [*inside, *_end(draw, path)], 1), path)


def _step(draw: Draw, number: int) -> list[str]:
    """An item of the list of steps."""
    path = f"steps.{number}"
    keys = draw(st.permutations(["name", *draw(st.lists(st.sampled_from(STEP), unique=True))]))
    lines: list[str] = []
    for place, key in enumerate(keys):
        if key == "name":
            above = _comment(draw, f"above {path}.name") if place else []
            entry = [
                *above,
                f"name: s{number}" + "".join(f"  {each}" for each in _comment(draw, f"behind {path}.name")),
            ]
        else:
            entry = _entry(draw, key, f"{path}.{key}", 0, first=place == 0)
        lines += entry
    lines += _end(draw, path)
    width = draw(st.integers(1, 4))
    dashed = ["-" + " " * width + lines[0], *(" " * (width + 1) + line if line.strip() else line for line in lines[1:])]
    if draw(st.integers(0, 5)) == 0:
        dashed = ["-", *(" " * (width + 1) + line if line.strip() else line for line in lines)]
    return [*_blank(draw), *_comment(draw, f"above {path}"), *_blank(draw), *dashed]


def _entry(draw: Draw, key: str, path: str, depth: int, *, first: bool = False) -> list[str]:
    """A key with its value, and comments around it."""
    behind = "".join(f" {each}" for each in _comment(draw, f"behind {path}"))
    gap = " " * draw(st.integers(1, 3))
    kind = draw(st.sampled_from(["plain", "plain", "text", "brackets", "continued", "block", "nothing"]))
    if kind == "text":
        header = draw(st.sampled_from(HEADERS))
        inner = 2 if "2" in header else draw(st.integers(1, 4))
        body = ["~ first", *draw(st.lists(st.sampled_from(TEXTS), max_size=3)), "~ last"]
        lines = [f"{key}:{gap}{header}{behind}", *(" " * inner + line for line in body)]
    elif kind == "block" and depth == 0:
        inside = _entry(draw, "inner", f"{path}.inner", 1)
        lines = [f"{key}:{behind}", *_below(draw, inside, 1)]
    elif kind == "nothing":
        lines = [f"{key}:{behind}"]
    elif kind == "continued":
        lines = f"{key}:{gap}{draw(st.sampled_from(CONTINUED))}".split("\n")
    else:
        value = draw(st.sampled_from(BRACKETS if kind == "brackets" else PLAIN))
        lines = f"{key}{' ' * draw(st.integers(0, 1))}:{gap}{value}{behind}".split("\n")
    return lines if first else [*_blank(draw), *_comment(draw, f"above {path}"), *_blank(draw), *lines]


def _around(draw: Draw, key: str, inside: list[str], path: str = "") -> list[str]:
    """A key above its block."""
    path = path or key
    behind = "".join(f"   {each}" for each in _comment(draw, f"behind {path}"))
    return [*_blank(draw), *_comment(draw, f"above {path}"), *_blank(draw), f"{key}:{behind}", *inside]


def _below(draw: Draw, lines: list[str], least: int) -> list[str]:
    """Lines set in below their key."""
    space = " " * draw(st.integers(least, 5))
    return [space + line if line.strip() else line for line in lines]


def _blank(draw: Draw) -> list[str]:
    return draw(st.sampled_from([[], [], [""], ["", "   "]]))  # type: ignore[no-any-return]


def _comment(draw: Draw, about: str) -> list[str]:
    return [f"# @{about}"] if draw(st.integers(0, 2)) == 0 else []


def _end(draw: Draw, path: str) -> list[str]:
    return [*_blank(draw), *_comment(draw, f"end {path}")]


@dataclass(frozen=True)
class _Line:
    """A line that begins a key or an item: `paths` are those that begin in it, the outer one first."""

    paths: tuple[str, ...]
    behind: str


def _read(text: str) -> list[_Line | str]:
    """The lines of a recipe in order, as far as they hold a key or a comment; texts of values never look like that."""
    found: list[_Line | str] = []
    keys: list[tuple[int, str]] = []
    numbers: Counter[str] = Counter()
    for line in text.split("\n"):
        match = re.match(r"( *)(- )?(\w+):(?= |$)", line)
        if line.lstrip().startswith("# @"):
            found.append(line.split("# @")[1])
        elif match:
            column, paths = len(match[1]), []
            keys = [each for each in keys if each[0] < column]
            if match[2]:
                block = ".".join(name for _, name in keys)
                keys.append((column, str(numbers[block])))
                numbers[block] += 1
                paths = [".".join(name for _, name in keys)]
                column += 2
            keys.append((column, match[3]))
            found.append(_Line((*paths, ".".join(name for _, name in keys)), line.partition("# @")[2]))
        elif "# @" in line and isinstance(found[-1], _Line):  # behind the last line of a value in brackets
            found[-1] = replace(found[-1], behind=line.partition("# @")[2])
    return found


def _misplaced(lines: list[_Line | str]) -> Iterator[str]:
    """The comments that do not stand where they say that they belong."""
    for number, line in enumerate(lines):
        if isinstance(line, _Line):
            if line.behind and line.behind != f"behind {line.paths[-1]}":
                yield line.behind
            continue
        where, path = line.split()
        before = next((each for each in reversed(lines[:number]) if isinstance(each, _Line)), None)
        after = next((each for each in lines[number + 1 :] if isinstance(each, _Line)), None)
        ends = before and before.paths[-1].startswith(f"{path}.")
        goes_on = after and after.paths[-1].startswith(f"{path}.")
        right = {"above": after and path in after.paths, "end": ends and not goes_on}
        if not right.get(where):
            yield line


def _values(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


@settings(max_examples=60)
@given(recipes())
def test_nothing_is_lost_and_every_comment_stays_where_it_belongs(text: str) -> None:
    """Values are equal, comments are the same and stand where they say, and a second time changes nothing."""
    result = formatted(text, "r.yaml")
    assert _values(document.load(result, "r.yaml").data) == _values(document.load(text, "r.yaml").data)
    said = re.compile("# @.*")
    assert Counter(said.findall(result)) == Counter(said.findall(text))
    assert list(_misplaced(_read(result))) == []
    assert formatted(result, "r.yaml") == result
    _look_at_order(result.split("\n"))


def _look_at_order(lines: list[str]) -> None:
    """Known keys stand in one order, steps begin with their name, and only texts may end in spaces."""
    top = [line.split(":")[0] for line in lines if re.match(r"\w+:", line)]
    known = [key for key in top if key in TOP_ORDER]
    assert known == sorted(known, key=TOP_ORDER.index)
    assert all(line == line.rstrip() for line in lines if re.match(r" *(- )?\w+:|#", line))
    assert all(line.startswith("  - name: ") for line in lines if re.match(" *- ", line))
    assert lines[-1] == ""


def test_the_reader_of_this_test_sees_what_is_misplaced() -> None:
    """It finds a comment above another key, behind another one, and at the end of another block."""
    text = (
        "steps:\n  # @above steps.1\n  - name: a  # @behind steps.0.seed\n    seed: 1\n  # @end steps.0\n  - name: b\n"
    )
    assert list(_misplaced(_read(text))) == ["above steps.1", "behind steps.0.seed"]
    moved = "steps:\n  - name: a\n    # @end steps.0\n    seed: 1\n"
    assert list(_misplaced(_read(moved))) == ["end steps.0"]
