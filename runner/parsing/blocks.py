"""Operations with a value where their block stands: `text: Sale`, `resize: 800x800`, `crop: 1:1`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.document import Path
from runner.parsing.notes import Notes
from runner.validation import meant, shown

_SIZE = re.compile(r"([0-9]{1,5})\s*(?:[x×X*]|by)\s*([0-9]{1,5})(?:\s*px)?")


def note_no_block(path: Path, value: str | int | float, schema: Mapping[str, Any], notes: Notes) -> None:
    """Note a value where a block with the params of an operation is expected, with the block that was most likely
    meant. `schema` is that of the params."""
    message = f"expected a block of `key: value` lines, found {shown(value)}"
    block = _block(path, value, schema, notes)
    hint = schema.get("x-form") if block is None else f"write a block: {path[-1]}: {block}"
    notes.note(path, message, hint, instead=block)


def _block(path: Path, value: str | int | float, schema: Mapping[str, Any], notes: Notes) -> str | None:
    """The block in which the value is the one that is needed, or else the first that it can be."""
    params = schema.get("properties", {})
    size = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if size and {"width", "height"} <= params.keys():
        return f"{{width: {size.group(1)}, height: {size.group(2)}}}"
    for key in schema.get("required") or params:
        right = meant(value, params.get(key, {}))
        if right is not None:
            return f"{{{key}: {notes.source(path, right)}}}"
    return None
