"""The host as a state machine: a request in, an answer out. Clock, chance and the painter's thread are passed in.

It speaks the API of DESIGN §8: submit, task result, result links that expire; endpoints that answer with the result
itself, too. `GET /ledger` tells what was asked.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from runner import answer as answers
from runner.emulator import results
from runner.emulator.ledger import Ledger
from runner.emulator.order import Order, read_order
from runner.emulator.painter.painting import Brief, paint
from runner.emulator.storage import PREFIX, Storage
from runner.emulator.task import SUCCEED, Schedule, Task, share_of
from runner.emulator.wire import Later, Refused, Request, Response, answer, envelope, storage_error

BAD_KEY = "invalid"
"""A key that is always refused, so that a refusal can be rehearsed."""

_MOST_SEED = 2**31 - 1

Begin = Callable[[Callable[[], bytes]], Callable[[], bytes]]
"""Sets work going, now or when it is first asked for; gives what waits for its result."""

_HELLO = f"""This is the retouch emulator. It answers like a paid image host and paints labelled stand-ins, for free.

  <a model's method and path>            submit; any Bearer key will do, except "{BAD_KEY}"
  GET  /v3/async/task-result?task_id=    ask after a task
  GET  /ledger                           what was asked so far

Models, those that answer with the result itself marked `at once`:
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


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """Where one model is asked."""

    model: str
    method: str
    path: str
    """With `{name}` for each part that the request fills in."""
    at_once: bool
    """Whether its answer is the result."""
    response: Mapping[str, Any] | None
    """The schema of its answer, where that is known."""

    def parts(self, request: Request) -> Mapping[str, str] | None:
        """The parts of the path that the request has filled in, by name; None when it asks for something else."""
        if request.method != self.method:
            return None
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        match = re.fullmatch(pattern, request.path)
        return None if match is None else match.groupdict()


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
        self._schemas = schemas
        self._endpoints = [
            _Endpoint(name, about.get("method") or "POST", about["path"], answers.at_once(about), about.get("response"))
            for name, about in ((name, schema["x-retouch"]) for name, schema in schemas.items())
            if isinstance(about.get("path"), str)
        ]
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
        for endpoint in self._endpoints:
            parts = endpoint.parts(request)
            if parts is not None:
                return self._submit(request, endpoint, {**request.query, **parts})
        match request.method, request.path:
            case "GET", "/v3/async/task-result":
                return self._task_result(request)
            case "GET", "/ledger":
                return answer(self._ledger.report(self._clock()))
            case "GET", "/":
                listed = "".join(sorted(self._listed()))
                return Response(200, (_HELLO + listed).encode(), "text/plain; charset=utf-8")
        self._ledger.count("unknown")
        raise Refused(404, "API_NOT_FOUND", f"there is no {request.method} {request.path} here")

    def _listed(self) -> Iterator[str]:
        for each in self._endpoints:
            yield f"  {each.model:<32} {each.method:<4} {each.path}{'  at once' if each.at_once else ''}\n"

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

    def _submit(self, request: Request, endpoint: _Endpoint, address: Mapping[str, str]) -> Response | Later:
        self._ledger.count("submits")
        try:
            self._authorize(request)
        except Refused as refused:
            return self._refuse(refused)
        arrived = self._clock()  # a task's time counts from here: reading its pictures is the host's own affair
        own = partial(self._storage.own, base_url=request.base_url, now=arrived)

        def work() -> Callable[[], Response | Later]:
            try:
                order = read_order(request, endpoint.model, self._schemas[endpoint.model], own, address)
            except Refused as refused:
                return partial(self._refuse, refused)
            return partial(self._accept, order, endpoint, arrived, request.base_url)

        return Later(work)

    def _refuse(self, refused: Refused) -> Response:
        self._ledger.count("refused")
        return envelope(refused)

    def _accept(self, order: Order, endpoint: _Endpoint, arrived: float, base_url: str) -> Response | Later:
        options = self._options
        fails = share_of(order.digest[16:24]) < options.failing
        if fails and endpoint.at_once:  # it can only say so: there is no task that could fail later
            return self._refuse(Refused(400, "EMULATED_FAILURE", results.FAILS))
        seed = int(self._draw() * _MOST_SEED) if order.seed is None else order.seed
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
        if endpoint.at_once:
            return self._made(task, endpoint, order.base64_asked, base_url)
        return answer(results.accepted(task, endpoint.response))

    def _made(self, task: Task, endpoint: _Endpoint, base64_asked: bool, base_url: str) -> Later:
        """The pictures, as the answer, once they would be finished."""
        bring = results.brings_files(endpoint.response, base64_asked)

        def work() -> Callable[[], Response]:
            files = [picture() for picture in task.pictures] if bring else []
            return partial(told, files)

        def told(files: list[bytes]) -> Response:
            links = self._storage.links(task, self._clock(), base_url)
            return answer(results.instant(task, endpoint.response, base64_asked, links, files))

        return Later(work, wait=task.timing.finished - self._clock())

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
        return answer(results.task_result(task, now, links))

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
