"""`retouch new`: a few questions, and a recipe of one's own. Nothing is sent, and nothing is ever overwritten."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from runner.cli import output, retirement, wiring
from runner.cli.examining import examine
from runner.cli.new.asking import Asker
from runner.cli.new.draft import Draft
from runner.cli.new.questions import Wishes, asked
from runner.cli.schemas.building import out_of_date
from runner.cli.start import texts_of
from runner.cli.wiring import House
from runner.disk import DISK
from runner.errors import OutOfReach, UsageError
from runner.report.words import PRICE_WANTED, clean, enumerated, wrapped
from runner.starters import starters


@click.command()
@click.argument("name", required=False)
@click.option("--from", "starter", metavar="STARTER", help="The recipe to begin with, like `product-hero`.")
@click.option("-i", "--input", "pairs", multiple=True, metavar="NAME=VALUE", help="Give an input its default.")
@click.option("--model", metavar="MODEL", help="The model of all steps that name none.")
@click.option("--budget", metavar="USD|none", help="The most that one run may cost.")
@click.option("--seed", metavar="N|none", help="The recipe's seed; with `none` the first run draws one.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: take every default.")
def new(
    name: str | None,
    starter: str | None,
    pairs: tuple[str, ...],
    model: str | None,
    budget: str | None,
    seed: str | None,
    yes: bool,
) -> int:
    """Write a recipe of your own, NAME.yaml, from one that comes with retouch.

    It asks what you want to make, with which picture and words, model and budget. What an option says is not asked.
    """
    wiring.use_utf8()
    wishes = Wishes(name, starter, texts_of(pairs), model, budget, seed)
    known = starters()
    if not yes and not sys.stdin.isatty():
        words = shlex.join(["retouch", "new", name or "my-recipe", "--from", starter or "postcard", "--yes"])
        hint = f"take every default with {words}; --from names one of: {', '.join(known)}"
        raise UsageError("there is no terminal to ask questions on", hint=hint)
    asker = Asker(asks=not yes)
    try:
        draft = asked(asker, known, wishes)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nnothing was written", err=True)
        raise
    files = draft.files()
    _write(files)
    _conclude(draft, [*files])
    return 0


def _write(files: Mapping[Path, bytes]) -> None:
    """Put every file in its place; none of them when one cannot be. Raises OutOfReach, UsageError."""
    done: list[Path] = []
    folders = [folder for place in files for folder in place.absolute().parents if not folder.exists()]
    try:
        for place, data in files.items():
            if os.path.lexists(place):
                raise UsageError(f"{place} is there already, so nothing was written", hint="try again")
            done.append(place)
            DISK.put(place, data)
    except BaseException as error:
        for undo in [*(place.unlink for place in done), *(folder.rmdir for folder in sorted({*folders}, reverse=True))]:
            with contextlib.suppress(OSError):
                undo()
        if isinstance(error, OSError):
            told = f"{done[-1]} cannot be written, so nothing was: {error.strerror}"
            raise OutOfReach(told, hint="name a folder of your own: retouch new FOLDER/NAME") from None
        raise


def _conclude(draft: Draft, files: Sequence[Path]) -> None:
    """Say what was written, check it as `validate` does, and say what can be done with it."""
    about = {draft.place: "your recipe", draft.schema_file: "lets your editor check it while you type"}
    names = [clean(wiring.from_here(place)) for place in reversed(files)]
    wide = max(map(len, names))
    told = [
        f"  {name:{wide}}  {about.get(place, 'a picture for it')}"
        for name, place in zip(names, reversed(files), strict=True)
    ]
    built = wiring.house(draft.place)
    examine(built.recipe(), built)
    name = clean(shlex.quote(wiring.from_here(draft.place)))
    wide = len(name) + len("retouch validate ")
    following = {
        f"retouch validate {name}": "checks it whenever you have changed it",
        f"retouch plan {name}": "tells what it will do and cost",
        f"retouch run {name}": "makes the pictures",
    }
    click.echo(
        "\n".join(["\nWritten, and checked:", *told, "", "Open the recipe in a text editor and make it yours. Then:"])
    )
    click.echo("\n".join(f"  {command:{wide}}  {words}" for command, words in following.items()))
    for condition in _before_paying(draft, built):
        click.echo(wrapped(f"\n{clean(condition)}", output.width(sys.stdout)))
    if words := out_of_date(built.workspace):
        click.echo(f"\n{words}")


def _before_paying(draft: Draft, built: House) -> Iterator[str]:
    """What stands between the recipe and a run that is paid; a rehearsal needs none of it."""
    retired = [each for each in retirement.warnings(built.recipe(), "novita", built.settings) if each.hint]
    unpriced = draft.without_price()
    if retired or unpriced:
        yield "Without a key, a run is a rehearsal, which is free. Before a run with a key:"
    for hint in dict.fromkeys(each.hint for each in retired):
        yield f"{'. '.join(each.message for each in retired if each.hint == hint)}. {hint}"
    if unpriced:
        lines = ", ".join(f"`{model} = …`" for model in unpriced)
        yield f"No price is known for {enumerated(unpriced)}. {PRICE_WANTED}: {lines}."
