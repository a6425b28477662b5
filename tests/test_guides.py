"""README and guides keep their word: every command in them runs, every file in them is a good one.

In a Markdown file, `<!-- file: NAME -->` before a block puts the block into NAME; a block of `sh` is run line by line,
in order, in one folder that holds a photo; `<!-- exits with N -->` before it says how it ends, and `<!-- prints -->`
before the next block of text what it tells. Lines with `pip install` are run by the checks of a landing (.ci/run).

A block of `console` is one command at a terminal, 80 columns wide, with what is typed behind each `]: `: the screen
has to show the block, letter by letter. `<!-- part of: NAME -->` says that the block stands in NAME, and
`<!-- edit: NAME -->` before a block of `diff` that its lines with `-` are taken out of NAME and those with `+` put in.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from runner.operation import Operation
from runner.operations import OPERATIONS
from tests.command import ROOT, retouch, workspace
from tests.terminal import typed

GUIDES = ["README.md", "pipelines/README.md", "schemas/README.md", "runner/README.md"]
_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """One fenced block, and the mark before it."""

    mark: str
    kind: str
    body: str


def blocks(guide: str) -> Iterator[Block]:
    """The fenced blocks of a guide, in order."""
    for match in _BLOCK.finditer((ROOT / guide).read_text(encoding="utf-8")):
        yield Block(match["mark"] or "", match["kind"], match["body"])


@pytest.mark.parametrize("guide", GUIDES[:2])
def test_every_command_of_a_guide_runs(guide: str, tmp_path: Path) -> None:
    """From top to bottom, as a reader would type it."""
    home = workspace(tmp_path)
    Image.new("RGB", (640, 480), "teal").save(home / "photo.jpg")
    told = ""
    ran = 0
    for block in blocks(guide):
        if block.mark.startswith("file: "):
            (home / block.mark.removeprefix("file: ")).write_text(block.body, encoding="utf-8")
        elif block.mark.startswith("part of: "):
            assert block.body in (home / block.mark.removeprefix("part of: ")).read_text(encoding="utf-8")
        elif block.mark.startswith("edit: "):
            edit(home / block.mark.removeprefix("edit: "), block.body)
        elif block.kind == "console":
            command, _, screen = block.body.partition("\n")
            answers = re.findall(r"\]: ?(.*)$", screen, re.MULTILINE)
            program, *words = shlex.split(command.removeprefix("$ "))
            assert program == "retouch", command
            assert trimmed(typed(*words, answers=answers, cwd=home).text) == trimmed(screen)
            ran += 1
        elif block.mark == "prints":
            assert told == block.body
        elif block.kind == "sh" and "pip install" not in block.body:
            code = int(block.mark.removeprefix("exits with ")) if block.mark.startswith("exits with ") else 0
            for line in block.body.splitlines():
                program, *words = shlex.split(line, comments=True)
                assert program == "retouch", line
                done = retouch(*words, cwd=home)
                assert done.returncode == code, f"{line}\n{done.stderr}"
                told = done.stderr
                ran += 1
    assert ran


def edit(file: Path, difference: str) -> None:
    """Change a file as a block of `diff` says; what it takes out stands there once."""
    lines = difference.splitlines()
    before, after = ("".join(f"{line[1:]}\n" for line in lines if not line.startswith(other)) for other in ("+", "-"))
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    file.write_text(text.replace(before, after), encoding="utf-8")


def trimmed(screen: str) -> str:
    """The lines of a screen without blanks at their ends, which nobody sees, and without empty ones around."""
    return "\n".join(line.rstrip() for line in screen.splitlines()).strip("\n")


def test_pieces_of_recipes_in_the_guide_are_right(tmp_path: Path) -> None:
    """The pieces that show inputs and steps are put together, and together they are a recipe without a problem."""
    home = workspace(tmp_path)
    shutil.copytree(home / "pipelines" / "samples", home / "samples")
    pieces = [block.body for block in blocks("pipelines/README.md") if block.kind == "yaml" and not block.mark]
    inputs = next(piece for piece in pieces if piece.startswith("inputs:"))
    steps = [piece.removeprefix("steps:\n") for piece in pieces if piece != inputs]
    assert len(steps) >= 4
    text = (
        "recipe: 1\nmodel: flux-1-kontext-dev\n" + inputs + "  logo: {type: image, default: samples/logo.png}\nsteps:\n"
    )
    (home / "pieces.yaml").write_text(text + "\n".join(steps), encoding="utf-8")
    done = retouch("validate", "pieces.yaml", cwd=home)
    assert done.returncode == 0, done.stderr


def table(operation: Operation) -> str:
    """The table of an operation's params as the guide shows it."""
    rows = [f"#### {operation.NAME}", "", "| key | values | default | what it does |", "|---|---|---|---|"]
    for name, schema in operation.PARAMS["properties"].items():
        default = schema.get("default", "")
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        words = str(schema["description"]).replace("|", "\\|")
        rows.append(f"| `{name}` | {values(schema)} | {f'`{shown}`' if shown else ''} | {words} |")
    return "\n".join(rows) + "\n"


def values(schema: dict[str, object]) -> str:
    """What may stand there, in a few words."""
    if isinstance(schema.get("enum"), list):
        return ", ".join(f"`{each}`" for each in schema["enum"])  # type: ignore[attr-defined]
    if schema.get("x-file"):
        return "a file"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "integer" in kinds and "string" in kinds:
        return "pixels, or a share like `25%`"
    if "transparent" in str(schema.get("pattern", "")):
        return "a colour"
    if "minimum" in schema and "maximum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    return {"boolean": "`true`, `false`", "string": "text", "integer": "a number", "number": "a number"}[str(kinds[0])]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.NAME)
def test_the_guide_shows_every_param(operation: Operation) -> None:
    """The guide's table of an operation is the one its params give."""
    assert table(operation) in (ROOT / "pipelines" / "README.md").read_text(encoding="utf-8")


def test_links_lead_somewhere() -> None:
    """Every link to a file of the project finds it."""
    links = [
        (guide, target)
        for guide in GUIDES
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / guide).read_text(encoding="utf-8"))
    ]
    assert len(links) >= 5
    assert [link for link in links if not ((ROOT / link[0]).parent / link[1]).exists()] == []
