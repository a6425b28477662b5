"""A text read as it was most likely meant, so that one mistake of form does not hide all others.

Where a complaint has a line that can be read instead, that line is put in its place and the text read again. What is
wrong with the text stands in the document either way: nothing runs that was not written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from runner.document import rewriting
from runner.document.complaint import NO_PART, REPAIRED, Complaint
from runner.document.places import MOST_CHARACTERS, Document, Path, Span, diagnostic, first_of, moved
from runner.document.reading import Reader, Unreadable
from runner.errors import MOST_PROBLEMS, Diagnostic, InvalidRecipe
from runner.language import INPUT_KEYS, STEP_KEYS, TOP_KEYS

MOST_BYTES = 1_000_000
_MOST_READINGS = 400
"""Times that one text is read, all in all."""
_MOST_READ = 2_000_000
"""Characters that are read, all in all: of a long text fewer readings, and of a very long one none but the first."""
_MOST_NODES = 150_000
"""Keys and values that are read, all in all."""
_MOST_SUSPECTS = 8
"""Lines above a complaint in which the mistake is looked for, and its own."""
_ALL = 10**9
"""Further than any line."""

_HIDDEN = {
    "\x00": "a NUL character",
    "\x85": "a hidden line break (U+0085)",
    "\u2028": "a hidden line break (U+2028)",
    "\u2029": "a hidden line break (U+2029)",
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\t]")
_INDENTS = ("  ", "    ", "        ")
"""What a tab at the start of a line may stand for."""


class _Mender:
    """One text on its way to a document."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.written = tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        self.lines = list(self.written)
        self.found: list[Diagnostic] = []
        longest = max(map(len, self.lines))
        self.left = 0 if longest > MOST_CHARACTERS else min(_MOST_READINGS, _MOST_READ // max(1, len(text)) - 2)
        self.hopeless: set[Complaint] = set()
        """Complaints for which there is no line that helps."""
        self.nodes_left = _MOST_NODES
        self.doubled = False
        """Whether it is told of a key that it stands twice."""

    def read(self) -> Document:
        """The document. Raises InvalidRecipe where nothing can be read."""
        self._mend_characters()
        while True:
            reader, data, readable = self._reading(self.lines)
            if not any(self._mend(complaint, reader) for complaint in reader.complaints):
                break
        for complaint in reader.complaints:
            self._tell(complaint, None)
        if not readable:
            raise InvalidRecipe(first_of(self.found))
        changed = {
            number: line
            for number, (line, read) in enumerate(zip(self.written, self.lines, strict=True), 1)
            if line != read
        }
        return Document(
            self.file,
            tuple(self.lines),
            data,
            reader.keys,
            reader.values,
            reader.texts,
            changed,
            tuple(sorted(self.found, key=lambda each: each.location)),
            self.doubled,
        )

    def _reading(self, lines: Sequence[str]) -> tuple[Reader, Any, bool]:
        reader = Reader(lines)
        try:
            return reader, reader.read(), True
        except Unreadable:
            return reader, None, False
        finally:
            self.nodes_left -= reader.nodes
            self.left = self.left - 1 if self.nodes_left > 0 else 0

    def _mend(self, complaint: Complaint, reader: Reader) -> bool:
        """Put a line in the place of the one at fault, so that more can be read. Where several do, the one after which
        the most can be read is taken, and of those the first."""
        if self.left <= 0 or complaint in self.hopeless:
            return False
        number = complaint.span.line
        best, told, most = "", complaint, (number, -self._odd(reader))
        for at, candidate, instead in self._candidates(complaint, reader):
            if self.left <= 0:
                break
            score = self._score([*self.lines[: at - 1], candidate, *self.lines[at:]], complaint)
            if score > most:
                best, told, most = candidate, instead, score
            if most == (_ALL, 0):
                break
        if not best:
            self.hopeless.add(complaint)
            return False
        self._tell(told, best if told.meant else None)
        self.lines[told.span.line - 1] = best
        return True

    def _candidates(self, complaint: Complaint, reader: Reader) -> Iterator[tuple[int, str, Complaint]]:
        """Lines that may be put in the place of others: their number, how they read, and what to tell then."""
        number = complaint.span.line
        for candidate in dict.fromkeys(complaint.candidates):
            if candidate != self.lines[number - 1]:
                yield number, candidate, complaint
        near = [at for at in range(number, 0, -1) if self._says_something(at) and at - 1 not in reader.block_lines]
        for at in near[:_MOST_SUSPECTS] if complaint.shape else ():
            column = len(self.lines[at - 1]) - len(self.lines[at - 1].lstrip()) + 1
            for kind, candidate in rewriting.repairs(self.lines, at - 1):
                prose = rewriting.is_prose(self.lines[at - 1])
                message, hint = NO_PART if prose else REPAIRED[kind]
                yield at, candidate, Complaint(Span(at, column, 1), message, hint, meant=not prose)

    def _says_something(self, number: int) -> bool:
        line = self.lines[number - 1].strip()
        return bool(line) and not line.startswith("#")

    def _score(self, lines: Sequence[str], complaint: Complaint) -> tuple[int, int]:
        """The line up to which these lines can be read without this complaint, or one like it; and how little of what
        is read stands in an odd place."""
        reader, _, readable = self._reading(lines)
        alike = [each.span.line for each in reader.complaints if each.message == complaint.message]
        if alike and min(alike) <= complaint.span.line:
            return 0, 0
        return _ALL if readable else reader.complaints[-1].span.line, -self._odd(reader)

    def _odd(self, reader: Reader) -> int:
        """How many keys of the language stand where they mean nothing, and how much else is wrong with the form."""
        texts = sum(map(_is_odd_text, reader.texts))
        steps = {path[1] for path in reader.keys if path[0] == "steps" and len(path) == 3}
        nameless = sum(("steps", step, "name") not in reader.keys for step in steps)
        return sum(map(_is_odd, reader.keys)) + texts + nameless + reader.empty + len(reader.complaints)

    def _tell(self, complaint: Complaint, corrected: str | None) -> None:
        span = complaint.span
        line = self.written[span.line - 1] if span.line <= len(self.written) else ""
        read = self.lines[span.line - 1] if span.line <= len(self.lines) else ""
        if line != read:
            span = Span(span.line, moved(span.column, read, line), span.width)
        self.doubled = self.doubled or complaint.doubled
        self.found.append(diagnostic(self.file, line, span, complaint.message, complaint.hint, corrected))

    def _mend_characters(self) -> None:
        """Characters that may stand nowhere: told, and left out or replaced."""
        forbidden = {at: found for at, line in enumerate(self.lines) if (found := _FORBIDDEN.search(line))}
        if not forbidden:
            return
        for at, match in forbidden.items():
            if len(self.found) > MOST_PROBLEMS:
                raise InvalidRecipe(first_of(self.found))
            complaint = _of_character(at, match)
            around = [self.lines[near - 1] for near in (at, at + 2) if 0 < near <= len(self.lines)]
            best = max(_without(self.lines[at], around), key=lambda line: self._score_of(at, line, complaint))
            self._tell(complaint, best)
            self.lines[at] = best

    def _score_of(self, at: int, line: str, complaint: Complaint) -> tuple[bool, int]:
        """Whether the line (from 0) can be read, and how little stands in an odd place."""
        if self.left <= 0:
            return False, 0
        reach, fit = self._score([*self.lines[:at], line, *self.lines[at + 1 :]], complaint)
        return reach > at + 1, fit


def _without(line: str, around: Sequence[str]) -> Iterator[str]:
    """A line without characters that may stand nowhere, for each meaning that a tab at its start may have: so many
    spaces, or as many as the lines around it have."""
    head = re.match(r"[ \t]*", line).group()  # type: ignore[union-attr]
    rest = _FORBIDDEN.sub("", line[len(head) :].replace("\t", " "))
    heads = [head.replace("\t", indent) for indent in _INDENTS]
    if "\t" in head:
        heads += [near[: len(near) - len(near.lstrip(" "))] for near in around]
    yield from dict.fromkeys(each + rest for each in heads)


def _is_odd(path: Path) -> bool:
    """Whether a key of the language stands where it means nothing, or something else stands where only those may."""
    match path:
        case (key,):
            return key not in TOP_KEYS
        case ("inputs", name):
            return name in INPUT_KEYS | STEP_KEYS - {"name"}
        case ("inputs", _, key):
            return key not in INPUT_KEYS
        case ("steps", int(), key):
            return key in (INPUT_KEYS | TOP_KEYS) - STEP_KEYS
        case ("steps", int(), _, *_, key):
            return key in STEP_KEYS
    return False


def _is_odd_text(path: Path) -> bool:
    """Whether a text stands where a block belongs."""
    match path:
        case ("inputs", _) | ("steps", int()) | ("steps", int(), "settings"):
            return True
    return False


def _of_character(at: int, match: re.Match[str]) -> Complaint:
    char = match.group()
    if char == "\t":
        message, hint = "a tab stands here", "write spaces instead"
    else:
        turns = "\u202a" <= char <= "\u2069"
        other = "a character that turns the writing direction" if turns else "a control character"
        other = "a character that cannot be seen" if char == "\ufeff" else other
        name = _HIDDEN.get(char, f"{other} (U+{ord(char):04X})")
        message, hint = f"{name} stands here", "delete it; it cannot be seen, and it changes what the file says"
    return Complaint(Span(at + 1, match.start() + 1, 1), message, hint)


def mended(text: str, file: str) -> Document:
    """The document of a text, with what is wrong with its form. Raises InvalidRecipe where it cannot be read."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        line = text.split("\n", 1)[0]
        told = f"this file is larger than {MOST_BYTES // 1000} kB"
        raise InvalidRecipe([diagnostic(file, line, Span(1, 1, 1), told, None)])
    return _Mender(text, file).read()
