"""The host as a state machine: a request in, an answer out. Clock, chance and the painter's thread are passed in.

It speaks the API of DESIGN §8: submit, task result, result links that expire. `GET /ledger` tells what was asked.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from runner.emulator.ledger import Ledger
from runner.emulator.order import Order, read_order
from runner.emulator.painter.painting import Brief, paint
from runner.emulator.storage import PREFIX, Storage
from runner.emulator.task import FAILED, SUCCEED, Schedule, Task, share_of
from runner.emulator.wire import Later, Refused, Request, Response, answer, envelope, storage_error

BAD_KEY = "invalid"
"""A key that is always refused, so that a refusal can be rehearsed."""

_MOST_SEED = 2**31 - 1

Begin = Callable[[Callable[[], bytes]], Callable[[], bytes]]
"""Sets work going, now or when it is first asked for; gives what waits for its result."""

_HELLO = f"""This is the retouch emulator. It answers like a paid image host and paints labelled stand-ins, for free.

  POST /v3/async/<model>                 submit a task; any Bearer key will do, except "{BAD_KEY}"
  GET  /v3/async/task-result?task_id=    ask after it
  GET  /ledger                           what was asked so far

Models:
"""


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


class Service:
    """One host. Not for several threads at once: only `Later.work` may run elsewhere."""

    def __init__(
        self,
        schemas: Mapping[str, Mapping[str, Any]],
        options: Options,
        *,
        clock: Callable[[], float],
        draw: Callable[[], float],
        begin: Begin,
    ) -> None:
        """`schemas`: request schemas by model name. `clock` gives seconds, `draw` numbers from 0 up to below 1."""
        about = {name: schema["x-retouch"] for name, schema in schemas.items()}
        self._models = {(each["method"], each["path"]): name for name, each in about.items() if not each.get("sync")}
        self._schemas = schemas
        self._options = options
        self._clock = clock
        self._draw = draw
        self._begin = begin
        self._schedule = Schedule(options.latency, options.spread, options.queue, options.slots)
        self._ledger = Ledger()
        self._tasks: dict[str, Task] = {}
        self._storage = Storage(self._drawn(128), options.ttl, options.keep)

    def answer(self, request: Request) -> Response | Later:
        """The answer to a request, or the slow work that leads to it."""
        if request.path.startswith(PREFIX):
            return self._download(request)
        try:
            return self._routed(request)
        except Refused as refused:
            return envelope(refused)

    def _routed(self, request: Request) -> Response | Later:
        model = self._models.get((request.method, request.path))
        if model is not None:
            return self._submit(request, model)
        match request.method, request.path:
            case "GET", "/v3/async/task-result":
                return self._task_result(request)
            case "GET", "/ledger":
                return answer(self._ledger.report(self._clock()))
            case "GET", "/":
                listed = "".join(f"  {path}\n" for _, path in sorted(self._models))
                return Response(200, (_HELLO + listed).encode(), "text/plain; charset=utf-8")
        self._ledger.count("unknown")
        raise Refused(404, "API_NOT_FOUND", f"there is no {request.method} {request.path} here")

    def _authorize(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            self._ledger.count("unauthorized")
            raise Refused(401, "INVALID_API_KEY", "the request carries no Bearer key")
        wanted = self._options.key
        known = key != BAD_KEY if wanted is None else hmac.compare_digest(key.encode(), wanted.encode())
        if not known:
            self._ledger.count("unauthorized")
            raise Refused(403, "INVALID_API_KEY", "this key is not known here")

    def _submit(self, request: Request, model: str) -> Response | Later:
        self._ledger.count("submits")
        try:
            self._authorize(request)
        except Refused as refused:
            return self._refuse(refused)
        arrived = self._clock()  # a task's time counts from here: reading its pictures is the host's own affair
        own = partial(self._storage.own, base_url=request.base_url, now=arrived)

        def work() -> Callable[[], Response]:
            try:
                order = read_order(request, model, self._schemas[model], own)
            except Refused as refused:
                return partial(self._refuse, refused)
            return partial(self._accept, order, arrived)

        return Later(work)

    def _refuse(self, refused: Refused) -> Response:
        self._ledger.count("refused")
        return envelope(refused)

    def _accept(self, order: Order, arrived: float) -> Response:
        options = self._options
        seed = int(self._draw() * _MOST_SEED) if order.seed is None else order.seed
        fails = share_of(order.digest[16:24]) < options.failing
        task = Task(
            task_id=self._drawn(96),
            token=self._drawn(96),
            model=order.model,
            label=order.label,
            digest=order.digest,
            seed=seed,
            timing=self._schedule.book(arrived, order.digest),
            fails=fails,
            extension=order.format,
            pictures=() if fails else tuple(map(self._begin, _paintings(order, seed))),
        )
        self._tasks[task.task_id] = task
        if len(self._tasks) > options.keep:
            del self._tasks[next(iter(self._tasks))]
        self._storage.put(task)
        self._ledger.enter(task)
        return answer({"task_id": task.task_id})

    def _task_result(self, request: Request) -> Response:
        self._ledger.count("polls")
        self._authorize(request)
        task_id = request.query.get("task_id", "")
        if not task_id:
            raise Refused(400, "INVALID_REQUEST_BODY", "the query names no task_id")
        task = self._tasks.get(task_id)
        if task is None:
            raise Refused(404, "TASK_NOT_FOUND", "there is no such task here")
        task.polls += 1
        now = self._clock()
        links = self._storage.links(task, now, request.base_url) if task.status(now) == SUCCEED else []
        return answer(_told(task, now, links))

    def _download(self, request: Request) -> Response | Later:
        if "authorization" in request.headers:
            self._ledger.count("leaks")
            return storage_error(400, "InvalidArgument", "A signed link takes no Authorization header.")
        if request.method != "GET":
            return storage_error(405, "MethodNotAllowed", "Pictures can be fetched, nothing else.")
        found = self._storage.find(request.path, request.query, self._clock())
        if isinstance(found, Response):
            return found
        task, picture = found

        def work() -> Callable[[], Response]:
            return partial(self._deliver, task, picture())

        return Later(work)

    def _deliver(self, task: Task, data: bytes) -> Response:
        self._ledger.count("downloads")
        task.downloads += 1
        return Response(200, data, f"image/{task.extension}")

    def _drawn(self, bits: int) -> str:
        return "".join(f"{int(self._draw() * 2**32):08x}" for _ in range(bits // 32))


def _paintings(order: Order, seed: int) -> list[Callable[[], bytes]]:
    """The work behind each of an order's pictures."""
    width, height = order.size
    brief = partial(Brief, order.model, order.label, order.prompt, seed, width, height, order.format)
    return [partial(paint, brief(number), order.images) for number in range(order.count)]


def _told(task: Task, now: float, links: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to a question after a task."""
    moments = {
        "submit_time_ms": task.timing.submitted,
        "execute_time_ms": task.timing.started,
        "complete_time_ms": task.timing.finished,
    }
    status = task.status(now)
    return {
        "task": {
            "task_id": task.task_id,
            "status": status,
            "reason": "the emulator was asked to let some tasks fail" if status == FAILED else "",
            "task_type": task.model.upper().replace("-", "_").replace(".", "_"),
            "eta": 0,
            "progress_percent": 0,
        },
        "images": links,
        "videos": [],
        "audios": [],
        "extra": {
            "seed": str(task.seed),
            "enable_nsfw_detection": False,
            "debug_info": {
                "request_info": "",
                **{name: str(round(at * 1000)) if at <= now else "" for name, at in moments.items()},
            },
        },
    }
