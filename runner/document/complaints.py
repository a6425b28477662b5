"""What YAML's parser refuses, and what it takes for a comment, in the words of an author; and how the line was most
likely meant. Which of those lines can be read, `mending` finds out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

import yaml

from runner.document import rewriting
from runner.document.places import MOST_CHARACTERS, Span
from runner.language import KEYS


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with a text: where, what, and how to mend it."""

    span: Span
    message: str
    hint: str | None = None
    candidates: tuple[str, ...] = ()
    """What the line may have been meant to be, the most likely first."""
    shape: bool = False
    """Whether the mistake may as well stand some lines above: a column, a dash or a colon too many or too few."""
    meant: bool = True
    """Whether a line that can be read instead is what was meant, and may be shown."""


_MOST_SUSPECTS = 200
"""Lines between the beginning of something in brackets and the place where it cannot be read."""
_COMMENT = re.compile(r"(?<=\s)#(?=[^\s#]).*")
_BEHIND = re.compile(r"\s+(#(?=[^\s#]).*)")
_QUOTED = re.compile(r"""(?:^|(?<=[\s\[{,]))("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""")
_THEN_MORE = r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?P<rest>[^\s,\]}:#].*)"""
_AFTER_QUOTES = re.compile(r"""^\s*(?:-\s+)*(?:[^\s:#'"]+:\s+)?""" + _THEN_MORE)
_AFTER_QUOTES_INSIDE = re.compile(r"[:,\[{]\s*" + _THEN_MORE)
_LIST = re.compile(
    r"\b(?:options|from):\s+(?P<all>[^\s\[\]{},:#][^\[\]{},:#]*(?:,\s*+(?![\w-]+:\s)[^\[\]{},:#]+)+)(?=[,}])"
)
"""Entries of a list without its brackets."""
_CURLY = re.compile("(?:^|[:,{\\[-]\\s*)(?P<text>[“„”«‘‚‹][^“„”»’‘›]*[”“»’‘›]?)")


def comment(lines: Sequence[str], line: int, column: int) -> Complaint | None:
    """A comment right behind a value, with no space after its `#`: most likely it belongs to the value.

    `line` and `column` count from 0 and say where the value ends.
    """
    found = _BEHIND.match(lines[line], column) if line < len(lines) else None
    return None if found is None else _of_comment(line, found.start(1), lines[line])


def _of_comment(line: int, column: int, text: str) -> Complaint:
    hint = "put the whole text in quotes if the `#` belongs to it, or write `# ` with a space for a comment"
    span = Span(line + 1, column + 1, len(text[column:].rstrip()))
    candidates = tuple(rewriting.quoted_values(text, around=column))
    return Complaint(span, "from `#` on this is a comment", hint, candidates)


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
            hidden(lines[each], each)
            or _curly(lines[each], each)
            or _hidden_comment(lines[each], each)
            or _after_quotes(lines[each], each, inside="flow" in context)
        )
        if found:
            return found
    for each in suspects:
        found = _no_space(lines[each], each)
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
    message, hint_, kinds = _words(problem, context, text.strip())
    candidates = rewriting.candidates(lines, line, column, kinds)
    shape = "flow" not in context and not open_quote and "escape" not in problem
    return Complaint(Span(line + 1, column + 1, 1), message, hint_, tuple(candidates), shape)


REPAIRED = {
    "moved": (
        "this line does not fit the ones around it",
        "keys of one block, and the dashes of one list, begin in the same column; count the spaces at the start",
    ),
    "without dash": ("this dash does not belong here", "a dash begins a new entry of a list: leave it out"),
    "with dash": ("a dash is missing here", "each step of the list begins with a dash: `- name: warm`"),
    "with colon": ("a colon is missing after this key", "write `key: value`"),
    "with space": ("a space is missing after the colon", "write `key: value`"),
}
NO_PART = (
    "this line is no part of the text above",
    "a text of several lines, or with a colon in it, stands below a `|`, moved in by two spaces",
)
"""The second line of a prompt, which begins a key of its own because it has a colon and stands too far to the left."""
"""What is told where a line is repaired that the parser did not complain of."""


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


def _no_space(line: str, number: int) -> Complaint | None:
    """A dash or colon glued to what follows it, which is then no dash, and no colon."""
    if found := re.match(r"\s*-[a-z_]+:\s", line):
        told, hint, kind, width = "a space is missing after the dash", "write `- ` and then the entry", "dash", 1
        start = found.end() - len(found.group().lstrip())
    elif found := re.match(r"\s*(?:-\s+)*[a-z_]+:(?:[{\[]|(?=[^\s/])(?!.*: ))", line):
        told, hint, kind, width = "a space is missing after the colon", "write `key: value`", "space", 1
        start = line.index(":")
    elif found := re.match(r"\s*(?:-\s+)*[a-z_]+\s*(?=\{[^{%])", line):
        told, hint, kind, width = "a colon is missing after this key", "write `key: value`", "colon", 1
        start = found.end()
    else:
        return None
    candidates = tuple(rewriting.candidates([line], 0, start, (kind,)))
    return Complaint(Span(number + 1, start + 1, width), told, hint, candidates)


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


