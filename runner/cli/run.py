"""`retouch run`: from a recipe to finished pictures."""

from __future__ import annotations

import contextlib
import json
import math
import secrets
import shlex
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import click

from runner import __version__, workspace
from runner.artifact import Artifact, xmp
from runner.cli import retirement, start, wiring
from runner.cli.dollars import Dollars, limits
from runner.cli.one_recipe import OneRecipe
from runner.cli.output import width
from runner.cli.stopping import Stopped, until_done
from runner.cli.wiring import House
from runner.clock import Clock
from runner.engine.buying import Buyer
from runner.engine.call import Caller
from runner.engine.foresight import foresee
from runner.engine.purse import Purse
from runner.engine.rate import Rates
from runner.engine.run import final_images, run_item
from runner.engine.sending import Halt
from runner.errors import Damaged, OutOfReach, OverBudget, UsageError
from runner.novita.client import Limits
from runner.operation import Provider
from runner.plan import Plan
from runner.records import ItemRecord, Price, RunRecord
from runner.report import journal
from runner.report.console import Teller
from runner.report.summary import full, summary
from runner.report.words import clean, diagnostics_text
from runner.secrecy import without_queries
from runner.store.entry import Entry
from runner.store.store import Store
from runner.workspace import Results, file_name

BYTES_OF_A_PICTURE = 4_000_000
"""What a picture takes, in the store and in the results: twice a PNG of a million pixels."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of one `run`."""

    recipe: Path
    inputs: tuple[str, ...]
    allow_url: bool
    provider: str | None
    seed: str | None
    most_cost: float | None
    output: Path | None
    as_json: bool
    quiet: bool

    def again(self, seed: int) -> str:
        """The command that goes on with a run of this seed; addresses without their queries, in which keys travel."""
        told = [without_queries(pair) if self.allow_url else pair for pair in self.inputs]
        words = ["retouch", "run", str(self.recipe), *(word for pair in told for word in ("-i", pair))]
        words += ["--allow-url"] if self.allow_url else []
        words += ["--provider", self.provider] if self.provider else []
        words += ["--seed", str(seed) if self.seed == "new" else self.seed] if self.seed else []
        words += ["--max-cost", f"{self.most_cost:g}"] if self.most_cost is not None else []
        words += ["-o", str(self.output)] if self.output else []
        return shlex.join([*words, *(["--json"] if self.as_json else []), *(["-q"] if self.quiet else [])])


