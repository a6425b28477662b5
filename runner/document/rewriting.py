"""Lines as they may have been meant: quoted, closed, moved in. Guesses, the most likely first; nothing here says which
of them is right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from runner.document.places import MOST_CHARACTERS
from runner.document.source import in_quotes
from runner.language import KEYS

_MOST_COLUMNS = 5
"""Other columns that a line is tried in."""
_CURLY = "“„”«»‟"
_CURLY_SINGLE = "‘’‚‹›‛"
_HEAD = re.compile(r"\s*(?:-\s+)*")
_KEY = re.compile(r"(?:[\w.-]+|\"[^\"]*\"|'[^']*')\s*:\s+")
_INSIDE = re.compile(r"(?:[\[{,]|:\s)\s*")
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_WITHOUT_COMMA = re.compile(r"""([\w"'\]}])\s+((?:[\w-]+|"[^"]*"|'[^']*')\s*(?::\s|[,\]}]|$))""")


def candidates(lines: Sequence[str], number: int, column: int, kinds: Iterable[str]) -> Iterator[str]:
    """Rewritings of the line `number` (from 0), of the kinds that its complaint asks for."""
    line = lines[number]
    if len(line) > MOST_CHARACTERS:
        return
    for kind in kinds:
        match kind:
            case "quote":
                yield from quoted_values(line, around=column)
            case "indent":
                yield from _moved(lines, number)
            case "close":
                yield line.rstrip() + line[column]
            case "single":
                yield from _in_single_quotes(line, column)
            case "space":
                yield re.sub(r"^(\s*(?:-\s+)*[\w-]+:)(\S)", r"\1 \2", line)
            case "colon":
                yield re.sub(r"^(\s*(?:-\s+)*[\w-]+)\s*(?:=\s*|\s)(\S)", r"\1: \2", line)
                yield re.sub(r"^(\s*(?:-\s+)*[\w-]+)\s*$", r"\1:", line)
            case "deeper":
                yield from _below_the_text(lines, number)
            case "text":
                yield re.sub(r": [|>][-+]?\s+", ": ", line)
            case "dash":
                yield re.sub(r"^(\s*)-(\S)", r"\1- \2", line)
            case "comma":
                yield from _with_comma(line)
            case "bracket":
                yield from _closed(line)


def repairs(lines: Sequence[str], number: int) -> Iterator[tuple[str, str]]:
    """The line `number` (from 0) in another column, or with a dash, colon or space more or less; and what was done."""
    line = lines[number]
    for moved in islice(_moved(lines, number), _MOST_COLUMNS):
        yield "moved", moved
    if dashed := re.match(r"(\s*)-\s+(?=[\w-]+:)", line):
        yield "without dash", dashed.group(1) + line[dashed.end() :]
        yield "without dash", " " * dashed.end() + line[dashed.end() :]
    if re.match(r"\s{2,}[\w-]+:", line):
        yield "with dash", re.sub(r"\s{2}([\w-]+:)", r"- \1", line, count=1)
    word = re.match(r"\s*(?:-\s+)*([\w-]+)(\s*$|\s+[\"'\[{0-9|>])?(?!:)", line)
    first = next((each.rstrip()[-1] for each in reversed(lines[:number]) if each.strip()), "") == ":"
    if word and (first or word.group(1) in KEYS or "_" in word.group(1) or word.group(2) is not None):
        for candidate in candidates(lines, number, 0, ("colon",)):
            if candidate != line:
                yield "with colon", candidate
    if re.match(r"\s*(?:-\s+)*[a-z_]+:[^\s/]", line):
        yield from (("with space", candidate) for candidate in candidates(lines, number, 0, ("space",)))


def is_prose(line: str) -> bool:
    """Whether a line reads like a sentence with a colon, and like no key of a recipe."""
    return re.match(r"\s*[^\W\d_][\w'’]*(?:\s+[\w'’]+)+\s*:\s", line) is not None


def quoted_values(line: str, around: int) -> Iterator[str]:
    """The line with quotes around a template, or around a value up to its end, that stands at or before a column."""
    if len(line) > MOST_CHARACTERS:
        return
    for found in _TEMPLATE.finditer(line):
        if found.start() - 1 <= around <= found.end():
            for text in in_quotes(found.group()):
                yield line[: found.start()] + text + line[found.end() :]
    for start in _starts(line, around):
        value = line[start:].rstrip()
        for stop in _stops(value):
            for text in in_quotes(value[:stop].rstrip()):
                yield line[:start] + text + value[stop:]


def _starts(line: str, before: int) -> list[int]:
    """Where values begin: behind the dashes and the first key; inside { } and [ ], those nearest before a column."""
    head = _HEAD.match(line)
    at = head.end() if head else 0
    key = _KEY.match(line, at)
    first = key.end() if key else at
    if line[first : first + 1] not in {"{", "["} or line[first : first + 2] in {"{{", "{%"}:
        return [first]
    inner = [found.end() for found in _INSIDE.finditer(line, first) if found.end() <= before]
    return inner[:-4:-1]


def _stops(value: str) -> Iterator[int]:
    """Where a value may end: before a comment with a space, the next key, closing braces, at the end of the line."""
    for found in (re.search(r"\s#\s", value), re.search(r",\s*[\w-]+:\s", value)):
        if found:
            yield found.start()
    yield len(value)
    closing = re.search(r"[\]}]+\s*\Z", value)
    if closing:
        yield closing.start()
        yield closing.end() - 1


def requoted(line: str, start: int) -> Iterator[str]:
    """A text that begins with a quoted part, in other quotes or in quotes as a whole."""
    text = line[start:].rstrip()
    inner = text[1:-1] if len(text) > 1 and text[-1] == text[0] else None
    for each in (inner, text):
        if each:
            for quoted in in_quotes(each):
                yield line[:start] + quoted


def straight_quotes(line: str) -> Iterator[str]:
    """The line with straight quotation marks in place of those curly ones that enclose its value."""
    start = next(iter(_starts(line, 0)), 0)
    value = line[start:].rstrip()
    if len(value) > 1 and value[0] in _CURLY + _CURLY_SINGLE and value[-1] in _CURLY + _CURLY_SINGLE:
        for text in in_quotes(value[1:-1]):
            yield line[:start] + text
    table = str.maketrans(dict.fromkeys(_CURLY, '"'))
    yield line.translate(table)
    yield line.translate(table | str.maketrans(dict.fromkeys(_CURLY_SINGLE, "'")))


def _in_single_quotes(line: str, column: int) -> Iterator[str]:
    start, end = line.rfind('"', 0, column + 1), line.rstrip().rfind('"')
    if -1 < start < end and "'" not in line[start:end]:
        yield f"{line[:start]}'{line[start + 1 : end]}'{line[end + 1 :]}"


def _with_comma(line: str) -> Iterator[str]:
    """A comma put between two entries inside { } or [ ], at each place where one may be missing."""
    for found in _WITHOUT_COMMA.finditer(line):
        yield f"{line[: found.end(1)]}, {line[found.start(2) :]}"


def _closed(line: str) -> Iterator[str]:
    """The line with the closing signs that it lacks at its end."""
    open_signs = [
        {"{": "}", "[": "]"}[sign]
        for sign in re.sub(r"""\{\{.*?\}\}|"[^"]*"|'[^']*'|[^][{}]|\[[^][{}]*\]|\{[^][{}]*\}""", "", line)
        if sign in "{["
    ]
    if line.rstrip()[-1:] in {"{", "[", ","}:
        return
    if open_signs:
        yield line.rstrip() + "".join(reversed(open_signs))
    for sign in "]}":
        yield line.rstrip() + sign


def _below_the_text(lines: Sequence[str], number: int) -> Iterator[str]:
    """The line moved in, below the key whose text it goes on with."""
    above = next((lines[at] for at in range(number - 1, -1, -1) if lines[at].strip()), "")
    head = _HEAD.match(above)
    if head is not None:
        yield " " * (head.end() + 2) + lines[number].lstrip()
        yield " " * head.end() + lines[number].lstrip()


def _moved(lines: Sequence[str], number: int) -> Iterator[str]:
    """The line moved to the columns in which others around it begin, the nearest first."""
    line = lines[number].lstrip()
    own = len(lines[number]) - len(line)
    dash = line.startswith("- ")
    found: dict[int, int] = {}
    for at in [*range(number - 1, -1, -1), *range(number + 1, len(lines))]:
        for column in _columns(lines[at], dash=dash):
            found.setdefault(column, abs(at - number))
    for column in sorted(found, key=lambda each: (abs(each - own), found[each])):
        if column != own:
            yield " " * column + line


def _columns(line: str, *, dash: bool) -> list[int]:
    """Where a dash, or else a key, of a line stands."""
    text = line.lstrip()
    if not text or text.startswith("#"):
        return []
    indent = len(line) - len(text)
    if dash:
        return [indent] if text.startswith("- ") else []
    head = _HEAD.match(line)
    return [head.end()] if head else [indent]
