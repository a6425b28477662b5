"""One thing wrong with a text, and the words for what several rooms tell."""

from __future__ import annotations

from dataclasses import dataclass

from runner.document.places import Span


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with a text: where, what, and how to mend it."""

    span: Span
    message: str
    hint: str | None = None
    candidates: tuple[str, ...] = ()
    """What the line may have been meant to be, the most likely first."""
    shape: bool = False
    """Whether the mistake may as well stand some lines above: a column, a dash or a colon too many or too few."""
    doubled: bool = False
    """Whether a key stands twice in its block, so that what stands behind one of the two is not read."""
    meant: bool = True
    """Whether a line that can be read instead is what was meant, and may be shown."""


REPAIRED = {
    "moved": (
        "this line does not fit the ones around it",
        "keys of one block, and the dashes of one list, begin in the same column; count the spaces at the start",
    ),
    "without dash": ("this dash does not belong here", "a dash begins a new entry of a list: leave it out"),
    "with dash": ("a dash is missing here", "each step of the list begins with a dash: `- name: warm`"),
    "with colon": ("a colon is missing after this key", "write `key: value`"),
    "with space": ("a space is missing after the colon", "write `key: value`"),
}
"""What is told where a line is repaired that the parser did not complain of."""
NO_PART = (
    "this line is no part of the text above",
    "a text of several lines, or with a colon in it, stands below a `|`, moved in by two spaces",
)
"""The second line of a prompt, which begins a key of its own because it has a colon and stands too far to the left."""
TEMPLATE_WITHOUT_QUOTES = "this text begins with a brace, and has no quotes"


def too_far_left(key: str, block: str) -> tuple[str, str]:
    """Message and hint for a key that belongs to the block above it, and stands beside that."""
    hint = f"what belongs to `{block}:` stands below it, moved in by two spaces"
    return f"`{key}` stands too far to the left", hint
