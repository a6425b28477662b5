"""The command at a terminal, with a person who types: questions are answered as soon as they stand there."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.command import COMMAND, environment

PROMPT = ": "
"""What a line ends with that waits for an answer."""
CTRL_C, CTRL_D = "\x03", "\x04"


@dataclass(frozen=True, slots=True)
class Screen:
    """How a command at a terminal ended, and everything that stood on the screen."""

    returncode: int
    text: str


def typed(
    *words: str,
    answers: Iterable[str],
    cwd: Path,
    columns: int = 80,
    env: Mapping[str, str] | None = None,
    patience: float = 60.0,
) -> Screen:
    """Run `retouch` with these words at a terminal, and type one answer at each prompt; then the input ends."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *words],
        cwd=cwd,
        env=environment({"TERM": "dumb", "COLUMNS": str(columns)} | dict(env or {})),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    seen = typed_last = ""
    open_answers = iter(answers)
    until = time.monotonic() + patience
    try:
        while time.monotonic() < until:
            if not select.select([ours], [], [], 1.0)[0]:
                if typed_last == CTRL_C:  # a key in the very moment in which reading begins is missed; who sits there
                    os.write(ours, CTRL_C.encode())  # presses it again
                continue
            new = _read(ours)
            if not new:
                break
            seen += new
            if seen.endswith(PROMPT):
                typed_last = next(open_answers, CTRL_D)
                os.write(ours, (typed_last if typed_last in {CTRL_C, CTRL_D} else f"{typed_last}\n").encode())
        return Screen(process.wait(timeout=10), seen.replace("\r\n", "\n"))
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(terminal: int) -> str:
    """What has come; empty once the other side is closed, which some systems tell by an error."""
    with contextlib.suppress(OSError):
        return os.read(terminal, 65536).decode("utf-8", "replace")
    return ""
