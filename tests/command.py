"""The command as a user has it: a process of its own, in a folder, with an environment that holds no key."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-c", "from runner.cli.main import command; command()"]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without keys and settings, with this checkout in front, and Python as it is installed:
    compiled once, not for every process anew."""
    foreign = ("NOVITA_", "RETOUCH_", "PYTHONDONTWRITEBYTECODE")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"} | dict(extra or {})


def retouch(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `retouch` with these words in a folder."""
    return subprocess.run(
        [*COMMAND, *words], cwd=cwd, env=environment(env), capture_output=True, text=True, timeout=120, check=False
    )


def run_json(*words: str, cwd: Path, env: Mapping[str, str] | None = None, code: int = 0) -> dict[str, Any]:
    """What `retouch run … --json` prints, once its exit code is the expected one."""
    told = retouch("run", *words, "--json", cwd=cwd, env=env)
    assert told.returncode == code, told.stderr
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def workspace(folder: Path) -> Path:
    """A workspace with the shipped recipes in `pipelines/`."""
    shutil.copytree(ROOT / "pipelines", folder / "pipelines")
    (folder / ".retouch").mkdir()
    return folder


@contextlib.contextmanager
def served(*options: str, cwd: Path | None = None) -> Iterator[str]:
    """`retouch emulator` on a free port, in a process of its own, started in a folder; its address."""
    process = subprocess.Popen(
        [*COMMAND, "emulator", "--port", "0", *options],
        cwd=cwd,
        env=environment({"PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield next(word for word in line.split() if word.startswith("http://"))
    finally:
        process.terminate()
        process.communicate(timeout=20)


def ledger(address: str) -> dict[str, Any]:
    """The emulator's own account."""
    with urllib.request.urlopen(f"{address}/ledger", timeout=20) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found
