"""`retouch journal`: calls that are in doubt or pending, what is decided about them, and what every call has cost."""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import click

from runner import workspace
from runner.cli import wiring
from runner.disk import DISK
from runner.errors import EXIT_CODES, Busy, UsageError
from runner.novita import wire
from runner.operation import Ticket, make_ticket
from runner.report import journal as words
from runner.report import ledger
from runner.report.words import clean, clean_line
from runner.settings import without_key
from runner.store import former
from runner.store.entry import Choice, Entry
from runner.store.journal import Journal, everything
from runner.store.store import Store
from runner.workspace import Workspace

_DECIDED_AS: Mapping[str, Choice] = {"SKIPPED": "skip", "AGAIN": "again"}
"""The decision that a state stands for: to take it once more changes nothing."""
_MOST_NAMED = 12
"""Numbers of calls in a hint."""
_USAGE = "like `retouch journal resolve 3 skip`, `… 3 5 again`, or `… 3 adopt TASK_ID`"

_where = click.option(
    "--in",
    "place",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A folder of the workspace, or a recipe in it; else the folder you are in.",
)


@click.group(invoke_without_command=True)
@_where
@click.option("--all", "show_all", is_flag=True, help="Also the calls that have been decided about.")
@click.option("--costs", is_flag=True, help="What every call has cost, with sums.")
@click.option("--since", metavar="DATE", help="With --costs: from this day on, like 2026-08-01.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option("--csv", "as_csv", is_flag=True, help="With --costs: as a table for bookkeeping.")
@click.pass_context
def journal(
    context: click.Context,
    place: Path | None,
    show_all: bool,
    costs: bool,
    since: str | None,
    as_json: bool,
    as_csv: bool,
) -> int:
    """List the paid calls that are in doubt, or bought and not fetched yet.

    Ends with 3 when a call is in doubt, else with 0. Nothing is sent.
    """
    context.obj = place
    if context.invoked_subcommand is not None:
        return 0
    if not costs and (since is not None or as_csv):
        raise UsageError(f"{'--csv' if as_csv else '--since'} goes with --costs")
    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other")
    wiring.use_utf8()
    home = _home(place)
    _check_used(home)
    at_work = _taken_over(home)
    if costs:
        _tell_costs(home, since, as_json=as_json, as_csv=as_csv)
        return 0
    seen = words.look(_open_calls(home), at_work=at_work)
    if as_json:
        click.echo(json.dumps(words.as_json(seen, everything=show_all)))
    else:
        width = min(shutil.get_terminal_size().columns, 100)
        now = wiring.system_clock().wall()
        click.echo(words.listing(seen, now=now, everything=show_all, where=_suffix(place), width=width))
    return EXIT_CODES["in-doubt"] if seen.in_doubt else 0


@journal.command()
@click.argument("said", nargs=-1, metavar="[NUMBER]... skip|again|adopt [TASK_ID]")
@_where
@click.option("--all-in-doubt", is_flag=True, help="Instead of numbers: every call that is in doubt.")
@click.option("--yes", is_flag=True, help="Where it costs: you know what it means.")
@click.option(
    "--wait", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="Wait so long for a run to end."
)
@click.pass_context
def resolve(
    context: click.Context, said: tuple[str, ...], place: Path | None, all_in_doubt: bool, yes: bool, wait: float
) -> int:
    """Decide about calls that are not over. Nothing is sent now; the next run does as you say.

    \b
    skip            leave them out: later runs do without
    again           have them sent again, and paid again
    adopt TASK_ID   it is this task of the host: fetch it
    """
    wiring.use_utf8()
    numbers, choice, task = _understood(said, every=all_in_doubt)
    place = place or context.obj
    home = _home(place)
    _check_used(home)
    with home.held(wait, other="a run"):
        store = Store.open(home.state, wiring.system_clock())
        try:
            for warning in store.journal.warnings:
                click.echo(f"! {clean(warning)}", err=True)
            return _decide(store.journal, numbers, choice, task, yes=yes, where=_suffix(place))
        finally:
            store.close()


def _understood(said: Sequence[str], *, every: bool) -> tuple[list[int], Choice, str | None]:
    """Numbers, choice and task id in the words of the command. Raises UsageError."""
    count = next((at for at, word in enumerate(said) if not (word.isascii() and word.isdigit())), len(said))
    numbers, rest = [int(word) for word in said[:count] if len(word) < 16], said[count:]
    if len(numbers) < count:
        raise UsageError("no call has such a number", hint="`retouch journal` lists the calls")
    if not rest:
        raise UsageError("say what is to be done: skip, again, or adopt TASK_ID", hint=_USAGE)
    named, *more = rest
    choice: Choice | None = next((each for each in get_args(Choice) if each == named), None)
    if choice is None:
        raise UsageError(f"`{clean_line(named)}` is neither the number of a call nor skip, again, adopt", hint=_USAGE)
    if every and numbers:
        raise UsageError("numbers and --all-in-doubt exclude each other")
    if not every and not numbers:
        raise UsageError(f"say which call to {choice}: its number goes first", hint=_USAGE)
    if choice != "adopt":
        if more:
            raise UsageError(f"nothing goes behind `{choice}`: {clean_line(' '.join(more))}", hint=_USAGE)
        return list(dict.fromkeys(numbers)), choice, None
    if every or len(numbers) != 1 or len(more) != 1:
        raise UsageError("a task is adopted for one call: `retouch journal resolve NUMBER adopt TASK_ID`")
    if without_key(more[0]) != more[0]:  # it would be written down, and asked for in an address
        raise UsageError("that is the key, not the id of a task", hint="copy the id from the host's usage page")
    try:
        return numbers, choice, wire.task_id(more[0])
    except wire.Unusable:
        raise UsageError(
            f"`{clean_line(more[0])}` cannot be the id of a task",
            hint="ids are letters, digits, `.`, `_` and `-`, 128 at most; copy it from the host's usage page",
        ) from None


def _decide(book: Journal, numbers: Sequence[int], choice: Choice, task: str | None, *, yes: bool, where: str) -> int:
    """Check all of it, then write all of it down."""
    known = {each.number: each for each in book.open()}
    if numbers:
        chosen = [_known(number, known, book) for number in numbers]
    else:
        chosen = [each for each in known.values() if each.standing == "in doubt"]
        if not chosen:
            click.echo("No call is in doubt.")
            return 0
    ticket = _ticket(chosen[0], task, book) if task is not None else None
    if warning := _needs_a_yes(chosen, choice, of_all=not numbers):
        if not yes:
            raise UsageError(warning, hint="if that is what you want, say it again with --yes")
        click.echo(f"! {warning}", err=True)
    for entry in chosen:
        if choice != _DECIDED_AS.get(entry.state):
            book.resolve(entry.number, choice, ticket)
        click.echo(f"call {entry.number}, {words.place(entry)}: {_told(entry, choice)}")
    if choice != "adopt":
        number = str(chosen[0].number) if len(chosen) == 1 else "NUMBER"
        other = "skip" if choice == "again" else "again"
        until = " until that run has begun" if choice == "again" else ""
        click.echo(f"It can be taken back{until}: `retouch journal resolve {number} {other}{where}`.")
    return 0


def _known(number: int, known: Mapping[int, Entry], book: Journal) -> Entry:
    """A call that can be decided about. Raises UsageError."""
    if number in known:
        return known[number]
    possible = [str(each.number) for each in known.values()]
    listed = ", ".join(possible[:_MOST_NAMED]) + (", …" if len(possible) > _MOST_NAMED else "")
    hint = f"calls that can be decided about: {listed}" if possible else "nothing waits for a decision"
    over = {each.number: each for each in book.everything() if each.state != "INTENT"}
    if number not in over:
        raise UsageError(f"there is no call {number}", hint=hint)
    how = ledger.Line(over[number]).outcome
    ended = f"it {'was sent again by a later call' if how == 'sent again' else 'is ' + how}"
    ended = "the host refused it, and nothing was billed" if over[number].state == "REJECTED" else ended
    raise UsageError(f"call {number} is over: {ended}; nothing is left to decide", hint=hint)


def _ticket(entry: Entry, task: str, book: Journal) -> Ticket:
    """What the next run fetches the task with. Raises UsageError when it cannot be this call's."""
    if entry.standing == "pending" and not entry.adopted:
        have = f"its task is {clean_line(entry.task_id)}" if entry.task_id else "its pictures are stored"
        raise UsageError(f"call {entry.number} is not in doubt: {have}", hint="the next run that needs it fetches it")
    if entry.ticket is not None and not entry.adopted and entry.task_id != task:
        own = clean_line(str(entry.task_id))
        raise UsageError(
            f"call {entry.number} cannot be task {task}: the host itself has said that it is {own}",
            hint=f"`retouch journal resolve {entry.number} adopt {own}` has it fetched",
        )
    host = entry.order.origin.get("host")
    for other in book.everything():
        if other.task_id == task and other.number != entry.number and other.order.origin.get("host") == host:
            raise UsageError(
                f"task {task} is call {other.number}'s, {words.place(other)}; it cannot be two calls'",
                hint="look for another task of the same time on the host's usage page",
            )
    return make_ticket(entry.order.origin, entry.order.model, task, entry.sent or entry.at)


def _needs_a_yes(chosen: Sequence[Entry], choice: Choice, *, of_all: bool) -> str | None:
    """What has to be known before money is lost, in a sentence; None when there is none to lose."""
    if choice == "adopt":
        return None
    paid = [each for each in chosen if each.spent and (choice == "again" or each.standing == "pending")]
    if paid:
        which = f"call {paid[0].number} is bought" if len(paid) == 1 else f"{len(paid)} of these calls are bought"
        it, they = ("it", "it") if len(paid) == 1 else ("each", "they")
        lost = f"what {they} gave would never be fetched"
        lost = f"{it} would be paid a second time" if choice == "again" else lost
        return f"{which} already, for {sum(each.spent for each in paid):.4f} USD; {lost}"
    if not of_all:
        return None
    calls = "1 call" if len(chosen) == 1 else f"{len(chosen)} calls"
    if choice == "skip":
        return f"{calls} would be left out from now on"
    return f"{calls} would be sent again, and up to {sum(each.at_stake for each in chosen):.4f} USD be paid twice"


def _told(entry: Entry, choice: Choice) -> str:
    """What follows from a decision, in words."""
    match choice:
        case "skip":
            return "left out; later runs do without it"
        case "adopt":
            return "the next run fetches the task, and pays nothing again"
    if entry.spent:
        return f"the next run sends it again and pays again; {entry.spent:.4f} USD are paid already"
    return f"the next run sends it again; if the host has it after all, {entry.order.price:.4f} USD are billed twice"


def _tell_costs(home: Workspace, since: str | None, *, as_json: bool, as_csv: bool) -> None:
    try:
        start = ledger.moment_of(since) if since is not None else None
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"--since {clean_line(since or '')}: not a date", hint="write it like 2026-08-01") from None
    found = ledger.lines(everything(home.state), start)
    if as_json:
        click.echo(json.dumps(ledger.as_json(found)))
    elif as_csv:
        click.echo(ledger.as_csv(found), nl=False)
    else:
        click.echo(ledger.as_text(found, all_time=start is None))


