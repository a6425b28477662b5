"""`kill -9` at random instants of a batch, over sockets, in real processes; the emulator's ledger is the judge.

    python -m tests.faults.kills --kills 500 --chains 200 [--seed 1]

The batch is one recipe of so many independent chains of three paid steps. The real command is killed, started again in
the same workspace, killed again; at last calls in doubt are resolved as a user would (adopted where the host's ledger
has them, else sent again), and the batch is run to its end. What was bought is spread over the kills: each life of the
command is given about as long as it takes to buy its share of the batch. Prints its figures; exits with 1 when a
request was paid twice, an id is lost, a file is damaged or a byte differs from an undisturbed run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from runner import digest
from runner.artifact import inspect
from runner.cli.wiring import system_clock
from runner.disk import DISK
from runner.operation import make_ticket
from runner.store.entry import Entry
from runner.store.journal import Journal
from tests.command import COMMAND, environment, ledger, served
from tests.pictures import quarters, saved

STEPS = 3
_AT_ONCE = 8
"""Calls under way at once."""
_WORKING = 0.4
"""Seconds that a life may work before it is killed, at most."""
_MODEL = "qwen-image-edit"


def recipe(chains: int) -> str:
    """Independent chains, none of which sends what another one sends."""
    text = f"recipe: 1\ninputs: {{photo: {{type: image}}}}\nmodel: {_MODEL}\nseed: 1\nsteps:\n"
    for chain in range(chains):
        for step in range(STEPS):
            source = f"c{chain}s{step - 1}" if step else "photo"
            text += f"  - {{name: c{chain}s{step}, from: {source}, prompt: Chain {chain} step {step}.}}\n"
    return text


@dataclass
class Figures:
    """What came of it."""

    kills: int = 0
    ended: int = 0
    """Lives that came to their end before they could be killed."""
    bought_at_last: int = 0
    """Tasks that only the last, undisturbed life bought: kills came when most work was done, if this is large."""
    adopted: int = 0
    again: int = 0
    double: int = 0
    lost: int = 0
    corrupt: int = 0
    different: int = 0
    unknown: int = 0
    """Tasks of the host that our journal has not, or the other way round."""
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether nothing was paid twice, lost or spoilt."""
        return not (self.double or self.lost or self.corrupt or self.different or self.unknown)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.ended} lives ended by themselves; {self.adopted} calls adopted, "
            f"{self.again} sent again, {self.bought_at_last} bought by the last run; "
            f"{self.double} paid twice, {self.lost} ids lost, {self.corrupt} files damaged, "
            f"{self.different} files other than undisturbed, {self.unknown} tasks in one ledger only; "
            f"{self.seconds:.0f} s"
        )


class Batch:
    """A workspace, and the command that works in it."""

    def __init__(self, home: Path, address: str, chains: int) -> None:
        self.home = home
        self._env = environment({"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"})
        (home / ".retouch").mkdir(parents=True)
        (home / "batch.yaml").write_text(recipe(chains), encoding="utf-8")
        (home / "photo.png").write_bytes(saved(quarters(24, 24)))
        (home / "retouch.toml").write_text(f"concurrency = {_AT_ONCE}\n[prices]\n{_MODEL} = 0.04\n", encoding="utf-8")

    def start(self) -> subprocess.Popen[bytes]:
        """The command, at work."""
        words = ["run", "batch.yaml", "-i", "photo=photo.png", "-o", "out", "-q", "--provider", "novita"]
        with (self.home / "told.txt").open("ab") as told:
            return subprocess.Popen([*COMMAND, *words], cwd=self.home, env=self._env, stdout=told, stderr=told)

    def finish(self) -> int:
        """Run to the end; the exit code."""
        return self.start().wait(timeout=600)

    def journal(self, *, writing: bool = False) -> Journal:
        """The journal, for a look or a decision."""
        return Journal(self.home / ".retouch", DISK, system_clock(), writing=writing)

    def entries(self) -> tuple[Entry, ...]:
        """Our own ledger."""
        journal = self.journal()
        try:
            return journal.everything()
        finally:
            journal.close()

    def pictures(self) -> dict[str, bytes]:
        """The results; what a kill left beside its place is none."""
        out = self.home / "out"
        files = [each for each in sorted(out.rglob("*")) if each.is_file() and not each.name.startswith(".")]
        return {each.relative_to(out).as_posix(): each.read_bytes() for each in files if each.name != "run.json"}

    def resolve(self, tasks: list[Mapping[str, Any]], figures: Figures) -> None:
        """Decide about the calls in doubt, with the host's ledger at hand."""
        ours = {each.task_id for each in self.entries()}
        journal = self.journal(writing=True)
        for entry in journal.open():
            if entry.standing != "in doubt":
                continue
            known = [each for each in tasks if each["digest"] == entry.body and each["task_id"] not in ours]
            if known:
                task_id = known[0]["task_id"]
                journal.resolve(
                    entry.number, "adopt", make_ticket(entry.order.origin, entry.order.model, task_id, time.time())
                )
                ours.add(task_id)
                figures.adopted += 1
            else:
                journal.resolve(entry.number, "again")
                figures.again += 1
        journal.close()


