"""Misspelt keys put right, so that both checks can go on: `nmae: warm` is the name of a step all the same.

Without this, whatever needs the key would be wrong as well, and what stands below it would not be looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from runner.document import Path
from runner.errors import MOST_PROBLEMS
from runner.validation import nearest

_ALIKE = 0.75
"""What two swapped letters of a word of four leave. Less is good enough for a hint, not to go on with."""


def put_right(
    data: Mapping[str, Any], schema: Mapping[str, Any], verbs: Collection[str] = ()
) -> tuple[dict[str, Any], dict[Path, str]]:
    """A recipe's data as it was most likely meant; and the keys that stand there, by the path with the key meant.

    In those paths everything above the key is as the file has it.
    """
    speller = _Speller()
    written = speller.written
    meant = speller.block(data, schema, ())
    inputs, steps = meant.get("inputs"), meant.get("steps")
    if isinstance(inputs, dict):
        at: Path = (written.get(("inputs",), "inputs"),)
        shape = schema["$defs"]["input"]
        meant["inputs"] = {name: speller.block(each, shape, (*at, name)) for name, each in inputs.items()}
    if isinstance(steps, list):
        at = (written.get(("steps",), "steps"),)
        shape = schema["$defs"]["step"]
        meant["steps"] = [speller.block(each, shape, (*at, number), verbs) for number, each in enumerate(steps)]
    return meant, written


class _Speller:
    """Puts the keys of one recipe right; those that come after more unknown ones than anybody is told of stay."""

    def __init__(self) -> None:
        self.written: dict[Path, str] = {}
        self._left = MOST_PROBLEMS

    def block(self, value: Any, schema: Mapping[str, Any], path: Path, verbs: Collection[str] = ()) -> Any:
        """One block with its misspelt keys put right, as long as the right one does not stand there too."""
        if not isinstance(value, dict):
            return value
        paid = "prompt" in value or "model" in value  # `size` beside them is a setting, no misspelt `resize`
        known = [key for key in schema["properties"] if not (paid and key in verbs and key not in value)]
        meant: dict[str, Any] = {}
        for key, each in value.items():
            near = None if key in known else self._near(key, known)
            if near is None or near in value or near in meant:
                meant[key] = each
            else:
                meant[near] = each
                self.written[(*path, near)] = key
        return meant

    def _near(self, key: str, known: Collection[str]) -> str | None:
        self._left -= 1
        return nearest(key, known, _ALIKE) if self._left >= 0 else None
