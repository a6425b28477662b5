"""What a terminal shows while a run goes on, and tables. Lines are plain when piped; colours follow NO_COLOR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.engine.foresight import Foreseen
from runner.plan import Plan, PlannedStep
from runner.records import Event, RunRecord, StepEnded, StepRecord
from runner.report.words import clean

_MARKS = {"done": ("✓", "green"), "failed": ("✗", "bold red"), "skipped": ("–", "yellow"), "off": ("·", "dim")}


class Teller:
    """Tells a person how a run goes, on one stream."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True, quiet=quiet)
        self._width = 0

    def opening(self, plan: Plan, notice: str | None) -> None:
        """Title of the run, and what must not be overlooked."""
        self._width = max((len(step.name) for step in plan.steps), default=0)
        self._console.print(Text(clean(plan.recipe.title), style="bold"))
        if notice:
            self._console.print(Text(clean(notice), style="bold yellow"))
        self._console.print()

    def hear(self, event: Event) -> None:
        """One line for each step that has ended."""
        if isinstance(event, StepEnded):
            self._step(event.record)

    def note(self, text: str) -> None:
        """A line of its own."""
        self._console.print(Text(clean(text)))

    def closing(self, run: RunRecord, outputs: Sequence[tuple[str, int, int]], folder: str) -> None:
        """Where the pictures are, what failed, what it cost. `outputs`: path, width and height of each result."""
        self._console.print()
        for path, width, height in outputs:
            self._console.print(Text.assemble((clean(path), "bold"), f"  {width} × {height}"))
        self._console.print(Text(f"every step's picture and run.json: {clean(folder)}", style="dim"))
        for failure in run.failures:
            self._console.print(Text(f"✗ {failure.step}: {clean(failure.message)}", style="red"))
            if failure.hint:
                self._console.print(Text(f"  {clean(failure.hint)}"))
        sent = run.traffic
        requests = f"{sent.submits} submits, {sent.polls} polls, {sent.downloads} downloads"
        cost = "a rehearsal costs nothing" if run.realm == "rehearsal" else f"paid {run.paid:.4g} USD by the price list"
        self._console.print(Text(f"{requests}; {cost}", style="dim"))

    def _step(self, record: StepRecord) -> None:
        mark, style = _MARKS[record.status]
        told = {
            "done": _done_words(record),
            "failed": clean(record.failure.message) if record.failure else "",
            "skipped": "skipped, because a step before it failed",
            "off": "off, because its condition is false",
        }[record.status]
        self._console.print(
            Text.assemble("  ", (mark, style), " ", (record.step.ljust(self._width), "bold"), "  ", told)
        )


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


def show_plan(stream: TextIO, plan: Plan, foreseen: Sequence[Foreseen], provider: str) -> None:
    """A plan as a table: what each step will do, need and cost."""
    console = Console(file=stream, highlight=False)
    console.print(Text(clean(plan.recipe.title), style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("step", "takes", "does", "seed", "status"):
        table.add_column(heading, overflow="fold")
    table.add_column("USD", justify="right")
    for each in foreseen:
        seeds = [
            str(value)
            for number in range(len(each.planned.requests))
            if (value := each.planned.seed(number)) is not None
        ]
        table.add_row(
            Text(each.planned.name, style="bold"),
            ", ".join(each.planned.sources) or "text only",
            _does(each.planned),
            "\n".join(seeds),
            each.outlook if each.calls < 2 else f"{each.outlook}: {each.calls} calls",
            f"{each.price:.4f}" if each.price else "",
        )
    console.print(table)
    total = sum(each.price for each in foreseen)
    calls = sum(each.calls for each in foreseen)
    console.print(Text(f"\n{calls} paid calls on {provider}, at most {total:.4f} USD; seed of the run: {plan.seed}"))
    if plan.recipe.budget is not None:
        console.print(Text(f"budget: {plan.recipe.budget} USD"))


def _does(planned: PlannedStep) -> str:
    if planned.model is not None:
        prompt = clean(" ".join(str(planned.requests[0].get("prompt", "")).split()))
        return f"{planned.model.name}: {prompt if len(prompt) <= 90 else prompt[:89] + '…'}"
    return planned.operation.NAME if planned.operation is not None else ""


def show_models(stream: TextIO, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Models as a table: name, title, pictures it takes, price."""
    console = Console(file=stream, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("model", "title", "pictures", "USD per image"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*(Text(clean(each)) for each in row))
    console.print(table)


def show_settings(stream: TextIO, properties: Mapping[str, Mapping[str, Any]]) -> None:
    """The parameters of one model as a table: name, what it may be, default, meaning."""
    console = Console(file=stream, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("setting", "values", "default", "meaning"):
        table.add_column(heading, overflow="fold")
    for name, schema in properties.items():
        default = schema.get("default", "")
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        table.add_row(Text(name, style="bold"), _values(schema), shown, clean(str(schema.get("description", ""))))
    console.print(table)


def _values(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(each) for each in schema["enum"])
    if "x-dimension" in schema:
        size = schema["x-dimension"]
        return f"width{size['separator']}height, each {size.get('minimum', '?')} to {size.get('maximum', '?')}"
    kind = {"integer": "whole number", "number": "number", "boolean": "true, false", "string": "text", "array": "list"}
    name = kind.get(str(schema.get("type")), str(schema.get("type", "any")))
    if "minimum" in schema or "maximum" in schema:
        return f"{name} {schema.get('minimum', '…')} to {schema.get('maximum', '…')}"
    return name
