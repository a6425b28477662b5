"""A documentation page in any of its markups -> its parameters, one after the other, as the page shows them.

Two markups are known: MDX source, whose tags say everything, and markdown that a crawler made of the finished page,
where an anchor, a name, a type and some words stand on lines of their own and nothing marks the end of an object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["header", "path", "query", "body", "response"]
"""Where a parameter belongs: in the request's header, path, query or body, or in the answer."""

MOST_CHARACTERS = 400_000
"""No page of parameters comes near; larger texts are refused before anything else looks at them."""
MOST_DEPTH = 16
MOST_PARAMETERS = 2_000


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
    choice: bool = False
    """Whether it stands in one of several tabs, so that it only sometimes belongs to the request."""
