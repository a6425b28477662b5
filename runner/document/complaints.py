"""What YAML's parser refuses, and what it takes for a comment, in the words of an author."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import Any

import yaml

from runner.document.places import Span

Complaint = tuple[Span, str, str | None]
"""Where, what, and how to mend it."""

_COMMENT = re.compile(r"(?<=\s)#(?=[^\s#]).*")
_BEHIND = re.compile(r"\s+(#(?=[^\s#]).*)")
_QUOTED = re.compile(r"""(?:^|(?<=[\s\[{,]))("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""")
_THEN_MORE = r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?P<rest>[^\s,\]}:#].*)"""
_AFTER_QUOTES = re.compile(r"""^\s*(?:-\s+)*(?:[^\s:#'"]+:\s+)?""" + _THEN_MORE)
_AFTER_QUOTES_INSIDE = re.compile(r"[:,\[{]\s*" + _THEN_MORE)


def comment(lines: Sequence[str], line: int, column: int) -> Complaint | None:
    """A comment right behind a value, with no space after its `#`: most likely it belongs to the value.

    `line` and `column` count from 0 and say where the value ends.
    """
    found = _BEHIND.match(lines[line], column) if line < len(lines) else None
    return None if found is None else _of_comment(line, found.start(1), found.group(1))


def _of_comment(line: int, column: int, text: str) -> Complaint:
    hint = "put the whole text in quotes if the `#` belongs to it, or write `# ` with a space for a comment"
    return Span(line + 1, column + 1, len(text.rstrip())), "from `#` on this is a comment", hint


def syntax(error: yaml.MarkedYAMLError, lines: Sequence[str], in_blocks: Set[int]) -> Complaint:
    """What stands behind a parser's error. `in_blocks` are the lines (from 0) of `|` and `>` texts."""
    context, problem = error.context or "", error.problem or ""
    line, column = _place(_mark(error, context), lines)
    open_quote = "quoted scalar" in context
    first, last = _line_above(lines, line), line
    if "flow" in context and error.context_mark and error.problem_mark:
        first, last = error.context_mark.line, min(error.problem_mark.line, len(lines) - 1)
    suspects = [each for each in range(first, last + 1) if each not in in_blocks and not open_quote]
    for each in suspects:
        found = _hidden_comment(lines[each], each) or _after_quotes(lines[each], each, inside="flow" in context)
        if found:
            return found
    if lines[line][column - 1 : column + 1] == "{%":
        hint = "a text that begins with `{` needs quotes around all of it, or stands below a `|`"
        return Span(line + 1, column, 2), "a template stands here without quotes", hint
    return Span(line + 1, column + 1, 1), *_words(problem, context, lines[line].strip())


def _mark(error: yaml.MarkedYAMLError, context: str) -> Any:
    """The place to blame: where something begun and never ended begins, else where the parser stopped."""
    begun = any(words in context for words in ("quoted scalar", "simple key"))
    if "flow" in context and error.context_mark and error.problem_mark:
        begun = error.context_mark.line != error.problem_mark.line
    return error.context_mark if begun else error.problem_mark or error.context_mark


def _place(mark: Any, lines: Sequence[str]) -> tuple[int, int]:
    """Line and column of a mark, from 0; the end of the last line before it that is not empty."""
    line = min(mark.line, len(lines) - 1) if mark else 0
    while line > 0 and not lines[line].strip():
        line -= 1
    return line, mark.column if mark and mark.line == line else len(lines[line].rstrip())


def _line_above(lines: Sequence[str], line: int) -> int:
    """The nearest line above that is not empty."""
    return next((each for each in range(line - 1, -1, -1) if lines[each].strip()), line)


def _hidden_comment(line: str, number: int) -> Complaint | None:
    """The comment of a line, where the rest of the line would have been missed."""
    plain = _QUOTED.sub(lambda found: "'" * len(found.group()), line)
    found = _COMMENT.search(plain)
    if found is None or line[: found.start()].rstrip()[-1:] in {"", ","}:
        return None
    return _of_comment(number, found.start(), line[found.start() :])


def _after_quotes(line: str, number: int, *, inside: bool) -> Complaint | None:
    """A text that goes on behind the quotation mark which ends it; `inside` [ ] or { } it may stand anywhere."""
    found = _AFTER_QUOTES.search(line) or (_AFTER_QUOTES_INSIDE.search(line) if inside else None)
    if found is None:
        return None
    hint = "put quotes around the whole text, or write it below a `|`, where quotation marks mean nothing"
    if found["quoted"].startswith("'") and line[found.start("rest") - 1] == "'" and found["rest"][0].isalpha():
        hint = "put the text in double quotes, where an apostrophe is a letter like any other"
    start = found.start("rest")
    span = Span(number + 1, start + 1, len(found["rest"].rstrip()))
    return span, "the text goes on after the closing quotation mark", hint


def _words(problem: str, context: str, line: str) -> tuple[str, str | None]:
    """Message and hint for a parser's complaint."""
    if "mapping values are not allowed" in problem:
        return "a colon stands where none is expected", (
            "put the text in quotes if the colon belongs to it; else check the spaces at the start of this line"
        )
    if "quoted scalar" in context and "end of stream" in problem:
        return "this quotation mark is never closed", "add the closing mark at the end of the text"
    if "escape" in problem:
        return "this backslash has no meaning here", "write the text in single quotes, or double the backslash"
    if "cannot start any token" in problem:
        return "a text cannot begin with this character", "put quotes around the text"
    if "expected ':'" in problem or "could not find expected" in problem:
        return "a colon is missing after this key", "write `key: value`"
    if "flow" in context:
        hint = "each `[` needs a `]`, each `{` a `}`, and between two entries stands a comma"
        return "a bracket or brace is not closed, or a comma is missing", hint
    if "alias" in problem or "alias" in context or "anchor" in context:
        return "a text cannot begin with `*` or `&`", "put quotes around the text"
    if "block scalar" in context:
        return "the text block does not begin as expected", "write `|` alone at the end of the line, the text below it"
    if "block" in context or "expected" in problem:
        hint = "keys of one block begin in the same column; count the spaces at the start of this line"
        if line.startswith("- "):
            hint = "entries of one list begin in the same column; count the spaces before the dash"
        return "this line does not fit the ones above it", hint
    return "this is not YAML that can be read", None
