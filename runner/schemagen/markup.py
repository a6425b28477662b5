"""A documentation page in any of its markups -> its parameters, one after the other, as the page shows them.

Three markups are known: MDX source, whose tags say everything; markdown that a crawler made of the finished page, where
an anchor, a name, a type and some words stand on lines of their own and nothing marks the end of an object; and
markdown that somebody wrote, with tables or lists of parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from runner.schemagen.plain import plain

Place = Literal["header", "path", "query", "body", "response"]
"""Where a parameter belongs: in the request's header, path, query or body, or in the answer."""

MOST_CHARACTERS = 400_000
"""No page of parameters comes near; larger texts are refused before anything else looks at them."""
MOST_DEPTH = 16
MOST_PARAMETERS = 2_000

_HEADING = re.compile(r"(#{1,6})\s{1,4}(?:\[[^\[\]]{0,40}\]\([^()]{0,400}\))?\s{0,8}(\S.{0,200})\Z")
_PLACES: tuple[tuple[str, Place], ...] = (
    ("response", "response"),
    ("header", "header"),
    ("path param", "path"),
    ("query", "query"),
    ("body", "body"),
    ("request param", "body"),
    ("input param", "body"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter, as the page shows it; all texts are plain (see schemagen.plain)."""

    place: Place
    name: str
    kind: str
    """The type as written: `string`, `object[]`, `integer | null`."""
    required: bool
    default: str | None
    """The default where the markup has a place of its own for it; prose may state one too."""
    deprecated: bool
    prose: str
    depth: int | None
    """How many parameters it stands in, where the markup says so; None in crawled markdown."""
    opens: bool
    """Whether the page shows a list of properties under it."""
    choice: int = 0
    """The tab it stands in, below what holds it: a number of each tab's own; 0 in none."""
    optional: bool = False
    """Whether the markup says that it may be left out, instead of saying nothing."""
    limits: tuple[tuple[str, str], ...] = ()
    """Bounds and lengths that have a place of their own in the markup, such as (`minimum`, `-1`)."""


class Section:
    """Where on the page the reader is: what the last heading says of the parameters below it.

    A heading that names no place ends the section, unless it is one inside of it.
    """

    def __init__(self) -> None:
        self.place: Place | None = None
        self._level = 0

    def enter(self, line: str) -> bool:
        """Look at a line; true when it is a heading."""
        found = _HEADING.match(line)
        if found is None:
            return False
        level, words = len(found.group(1)), plain(found.group(2)).lower()
        place = next((place for sign, place in _PLACES if sign in words), "body" if words == "parameters" else None)
        if place is not None or level <= self._level:
            self.place, self._level = place, level
        return True
