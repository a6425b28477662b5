"""What a page shows in its code blocks: the request as curl, and the answer as JSON.

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

_METHOD = re.compile(r"(?:--request|-X)[ =]{1,4}['\"]?(GET|POST|PUT|PATCH|DELETE)\b")
_URL = re.compile(r"https?://[^\s'\"<>\\]{3,500}")
_DATA = re.compile(r"(?:--data(?:-raw|-binary)?|-d)[ =]{1,4}")
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_FRONT = re.compile(
    r"^(?:api|openapi):\s{0,4}['\"]?(GET|POST|PUT|PATCH|DELETE)\s{1,4}(\S{1,300}?)['\"]?\s{0,4}$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a page shows it; whatever it does not show is None."""

    method: str | None = None
    url: str | None = None
    body: Any = None
    made: bool = False
    """Made by the documentation tool out of the parameters themselves, and so complete; else an author's example."""

    @property
    def path(self) -> str | None:
        """The URL's path, e.g. `/v3/async/txt2img`."""
        return urlsplit(self.url).path or None if self.url else None

    @property
    def names(self) -> frozenset[str]:
        """The parameters it uses: keys of the body and of the query."""
        body = self.body if isinstance(self.body, dict) else {}
        query = urlsplit(self.url).query if self.url else ""
        return frozenset(body) | {name for name, _ in parse_qsl(query)}


def code_blocks(text: str) -> Iterator[str]:
    """The content of every fenced block, in page order."""
    block: list[str] | None = None
    for line in text.split("\n"):
        if not line.lstrip().startswith("```"):
            if block is not None:
                block.append(line)
        elif block is None:
            block = []
        else:
            yield "\n".join(block)
            block = None


def requests(text: str) -> list[Request]:
    """Every request that the page shows as curl, and before them one that it states in its header or its badge."""
    stated = [request for request in (_front(text), _badge(text)) if request]
    shown = [_curl(block) for block in code_blocks(text) if block.lstrip().startswith("curl ")]
    return [request for request in shown if request.made] + stated + [each for each in shown if not each.made]


def answer(text: str) -> Any:
    """The answer as the documentation tool shows it: the first block of JSON; None when there is none."""
    for block in code_blocks(text):
        if block.lstrip().startswith(("{", "[")):
            found = _json(block)
            if found is not None:
                return found
    return None


def _curl(block: str) -> Request:
    method, url, data = _METHOD.search(block), _URL.search(block), _DATA.search(block)
    body = None
    if data:
        start, end = block.find("{", data.end()), block.rfind("}")
        body = _json(block[start : end + 1]) if 0 <= start < end else None
    told = method.group(1) if method else "POST" if data else "GET"
    return Request(told, url.group() if url else None, body, made="<authorization>" in block or "<string>" in block)


def _front(text: str) -> Request | None:
    stated = _FRONT.search(text[:4_000])
    return Request(stated.group(1), stated.group(2)) if stated else None


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
            return Request(line, "".join(pieces))
    return None


def _json(text: str) -> Any:
    mended = "\n".join(line.rstrip().removesuffix("\\") for line in text.split("\n"))
    try:
        return json.loads(mended)
    except (ValueError, RecursionError):
        return None
