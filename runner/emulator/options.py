"""How the emulated host behaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from runner.emulator.faults import UNDISTURBED, Script

BAD_KEY = "invalid"
"""A key that is always refused, so that a refusal can be rehearsed."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the host behaves. Times in seconds."""

    latency: float = 1.0
    """How long a task runs."""
    spread: float = 0.0
    """The share, 0 to 1, by which waiting and running vary from task to task; equal requests take equally long."""
    queue: float = 0.0
    """How long a task waits before it runs."""
    slots: int | None = None
    """The most tasks that run at once; None for any number."""
    ttl: int = 3600
    """How long a result link lives."""
    key: str | None = field(default=None, repr=False)
    """The only key accepted; None accepts any but BAD_KEY."""
    failing: float = 0.0
    """The share of tasks, 0 to 1, that end as failed; by their body, so that a rerun fails the same ones."""
    keep: int = 2000
    """The most tasks whose pictures are kept; the oldest are forgotten first."""
    flat: bool = False
    """Whether pictures are squares of flat colour, made a hundred times faster."""
    images_per_minute: int | None = None
    """The most pictures of one model that are accepted in any 60 seconds; None for any number."""
    balance: int | None = None
    """How many pictures the account pays for; None for any number."""
    faults: Script = UNDISTURBED
    """What goes wrong, request by request: see the module `faults`."""
