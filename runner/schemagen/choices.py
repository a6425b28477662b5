"""Lists of allowed values in prose: `Enum: …`, `Options: …`, `Optional values: …`, bullets below such a label.

Values come as code spans, one span with commas in it, a bracket, a JSON list, bullets, or plain words. A list in
passing ("supports jpeg, png") is not read: without a label nobody knows whether it is complete.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from runner.schemagen.ranges import listed

_LABEL = re.compile(
    r"(?:\b(?:Enum|Options?|(?:Optional|Allowed|Valid|Possible|Supported|Accepted|Available) (?:values|options)"
    r"|Supported types|Must be one of)\b(?:\s(?:are|is))?\s{0,3}(?:[:：]|(?<=one of)(?=\s))"
    r"|(?:^|(?<=\.\s)|(?<=\n))One of:?(?=\s))\s{0,3}",
    re.IGNORECASE,
)
_CODE = re.compile(r"`([^`\n]{1,4000})`")
_SEPARATOR = re.compile(r"\s{0,3}(?:[,、;/|]\s{0,3})?(?:(?:or|and)\s{1,3})?(?=`)")
_BRACKET = re.compile(r"\[([^\[\]\n]{1,2000})\]")
_BULLET = re.compile(
    r"\s{0,8}(?:[-*•]\s{1,4}(?:`([^`]{1,80})`|([\w.:*+-]{1,80}?))|(?:`([^`]{1,80})`|(-?\d{1,9})))\s{0,3}(?:[:：(,–—-].{0,2000})?\Z"
)
_PLAIN = re.compile(r"[^.\n`]{1,400}?(?=[.;]?\s{0,3}(?:\n|\Z)|\.\s)")
_WORD = re.compile(r"[\"'“]?([\w.:*+/-]{1,40})[\"'”]?")


@dataclass(frozen=True, slots=True)
class Choices:
    """A list of allowed values, as texts, and where it stands in the prose."""

    values: tuple[str, ...]
    start: int
    end: int


def choices(prose: str) -> Iterator[Choices]:
    """Every labelled list of values."""
    end = 0
    for label in _LABEL.finditer(prose):
        found = _after(prose, label.end()) if label.start() >= end else None
        if found:
            values, end = found
            if label.group().lower().startswith("one of") and len(values) < 2:
                continue
            yield Choices(tuple(dict.fromkeys(values)), label.start(), end)
    for values, start, end in listed(prose):
        yield Choices(tuple(values), start, end)


def _after(prose: str, at: int) -> tuple[list[str], int] | None:
    """The values that follow a label at `at`, and where they end."""
    spans, end = _spans(prose, at)
    if spans:
        bulleted = _bullets(prose, at)
        if len(spans) == 1:
            if bulleted and len(bulleted[0]) > 1:
                return bulleted
            return _inside(spans[0]), end
        return spans, end
    bracket = _BRACKET.match(prose, at)
    if bracket:
        return _inside(f"[{bracket.group(1)}]"), bracket.end()
    bulleted = _bullets(prose, at)
    if bulleted:
        return bulleted
    words = _PLAIN.match(prose, at)
    if words and "\n" not in prose[at - 1 : words.start()]:
        return _words(words.group(), words.end())
    return None


def _spans(prose: str, at: int) -> tuple[list[str], int]:
    """A run of code spans with commas, slashes or nothing between them."""
    values: list[str] = []
    end = at
    while found := _CODE.match(prose, at):
        values.append(found.group(1).strip())
        end = found.end()
        separator = _SEPARATOR.match(prose, end)
        if separator is None:
            break
        at = separator.end()
    return values, end


def _bullets(prose: str, at: int) -> tuple[list[str], int] | None:
    """Lines below a label that each begin with a value."""
    values: list[str] = []
    line_start = prose.rfind("\n", 0, at) + 1 if prose[:at].endswith("\n") else prose.find("\n", at)
    if line_start < 0 or prose[at : max(at, line_start)].strip():
        return None
    end = line_start
    for line in prose[line_start : line_start + 20_000].split("\n"):
        if line.strip():
            found = _BULLET.match(line)
            if not found:
                break
            values.append(next(group for group in found.groups() if group))
        end += len(line) + 1
    return (values, min(end, len(prose))) if values else None


def _inside(span: str) -> list[str]:
    """The values in one code span: a JSON list, a list with commas, or the span itself."""
    if span.startswith("["):
        try:
            found = json.loads(span)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(each, (str, int, float)) for each in found):
            return [str(each) for each in found]
        span = span.strip("[]")
    if "," not in span:
        return [span.strip("'\"")]
    quoted = re.findall(r"'([^']{1,200})'|\"([^\"]{1,200})\"", span)
    if quoted:
        return [first or second for first, second in quoted]
    return [each.strip() for each in span.split(",") if each.strip()]


def _words(text: str, end: int) -> tuple[list[str], int] | None:
    """Plain words with commas between them; None when one of them is a phrase."""
    parts = [part.strip() for part in re.split(r",|、|\bor\b|\band\b", text)]
    values = [found.group(1) for part in parts if part for found in [_WORD.fullmatch(part)] if found]
    return (values, end) if values and len(values) == len([part for part in parts if part]) else None
