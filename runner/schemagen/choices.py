"""Lists of allowed values in prose: `Enum: …`, `Options: …`, `Optional values are …`, bullets below such a label.

Values come as code spans, one span with commas in it, a bracket, a JSON list, bullets, or plain words. A list in
passing ("supports jpeg, png") is not read: without a label nobody knows whether it is complete. Nor is one that says
itself that it is not ("etc.", "such as").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from runner.schemagen.onlys import MEDIA, Choices, onlys
from runner.schemagen.ranges import listed
from runner.schemagen.whose import Whose

_KIND = r"(?:Optional|Allowed|Allowable|Valid|Possible|Supported|Accepted|Acceptable|Available|Permitted)"
_LABEL = re.compile(
    rf"(?:\b(?:Enum(?:s|eration)?|Options?|(?:{_KIND}|Enum) (?:values?|options?)|Supported types"
    r"|(?:Must|Can) be (?:one|any) of)\b"
    r"(?:\s(?:are|is|include))?(?:\s(?:as follows|the following))?\s{0,3}"
    r"(?:[:：]|(?:(?<=one of)|(?<=any of)|(?<=\sare)|(?<=\sis))(?=\s))"
    rf"|\b{_KIND}\s(?:[a-z]{{1,20}}\s)?(?P<noun>[a-z]{{3,20}})(?:\s(?:are|is|include))?\s{{0,3}}[:：]"
    r"|(?:^|(?<=[.:]\s)|(?<=\n))"
    r"(?P<only>One of|Supports|Supported(?=\s?[:：])|Values|Choices|Choose (?:from|one of)|Either)[:：]?(?=\s))"
    r"\s{0,3}",
    re.IGNORECASE | re.MULTILINE,
)
_CODE = re.compile(r"`([^`\n]{1,4000})`")
_QUOTED = re.compile(r"[\"“']([^\"“”'`\n,]{1,60})[\"”']")
_ASIDE = r"(?:\s{0,2}\([^()\n]{0,200}\))?"
_SEPARATOR = re.compile(rf"{_ASIDE}\s{{0,3}}(?:[,、;/|]\s{{0,3}})?(?:(?:or|and)\s{{1,3}})?(?=[`\"“'])")
_REST = re.compile(r"[^\n]{0,400}?(?=\.\s|\.?\Z|\.?\n|\n)")
_UNFINISHED = re.compile(
    r"\b(?:etc|and (?:so on|more|others?)|among others|or (?:any|other|custom))\b|\.\.\.|…", re.IGNORECASE
)
_EXAMPLE = re.compile(r"\s{0,3}(?:e\.g\.|for example|such as|like|including)", re.IGNORECASE)
_BRACKET = re.compile(r"\[([^\[\]\n]{1,2000})\]")
_MARK = r"\s{0,8}(?:[-*•]|\d{1,2}[.)])\s{1,4}"
_BULLET = re.compile(
    rf"(?:{_MARK}(?:`([^`]{{1,80}})`|[\"“']([^\"“”'\n]{{1,80}})[\"”']|([\w.:*+/-]{{1,80}}?))"
    r"|\s{0,8}(?:`([^`]{1,80})`|(-?\d{1,9})))"
    r"\s{0,3}(?:(?:[:：(,–—=-]|for\s|when\s|if\s|only\b).{0,2000})?\Z"
)
_CASE = re.compile(
    rf"{_MARK}(?:\([^()\n]{{1,40}}\)\s`([^`\n]{{1,80}})`\s(?:for|when|if)\s.{{0,2000}}"
    r"|[\w\s=.`-]{1,80}:\s{0,3}(`.{1,2000}`)\.?)\Z"
)
"""One case of several, with the values that it allows: "- (480p) `832` for …", "- when fast: `360p`, `540p`"."""
_EXPLAINED = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s{1,4}`([^`\n]{1,80})`\s{0,3}[:：(–—-].{1,2000}\Z")
_OTHER_LEAD = re.compile(
    r"\b(?:recommend\w*|example|such as|e\.g|popular|common\w*|typical\w*|contain\w*|keys?|fields?|properties|note)\b",
    re.IGNORECASE,
)
"""Words above a list of bullets that make it something else than the allowed values."""
_SIZE = re.compile(r"\d{2,5}\s?[x×*]\s?\d{2,5}")
_PLAIN = re.compile(r"[^.\n`]{1,400}?(?=[.;]?\s{0,3}(?:\n|\Z)|\.\s)")
_WORD = re.compile(r"[\"'“]?([\w.:*+/-]{1,40})[\"'”]?")
_ASIDES = re.compile(r"\s{0,2}\([^()]{0,200}\)")


def choices(whose: Whose) -> Iterator[Choices]:
    """Every list of values that holds in all cases."""
    prose = whose.prose
    end = 0
    for label in _LABEL.finditer(prose):
        noun, only = label.group("noun"), label.group("only")
        if label.start() < end or (noun and not whose.named(noun)) or whose.is_conditional(label.start()):
            continue
        words = label.group().lower()
        colon = words.rstrip().endswith((":", "："))
        found = _after(prose, label.end(), plain=(colon and only is None) or "one of" in words)
        if found:
            values, end = found
            if only and len(values) < 2 and not words.startswith("supports"):
                continue
            if words.startswith("support") and ((only and not colon) or (not noun and _are_media(values, whose))):
                continue
            yield Choices(tuple(dict.fromkeys(values)), label.start(), end)
    for values, start, stop in listed(prose):
        yield Choices(tuple(values), start, stop)
    yield from onlys(whose)
    yield from _explained(prose)


def _after(prose: str, at: int, *, plain: bool) -> tuple[list[str], int] | None:
    """The values that follow a label at `at`, and where they end. `plain`: whether they may be words without quotes."""
    if _EXAMPLE.match(prose, at):
        return None
    spans, end = _spans(prose, at)
    if spans:
        bulleted = _bullets(prose, at)
        if bulleted and len(bulleted[0]) > len(spans):
            return bulleted
        if not _is_whole(prose, end):
            return None
        return (_inside(spans[0]) if len(spans) == 1 else spans), end
    bulleted = _bullets(prose, at)
    if bulleted:
        return bulleted
    bracket = _BRACKET.match(prose, at)
    if bracket:
        return _inside(f"[{bracket.group(1)}]"), bracket.end()
    words = _PLAIN.match(prose, at) if plain else None
    if words and "\n" not in prose[at - 1 : words.start()]:
        return _words(words.group(), words.end())
    return None


def _spans(prose: str, at: int) -> tuple[list[str], int]:
    """A run of code spans or quoted words with commas, slashes, remarks in brackets or nothing between them."""
    values: list[str] = []
    end = at
    while found := _CODE.match(prose, at) or _QUOTED.match(prose, at):
        values.append(found.group(1).strip())
        end = found.end()
        separator = _SEPARATOR.match(prose, end)
        if separator is None:
            break
        at = separator.end()
    return values, end


def _is_whole(prose: str, end: int) -> bool:
    """Whether a run of values is all of the list: nothing behind it adds one, or says that there are more."""
    rest = _REST.match(prose, end)
    words = _ASIDES.sub("", rest.group()) if rest else ""
    return not _UNFINISHED.search(words) and ("`" not in words or "default" in words.lower())


def _bullets(prose: str, at: int) -> tuple[list[str], int] | None:
    """Lines below a label that each begin with a value, or with a case and its values."""
    values: list[str] = []
    line_start = prose.rfind("\n", 0, at) + 1 if prose[:at].endswith("\n") else prose.find("\n", at)
    if line_start < 0 or prose[at : max(at, line_start)].strip():
        return None
    end = line_start
    for line in prose[line_start : line_start + 20_000].split("\n"):
        if line.strip():
            found = _BULLET.match(line) or _CASE.match(line)
            if found is None:
                break
            text = next(group for group in found.groups() if group)
            values += _spans(text, 0)[0] if "`" in text else [text]
        end += len(line) + 1
    return (values, min(end, len(prose))) if values else None


def _explained(prose: str) -> Iterator[Choices]:
    """One list of bullets in which each bullet is a code span and its explanation: "- `auto`: the model decides"."""
    runs: list[tuple[list[str], int, int]] = []
    values: list[str] = []
    lead = ""
    begin = at = 0
    for line in [*prose.split("\n"), "end"]:
        found = _EXPLAINED.match(line)
        if found and (values or not _OTHER_LEAD.search(lead)):
            begin = at if not values else begin
            values.append(found.group(1))
        elif line.strip():
            runs += [(values, begin, at - 1)] if values else []
            values, lead = [], line
        at += len(line) + 1
    if len(runs) == 1 and len(runs[0][0]) > 1 and not any(_SIZE.fullmatch(value) for value in runs[0][0]):
        yield Choices(tuple(dict.fromkeys(runs[0][0])), runs[0][1], runs[0][2], labelled=False)


def _are_media(values: list[str], whose: Whose) -> bool:
    """Whether these are kinds of files, told of a parameter that is no kind but a file: "Supports: `png`, `jpg`"."""
    return all(value.lower().lstrip(".") in MEDIA for value in values) and not whose.is_kind


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
    """Plain words with commas between them; None when one of them is a phrase, or more may follow."""
    if _UNFINISHED.search(text) or "e.g" in text:
        return None
    parts = [part.strip() for part in re.split(r",|、|\||\bor\b|\band\b", _ASIDES.sub("", text))]
    values = [found.group(1) for part in parts if part for found in [_WORD.fullmatch(part)] if found]
    return (values, end) if values and len(values) == len([part for part in parts if part]) else None
