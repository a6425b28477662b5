"""What a terminal shows while a run goes on. Lines are plain, and never broken, when piped; colours follow NO_COLOR.

Telling never ends a run: when nobody listens any more, the teller falls silent and the run goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.status import Status
from rich.text import Text

from runner.plan import Plan
from runner.records import Event, MoreThanAsked, PicturesLost, RunRecord, StepEnded, StepRecord, StepStarted
from runner.report.journal import step_of, to_decide
from runner.report.words import clean, counted, wrapped
from runner.store.entry import Entry

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
        self._room = self._console.width if self._console.is_terminal else None
        self._quiet = quiet
        self._width = 0
        self._waiting: dict[str, None] = {}
        self._status: Status | None = None

    def opening(self, plan: Plan, notice: str | None) -> None:
        """Title of the run, and what must not be overlooked."""
        self._width = max((len(step.name) for step in plan.steps), default=0)
        self._say(Text(clean(plan.recipe.title), style="bold"))
        if notice:
            self._say(self._filled(notice, "bold yellow"))
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
            words = f"! {event.step}: the host made {counted(event.made, 'picture')} where at most {event.asked} "
            words += f"{'was' if event.asked == 1 else 'were'} asked for; each is on the bill"
            self._print(self._filled(words, "bold yellow"))
        elif isinstance(event, PicturesLost):
            lost = "a picture" if len(event.why) == 1 else f"{len(event.why)} pictures"
            words = f"! {event.step}: {lost} of a paid call cannot be had ({event.why[0]}); what came is kept"
            self._print(self._filled(words, "bold yellow"))

    def note(self, text: str) -> None:
        """A line of its own."""
        self._say(self._filled(text))

    def quote(self, text: str) -> None:
        """Lines that stay as they are."""
        self._say(Text(clean(text)))

    def warn(self, text: str) -> None:
        """What has to be known, however quiet the run is."""
        self._print(self._filled(f"! {text}", "bold yellow"))

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
            self._print(self._filled(f"✗ {failure.step}: {failure.message}", "red"))
            if failure.hint and not (failure.kind == "in-doubt" and failure.step in map(step_of, doubts)):
                self._print(self._filled(f"  {failure.hint}"))
        asked = counted(run.traffic.submits, "request") if run.traffic.submits else "no request"
        cost = "a rehearsal costs nothing" if run.realm == "rehearsal" else f"paid {run.paid:.4g} USD by the price list"
        self._say(Text(f"{asked} for pictures; {cost}", style="dim"))
        if doubts:
            self.warn(to_decide(doubts, where))
        elif run.at_stake:
            words = f"what is in doubt may cost up to {run.at_stake:.4g} USD more"
            self.warn(f"{words}: decide about it with `retouch journal`")

    def _filled(self, words: str, style: str = "") -> Text:
        """A sentence, on as many lines of the terminal as it takes."""
        return Text(wrapped(clean(words), self._room), style=style)

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
        name = record.step.ljust(self._width)
        indent = len(name) + 6
        lines = wrapped(told, self._room and self._room - indent).replace("\n", "\n" + " " * indent)
        self._say(Text.assemble("  ", (mark, style), " ", (name, "bold"), "  ", lines))


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
