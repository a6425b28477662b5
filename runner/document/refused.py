"""What YAML's parser refuses, in the words of an author; and how the line was most likely meant. Which of those lines
can be read, `mending` finds out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from typing import Any

import yaml

from runner.document import lookalikes, rewriting, slips
from runner.document.complaint import TEMPLATE_WITHOUT_QUOTES, Complaint
from runner.document.places import MOST_CHARACTERS, Span
from runner.language import KEYS

_MOST_SUSPECTS = 200
"""Lines between the beginning of something in brackets and the place where it cannot be read."""


def syntax(error: yaml.MarkedYAMLError, lines: Sequence[str], in_blocks: Set[int]) -> Complaint:
    """What stands behind a parser's error. `in_blocks` are the lines (from 0) of `|` and `>` texts."""
    context, problem = error.context or "", error.problem or ""
    line, column = _place(_mark(error, context), lines)
    open_quote = "quoted scalar" in context
    first, last = _line_above(lines, line), line
    if "flow" in context and error.context_mark and error.problem_mark:
        first, last = error.context_mark.line, min(error.problem_mark.line, len(lines) - 1)
        if "flow node" in context:  # begins where nothing could be read: what has swallowed it stands above
            first = _line_above(lines, first)
    suspects = [each for each in range(first, last + 1) if each not in in_blocks and not open_quote]
    suspects = [each for each in suspects[:_MOST_SUSPECTS] if len(lines[each]) <= MOST_CHARACTERS]
    for each in suspects:
        found = (
            lookalikes.hidden(lines[each], each)
            or lookalikes.curly(lines[each], each)
            or slips.hidden_comment(lines[each], each)
            or slips.after_quotes(lines[each], each, inside="flow" in context)
            or slips.question_mark(lines[each], each)
        )
        if found:
            return found
    for each in suspects:
        found = slips.no_space(lines[each], each)
        if found:
            return found
    text = lines[line]
    if column_of_first(lines) > len(text) - len(text.lstrip()):
        return _first_moved_in(lines)
    if missing := _no_comma(error, lines, context):
        return missing
    if text[column - 1 : column + 1] == "{%":
        hint = "a text that begins with `{` needs quotes around all of it, or stands below a `|`"
        span = Span(line + 1, column, 2)
        return Complaint(span, TEMPLATE_WITHOUT_QUOTES, hint, tuple(rewriting.quoted_values(text, around=column)))
    if "flow" not in context and text[column : column + 1] == ",":
        hint = "take it out: outside of { } and [ ] each key has a line of its own, and no comma behind it"
        without = text[:column].rstrip() + text[column + 1 :]
        return Complaint(Span(line + 1, column + 1, 1), "a comma stands here", hint, (without,))
    if "mapping values are not allowed" in problem and not re.search(r":\s", text[:column]):
        column = len(text) - len(text.lstrip())
        context, problem = "block", ""
    if "mapping values are not allowed" in problem and (block := slips.block_on_the_line(text, line)):
        return block
    message, hint_, kinds = _words(problem, context, text.strip())
    candidates = rewriting.candidates(lines, line, column, kinds)
    shape = "flow" not in context and not open_quote and "escape" not in problem
    return Complaint(Span(line + 1, column + 1, 1), message, hint_, tuple(candidates), shape)


def column_of_first(lines: Sequence[str]) -> int:
    """How far the first line that says anything is moved in."""
    first = lines[_first(lines)]
    return len(first) - len(first.lstrip())


def _first(lines: Sequence[str]) -> int:
    return next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)


def _first_moved_in(lines: Sequence[str]) -> Complaint:
    at = _first(lines)
    hint = "the keys at the top of a recipe begin at the very left"
    return Complaint(Span(at + 1, 1, column_of_first(lines)), "this line is moved in", hint, (lines[at].lstrip(),))


