"""What a page shows in its code blocks: the request (curl, Python, JavaScript), and the answer as JSON.

From the request come method, URL and the nesting of the body, from the answer the nesting of the response. A crawler
leaves a backslash at the end of some lines of JSON; it goes before the text is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from runner.schemagen.fences import blocks
from runner.schemagen.markup import MOST_DEPTH
from runner.schemagen.plain import unescaped

_WORDS = "GET|POST|PUT|PATCH|DELETE"
_METHODS = frozenset(_WORDS.split("|"))
_METHOD = re.compile(rf"(?:--request|-X)[ =]{{0,4}}['\"]?({_WORDS})\b")
_URL = re.compile(r"https?://[^\s'\"`<>\\]{3,500}")
_DATA = re.compile(r"(?:--data(?:-raw|-binary|-urlencode)?|--json|-d)[ =]{1,4}|--form\s|-F\s")
_FORM = re.compile(r"(?:--form(?:-string)?|-F)[ =]{1,4}['\"]?([A-Za-z_][\w.-]{0,80})=")
_CURL = re.compile(r"^[ \t$>]{0,8}curl(?=[\s\\])", re.MULTILINE)
_CALL = re.compile(
    rf"\b(?:requests|httpx|axios|client|session)\.(?P<verb>get|post|put|patch|delete)\("
    rf"|\b(?P<fetch>fetch)\(|\.request\(\s{{0,40}}['\"](?P<method>{_WORDS})['\"]"
)
_FETCH_METHOD = re.compile(rf"\bmethod['\"]?\s{{0,4}}:\s{{0,4}}['\"]({_WORDS})['\"]", re.IGNORECASE)
_KEY = re.compile(r"[{,]\s{0,200}['\"]?([A-Za-z_][\w.-]{0,80})['\"]?\s{0,4}:")
_FRONT = re.compile(
    rf"^(?:api|openapi):\s{{0,4}}['\"]?(?:\S{{1,200}}\s)?({_WORDS})\s{{1,4}}(\S{{1,300}}?)['\"]?\s{{0,4}}$",
    re.MULTILINE | re.IGNORECASE,
)
_INLINE = re.compile(
    rf"`\s{{0,2}}({_WORDS})\s{{1,4}}((?:https?:/)?/[^\s`]{{2,300}})\s{{0,2}}`"
    rf"|^[ \t>*]{{0,8}}({_WORDS})[*`]{{0,3}}\s{{1,4}}[*`]{{0,3}}((?:https?:/)?/[^\s`*]{{2,300}})"
    r"[*`]{0,3}[ \t]{0,8}$",
    re.MULTILINE,
)
_LOOSE = re.compile(r"\"(?:[^\"\\\n]|\\.){0,20000}\"|\b(?:True|False|None)\b|,(?=\s{0,200}[}\]])")
_SPELLED = {"True": "true", "False": "false", "None": "null", ",": ""}
_MOST_CALLS = 200
"""Requests that are looked at; a page has a dozen."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a page shows it; whatever it does not show is None."""

    method: str | None = None
    url: str | None = None
    body: Any = None
    made: bool = False
    """Made by the documentation tool out of the parameters themselves, and so complete; else an author's example."""
    stated: bool = False
    """Said of the page's own endpoint: in its header, its badge, or above its parameters."""
    keys: frozenset[str] = frozenset()
    """Names in the body, also where the body is no JSON that can be parsed."""

    @property
    def path(self) -> str | None:
        """The URL's path, e.g. `/v3/async/txt2img`."""
        return urlsplit(self.url).path or None if self.url else None

    @property
    def names(self) -> frozenset[str]:
        """The parameters it uses: keys of the body and of the query."""
        body = self.body if isinstance(self.body, dict) else {}
        query = urlsplit(self.url).query if self.url else ""
        return frozenset(body) | self.keys | {name for name, _ in parse_qsl(query, keep_blank_values=True)}


def requests(text: str, introduction: str = "") -> list[Request]:
    """Every request that the page shows; first complete ones, then those stated in its header or `introduction`."""
    stated = [request for request in (_front(text), _badge(text), _inline(introduction)) if request]
    shown = [request for block in blocks(text) for request in _calls(unescaped(block.content))][:_MOST_CALLS]
    return [request for request in shown if request.made] + stated + [each for each in shown if not each.made]


def answer(text: str) -> Any:
    """The answer as the documentation tool shows it: the first block of JSON; None when there is none."""
    for block in blocks(text):
        if block.content.lstrip().startswith(("{", "[")):
            found = _json(unescaped(block.content))
            if found is not None:
                return found
    return None


