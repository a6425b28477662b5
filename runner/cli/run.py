"""`retouch run`: from a recipe to finished pictures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import secrets
import signal
import sys
import time
from collections.abc import Coroutine, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from runner import __version__
from runner.artifact import Artifact, xmp
from runner.cli import start, wiring
from runner.cli.wiring import House
from runner.engine.call import Caller, Price
from runner.engine.foresight import foresee
from runner.engine.run import final_images, run_item
from runner.errors import Damaged, OutOfReach, OverBudget, UsageError
from runner.operation import Provider
from runner.plan import Plan
from runner.records import ItemRecord, RunRecord
from runner.report.console import Teller
from runner.report.summary import full, summary
from runner.report.words import diagnostics_text
from runner.store.store import Store
from runner.workspace import Results, file_name


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of one `run`."""

    inputs: tuple[str, ...]
    provider: str | None
    seed: str | None
    most_cost: float | None
    output: Path | None
    as_json: bool
    quiet: bool


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("-i", "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="Give an input; repeat for more.")
@click.option("--provider", metavar="NAME", help="novita, emulator, or one of another package.")
@click.option("--seed", metavar="N|new", help="A seed instead of the recipe's; `new` draws one.")
@click.option(
    "--max-cost", type=click.FloatRange(min=0), metavar="USD", help="Refuse to start when it could cost more."
)
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option("-q", "--quiet", is_flag=True, help="Tell only what goes wrong.")
@click.option("--table", hidden=True, help="Not in this version.")
def run(
    recipe: Path,
    inputs: tuple[str, ...],
    provider: str | None,
    seed: str | None,
    max_cost: float | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    table: str | None,
) -> int:
    """Run RECIPE: a file, or the name of one that comes with retouch.

    Without a key the built-in emulator paints labelled stand-ins, free of charge. What was made before is not made,
    or paid, again.
    """
    if max_cost is not None and not math.isfinite(max_cost):
        raise UsageError("--max-cost: expected a sum in US dollars, like 0.50")
    if table is not None:
        raise UsageError("tables of items are not in this version of retouch", hint="run the recipe once for each row")
    wiring.use_utf8()
    wishes = Wishes(inputs, provider, seed, max_cost, output, as_json, quiet)
    built = wiring.house(recipe)
    with built.workspace.held():
        store = Store.open(built.workspace.state)
        try:
            return _run(built, store, wishes)
        finally:
            store.close()


def _run(built: House, store: Store, wishes: Wishes) -> int:
    recipe = built.recipe()
    item = start.item(recipe, built, store, wishes.inputs)
    run_seed, drawn = start.seed(recipe, built, store, wishes.seed, keep=True)
    plan = start.plan_of(recipe, built, item, run_seed)
    teller = Teller(sys.stderr, quiet=wishes.quiet)
    provider, notice = wiring.provider(wishes.provider, built, teller.note)
    price: Price = (lambda _: 0.0) if provider.realm == "rehearsal" else built.price
    _check_budget(plan, store, provider, price, wishes.most_cost)
    began, begun = datetime.now(UTC), time.monotonic()
    run = f"{began:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    results = Results(wishes.output or _from_here(built.workspace.results(run)), recipe.name, [item.name])
    teller.opening(plan, notice)
    if recipe.warnings:
        teller.note(diagnostics_text(recipe.warnings) + "\n")
    if drawn:
        teller.note(f"seed {run_seed}, drawn for this recipe; write `seed: {run_seed}` into it to keep it for good\n")
    caller = Caller(provider, store, run=run, price=price, concurrency=built.settings.concurrency)
    try:
        ended = _until_done(_work(plan, provider, caller, teller))
    except _Stopped as stopped:
        results.abandon()
        teller.hush()
        again = "the same command" if wishes.seed != "new" else f"the same command with --seed {run_seed}"
        with contextlib.suppress(OSError):
            click.echo(f"\nretouch: {_last_words(store, run, again)}", err=True)
        raise click.exceptions.Exit(stopped.code) from None
    except BaseException:
        results.abandon()
        raise
    record = RunRecord(
        run=run,
        recipe=recipe.name,
        provider=provider.name,
        realm=provider.realm,
        items=(ended,),
        traffic=provider.traffic,
        started=began.isoformat(timespec="seconds"),
        seconds=time.monotonic() - begun,
    )
    _write(record, plan, store, results, teller, built.workspace.recipe_key, as_json=wishes.as_json)
    store.journal.billed(run)
    return record.exit_code


async def _work(plan: Plan, provider: Provider, caller: Caller, teller: Teller) -> ItemRecord:
    try:
        return await run_item(plan, caller, teller.hear, time.monotonic)
    finally:
        teller.hush()
        await provider.close()


class _Stopped(Exception):
    """The run was told to stop; `code` is what the command ends with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _until_done(work: Coroutine[Any, Any, ItemRecord]) -> ItemRecord:
    """Run to the end, or raise _Stopped. A first signal lets answers in flight arrive, so that what is bought is known
    to the next run; any second one leaves at once."""
    stopped_by = [0]
    signals = [signal.SIGINT, *([signal.SIGTERM, signal.SIGHUP] if os.name == "posix" else [])]
    found = {number: signal.getsignal(number) for number in signals}
    before = {number: handler for number, handler in found.items() if handler is not signal.SIG_IGN}  # e.g. by nohup

    async def whole() -> ItemRecord:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def stop(number: int, _: object) -> None:
            if stopped_by[0]:
                raise KeyboardInterrupt
            stopped_by[0] = number
            task.cancel()
            loop.call_soon_threadsafe(lambda: None)  # wakes the loop, which may be waiting for the network

        for number in before:
            signal.signal(number, stop)
        return await work

    try:
        return asyncio.run(whole())
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise _Stopped(128 + (stopped_by[0] or signal.SIGINT)) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _last_words(store: Store, run: str, again: str) -> str:
    """What a run that was told to stop leaves behind, and how to go on."""
    left = 0
    with contextlib.suppress(OutOfReach, Damaged):
        left = store.journal.left(run)
    words = ""
    if left:
        calls, they = ("1 call was", "it") if left == 1 else (f"{left} calls were", "them")
        words = f"{calls} left under way and may be billed; the next run says so before it buys {they} again. "
    return f"interrupted. {words}Run {again} again: what is done is kept, and what the host accepted is collected."


def _check_budget(plan: Plan, store: Store, provider: Provider, price: Price, most: float | None) -> None:
    limits = [Decimal(str(limit)) for limit in (plan.recipe.budget, most) if limit is not None]
    foreseen = foresee(plan, store, provider.realm, price)
    cost = sum((Decimal(str(each.price)) for each in foreseen), Decimal())
    if limits and round(cost, 6) > min(limits):
        raise OverBudget(
            f"this run could cost {cost:.4f} USD, more than the {min(limits):.4f} USD allowed; nothing was sent",
            hint="see `retouch plan` for the cost of each step",
        )


def _write(
    record: RunRecord, plan: Plan, store: Store, results: Results, teller: Teller, recipe_key: str, *, as_json: bool
) -> None:
    """Pictures, `run.json` and the last words of one run."""
    files: dict[tuple[str, str], list[str]] = {}
    (item,) = record.items
    stand_ins = _stand_ins(plan, item)

    def put(name: str, image: Artifact, step: str) -> str:
        data = store.blobs.get(image.digest)
        return results.put(name, _marked(data, record.recipe, step) if step in stand_ins else data)

    for number, (planned, step) in enumerate(zip(plan.steps, item.steps, strict=True), 1):
        several = len(planned.requests) > 1 or len(step.images) > 1
        for candidate, image in step.pictures:
            which = f".{candidate}" if several else ""
            name = put(f"steps/{number:02}-{step.step}{which}.{image.extension}", image, step.step)
            files.setdefault((item.item, step.step), []).append(name)
    shown = []
    for step_name, image in final_images(plan, item).items():
        which = step_name if len(item.finals) > 1 else ""
        final = put(f"{file_name(item.item, record.recipe, which)}.{image.extension}", image, step_name)
        files.setdefault((item.item, ""), []).append(final)
        shown.append((str(results.folder / final), image.width, image.height))
    recipe = {"file": recipe_key, "text_digest": plan.recipe.text_digest, "title": plan.recipe.title}
    inputs = dict(plan.item.values) | {name: image.to_json() for name, image in plan.item.images.items()}
    more = {"rehearsal": bool(stand_ins), "retouch": __version__, "recipe_text": recipe, "inputs": inputs}
    results.finish(full(record, files, more), complete=item.status == "done")
    if as_json:
        placed = {key: [str(results.folder / name) for name in names] for key, names in files.items()}
        with contextlib.suppress(BrokenPipeError):
            click.echo(json.dumps(summary(record, placed), ensure_ascii=False))
    teller.closing(record, shown, str(results.folder))


def _stand_ins(plan: Plan, item: ItemRecord) -> Set[str]:
    """Steps and inputs whose pictures are stand-ins: the emulator says so in its own, operations pass it on."""
    found = {name for name, image in plan.item.images.items() if image.rehearsal}
    for planned, step in zip(plan.steps, item.steps, strict=True):
        passed_on = planned.operation is not None and any(source in found for source in planned.sources)
        if passed_on or any(image.rehearsal for image in step.images):
            found.add(planned.name)
    return found


def _marked(data: bytes, recipe: str, step: str) -> bytes:
    """A stand-in that says so in its metadata, whatever becomes of the file."""
    packet = xmp.make_packet(f"retouch {__version__}", xmp.REHEARSAL | {"recipe": recipe, "step": step})
    return xmp.with_packet(data, packet)


def _from_here(folder: Path) -> Path:
    """A folder as a path from here, where it lies below."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
