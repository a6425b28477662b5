"""What happened: records of calls, steps, items and runs, and the events told while they happen.

All of them are frozen and can be written as plain JSON. Nothing in here can hold a key or a signed link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

from runner.artifact import Artifact
from runner.errors import EXIT_CODES, FailureKind
from runner.operation import Traffic

Status = Literal["done", "failed", "skipped", "off"]
"""Of a step: `skipped` when a step it needs failed, `off` when its `when:` is false."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed: a value, told where the run is summed up."""

    step: str
    kind: FailureKind
    message: str
    hint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As run.json has it."""
        return {"step": self.step, "kind": self.kind, "message": self.message, "hint": self.hint}


class Tariff(NamedTuple):
    """What a picture of one model costs."""

    usd: float
    """US dollars for one picture."""
    by: str
    """The price list that says so, for people."""


Price = Callable[[str], Tariff]
"""What a picture of a model costs. Raises UsageError where nobody knows."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one paid call costs, as a run tells it."""

    call: int
    """Its number in the journal."""
    step: str
    """The step and, where it has several calls, which of them."""
    model: str
    usd: float
    """US dollars that it costs for all we know."""
    at_stake: float
    """US dollars that it may cost: it was sent, and whether it was accepted is not known."""
    by: str
    """The price list that says so."""
    task_id: str | None
    """The host's name for it."""
    outcome: str
    """`done`, `failed`, `pending` or `in doubt`."""

    def to_json(self) -> dict[str, Any]:
        """As run.json has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One paid call or one operation: what it was, and the pictures it gave."""

    fingerprint: str
    seed: int | None
    """As requested."""
    images: tuple[Artifact, ...]
    cached: bool
    true_seed: int | None = None
    """As the provider reported it."""
    number: int = 1
    """Which of the step's calls it is, from 1: the candidate, where each candidate is a call."""

    def to_json(self) -> dict[str, Any]:
        """As run.json has it."""
        return {
            "call": self.number,
            "fingerprint": self.fingerprint,
            "seed": self.seed,
            "true_seed": self.true_seed,
            "cached": self.cached,
            "images": [image.to_json() for image in self.images],
        }


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of one item, ended."""

    step: str
    status: Status
    calls: tuple[CallRecord, ...] = ()
    """Those that gave pictures: of a failed step, perhaps not all."""
    fingerprint: str | None = None
    picked: int = 1
    """Which of its pictures goes on, from 1."""
    request: Mapping[str, Any] = field(default_factory=dict)
    """What was asked, for people: model and prompt, or verb; settings or params."""
    failure: Failure | None = None
    seconds: float = 0.0
    """From the moment its pictures were ready to its end."""
    charges: tuple[Charge, ...] = ()
    """What this run tells of its cost: what it bought, and what a run before it bought and never told."""

    @property
    def price(self) -> float:
        """US dollars that this run tells for it."""
        return round(sum(each.usd for each in self.charges), 9)

    @property
    def pictures(self) -> tuple[tuple[int, Artifact], ...]:
        """Every picture it made with its number, from 1: that of the call, or its place in the only call."""
        made = [(call.number + at, image) for call in self.calls for at, image in enumerate(call.images)]
        return tuple(made)

    @property
    def images(self) -> tuple[Artifact, ...]:
        """Every picture it made."""
        return tuple(image for _, image in self.pictures)

    @property
    def image(self) -> Artifact | None:
        """The picture that goes on; None unless the step is done."""
        return dict(self.pictures).get(self.picked) if self.status == "done" else None

    @property
    def cached(self) -> bool:
        """Whether nothing had to be done."""
        return bool(self.calls) and all(call.cached for call in self.calls)

    @property
    def seed(self) -> int | None:
        """The seed of the picture that goes on."""
        owners = {call.number + at: call for call in self.calls for at in range(len(call.images))}
        return owners[self.picked].seed if self.image is not None else None


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One item, ended."""

    item: str
    seed: int
    steps: tuple[StepRecord, ...]
    finals: tuple[str, ...]

    @property
    def status(self) -> Literal["done", "failed"]:
        """`done` when every step that should run has its picture."""
        return "failed" if any(step.status in {"failed", "skipped"} for step in self.steps) else "done"

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Of its steps, in order."""
        return tuple(step.failure for step in self.steps if step.failure is not None)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One execution of a recipe."""

    run: str
    """Its name: date, time and a few characters that make it unique."""
    recipe: str
    provider: str
    realm: str
    items: tuple[ItemRecord, ...]
    traffic: Traffic
    started: str
    """ISO 8601, UTC."""
    seconds: float

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Of all items."""
        return tuple(failure for item in self.items for failure in item.failures)

    @property
    def paid(self) -> float:
        """US dollars that this run has cost; nothing in a rehearsal."""
        return round(sum(step.price for item in self.items for step in item.steps), 6)

    @property
    def at_stake(self) -> float:
        """US dollars that it may have cost beside that: calls in doubt."""
        return round(sum(each.at_stake for item in self.items for step in item.steps for each in step.charges), 6)

    @property
    def exit_code(self) -> int:
        """0 when all is done, else the most serious code among the failures (the highest below 70)."""
        return max((EXIT_CODES[failure.kind] for failure in self.failures), default=0)


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step has its pictures and begins. `tasks` paid calls will be needed at most."""

    item: str
    step: str
    tasks: int


@dataclass(frozen=True, slots=True)
class TaskAccepted:
    """The provider has accepted a task; from now on it is paid for."""

    item: str
    step: str
    call: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class PicturesLost:
    """A paid call gave pictures, but not all that it made: those that came are kept, the others cannot be had."""

    item: str
    step: str
    why: tuple[str, ...]
    """A clause for each."""


@dataclass(frozen=True, slots=True)
class MoreThanAsked:
    """The host made more pictures than a paid call asked for at most; each is on the bill."""

    item: str
    step: str
    asked: int
    made: int


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step has ended, well or not."""

    item: str
    record: StepRecord


Event = StepStarted | TaskAccepted | PicturesLost | MoreThanAsked | StepEnded
