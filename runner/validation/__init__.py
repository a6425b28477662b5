"""Data checked against a JSON Schema, told in words an author understands.

The only room that imports jsonschema. It knows nothing of files: a Problem carries the path of the value, and
whoever has the document turns that into a line and a column. `checking` is the validator, `telling` puts what it found
into words, `words` has the words for values and for what may stand somewhere, `schemas` judges a schema itself.

Schemas choose branches with `if`/`then` on constants, never with `oneOf`, so that every problem has one place and one
cause. Of `anyOf` the first alternative is what is meant, and told; the others are let through in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from runner.errors import MOST_PROBLEMS
from runner.validation.checking import errors_of
from runner.validation.guessing import meant
from runner.validation.schemas import schema_problem
from runner.validation.telling import Path, Problem, misspelt, told
from runner.validation.words import (
    allowed,
    as_written,
    choice_hint,
    first_paragraph,
    likeness,
    listed,
    nearest,
    one_line,
    read_number,
    shown,
    suggestion,
)

__all__ = [
    "Path",
    "Problem",
    "allowed",
    "as_written",
    "choice_hint",
    "first_paragraph",
    "likeness",
    "listed",
    "meant",
    "nearest",
    "one_line",
    "problems",
    "read_number",
    "schema_problem",
    "shown",
    "suggestion",
]


def problems(data: Any, schema: Mapping[str, Any]) -> list[Problem]:
    """Everything wrong with `data`, in the order of the document's paths; empty when it fits. Where more is wrong than
    anybody is told at a time, MOST_PROBLEMS of it, and one more.

    Of a value of the wrong type nothing else is told: its size or form means nothing yet.

    `schema` is a draft 2020-12 schema with no references outside itself; nothing is ever fetched.
    """
    errors = errors_of(data, schema)
    mistyped = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
    errors = [each for each in errors if each.validator == "type" or tuple(each.absolute_path) not in mistyped]
    keys = (each for error in errors if error.validator == "additionalProperties" for each in misspelt(error))
    wrong = set(islice(keys, MOST_PROBLEMS))
    found: dict[tuple[Path, str], Problem] = {}
    for problem in (each for error in errors for each in told(error, wrong)):
        found.setdefault((problem.path, problem.message), problem)
        if len(found) > MOST_PROBLEMS:
            break
    return list(found.values())
