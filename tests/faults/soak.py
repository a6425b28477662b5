"""Random recipes x random hosts x random faults x resumes; what must hold is checked after every run.

    python -m tests.faults.soak --seeds 1000 [--first 0]

Each seed is one history, the same on every machine. Prints the seeds that fail; the suite runs the first few.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random
from typing import Any

from runner.emulator.faults import Script
from runner.emulator.options import Options
from runner.emulator.script import scripted
from tests.faults.machine import KINDS, Machine
from tests.faults.recipes import drawn
from tests.faults.world import World

MISHAPS: tuple[dict[str, Any], ...] = (
    {"on": "submit", "drop": "before"},
    {"on": "submit", "drop": "after"},
    {"on": "submit", "half": True},
    {"on": "submit", "case": "rate-limited", "retry_after": 3},
    {"on": "submit", "case": "rate-limited"},
    {"on": "submit", "answer": {"status": 503, "body": "busy"}},
    {"on": "submit", "answer": {"status": 500}, "accepted": True},
    {"on": "submit", "case": "html", "accepted": True},
    {"on": "submit", "case": "garbage"},
    {"on": "submit", "case": "no-id"},
    {"on": "submit", "case": "moderated"},
    {"on": "submit", "case": "no-balance"},
    {"on": "submit", "task": "failed"},
    {"on": "submit", "task": "moderated"},
    {"on": "submit", "task": "empty"},
    {"on": "submit", "task": "lost"},
    {"on": "poll", "drop": "before"},
    {"on": "poll", "half": True},
    {"on": "poll", "answer": {"status": 503}, "retry_after": 2},
    {"on": "poll", "case": "odd-status"},
    {"on": "poll", "case": "odd-types"},
    {"on": "poll", "case": "foreign-id"},
    {"on": "poll", "case": "html"},
    {"on": "download", "half": True},
    {"on": "download", "case": "expired"},
    {"on": "download", "case": "truncated"},
    {"on": "download", "answer": {"status": 502}},
)
"""What a host does, as its scripts have it."""


def history(seed: int, folder: Path) -> int:
    """One history from its first run to the end; how many runs it took. Raises what does not hold."""
    random = Random(seed)
    recipe = drawn(random)
    (folder / "calm").mkdir()
    (folder / "world").mkdir()
    calm = World(folder / "calm", recipe)
    assert calm.boot().done
    latency = random.choice((0.0, 0.05, 5.0))
    world = World(folder / "world", recipe, options=Options(latency, flat=True, faults=_mishaps(random)), seed=seed)
    acts = len(calm.machines[0].acts)
    for _ in range(random.randint(0, 4)):
        world.boot(Machine(random.choice(KINDS), random.randint(1, acts), seed))
        if random.random() < 0.3:
            world.resolve()
    world.finish()
    world.check_finished(calm)
    return len(world.machines)


def _mishaps(random: Random) -> Script:
    """Up to five kinds of mishaps, each of them at some of the first requests: every host is well at last."""
    chosen = random.sample(MISHAPS, random.randint(0, 5))
    numbers = [sorted(random.sample(range(1, 9), random.randint(1, 3))) for _ in chosen]
    return scripted(*({**each, "nth": nth} for each, nth in zip(chosen, numbers, strict=True)))


def main() -> int:
    """Run the histories of many seeds; 0 when all of them hold."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=1000)
    options.add_argument("--first", type=int, default=0)
    asked = options.parse_args()
    failed, runs, begun = 0, 0, time.monotonic()
    for seed in range(asked.first, asked.first + asked.seeds):
        with tempfile.TemporaryDirectory() as folder:
            try:
                runs += history(seed, Path(folder))
            except Exception:
                failed += 1
                sys.stdout.write(f"seed {seed} does not hold:\n{traceback.format_exc()}\n")
        if (seed + 1 - asked.first) % 100 == 0:
            seconds = time.monotonic() - begun
            sys.stdout.write(f"{seed + 1 - asked.first} histories, {runs} runs, {failed} failed, {seconds:.0f} s\n")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
