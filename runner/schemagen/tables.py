"""Plain markdown -> entries: a table of parameters below a heading, or a list in which each line names one.

    | Parameter | Type   | Required | Default | Description |        - `prompt` (string, required): What to paint.
    | `prompt`  | string | Yes      |         | What to do  |        - **seed** (integer, optional, default: -1): …

A table counts only with a column of names and one of types; a line of a list only when it says the type. Names with
dots (`input.prompt`) stand in the object they name, where the page tells of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from runner.errors import UsageError
from runner.schemagen.fences import without_code
from runner.schemagen.kinds import kind_of
from runner.schemagen.markup import MOST_PARAMETERS, Entry, Place, Section
from runner.schemagen.plain import bare, plain

_COLUMNS: dict[str, str] = {
    "parameter": "name", "parameters": "name", "name": "name", "field": "name", "param": "name", "key": "name",
    "property": "name", "argument": "name",
    "type": "kind", "data type": "kind",
    "required": "required", "required?": "required", "mandatory": "required", "optional": "optional",
    "default": "default", "default value": "default", "defaults": "default",
    "in": "place", "location": "place",
}  # fmt: skip
_PROSE = frozenset({
    "description", "details", "notes", "note", "range", "values", "constraints", "meaning", "explanation",
})  # fmt: skip
_SPELLED: dict[str, Place] = {"path": "path", "query": "query", "header": "header", "body": "body"}
_RULER = re.compile(r"\|?\s{0,20}:?-{1,200}:?\s{0,20}(?:\|\s{0,20}:?-{1,200}:?\s{0,20}){0,20}\|?\s{0,20}\Z")
_CELL = re.compile(r"(?<!\\)\|")
_YES = frozenset({"yes", "y", "true", "required", "✓", "✔", "✅", "☑", "mandatory", "must"})
_NO = frozenset({"no", "n", "false", "optional", "✗", "✘", "❌", "×"})
_NONE = frozenset({"", "-", "–", "—", "n/a", "none", "/"})
_NAME = re.compile(r"[A-Za-z_][\w.\[\]-]{0,80}")
_LISTED = re.compile(
    r"(\s{0,12})[-*+]\s{1,4}(?:\*\*)?`?([A-Za-z_][\w.-]{0,80})`?(?:\*\*)?\s{0,2}[(（:]\s{0,2}"
    r"\*{0,2}`?((?:[\w<>\[\]| /·]|,(?=[^()（）]{0,40}[\]>])){2,60}?)`?\*{0,2}"
    r"(?=\s{0,2}(?:[)）]|[,，](?![^()（）]{0,40}[\]>])))((?:[,，][^()（）]{0,160})?)[)）]\*{0,2}\s{0,3}[:：–—-]?\s{0,3}(.{0,4000})\Z"
)
_LONGEST_LINE = 4_000
_DEFAULT = re.compile(r"\bdefaults?(?:\sto|:|\s=|\sis)?\s{1,3}`?([^`,]{1,80})`?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Table:
    """Which column of a table holds what; `-1` for what it does not hold."""

    columns: dict[str, int]
    prose: tuple[int, ...]


def speaks(text: str) -> bool:
    """Whether the text may be written in this markup: it has a table or a list."""
    return "|" in text or re.search(r"^\s{0,12}[-*+]\s", text, re.MULTILINE) is not None


def entries(text: str) -> list[Entry]:
    """Every parameter in page order. Raises UsageError when there are more than any endpoint takes."""
    found: list[Entry] = []
    section = Section()
    table: _Table | None = None
    above = ""
    for line in without_code(text).split("\n"):
        if section.enter(line.strip()):
            table = None
        elif section.place is not None:
            if _RULER.match(line) and "|" in above:
                table = _header(above)
            elif table and "|" in line:
                found.extend(_row(table, line, section.place))
            else:
                table = None
                found.extend(_item(line, section.place))
        above = line
        if len(found) > MOST_PARAMETERS:
            raise UsageError("the page holds more parameters than any endpoint takes")
    return _nested(found)


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(line.strip().strip("|"))]


def _header(line: str) -> _Table | None:
    """The columns of a table; None when it is none of parameters."""
    words = [plain(cell).strip("*` ").lower() for cell in _cells(line)]
    columns = {_COLUMNS[word]: number for number, word in reversed(list(enumerate(words))) if word in _COLUMNS}
    if not {"name", "kind"} <= set(columns):
        return None
    return _Table(columns, tuple(number for number, word in enumerate(words) if word in _PROSE))


def _row(table: _Table, line: str, place: Place) -> Iterator[Entry]:
    cells = _cells(line)
    told = {what: cells[number] for what, number in table.columns.items() if number < len(cells)}
    name = bare(told.get("name", "")).strip("*` ")
    if not _NAME.fullmatch(name):
        return
    needed = bare(told.get("required", "")).strip("*`. ").lower()
    optional = bare(told.get("optional", "")).strip("*`. ").lower()
    default = bare(told.get("default", "")).strip("* ").strip("`")
    yield Entry(
        place=_SPELLED.get(plain(told.get("place", "")).strip("*` ").lower(), place),
        name=name,
        kind=bare(told.get("kind", "")).strip("*` "),
        required=needed in _YES or optional in _NO,
        default=None if default.lower() in _NONE else default.strip("\"'"),
        deprecated=False,
        prose=plain("\n".join(cells[number] for number in table.prose if number < len(cells))),
        depth=0,
        opens=False,
        optional=needed in _NO or optional in _YES,
    )


def _item(line: str, place: Place) -> Iterator[Entry]:
    """The parameter that a line of a list names with its type; nothing for any other line."""
    found = _LISTED.match(line) if len(line) <= _LONGEST_LINE else None
    if found is None:
        return
    indent, name, kind, marks, prose = found.groups()
    words = [word.strip(" `*").lower() for word in marks.replace("，", ",").split(",")]
    if not kind_of(kind).types and not {"required", "optional"} & set(words):
        return
    default = _DEFAULT.search(marks)
    yield Entry(
        place=place,
        name=name,
        kind=kind,
        required="required" in words,
        default=default.group(1).strip(" \"'") if default else None,
        deprecated="deprecated" in words,
        prose=plain(prose),
        depth=len(indent.replace("\t", "    ")) // 2,
        opens=False,
        optional="optional" in words,
    )


def _nested(found: list[Entry]) -> list[Entry]:
    """The entries with those whose name has dots below the object it names, where the page tells of that object."""
    names = {(entry.place, entry.name) for entry in found}
    out: list[Entry] = []
    for entry in found:
        above, _, last = entry.name.replace("[]", "").rpartition(".")
        known = bool(above) and (entry.place, above) in names and entry.place in ("body", "response")
        out.append(replace(entry, name=last, depth=above.count(".") + 1) if known else entry)
    return out
