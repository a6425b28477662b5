"""One pass over the events of YAML's parser: data, positions, and everything that is wrong with the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import yaml

from runner.document import lookalikes, refused, rewriting, slips
from runner.document.complaint import TEMPLATE_WITHOUT_QUOTES, Complaint, too_far_left
from runner.document.places import Path, Span, Written
from runner.errors import MOST_PROBLEMS
from runner.language import INPUT_KEYS

MOST_DEPTH = 64
MOST_NODES = 100_000

_Loader: Any = getattr(yaml, "CLoader", yaml.Loader)

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]{1,30}|(0|[1-9][0-9]{0,17})(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,2})?\Z")
_COLON = re.compile(r"\s*:")
_WORDS: dict[str, Any] = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}


class Unreadable(Exception):
    """The text cannot be read any further; the last of the reader's complaints says why."""


class Reader:
    """Reads one text, once. Raises Unreadable; whatever is wrong stands in `complaints`."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        self.keys: dict[Path, Span] = {}
        self.values: dict[Path, Span] = {}
        self.texts: dict[Path, Written] = {}
        self.block_lines: set[int] = set()
        self.complaints: list[Complaint] = []
        self._noted: set[Complaint] = set()
        self.empty = 0
        """Keys behind which nothing stands."""
        self.nodes = 0
        self._anchored: dict[str, slice] = {}
        """What each anchor stands for, in `_events_kept`."""
        self._events_kept: list[Any] = []
        """All events since the first anchor that is open: anchors inside each other share them."""
        self._open: list[tuple[str, int, int]] = []
        """Anchors of blocks that go on: name, depth, first event."""
        self._first_unseen: dict[int, int] = {}
        """Where in a line that has keys something stands that cannot be seen; -1 where nothing does, or it is told."""

    def read(self) -> Any:
        """The data; positions stand in `keys`, `values` and `texts`."""
        return self._build()

    def _events(self) -> Iterator[Any]:
        """The parser's events, with aliases replaced by what they stand for, and limits kept."""
        depth = 0
        try:
            for event in yaml.parse("\n".join(self.lines), Loader=_Loader):
                if isinstance(event, yaml.AliasEvent):
                    stands_for = self._anchored.get(str(event.anchor))
                    if stands_for is None:
                        hint = "put quotes around a text that begins with `*`"
                        words = f"`*{event.anchor}` stands for nothing above it"
                        raise self._stop(self._span(event), words, hint, quote=True)
                    self._count(event, stands_for.stop - stands_for.start)
                    stored = self._events_kept[stands_for]
                    yield from stored
                    if self._open:
                        self._events_kept += stored
                    continue
                self._count(event, 1)
                opens = isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
                depth += opens - isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
                if isinstance(event, yaml.ScalarEvent):
                    self._look_behind(event)
                yield event
                self._follow_anchor(event, depth, opens)
        except yaml.MarkedYAMLError as error:
            self._note(refused.syntax(error, self.lines, self.block_lines))
            raise Unreadable from None
        except yaml.YAMLError:
            raise self._stop(Span(1, 1, 1), "this is no text that can be read", None) from None

    def _look_behind(self, event: Any) -> None:
        """Note the lines of a text block, and what would be lost as a comment behind a plain value."""
        end = event.end_mark
        if event.style in {"|", ">"}:
            self.block_lines.update(range(event.start_mark.line + 1, end.line + (end.column > 0)))
        elif event.style in {"'", '"'} and end.line > event.start_mark.line:
            complaint = refused.swallowed(self.lines, event.start_mark, end)
            if complaint:
                self._note(complaint)
        elif event.style in {None, ""}:
            complaint = slips.comment(self.lines, end.line, end.column)
            if complaint:
                self._note(complaint)

    def _count(self, event: Any, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            hint = "a recipe with repeated `*aliases` can grow without end; write it out"
            raise self._stop(self._span(event), f"this file holds more than {MOST_NODES} values", hint)

    def _follow_anchor(self, event: Any, depth: int, opens: bool) -> None:
        """Keep what an anchored node consists of, for the aliases that come later."""
        anchor = None if isinstance(event, yaml.AliasEvent) else getattr(event, "anchor", None)
        if not anchor and not self._open:
            return
        at = len(self._events_kept)
        self._events_kept.append(event)
        while self._open and depth < self._open[-1][1]:
            name, _, first = self._open.pop()
            self._anchor(name, first, at + 1)
        if anchor and opens:
            self._open.append((anchor, depth, at))
        elif anchor:
            self._anchor(anchor, at, at + 1)

    def _anchor(self, name: str, first: int, stop: int) -> None:
        """From now on the name stands for these events, unless a later node of this name has ended already."""
        known = self._anchored.get(name)
        if known is None or known.start < first:
            self._anchored[name] = slice(first, stop)

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
                    raise self._stop(self._span(event), "a second recipe begins here", hint)
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
            self.empty += not event.value and event.style in {None, ""}
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
        line = self.lines[span.line - 1]
        if not isinstance(event, yaml.ScalarEvent):
            if line[span.column - 2 : span.column] == "{{":
                hint = 'a value that begins with `{{` needs quotes: "{{ … }}"'
                place = Span(span.line, span.column - 1, 2)
                raise self._stop(place, TEMPLATE_WITHOUT_QUOTES, hint, quote=True)
            raise self._stop(span, "a block stands here where a key is expected", "a key is one word, then a colon")
        name = str(event.value)
        end = span.column + span.width - 1
        if self._is_unseen_before(span.line, end):
            hidden = lookalikes.hidden(line[:end], span.line - 1, key=True)
            if hidden:
                self._note(replace(hidden, candidates=tuple(each + line[end:] for each in hidden.candidates)))
        elif not _COLON.match(line, end):
            marked = slips.question_mark(line, span.line - 1)
            self._note(marked or slips.in_braces(line, span.line - 1, span.column - 1, name))
        elif name in parent:
            self._note(self._twice(span, (*path, name), parent))
        else:
            self.keys[(*path, name)] = span
        return name

    def _is_unseen_before(self, number: int, end: int) -> bool:
        """Whether something stands before a key, or in it, that cannot be seen. Says so once for each line."""
        if number not in self._first_unseen:
            self._first_unseen[number] = lookalikes.first_unseen(self.lines[number - 1])
        if not -1 < self._first_unseen[number] < end:
            return False
        self._first_unseen[number] = -1
        return True

    def _twice(self, span: Span, path: Path, parent: dict[str, Any]) -> Complaint:
        """A key that stands in its block already; a second, other `name` most likely begins a step, and a second `type`
        beside the inputs belongs to the one above it."""
        name, first = str(path[-1]), self.keys[path].line
        message, hint = f"the key `{name}` stands twice in this block", f"it stands on line {first} already"
        line = self.lines[span.line - 1]
        before, after = line[: span.column - 1], line[span.column + span.width :].strip()
        above = next(reversed(parent))
        if path == ("inputs", name) and name in INPUT_KEYS and parent[above] is None:
            message, hint = too_far_left(name, above)
            return Complaint(span, message, hint, (f"  {line}",), doubled=True)
        if name == "name" and after != parent[name] and before.isspace() and len(before) > 1:
            hint += "; write a dash before this one if a new step begins here"
            return Complaint(span, message, hint, (f"{before[:-2]}- {line[span.column - 1 :]}",), doubled=True)
        misplaced = self.lines[span.line - 2].rstrip().endswith(":")
        return Complaint(span, message, f"{hint}; keep one of the two", shape=misplaced, doubled=True)

    def _refuse_tag(self, event: Any) -> None:
        if getattr(event, "tag", None) not in (None, "!"):
            hint = "put quotes around a text that begins with `!`, or delete the word with the `!`"
            span = self._span(event)
            line = self.lines[span.line - 1]
            negated = re.sub(r"(\bwhen:\s+)!\s*", r"\1not ", line)
            raise self._stop(span, "a value cannot begin with `!`", hint, (negated,), quote=True)

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

    def _note(self, complaint: Complaint) -> None:
        if complaint not in self._noted:
            self._noted.add(complaint)
            self.complaints.append(complaint)
        if len(self.complaints) > MOST_PROBLEMS:
            raise Unreadable

    def _stop(
        self, span: Span, message: str, hint: str | None, candidates: tuple[str, ...] = (), *, quote: bool = False
    ) -> Unreadable:
        """With `quote`, quotes may help."""
        quoted = rewriting.quoted_values(self.lines[span.line - 1], around=span.column - 1) if quote else ()
        self._note(Complaint(span, message, hint, (*candidates, *quoted)))
        return Unreadable()


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
