"""How long `retouch validate` takes: for one recipe beside the bare import of its libraries, and for a thousand.

    python -m tests.bench.validate [--recipes 1000] [--rounds 15] [--most-ratio 1.5] [--most-seconds 2.5]

All in one run, in processes of their own, one after the other in turn. Exits with 1 when the best of the rounds takes
longer than it may.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.command import COMMAND, ROOT, environment

BARE = [sys.executable, "-c", "import click, jinja2, jsonschema, yaml"]


def seconds(command: list[str], folder: Path) -> float:
    """Wall time of a command that has to end well."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main() -> int:
    """Measure; 0 when both keep their limits."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--recipes", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--most-ratio", type=float, default=1.5)
    options.add_argument("--most-seconds", type=float, default=2.5)
    asked = options.parse_args()
    shipped = sorted(ROOT.glob("pipelines/*.yaml"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "pipelines" / "samples", folder / "samples")
        files = [f"{number:05}.yaml" for number in range(asked.recipes)]
        for number, file in enumerate(files):
            text = shipped[number % len(shipped)].read_text(encoding="utf-8")
            (folder / file).write_text(text.replace("seed: ", f"seed: {number + 1}", 1), encoding="utf-8")
        bare, one = [], []
        for _ in range(asked.rounds):
            bare.append(seconds(BARE, folder))
            one.append(seconds([*COMMAND, "validate", files[0]], folder))
        many = min(seconds([*COMMAND, "validate", *files], folder) for _ in range(3))
    ratio = min(one) / min(bare)
    sys.stdout.write(f"one recipe: {min(one):.3f} s, its libraries alone {min(bare):.3f} s: {ratio:.2f} x\n")
    sys.stdout.write(f"{asked.recipes} recipes: {many:.2f} s\n")
    return int(ratio > asked.most_ratio or many > asked.most_seconds)


if __name__ == "__main__":
    sys.exit(main())
