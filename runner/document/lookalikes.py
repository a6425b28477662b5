"""Characters that look like others, or like nothing: unusual spaces, joining marks, curly quotation marks."""

from __future__ import annotations

import re

from runner.document import rewriting
from runner.document.complaint import Complaint
from runner.document.places import Span

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
_CURLY = re.compile("(?:^|[:,{\\[-]\\s*)(?P<text>[“„”«‘‚‹][^“„”»’‘›]*[”“»’‘›]?)")


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


def curly(line: str, number: int) -> Complaint | None:
    """A value in curly quotation marks, which YAML takes for letters."""
    found = _CURLY.search(line)
    if found is None:
        return None
    span = Span(number + 1, found.start("text") + 1, 1)
    return Complaint(
        span, "curly quotation marks do not hold a text together", 'use straight ones: "…"',
        tuple(rewriting.straight_quotes(line)),
    )  # fmt: skip