def in_braces(line: str, number: int, start: int, name: str) -> Complaint:
    """A key inside { } that has no colon: it was meant to be something else. `start` is its column, from 0."""
    span = Span(number + 1, start + 1, max(1, len(name)))
    if re.match(r"[\w-]+:\S", name):
        right = line[:start] + name.replace(":", ": ", 1) + line[start + len(name) :]
        return Complaint(span, "a space is missing after the colon", "write `key: value`", (right,))
    if re.fullmatch(r"[0-9]+\s*%?", name) and line[start - 1 : start] == "," and line[start - 2 : start - 1].isdigit():
        right = f"{line[: start - 1]}.{line[start:]}"
        return Complaint(Span(number + 1, start, 1), "a comma stands in this number", "write a point", (right,))
    entries = _LIST.search(line) if len(line) <= MOST_CHARACTERS else None
    if entries and entries.start("all") < start < entries.end("all"):
        right = f"{line[: entries.start('all')]}[{entries['all']}]{line[entries.end('all') :]}"
        place = Span(number + 1, entries.start("all") + 1, len(entries["all"]))
        return Complaint(place, "this list has no brackets around it", f"write a list: [{entries['all']}]", (right,))
    hint = "a comma separates inside { }: put quotes around a text that has one"
    candidates = tuple(rewriting.quoted_values(line, around=start))
    return Complaint(span, f"a colon is missing after `{name}`", hint, candidates)


TEMPLATE_WITHOUT_QUOTES = "this text begins with a brace, and has no quotes"

_NAMES = {
    "\u00a0": "a no-break space",
    "\u200b": "a space without width",
    "\u200c": "a joining mark",
    "\u200d": "a joining mark",
    "\u2060": "a joining mark",
    "\ufeff": "a mark that belongs at the start of a file",
    "\u00ad": "a hyphen that does not show",
    "\u3000": "a wide space",
}
_UNSEEN = re.compile("[\u00a0\u00ad\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_IN_STRUCTURE = re.compile(r"(?:[^\S\n]|[\u00ad\u200b-\u200f\u2060\ufeff]|-(?=\W))*(?:[^:\s\"']*:)?\W?")


def first_unseen(line: str) -> int:
    """Where in a line a character stands that looks like a space, or like nothing; -1 where none does."""
    found = _UNSEEN.search(line)
    return found.start() if found else -1


def hidden(line: str, number: int, *, key: bool = False) -> Complaint | None:
    """A character that looks like a space, or like nothing, in front of a value; with `key`, anywhere in the line."""
    found = _UNSEEN.search(line)
    if found is None or (not key and found.start() >= _IN_STRUCTURE.match(line).end()):  # type: ignore[union-attr]
        return None
    char = found.group()
    kind = _NAMES.get(char, "an unusual space" if _SPACES.match(char) else "a character that cannot be seen")
    hint = "type a space in its place" if _SPACES.match(char) else "delete it; it only looks like nothing"
    seen = _UNSEEN.sub("", _SPACES.sub(" ", line))
    head = _IN_STRUCTURE.match(line).end()  # type: ignore[union-attr]
    in_head = _UNSEEN.sub("", _SPACES.sub(" ", line[:head])) + line[head:]
    span = Span(number + 1, found.start() + 1, 1)
    return Complaint(span, f"{kind} (U+{ord(char):04X}) stands here", hint, (in_head, seen))


def _curly(line: str, number: int) -> Complaint | None:
    """A value in curly quotation marks, which YAML takes for letters."""
    found = _CURLY.search(line)
    if found is None:
        return None
    span = Span(number + 1, found.start("text") + 1, 1)
    return Complaint(
        span, "curly quotation marks do not hold a text together", 'use straight ones: "…"',
        tuple(rewriting.straight_quotes(line)),
    )  # fmt: skip


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
    return _of_comment(number, found.start(), line)


def _after_quotes(line: str, number: int, *, inside: bool) -> Complaint | None:
    """A text that goes on behind the quotation mark which ends it; `inside` [ ] or { } it may stand anywhere."""
    found = _AFTER_QUOTES.search(line) or (_AFTER_QUOTES_INSIDE.search(line) if inside else None)
    if found is None:
        return None
    hint = "put quotes around the whole text, or write it below a `|`, where quotation marks mean nothing"
    candidates = [*rewriting.requoted(line, found.start("quoted"))]
    if found["quoted"].startswith("'") and line[found.start("rest") - 1] == "'" and found["rest"][0].isalpha():
        hint = "put the text in double quotes, where an apostrophe is a letter like any other"
    start = found.start("rest")
    span = Span(number + 1, start + 1, len(found["rest"].rstrip()))
    return Complaint(span, "the text goes on after the closing quotation mark", hint, tuple(candidates))


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
