"""Code blocks of markdown: which lines of a page are shown, and which are said.

A block opens with three backticks or tildes, or more, and ends with at least as many of the same sign, alone on their
line. One that never ends opens nothing: a page cut short must not lose its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 12
"""Signs in a fence; longer rows are rulers, not fences."""
_OPENING = re.compile(rf"[ \t]{{0,40}}(`{{3,{_LONGEST}}}|~{{3,{_LONGEST}}})[^`]{{0,400}}")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block."""

    content: str


def blocks(text: str) -> Iterator[Block]:
    """Every code block, in page order."""
    for part in _parts(text):
        if isinstance(part, Block):
            yield part


def without_code(text: str) -> str:
    """The text without its code blocks."""
    return "\n".join(part for part in _parts(text) if isinstance(part, str))


def _parts(text: str) -> Iterator[str | Block]:
    """The page line by line, each code block as one piece."""
    lines = text.split("\n")
    ends = _last_ends(lines)
    at = 0
    while at < len(lines):
        opening = _OPENING.fullmatch(lines[at]) if "```" in lines[at] or "~~~" in lines[at] else None
        end = _end(lines, at + 1, opening.group(1), ends) if opening else None
        if opening is None or end is None:
            yield lines[at]
            at += 1
        else:
            yield Block("\n".join(lines[at + 1 : end]))
            at = end + 1


def _last_ends(lines: list[str]) -> dict[tuple[str, int], int]:
    """By sign and length, the last line that could end a block: beyond it nothing need be searched."""
    return {(line[0], len(line)): number for number, line in enumerate(map(str.strip, lines)) if _is_fence(line)}


def _is_fence(line: str) -> bool:
    return 3 <= len(line) <= _LONGEST and line[0] in "`~" and line == line[0] * len(line)


def _end(lines: list[str], at: int, fence: str, ends: dict[tuple[str, int], int]) -> int | None:
    """The line that ends a block opened by `fence`; None when there is none."""
    last = max(ends.get((fence[0], length), -1) for length in range(len(fence), _LONGEST + 1))
    for number in range(at, last + 1):
        line = lines[number].strip()
        if line.startswith(fence) and _is_fence(line):
            return number
    return None