def body_of(shown: list[Request], own: Request, names: frozenset[str]) -> Any:
    """The body that the page shows for its endpoint: the complete one, else all examples of it laid over each other."""
    made = next((each.body for each in shown if each.made and each.body is not None), None)
    return made if made is not None else _laid_over([each.body for each in _examples(shown, own, names)])


def unlisted(shown: list[Request], own: Request, names: frozenset[str]) -> list[str]:
    """What examples of the endpoint send at the top of their bodies though the page does not list it as a parameter."""
    sent = dict.fromkeys(key for each in _examples(shown, own, names) for key in each.body)
    return [key for key in sent if key not in names]


def _examples(shown: list[Request], own: Request, names: frozenset[str]) -> list[Request]:
    """The requests of an author that are sent to this endpoint."""
    bodies = [each for each in shown if not each.made and isinstance(each.body, dict) and each.names & names]
    return [each for each in bodies if own.path is None or each.path == own.path]


def _laid_over(values: list[Any], depth: int = 0) -> Any:
    """Several examples of one value as one that has all their keys; of lists, one element with those of all."""
    if depth > MOST_DEPTH or not values:
        return values[0] if values else None
    if all(isinstance(value, dict) for value in values):
        keys = dict.fromkeys(key for value in values for key in value)
        return {key: _laid_over([value[key] for value in values if key in value], depth + 1) for key in keys}
    if all(isinstance(value, list) for value in values):
        inner = [each for value in values for each in value]
        return [_laid_over(inner, depth + 1)] if inner and all(isinstance(each, dict) for each in inner) else values[0]
    return values[0]


def _calls(block: str) -> Iterator[Request]:
    starts = [found.start() for found in _CURL.finditer(block)][:_MOST_CALLS]
    for start, end in zip(starts, [*starts[1:], len(block)], strict=False):
        yield _curl(block[start:end])
    call = None if starts else _CALL.search(block)
    if call:
        yield _program(block, call)


def _curl(command: str) -> Request:
    method, url, data = _METHOD.search(command), _URL.search(command), _DATA.search(command)
    body, keys = _body(command, data.end()) if data else (None, frozenset())
    keys |= frozenset(_FORM.findall(command))
    told = method.group(1) if method else "POST" if data else "GET"
    made = "<authorization>" in command or "<string>" in command
    return Request(told, url.group() if url else None, body, made, keys=keys)


def _program(block: str, call: re.Match[str]) -> Request:
    """A request in Python or JavaScript: the first address in the block, and the names of whatever is sent."""
    verb = call.group("verb") or call.group("method")
    if not verb:
        told = _FETCH_METHOD.search(block, call.start())
        verb = told.group(1) if told else "GET"
    url = _URL.search(block)
    return Request(verb.upper(), url.group() if url else None, keys=frozenset(_KEY.findall(block)))


def _body(command: str, at: int) -> tuple[Any, frozenset[str]]:
    start, end = command.find("{", at), command.rfind("}")
    text = command[start : end + 1] if 0 <= start < end else ""
    body = _json(text) if text else None
    return body, frozenset() if isinstance(body, dict) else frozenset(_KEY.findall(text))


def _front(text: str) -> Request | None:
    stated = _FRONT.search(text[:4_000])
    return Request(stated.group(1).upper(), stated.group(2), stated=True) if stated else None


def _inline(introduction: str) -> Request | None:
    """ "`POST https://api.novita.ai/v3/remove-text`" above the parameters."""
    found = _INLINE.search(introduction)
    return Request(found.group(1) or found.group(3), found.group(2) or found.group(4), stated=True) if found else None


def _badge(text: str) -> Request | None:
    """The line of pieces above the samples: `POST`, `https://api.novita.ai`, `/`, `v3`, `/`, `async`, …"""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines):
        if line not in _METHODS:
            continue
        pieces: list[str] = []
        for piece in lines[number + 1 : number + 40]:
            slash = bool(pieces) and pieces[-1] == "/"
            if piece == "/" or (slash and re.fullmatch(r"[\w.{}-]{1,80}", piece)) or piece.startswith("https://"):
                pieces.append(piece)
            else:
                break
        if "/" in pieces:
            return Request(line, "".join(pieces), stated=True)
    return None


def _json(text: str) -> Any:
    mended = "\n".join(line.rstrip().removesuffix("\\") for line in text.split("\n"))
    for spelled in (mended, _LOOSE.sub(lambda found: _SPELLED.get(found.group(), found.group()), mended)):
        try:
            return json.loads(spelled)
        except (ValueError, RecursionError):
            continue
    return None
