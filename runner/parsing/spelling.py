"""Misspelt keys put right, so that both checks can go on: `nmae: warm` is the name of a step all the same.

Without this, whatever needs the key would be wrong as well, and what stands below it would not be looked at.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from runner.document import Path

_ALIKE = 0.75
"""What two swapped letters of a word of four leave. Less is good enough for a hint, not to go on with."""


def put_right(
    data: Mapping[str, Any], schema: Mapping[str, Any], verbs: Collection[str] = ()
) -> tuple[dict[str, Any], dict[Path, str]]:
    """A recipe's data as it was most likely meant; and the keys that stand there, by the path with the key meant.

    In those paths everything above the key is as the file has it.
    """
    written: dict[Path, str] = {}
    meant = _block(data, schema, (), written)
    inputs, steps = meant.get("inputs"), meant.get("steps")
    if isinstance(inputs, dict):
        at: Path = (written.get(("inputs",), "inputs"),)
        shape = schema["$defs"]["input"]
        meant["inputs"] = {name: _block(each, shape, (*at, name), written) for name, each in inputs.items()}
    if isinstance(steps, list):
        at = (written.get(("steps",), "steps"),)
        shape = schema["$defs"]["step"]
        meant["steps"] = [_block(each, shape, (*at, number), written, verbs) for number, each in enumerate(steps)]
    return meant, written


def _block(
    value: Any, schema: Mapping[str, Any], path: Path, written: dict[Path, str], verbs: Collection[str] = ()
) -> Any:
    """One block with its misspelt keys put right, as long as the right one does not stand there too."""
    if not isinstance(value, dict):
        return value
    paid = "prompt" in value or "model" in value  # `size` beside them is a setting, no misspelt `resize`
    known = [key for key in schema["properties"] if not (paid and key in verbs and key not in value)]
    meant: dict[str, Any] = {}
    for key, each in value.items():
        near = None if key in known else next(iter(difflib.get_close_matches(key, known, 1, _ALIKE)), None)
        if near is None or near in value or near in meant:
            meant[key] = each
        else:
            meant[near] = each
            written[(*path, near)] = key
    return meant
