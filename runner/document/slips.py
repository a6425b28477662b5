"""Slips of the hand that one line shows by itself: a space, a colon, a comma or quotes too few, a mark too many."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runner.document import rewriting
from runner.document.complaint import Complaint
from runner.document.places import MOST_CHARACTERS, Span
from runner.language import KEYS

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


def hidden_comment(line: str, number: int) -> Complaint | None:
    """The comment of a line, where the rest of the line would have been missed."""
    plain = _QUOTED.sub(lambda found: "'" * len(found.group()), line)
    found = _COMMENT.search(plain)
    if found is None or line[: found.start()].rstrip()[-1:] in {"", ","}:
        return None
    return _of_comment(number, found.start(), line)


def after_quotes(line: str, number: int, *, inside: bool) -> Complaint | None:
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


def no_space(line: str, number: int) -> Complaint | None:
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


def block_on_the_line(line: str, number: int) -> Complaint | None:
    """`resize: width: 1200`: an operation, or `settings:`, with a block of one key behind it, which needs braces."""
    found = re.match(r"(?P<before>\s*(?:-\s+)*(?P<key>[a-z_]+):\s+)(?P<inside>[a-z_]+:\s+[^\s{}\[\],:#]+)\s*\Z", line)
    if found is None or found["key"] in KEYS - {"settings"}:
        return None
    block = f"{{{found['inside']}}}"
    span = Span(number + 1, found.start("inside") + 1, len(found["inside"]))
    hint = f"put braces around it: {found['key']}: {block}"
    candidates = (found["before"] + block, *rewriting.quoted_values(line, around=found.start("inside")))
    return Complaint(span, "a block stands on the line of its key", hint, candidates)


def question_mark(line: str, number: int) -> Complaint | None:
    """A question mark before a key."""
    found = re.match(r"(?P<before>\s*(?:-\s+)*)\?\s+(?P<key>[\w-]+)\s*:?\s*\Z", line)
    if found is None:
        return None
    span = Span(number + 1, found.end("before") + 1, 1)
    hint = f"take it out, and write a colon behind the key: `{found['key']}:`"
    return Complaint(span, "a question mark stands before this key", hint, (f"{found['before']}{found['key']}:",))


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
