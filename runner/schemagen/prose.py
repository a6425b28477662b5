"""Type and prose of one parameter -> its facts. Nothing is guessed: what the page does not clearly say stays unset.

Two statements that disagree set nothing; a warning names both. A range counts as bounds only of a number, as lengths
only of a text or list that is counted in characters or elements, and as a dimension only of a `W*H` text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from runner.schemagen import lengths
from runner.schemagen.choices import choices
from runner.schemagen.dimensions import Dimension, dimension
from runner.schemagen.kinds import Kind, kind_of, value_of
from runner.schemagen.markup import Entry
from runner.schemagen.ranges import Range, limits, ranges

_OWN_WORDS = frozenset(
    {"", "value", "values", "valid", "required", "allowed", "accepted", "acceptable", "supported", "numeric", "integer"}
    | {"the", "a", "its", "with", "can", "may", "must", "should"}
)
"""Words before "range" after which it still is the parameter's own: not `pixel`, `ratio`, `port`."""
_COUNTED = re.compile(r"(?:characters?|chars|letters)\b")
_UNSURE = re.compile(r"\b(?:recommend|reasonabl|typical|usual|suggest|e\.g\.)", re.IGNORECASE)
_DEFAULT = re.compile(
    r"(?<!\bwill )(?<!\bBy )(?<!\bby )\b[Dd]efaults?(?:\s[Vv]alue)?\s{0,3}"
    r"(?:[:：=]|\bis\b|\bto\b|\bare\b)\s{0,3}(?:to\s|is\s)?"
)
_QUOTED = re.compile(r"`([^`\n]{1,400})`|\"([^\"\n]{1,400})\"|“([^”\n]{1,400})”|'([^'\n]{1,400})'")
_BARE = re.compile(r"[^\s,;()]{1,80}")
_CLAUSE_END = re.compile(r"\s{0,3}(?:[.,;()\n]|\Z)")
_MARKED_DEFAULT = re.compile(r"([^\s`(),;:]{1,60})`?\s\([Dd]efault\)")
_MULTIPLE = re.compile(
    r"\bmust\sbe\s(?:a\s|an\s)?(?:integer\s)?(?:multiples?\sof|divisible\sby)\s(\d{1,6})\b", re.IGNORECASE
)
_TEXT_ONLY = re.compile(
    r"\bonly\s(?:supported|available|effective|valid|works|applies|used)\s(?:in|for|with)\stext[- ]to[- ]image",
    re.IGNORECASE,
)
_DEPRECATED = re.compile(r"(?:\A|[.\n]\s{0,3})\(?(?:this\s(?:parameter|field)\sis\s)?deprecated\b", re.IGNORECASE)

_MOST_PROSE = 20_000
"""Characters of prose that are read for one parameter; a real one has a few hundred."""
_SENTENCE = 300
"""Characters before and after a statement among which its sentence is looked for."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says about one parameter. None, or an empty tuple, where it says nothing."""

    kind: Kind
    default: tuple[Any, ...] = ()
    """The default as the only element."""
    minimum: int | float | None = None
    maximum: int | float | None = None
    above: bool = False
    """Whether the minimum itself is not allowed."""
    below: bool = False
    """Whether the maximum itself is not allowed."""
    multiple: int | None = None
    enum: tuple[Any, ...] = ()
    """Allowed values, of the kind's type; of a list: of its elements."""
    lengths: tuple[int | None, int | None] = (None, None)
    """Fewest and most elements of a list, or characters of a text."""
    dimension: Dimension | None = None
    deprecated: bool = False
    text_to_image_only: bool = False
    """Whether the page says that it counts only when no image is sent."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One statement: what it sets, and its words."""

    value: Any
    words: str


