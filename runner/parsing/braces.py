"""Names of inputs in single braces: `{ season }` in a prompt stays as it is, and the model gets it, braces and all; so
does `${season}`, which other tools write."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from runner.language import INPUT_NAME, TEMPLATE_PART
from runner.parsing.notes import Notes
from runner.parsing.unused import texts
from runner.templating import TemplateProblem

_SINGLE = re.compile(rf"(?:\$|(?<![{{\w]))\{{\s*(?P<name>{INPUT_NAME})\s*\}}(?!\}})")
_TEMPLATE = re.compile(TEMPLATE_PART, re.DOTALL)
_NO_TEXTS = frozenset({"name", "from", "when", "model"})
"""Keys of a step that hold no text which is written or sent."""


def note_single_braces(steps: Any, inputs: Collection[str], doubts: Notes) -> set[str]:
    """Note, among the doubts, each input whose name stands in single braces in a text; and give their names."""
    found: set[str] = set()
    for path, text in texts(steps, ("steps",)):
        if doubts.full:
            break
        if "{" not in text or not path[2:] or path[2] in _NO_TEXTS:
            continue
        for single in _SINGLE.finditer(_TEMPLATE.sub(lambda part: " " * len(part.group()), text)):
            name, right = single["name"], f"{{{{ {single['name']} }}}}"
            if name in inputs:
                found.add(name)
                line = text.count("\n", 0, single.start()) + 1
                message = f"warning: `{single.group()}` stays as it is, braces and all"
                problem = TemplateProblem(line, single.group(), message, instead=right)
                doubts.note_in_text(path, problem, f"did you mean {right}?", condition=True)
    return found
