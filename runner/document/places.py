"""A document: data, and where each part of it stands in its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from runner.document.source import source_of
from runner.errors import MOST_PROBLEMS, Diagnostic, Location
from runner.language import TEMPLATE_PART

Path = tuple[str | int, ...]
"""Where a value stands: keys and list positions (from 0), from the top."""

_QUOTED = re.compile(r"""\\?"(?:[^"\\]|\\[^"])*\\?"|'[^']*'""")
_TEMPLATE = re.compile(TEMPLATE_PART, re.DOTALL)


MOST_CHARACTERS = 2_000
"""Of a line that is compared with others, or rewritten: many times what anybody writes on one."""
MOST_CORRECTED = 20_000
"""Of a line, or a whole recipe, that is shown or read again with a value put right."""
_MORE = "there are more problems, here and below"
_LONGEST_WORD = 120
_LONGEST_TEXT = 600
_LONG_WORD = re.compile(rf"[^\s`]{{{_LONGEST_WORD + 1},}}")


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
    """Of the text that was read. Where the file says otherwise, because YAML could not read it, see `written`."""
    data: Any
    keys: Mapping[Path, Span] = field(repr=False)
    values: Mapping[Path, Span] = field(repr=False)
    texts: Mapping[Path, Written] = field(repr=False)
    written: Mapping[int, str] = field(default_factory=dict)
    """Lines of the file, by their number, in whose place a corrected one was read."""
    found: tuple[Diagnostic, ...] = ()
    """What is wrong with the text, and did not keep the rest from being read."""
    doubled: bool = False
    """Whether a key stands twice in its block: what stands behind one of the two was not read."""

    def span(self, path: Path, *, key: bool = False) -> Span:
        """The place of a value, or of its key; of the nearest thing around it when it does not stand in the file."""
        first, second = (self.keys, self.values) if key else (self.values, self.keys)
        while path:
            found = first.get(path) or second.get(path)
            if found:
                return found
            path = path[:-1]
        return self.values.get((), Span(1, 1, 1))

    def diagnostic(
        self, path: Path, message: str, hint: str | None = None, *, key: bool = False, instead: str | None = None
    ) -> Diagnostic:
        """A problem with the value at `path`, or with its key. `instead` should stand there, written as in the file."""
        span = self.span(path, key=key)
        return self.diagnostic_at(span, message, hint, instead if key or self._on_one_line(path) else None)

    def diagnostic_in_text(
        self,
        path: Path,
        line: int,
        word: str | None,
        message: str,
        hint: str | None = None,
        *,
        condition: bool = False,
        instead: str | None = None,
    ) -> Diagnostic:
        """A problem in the templates of a text, or in a text that is a condition as a whole: on its line `line`
        (from 1), at `word` where that is found; `instead` should stand in its place."""
        span = self._span_in_text(path, line, word, condition=condition)
        return self.diagnostic_at(span, message, hint, instead)

    def source(self, path: Path, value: str | int | float | bool | list[str]) -> str:
        """How this value would be written in the place of the one at `path`."""
        span = self.span(path)
        return source_of(value, self.lines[span.line - 1][span.column - 1 : span.column])

    def _on_one_line(self, path: Path) -> bool:
        """Whether the value at `path` stands in the file, on one line: else nothing can be put in its place."""
        value: Any = self.data
        for part in path:
            known = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
            value = value[part] if part in known else None
        text = self.texts.get(path)
        if isinstance(value, str) and text is not None:
            return len(text.spans) == 1 and text.spans[0].line == self.values[path].line
        return isinstance(value, (bool, int, float))

    def diagnostic_at(
        self, span: Span, message: str, hint: str | None = None, instead: str | None = None
    ) -> Diagnostic:
        """A problem at a place of the text that was read; `instead` should stand there."""
        line = self.lines[span.line - 1] if 0 < span.line <= len(self.lines) else ""
        start = span.column - 1
        corrected = None
        if instead is not None and len(line) <= MOST_CORRECTED:
            corrected = line[:start] + instead + line[start + span.width :]
        if span.line in self.written:
            line, read = self.written[span.line], line
            span = Span(span.line, moved(span.column, read, line), span.width)
        return diagnostic(self.file, line, span, message, hint, corrected)

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


def diagnostic(
    file: str, line: str, span: Span, message: str, hint: str | None, corrected: str | None = None
) -> Diagnostic:
    """A problem at a place of a file, with the line it stands on. Words that nobody would read to their end are cut."""
    hint = None if hint is None else _brief(hint)
    return Diagnostic(Location(file, span.line, span.column), _brief(message), hint, line, span.width, corrected)


def _brief(text: str) -> str:
    """A message or hint at a length that can be read, whatever it repeats of a recipe."""
    if len(text) > _LONGEST_WORD:
        text = _LONG_WORD.sub(lambda word: word.group()[: _LONGEST_WORD // 2] + "…", text)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def first_of(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The problems of a file in its order; of very many the first, and where the next one stands."""
    problems = sorted(found, key=lambda each: each.location)
    if len(problems) <= MOST_PROBLEMS:
        return problems
    following = replace(problems[MOST_PROBLEMS], message=_MORE, hint="mend those above first", corrected=None)
    return [*problems[:MOST_PROBLEMS], following]


def moved(column: int, read: str, written: str) -> int:
    """Where what stands at a column (from 1) of one line stands in another one that says nearly the same."""
    if max(len(read), len(written)) > MOST_CHARACTERS:
        return min(column, max(1, len(written)))
    for at, to, size in _alike(read, written):
        if column - 1 < at + size:
            return to + max(0, column - 1 - at) + 1
    return max(1, len(written))


def _alike(read: str, written: str) -> Iterator[tuple[int, int, int]]:
    """Stretches that stand in both lines, in their order: where in each, and how long. Between them little was put in,
    left out or replaced, so that there is no need to hold every part of one against every part of the other."""
    at = to = 0
    while at < len(read) and to < len(written):
        size = _same(read[at:], written[to:])
        if size:
            yield at, to, size
            at, to = at + size, to + size
        else:
            left, put = next(
                (each for each in _STEPS if _go_on_alike(read[at + each[0] :], written[to + each[1] :])), (1, 1)
            )
            at, to = at + left, to + put


_MOST_PUT_IN = 64
"""Characters of one change: a line that is moved in by so many spaces."""
_STEPS = sorted(
    ((left, put) for left in range(_MOST_PUT_IN) for put in range(_MOST_PUT_IN) if min(left, put) < 3), key=sum
)
"""How much may have been left out and put in, the least first."""


def _same(read: str, written: str) -> int:
    """How many characters at the start of two texts are the same."""
    each = (at for at, (one, other) in enumerate(zip(read, written, strict=False)) if one != other)
    return next(each, min(len(read), len(written)))


def _go_on_alike(read: str, written: str) -> bool:
    enough = min(3, len(read), len(written))
    return enough > 0 and read[:enough] == written[:enough]


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
