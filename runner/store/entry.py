"""One paid call as the journal knows it, and how each record changes what is known. Pure.

    INTENT ──> SENDING ──> ACCEPTED ──> RESULT ──> STORED ──> DONE
                  │            └──────────┴──────────┴──> FAILED    the host's last word: there will be no pictures
                  ├─────> REJECTED                                  certainly not accepted, nothing is billed
                  └─────> DOUBT                                     nobody here can tell

An endpoint that answers with the result itself has no ACCEPTED: its RESULT follows SENDING. A call that is not over is
*pending* once it has a ticket, and *in doubt* when it was sent and has none. What a user decides about such a call is a
record, too (RESOLVED): leave it and do without (SKIPPED), send the request again (AGAIN), or take it for the task that
the host's own pages show (ACCEPTED). Until the request has really been sent again, by another call, that can be undone
by deciding anew; from then on it is over (RESENT).

A ticket from the host is never replaced. One that a user gave (*adopted*) is, until the host confirms it with a RESULT:
the user may name another, and a task that proves wrong leaves the call in DOUBT again, without a ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from runner.operation import Ticket

State = Literal[
    "INTENT",
    "SENDING",
    "ACCEPTED",
    "RESULT",
    "STORED",
    "DOUBT",
    "SKIPPED",
    "AGAIN",
    "RESENT",
    "DONE",
    "FAILED",
    "REJECTED",
]
Choice = Literal["skip", "again", "adopt"]
"""What a user may decide about a call that is not over."""
Standing = Literal["pending", "in doubt", "skipped", "to send again", "never sent", "over"]

OVER: frozenset[State] = frozenset({"DONE", "FAILED", "REJECTED", "RESENT"})

_FROM: Mapping[str, frozenset[State]] = {
    "SENDING": frozenset({"INTENT"}),
    "ACCEPTED": frozenset({"SENDING"}),
    "REJECTED": frozenset({"INTENT", "SENDING"}),
    "DOUBT": frozenset({"SENDING", "ACCEPTED", "RESULT", "STORED"}),
    "RESULT": frozenset({"SENDING", "ACCEPTED", "RESULT", "STORED"}),
    "STORED": frozenset({"RESULT"}),
    "DONE": frozenset({"STORED"}),
    "FAILED": frozenset({"ACCEPTED", "RESULT", "STORED"}),
    "RESOLVED": frozenset({"SENDING", "ACCEPTED", "RESULT", "STORED", "DOUBT", "SKIPPED", "AGAIN"}),
}
"""The states that each record may follow."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a paid call is about: its INTENT."""

    fingerprint: str
    model: str
    images: int
    """Pictures asked for, at most; 0 where that is not known, as of calls from before this journal."""
    price: float
    """US dollars, at most."""
    by: str
    """The price list that says so."""
    run: str
    recipe: str
    item: str
    step: str
    """The step and, where it has several calls, which of them: `restyle`, `background 2/3`."""
    origin: Mapping[str, str] = field(default_factory=dict)
    """Where it is bought: provider and host, as every ticket from there begins."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One paid call. Moments are in seconds since the epoch, prices in US dollars."""

    number: int
    order: Order
    at: float
    """When it was meant to be sent."""
    state: State = "INTENT"
    sent: float | None = None
    """When the first byte of its last attempt was about to leave."""
    body: str | None = None
    """SHA-256 of what was sent."""
    ticket: Ticket | None = None
    made: int | None = None
    """Pictures that the host made."""
    seed: int | None = None
    """As the host reported it."""
    stored: tuple[str, ...] = ()
    """SHA-256 of each picture in the store."""
    cost: float | None = None
    """What it cost, once that is known."""
    why: str = ""
    """Why it was refused, failed, or cannot be told."""
    biller: str = ""
    """The run on whose bill it stands."""
    told: bool = False
    """Whether that run has told what it cost. What it may have cost is told by each run that meets it."""
    adopted: bool = False
    """Whether its ticket is the user's word alone: no host has confirmed the task yet."""

    @property
    def standing(self) -> Standing:
        """What is to be done about it."""
        if self.state in OVER:
            return "over"
        if self.state == "INTENT":
            return "never sent"
        if self.state == "SKIPPED":
            return "skipped"
        if self.state == "AGAIN":
            return "to send again"
        return "pending" if self.ticket is not None or self.state == "STORED" else "in doubt"

    @property
    def spent(self) -> float:
        """What it cost for all we know: nothing as long as only its being sent is certain."""
        if self.cost is not None:
            return self.cost
        confirmed = self.ticket is not None and not self.adopted
        return self.order.price if confirmed or self.made is not None else 0.0

    @property
    def at_stake(self) -> float:
        """What it may have cost beside that, if the host did accept it."""
        sent = self.state in {"SENDING", "DOUBT", "SKIPPED", "AGAIN", "RESENT"}
        return self.order.price if (sent or self.adopted) and not self.spent else 0.0

    @property
    def task_id(self) -> str | None:
        """The host's name for it."""
        return None if self.ticket is None else self.ticket.get("task_id")

    def to_json(self) -> dict[str, Any]:
        """All of it, as a ledger keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        """Back from to_json(). Raises TypeError, KeyError for anything else."""
        known = dict(data) | {"order": Order(**data["order"]), "stored": tuple(data["stored"])}
        return cls(**known)


def begun(record: Mapping[str, Any]) -> Entry:
    """The entry that an INTENT begins. Raises TypeError, KeyError when the record is none."""
    order = Order(**record["order"])
    return Entry(record["call"], order, record["at"], biller=order.run)


def after(entry: Entry, record: Mapping[str, Any]) -> Entry:
    """What is known of a call after one more record of it. Raises ValueError when that cannot follow."""
    kind = record["is"]
    if kind == "TAKEN":
        return replace(entry, biller=record["run"], told=False)
    if entry.state not in _FROM.get(kind, frozenset()):
        raise ValueError(f"{kind} does not follow {entry.state}")
    match kind:
        case "SENDING":
            return replace(entry, state="SENDING", sent=record["at"], body=record.get("body"), why="")
        case "ACCEPTED":
            return replace(entry, state="ACCEPTED", ticket=record["ticket"])
        case "REJECTED":  # of an attempt alone: another may follow, as if nothing had been sent
            return replace(entry, state="INTENT" if record.get("again") else "REJECTED", why=record["why"])
        case "RESULT":
            return replace(entry, state="RESULT", made=record["made"], seed=record["seed"], adopted=False)
        case "STORED":
            return replace(entry, state="STORED", stored=tuple(record["sha256"]))
        case "DONE":
            return replace(entry, state="DONE", cost=record["cost"])
        case "DOUBT":
            return replace(_taken_back(entry), state="DOUBT", why=record["why"])
        case "RESOLVED":
            return _resolved(entry, record)
        case _:
            return replace(entry, state=kind, why=record["why"])


def _taken_back(entry: Entry) -> Entry:
    """The call without the ticket that a user gave it; a ticket from the host stays."""
    if not entry.adopted:
        return entry
    return replace(entry, ticket=None, adopted=False)


def _resolved(entry: Entry, record: Mapping[str, Any]) -> Entry:
    entry = _taken_back(entry)  # what the user said before
    match record["as"]:
        case "skip":
            return replace(entry, state="SKIPPED")
        case "again":
            return replace(entry, state="AGAIN")
        case "adopt":
            ticket = record["ticket"]
            if entry.ticket is None:
                return replace(entry, state="ACCEPTED", ticket=ticket, stored=(), adopted=True)
            if entry.task_id != ticket["task_id"]:
                raise ValueError(f"the host has said that it is task {entry.task_id}; it cannot be {ticket['task_id']}")
            return replace(entry, state="ACCEPTED", stored=())
    raise ValueError(f"nobody can resolve a call as {record['as']}")
