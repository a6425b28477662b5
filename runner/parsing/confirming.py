"""Corrected lines, tried out: the recipe is read again with each of them, and one that does not help is not shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from runner import document
from runner.document import MOST_CORRECTED, Document
from runner.errors import Diagnostic, InvalidRecipe

_MOST_TRIED = 24
"""Problems of one recipe whose corrected lines are tried; an author mends no more at a time."""
_MOST_CHARACTERS = 120_000
"""That are read for them, all in all: a recipe that is long is read less often."""

Check = Callable[[Document], Sequence[Diagnostic]]
"""Everything wrong with a recipe."""


def confirmed(found: Iterable[Diagnostic], whole: Document, check: Check) -> list[Diagnostic]:
    """The problems of a recipe, with those corrected lines that make their problem go away, and bring no new one."""
    problems = sorted(found, key=lambda each: each.location)
    lines = [whole.written.get(number, line) for number, line in enumerate(whole.lines, 1)]
    known = Counter(map(_identity, problems))
    size = sum(map(len, lines)) + 1
    left = min(_MOST_TRIED, _MOST_CHARACTERS // size) if size <= MOST_CORRECTED else 0
    told = []
    for each in problems:
        if each.corrected is not None:
            left -= 1
            at = each.location.line - 1
            text = "\n".join([*lines[:at], each.corrected, *lines[at + 1 :]])
            expected = known - Counter([_identity(each)])
            helps = left >= 0 and Counter(map(_identity, _wrong(text, whole.file, check))) <= expected
            told.append(each if helps else replace(each, corrected=None))
        else:
            told.append(each)
    return told


def _wrong(text: str, file: str, check: Check) -> Sequence[Diagnostic]:
    try:
        return check(document.load(text, file, mend=True))
    except InvalidRecipe as error:
        return error.diagnostics


def _identity(problem: Diagnostic) -> tuple[int, str]:
    """A problem, wherever in its line it stands: the correction of another may have moved it."""
    return problem.location.line, problem.message
