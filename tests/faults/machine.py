"""One process of a world that goes wrong: its acts upon disk and network by name, and the one at which a fault strikes.

    machine = Machine("kill", at=17)

An act is counted before it happens. A killed process, and one whose machine lost power, acts no more: from then on
each of its acts raises Crash. It differs in what the disk keeps (see platter).
"""

from __future__ import annotations

import random
import threading
from typing import Literal

Kind = Literal["kill", "power", "error", "full"]
"""`kill`: the process ends at once. `power`: the machine goes off. `error`: this act fails, or its connection breaks.
`full`: from this act on the disk takes nothing new."""
KINDS: tuple[Kind, ...] = ("kill", "power", "error", "full")


class Crash(BaseException):
    """The process is gone. No code of ours may handle it."""


class Machine:
    """Counts acts, and lets a fault of a kind strike at act number `at`; 0 for none."""

    def __init__(self, kind: Kind = "kill", at: int = 0, seed: int = 0) -> None:
        self.acts: list[str] = []
        """The names of all acts so far."""
        self.dead = False
        self.full = False
        self.random = random.Random(f"{seed}/{kind}/{at}")
        self._kind: Kind = kind
        self.at = at
        """The number of the act at which it strikes; may be set while the process goes on."""
        self._lock = threading.Lock()  # the journal and pictures are written in threads

    @property
    def struck(self) -> str | None:
        """The act at which the fault struck."""
        return self.acts[self.at - 1] if 0 < self.at <= len(self.acts) else None

    @property
    def without_power(self) -> bool:
        """Whether what was not synced is lost."""
        return self.dead and self._kind == "power"

    def act(self, name: str) -> Kind | None:
        """The next act; the fault that strikes at it. Where that is the end, the caller does a part of it at most,
        and raises Crash. Raises Crash when the end has come before."""
        with self._lock:
            if self.dead:
                raise Crash
            self.acts.append(name)
            if len(self.acts) != self.at:
                return None
            self.dead = self._kind in {"kill", "power"}
            self.full = self._kind == "full"
            return self._kind
