"""A recipe explained to a person: its inputs, each step with every setting, its results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from runner.report.console.lines import FIELD, filled, show_field, show_line, show_words, value_text
from runner.report.words import clean, clean_line, counted, enumerated

_MARKUP = re.compile(r"\{%|^\s|^[-*] ")
"""In a prompt, what a line has that stands by itself."""


def show_explained(stream: TextIO, told: Mapping[str, Any]) -> None:
    """What `explained.explain` tells."""
    console = Console(file=stream, highlight=False)
    console.print(Text(clean_line(told["title"]), style="bold"))
    if told["description"]:
        show_words(console, clean(told["description"].strip()))
    if told["inputs"]:
        console.print(Text("\ninputs", style="dim"))
        for each in told["inputs"]:
            _show_input(console, each)
    for number, step in enumerate(told["steps"], 1):
        console.print()
        _show_step(console, number, step)
    console.print()
    results = told["results"]
    show_words(console, f"{'result' if len(results) == 1 else 'results'}: {', '.join(results)}")
    if told["budget"] is not None:
        cents = f"{told['budget']:.2f}"
        budget = cents if float(cents) == told["budget"] else f"{told['budget']:g}"
        show_words(console, f"budget: {budget} USD, the most that a run may cost")


def _show_input(console: Console, one: Mapping[str, Any]) -> None:
    default = one["default"]
    given = "has to be given" if default is None else f"{value_text(default)} unless you give another"
    show_line(console, Text(f"  {one['input']}", style="bold"))
    for line in filled("    ", f"{clean_line(one['takes'])}; {given}", console.width):
        show_line(console, line)
    for line in filled("    ", clean_line(one["help"]), console.width) if one["help"] else ():
        line.stylize("dim")
        show_line(console, line)


def _show_step(console: Console, number: int, step: Mapping[str, Any]) -> None:
    does = step["model"] or step["operation"]
    whose = ", the model at the top of the recipe" if step["model_from"] == "the top of the recipe" else ""
    head = Text.assemble(f"{number}. ", (step["step"], "bold"), f": {clean_line(does)}{whose}")
    show_line(console, head)
    if step["when"]:
        show_field(console, "when", f"{clean_line(step['when'])}; else its picture passes by unchanged")
    show_field(console, "takes", "\n".join(map(_picture, step["takes"])) or "no picture: it paints from text alone")
    if step["prompt"]:
        show_field(console, "prompt", _flowing(clean(step["prompt"].strip()), console.width - FIELD))
    _show_settings(console, step)
    if step["seed"]:
        show_field(console, "seed", step["seed"])
    show_field(console, "makes", _makes(step))


def _picture(taken: Mapping[str, Any]) -> str:
    words = f"{taken['picture']}, {taken['because']}"
    words += f", as {taken['becomes']}" if taken["becomes"] else ""
    return words + ("; when that is off, what it would have taken" if taken["may_be_off"] else "")


def _show_settings(console: Console, step: Mapping[str, Any]) -> None:
    """A line for each setting that the recipe has, one for all defaults, and one for all that have no value."""
    found: dict[str, list[tuple[str, str]]] = {"written": [], "default": [], "left open": [], "not used": []}
    for each in step["settings"]:
        found[each["from"]].append((clean_line(each["name"]), value_text(each["value"])))
    if not step["settings"]:
        show_field(console, "settings", f"{step['model'] or step['operation']} has none")
    width = max((len(name) for name, _ in found["written"]), default=0)
    label = "settings"
    for name, value in found["written"]:
        show_field(console, label, f"{name:<{width}}  {value}")
        label = ""
    if found["default"]:
        show_field(console, "defaults", ", ".join(f"{name} {value}" for name, value in found["default"]))
    left = [name for name, _ in found["left open"]]
    idle = [name for name, _ in found["not used"]]
    if step["model"] is None:
        left, idle = [*left, *idle], []
    if left:
        show_field(console, "not set", ", ".join(left) + (": left to the model" if step["model"] else ""))
    if idle:
        show_field(console, "unused", f"{', '.join(idle)}: only for pictures made from text alone")


def _flowing(prompt: str, width: int) -> str:
    """A prompt whose paragraphs flow on where a line of theirs is too wide; `{% … %}` and lists keep their lines."""
    told: list[str] = []
    for flows, group in groupby(prompt.splitlines(), lambda line: bool(line) and not _MARKUP.search(line)):
        lines = list(group)
        told += [" ".join(lines)] if flows and max(map(len, lines)) > width else lines
    return "\n".join(told)


def _makes(step: Mapping[str, Any]) -> str:
    goes = f"goes on to {enumerated(step['goes_to'])}" if step["goes_to"] else "is a result"
    if step["candidates"] > 1:
        return f"{counted(step['candidates'], 'candidate')}, each paid for; number {step['choose']} {goes}"
    return f"picture {step['choose']} of those it makes {goes}" if step["choose"] > 1 else f"a picture that {goes}"
