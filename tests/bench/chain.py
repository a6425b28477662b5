"""How much a chain of model edits takes beyond the tasks themselves, over real sockets.

    python -m tests.bench.chain [--latency 1.0] [--steps 3] [--rounds 5]

Serves an emulator in a process of its own, runs a chain of model edits against it with a fresh workspace each round,
and holds the run's wall time against the latencies in the emulator's ledger: at most 1.05 x their sum + 0.3 s. Prints
one line a round, for the run alone (as run.json has it) and for the whole command with its start-up; exits with 1 when
the median run takes longer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.command import ROOT, ledger, retouch, served

PHOTO = ROOT / "pipelines" / "samples" / "mug.jpg"


def recipe(steps: int, number: int) -> str:
    """A chain whose requests no earlier round has sent."""
    lines = [f"  - {{name: step-{each}, prompt: Round {number} step {each}.}}" for each in range(1, steps + 1)]
    return (
        f"recipe: 1\ninputs: {{photo: {{type: image}}}}\nmodel: flux-1-kontext-dev\nseed: {number}\nsteps:\n"
        + "\n".join(lines)
        + "\n"
    )


def main() -> int:
    """Run the rounds; 0 when the median keeps the limit."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--latency", type=float, default=1.0)
    options.add_argument("--steps", type=int, default=3)
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    over: list[float] = []
    with served("--latency", str(asked.latency)) as address, tempfile.TemporaryDirectory() as folder:
        env = {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test"}
        for number in range(asked.rounds):
            home = Path(folder) / str(number)
            (home / ".retouch").mkdir(parents=True)
            (home / "r.yaml").write_text(recipe(asked.steps, number), encoding="utf-8")
            begun = time.monotonic()
            told = retouch("run", "r.yaml", "-i", f"photo={PHOTO}", "-o", "out", cwd=home, env=env)
            whole = time.monotonic() - begun
            assert told.returncode == 0, told.stderr
            seconds = json.loads((home / "out" / "run.json").read_text(encoding="utf-8"))["seconds"]
            tasks = ledger(address)["tasks"][-asked.steps :]
            needed, polls = sum(task["latency"] for task in tasks), sum(task["polls"] for task in tasks)
            limit = 1.05 * needed + 0.3
            over.append(seconds - limit)
            sys.stdout.write(f"tasks {needed:.2f} s, run {seconds:.2f} s (limit {limit:.2f}), ")
            sys.stdout.write(f"whole command {whole:.2f} s, {polls} polls\n")
    return 1 if statistics.median(over) > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
