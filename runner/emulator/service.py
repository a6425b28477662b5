"""The host as a state machine: a request in, an answer out. Clock, chance and the painter's thread are passed in.

It speaks the API of DESIGN §8: submit, task result, result links that expire; endpoints that answer with the result
itself, too. `GET /ledger` tells what was asked.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from runner import digest
from runner.emulator import results
from runner.emulator.allowance import Allowance
from runner.emulator.endpoints import Endpoint, endpoints
from runner.emulator.faults import Fault, Faults
from runner.emulator.ledger import Ledger
from runner.emulator.mischief import Kind, Scene
from runner.emulator.options import BAD_KEY, Options
from runner.emulator.order import LABEL_HEADER, Order, printable, read_order
from runner.emulator.painter import flat
from runner.emulator.painter.painting import Brief, paint
from runner.emulator.storage import PREFIX, Storage
from runner.emulator.task import GONE, SUCCEED, Schedule, Task, share_of
from runner.emulator.wire import Later, Refused, Request, Response, answer, envelope, storage_error, then

_MOST_SEED = 2**31 - 1
_NOBODY = "0" * 24
"""The id of another task where there is none."""

Begin = Callable[[Callable[[], bytes]], Callable[[], bytes]]
"""Sets work going, now or when it is first asked for; gives what waits for its result."""

_HELLO = f"""This is the retouch emulator. It answers like a paid image host and paints labelled stand-ins, for free.

  <a model's method and path>            submit; any Bearer key will do, except "{BAD_KEY}"
  GET  /v3/async/task-result?task_id=    ask after a task
  GET  /ledger                           what was asked so far

