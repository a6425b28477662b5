"""Ends of texts that are lost as a comment: of `title: Mug # 5` the title is `Mug`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from runner.document import Document, Span, in_quotes
from runner.errors import Diagnostic

_TEXT_KEYS = frozenset({"title", "description", "prompt", "help", "default", "text"})
"""Keys whose texts people read, or models."""
_NUMBER = re.compile(r"(?<![.!?])\s+(?P<end># ?[0-9].*)")
"""A `#` and a number, behind a text that does not end like a sentence: behind one that does it is a comment."""


def lost_ends(document: Document) -> Iterator[Diagnostic]:
    """A warning for each text on one line and without quotes that most likely goes on behind a `#`."""
    for path, written in document.texts.items():
        value = document.values[path]
        if not path or path[-1] not in _TEXT_KEYS or written.spans != (value,):
            continue
        line = document.lines[value.line - 1]
        before, text = line[: value.column - 1], line[value.column - 1 :][: value.width]
        found = _NUMBER.match(line, value.column - 1 + value.width)
        if found:
            end = found["end"].rstrip()
            place = Span(value.line, found.start("end") + 1, len(end))
            message = f"warning: `{end}` is no part of this text: from `#` on this is a comment"
            hint = "put quotes around all of it if it belongs to it, and around the text before the `#` if it does not"
            meant = next(in_quotes(f"{text} {end}"), None)
            corrected = None if meant is None else before + meant
            yield replace(document.diagnostic_at(place, message, hint), corrected=corrected)