def batch(folder: Path, kills: int, chains: int, seed: int, *, tell: bool = False) -> Figures:
    """One batch, killed so often, and its figures."""
    random, figures, begun = Random(seed), Figures(), time.monotonic()
    with served("--latency", "0.05", "--spread", "1", "--flat") as address:
        calm = Batch(folder / "calm", address, chains)
        assert calm.finish() == 0, (calm.home / "told.txt").read_text()
        expected, idle = calm.pictures(), time.monotonic()
        assert calm.finish() == 0
        idle = time.monotonic() - idle
    # as slow as it takes to spread the batch over all lives
    latency = _AT_ONCE * kills * _WORKING / 2 / (chains * STEPS)
    with served("--latency", f"{latency:.3f}", "--spread", "1", "--flat") as address:
        killed = Batch(folder / "killed", address, chains)
        while figures.kills < kills:
            life, ended = killed.start(), figures.ended
            try:  # from its start-up to where it has worked for a moment
                life.wait(random.uniform(0.6 * idle, idle + _WORKING))
                figures.ended += 1
            except subprocess.TimeoutExpired:
                os.kill(life.pid, signal.SIGKILL)
                life.wait()
                figures.kills += 1
            _check(killed, address, figures)
            if tell and figures.kills % 25 == 0:
                sys.stdout.write(f"{figures}\n")
                sys.stdout.flush()
            if figures.kills % 10 == 9:
                killed.resolve(ledger(address)["tasks"], figures)
            if figures.ended > ended and len(ledger(address)["tasks"]) == chains * STEPS:
                break  # the batch is done: nothing is left that a kill could spoil
        before = len(ledger(address)["tasks"])
        for _ in range(STEPS + 1):
            killed.resolve(ledger(address)["tasks"], figures)
            if killed.finish() == 0:
                break
        tasks = ledger(address)["tasks"]
        figures.bought_at_last = len(tasks) - before
        _check(killed, address, figures)
        ours = {each.task_id for each in killed.entries() if each.task_id}
        figures.unknown = len({each["task_id"] for each in tasks} ^ ours)
        pictures = killed.pictures()
        figures.different = sum(pictures.get(name) != data for name, data in expected.items()) + len(
            pictures.keys() - expected.keys()
        )
        figures.lost += sum(each.standing not in {"over", "never sent"} for each in killed.entries())
        assert killed.finish() == 0
        assert len(ledger(address)["tasks"]) == len(tasks)
    figures.seconds = time.monotonic() - begun
    return figures


def batches(folder: Path, kills: int, chains: int, seed: int, *, tell: bool = False) -> Figures:
    """Batch after batch, until so many kills are spent: one that is done takes no more. The figures of all."""
    total = Figures()
    while total.kills < kills:
        place = folder / str(seed)
        place.mkdir()
        one = batch(place, kills - total.kills, chains, seed, tell=tell)
        shutil.rmtree(place)
        for name, value in vars(one).items():
            setattr(total, name, getattr(total, name) + value)
        if tell:
            sys.stdout.write(f"batch of seed {seed}: {one}\n")
            sys.stdout.flush()
        seed += 1
    return total


def _check(killed: Batch, address: str, figures: Figures) -> None:
    """What must hold at every instant."""
    tasks = ledger(address)["tasks"]
    entries = killed.entries() if (killed.home / ".retouch" / "journal").exists() else ()
    figures.double = sum(times - 1 for times in Counter(each["digest"] for each in tasks).values())
    named = {each.task_id for each in entries}
    doubtful = Counter(each.body for each in entries if each.sent is not None and each.task_id is None)
    for each in tasks:
        if each["task_id"] not in named:
            doubtful[each["digest"]] -= 1
            figures.lost += doubtful[each["digest"]] < 0
    for place in (killed.home / ".retouch" / "objects").rglob("*"):
        if place.is_file() and not place.name.startswith("."):
            figures.corrupt += digest.of_bytes(place.read_bytes()) != place.parent.name + place.name
    for data in killed.pictures().values():
        figures.corrupt += inspect(data).size != len(data)


def main() -> int:
    """Kill as often as asked; 0 when all holds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=500)
    options.add_argument("--chains", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        total = batches(Path(folder), asked.kills, asked.chains, asked.seed, tell=True)
    sys.stdout.write(f"in all: {total}\n")
    return 0 if total.holds else 1


if __name__ == "__main__":
    sys.exit(main())
