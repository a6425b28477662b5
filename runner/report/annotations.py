"""Problems as GitHub's workflow commands, which it shows beside the lines of a pull request.

Form and escapes: https://docs.github.com/actions/reference/workflow-commands-for-github-actions, seen 2026-11-21.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

from runner.errors import Diagnostic, RetouchError
from runner.report.words import clean

_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_VALUE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def annotation(level: Literal["error", "warning"], problem: Diagnostic | RetouchError) -> str:
    """One line for the log of a workflow. What a recipe says cannot end it, or begin another command."""
    told = [problem.message, problem.hint]
    if isinstance(problem, RetouchError):
        return f"::{level} title=retouch::{_text(told)}"
    if problem.corrected is not None:
        told.append(f"corrected: {problem.corrected.strip()}")
    place = problem.location
    where = {
        "file": PurePath(place.file).as_posix(),
        "line": place.line,
        "col": place.column,
        "endColumn": place.column + problem.width,
        "title": "retouch",
    }
    values = ",".join(f"{key}={clean(str(value)).translate(_VALUE)}" for key, value in where.items())
    return f"::{level} {values}::{_text(told)}"


def _text(parts: list[str | None]) -> str:
    return "\n".join(clean(part) for part in parts if part).translate(_TEXT)
