"""Corrected lines, tried out: the recipe is read again with each of them, and one that does not help is not shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
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
    """The problems of a recipe, with those corrected lines that make their problem go away, and bring no new one.

    A line is shown corrected once, and not at all where a mistake of its form is put right and the same value is still
    wrong: it was meant to be something else.
    """
    problems = sorted(found, key=lambda each: each.location)
    lines = [whole.written.get(number, line) for number, line in enumerate(whole.lines, 1)]
    known = Counter(map(_identity, problems))
    size = sum(map(len, lines)) + 1
    left = min(_MOST_TRIED, _MOST_CHARACTERS // size) if size <= MOST_CORRECTED else 0
    of_form = set(map(_identity, whole.found))
    shown: set[int] = set()
    told = []
    for each in problems:
        number, helps = each.location.line, False
        if each.corrected is not None and number not in shown:
            left -= 1
            text = "\n".join([*lines[: number - 1], each.corrected, *lines[number:]])
            after = _wrong(text, whole.file, check) if left >= 0 else problems
            helps = Counter(map(_identity, after)) <= known - Counter([_identity(each)])
            helps = helps and not (_identity(each) in of_form and _is_still_wrong(each, after, of_form))
        if helps:
            shown.add(number)
        told.append(each if helps else replace(each, corrected=None))
    return told


def _is_still_wrong(problem: Diagnostic, after: Iterable[Diagnostic], of_form: Collection[tuple[int, str]]) -> bool:
    """Whether the value in which a mistake of form was put right is no better for it, or its line as hard to read."""
    line, column = problem.location.line, problem.location.column
    return any(
        _identity(each) in of_form or each.location.column <= column < each.location.column + each.width
        for each in after
        if each.location.line == line
    )


def _wrong(text: str, file: str, check: Check) -> Sequence[Diagnostic]:
    try:
        return check(document.load(text, file, mend=True))
    except InvalidRecipe as error:
        return error.diagnostics


def _identity(problem: Diagnostic) -> tuple[int, str]:
    """A problem, wherever in its line it stands: the correction of another may have moved it."""
    return problem.location.line, problem.message
