"""What the check of the meaning finds, at its places in the document."""

from __future__ import annotations

from collections.abc import Mapping

from runner.document import Document, Path
from runner.errors import Diagnostic
from runner.templating import TemplateProblem


class Notes:
    """Gathers diagnostics. Paths are those of the recipe as it was meant; `written` has the misspelt keys."""

    def __init__(self, document: Document, written: Mapping[Path, str]) -> None:
        self.document = document
        self.found: list[Diagnostic] = []
        self.told: set[Path] = set()
        """Values of which the shape check need not speak any more."""
        self.missing: set[Path] = set()
        """Keys that are not there, of which the shape check need not speak any more."""
        self.in_texts = False
        """Whether a text has a problem."""
        self._written = written
        for path, key in written.items():
            self.note(path, f"unknown key `{key}`", f"did you mean `{path[-1]}`?", key=True, whole=False)

    def note(self, path: Path, message: str, hint: str | None = None, *, key: bool = False, whole: bool = True) -> None:
        """A problem with the value at `path`, or with its key. It is the `whole` story, unless that is denied."""
        self.found.append(self.document.diagnostic(self.in_file(path), message, hint, key=key))
        if whole:
            self.told.add(path)

    def note_in_text(self, path: Path, problem: TemplateProblem, hint: str | None, *, condition: bool) -> None:
        """A problem inside a text."""
        place = self.in_file(path)
        self.found.append(
            self.document.diagnostic_in_text(
                place, problem.line, problem.word, problem.message, hint, condition=condition
            )
        )
        self.told.add(path)
        self.in_texts = True

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
