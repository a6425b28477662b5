"""Many chains at once through the engine, over real sockets: how fast, in how much memory, and what a second run costs.

    python -m tests.bench.batch [--chains 200] [--in-flight 200] [--latency 1.0] [--least 200] [--most-memory 300]

Serves an emulator in a process of its own and works through the chains, three paid steps each, in another; then works
through them again in a third. Prints requests per second (submits, polls and downloads), the largest memory of the
working process, and what the second time took and asked. The emulator's ledger is the judge of what was bought. Exits
with 1 when a limit is not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from runner import plan
from runner.cli import wiring
from runner.cli.wiring import House
from runner.engine.buying import Buyer
from runner.engine.call import Caller
from runner.engine.purse import Purse
from runner.engine.rate import Rates
from runner.engine.run import run_item
from runner.engine.sending import Halt
from runner.inputs import Item
from runner.plan import Plan
from runner.records import Event
from runner.store.store import Store
from tests.command import environment, ledger, served

RECIPE = """
recipe: 1
inputs: {photo: {type: image, default: photo.png}, number: {type: integer}}
model: flux-1-kontext-dev
seed: 1
steps:
  - {name: one, prompt: "Chain {{ number }}, first.", settings: {size: 256*256}}
  - {name: two, prompt: "Chain {{ number }}, second.", settings: {size: 256*256}}
  - {name: three, prompt: "Chain {{ number }}, third.", settings: {size: 256*256}}
"""
AGAIN = 20.0
"""Seconds that ten thousand finished chains may take."""


def work(chains: int, in_flight: int) -> dict[str, Any]:
    """Work through all chains in this folder, so many at once; what it took."""
    clock = wiring.system_clock()
    built = wiring.house(Path("r.yaml"))
    store = Store.open(built.workspace.state, clock)
    provider, _ = wiring.provider("novita", built, store, _say)
    begun = time.monotonic()
    try:
        statuses = asyncio.run(_all(built, store, provider, chains, in_flight))
        store.journal.told("bench")
    finally:
        store.close()
    return {
        "seconds": time.monotonic() - begun,
        "statuses": statuses,
        "traffic": asdict(provider.traffic),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _all(built: House, store: Store, provider: Any, chains: int, in_flight: int) -> dict[str, int]:
    clock = wiring.system_clock()
    rates = Rates(wiring.rate_limit(provider, built.settings), clock, store.journal.sent(provider.origin["host"]))
    price, purse = built.price, Purse(None)
    buyer = Buyer(provider, store, run="bench", price=price, purse=purse, rates=rates, halt=Halt(rates))
    caller = Caller(buyer, store, concurrency=in_flight)
    statuses: Counter[str] = Counter()
    plans = _plans(built, store, chains)

    async def some() -> None:
        for made in plans:
            record = await run_item(made, caller, _unheard, clock.monotonic)
            statuses[record.status] += 1

    await asyncio.gather(*(some() for _ in range(in_flight)))
    await provider.close()
    return dict(statuses)


def _plans(built: House, store: Store, chains: int) -> Iterator[Plan]:
    recipe = built.recipe()
    photo = store.keep(Path("photo.png").read_bytes())
    for number in range(chains):
        item = Item(f"photo-{number}", {"number": number}, {"photo": photo})
        yield plan.make(recipe, item, recipe.seed or 0, built.catalogue, built.workspace.read_beside_recipe)


def _say(text: str) -> None:
    sys.stderr.write(text)


def _unheard(_: Event) -> None:
    """Progress is not what is measured."""


def _worker(folder: Path, address: str, options: argparse.Namespace) -> dict[str, Any]:
    env = environment({"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"})
    words = [sys.executable, "-m", "tests.bench.batch", "--work"]
    words += ["--chains", str(options.chains), "--in-flight", str(options.in_flight)]
    told = subprocess.run(words, cwd=folder, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def main() -> int:
    """Run the chains twice; 0 when every limit is kept."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--chains", type=int, default=200)
    options.add_argument("--in-flight", type=int, default=200)
    options.add_argument("--latency", type=float, default=1.0)
    options.add_argument("--least", type=float, default=200.0, help="requests per second")
    options.add_argument("--most-memory", type=float, default=300.0, help="megabytes")
    options.add_argument("--work", action="store_true", help="only work, in this folder, at the host that is set")
    asked = options.parse_args()
    if asked.work:
        json.dump(work(asked.chains, asked.in_flight), sys.stdout)
        return 0
    with (
        tempfile.TemporaryDirectory() as name,
        served("--latency", str(asked.latency), "--spread", "0.2", "--flat") as address,
    ):
        folder = Path(name)
        (folder / ".retouch").mkdir()
        (folder / "r.yaml").write_text(RECIPE, encoding="utf-8")
        photo = io.BytesIO()
        Image.new("RGB", (256, 256), (200, 120, 40)).save(photo, "PNG")
        (folder / "photo.png").write_bytes(photo.getvalue())
        first, again = _worker(folder, address, asked), _worker(folder, address, asked)
        totals = ledger(address)["totals"]
    rate = sum(first["traffic"].values()) / first["seconds"]
    asked_again = sum(again["traffic"].values())
    sys.stdout.write(
        f"{asked.chains} chains, {asked.in_flight} in flight: {first['seconds']:.1f} s, {rate:.0f} requests/s, "
        f"{first['megabytes']:.0f} MB; {first['traffic']}; {first['statuses']}\n"
        f"again: {again['seconds']:.1f} s, {asked_again} requests, {again['megabytes']:.0f} MB; {again['statuses']}\n"
        f"the emulator: {totals['accepted']} accepted, {totals['repeated']} repeated\n"
    )
    kept = (
        first["statuses"] == again["statuses"] == {"done": asked.chains}
        and totals["accepted"] == 3 * asked.chains
        and totals["repeated"] == asked_again == 0
        and rate >= asked.least
        and max(first["megabytes"], again["megabytes"]) <= asked.most_memory
        and again["seconds"] <= AGAIN * max(1.0, asked.chains / 10_000)
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
