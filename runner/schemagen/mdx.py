"""MDX source -> entries: `<ParamField body="…" type="…">`, `<ResponseField name="…">`, `<Expandable>`, `<Tab>`.

One pass over the tags with a stack of the fields that are open; fenced code is left out, so that tags shown in an
example are not read. Each pattern ends at the next quote, brace or tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from runner.errors import UsageError
from runner.schemagen.markup import MOST_DEPTH, MOST_PARAMETERS, Entry, Place
from runner.schemagen.plain import bare, plain

_TAG = re.compile(r"<(/?)(ParamField|ResponseField|Expandable|Tab)(?=[\s/>])")
_ATTRIBUTE = re.compile(
    r"\s{1,80}([A-Za-z][\w-]{0,40})(?:=(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|\{([^{}]{0,2000})\}))?"
)
_END = re.compile(r"\s{0,80}(/?)>")
_FENCE = re.compile(r"^[ \t]{0,40}```", re.MULTILINE)
_PLACES: dict[str, Place] = {"body": "body", "query": "query", "path": "path", "header": "header"}


@dataclass
class _Open:
    """A field whose end has not come yet."""

    attributes: dict[str, str]
    response: bool
    depth: int
    choice: bool
    prose: list[str] = field(default_factory=list)
    opens: bool = False
    number: int = 0


def speaks(text: str) -> bool:
    """Whether the text is written in this markup."""
    return any(f"<{tag}" in text for tag in ("ParamField", "ResponseField"))


def entries(text: str) -> list[Entry]:
    """Every field in page order, with its depth. Raises UsageError when fields nest or number beyond reason."""
    stack: list[_Open | str] = []
    found: list[Entry | None] = []
    at = 0
    text = _without_code(text)
    for tag in _TAG.finditer(text):
        if tag.start() < at:
            continue
        _tell(stack, text[at : tag.start()])
        closing, name = tag.group(1) == "/", tag.group(2)
        attributes, alone, at = _attributes(text, tag.end())
        if closing:
            _close(stack, found, name)
        else:
            _open(stack, found, name, attributes)
            if alone:
                _close(stack, found, name)
    _tell(stack, text[at:])
    for name in ("ParamField", "ResponseField"):  # a page cut short: what stands there still counts
        while any(isinstance(each, _Open) and each.response == (name == "ResponseField") for each in stack):
            _close(stack, found, name)
    return [entry for entry in found if entry is not None]


def _open(stack: list[_Open | str], found: list[Entry | None], tag: str, attributes: dict[str, str]) -> None:
    fields = [each for each in stack if isinstance(each, _Open)]
    if len(fields) > MOST_DEPTH or len(stack) > 4 * MOST_DEPTH or len(found) >= MOST_PARAMETERS:
        raise UsageError("the page holds more parameters, or deeper ones, than any endpoint takes")
    if tag in ("Expandable", "Tab"):
        if tag == "Expandable" and fields:
            fields[-1].opens = True
        stack.append(tag)
        return
    stack.append(_Open(attributes, tag == "ResponseField", len(fields), "Tab" in stack, number=len(found)))
    found.append(None)


def _close(stack: list[_Open | str], found: list[Entry | None], tag: str) -> None:
    """End the innermost open tag of that name, and whatever was left open inside it."""
    wanted = [number for number, each in enumerate(stack) if _name(each) == tag]
    if not wanted:
        return
    while len(stack) > wanted[-1]:
        ended = stack.pop()
        if isinstance(ended, _Open):
            found[ended.number] = _entry(ended)


def _name(each: _Open | str) -> str:
    if isinstance(each, str):
        return each
    return "ResponseField" if each.response else "ParamField"


def _tell(stack: list[_Open | str], words: str) -> None:
    """Give words between two tags to the innermost open field; words inside an Expandable or Tab say nothing of it."""
    if stack and isinstance(stack[-1], _Open):
        stack[-1].prose.append(words)


def _entry(ended: _Open) -> Entry | None:
    given = ended.attributes
    if ended.response:
        place, name = "response", given.get("name", "")
    else:
        place, name = next(((key, given[key]) for key in _PLACES if key in given), ("body", ""))
    if not name:
        return None
    return Entry(
        place=_PLACES.get(place, "response"),
        name=bare(name),
        kind=bare(given.get("type", "")),
        required=given.get("required", "false").strip().lower() in {"true", ""},
        default=given.get("default", given.get("initialValue")),
        deprecated=given.get("deprecated", "false").strip().lower() in {"true", ""},
        prose=plain("\n".join(ended.prose)),
        depth=ended.depth,
        opens=ended.opens,
        choice=ended.choice,
    )


def _attributes(text: str, at: int) -> tuple[dict[str, str], bool, int]:
    """Attributes of the tag that goes on at `at`; whether it closes itself; where it ends."""
    found: dict[str, str] = {}
    while match := _ATTRIBUTE.match(text, at):
        name, *values = match.groups()
        found[name] = next((value for value in values if value is not None), "")
        at = match.end()
    end = _END.match(text, at)
    return (found, end.group(1) == "/", end.end()) if end else (found, False, at)


def _without_code(text: str) -> str:
    """The text without its fenced blocks."""
    parts = _FENCE.split(text)
    return "\n".join(parts[::2])
