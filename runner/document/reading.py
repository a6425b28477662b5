"""One pass over the events of YAML's parser: data, positions, and everything that is wrong with the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from runner.document import complaints
from runner.document.places import Document, Path, Span, Written, diagnostic
from runner.errors import Diagnostic, InvalidRecipe

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


class Reader:
    """Reads one text."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        self.keys: dict[Path, Span] = {}
        self.values: dict[Path, Span] = {}
        self.texts: dict[Path, Written] = {}
        self.block_lines: set[int] = set()
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
        return Document(self.file, self.lines, data, self.keys, self.values, self.texts)

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
                if isinstance(event, yaml.ScalarEvent):
                    self._look_behind(event)
                yield event
                self._follow_anchor(event, depth, opens)
        except yaml.MarkedYAMLError as error:
            raise self._stop(*complaints.syntax(error, self.lines, self.block_lines)) from None
        except yaml.YAMLError:
            raise self._stop(Span(1, 1, 1), "this is not YAML text", None) from None

    def _look_behind(self, event: Any) -> None:
        """Note the lines of a text block, and what would be lost as a comment behind a plain value."""
        end = event.end_mark
        if event.style in {"|", ">"}:
            self.block_lines.update(range(event.start_mark.line + 1, end.line + (end.column > 0)))
        elif event.style in {None, ""}:
            complaint = complaints.comment(self.lines, end.line, end.column)
            if complaint:
                self._note(*complaint)

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
            if isinstance(value, str):
                self.texts.setdefault(where, self._written(event))
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

    def _written(self, event: Any) -> Written:
        """Where the characters of a text stand: without its quotation marks, or below the `|` or `>` of a block."""
        start, end = event.start_mark, event.end_mark
        block, quotes = event.style in {"|", ">"}, int(event.style in {"'", '"'})
        if start.line == end.line and not block:
            return Written((Span(start.line + 1, start.column + quotes + 1, end.column - start.column - 2 * quotes),))
        spans = []
        last = min(end.line - (end.column == 0), len(self.lines) - 1)
        for number in range(start.line + block, last + 1):
            line = self.lines[number].rstrip()
            first = start.column + quotes if number == start.line else len(line) - len(line.lstrip())
            stop = end.column - quotes if number == end.line and not block else len(line)
            spans.append(Span(number + 1, first + 1, max(0, stop - first)))
        return Written(tuple(spans), literal=event.style == "|")

    def _note(self, span: Span, message: str, hint: str | None) -> None:
        problem = diagnostic(self.file, self.lines, span, message, hint)
        if problem not in self.found:
            self.found.append(problem)

    def _stop(self, span: Span, message: str, hint: str | None) -> InvalidRecipe:
        self._note(span, message, hint)
        return InvalidRecipe(self.found)


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