Models, those that answer with the result itself marked `at once`:
"""


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
        wall: Callable[[], float],
    ) -> None:
        """`schemas`: request schemas by model name. `clock` gives seconds, `draw` numbers from 0 up to below 1, `wall`
        seconds since the epoch."""
        self._schemas = schemas
        self._endpoints = endpoints(schemas)
        self._options = options
        self._clock = clock
        self._draw = draw
        self._begin = begin
        self._wall = wall
        self._faults = Faults(options.faults)
        self._allowance = Allowance(options.images_per_minute, options.balance)
        self._schedule = Schedule(options.latency, options.spread, options.queue, options.slots)
        self._ledger = Ledger()
        self._tasks: dict[str, Task] = {}
        self._storage = Storage(self._drawn(128), options.ttl, options.keep)

    def answer(self, request: Request) -> Response | Later:
        """The answer to a request, or the slow work that leads to it."""
        if request.path.startswith(PREFIX):
            task = self._storage.task_at(request.path)
            return self._through("download", request, task, partial(self._download, request))
        try:
            return self._routed(request)
        except Refused as refused:
            return envelope(refused)

    def _through(
        self, kind: Kind, request: Request, task: Task | None, ask: Callable[[], Response | Later]
    ) -> Response | Later:
        """The true answer to a poll or download, or what a fault makes of it."""
        model, label, mark = (task.model, task.label, task.digest) if task else ("", "", request.path)
        fault = self._faults.due(kind, model, label, lambda: mark)
        if fault is None:
            return ask()
        if task is not None and fault.task is not None:
            task.fate = fault.task
        return self._faulty(fault, kind, request, ask)

    def _faulty(
        self, fault: Fault, kind: Kind, request: Request, ask: Callable[[], Response | Later]
    ) -> Response | Later:
        """What a fault makes of the answer; the host is asked only where the fault comes after that."""
        self._ledger.fault(fault.kind)

        def bend(true: Response) -> Response:
            other = next((each for each in reversed(self._tasks) if each != true.task_id), _NOBODY)
            return fault.told(Scene(kind, request, true, other), self._wall())

        if fault.before:
            self._ledger.count("refused", kind == "submit")
            return bend(Response(200, b""))
        try:
            return then(ask(), bend)
        except Refused as refused:
            return bend(envelope(refused))

    def _routed(self, request: Request) -> Response | Later:
        for endpoint in self._endpoints:
            parts = endpoint.parts(request)
            if parts is not None:
                return self._submit(request, endpoint, {**request.query, **parts})
        match request.method, request.path:
            case "GET", "/v3/async/task-result":
                self._ledger.count("polls")
                task = self._tasks.get(request.query.get("task_id", ""))
                return self._through("poll", request, task, partial(self._task_result, request, task))
            case "GET", "/ledger":
                return Response(200, self._ledger.report(self._clock()))
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

    def _submit(self, request: Request, endpoint: Endpoint, address: Mapping[str, str]) -> Response | Later:
        self._ledger.count("submits")
        label = printable(request.headers.get(LABEL_HEADER, ""))
        fault = self._faults.due("submit", endpoint.model, label, lambda: digest.of_bytes(request.body))
        take = partial(self._taken, request, endpoint, address, fault)
        return take() if fault is None else self._faulty(fault, "submit", request, take)

    def _taken(
        self, request: Request, endpoint: Endpoint, address: Mapping[str, str], fault: Fault | None
    ) -> Response | Later:
        """The true answer to a submit. `fault` is what its client meets afterwards."""
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
            return partial(self._accept, order, endpoint, arrived, request.base_url, fault)

        return Later(work)

    def _refuse(self, refused: Refused) -> Response:
        self._ledger.count("refused")
        return envelope(refused)

    def _accept(
        self, order: Order, endpoint: Endpoint, arrived: float, base_url: str, fault: Fault | None
    ) -> Response | Later:
        options = self._options
        fails = share_of(order.digest[16:24]) < options.failing
        if fails and endpoint.at_once:  # it can only say so: there is no task that could fail later
            return self._refuse(Refused(400, "EMULATED_FAILURE", results.FAILS))
        try:
            self._allowance.take(order.model, order.count, self._clock())
        except Refused as refused:
            return self._refuse(refused)
        fate = fault.task if fault and not endpoint.at_once else None
        seed = int(self._draw() * _MOST_SEED) if order.seed is None else order.seed
        task = Task(
            task_id=self._drawn(96),
            token=self._drawn(96),
            model=order.model,
            label=order.label,
            digest=order.digest,
            seed=seed,
            timing=self._schedule.book(arrived, order.digest),
            extension=order.format,
            images=order.count,
            pictures=() if fails else tuple(map(self._begin, self._paintings(order, seed))),
            fate=fate or ("failed" if fails else None),
        )
        self._tasks[task.task_id] = task
        if len(self._tasks) > options.keep:
            del self._tasks[next(iter(self._tasks))]
        self._storage.put(task)
        self._ledger.enter(task)
        if fault is not None and fault.hides:
            self._ledger.withhold(task, fault.kind)
        said: Response | Later
        if endpoint.at_once:
            said = self._made(task, endpoint, order.base64_asked, base_url)
        else:
            said = answer(results.accepted(task, endpoint.response), task_id=task.task_id)
        return then(said, lambda given: replace(given, unheard=partial(self._ledger.withhold, task, GONE)))

    def _made(self, task: Task, endpoint: Endpoint, base64_asked: bool, base_url: str) -> Later:
        """The pictures, as the answer, once they would be finished."""
        bring = results.brings_files(endpoint.response, base64_asked)

        def work() -> Callable[[], Response]:
            files = [picture() for picture in task.pictures] if bring else []
            return partial(tell, files)

        def tell(files: list[bytes]) -> Response:
            links = self._storage.links(task, self._clock(), base_url)
            told = results.instant(task, endpoint.response, base64_asked, links, files)
            return answer(told, task_id=task.task_id)

        return Later(work, wait=task.timing.finished - self._clock())

    def _task_result(self, request: Request, task: Task | None) -> Response:
        self._authorize(request)
        if not request.query.get("task_id"):
            raise Refused(400, "INVALID_REQUEST_BODY", "the query names no task_id")
        if task is None or task.fate == "lost":
            raise Refused(404, "TASK_NOT_FOUND", "there is no such task here")
        task.polls += 1
        now = self._clock()
        there = task.status(now) == SUCCEED and task.fate != "empty"
        links = self._storage.links(task, now, request.base_url) if there else []
        return answer(results.task_result(task, now, links), task_id=task.task_id)

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

    def _paintings(self, order: Order, seed: int) -> list[Callable[[], bytes]]:
        """The work behind each of an order's pictures."""
        width, height = order.size
        brief = partial(Brief, order.model, order.label, order.prompt, seed, width, height, order.format)
        hand = flat.lay if self._options.flat else paint
        return [partial(hand, brief(number), order.images) for number in range(order.count)]

    def _drawn(self, bits: int) -> str:
        return "".join(f"{int(self._draw() * 2**32):08x}" for _ in range(bits // 32))
