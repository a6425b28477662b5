"""Questions on a terminal: each has a default, and an answer that will not do is asked for again."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import click

from runner.cli import output
from runner.errors import RetouchError, UsageError
from runner.report.words import clean, error_text, wrapped
from runner.validation import suggestion

Answer = TypeVar("Answer")
Default = TypeVar("Default")

_WIDEST = 100


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a person, or nobody: then every question that no option has answered is answered by its default."""

    asks: bool

    def begin(self, words: str) -> None:
        """Say something about the next question, apart from the one before; nobody is told when nobody is asked."""
        if self.asks:
            click.echo(f"\n{_wrapped(words)}")

    def answer(
        self, question: str, read: Callable[[str], Answer], *, default: Default, shown: str, given: str | None = None
    ) -> Answer | Default:
        """The answer to a question: `given` on the command line, typed, or the default, which stands there as `shown`.

        `read` makes the answer of what was typed, or raises a RetouchError that says what is wrong with it. Raises that
        of a `given` one, and click.Abort when there is no more to be read.
        """
        if given is not None:
            return read(given)
        if self.asks:
            with contextlib.suppress(ImportError):  # not on every system
                importlib.import_module("readline")  # cursor keys move the cursor, instead of writing signs
        while self.asks:
            text = click.prompt(clean(f"{question} [{shown}]"), default="", show_default=False).strip()
            if not text:
                break
            try:
                return read(text)
            except RetouchError as error:
                click.echo(wrapped(error_text(error).removeprefix("retouch: "), output.width(sys.stdout)))
        return default

    def choose(self, question: str, choices: Mapping[str, str], *, default: str, given: str | None = None) -> str:
        """One of several, by its number or name; each with a few words about it."""
        names = [*choices]

        def read(text: str) -> str:
            if text.isdecimal() and 1 <= int(text) <= len(names):
                return names[int(text) - 1]
            if text not in choices:
                raise UsageError(f"there is no `{text}`", hint=suggestion(text, names))
            return text

        if given is not None:
            return read(given)
        wide = max(len(name) for name in names)
        self.begin(question)
        for number, (name, about) in enumerate(choices.items() if self.asks else (), 1):
            click.echo(_wrapped(about, f"{number:4}  {name:{wide}}  "))
        return self.answer("Number or name", read, default=default, shown=default)

    def confirm(self, question: str, *, default: bool) -> bool:
        """Yes or no."""

        def read(text: str) -> bool:
            known = {"y": True, "yes": True, "n": False, "no": False}
            if text.lower() not in known:
                raise UsageError("answer yes or no")
            return known[text.lower()]

        return self.answer(question, read, default=default, shown="yes" if default else "no")


def _wrapped(words: str, before: str = "") -> str:
    """The words in the width of the terminal, all of them to the right of what stands before the first."""
    width = min(shutil.get_terminal_size().columns, _WIDEST) - 1
    return textwrap.fill(
        clean(words),
        max(width, 40),
        initial_indent=before,
        subsequent_indent=" " * len(before),
        break_long_words=False,
        break_on_hyphens=False,
    )