@click.command(cls=OneRecipe)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("-i", "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="Give an input; repeat for more.")
@start.allow_url
@click.option("--provider", metavar="NAME", help="novita, emulator, or one of another package.")
@click.option("--seed", metavar="N|new", help="A seed instead of the recipe's; `new` draws one.")
@click.option("--max-cost", type=Dollars(), metavar="USD", help="Refuse to start when it could cost more.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
@click.option("-q", "--quiet", is_flag=True, help="Tell only what goes wrong.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for another run in this workspace to end, instead of giving up at once.",
)
@click.option("--table", hidden=True, help="Not in this version.")
def run(
    recipe: Path,
    inputs: tuple[str, ...],
    allow_url: bool,
    provider: str | None,
    seed: str | None,
    max_cost: float | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    wait: float,
    table: str | None,
) -> int:
    """Run RECIPE: a file, or the name of one that comes with retouch.

    Without a key the built-in emulator paints labelled stand-ins, free of charge. What was made before is not made,
    or paid, again.
    """
    if output is not None and output.exists() and not output.is_dir():  # e.g. a device
        raise UsageError(f"-o {output}: that is not a folder")
    if table is not None:
        raise UsageError("tables of items are not in this version of retouch", hint="run the recipe once for each row")
    wiring.use_utf8()
    wishes = Wishes(recipe, inputs, allow_url, provider, seed, max_cost, output, as_json, quiet)
    built = wiring.house(recipe)
    with built.workspace.held(wait):
        clock = wiring.system_clock()
        store = Store.open(built.workspace.state, clock)
        try:
            return _run(built, store, wishes, clock)
        finally:
            store.close()


def _run(built: House, store: Store, wishes: Wishes, clock: Clock) -> int:
    began, begun = datetime.now(UTC), clock.monotonic()
    run = f"{began:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    recipe = built.recipe()
    tell = partial(click.echo, err=True) if not wishes.quiet else lambda _: None
    item = start.item(recipe, built, store, wishes.inputs, allow_url=wishes.allow_url, tell=tell)
    run_seed, drawn = start.seed(recipe, built, store, wishes.seed, keep=True)
    plan = start.plan_of(recipe, built, item, run_seed)
    teller = Teller(sys.stderr, quiet=wishes.quiet)
    for warning in store.journal.warnings:
        teller.warn(warning)

    provider, notice = wiring.provider(wishes.provider, built, store, teller.note)
    rate_limit = wiring.rate_limit(provider, built.settings)

    def waiting(model: str, most: int) -> None:
        pictures = f"{most} picture{'' if most == 1 else 's'} a minute"
        lowered = most < (rate_limit(model) or math.inf)
        told = f"the host wants fewer; at most {pictures} for a while" if lowered else f"waiting, at most {pictures}"
        teller.note(f"{model}: {told}")

    def stopping() -> None:
        teller.warn(_stopping_words(plan))

    price: Price = start.nothing if provider.realm == "rehearsal" else built.price
    folder = wishes.output or Path(wiring.from_here(built.workspace.results(run)))
    _check_before(plan, store, provider, price, wishes.most_cost, [built.workspace.state, folder])
    results = Results(folder, recipe.name, [item.name])
    teller.opening(plan, notice)
    if warnings := [*recipe.warnings, *retirement.warnings(recipe, provider.name, built.settings)]:
        teller.quote(diagnostics_text(warnings, width(sys.stderr)) + "\n")
    if drawn:
        teller.note(f"seed {run_seed}, drawn for this recipe; write `seed: {run_seed}` into it to keep it for good\n")
    purse = Purse(_limit(plan, wishes.most_cost))
    rates = Rates(rate_limit, clock, store.journal.sent(provider.origin["host"]), waiting)
    halt = Halt(rates)
    buyer = Buyer(provider, store, run=run, price=price, purse=purse, rates=rates, halt=halt)
    caller = Caller(buyer, store, concurrency=built.settings.concurrency, recipe=built.workspace.recipe_key)
    where = built.workspace.option_for(wishes.recipe)
    try:
        ended = until_done(_work(plan, provider, caller, teller, clock), halt.interrupt, stopping)
    except Stopped as stopped:
        results.abandon()
        teller.hush()
        with contextlib.suppress(OSError):
            click.echo(f"\nretouch: {_last_words(store, run, wishes.again(run_seed), where)}", err=True)
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
        seconds=clock.monotonic() - begun,
    )
    _write(record, plan, store, results, teller, built.workspace.recipe_key, where, as_json=wishes.as_json)
    return record.exit_code


async def _work(plan: Plan, provider: Provider, caller: Caller, teller: Teller, clock: Clock) -> ItemRecord:
    try:
        return await run_item(plan, caller, teller.hear, clock.monotonic)
    finally:
        teller.hush()
        await provider.close()


def _stopping_words(plan: Plan) -> str:
    """What the first interrupt is answered with, while something is waited for."""
    at_once = any(step.model is not None and step.model.sync for step in plan.steps)
    long = "for a while" if at_once else f"some {Limits().goodbye:g} s at most"
    return f"stopping: answers that are under way are waited for, {long}; interrupt again to leave at once"


def _doubts(store: Store, record: RunRecord) -> list[Entry]:
    """The calls in doubt for which steps of this run failed, whichever run sent them."""
    failed = {(item.item, each.step) for item in record.items for each in item.failures if each.kind == "in-doubt"}
    waiting = [each for each in store.journal.open() if each.standing == "in doubt"]
    return [
        each
        for each in waiting
        if each.order.recipe == record.recipe and (each.order.item, journal.step_of(each)) in failed
    ]


def _last_words(store: Store, run: str, again: str, where: str) -> str:
    """What a run that was told to stop leaves behind, and how to go on."""
    left: list[Entry] = []
    with contextlib.suppress(OutOfReach, Damaged):
        left = [each for each in store.journal.open() if each.order.run == run and each.standing == "in doubt"]
    doubts = f"\n{journal.to_decide(left, where)}" if left else ""
    kept = "What is done is kept; what the host has accepted, the next run collects; go on with:"
    return f"interrupted. {kept}\n  {again}{doubts}"


def _limit(plan: Plan, most: float | None) -> Decimal | None:
    """The most that a run may cost, in US dollars: the lower one of the recipe's budget and `--max-cost`."""
    return min(limits(plan.recipe.budget, most), default=(None,))[0]


def _check_before(
    plan: Plan, store: Store, provider: Provider, price: Price, most: float | None, folders: Sequence[Path]
) -> None:
    """Refuse to start what could not end well: for want of money, or of room on the disk."""
    foreseen = foresee(plan, store, provider.realm, price)
    cost = sum((Decimal(str(each.price)) for each in foreseen), Decimal())
    limit, name = min(limits(plan.recipe.budget, most), default=(None, ""))
    if limit is not None and round(cost, 6) > limit:
        raise OverBudget(
            f"this run could cost {cost:.4f} USD, more than the {limit:.4f} USD of {name}; nothing was sent",
            hint="see `retouch plan` for the cost of each step",
        )
    store.blobs.prove()
    workspace.check_room(folders, sum(each.pictures for each in foreseen) * BYTES_OF_A_PICTURE)


def _write(
    record: RunRecord,
    plan: Plan,
    store: Store,
    results: Results,
    teller: Teller,
    recipe_key: str,
    where: str,
    *,
    as_json: bool,
) -> None:
    """Pictures, `run.json` and the last words of one run. `where` goes behind commands about its journal."""
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
    store.journal.told(record.run)  # from here on the bill is told, whoever still reads what is printed
    untold: OutOfReach | None = None
    if as_json:
        placed = {key: [str(results.folder / name) for name in names] for key, names in files.items()}
        try:
            click.echo(clean(json.dumps(summary(record, placed), ensure_ascii=False)))
        except BrokenPipeError:  # nobody wants to know
            pass
        except OutOfReach as error:  # see runner.cli.output
            untold = error
    teller.closing(record, shown, str(results.folder), _doubts(store, record), where)
    if untold is not None:
        hint = f"the results are in {results.folder}, with run.json, and nothing is lost"
        raise OutOfReach(untold.message, hint=hint)


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
