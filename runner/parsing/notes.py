"""What the check of the meaning finds, at its places in the document."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from runner.document import Document, Path, Span
from runner.errors import MOST_PROBLEMS, Diagnostic, Location
from runner.templating import TemplateProblem


class Notes:
    """Gathers diagnostics. Paths are those of the recipe as it was meant; `written` has the misspelt keys."""

    def __init__(self, document: Document, written: Mapping[Path, str]) -> None:
        self.document = document
        self._found: dict[tuple[Location, str], Diagnostic] = {}
        self.told: set[Path] = set()
        """Values of which the shape check need not speak any more."""
        self.missing: set[Path] = set()
        """Keys that are not there, of which the shape check need not speak any more."""
        self.in_texts = False
        """Whether a text has a problem."""
        self._written = written
        for path, key in islice(written.items(), MOST_PROBLEMS + 1):
            near = str(path[-1])
            self.note(path, f"unknown key `{key}`", f"did you mean `{near}`?", key=True, whole=False, instead=near)

    @property
    def found(self) -> list[Diagnostic]:
        """What was noted, each problem once: the same words at the same place are one mistake, like a name that stands
        twice in a line."""
        return list(self._found.values())

    @property
    def full(self) -> bool:
        """Whether there are more problems than anybody is told: no further ones are kept."""
        return len(self._found) > MOST_PROBLEMS

    def _keep(self, problem: Diagnostic) -> None:
        self._found.setdefault((problem.location, problem.message), problem)

    def note(
        self,
        path: Path,
        message: str,
        hint: str | None = None,
        *,
        key: bool = False,
        whole: bool = True,
        instead: str | None = None,
        dash: bool = False,
    ) -> None:
        """A problem with the value at `path`, or with its key. It is the `whole` story, unless that is denied.

        `instead` is what was most likely meant, written as in the file. With `dash`, the dash before a key is at fault.
        """
        if whole:
            self.told.add(path)
        if self.full:
            return
        place = self.in_file(path)
        if dash:
            span = self.document.span(place, key=True)
            dashed = Span(span.line, max(1, span.column - 2), 1)
            self._keep(self.document.diagnostic_at(dashed, message, hint, " "))
        else:
            self._keep(self.document.diagnostic(place, message, hint, key=key, instead=instead))

    def note_in_text(self, path: Path, problem: TemplateProblem, hint: str | None, *, condition: bool) -> None:
        """A problem inside a text."""
        self.told.add(path)
        self.in_texts = True
        if self.full:
            return
        self._keep(
            self.document.diagnostic_in_text(
                self.in_file(path), problem.line, problem.word, problem.message, hint,
                condition=condition, instead=problem.instead,
            )
        )  # fmt: skip

    def source(self, path: Path, value: str | int | float | bool | list[str], *, key: bool = False) -> str:
        """How a value would be written in the place of the one at `path`, or in place of its key."""
        return str(value) if key else self.document.source(self.in_file(path), value)

    def column(self, path: Path) -> int:
        """The column, from 1, of a key."""
        return self.document.span(self.in_file(path), key=True).column

    def line(self, path: Path) -> int:
        """The line of the file that a value stands on."""
        return self.document.span(self.in_file(path)).line

    def in_file(self, path: Path) -> Path:
        """The path with the keys as they stand in the file."""
        place: Path = ()
        for part in path:
            place = (*place, self._written.get((*place, part), part))
        return place


def nested(path: tuple[str, ...], value: str = "…") -> str:
    """How a setting is written, from `settings:` on, each block in its braces."""
    written = f"{path[-1]}: {value}"
    for outer in (*reversed(path[:-1]), "settings"):
        written = f"{outer}: {{{written}}}"
    return f"`{written}`"
