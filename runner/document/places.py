"""A document: data, and where each part of it stands in its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.errors import Diagnostic, Location
from runner.language import TEMPLATE_PART

Path = tuple[str | int, ...]
"""Where a value stands: keys and list positions (from 0), from the top."""

_QUOTED = re.compile(r"""\\?"(?:[^"\\]|\\[^"])*\\?"|'[^']*'""")
_TEMPLATE = re.compile(TEMPLATE_PART, re.DOTALL)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line: `line` and `column` from 1, `width` in characters, at least 1."""

    line: int
    column: int
    width: int


@dataclass(frozen=True, slots=True)
class Written:
    """The characters of a text as they stand in the file: one span for each line, of width 0 where it is empty."""

    spans: tuple[Span, ...]
    literal: bool = False
    """A `|` block, whose lines are the lines of the text."""


@dataclass(frozen=True)
class Document:
    """A YAML file as data, and where each part of it stands."""

    file: str
    lines: tuple[str, ...]
    data: Any
    keys: Mapping[Path, Span] = field(repr=False)
    values: Mapping[Path, Span] = field(repr=False)
    texts: Mapping[Path, Written] = field(repr=False)

    def span(self, path: Path, *, key: bool = False) -> Span:
        """The place of a value, or of its key; of the nearest thing around it when it does not stand in the file."""
        first, second = (self.keys, self.values) if key else (self.values, self.keys)
        while path:
            found = first.get(path) or second.get(path)
            if found:
                return found
            path = path[:-1]
        return self.values.get((), Span(1, 1, 1))

    def diagnostic(self, path: Path, message: str, hint: str | None = None, *, key: bool = False) -> Diagnostic:
        """A problem with the value at `path`, or with its key."""
        return diagnostic(self.file, self.lines, self.span(path, key=key), message, hint)

    def diagnostic_in_text(
        self, path: Path, line: int, word: str | None, message: str, hint: str | None = None, *, condition: bool = False
    ) -> Diagnostic:
        """A problem in the templates of a text, or in a text that is a condition as a whole: on its line `line`
        (from 1), at `word` where that is found."""
        span = self._span_in_text(path, line, word, condition=condition)
        return diagnostic(self.file, self.lines, span, message, hint)

    def has_colon(self, path: Path) -> bool:
        """Whether a colon follows the key: inside `{ }`, a word between commas counts as a key without a value."""
        span = self.keys.get(path)
        return span is None or self.lines[span.line - 1][span.column + span.width - 1 :].lstrip().startswith(":")

    def _span_in_text(self, path: Path, line: int, word: str | None, *, condition: bool) -> Span:
        written = self.texts.get(path)
        spans = written.spans[line - 1 :] if written and written.literal else written.spans if written else ()
        if written is None or not spans:
            return self.span(path)
        around = spans[0] if written.literal else self.span(path)
        if word is None and (written.literal or len(spans) == 1):
            return around
        stretches = [self.lines[span.line - 1][span.column - 1 :][: span.width] for span in spans]
        found = _find(word, "\n".join(stretches), condition=condition)
        if found is None:
            return around
        at, width = found
        for span, stretch in zip(spans, stretches, strict=True):
            if at <= len(stretch):
                return Span(span.line, span.column + at, max(1, min(width, len(stretch) - at)))
            at -= len(stretch) + 1
        return around


def diagnostic(file: str, lines: Sequence[str], span: Span, message: str, hint: str | None) -> Diagnostic:
    """A problem at a place of a file, with the line it stands on."""
    quoted = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
    return Diagnostic(Location(file, span.line, span.column), message, hint, quoted, span.width)


def _find(word: str | None, text: str, *, condition: bool) -> tuple[int, int] | None:
    """Where in a text a word stands that is to blame, and its width; without a word, where its only template stands.

    Only templates are looked through, and quoted texts in them only when it does not stand outside of quotes.
    """
    if not condition:
        parts = list(_TEMPLATE.finditer(text))
        if word is None:
            return (parts[0].start(), len(parts[0].group())) if len(parts) == 1 else None
        text = _blanked(text, [slice(*part.span()) for part in parts])
    if word is None:
        return 0, len(text)
    before, after = r"(?<!\w)" if re.match(r"\w", word) else "", r"(?!\w)" if re.search(r"\w\Z", word) else ""
    pattern = r"(?<![=!<>])=(?!=)" if word == "=" else before + re.escape(word) + after
    unquoted = _QUOTED.sub(lambda found: " " * len(found.group()), text)
    match = re.search(pattern, unquoted) or re.search(pattern, text)
    return (match.start(), len(match.group())) if match else None


def _blanked(text: str, kept: Sequence[slice]) -> str:
    """The text with blanks for all but the parts that are kept."""
    blank = list(" " * len(text))
    for part in kept:
        blank[part] = text[part]
    return "".join(blank)
