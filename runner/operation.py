"""The seams of the house: what an operation, a model and a provider are, and the catalogue that holds them.

Both extension points are here in full. A provider takes a Call and gives back a Ticket, a small JSON value that can be
journaled; with the ticket alone, any later process can collect the images. An operation is a module (or any object)
with NAME, VERSION, PARAMS, IMAGES and apply().
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from runner import answer, layout
from runner.errors import CallFailed
from runner.layout import Layout

Json = Any
"""A value as JSON has it: None, bool, int, float, str, list, dict."""

Ticket = Mapping[str, Json]
"""What a provider needs to collect a started task: small, plain JSON, free of secrets. See make_ticket."""


def make_ticket(origin: Mapping[str, str], model: str, task_id: str, started: float) -> Ticket:
    """The ticket of a task: where it was bought (Provider.origin), what it makes, the host's name for it, and when it
    was accepted, in seconds since the epoch."""
    return {**origin, "model": model, "task_id": task_id, "started": started}


class Operation(Protocol):
    """A free local edit. The same images and params give the same bytes, whatever machine asks.

    It may have one more function, `objection(params: Mapping[str, Any]) -> str | None`, for what the schema cannot say:
    one sentence on why these params cannot work whatever the pictures are, or None. It is asked before anything is paid
    for, so it must be quick; `params` are those that apply() would get, files as bytes included, and fit PARAMS.
    """

    NAME: str
    """The verb in a recipe, e.g. `resize`."""
    VERSION: int
    """Counts up whenever the same params give other pixels; part of the fingerprint."""
    PARAMS: Mapping[str, Json]
    """JSON Schema (draft 2020-12) of the params. A property marked `x-file: true` is written as a path in the recipe
    and reaches apply() as the file's bytes."""
    IMAGES: tuple[int, int]
    """Fewest and most images it takes."""

    def apply(self, images: Sequence[bytes], params: Mapping[str, Any]) -> bytes:
        """The edited picture as an image file. `params` holds what the recipe says; apply() fills in its defaults.

        Raises OperationFailed when the params do not fit these images, BadImage when an image cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Model:
    """What does a paid edit, as its generated schema describes it."""

    name: str
    title: str
    path: str
    """Path of the endpoint below the base URL, e.g. `/v3/async/flux-1-kontext-dev`."""
    schema: Mapping[str, Json]
    """The request's JSON Schema, whole: prompt, images and seed included."""

    layout: Layout = field(init=False)
    """Where prompt, seed and pictures stand in the request."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "layout", layout.of(self.schema))

    @property
    def properties(self) -> Mapping[str, Mapping[str, Json]]:
        """Every parameter of the request by name, at its top level."""
        found: Mapping[str, Mapping[str, Json]] = self.schema.get("properties", {})
        return found

    @property
    def settings(self) -> Mapping[str, Json]:
        """The schema of what a recipe reaches through `settings:`; the rest has keys of its own."""
        return layout.settings_of(self.schema)

    @property
    def sync(self) -> bool:
        """Whether the answer to the request is the result itself, without a task to ask for."""
        return answer.at_once(self._about)

    @property
    def _about(self) -> Mapping[str, Json]:
        """What the schema tells of the endpoint."""
        found: Mapping[str, Json] = self.schema.get("x-retouch", {})
        return found

    @property
    def seeds(self) -> tuple[int, int] | None:
        """Lowest and highest whole seed to draw from, or None where the model takes none. Never below 0: −1 means
        "any"."""
        if self.layout.seed is None:
            return None
        seed = layout.schema_at(self.schema, self.layout.seed)
        return max(0, math.ceil(seed.get("minimum", 0))), math.floor(seed.get("maximum", 2**31 - 1))


class Witness:
    """Sees each step of a paid request before it is taken, and writes it down. This one keeps no record.

    A provider calls its methods in the order in which they stand here, for every attempt anew. What they raise goes
    on as it is: then the step is not taken.
    """

    async def turn(self) -> None:
        """Awaited before each attempt: until the rate limit lets it go. Raises once nothing more may be sent."""

    async def sending(self, body: str) -> None:
        """Awaited when the next thing to happen is that the first byte of the request leaves; `body` is the SHA-256 of
        what is sent.

        A call that was sent and has no answer is never sent again. A provider that does not say when it sends is
        therefore at fault, and is told so at its first call.
        """

    async def turned_away(self, why: str, *, after: float | None = None, limited: bool = False) -> None:
        """Awaited when an attempt was certainly not accepted, and before another one: `limited` when a limit was the
        reason, for `after` seconds if the host says so."""

    async def result(self, made: int, seed: int | None) -> None:
        """Awaited when the answer is the result itself, as soon as the host has said yes: with the number of pictures
        that it lists and the seed that it reports. Not for providers that give tickets."""


Finished = Callable[[int, int | None], Awaitable[None]]
"""Hears that a task has succeeded: the number of pictures that it made, and the seed that the host reports."""


async def unheard(_made: int, _seed: int | None) -> None:
    """A Finished that nobody listens to."""


@dataclass(frozen=True, slots=True)
class Call:
    """One paid request, resolved: everything but the provider's own wire form."""

    model: Model
    request: Mapping[str, Json]
    """Prompt, seed and settings, named and nested as on the model's page; no images."""
    images: tuple[bytes, ...]
    """Image files in order, as the steps made them; the provider brings them into the form it can send."""
    label: str
    """Step and candidate, for people: `restyle` or `background 2/3`. Never sent to a paying host."""
    witness: Witness = field(default_factory=Witness, compare=False, repr=False)
    """Has to be told of each step that costs, or may cost."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a finished task gave."""

    images: tuple[bytes, ...]
    """At least one, in order."""
    seed: int | None
    """The seed the provider says it used, where it says so."""
    lost: tuple[str, ...] = ()
    """Why further pictures of the task could not be had, a clause for each; they are paid for like the others."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests sent so far, as the provider's own count has them."""

    submits: int = 0
    polls: int = 0
    downloads: int = 0


class PaidInVain(CallFailed):
    """The provider has done, and bills, a call whose pictures could not be had and cannot be asked for again.

    It is "in-doubt": never sent again without a word.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__("in-doubt", message, hint=hint)


class Provider(Protocol):
    """Serves models. Errors are CallFailed; anything else that escapes is a bug."""

    name: str
    realm: str
    """Results are shared only within a realm: `paid`, `loopback:HOST:PORT` (a server on this machine), `rehearsal`."""

    @property
    def traffic(self) -> Traffic:
        """Requests sent since the provider was built."""
        ...

    @property
    def origin(self) -> Mapping[str, str]:
        """Where its tasks are bought: `provider` and `host`, as each of its tickets begins."""
        ...

    async def start(self, call: Call) -> Ticket | Collected:
        """Submit the call, once, telling its witness of each step. A ticket means that the provider has accepted, and
        will bill, the task.

        Where the provider answers with the result itself, that is what comes back: there is nothing to collect. Raises
        PaidInVain when such an answer came and none of its pictures can be had.
        """
        ...

    async def collect(self, ticket: Ticket, finished: Finished = unheard) -> Collected:
        """Wait for the task and fetch its images; safe to call again for the same ticket, which is one of this origin.

        `finished` is awaited once the task is known to have succeeded, before its pictures are fetched.
        """
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a step may name: models by name, operations by verb."""

    models: Mapping[str, Model]
    operations: Mapping[str, Operation]