def swallowed(lines: Sequence[str], start: Any, end: Any) -> Complaint | None:
    """A quoted text that goes on over what looks like keys of the recipe: its closing mark is missing."""
    if not any(re.match(r"\s*(?:-\s+)*[a-z_]+:(?:\s|$)", each) for each in lines[start.line + 1 : end.line + 1]):
        return None
    line = lines[start.line]
    candidates = (line.rstrip() + line[start.column],)
    return Complaint(Span(start.line + 1, start.column + 1, 1), *_NEVER_CLOSED, candidates)


_NEVER_CLOSED = ("this quotation mark is never closed", "add the closing mark at the end of the text")


def _no_comma(error: yaml.MarkedYAMLError, lines: Sequence[str], context: str) -> Complaint | None:
    """Two entries inside { } or [ ] on two lines, with no comma at the end of the first."""
    begun, stopped = error.context_mark, error.problem_mark
    if "flow" not in context or begun is None or stopped is None or begun.line == stopped.line:
        return None
    opener, next_one = lines[begun.line], lines[min(stopped.line, len(lines) - 1)]
    inside = len(next_one) - len(next_one.lstrip()) > len(opener) - len(opener.lstrip())
    above = _line_above(lines, stopped.line)
    end = lines[above].rstrip()
    if not inside or above < begun.line or end[-1:] in {",", "{", "["}:
        return None
    hint = "between two entries stands a comma"
    return Complaint(Span(above + 1, len(end) + 1, 1), "a comma is missing at the end of this line", hint, (end + ",",))


def _mark(error: yaml.MarkedYAMLError, context: str) -> Any:
    """The place to blame: where something begun and never ended begins, else where the parser stopped."""
    begun = any(words in context for words in ("quoted scalar", "simple key", "alias", "anchor"))
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


def _words(problem: str, context: str, line: str) -> tuple[str, str | None, Iterable[str]]:
    """Message and hint for a parser's complaint, and the kinds of rewriting that may help."""
    if "mapping values are not allowed" in problem:
        hint = "put the text in quotes if the colon belongs to it; else check the spaces at the start of this line"
        return "a colon stands where none is expected", hint, ("quote", "indent")
    if "quoted scalar" in context and "end of stream" in problem:
        return *_NEVER_CLOSED, ("close",)
    if "escape" in problem:
        hint = "write the text in single quotes, or double the backslash"
        return "this backslash has no meaning here", hint, ("single",)
    if "cannot start any token" in problem:
        return "a text cannot begin with this character", "put quotes around the text", ("quote",)
    if "expected ':'" in problem or "could not find expected" in problem:
        word = re.match(r"(?:-\s+)*([\w-]+)\s*(=|\s[\[{]|$)?", line)
        if word is None or not (word.group(1) in KEYS or word.group(2) is not None):
            hint = "a text of several lines stands below a `|`, moved in by two spaces"
            return "this line is no `key: value`, and no part of the text above", hint, ("deeper",)
        return "a colon is missing after this key", "write `key: value`", ("colon", "indent")
    if "flow" in context and re.search(r"[\[{,]\s*[\w-]+:\s+[\w-]+:\s", line):
        hint = "put the text in quotes if the colon belongs to it"
        return "a colon stands where none is expected", hint, ("quote",)
    if "flow" in context:
        hint = "each `[` needs a `]`, each `{` a `}`, and between two entries stands a comma"
        return "a bracket or brace is not closed, or a comma is missing", hint, ("comma", "bracket")
    if "block sequence entries are not allowed" in problem:
        hint = "put quotes around a text that begins with a dash; the entries of a list stand on lines of their own"
        return "a dash stands where none is expected", hint, ("quote",)
    if "alias" in problem or "alias" in context or "anchor" in context:
        return "a text cannot begin with `*` or `&`", "put quotes around the text", ("quote",)
    if "block scalar" in context:
        hint = "write `|` alone at the end of the line, the text below it"
        return "the text block does not begin as expected", hint, ("text", "quote")
    if "block" in context or "expected" in problem:
        hint = "keys of one block begin in the same column; count the spaces at the start of this line"
        if line.startswith("- "):
            hint = "entries of one list begin in the same column; count the spaces before the dash"
        return "this line does not fit the ones above it", hint, ("indent",)
    return "this cannot be read", "compare it with a recipe that works, like the one in the guide", ()
