"""`retouch run`: from a recipe to finished pictures."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Coroutine, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from runner import __version__
from runner.artifact import Artifact, xmp
from runner.cli import start, wiring
from runner.cli.wiring import House
from runner.engine.call import Caller
from runner.engine.foresight import foresee
from runner.engine.run import final_images, run_item
from runner.engine.step import Price
from runner.errors import OverBudget, UsageError
from runner.operation import Provider
from runner.plan import Plan
from runner.records import ItemRecord, RunRecord
from runner.report.console import Teller
from runner.report.summary import full, summary
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
    run_seed, drawn = start.seed(recipe, built, store, wishes.seed)
    plan = start.plan_of(recipe, built, item, run_seed)
    teller = Teller(sys.stderr, quiet=wishes.quiet)
    provider, notice = wiring.provider(wishes.provider, built, teller.note)
    price: Price = (lambda _: 0.0) if provider.realm == "rehearsal" else built.price
    _check_budget(plan, store, provider, price, wishes.most_cost)
    teller.opening(plan, notice)
    if drawn:
        teller.note(f"seed {run_seed}, drawn for this recipe; write `seed: {run_seed}` into it to keep it for good\n")
    began, begun = datetime.now(UTC), time.monotonic()
    ended = _until_done(
        _work(plan, provider, Caller(provider, store, concurrency=built.settings.concurrency), price, teller)
    )
    record = RunRecord(
        run=f"{began:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        recipe=recipe.name,
        provider=provider.name,
        realm=provider.realm,
        items=(ended,),
        traffic=provider.traffic,
        started=began.isoformat(timespec="seconds"),
        seconds=time.monotonic() - begun,
    )
    folder = wishes.output or _from_here(built.workspace.results(record.run))
    _write(record, plan, store, folder, teller, as_json=wishes.as_json)
    return record.exit_code


async def _work(plan: Plan, provider: Provider, caller: Caller, price: Price, teller: Teller) -> ItemRecord:
    try:
        return await run_item(plan, caller, price, teller.hear, time.monotonic)
    finally:
        await provider.close()


def _until_done(work: Coroutine[Any, Any, ItemRecord]) -> ItemRecord:
    """Run to the end. An interrupt lets answers in flight arrive, so that what is bought is known to the next run."""

    async def whole() -> ItemRecord:
        task = asyncio.current_task()
        assert task is not None
        if os.name == "posix":
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(whole())
    except KeyboardInterrupt:
        click.echo(_RESUME, err=True)
        raise click.exceptions.Exit(130) from None
    except asyncio.CancelledError:
        click.echo(_RESUME, err=True)
        raise click.exceptions.Exit(143) from None


_RESUME = "\nretouch: interrupted. Run the same command again: what was bought is collected, what is done is kept."


def _check_budget(plan: Plan, store: Store, provider: Provider, price: Price, most: float | None) -> None:
    limits = [float(limit) for limit in (plan.recipe.budget, most) if limit is not None]
    cost = sum(each.price for each in foresee(plan, store, provider.realm, price))
    if limits and cost > min(limits):
        raise OverBudget(
            f"this run could cost {cost:.4f} USD, more than the {min(limits):.4f} USD allowed; nothing was sent",
            hint="see `retouch plan` for the cost of each step",
        )


def _write(record: RunRecord, plan: Plan, store: Store, folder: Path, teller: Teller, *, as_json: bool) -> None:
    """Pictures, `run.json` and the last words of one run."""
    results = Results(folder)
    files: dict[tuple[str, str], list[str]] = {}
    (item,) = record.items
    stand_ins = _stand_ins(plan, item)
    for number, step in enumerate(item.steps, 1):
        names = []
        for candidate, image in enumerate(step.images, 1):
            which = f".{candidate}" if len(step.images) > 1 else ""
            names.append(f"steps/{number:02}-{step.step}{which}.{image.extension}")
            _put(results, names[-1], image, step.step, stand_ins, record, store)
        files[item.item, step.step] = names
    finals = final_images(plan, item)
    shown = []
    for name, image in finals.items():
        which = name if len(item.finals) > 1 else ""
        final = f"{file_name(item.item, record.recipe, which)}.{image.extension}"
        _put(results, final, image, name, stand_ins, record, store)
        files.setdefault((item.item, ""), []).append(final)
        shown.append((str(folder / final), image.width, image.height))
    recipe = {"file": plan.recipe.document.file, "text_digest": plan.recipe.text_digest, "title": plan.recipe.title}
    inputs = dict(plan.item.values) | {name: image.to_json() for name, image in plan.item.images.items()}
    more = {"rehearsal": bool(stand_ins), "retouch": __version__, "recipe_text": recipe, "inputs": inputs}
    results.finish(full(record, files, more))
    if as_json:
        placed = {key: [str(folder / name) for name in names] for key, names in files.items()}
        click.echo(json.dumps(summary(record, placed), ensure_ascii=False))
    teller.closing(record, shown, str(folder))


def _stand_ins(plan: Plan, item: ItemRecord) -> Set[str]:
    """Steps and inputs whose pictures are stand-ins: the emulator says so in its own, operations pass it on."""
    found = {name for name, image in plan.item.images.items() if image.rehearsal}
    for planned, step in zip(plan.steps, item.steps, strict=True):
        passed_on = planned.operation is not None and any(source in found for source in planned.sources)
        if passed_on or any(image.rehearsal for image in step.images):
            found.add(planned.name)
    return found


def _put(
    results: Results, name: str, image: Artifact, step: str, stand_ins: Set[str], record: RunRecord, store: Store
) -> None:
    """One picture of a step, out of the store. A stand-in says so in its metadata, whatever becomes of the file."""
    if step not in stand_ins:
        results.put(name, store.blobs.path(image.digest))
        return
    facts = xmp.REHEARSAL | {"recipe": record.recipe, "step": step}
    packet = xmp.make_packet(f"retouch {__version__}", facts)
    results.put_bytes(name, xmp.with_packet(store.blobs.get(image.digest), packet))


def _from_here(folder: Path) -> Path:
    """A folder as a path from here, where it lies below."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
