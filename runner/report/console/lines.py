"""Lines of a terminal that are broken between words and nowhere else, and values as they stand in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from runner.report.words import clean_line
from runner.validation import as_written

FIELD = 12
"""Cells that stand before the words of a field."""
_JOINED = re.compile(r"\{\{.*?\}\}")
"""What stays on one line: an input in a text."""
_JOIN = "\ud800"
"""For a blank at which no line is broken; no text that is clean has one."""
_NARROWEST = 8
"""Letters that a line has room for, however narrow the terminal is."""


def filled(lead: str, words: str, width: int) -> Iterator[Text]:
    """Words behind a lead, on as many lines as they take, each as far in as the first; breaks in them are kept."""
    indent = cell_len(lead)
    joined = _JOINED.sub(lambda match: match.group().replace(" ", _JOIN), words)
    lines = Text(joined).wrap(Console(width=width), max(_NARROWEST, width - indent))
    for at, line in enumerate(lines):
        told = line.plain.replace(_JOIN, " ").rstrip()
        yield Text.assemble(lead if at == 0 else " " * indent if told else "", told)


def show_line(console: Console, line: Text) -> None:
    """A line as it is, even where the terminal is narrower."""
    console.print(line, no_wrap=True, overflow="ignore", crop=False)


def show_field(console: Console, label: str, words: str) -> None:
    """Words with a label of at most eight letters before them."""
    lead = f"  {label:<{FIELD - 4}}  "
    for line in filled(lead, words, console.width):
        line.stylize("dim", 0, len(lead))
        show_line(console, line)


def show_words(console: Console, words: str, style: str = "") -> None:
    """A sentence, on as many lines as it takes."""
    for line in filled("", words, console.width):
        line.stylize(style)
        show_line(console, line)


def value_text(value: Any) -> str:
    """A value of a recipe on one line: a text as it is, lists and blocks as JSON, and `""` for an empty text."""
    if isinstance(value, (bool, int, float)):
        return as_written(value)
    return clean_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) or '""'
