"""Inputs that no step uses: most likely something was forgotten, like the logo in `from: [background, logo]`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from runner.document import Path
from runner.language import TEMPLATE_PART
from runner.parsing.inputs import Inputs
from runner.parsing.notes import Notes

_NAME_OR_QUOTED = re.compile(r"""(\w+)|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
_TEMPLATE = re.compile(TEMPLATE_PART, re.DOTALL)


def note_unused(
    data: Mapping[str, Any], inputs: Inputs, notes: Notes, doubts: Notes, excused: Collection[str] = ()
) -> None:
    """Note every input that no step uses among the doubts. Nothing is said where a step has a problem with such names
    itself, which stands in `notes`: the input may be the one that was meant; nor of those `excused`."""
    steps = data.get("steps")
    if not isinstance(steps, list) or not steps or not all(isinstance(step, dict) for step in steps):
        return
    in_sources = any(path[0] == "steps" and "from" in path[2:3] for path in notes.told)
    used = {*excused, *used_words(steps), *(() if "from" in steps[0] else inputs.images[:1])}
    for name, kind in inputs.types.items():
        silent = in_sources if kind == "image" else notes.in_texts
        if name not in used and kind and not silent:
            hint = f"write {{{{ {name} }}}} in a prompt, or delete it"
            hint = "name it in the `from:` of a step, or delete it" if kind == "image" else hint
            doubts.note(("inputs", name), f"warning: no step uses the input `{name}`", hint, key=True, whole=False)


def used_words(steps: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Every word of a template or condition, and every text that stands for itself, as in `from:`; how often."""
    used: Counter[str] = Counter()
    for path, text in texts(list(steps), ()):
        if path[1] == "when":
            used.update(_NAME_OR_QUOTED.findall(text))
        elif path[1] != "prompt":
            used[text] += 1
        for part in _TEMPLATE.findall(text):
            used.update(_NAME_OR_QUOTED.findall(part))
    return used


def texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in a value, with its path."""
    waiting: list[tuple[Path, Any]] = [(path, value)]
    while waiting:
        at, each = waiting.pop()
        if isinstance(each, str):
            yield at, each
        elif isinstance(each, dict):
            waiting.extend(((*at, key), inner) for key, inner in each.items())
        elif isinstance(each, list):
            waiting.extend(((*at, key), inner) for key, inner in enumerate(each))
