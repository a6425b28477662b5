"""MDX source -> entries: `<ParamField body="…" type="…">`, `<ResponseField name="…">`, `<Expandable>`, `<Tab>`.

One pass over the tags with a stack of the fields that are open. Code blocks, comments and programs are left out, so
that tags shown in an example, or drawn by a script, are not read. Each pattern ends at the next quote, brace or tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from runner.errors import UsageError
from runner.schemagen.fences import without_code
from runner.schemagen.markup import MOST_DEPTH, MOST_PARAMETERS, Entry, Place, Section
from runner.schemagen.plain import bare, plain

_TAG = re.compile(r"<(/?)(ParamField|ResponseField|Expandable|Tab)(?=[\s/>])")
_ATTRIBUTE = re.compile(
    r"\s{1,80}([A-Za-z][\w-]{0,40})"
    r"(?:\s{0,4}=\s{0,4}(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|\{((?:[^{}]|\{[^{}]{0,400}\}){0,2000})\}))?"
)
_END = re.compile(r"\s{0,80}(/?)>")
_PROGRAM = re.compile(r"^export\s(?:const|default|function|async)\b", re.MULTILINE)
_PROGRAM_END = re.compile(r"^(?:\}|\)).{0,20}$", re.MULTILINE)
_PLACES: dict[str, Place] = {"body": "body", "query": "query", "path": "path", "header": "header"}
_LIMITS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}) | frozenset(
    {"minLength", "maxLength", "minItems", "maxItems"}
)
"""Attributes that bound a value, spelled as in JSON Schema."""


@dataclass
class _Box:
    """An Expandable or a Tab whose end has not come yet."""

    tag: str
    at: int
    """Where its first tag ends, which no other one shares."""


@dataclass
class _Open:
    """A field whose end has not come yet."""

    attributes: dict[str, str]
    response: bool
    """Whether it is a ResponseField."""
    depth: int
    choice: int
    """Where the tab ends that it stands in, below the field that holds it; 0 in none."""
    under: Place | None
    """What the heading above it says."""
    prose: list[str] = field(default_factory=list)
    opens: bool = False
    number: int = 0


def speaks(text: str) -> bool:
    """Whether the text is written in this markup."""
    return any(f"<{tag}" in text for tag in ("ParamField", "ResponseField"))


def entries(text: str) -> list[Entry]:
    """Every field in page order, with its depth. Raises UsageError when fields nest or number beyond reason."""
    stack: list[_Open | _Box] = []
    found: list[Entry | None] = []
    at = 0
    section = Section()
    text = said(text)
    for tag in _TAG.finditer(text):
        if tag.start() < at:
            continue
        _tell(stack, text[at : tag.start()])
        if not stack:
            for line in text[at : tag.start()].split("\n"):
                section.enter(line.strip())
        closing, name = tag.group(1) == "/", tag.group(2)
        attributes, alone, at = _attributes(text, tag.end())
        if closing:
            _close(stack, found, name)
        else:
            _open(stack, found, _Box(name, at), attributes, section.place)
            if alone:
                _close(stack, found, name)
    _tell(stack, text[at:])
    for name in ("ParamField", "ResponseField"):  # a page cut short: what stands there still counts
        while any(isinstance(each, _Open) and each.response == (name == "ResponseField") for each in stack):
            _close(stack, found, name)
    return [entry for entry in found if entry is not None]


def _open(
    stack: list[_Open | _Box], found: list[Entry | None], box: _Box, attributes: dict[str, str], under: Place | None
) -> None:
    fields = [each for each in stack if isinstance(each, _Open)]
    if len(fields) > MOST_DEPTH or len(stack) > 4 * MOST_DEPTH or len(found) >= MOST_PARAMETERS:
        raise UsageError("the page holds more parameters, or deeper ones, than any endpoint takes")
    if box.tag in ("Expandable", "Tab"):
        if box.tag == "Expandable" and fields:
            fields[-1].opens = True
        stack.append(box)
        return
    response = box.tag == "ResponseField"
    stack.append(_Open(attributes, response, len(fields), _tab(stack), under, number=len(found)))
    found.append(None)


def _tab(stack: list[_Open | _Box]) -> int:
    """The innermost open tab, looking no further than the innermost open field."""
    for each in reversed(stack):
        if isinstance(each, _Open):
            return 0
        if each.tag == "Tab":
            return each.at
    return 0


def _close(stack: list[_Open | _Box], found: list[Entry | None], tag: str) -> None:
    """End the innermost open tag of that name, and whatever was left open inside it."""
    wanted = [number for number, each in enumerate(stack) if _name(each) == tag]
    if not wanted:
        return
    while len(stack) > wanted[-1]:
        ended = stack.pop()
        if isinstance(ended, _Open):
            found[ended.number] = _entry(ended)


def _name(each: _Open | _Box) -> str:
    if isinstance(each, _Box):
        return each.tag
    return "ResponseField" if each.response else "ParamField"


def _tell(stack: list[_Open | _Box], words: str) -> None:
    """Give words between two tags to the innermost open field; words inside an Expandable or Tab say nothing of it."""
    if stack and isinstance(stack[-1], _Open):
        stack[-1].prose.append(words)


def _entry(ended: _Open) -> Entry | None:
    given = ended.attributes
    place, name = _placed(ended)
    if not name or place is None:
        return None
    return Entry(
        place=place,
        name=bare(name),
        kind=bare(given.get("type", "")),
        required=_true(given.get("required", "false")),
        default=_value(given.get("default", given.get("initialValue"))),
        deprecated=_true(given.get("deprecated", "false")),
        prose=plain("\n".join(ended.prose)),
        depth=ended.depth,
        opens=ended.opens,
        choice=ended.choice,
        optional="required" in given and not _true(given["required"]),
        limits=tuple((word, given[word].strip()) for word in given if word in _LIMITS),
    )


def _placed(ended: _Open) -> tuple[Place | None, str]:
    """Place and name of a field. One that has a `name` alone belongs where the heading above it says."""
    given = ended.attributes
    name = given.get("name", "")
    if ended.response:
        return "response", name
    return next(((place, given[key]) for key, place in _PLACES.items() if key in given), (ended.under, name))


def _true(given: str) -> bool:
    return given.strip().strip("\"'").lower() in {"true", ""}


def _value(given: str | None) -> str | None:
    """A default without the quotes that braces hold: `{"auto"}`, `{`auto`}`."""
    if given is not None and len(given) > 1 and given[0] == given[-1] and given[0] in "`\"'":
        return given[1:-1]
    return given


def _attributes(text: str, at: int) -> tuple[dict[str, str], bool, int]:
    """Attributes of the tag that goes on at `at`; whether it closes itself; where it ends."""
    found: dict[str, str] = {}
    while match := _ATTRIBUTE.match(text, at):
        name, *values = match.groups()
        found[name] = next((value for value in values if value is not None), "")
        at = match.end()
    end = _END.match(text, at)
    return (found, end.group(1) == "/", end.end()) if end else (found, False, at)


def said(text: str) -> str:
    """The text without code blocks, comments and programs. What has no end is left in."""
    for start, end in (("{/*", "*/}"), ("<!--", "-->")):
        text = _cut(without_code(text) if start == "{/*" else text, start, end)
    parts: list[str] = []
    at = 0
    for program in _PROGRAM.finditer(text):
        if program.start() < at:
            continue
        end_of_program = _PROGRAM_END.search(text, program.end())
        if end_of_program is None:
            break
        parts.append(text[at : program.start()])
        at = end_of_program.end()
    return "".join([*parts, text[at:]])


def _cut(text: str, start: str, end: str) -> str:
    """The text without what stands between two signs."""
    parts: list[str] = []
    at = 0
    while (begun := text.find(start, at)) >= 0 and (ended := text.find(end, begun)) >= 0:
        parts.append(text[at:begun])
        at = ended + len(end)
    return "".join([*parts, text[at:]])
