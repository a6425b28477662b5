"""Fakes at the seams: a provider that keeps its own account, and catalogues small enough to read."""

from __future__ import annotations

import asyncio
import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from PIL import Image

from runner import document, parsing, plan
from runner.clock import Clock
from runner.engine.buying import Buyer
from runner.engine.call import Caller
from runner.engine.purse import Purse
from runner.engine.rate import Rates
from runner.engine.sending import Halt
from runner.errors import CallFailed
from runner.inputs import Item
from runner.operation import (
    Call,
    Catalogue,
    Collected,
    Finished,
    Model,
    Provider,
    Ticket,
    Traffic,
    make_ticket,
    unheard,
)
from runner.operations import OPERATIONS
from runner.plan import Plan
from runner.records import Tariff
from runner.schemagen.recipe_schema import recipe_schema
from runner.store.store import Store

PAINT_SCHEMA: Mapping[str, Any] = {
    "title": "Paint",
    "type": "object",
    "additionalProperties": False,
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string"},
        "images": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
        "seed": {"type": "integer", "minimum": -1, "maximum": 2147483647},
        "strength": {"type": "number", "minimum": 0, "maximum": 10, "description": "How strong."},
        "num_images": {"type": "integer", "minimum": 1, "maximum": 4},
    },
    "x-retouch": {"title": "Paint", "method": "POST", "path": "/v3/async/paint", "sync": False},
}
SEEDLESS_SCHEMA: Mapping[str, Any] = {
    **PAINT_SCHEMA,
    "required": ["prompt", "images"],
    "properties": {key: each for key, each in PAINT_SCHEMA["properties"].items() if key != "seed"},
}
SCHEMAS = {"paint": PAINT_SCHEMA, "seedless": SEEDLESS_SCHEMA}
CATALOGUE = Catalogue(
    {name: Model(name, name.title(), f"/v3/async/{name}", schema) for name, schema in SCHEMAS.items()}, OPERATIONS
)
SHAPE = recipe_schema(SCHEMAS, {verb: each.PARAMS for verb, each in OPERATIONS.items()})


def png(color: tuple[int, int, int], size: tuple[int, int] = (16, 12)) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


def painted(request: Mapping[str, Any], index: int) -> bytes:
    """A picture that only this request, and this image of it, gives."""
    mark = hash((str(sorted(request.items(), key=str)), index)) & 0xFFFFFF
    return png((mark >> 16, mark >> 8 & 255, mark & 255))


@dataclass
class FakeProvider:
    """Keeps an account of every call. What `refuse` raises for a call is its answer to the submit; what `lose` raises
    is the end of the task. Tasks with a meeting end once as many of them are under way at once as it takes."""

    name: str = "fake"
    realm: str = "paid"
    host: str = "fake.example"
    refuse: Callable[[Call], None] = field(default=lambda _: None)
    lose: Callable[[Ticket], None] = field(default=lambda _: None)
    meetings: Mapping[str, asyncio.Barrier] = field(default_factory=dict)
    started: list[Call] = field(default_factory=list)
    collected: list[str] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    broken: Sequence[str] = ()
    """Labels of calls whose pictures are no pictures."""
    at_once: Sequence[str] = ()
    """Labels of calls that are answered with the pictures themselves; a meeting comes before the answer."""
    makes: int | None = None
    """How many pictures each call gives; None for as many as it asks for."""
    spoils: Sequence[int] = ()
    """Which of them, from 0, are no pictures."""
    withholds: Sequence[str] = ()
    """Why further pictures cannot be had."""
    silent: bool = False
    """Whether it sends without telling its witness."""
    session: str = field(default_factory=lambda: secrets.token_hex(4))
    """What its task ids begin with: no two providers of a store name the same one."""
    same_task: int | None = None
    """The number that each of its tasks has, where the host names the same one again and again."""

    @property
    def traffic(self) -> Traffic:
        return Traffic(len(self.started), 0, len(self.collected))

    @property
    def origin(self) -> Mapping[str, str]:
        return {"provider": self.name, "host": self.host}

    async def start(self, call: Call) -> Ticket | Collected:
        await call.witness.turn()
        if not self.silent:
            await call.witness.sending("0" * 64)
        self.started.append(call)
        self.refuse(call)
        await asyncio.sleep(0)
        if call.label in self.at_once:
            await self._made(call.label)
            pictures = self._pictures(call.label, call.request)
            await call.witness.result(len(pictures.images) + len(pictures.lost), pictures.seed)
            return pictures
        number = len(self.started) if self.same_task is None else self.same_task
        made = make_ticket(self.origin, call.model.name, f"{self.session}-{number}", 0.0)
        return {**made, "label": call.label, "request": dict(call.request)}

    async def collect(self, ticket: Ticket, finished: Finished = unheard) -> Collected:
        await self._made(ticket["label"], lambda: self.lose(ticket))
        pictures = self._pictures(ticket["label"], ticket["request"])
        await finished(len(pictures.images) + len(pictures.lost), pictures.seed)
        self.collected.append(ticket["task_id"])
        return pictures

    async def _made(self, label: str, then: Callable[[], None] = lambda: None) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            meeting = self.meetings.get(label)
            if meeting is not None:
                await asyncio.wait_for(meeting.wait(), 30)
            then()
        finally:
            self.running -= 1

    def _pictures(self, label: str, request: Mapping[str, Any]) -> Collected:
        count = self.makes or request.get("num_images", 1)
        pictures = [b"no picture" if index in self.spoils else painted(request, index) for index in range(count)]
        if label in self.broken:
            pictures = [b"no picture"]
        return Collected(tuple(pictures), request.get("seed"), tuple(self.withholds))

    async def close(self) -> None:
        return None


def frozen(at: float = 0.0) -> Clock:
    """A clock that stands still; who waits goes on at once."""

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    return Clock(lambda: at, lambda: 1_790_000_000 + at, sleep, lambda: 0.5)


def planned(text: str, store: Store, photo: bytes | None = None) -> Plan:
    """The plan of a recipe for one item, whose pictures are all the same one."""
    checked = parsing.parse(document.load(text, "r.yaml"), "r", SHAPE, CATALOGUE)
    item = Item("photo", {}, {name: store.keep(photo or png((9, 9, 9))) for name in checked.images})
    return plan.make(checked, item, checked.seed or 0, CATALOGUE, lambda path: path.encode())


def caller_of(
    provider: Provider,
    store: Store,
    *,
    run: str = "run-1",
    price: float = 0.5,
    limit: str | None = None,
    concurrency: int = 8,
    halt: list[Halt] | None = None,
) -> Caller:
    """The engine's caller over a provider and a store, as a run builds it; `halt` gets what stops it."""
    rates = Rates(lambda _: None, frozen())
    stop = Halt(rates)
    if halt is not None:
        halt.append(stop)
    purse = Purse(None if limit is None else Decimal(limit))
    tariff = Tariff(price, "a list")
    buyer = Buyer(provider, store, run=run, price=lambda _: tariff, purse=purse, rates=rates, halt=stop)
    return Caller(buyer, store, concurrency=concurrency)


def failing(kind: Any, label: str) -> Callable[[Call], None]:
    """A refusal of the calls with this label."""

    def refuse(call: Call) -> None:
        if call.label == label:
            raise CallFailed(kind, f"{label} is refused")

    return refuse
