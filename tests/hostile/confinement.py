"""The command in a small room: a process of its own, with a ceiling for its memory, and killed when it hangs.

`confined` starts it as a user does, which takes longer than most commands work. Where very many are run, a `Room` loads
what they need once, and makes a copy of itself for each of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.command import environment

MOST_MEMORY = 300_000_000
"""Bytes that a command may hold at its peak, whatever a recipe says."""
ADDRESS_SPACE = 2_000_000_000
"""Ceiling for what it may reserve: a bomb that goes off ends its own process, not the machine."""
PATIENCE = 30.0
"""Seconds after which a command has hung. No measure of speed: for that see tests/hostile/__main__.py."""

_PROGRAM = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({ADDRESS_SPACE}, {ADDRESS_SPACE}))
account = int(sys.argv.pop(1))
try:
    from runner.cli.main import main
    main()
finally:
    try:
        with open("/proc/self/status") as status:  # what the process before it in this place held does not count
            peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    os.write(account, str(peak).encode())
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    """Exit code; negative where a signal ended it."""
    told: str
    """Everything it printed."""
    seconds: float
    peak: int
    """Most memory it held, in bytes; 0 where it was killed."""


def confined(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run `retouch` with these words in a folder, with nothing to read on its standard input."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as account:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(account.fileno()), *words],
            cwd=cwd,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[account.fileno()],
        )
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        seconds = time.monotonic() - began
        told = os.pread(output.fileno(), os.fstat(output.fileno()).st_size, 0).decode("utf-8", "backslashreplace")
        peak = int(os.pread(account.fileno(), 32, 0) or b"0")
        return Ended(process.returncode, told, seconds, peak)


_ROOM = f"""
import gc, importlib.metadata, json, os, resource, signal, sys
resource.setrlimit(resource.RLIMIT_AS, ({ADDRESS_SPACE}, {ADDRESS_SPACE}))
import PIL.Image, httpx, jinja2, jsonschema, rich.console, rich.table, yaml
from runner.cli import main, explain, plan, run, validate
from runner.cli.main import main
gc.freeze()
for line in sys.stdin:
    asked = json.loads(line)
    copy = os.fork()
    if copy == 0:
        signal.alarm({PATIENCE:.0f})
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["env"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(asked["output"], os.O_WRONLY), 1)
        os.dup2(1, 2)
        try:
            main(asked["words"])
        except SystemExit as ended:  # to take the copy apart takes longer than most commands
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(ended.code)
    _, status, usage = os.wait4(copy, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss]), flush=True)
"""


class Room:
    """Runs one command after the other, each in its own copy of a process that has everything loaded."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ROOM], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, *words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ended:
        """The same as confined()."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.NamedTemporaryFile() as output:
            began = time.monotonic()
            asked = {"words": words, "cwd": str(cwd), "env": environment(env), "output": output.name}
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            code, peak = json.loads(self._process.stdout.readline())
            seconds = time.monotonic() - began
            told = output.read().decode("utf-8", "backslashreplace")
        return Ended(code, told, seconds, peak * (1 if sys.platform == "darwin" else 1024))

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=PATIENCE)
