"""Tables of models and of their settings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.report.console.lines import show_words
from runner.report.words import clean, clean_line
from runner.validation import allowed, as_written


def show_models(stream: TextIO, rows: Iterable[tuple[str, str, str, str]], notes: Iterable[str]) -> None:
    """Models as a table: name, title, pictures it takes, price; below it, notes about the words in it."""
    table = _table("model", "title", "pictures", "USD per image")
    for row in rows:
        table.add_row(*(Text(clean_line(each)) for each in row))
    console = Console(file=stream, highlight=False)
    console.print(table)
    for note in notes:
        console.print()
        show_words(console, clean_line(note))


Rows = Iterable[tuple[str, Mapping[str, Any], str]]
"""Settings. Each row: name, with dots where it stands in blocks; schema; where it has to be given, in words, else
empty."""


def show_model(stream: TextIO, about: Iterable[str], retired: str, rows: Rows, example: str) -> None:
    """One model: lines about it, whether its host has given it up, its settings, and a recipe that asks it."""
    console = Console(file=stream, highlight=False)
    for line in about:
        console.print(Text(clean_line(line)), soft_wrap=True)
    if retired:
        console.print()
        show_words(console, clean_line(retired), "bold yellow")
    console.print()
    rows = list(rows)
    if rows:
        _show_settings(console, rows)
    else:
        console.print("no settings")
    console.print(Text("\na recipe to begin with\n", style="dim"))
    console.print(Text("".join(f"  {clean(line)}\n" for line in example.splitlines())), soft_wrap=True, end="")


def _show_settings(console: Console, rows: Rows) -> None:
    """Settings as a table. Names are never broken: a long one has a line of its own, above its row."""
    rows = [(clean_line(name), schema, needed) for name, schema, needed in rows]
    longest, widest = console.width * 2 // 5, console.width // 4
    cells = [(name, *_setting_words(schema, needed)) for name, schema, needed in rows]
    beside = max((len(name) for name, *_ in cells if len(name) <= longest), default=0)
    widths = [beside, *(min(widest, max(len(row[at]) for row in cells)) for at in (1, 2))]
    part = _settings_table(widths, headed=True)
    for name, *words in cells:
        if len(name) > longest:
            console.print(part)
            console.print(Text(name, style="bold"), soft_wrap=True)
            part = _settings_table(widths, headed=False)
        part.add_row(Text(name if len(name) <= longest else "", style="bold"), *map(Text, words))
    console.print(part)


def _setting_words(schema: Mapping[str, Any], needed: str) -> tuple[str, str, str]:
    default = schema.get("default", "")
    if isinstance(default, (bool, int, float)):
        default = as_written(default)
    shown = default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
    return clean_line(allowed(schema) or "any"), needed or clean_line(shown), clean(str(schema.get("description", "")))


def _settings_table(widths: Sequence[int], *, headed: bool) -> Table:
    """A part of the table of settings; all parts have columns of the same widths, and the last takes the rest."""
    table = _table("setting", "values", "default", "meaning")
    table.show_header = headed
    for column, width in zip(table.columns, widths, strict=False):
        column.width = max(width, len(str(column.header)))
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
