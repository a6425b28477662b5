"""YAML for people: text -> data, with the position of every key and value.

The only module that imports yaml. It walks the parser's *events* with a stack of its own, so that no input can make it
recurse, load an object or expand without limit, and it reads plain scalars by the core rules of YAML 1.2, cut down to
what an author expects: whole numbers, decimals, `true`/`false` and null. Everything else is text: `16:9`, `no`,
`2024-01-01`, `007`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from runner.errors import Diagnostic, InvalidRecipe, Location, UsageError

Path = tuple[str | int, ...]
"""Where a value stands: keys and list positions (from 0), from the top."""

MOST_BYTES = 1_000_000
MOST_DEPTH = 64
MOST_NODES = 100_000

_Loader: Any = getattr(yaml, "CLoader", yaml.Loader)

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]{1,30}|(0|[1-9][0-9]{0,17})(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,2})?\Z")
_WORDS: dict[str, Any] = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}

_HIDDEN = {
    "\x00": "a NUL character",
    "\x85": "a hidden line break (U+0085)",
    "\u2028": "a hidden line break (U+2028)",
    "\u2029": "a hidden line break (U+2029)",
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\t]")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line: `line` and `column` from 1, `width` in characters, at least 1."""

    line: int
    column: int
    width: int


@dataclass(frozen=True)
class Document:
    """A YAML file as data, and where each part of it stands."""

    file: str
    lines: tuple[str, ...]
    data: Any
    keys: Mapping[Path, Span] = field(repr=False)
    values: Mapping[Path, Span] = field(repr=False)
    blocks: frozenset[Path] = field(repr=False)
    """Paths of texts written as a `|` block, whose lines are the lines of the file."""

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
        return self._diagnostic(self.span(path, key=key), message, hint)

    def diagnostic_in_text(
        self, path: Path, line: int, word: str | None, message: str, hint: str | None = None
    ) -> Diagnostic:
        """A problem inside a text: on its line `line` (from 1), at `word` where that is found."""
        span = self.span(path)
        number = span.line + line if path in self.blocks else span.line + line - 1
        if not 1 <= number <= len(self.lines):
            return self._diagnostic(span, message, hint)
        quoted = self.lines[number - 1]
        start = span.column - 1 if number == span.line else len(quoted) - len(quoted.lstrip())
        at = quoted.find(word, start) if word else -1
        if at >= 0 and word:
            return self._diagnostic(Span(number, at + 1, len(word)), message, hint)
        return self._diagnostic(Span(number, start + 1, max(1, len(quoted.rstrip()) - start)), message, hint)

    def _diagnostic(self, span: Span, message: str, hint: str | None) -> Diagnostic:
        quoted = self.lines[span.line - 1] if span.line <= len(self.lines) else ""
        return Diagnostic(Location(self.file, span.line, span.column), message, hint, quoted, span.width)