def facts_of(entry: Entry, warnings: list[str]) -> Facts:
    """Read one parameter; what is not understood or contradicts itself is added to `warnings`."""
    kind = kind_of(entry.kind)
    if not kind.types:
        told = f"the type `{entry.kind}` is not understood" if entry.kind else "no type is given"
        warnings.append(f"`{entry.name}`: {told}; any value passes")
    reader = _Reader(entry, kind, warnings)
    if len(entry.prose) > _MOST_PROSE:
        warnings.append(f"`{entry.name}`: its text is longer than {_MOST_PROSE} characters; the rest is not read")
    default = reader.default()
    enum = reader.enum()
    low, high, above, below = reader.bounds()
    facts = Facts(
        kind=kind,
        default=() if default is None else (default.value,),
        minimum=low,
        maximum=high,
        above=above,
        below=below,
        multiple=reader.multiple(),
        enum=() if enum is None else enum.value,
        lengths=reader.lengths(),
        dimension=dimension(entry.name, reader.prose, entry.default) if kind.textual and enum is None else None,
        deprecated=entry.deprecated or bool(_DEPRECATED.search(reader.prose)),
        text_to_image_only=bool(_TEXT_ONLY.search(reader.prose)),
    )
    return reader.without_contradictions(facts, default, enum)


