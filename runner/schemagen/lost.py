"""What to say of a page without request parameters: what was looked for, and what the page looks like instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runner.schemagen.markup import Entry

_SOUGHT = (
    "looked for `<ParamField body=… type=…>` tags, for anchors `[](…#param-…)` below a heading “Request Body” or “Query"
    " Parameters”, and for a table or list of parameters with their types below such a heading"
)
_HTML = re.compile(r"<!doctype html|<html[\s>]|<body[\s>]|<head>|<script[\s>]", re.IGNORECASE)
_SCRIPT = re.compile(r"^export\s(?:const|default|function)\b", re.MULTILINE)
_SECTION = re.compile(
    r"^\s{0,4}(?:#{1,6}\s{1,4})?(?:\S{0,80}\s{0,4})?(?:Request Body|(?:Request|Body|Query) Parameters|请求体)\s{0,4}$",
    re.MULTILINE | re.IGNORECASE,
)
_OPENAPI = re.compile(r"^\s{0,8}openapi:\s{0,4}['\"]?3\.|^#{1,4}\sOpenAPI\s{0,4}$", re.MULTILINE)


def hint(text: str, entries: Sequence[Entry]) -> str:
    """The hint of the error. `entries` are the parameters found, none of them one of the request."""
    return f"{_SOUGHT}; {_looks_like(text, entries)}"


def _looks_like(text: str, entries: Sequence[Entry]) -> str:
    if _HTML.search(text[:20_000]):
        return "this is HTML: the same address with `.md` at its end may give markdown"
    if entries:
        answer = sum(entry.place == "response" for entry in entries)
        return (
            f"there are only {len(entries) - answer} in its headers and {answer} in its answer: it takes no parameters"
        )
    if _OPENAPI.search(text):
        return "it holds an OpenAPI description, which is not read"
    if _SCRIPT.search(text) and "ParamField" in text:
        return "a script draws them when the page is shown, so they do not stand in its text"
    if _SECTION.search(text):
        return "there are none, but such a heading: the page looks as if it had lost its markup on the way here"
    return "there are none"