def read(path: FilePath, shown_as: str | None = None) -> Document:
    """Read a YAML file. Raises UsageError when it cannot be read, InvalidRecipe with its problems."""
    name = shown_as or str(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{name} is larger than {MOST_BYTES // 1000} kB, more than any recipe needs")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no file {name}") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        place = Location(name, line, column)
        hint = "save the file as UTF-8 in your editor"
        raise InvalidRecipe([Diagnostic(place, "this is not UTF-8 text", hint)]) from None
    return load(text, name)


def load(text: str, file: str) -> Document:
    """Turn YAML text into data with positions. Raises InvalidRecipe with everything that is wrong with it."""
    return _Reader(text, file).read()


class _Reader:
    """One pass over the events of one text."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        self.keys: dict[Path, Span] = {}
        self.values: dict[Path, Span] = {}
        self.blocks: set[Path] = set()
        self.found: list[Diagnostic] = []
        self.nodes = 0
        self.anchors: dict[str, list[Any]] = {}
        self.recording: dict[str, tuple[int, list[Any]]] = {}

    def read(self) -> Document:
        if len(self.text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            raise self._stop(Span(1, 1, 1), f"this file is larger than {MOST_BYTES // 1000} kB", None)
        self._refuse_hidden_characters()
        data = self._build()
        if self.found:
            raise InvalidRecipe(self.found)
        return Document(self.file, self.lines, data, self.keys, self.values, frozenset(self.blocks))

    def _refuse_hidden_characters(self) -> None:
        for number, line in enumerate(self.lines, 1):
            match = _FORBIDDEN.search(line)
            if match is None:
                continue
            char = match.group()
            if char == "\t":
                message, hint = "a tab stands here", "indent and separate with spaces"
            else:
                turns = "\u202a" <= char <= "\u2069"
                other = "a character that turns the writing direction" if turns else "a control character"
                name = _HIDDEN.get(char, f"{other} (U+{ord(char):04X})")
                message, hint = f"{name} stands here", "delete it; it cannot be seen, and it changes what the file says"
            self._note(Span(number, match.start() + 1, 1), message, hint)
        if self.found:
            raise InvalidRecipe(self.found)

    def _events(self) -> Iterator[Any]:
        """The parser's events, with aliases replaced by what they stand for, and limits kept."""
        depth = 0
        try:
            for event in yaml.parse(self.text, Loader=_Loader):
                if isinstance(event, yaml.AliasEvent):
                    stored = self.anchors.get(str(event.anchor))
                    if stored is None:
                        hint = "put quotes around a text that begins with `*`"
                        raise self._stop(self._span(event), f"`*{event.anchor}` stands for nothing above it", hint)
                    self._count(event, len(stored))
                    yield from stored
                    self._record(stored)
                    continue
                self._count(event, 1)
                opens = isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
                depth += opens - isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
                yield event
                self._follow_anchor(event, depth, opens)
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from None
        except yaml.YAMLError:
            raise self._stop(Span(1, 1, 1), "this is not YAML text", None) from None

    def _count(self, event: Any, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            hint = "a recipe with repeated `*aliases` can grow without end; write it out"
            raise self._stop(self._span(event), f"this file holds more than {MOST_NODES} values", hint)

    def _follow_anchor(self, event: Any, depth: int, opens: bool) -> None:
        """Keep what an anchored node consists of, for the aliases that come later."""
        self._record([event])
        for name, (level, events) in list(self.recording.items()):
            if depth < level:
                self.anchors[name] = events
                del self.recording[name]
        anchor = getattr(event, "anchor", None)
        if anchor and not isinstance(event, yaml.AliasEvent):
            if opens:
                self.recording[anchor] = (depth, [event])
            else:
                self.anchors[anchor] = [event]

    def _record(self, events: list[Any]) -> None:
        for _, kept in self.recording.values():
            kept.extend(events)

    def _build(self) -> Any:
        root: list[Any] = []
        stack: list[tuple[Any, Path]] = [(root, ())]
        key: list[str | None] = [None]
        documents = 0
        for event in self._events():
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    hint = "keep one recipe in one file and delete the `---` line"
                    raise self._stop(self._span(event), "a second document begins here", hint)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                stack.pop()
                key.pop()
            elif isinstance(event, yaml.NodeEvent):
                self._place(event, stack, key)
        return root[0] if root else None

    def _place(self, event: Any, stack: list[tuple[Any, Path]], key: list[str | None]) -> None:
        """Put one node where it belongs: a key of its mapping, or a value of its mapping or list."""
        parent, path = stack[-1]
        self._refuse_tag(event)
        if isinstance(parent, dict):
            name = key[-1]
            if name is None:
                key[-1] = self._key(event, parent, path)
                return
            where: Path = (*path, name)
            key[-1] = None
        else:
            where = (*path, len(parent)) if len(stack) > 1 else ()
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = _resolved(event)
            if event.style == "|":
                self.blocks.add(where)
        else:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.values.setdefault(where, self._span(event))
        if isinstance(parent, dict):
            parent.setdefault(where[-1], value)
        else:
            parent.append(value)
        if not isinstance(event, yaml.ScalarEvent):
            if len(stack) > MOST_DEPTH:
                raise self._stop(self._span(event), f"blocks are nested deeper than {MOST_DEPTH} levels", None)
            stack.append((value, where))
            key.append(None)

    def _key(self, event: Any, parent: dict[str, Any], path: Path) -> str:
        span = self._span(event)
        if not isinstance(event, yaml.ScalarEvent):
            if self.lines[span.line - 1][span.column - 2 : span.column].startswith("{{"):
                hint = 'a value that begins with `{{` needs quotes: "{{ … }}"'
                raise self._stop(Span(span.line, span.column - 1, 2), "a template stands here without quotes", hint)
            raise self._stop(span, "a block stands here where a key is expected", "a key is one word, then a colon")
        name = str(event.value)
        if name in parent:
            first = self.keys[(*path, name)].line
            hint = f"it stands on line {first} already; keep one of the two"
            self._note(span, f"the key `{name}` stands twice in this block", hint)
        else:
            self.keys[(*path, name)] = span
        return name

    def _refuse_tag(self, event: Any) -> None:
        if getattr(event, "tag", None) not in (None, "!"):
            hint = "delete the `!` word; put quotes around a text that begins with `!`"
            raise self._stop(self._span(event), "a tag stands here; recipes have none", hint)

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        line = self.lines[start.line] if start.line < len(self.lines) else ""
        stop = end.column if end.line == start.line else len(line.rstrip())
        return Span(start.line + 1, start.column + 1, max(1, stop - start.column))

    def _note(self, span: Span, message: str, hint: str | None) -> None:
        quoted = self.lines[span.line - 1] if 0 < span.line <= len(self.lines) else ""
        self.found.append(Diagnostic(Location(self.file, span.line, span.column), message, hint, quoted, span.width))

    def _stop(self, span: Span, message: str, hint: str | None) -> InvalidRecipe:
        self._note(span, message, hint)
        return InvalidRecipe(self.found)

    def _syntax(self, error: yaml.MarkedYAMLError) -> InvalidRecipe:
        begun = any(words in (error.context or "") for words in ("quoted scalar", "simple key"))
        mark = error.context_mark if begun else error.problem_mark or error.context_mark
        line = min(mark.line, len(self.lines) - 1) if mark else 0
        while line > 0 and not self.lines[line].strip():
            line -= 1
        column = mark.column if mark and mark.line == line else len(self.lines[line].rstrip())
        message, hint = _syntax_words(error.problem or "", error.context or "", self.lines[line].strip())
        return self._stop(Span(line + 1, column + 1, 1), message, hint)


def _resolved(event: Any) -> Any:
    """The value of a scalar: quoted and block scalars are text, plain ones may be numbers, truth values or null."""
    text: str = event.value
    if event.style not in (None, ""):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return float(text)
    return text


def _syntax_words(problem: str, context: str, line: str) -> tuple[str, str | None]:
    """A parser's complaint, in the words of an author."""
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
        return "a bracket or brace is not closed, or a comma is missing", "check the [ ] and { } on this line and above"
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
