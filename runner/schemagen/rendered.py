"""Crawled markdown -> entries: an anchor line `[](…#param-name)`, then name, type, marks and prose on lines below.

Headings tell where a parameter belongs (headers, path, query, body, response). "Show properties" says that properties
follow, but nothing says where they end: depth stays None and schemagen.nesting asks the page's own sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.errors import UsageError
from runner.schemagen.fences import without_code
from runner.schemagen.markup import MOST_PARAMETERS, Entry, Place, Section
from runner.schemagen.plain import bare, plain

_ANCHOR = re.compile(
    r"(?:\s{0,8}|#{1,6}\s{1,4})\[[\s#¶§]{0,8}\]\([^()\s]{0,400}#param-[^()\s]{1,200}\)\s{0,8}(.{0,200}?)\s{0,8}\Z"
)
_PROPERTIES = re.compile(r"(?:Show|Hide)\b[\w\s]{0,60}\b[Pp]ropert(?:y|ies)\Z|(?:Show|Hide) child attributes\Z")
_DEFAULT = re.compile(r"default:(\S.{0,400})\Z")
_FOOTER = re.compile(r"\s{0,8}(?:Was this page helpful\?|Last modified on \w{3,9} \d{1,2}, \d{4})\s{0,8}\Z")


def speaks(text: str) -> bool:
    """Whether the text is written in this markup."""
    return "#param-" in text


def entries(text: str) -> list[Entry]:
    """Every parameter in page order. Raises UsageError when there are more than any endpoint takes."""
    found: list[Entry] = []
    section = Section()
    block: list[str] | None = None
    for line in without_code(text).split("\n"):
        anchor = _ANCHOR.match(line)
        place = section.place
        if anchor or section.enter(line) or _FOOTER.match(line):
            if block is not None and place is not None:
                found.extend(_entry(block, place))
            block = _same_line(anchor.group(1)) if anchor else None
            if len(found) > MOST_PARAMETERS:
                raise UsageError("the page holds more parameters than any endpoint takes")
        elif block is not None:
            block.append(line)
    if block is not None and section.place is not None:
        found.extend(_entry(block, section.place))
    return found


def _same_line(words: str) -> list[str]:
    """Name, type and marks where a converter has put them behind the anchor instead of below it."""
    return words.replace("`", "").split()


def _entry(block: list[str], place: Place) -> Iterator[Entry]:
    """The parameter whose lines follow one anchor; nothing when the anchor stands alone."""
    lines = [line.strip() for line in block]
    told = [number for number, line in enumerate(lines) if line]
    if not told:
        return
    name = bare(lines[told[0]])
    rest = told[1:]
    kind, default, required, deprecated = "", None, False, False
    if rest and len(lines[rest[0]]) <= 80 and lines[rest[0]].lower() != "required":
        kind = bare(lines[rest.pop(0)])
    while rest:
        mark = lines[rest[0]]
        shown = _DEFAULT.match(mark)
        if mark.lower() == "required":
            required = True
        elif mark.lower() == "deprecated":
            deprecated = True
        elif shown and default is None:
            default = bare(shown.group(1))
        else:
            break
        rest.pop(0)
    body = lines[rest[0] :] if rest else []
    opens = any(_PROPERTIES.match(line) for line in body)
    prose = plain("\n".join(line for line in body if not _PROPERTIES.match(line)))
    yield Entry(place, name, kind, required, default, deprecated, prose, None, opens)
