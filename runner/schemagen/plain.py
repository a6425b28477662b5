"""Markdown as the pages have it -> plain text: the first thing that happens to every line of prose.

Escapes (`\\_`, `\\[`), links, tags, entities and zero-width characters go; code spans stay with their backticks,
because only they tell a value from a word. Sentences that a crawler has glued together are put on lines of their own.
Every pattern is bounded: the time grows with the text and no faster.
"""

from __future__ import annotations

import html
import re

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|lt|gt|quot|apos|amp);")
_TORN_HEADING = re.compile(
    r"^(#{1,6})[ \t]{0,8}\n[ \t]{0,8}\n?\[\]\(#[^()\s]{1,200}\)[ \t]{0,8}\n[ \t]{0,8}\n?([^\s#\[][^\n]{0,200})$",
    re.MULTILINE,
)
"""`##`, its anchor and its words on lines of their own."""
_BREAK = re.compile(r"<br\s{0,3}/?>|</(?:p|li|div)>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>")
_LINK = re.compile(r"!?(?<!\\)\[([^\[\]\n]{0,300})(?<!\\)\]\([^()\n]{0,600}\)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_STRONG = re.compile(r"(?<!\\)\*\*")
_GLUE = re.compile(
    r"(?<=[^\s(\[{'\"“/_-])(?=(?:Defaults?|Enum|Options|Note|Description|Array length|Range|"
    r"(?:Value|Valid|Required|Allowed) range|(?:Optional|Allowed|Valid|Possible|Supported|Accepted) values|"
    r"Supported types|Available options)\b[\s:])"
)


def visible(text: str) -> str:
    """The text without characters that nobody sees, with plain line ends and each heading on one line."""
    text = _INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return _TORN_HEADING.sub(r"\1 \2", text) if "\n[](#" in text else text


def plain(text: str) -> str:
    """One or more lines of markdown as plain text, line by line; code spans keep their backticks."""
    return "\n".join(_line(line) for line in _BREAK.sub("\n", text).split("\n")).strip()


def bare(text: str) -> str:
    """A name or a type without escapes and entities; `enum<string>` keeps its brackets."""
    return html.unescape(_ESCAPE.sub(r"\1", text)).strip()


def unescaped(code: str) -> str:
    """Code without the entities that some writers leave in it: `&#x3C;string>`. An address's `&copy=1` stays."""
    return _ENTITY.sub(lambda found: html.unescape(found.group()), code) if "&" in code else code


def _line(line: str) -> str:
    if not line.strip():
        return ""
    parts = _LINK.sub(r"\1", line.strip()).split("`")
    if len(parts) % 2 == 0:  # a backtick without a partner opens nothing
        parts[-2:] = [parts[-2] + "`" + parts[-1]]
    outside = (_outside(part) if number % 2 == 0 else part for number, part in enumerate(parts))
    return _GLUE.sub("\n", "`".join(outside))


def _outside(part: str) -> str:
    return html.unescape(_ESCAPE.sub(r"\1", _STRONG.sub("", _TAG.sub("", part))))
