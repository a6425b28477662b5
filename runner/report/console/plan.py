"""The plan of a run as a person reads it: a table of steps, what each paid step asks for, the sum.

No name is ever broken. Where the table does not fit, pictures stand below each other, and where that is still too wide,
each step has a few lines of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from runner.engine.foresight import Foreseen
from runner.plan import PlannedStep
from runner.report.console.lines import filled, show_field, show_line, show_words, value_text
from runner.report.prospect import Prospect, prompt, settings
from runner.report.words import PRICE_WANTED, clean, clean_line, counted, enumerated

_GAP = 2
_STYLES = {"cached": "green", "to pay": "yellow", "in doubt": "bold red", "skipped": "bold red", "off": "dim"}


def show_plan(stream: TextIO, prospect: Prospect, *, where: str = "", whole_prompts: bool = False) -> None:
    """A plan: what each step takes, does, asks for and costs; why it has to be paid; the sum, and what it crosses.

    `where` goes behind commands about its journal. Prompts are cut to one line, unless they are wanted whole.
    """
    console = Console(file=stream, highlight=False)
    plan = prospect.plan
    item = f", with {clean_line(plan.item.name)}" if plan.item.name else ""
    console.print(Text.assemble((clean_line(plan.recipe.title), "bold"), item))
    console.print()
    for line in _overview(prospect, console.width):
        show_line(console, line)
    for each in prospect.foreseen:
        if each.planned.requests:
            console.print()
            _show_request(console, each, prospect.reasons.get(each.planned.name, ()), whole_prompts)
    console.print()
    _show_troubles(console, prospect, where)
    _show_sum(console, prospect)


def _overview(prospect: Prospect, width: int) -> Iterator[Text]:
    """The table of all steps, in the widest form that fits."""
    heads = ("step", "takes", "does", "status", "USD" if prospect.with_key is None else "with a key")
    pairs = zip(prospect.foreseen, prospect.priced, strict=True)
    rows = [_row(each, _price(priced, prospect)) for each, priced in pairs]
    for below in (False, True):
        told = [_told(row[1], below=below) for row in rows]
        cells = [(row[0], max(takes, key=cell_len), *row[2:]) for row, takes in zip(rows, told, strict=True)]
        widths = [max(map(cell_len, column)) for column in zip(heads, *cells, strict=True)]
        if sum(widths) + _GAP * (len(widths) - 1) <= width:
            yield _line(heads, widths, "dim")
            for row, takes in zip(rows, told, strict=True):
                yield _line((row[0], takes[0], *row[2:]), widths, status=row[3])
                yield from (_line(("", more, "", "", ""), widths) for more in takes[1:])
            return
    for name, sources, does, status, price in rows:
        yield Text(name, style="bold")
        yield from (Text(f"  {part}") for part in [does] if part)
        yield from filled("  takes ", ", ".join(sources) or "text only", width)
        cost = f"{price} USD" if price[:1].isdecimal() else price
        yield Text.assemble("  ", (status, _style(status)), f", {cost}" if cost else "")


def _price(priced: Foreseen, prospect: Prospect) -> str:
    """What a step costs; empty where that is nothing."""
    if prospect.has_no_price(priced):
        return "price not known"
    return f"{priced.price:.4f}" if priced.price else ""


def _row(each: Foreseen, price: str) -> tuple[str, Sequence[str], str, str, str]:
    planned = each.planned
    does = planned.model.name if planned.model else planned.operation.NAME if planned.operation else ""
    status = each.outlook if each.calls < 2 else f"{each.outlook}: {each.calls} calls"
    return planned.name, planned.sources, clean_line(does), status, price


def _told(sources: Sequence[str], *, below: bool) -> list[str]:
    """What a step takes, on one line or below each other."""
    if not sources:
        return ["text only"]
    return [f"{source}," for source in sources[:-1]] + [sources[-1]] if below else [", ".join(sources)]


def _line(cells: Sequence[str], widths: Sequence[int], style: str = "", *, status: str = "") -> Text:
    line = Text(style=style)
    for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        room = " " * (width - cell_len(cell))
        last = at == len(cells) - 1
        own = "bold" if at == 0 and not style else _style(status) if at == 3 and status else ""
        line.append(f"{room}{cell}" if last else cell, style=own)
        line.append("" if last else room + " " * _GAP)
    line.rstrip()
    return line


def _style(status: str) -> str:
    return _STYLES.get(status.partition(":")[0], "")


def _show_request(console: Console, each: Foreseen, reasons: Sequence[str], whole: bool) -> None:
    """What one paid step asks for, and why it has to be paid."""
    planned = each.planned
    show_line(console, Text(planned.name, style="bold"))
    rows = [("why", "; ".join(map(clean_line, reasons)))] if reasons else []
    seeds = [str(seed) for number in range(len(planned.requests)) if (seed := planned.seed(number)) is not None]
    rows += [("seed" if len(seeds) == 1 else "seeds", ", ".join(seeds))] if seeds else []
    given = [f"{name} {value_text(value)}" for name, value in settings(planned).items()]
    rows += [("settings", ", ".join(given))] if given else []
    rows += [("pictures", places)] if (places := _places(planned)) else []
    for label, words in rows:
        show_field(console, label, words)
    asked = prompt(planned)
    if asked and whole:
        show_field(console, "prompt", clean(asked))
    elif asked:
        start = Text(clean_line(asked))
        start.truncate(max(8, console.width - 12), overflow="ellipsis")
        show_field(console, "prompt", start.plain)


def _places(planned: PlannedStep) -> str:
    """What each picture of a step becomes, where the request has several places for them; else empty."""
    places = planned.model.layout.places(len(planned.sources)) if planned.model else []
    if len(set(places)) < 2:
        return ""
    pairs = zip(planned.sources, places, strict=False)
    return clean_line(", ".join(f"{source} as {place.path[-1]}" for source, place in pairs))


def _show_troubles(console: Console, prospect: Prospect, where: str) -> None:
    for each in prospect.foreseen:
        if each.outlook in {"in doubt", "skipped"}:
            words = f"{each.planned.name} is {each.outlook}: the run will fail there, and skip what needs it; "
            show_words(console, f"{words}see `retouch journal{where}`", "bold yellow")


def _show_sum(console: Console, prospect: Prospect) -> None:
    """What the run costs and what it may cost, and who says what a picture costs."""
    free = "" if prospect.with_key is None else "free, as a rehearsal is; with a key, "
    parts = [_range(prospect)] if prospect.most or not prospect.without_price else []
    unknown = enumerated(list(map(clean_line, prospect.without_price)))
    parts += [f"what {unknown} cost{'s' if len(prospect.without_price) == 1 else ''}"] if unknown else []
    calls = counted(prospect.calls, "call")
    show_words(console, f"{calls} on {clean_line(prospect.provider)}, {free}{' and '.join(parts)}")
    if prospect.least < prospect.most:
        words = "the lower sum is sure, if no step fails; the higher one counts each call that may be needed"
        show_words(console, words, "dim")
    for limit, name in prospect.limits:
        show_words(console, f"{name.strip('`:')}: {limit} USD")
    _show_crossing(console, prospect)
    _show_unpriced(console, prospect)
    for model, tariff in prospect.tariffs.items():
        words = f"{clean_line(model)}: {tariff.usd:g} USD a picture ({clean_line(tariff.by)})"
        show_words(console, words, "dim")
    show_words(console, f"seed of the run: {prospect.plan.seed}", "dim")


def _range(prospect: Prospect) -> str:
    least, most = f"{prospect.least:.4f}", f"{prospect.most:.4f}"
    return f"{most} USD" if least == most else f"{least} to {most} USD"


def _show_crossing(console: Console, prospect: Prospect) -> None:
    over = prospect.crossing
    if over is None:
        return
    refusal = "over the budget: `run` will refuse to start"
    if prospect.with_key is not None:
        refusal = "with a key, `run` would refuse to start"  # a rehearsal costs nothing
    certain = "comes" if over.surely else "could come"
    words = f"{refusal}. With {over.step} the sum {certain} above the {over.limit} USD of {over.by}; "
    words += f"in all it is {over.over:.4f} USD too much"
    show_words(console, words, "bold yellow")


def _show_unpriced(console: Console, prospect: Prospect) -> None:
    """That a paid run wants to know every price, and where to write those that are missing."""
    if not prospect.without_price:
        return
    refusal = "`run` will refuse to start" if prospect.with_key is None else "with a key, `run` would refuse to start"
    models = [clean_line(model) for model in prospect.without_price]
    show_words(console, f"{refusal}: no price is known for {enumerated(models)}", "bold yellow")
    show_words(console, f"{PRICE_WANTED}:")
    for line in ("[prices]", *(f"{model} = …" for model in models)):
        show_line(console, Text(f"  {line}"))
