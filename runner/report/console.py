"""What a terminal shows while a run goes on, and tables. Lines are plain when piped; colours follow NO_COLOR.

Telling never ends a run: when nobody listens any more, the teller falls silent and the run goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from runner import layout
from runner.engine.foresight import Foreseen
from runner.plan import Plan, PlannedStep
from runner.records import Event, MoreThanAsked, PicturesLost, RunRecord, StepEnded, StepRecord, StepStarted
from runner.report.journal import step_of, to_decide
from runner.report.words import clean, clean_line
from runner.store.entry import Entry
from runner.validation import allowed, as_written

_MARKS = {"done": ("✓", "green"), "failed": ("✗", "bold red"), "skipped": ("–", "yellow"), "off": ("·", "dim")}


class _Console(Console):
    """A console whose reader may go: the library would end the program, and with it a run that is being paid."""

    def on_broken_pipe(self) -> None:
        """Nobody reads any more: be silent from now on."""
        self.quiet = True


class Teller:
    """Tells a person how a run goes, on one stream."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        """With `quiet`, only what goes wrong is told."""
        self._console = _Console(file=stream, highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._width = 0
        self._waiting: dict[str, None] = {}
        self._status: Status | None = None

    def opening(self, plan: Plan, notice: str | None) -> None:
        """Title of the run, and what must not be overlooked."""
        self._width = max((len(step.name) for step in plan.steps), default=0)
        self._say(Text(clean(plan.recipe.title), style="bold"))
        if notice:
            self._say(Text(clean(notice), style="bold yellow"))
        self._say(Text())

    def hear(self, event: Event) -> None:
        """One line for each step that has ended; on a terminal also what is waited for."""
        if isinstance(event, StepEnded):
            self._waiting.pop(event.record.step, None)
            self._show_waiting()
            self._step(event.record)
        elif isinstance(event, StepStarted) and event.tasks:
            self._waiting[event.step] = None
            self._show_waiting()
        elif isinstance(event, MoreThanAsked):
            words = f"! {event.step}: the host made {_counted(event.made, 'picture')} where at most {event.asked} "
            words += f"{'was' if event.asked == 1 else 'were'} asked for; each is on the bill"
            self._print(Text(words, style="bold yellow"))
        elif isinstance(event, PicturesLost):
            lost = "a picture" if len(event.why) == 1 else f"{len(event.why)} pictures"
            words = f"! {event.step}: {lost} of a paid call cannot be had ({event.why[0]}); what came is kept"
            self._print(Text(clean(words), style="bold yellow"))

    def note(self, text: str) -> None:
        """A line of its own."""
        self._say(Text(clean(text)))

    def warn(self, text: str) -> None:
        """What has to be known, however quiet the run is."""
        self._print(Text(f"! {clean(text)}", style="bold yellow"))

    def hush(self) -> None:
        """Take away what is waited for, because the run has ended or was interrupted."""
        self._waiting.clear()
        self._show_waiting()

    def closing(
        self,
        run: RunRecord,
        outputs: Sequence[tuple[str, int, int]],
        folder: str,
        doubts: Sequence[Entry] = (),
        where: str = "",
    ) -> None:
        """Where the pictures are, what failed, what it cost. `outputs`: path, width and height of each result.

        `doubts` are the calls that the user has to decide about; `where` goes behind the commands that do so.
        """
        self._say(Text())
        for path, width, height in outputs:
            self._say(Text.assemble((clean(path), "bold"), f"  {width} × {height}"))
        self._say(Text(f"every step's picture and run.json: {clean(folder)}", style="dim"))
        for failure in run.failures:
            self._print(Text(f"✗ {failure.step}: {clean(failure.message)}", style="red"))
            if failure.hint and not (failure.kind == "in-doubt" and failure.step in map(step_of, doubts)):
                self._print(Text(f"  {clean(failure.hint)}"))
        sent = run.traffic
        requests = f"{_counted(sent.submits, 'submit')}, {_counted(sent.polls, 'poll')}, "
        requests += _counted(sent.downloads, "download")
        cost = "a rehearsal costs nothing" if run.realm == "rehearsal" else f"paid {run.paid:.4g} USD by the price list"
        self._say(Text(f"{requests}; {cost}", style="dim"))
        if doubts:
            self.warn(to_decide(doubts, where))
        elif run.at_stake:
            words = f"what is in doubt may cost up to {run.at_stake:.4g} USD more"
            self.warn(f"{words}: decide about it with `retouch journal`")

    def _say(self, text: Text) -> None:
        if not self._quiet:
            self._print(text)

    def _print(self, text: Text) -> None:
        try:
            self._console.print(text)
        except OSError:  # e.g. a full disk behind a redirection
            self._console.quiet = True

    def _show_waiting(self) -> None:
        """A line that stays at the bottom of a terminal, with the steps that wait for a model."""
        if self._quiet or not self._console.is_terminal:
            return
        words = Text("waiting for the model: " + ", ".join(self._waiting), style="dim")
        if not self._waiting:
            if self._status is not None:
                self._status.stop()
                self._status = None
        elif self._status is None:
            self._status = self._console.status(words)
            self._status.start()
        else:
            self._status.update(words)

    def _step(self, record: StepRecord) -> None:
        mark, style = _MARKS[record.status]
        told = {
            "done": _done_words(record),
            "failed": clean(record.failure.message) if record.failure else "",
            "skipped": "skipped, because a step before it failed",
            "off": "off, because its condition is false",
        }[record.status]
        self._say(Text.assemble("  ", (mark, style), " ", (record.step.ljust(self._width), "bold"), "  ", told))


def _done_words(record: StepRecord) -> str:
    parts = [str(record.request.get("model") or record.request.get("operation") or "")]
    image = record.image
    if image is not None:
        parts.append(f"{image.width} × {image.height}")
    if record.seed is not None:
        parts.append(f"seed {record.seed}")
    if len(record.images) > 1:
        parts.append(f"picture {record.picked} of {len(record.images)}")
    parts.append("known already" if record.cached else f"{record.seconds:.1f} s")
    return ", ".join(parts)


def show_plan(
    stream: TextIO, plan: Plan, foreseen: Sequence[Foreseen], provider: str, elsewhere: str | None, where: str = ""
) -> None:
    """A plan as a table: what each step does, needs and costs. `elsewhere`: what it would cost with a key, in words.
    `where` goes behind commands about its journal."""
    console = Console(file=stream, highlight=False)
    console.print(Text(clean(plan.recipe.title), style="bold"))
    table = _table()
    table.add_column("step", no_wrap=True)
    table.add_column("takes", overflow="fold")
    table.add_column("does", no_wrap=True)
    table.add_column("seed", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("USD", justify="right", no_wrap=True)
    for each in foreseen:
        planned = each.planned
        seeds = [str(seed) for number in range(len(planned.requests)) if (seed := planned.seed(number)) is not None]
        table.add_row(
            Text(planned.name, style="bold"),
            Text(", ".join(planned.sources) or "text only"),
            Text(planned.model.name if planned.model else planned.operation.NAME if planned.operation else ""),
            Text("\n".join(seeds)),
            Text(each.outlook if each.calls < 2 else f"{each.outlook}: {each.calls} calls"),
            Text(f"{each.price:.4f}" if each.price else ""),
        )
    console.print(table)
    for planned in plan.steps:
        if places := _places(planned):
            console.print(Text(f"{planned.name}: {places}", style="dim"), soft_wrap=True)
        if planned.requests and (prompt := _prompt(planned)):
            console.print(Text(f"{planned.name}: {prompt}", style="dim"), no_wrap=True, overflow="ellipsis")
    for each in foreseen:
        if each.outlook in {"in doubt", "skipped"}:
            words = f"{each.planned.name} is {each.outlook}: the run will fail there, and skip what needs it; "
            console.print(Text(f"{words}see `retouch journal{where}`", style="bold yellow"), soft_wrap=True)
    calls, total = sum(each.calls for each in foreseen), sum(each.price for each in foreseen)
    cost = f"at most {total:.4f} USD" if elsewhere is None else f"free, as a rehearsal is; {elsewhere}"
    console.print(Text(f"\n{_counted(calls, 'call')} on {provider}, {cost}; seed of the run: {plan.seed}"))
    if plan.recipe.budget is not None:
        console.print(Text(f"budget: {plan.recipe.budget} USD"))
        if round(total, 6) > plan.recipe.budget:
            console.print(Text("over the budget: `run` will refuse to start", style="bold yellow"))


def _places(planned: PlannedStep) -> str:
    """What each picture of a step becomes, where the request has several places for them; else empty."""
    places = planned.model.layout.places(len(planned.sources)) if planned.model else []
    if len(set(places)) < 2:
        return ""
    pairs = zip(planned.sources, places, strict=False)
    return clean(", ".join(f"{source} as {place.path[-1]}" for source, place in pairs))


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _prompt(planned: PlannedStep) -> str:
    asked = planned.model and planned.model.layout.prompt
    return clean(" ".join(str(layout.get(planned.requests[0], asked) or "").split())) if asked else ""


def show_models(stream: TextIO, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Models as a table: name, title, pictures it takes, price."""
    table = _table("model", "title", "pictures", "USD per image")
    for row in rows:
        table.add_row(*(Text(clean_line(each)) for each in row))
    Console(file=stream, highlight=False).print(table)


