"""Type and prose of one parameter -> its facts. Nothing is guessed: what the page does not clearly say stays unset.

Two statements that disagree set nothing; a warning names both. A range counts as bounds only of a number, as lengths
only of a text or list that is counted in characters or elements, and as a dimension only of a `W*H` text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from runner.schemagen import bounds, lengths
from runner.schemagen.choices import choices
from runner.schemagen.defaults import defaults
from runner.schemagen.dimensions import Dimension, dimension
from runner.schemagen.kinds import Kind, contradicted, kind_of, value_of
from runner.schemagen.markup import Entry
from runner.schemagen.onlys import Choices
from runner.schemagen.ranges import limits, ranges
from runner.schemagen.whose import Whose, short

_TEXT_ONLY = re.compile(
    r"\bonly\s(?:supported|available|effective|valid|works|applies|used)\s(?:in|for|with)\stext[- ]to[- ]image",
    re.IGNORECASE,
)
_DEPRECATED = re.compile(
    r"(?:\A|[.\n]\s{0,3})[\[(*]{0,3}(?:this\s(?:parameter|field|option)\s(?:is|has\sbeen)\s(?:now\s)?)?deprecated\b",
    re.IGNORECASE,
)

_ANY = frozenset({"any", "mixed", "*"})
_REQUIRED = re.compile(
    r"(?:\A|[.\n]\s{0,3})\(?required\)?(?=\s{0,3}(?:[.\n]|\Z))|\((?:required|mandatory)\)", re.IGNORECASE
)
_OPTIONAL = re.compile(r"(?:\A|[.,\n]\s{0,3})\(?optional\)?(?=\s{0,3}(?:[.\n]|\Z))|\(optional\)", re.IGNORECASE)
_MOST_PROSE = 20_000
"""Characters of prose that are read for one parameter; a real one has a few hundred."""
_NOTHING: bounds.Bounds = (None, None, False, False)


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
    if not kind.types and entry.kind.strip("` ").lower() not in _ANY:
        told = f"the type `{entry.kind}` is not understood" if entry.kind else "no type is given"
        warnings.append(f"`{entry.name}`: {told}; any value passes")
    if kind.file or (kind.items and kind.items.file):
        warnings.append(f"`{entry.name}` is a file, sent as a part of a form; JSON cannot hold it")
    if other := contradicted(kind, entry.prose[:_MOST_PROSE]):
        warnings.append(f"`{entry.name}`: its type `{entry.kind}` contradicts “{short(other)}”; any value passes")
        kind = Kind()
    reader = _Reader(entry, kind, warnings)
    if len(entry.prose) > _MOST_PROSE:
        warnings.append(f"`{entry.name}`: its text is longer than {_MOST_PROSE} characters; the rest is not read")
    enum = reader.enum()
    default = reader.default()
    low, high, above, below = reader.bounds()
    facts = Facts(
        kind=kind,
        default=() if default is None else (default.value,),
        minimum=low,
        maximum=high,
        above=above,
        below=below,
        multiple=bounds.multiple(reader.prose, low) if kind.numeric else None,
        enum=() if enum is None else enum.value,
        lengths=reader.lengths(),
        dimension=reader.dimension() if kind.textual and enum is None else None,
        deprecated=entry.deprecated or bool(_DEPRECATED.search(reader.prose)),
        text_to_image_only=bool(_TEXT_ONLY.search(reader.prose)),
    )
    return reader.without_contradictions(facts, default, enum)


def is_needed(entry: Entry, warnings: list[str]) -> bool:
    """Whether it must be given. Markup and prose that disagree are a warning, and nothing is asked for."""
    prose = entry.prose[:_MOST_PROSE]
    required, optional = _REQUIRED.search(prose), _OPTIONAL.search(prose)
    against = optional if entry.required else required if entry.optional else None
    if against:
        mark, words = "required" if entry.required else "required: no", short(against.group().strip(" .,()\n"))
        warnings.append(f"`{entry.name}`: “{mark}” contradicts “{words}”; it counts as optional")
        return False
    return entry.required or bool(required and not optional)


class _Reader:
    """Looks through the prose of one entry, once per fact."""

    def __init__(self, entry: Entry, kind: Kind, warnings: list[str]) -> None:
        self.name = entry.name
        self.prose = entry.prose[:_MOST_PROSE]
        self.whose = Whose(entry.name, self.prose)
        self.attribute = entry.default
        self.stated = dict(entry.limits)
        self.kind = kind
        self.warnings = warnings
        self.reach: _Said | None = None
        self.listed: tuple[str, ...] = ()

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
            yield self.attribute, f"“default: {short(self.attribute)}”"
        for found in defaults(self.kind, self.whose, self.listed):
            yield found.text, self._quoted(found.start, found.end)

    def enum(self) -> _Said | None:
        """Allowed values of the right type; of a list, those of its elements."""
        held = self.kind.items or Kind(("string",)) if self.kind.listing else self.kind
        if not held.types or {"object", "array"} & set(held.types):
            return None
        found = list(choices(self.whose))
        labelled = [each for each in found if each.labelled]
        explained = [] if self.kind.listing else [each for each in found if not each.labelled]
        said = [each for one in labelled or explained if (each := self._chosen(one, held))]
        more = [each for one in explained if (each := self._chosen(one, held, quiet=True))]
        if not said:
            return None
        if not all(set(each.value) == set(said[0].value) for each in said):
            return self._agreed("choices", said)
        if more and not set(more[0].value) <= set(said[0].value):  # a bullet explains what the list does not hold
            return self._agreed("choices", [said[0], more[0]])
        self.listed = (labelled or explained)[0].values
        whole = held.types == ("boolean",) and set(said[0].value) == {True, False}
        return None if whole else said[0]

    def _chosen(self, found: Choices, held: Kind, *, quiet: bool = False) -> _Said | None:
        """The values of a list in the right type; None, with a warning, when one of them is of another."""
        words = self._quoted(found.start, found.end)
        values = [value_of(text, held) for text in found.values]
        if any(value is None for value in values):
            if found.labelled and not quiet:
                self._warn(f"{words} lists values that are not of its type; no choices are set")
            return None
        return _Said(tuple(dict.fromkeys(value[0] for value in values if value)), words)

    def bounds(self) -> bounds.Bounds:
        if not self.kind.numeric:
            self._warn_of_unused()
            return _NOTHING
        own = [each for each in ranges(self.prose) if bounds.is_own(each, self.whose)]
        own = [each for each in own if each.how != "passing"] or own
        single = [each for each in limits(self.prose) if bounds.is_own(each, self.whose)]
        marked, words = bounds.marked(self.stated), ", ".join(f"{word}={text}" for word, text in self.stated.items())
        said = [_Said(marked, f"“{words}”")] if marked else []
        said += [_Said(each.bounds, self._quoted(each.start, each.end)) for each in own]
        agreed = self._agreed("range", said)
        if said and agreed is None:
            return _NOTHING
        low, high, above, below = agreed.value if agreed else _NOTHING
        for each in single:
            words, before = self._quoted(each.start, each.end), self.reach or agreed
            for new, strict, old, old_strict in (
                (each.low, each.above, low, above),
                (each.high, each.below, high, below),
            ):
                if new is not None and old is not None and (new, strict) != (old, old_strict):
                    self._contradiction("range", before.words if before else words, words)
                    return _NOTHING
            if each.low is not None:
                low, above = each.low, each.above
            if each.high is not None:
                high, below = each.high, each.below
            self.reach = _Said(None, words)
        if low is not None and high is not None and low > high:
            self._warn(f"{agreed.words if agreed else 'its range'} ends below its start; no range is set")
            return _NOTHING
        self.reach = agreed or self.reach
        return low, high, above, below

    def _warn_of_unused(self) -> None:
        if not self.kind.textual or dimension(self.name, self.prose, self.attribute):
            return
        for found in ranges(self.prose):
            if found.how == "label" and bounds.is_own(found, self.whose):
                self._warn(f"{self._quoted(found.start, found.end)} does not say what it counts; nothing is set")

    def lengths(self) -> tuple[int | None, int | None]:
        """Fewest and most elements of a list, or characters of a text. A least of 0 says nothing."""
        if not (self.kind.listing or self.kind.textual):
            return None, None
        if self.kind.textual and (several := lengths.several(self.whose)):
            self._warn(f"“{short(several)}” counts several, but its type holds one text")
        found = list(lengths.of_list(self.whose) if self.kind.listing else lengths.of_text(self.whose))
        lows = [_Said(each.low, self._quoted(each.start, each.end)) for each in found if each.low is not None]
        highs = [_Said(each.high, self._quoted(each.start, each.end)) for each in found if each.high is not None]
        ends = ("minItems", "maxItems") if self.kind.listing else ("minLength", "maxLength")
        for said, word in ((lows, ends[0]), (highs, ends[1])):
            stated = self.stated.get(word, "")
            said[:0] = [_Said(int(stated), f"“{word}={stated}”")] if stated.isdigit() else []
        low, high = self._agreed("least length", lows), self._agreed("most length", highs)
        if (lows and low is None) or (highs and high is None):
            return None, None
        if low and high and low.value > high.value:
            self._contradiction("length", low.words, high.words)
            return None, None
        return (low.value or None) if low else None, high.value if high else None

    def dimension(self) -> Dimension | None:
        """The form of a size; a size that the page names against its own rule is a warning."""
        found = dimension(self.name, self.prose, self.attribute)
        if found is not None and found.doubt is not None:
            size, rule = found.doubt
            self._warn(f"the page names {size} though each side is said to be {rule}; that rule is not set")
        return found

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

    def _quoted(self, start: int, end: int) -> str:
        return self.whose.quoted(start, end)


def _inside(value: Any, facts: Facts) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return True
    low, high = facts.minimum, facts.maximum
    if low is not None and (value < low or (facts.above and value == low)):
        return False
    return not (high is not None and (value > high or (facts.below and value == high)))
