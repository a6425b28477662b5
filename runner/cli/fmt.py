"""`retouch fmt`: recipes in one order and with the same spaces. Comments stay with what they are about.

Exit code 1 says, as it does for `schemas check`, that something is not as it should be, and 2 that a recipe cannot be
read.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from runner import document
from runner.cli import output, wiring
from runner.disk import DISK
from runner.errors import Diagnostic, InvalidRecipe, OutOfReach, UsageError
from runner.formatting import formatted
from runner.report.words import clean, clean_line, counted, diagnostics_text, error_text

STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A recipe's file as it is, and as it should be."""

    file: Path
    before: bytes
    after: bytes

    @property
    def changed(self) -> bool:
        """Whether the recipe was not in order."""
        return self.before != self.after


@click.command()
@click.argument("recipes", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RECIPE...")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a recipe is not in order.")
@click.option("--diff", is_flag=True, help="The same, and show what would change.")
def fmt(recipes: tuple[Path, ...], check: bool, diff: bool) -> int:
    """Put the keys of each RECIPE in order, and its spaces and empty lines.

    Comments stay with what they are about, and no text loses a character. `-` reads a recipe from standard input and
    writes it to standard output, as editors want it.
    """
    wiring.use_utf8()
    if STANDARD_INPUT in recipes and len(recipes) > 1:
        raise UsageError("`-` stands for one recipe, and stands alone")
    found: list[Diagnostic] = []
    others: list[UsageError] = []
    read: list[Rewritten] = []
    unreadable = 0
    for file in recipes:
        try:
            before = _bytes_of(file)
            after = formatted(_text_of(file, before), _shown(file)).encode()
            read.append(Rewritten(file, before, after.replace(b"\n", _line_end(before))))
        except InvalidRecipe as error:
            found += error.diagnostics
            unreadable += 1
        except UsageError as error:
            others.append(error)
    only_told = check or diff
    if recipes == (STANDARD_INPUT,) and not only_told:
        for each in read:
            click.echo(each.after, nl=False)
    else:
        for each in read:
            if each.changed:
                _tell(each, diff=diff) if only_told else _put_in_order(each)
    width = output.width(sys.stderr)
    words = [diagnostics_text(found, width)] if found else []
    words += [error_text(each, width) for each in others]
    if words:
        click.echo("\n\n".join(words), err=True)
    if recipes != (STANDARD_INPUT,) or only_told:
        _sum_up(read, unreadable, only_told=only_told, diff=diff, apart=bool(words))
    if words:
        return 2
    return 1 if only_told and any(each.changed for each in read) else 0


def _bytes_of(file: Path) -> bytes:
    """What a recipe's file holds. Raises UsageError."""
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read(document.MOST_BYTES + 1)
    document.read(file)  # tells in words what cannot be read, and is wrong with the form of what can
    return file.read_bytes()


def _text_of(file: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{_shown(file)} is not UTF-8 text") from None


def _line_end(raw: bytes) -> bytes:
    """What a file's lines end with: where git or an editor writes those of Windows, they stay; a mixture does not."""
    return b"\r\n" if raw.count(b"\n") == raw.count(b"\r\n") > 0 else b"\n"


def _put_in_order(recipe: Rewritten) -> None:
    """Write a recipe in order; where its name is a link, the file that it leads to. Raises OutOfReach."""
    try:
        DISK.rewrite(recipe.file.resolve(strict=True), recipe.after)
    except OSError as error:
        raise OutOfReach(f"{recipe.file} cannot be written: {error.strerror}") from None
    click.echo(f"{clean_line(_shown(recipe.file))}: put in order")


def _tell(recipe: Rewritten, *, diff: bool) -> None:
    """Say that a recipe is not in order, or show what would change."""
    name = clean_line(_shown(recipe.file))
    if not diff:
        click.echo(f"{name}: not in order")
        return
    before, after = recipe.before.decode("utf-8-sig").splitlines(), recipe.after.decode().splitlines()
    lines = list(difflib.unified_diff(before, after, name, name, lineterm=""))
    click.echo("\n".join(clean(line) for line in lines) or f"{name}: only the ends of its lines would change")


def _sum_up(read: Sequence[Rewritten], unreadable: int, *, only_told: bool, diff: bool, apart: bool) -> None:
    """Say how many recipes there were, and what became of them; nothing where there were none."""
    count = len(read) + unreadable
    if not count:
        return
    if apart:
        click.echo(err=True)
    changed = sum(each.changed for each in read)
    counts = {
        "not in order" if only_told else "put in order": changed,
        "in order" if only_told else "in order already": len(read) - changed,
        "left as it was" if unreadable == 1 else "left as they were": unreadable,
    }
    told = [f"{number} {words}" if count > 1 else words for words, number in counts.items() if number]
    click.echo(f"{counted(count, 'recipe')}: {', '.join(told)}", err=diff)


def _shown(file: Path) -> str:
    return "standard input" if file == STANDARD_INPUT else str(file)