class _Reader:
    """Looks through the prose of one entry, once per fact."""

    def __init__(self, entry: Entry, kind: Kind, warnings: list[str]) -> None:
        self.name = entry.name
        self.prose = entry.prose[:_MOST_PROSE]
        self.attribute = entry.default
        self.kind = kind
        self.warnings = warnings
        self.reach: _Said | None = None

    def default(self) -> _Said | None:
        said: list[_Said] = []
        for text, words in self._defaults():
            value = value_of(text, self.kind)
            if value is None:
                self._warn(f"{words} gives no value of its type; no default is set")
            elif value[0] is not None and text.strip().lower() != "null":
                said.append(_Said(value[0], words))
        return self._agreed("default", said)

    def _defaults(self) -> Iterator[tuple[str, str]]:
        if self.attribute is not None:
            yield self.attribute, f"“default: {_short(self.attribute)}”"
        found = False
        for label in _DEFAULT.finditer(self.prose):
            text = self._default_after(label.end())
            if text is not None:
                found = True
                yield text, self._quoted(label.start(), label.end() + len(text))
        marked = _MARKED_DEFAULT.search(self.prose)
        if marked and not found and self.attribute is None and value_of(marked.group(1), self.kind):
            yield marked.group(1), self._quoted(marked.start(), marked.end())

    def _default_after(self, at: int) -> str | None:
        """The value after "default is": in quotes, or one word that ends its clause; else it is a phrase."""
        quoted = _QUOTED.match(self.prose, at)
        if quoted:
            return next(group for group in quoted.groups() if group)
        bare = _BARE.match(self.prose, at)
        if bare is None:
            return None
        text = bare.group().rstrip(".:")
        ended = text != bare.group() or _CLAUSE_END.match(self.prose, bare.end())
        return text if ended and text else None

    def enum(self) -> _Said | None:
        """Allowed values of the right type; of a list, those of its elements."""
        held = self.kind.items or Kind(("string",)) if self.kind.listing else self.kind
        if not held.types or {"object", "array"} & set(held.types):
            return None
        said: list[_Said] = []
        for found in choices(self.prose):
            words = self._quoted(found.start, found.end)
            values = [value_of(text, held) for text in found.values]
            if any(value is None for value in values):
                self._warn(f"{words} lists values that are not of its type; no choices are set")
                continue
            said.append(_Said(tuple(dict.fromkeys(value[0] for value in values if value)), words))
        if not said or all(set(each.value) == set(said[0].value) for each in said):
            return said[0] if said else None
        return self._agreed("choices", said)

    def bounds(self) -> tuple[int | float | None, int | float | None, bool, bool]:
        nothing = (None, None, False, False)
        if not self.kind.numeric:
            self._warn_of_unused()
            return nothing
        own = [each for each in ranges(self.prose) if self._own(each)]
        own = [each for each in own if each.marked] or own
        single = [each for each in limits(self.prose) if self._own(each)]
        said = [_Said(each.bounds, self._quoted(each.start, each.end)) for each in own]
        agreed = self._agreed("range", said)
        if own and agreed is None:
            return nothing
        low, high, above, below = agreed.value if agreed else nothing
        for each in single:
            words = self._quoted(each.start, each.end)
            if agreed and ((each.low is not None and each.low != low) or (each.high is not None and each.high != high)):
                self._contradiction("range", agreed.words, words)
                return nothing
            if each.low is not None and low is None:
                low, above = each.low, each.above
            if each.high is not None and high is None:
                high, below = each.high, each.below
            self.reach = self.reach or _Said(None, words)
        if low is not None and high is not None and low > high:
            self._warn(f"{agreed.words if agreed else 'its range'} ends below its start; no range is set")
            return nothing
        self.reach = agreed or self.reach
        return low, high, above, below

    def _own(self, found: Range) -> bool:
        """Whether a range bounds the parameter's own value."""
        if found.before not in _OWN_WORDS or _per_side(found) or _COUNTED.match(found.after):
            return False
        return found.marked or not _UNSURE.search(self._sentence(found.start, found.end))

    def _warn_of_unused(self) -> None:
        if not self.kind.textual or dimension(self.name, self.prose, self.attribute):
            return
        for found in ranges(self.prose):
            if found.marked and found.before in _OWN_WORDS and not _per_side(found) and not _COUNTED.match(found.after):
                self._warn(f"{self._quoted(found.start, found.end)} does not say what it counts; nothing is set")

    def lengths(self) -> tuple[int | None, int | None]:
        """Fewest and most elements of a list, or characters of a text. A least of 0 says nothing."""
        if not (self.kind.listing or self.kind.textual):
            return None, None
        found = lengths.of_list(self.prose) if self.kind.listing else lengths.of_text(self.prose)
        sure = [each for each in found if not _UNSURE.search(self._sentence(each.start, each.end))]
        lows = [_Said(each.low, self._quoted(each.start, each.end)) for each in sure if each.low is not None]
        highs = [_Said(each.high, self._quoted(each.start, each.end)) for each in sure if each.high is not None]
        low, high = self._agreed("least length", lows), self._agreed("most length", highs)
        return (low.value or None) if low else None, high.value if high else None

    def multiple(self) -> int | None:
        found = _MULTIPLE.search(self.prose) if self.kind.numeric else None
        return int(found.group(1)) or None if found else None

    def without_contradictions(self, facts: Facts, default: _Said | None, enum: _Said | None) -> Facts:
        """Facts of which no two exclude each other: a default outside of the choices or the range drops both."""
        if default is None:
            return facts
        values = default.value if isinstance(default.value, list) else [default.value]
        if enum is not None and any(value not in enum.value for value in values):
            self._contradiction("default and choices", default.words, enum.words)
            return replace(facts, default=(), enum=())
        if facts.kind.numeric and not _inside(default.value, facts):
            self._contradiction("default and range", default.words, self.reach.words if self.reach else "its range")
            return replace(facts, default=(), minimum=None, maximum=None, above=False, below=False)
        return facts

    def _agreed(self, what: str, said: list[_Said]) -> _Said | None:
        """The one statement that all make; None, with a warning, when two differ."""
        for each in said[1:]:
            if each.value != said[0].value or isinstance(each.value, bool) is not isinstance(said[0].value, bool):
                self._contradiction(what, said[0].words, each.words)
                return None
        return said[0] if said else None

    def _contradiction(self, what: str, first: str, second: str) -> None:
        self._warn(f"{first} contradicts {second}; {what}: nothing is set")

    def _warn(self, words: str) -> None:
        self.warnings.append(f"`{self.name}`: {words}")

    def _sentence(self, start: int, end: int) -> str:
        """The sentence, or line, around a place in the prose."""
        first, last = max(0, start - _SENTENCE), min(len(self.prose), end + _SENTENCE)
        before = max(first - 1, *(self.prose.rfind(sign, first, start) for sign in (". ", "\n", "; ")))
        ends = [found for sign in (". ", "\n") if (found := self.prose.find(sign, end, last)) >= 0]
        return self.prose[before + 1 : min([*ends, last])].strip(" .\n")

    def _quoted(self, start: int, end: int) -> str:
        return f"“{_short(self._sentence(start, end))}”"


def _per_side(found: Range) -> bool:
    return "dimension" in found.before or "dimension" in found.after or "side" in found.after


def _inside(value: Any, facts: Facts) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return True
    low, high = facts.minimum, facts.maximum
    if low is not None and (value < low or (facts.above and value == low)):
        return False
    return not (high is not None and (value > high or (facts.below and value == high)))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:117] + "…"
