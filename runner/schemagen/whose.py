"""Whose statement is it: does a sentence speak of the parameter itself, always, and as a rule?

Prose is full of numbers that are no facts of the parameter: "its aspect ratio must be between 0.4 and 2.5", "when the
format is mp3, the default is 128000", "values around 7 are recommended". Here is decided which sentences count.
"""

from __future__ import annotations

import re

_OWN_WORDS = frozenset({
    "", "value", "values", "valid", "required", "allowed", "accepted", "acceptable", "supported", "permitted",
    "possible", "available", "full", "closed", "numeric", "integer", "number", "float", "int", "absolute", "the", "a",
    "its", "with", "and", "but", "can", "may", "must", "should", "it", "this", "which", "that", "parameter", "field",
    "set",
})  # fmt: skip
"""Words before a statement after which it still is the parameter's own: not `pixel`, `ratio`, `file`."""
_FOREIGN = frozenset({
    "pixel", "pixels", "ratio", "sum", "total", "product", "file", "side", "edge", "dimension", "dimensions",
    "resolution", "area", "width", "height", "size", "each", "both", "tokens", "words", "recommended", "typical",
    "reasonable", "suggested", "ideal", "optimal", "usual", "common", "best",
})  # fmt: skip
"""Words that make a phrase speak of something else, unless the parameter itself is called so."""
_UNSURE = re.compile(
    r"\b(?:recommend|reasonabl|typical|usual|suggest|e\.g\.|i\.e\.|for example|such as|ideal|optimal|prefer|normally"
    r"|generally|approximate|roughly|(?:common|commonly|best|good|around|about)\b)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\A[\s*_-]{0,8}(?:only\s)?(?:(?:when|whenever|if|unless|once|in case|in \w{1,20} mode)\b"
    r"|for (?!this\b|the value|each)|with (?!an?\b|the\b))|,\s(?:when|if)\s[^,\n]{1,120},\s(?:the\s|its\s)?\Z",
    re.IGNORECASE,
)
_CONDITION_BEHIND = re.compile(r"[`\])]{0,2}\s{1,3}(?:when|if|unless|for (?!this\b))", re.IGNORECASE)
_EXAMPLE = re.compile(r"(?:e\.g\.|i\.e\.|for example|such as)[\s,:]{0,3}\Z", re.IGNORECASE)
_LEFT_OUT = re.compile(
    r"\b(?:not|n't|omit|omitted|empty|missing|unset|absent|unspecified|unprovided|null|without|left out|blank)\b",
    re.IGNORECASE,
)
_WORDS_BEFORE = re.compile(r"((?:[\w`'-]{1,40}\s{1,3}){0,12})\Z")
_BOUNDARY = re.compile(r"[.!?](?=\s|[A-Z][a-z])|\n|;\s|[。；]")
"""Where a sentence ends, one glued to the next included: "likely tokens.The maximum"."""
_BULLET = re.compile(r"[-*•]\s{1,4}")
_SENTENCE = 300
"""Characters before and after a statement among which its sentence is looked for."""


class Whose:
    """The prose of one parameter, and its name."""

    def __init__(self, name: str, prose: str) -> None:
        self.prose = prose
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name[:200])
        self._name = [word.lower() for word in re.split(r"[\W_]+", spaced) if word]
        self._whole = name.lower()

    def named(self, word: str) -> bool:
        """Whether a word is the parameter's name, or the last word of it, in singular or plural."""
        word = word.lower()
        last = self._name[-1] if self._name else ""
        return bool(word) and (word == self._whole or _same(word, last))

    @property
    def is_kind(self) -> bool:
        """Whether the parameter is called a kind of something: `output_format`, `response_image_type`."""
        return bool({"format", "type", "extension", "kind", "codec", "encoding"} & set(self._name))

    def is_subject(self, start: int, own: bool = False) -> bool:
        """Whether the words before a statement speak of the parameter: "The value", "`steps`", or none at all.

        `own`: whether the last of them needs no look, since the statement itself says "value" or "integer".
        """
        found = _WORDS_BEFORE.search(self.prose[max(self._first(start), start - 200) : start])
        words = [word.strip("`'").lower() for word in found.group(1).split()] if found else []
        if any(word in _FOREIGN and not self.named(word) and word not in self._name for word in words):
            return False
        last = words[-1] if words else ""
        return own or last in _OWN_WORDS or self.named(last)

    def is_rule(self, start: int, end: int) -> bool:
        """Whether the sentence states a rule and no advice or example."""
        return not _UNSURE.search(self.sentence(start, end))

    def is_conditional(self, start: int, end: int | None = None) -> bool:
        """Whether it is an example, or holds only in some cases: "if stream is on", but not "if it is left out"."""
        if _EXAMPLE.search(self.prose[max(0, start - 20) : start]):
            return True
        before = self.prose[self._first(start) : start]
        bullet = _BULLET.match(before.lstrip())
        if bullet and re.search(r"\w.{0,60}:\s", before.lstrip()[bullet.end() :]):
            return True  # "- 8 seconds: default 720p"
        if end is not None and (behind := _CONDITION_BEHIND.match(self.prose, end)):
            return not _LEFT_OUT.search(self.prose[behind.end() : behind.end() + 40])
        condition = _CONDITION.search(before)
        return bool(condition) and not _LEFT_OUT.search(before)

    def sentence(self, start: int, end: int) -> str:
        """The sentence, or line, around a place in the prose."""
        last = min(len(self.prose), end + _SENTENCE)
        behind = _BOUNDARY.search(self.prose, end, last)
        return self.prose[self._first(start) : behind.start() if behind else last].strip(" .\n")

    def quoted(self, start: int, end: int) -> str:
        """The sentence as a warning shows it."""
        return f"“{short(self.sentence(start, end))}”"

    def _first(self, start: int) -> int:
        first = max(0, start - _SENTENCE)
        return max((found.end() for found in _BOUNDARY.finditer(self.prose, first, start)), default=first)


def short(text: str) -> str:
    """One line of at most 120 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:117] + "…"


def _same(word: str, other: str) -> bool:
    """Whether two words are the same but for a plural: `statuses` and `status`, `image` and `images`."""
    short, long = sorted((word, other), key=len)
    return short == long or (bool(short) and long in {short + "s", short + "es"})
