"""File names that every system can store, and every shell takes as they are."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 60
_TAKEN = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""What Windows keeps for itself, whatever the ending."""
_SPELT = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "&": " and "}
)
"""Letters that do not come apart into a plain one and a mark."""


def recipe_name(words: str) -> str:
    """The file name of a recipe that is called so, without its ending: `My mug!` -> `my-mug`; empty when none is left.

    Small letters, digits and hyphens: some systems do not tell large letters from small ones, some store letters with
    marks in another way than they were typed, and shells take blanks apart. Letters of other scripts stay.
    """
    small = unicodedata.normalize("NFKC", words).lower().translate(_SPELT)
    plain = unicodedata.normalize("NFKD", small)
    letters = unicodedata.normalize("NFC", "".join(each for each in plain if not unicodedata.combining(each)))
    name = re.sub(r"(?:[^\w]|_)+", "-", re.sub(r"['’]", "", letters)).strip("-")
    while len(name) > _LONGEST or len(name.encode("utf-8")) > 3 * _LONGEST:
        name = name[:-1]
    name = name.rstrip("-")
    return f"{name}-recipe" if name in _TAKEN else name