def show_settings(stream: TextIO, rows: Iterable[tuple[str, Mapping[str, Any], str]]) -> None:
    """The settings of one model as a table. Each row: name, with dots where it stands in blocks; schema; where it has
    to be given, in words, else empty. Names are never broken: a long one has a line of its own, above its row."""
    console = Console(file=stream, highlight=False)
    rows = [(clean_line(name), schema, needed) for name, schema, needed in rows]
    longest, widest = console.width * 2 // 5, console.width // 4
    cells = [(name, *_setting_words(schema, needed)) for name, schema, needed in rows]
    beside = max((len(name) for name, *_ in cells if len(name) <= longest), default=0)
    widths = [beside, *(min(widest, max(len(row[at]) for row in cells)) for at in (1, 2))]
    part = _settings_table(widths, headed=True)
    for name, *words in cells:
        if len(name) > longest:
            console.print(part)
            console.print(Text(name, style="bold"), soft_wrap=True)
            part = _settings_table(widths, headed=False)
        part.add_row(Text(name if len(name) <= longest else "", style="bold"), *map(Text, words))
    console.print(part)


def _setting_words(schema: Mapping[str, Any], needed: str) -> tuple[str, str, str]:
    default = schema.get("default", "")
    if isinstance(default, (bool, int, float)):
        default = as_written(default)
    shown = default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
    return clean_line(allowed(schema) or "any"), needed or clean_line(shown), clean(str(schema.get("description", "")))


def _settings_table(widths: Sequence[int], *, headed: bool) -> Table:
    """A part of the table of settings; all parts have columns of the same widths, and the last takes the rest."""
    table = _table("setting", "values", "default", "meaning")
    table.show_header = headed
    for column, width in zip(table.columns, widths, strict=False):
        column.width = max(width, len(str(column.header)))
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
