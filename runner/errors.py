"""What can go wrong, in words: places in files, diagnostics, and the family of errors.

    RetouchError                 anything we foresee; carries the exit code of the command
    ├── UsageError           2   recipe, input or usage wrong; nothing was sent
    │   └── InvalidRecipe    2   the same, with one diagnostic per problem
    ├── AccessRefused        4   key or balance
    ├── OutOfReach           5   disk, rights, network unreachable
    ├── Damaged              6   what we stored is not what we find
    ├── Busy                 7   another run holds the workspace
    ├── OverBudget           8   the run could cost more than is allowed
    ├── BadImage             1   bytes that are no picture we can use
    ├── OperationFailed      1   an operation cannot do what it was asked with these images
    └── CallFailed           *   a paid call did not give images; `kind` says why (operation.PaidInVain: it is billed)

A failed step is a value (records.Failure); the last three become one at the edge of a step. Anything outside this
family is our own bug.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FailureKind = Literal[
    "image",
    "operation",
    "rejected",
    "moderated",
    "failed",
    "skipped",
    "lost",
    "in-doubt",
    "access",
    "network",
    "disk",
    "damaged",
    "budget",
]
"""Why a step failed. Of a call in doubt the user may say "skipped"; a task is "lost" when its host does not know it;
"budget" would have been crossed by the call."""

EXIT_CODES: dict[FailureKind, int] = {
    "image": 1,
    "operation": 1,
    "rejected": 1,
    "moderated": 1,
    "failed": 1,
    "skipped": 1,
    "lost": 1,
    "in-doubt": 3,
    "access": 4,
    "network": 5,
    "disk": 5,
    "damaged": 6,
    "budget": 8,
}
"""Exit code of a run in which a step failed that way (DESIGN §4)."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a text file; `line` and `column` count from 1, columns in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem in a recipe: where, what, and how to mend it. Text is laid out by report.words."""

    location: Location
    message: str
    hint: str | None = None
    quoted: str = ""
    """The line of the file, without its end."""
    width: int = 1
    """Characters to underline, from the column on."""
    corrected: str | None = None
    """The line as it was most likely meant; only where the recipe, read again with it, has this problem no more and no
    new one."""


MOST_PROBLEMS = 100
"""That are told of one recipe: nobody mends more at a time. One more says where it goes on."""


class RetouchError(Exception):
    """A problem that we foresee. `message` is one sentence; `hint` says what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(RetouchError):
    """The recipe, an input or the command line is wrong; nothing was sent."""

    exit_code = 2


class InvalidRecipe(UsageError):
    """A recipe with problems; `diagnostics` holds them all, in file order."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=lambda d: d.location))
        count = len(self.diagnostics)
        told = f"more than {MOST_PROBLEMS} problems" if count > MOST_PROBLEMS else f"{count} problem{'s'[: count != 1]}"
        super().__init__(f"{told} found; nothing was sent")


class AccessRefused(RetouchError):
    """The provider refused the key, or the balance does not suffice."""

    exit_code = 4


class OutOfReach(RetouchError):
    """Disk, rights or network stand in the way."""

    exit_code = 5


class Damaged(RetouchError):
    """Something we stored is not what we find."""

    exit_code = 6


class Busy(RetouchError):
    """Another run holds the workspace."""

    exit_code = 7


class OverBudget(RetouchError):
    """The run could cost more than the recipe's budget or `--max-cost` allows; nothing was sent."""

    exit_code = 8


class BadImage(RetouchError):
    """Bytes that are no picture we can use: broken, too large, of another format."""


class OperationFailed(RetouchError):
    """An operation cannot do what it was asked with these images, e.g. a crop outside the picture."""


class CallFailed(RetouchError):
    """A paid call did not give images. `kind` decides what follows: see EXIT_CODES."""

    def __init__(self, kind: FailureKind, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.kind: FailureKind = kind
        self.exit_code = EXIT_CODES[kind]