def _home(place: Path | None) -> Workspace:
    """The workspace that a command is about. Raises UsageError."""
    if place is None:
        return Workspace(workspace.root_of(Path.cwd()), Path("none"))
    if place.is_dir():
        return Workspace(workspace.root_of(place), Path("none"))
    try:
        return workspace.find(place)
    except UsageError:
        if place.suffix in {".yaml", ".yml"}:
            raise
        hint = "name a folder of the workspace, or a recipe in it"
        raise UsageError(f"there is no folder {clean_line(str(place))}", hint=hint) from None


def _check_used(home: Workspace) -> None:
    """Refuse to tell of a folder that may just be the wrong one. Raises UsageError."""
    if not home.state.is_dir():
        raise UsageError(f"no call was ever made in {home.root}", hint="name its workspace with --in PATH")


def _taken_over(home: Workspace) -> bool:
    """Whether a run is at work; if none is, what an earlier version wrote is brought into the journal first."""
    if home.is_held():
        return True
    if former.waits(home.state):
        try:
            with home.held():
                Store.open(home.state, wiring.system_clock()).close()
        except Busy:
            return True
    return False


def _open_calls(home: Workspace) -> Sequence[Entry]:
    """The calls that are not over. Raises Damaged, OutOfReach."""
    with contextlib.closing(Journal(home.state, DISK, wiring.system_clock(), writing=False)) as found:
        return found.open()


def _suffix(place: Path | None) -> str:
    return "" if place is None else f" --in {shlex.quote(str(place))}"
