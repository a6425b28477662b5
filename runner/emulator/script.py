"""A script of faults as it is written: in a YAML file, or as mappings in Python. The format stands in runner/README.md.

`read` takes a file and tells its mistakes with their places, `scripted` takes the same from Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runner import document
from runner.document import Document
from runner.emulator.faults import Answer, Fault, Script
from runner.emulator.mischief import CASES, KINDS, Kind
from runner.emulator.task import FATES
from runner.errors import Diagnostic, InvalidRecipe, UsageError
from runner.validation import Problem, problems

_EXCLUSIVE = (
    ("answer", "case", "link", "drop"),
    ("drop", "half", "drip"),
    ("nth", "from"),
    ("nth", "times"),
    ("retry_after", "retry_after_date"),
)
"""Keys that say different things of the same."""
_EFFECTS = ("answer", "case", "link", "task", "drop", "half", "drip", "delay")
_COUNT = {"type": "integer", "minimum": 1}
_SECONDS = {"type": "number", "minimum": 0, "maximum": 86_400}
_OWN_HEADERS = {"content-length", "transfer-encoding", "connection"}
"""What the HTTP library writes itself."""


def _cases_for(kind: Kind | None) -> list[str]:
    """The cases that a request can meet; None for any request."""
    return [name for name, each in CASES.items() if (each.on == KINDS if kind is None else kind in each.on)]


_FAULT: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["on"],
    "properties": {
        "on": {"type": "string", "enum": [*KINDS, "any"]},
        "model": {"type": "string", "minLength": 1},
        "step": {"type": "string", "minLength": 1},
        "nth": {"type": ["integer", "array"], "minimum": 1, "minItems": 1, "items": _COUNT},
        "from": _COUNT,
        "times": _COUNT,
        "chance": {"type": "number", "minimum": 0, "maximum": 1},
        "answer": {
            "type": "object",
            "additionalProperties": False,
            "required": ["status"],
            "properties": {
                "status": {"type": "integer", "minimum": 200, "maximum": 599},
                "body": {"type": ["string", "object", "array"]},
                "headers": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "case": {"type": "string", "enum": list(CASES)},
        "link": {"type": "string", "minLength": 1},
        "task": {"type": "string", "enum": list(FATES)},
        "accepted": {"type": "boolean"},
        "retry_after": _SECONDS,
        "retry_after_date": _SECONDS,
        "drop": {"type": "string", "enum": ["before", "after"]},
        "half": {"type": "boolean"},
        "drip": _COUNT,
        "delay": _SECONDS,
    },
    "allOf": [
        {
            "if": {"properties": {"on": {"const": kind or "any"}}, "required": ["on"]},
            "then": {"properties": {"case": {"enum": _cases_for(kind)}}},
        }
        for kind in (*KINDS, None)
    ],
}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["faults"],
    "properties": {"seed": {"type": "integer"}, "faults": {"type": "array", "items": _FAULT}},
}
"""The shape of a script of faults."""


def read(file: Path) -> Script:
    """The script in a YAML file. Raises UsageError when it cannot be read, InvalidRecipe with its problems."""
    written = document.read(file)
    found = [_placed(written, each) for each in _objections(written.data)]
    if found:
        raise InvalidRecipe(found)
    return _script(written.data)


def scripted(*faults: Mapping[str, Any], seed: int = 0) -> Script:
    """A script of faults as a file would have them, one mapping each. Raises UsageError."""
    data = {"seed": seed, "faults": list(faults)}
    for each in _objections(data):
        raise UsageError(f"{'.'.join(map(str, each.path))}: {each.message}", hint=each.hint)
    return _script(data)


def _placed(written: Document, problem: Problem) -> Diagnostic:
    return written.diagnostic(problem.path, problem.message, problem.hint, key=problem.on_key)


def _objections(data: Any) -> list[Problem]:
    """Everything wrong with a script."""
    if not isinstance(data, dict):
        return [Problem((), "this file holds no faults", "it begins with the line `faults:`")]
    found = problems(data, SCHEMA)
    return found or [each for number, fault in enumerate(data["faults"]) for each in _meant(number, fault)]


def _meant(number: int, fault: Mapping[str, Any]) -> Iterator[Problem]:
    """What no schema can say of a fault whose shape is right."""
    here = ("faults", number)
    if not any(fault.get(key) for key in _EFFECTS):
        effects = ", ".join(f"`{key}`" for key in _EFFECTS)
        yield Problem(here, "this fault does nothing", f"give it one of {effects}")
    for keys in _EXCLUSIVE:
        both = [key for key in keys if key in fault]
        if len(both) > 1:
            yield Problem((*here, both[1]), f"`{both[1]}` cannot stand beside `{both[0]}`", on_key=True)
    if fault.get("accepted") and not _replaces(fault):
        hint = "it says that the host did its work before an `answer`, or a `case` that refuses"
        yield Problem((*here, "accepted"), "`accepted` has nothing to say here", hint, on_key=True)
    if "link" in fault and fault["on"] != "poll":
        yield Problem((*here, "link"), "`link` belongs to `on: poll`", on_key=True)
    if "task" in fault and fault["on"] == "download":
        yield Problem((*here, "task"), "`task` belongs to `on: submit` or `on: poll`", on_key=True)
    for name, value in fault.get("answer", {}).get("headers", {}).items():
        place = (*here, "answer", "headers", name)
        if not re.fullmatch(r"[A-Za-z0-9-]+", name) or name.lower() in _OWN_HEADERS:
            yield Problem(place, f"`{name}` is no header that can be set here", on_key=True)
        elif not (value.isascii() and value.isprintable()):
            yield Problem(place, "a header takes printable ASCII alone")


def _replaces(fault: Mapping[str, Any]) -> bool:
    return "answer" in fault or ("case" in fault and CASES[fault["case"]].refuses)


def _script(data: Mapping[str, Any]) -> Script:
    return Script(tuple(map(_fault, data["faults"])), data.get("seed", 0))


def _fault(written: Mapping[str, Any]) -> Fault:
    keys = dict(written)
    nth, first, answer = keys.pop("nth", None), keys.pop("from", 1), keys.pop("answer", None)
    return Fault(
        **keys,
        first=first,
        nth=None if nth is None else frozenset(nth if isinstance(nth, list) else [nth]),
        answer=None if answer is None else Answer(answer["status"], answer.get("body"), answer.get("headers", {})),
    )
