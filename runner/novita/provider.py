"""The provider: start a call once, collect its images as often as asked.

A synchronous endpoint answers with the images themselves. They are had at once or never: its links are signed, so they
are written nowhere.

A ticket is `{"provider", "host", "model", "task_id", "started"}`; `host` is the base URL's, with its port, `started`
is in seconds since the epoch. It is all that a later process needs to collect, from the same host.

A failure of collect() is the host's last word about the task when its kind is "failed" or "moderated"; every other kind
leaves the task to a later run, and its hint says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from runner import artifact, digest
from runner.clock import Clock
from runner.errors import BadImage, CallFailed
from runner.novita import links, refusal, wire
from runner.novita.client import Answer, Client, Limits, LinkExpired, NotFollowed, Transport
from runner.novita.polling import NEAR, REMOTE, Memory, Pace, Polling, ShortMemory, Watch
from runner.novita.retry import (
    ASKING_NEAR,
    ASKING_REMOTE,
    SUBMITTING_NEAR,
    SUBMITTING_REMOTE,
    Bucket,
    Patience,
    TryAgain,
    insist,
)
from runner.novita.shield import unbroken
from runner.operation import Call, Collected, Finished, Model, PaidInVain, Ticket, Traffic, make_ticket, unheard
from runner.settings import ImageForm, Secret

_FRESH_LINKS = 4
"""How often a finished task is asked for its images, or a link that has no successor for its own, before we give up."""
_LONGEST_EXPLANATION = 1_000_000
"""Bytes of an unusable answer that are still looked through for the host's words."""
_KEPT = "the task is kept and will not be bought twice"


@dataclass(frozen=True, slots=True)
class NovitaOptions:
    """What may be set about one host; the defaults are for Novita itself. Times in seconds."""

    base_url: str
    key: Secret
    image_form: ImageForm = "data-uri"
    polling: Polling | None = None
    """None: by where the host stands. A host elsewhere is never asked more than once a second about one task."""
    submitting: Patience | None = None
    """For a submit that may be sent again. None: by where the host stands."""
    asking: Patience | None = None
    """For one poll, or one download, that meets trouble. None: by where the host stands."""
    longest_task: float = 3600.0
    """A task, or an answer that is the result, that takes longer is left behind; it may still finish, and be billed."""
    limits: Limits = field(default_factory=Limits)

    def pace(self) -> Polling:
        """The polling in force."""
        if links.is_loopback(self.base_url):
            return self.polling or NEAR
        polling = self.polling or REMOTE
        return replace(polling, least=max(1.0, polling.least))

    def patience_to_submit(self) -> Patience:
        """The patience in force for submits."""
        return self.submitting or (SUBMITTING_NEAR if links.is_loopback(self.base_url) else SUBMITTING_REMOTE)

    def patience(self) -> Patience:
        """The patience in force for polls and downloads."""
        return self.asking or (ASKING_NEAR if links.is_loopback(self.base_url) else ASKING_REMOTE)


class NovitaProvider:
    """A host that speaks Novita's v3 API: Novita, a sister host, or an emulator of it."""

    def __init__(
        self,
        options: NovitaOptions,
        *,
        name: str,
        realm: str,
        clock: Clock,
        transport: Transport | None = None,
        notice: Callable[[str], None] = lambda _: None,
        memory: Memory | None = None,
    ) -> None:
        """`name` and `realm` as in operation.Provider. `transport` takes the place of the network; the host is then
        addressed as loopback. `notice` hears what is odd but harmless, one sentence each. `memory` knows how long the
        host's tasks take; without one that is learned anew.
        """
        self.name = name
        self.realm = realm
        self._options = options
        self._host = urlsplit(options.base_url).netloc.lower()
        self._pace = Pace(options.pace(), memory or ShortMemory(), clock.draw)
        self._bucket = Bucket()
        self._submitting = options.patience_to_submit()
        self._asking = options.patience()
        self._clock = clock
        self._notice = notice
        self._told_of_waiting = False
        self._client = Client(
            options.base_url, options.key, wall=clock.wall, limits=options.limits, transport=transport
        )

    @property
    def origin(self) -> Mapping[str, str]:
        """This provider, and its host with the port."""
        return {"provider": self.name, "host": self._host}

    @property
    def traffic(self) -> Traffic:
        """Requests sent since the provider was built."""
        return self._client.traffic

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()

    async def start(self, call: Call) -> Ticket | Collected:
        """Submit the call, once; submitted again only when it is certain that nothing was accepted (DESIGN §7).

        When our task is cancelled while the request is under way, what it gave is still returned; see shield.
        """
        model, at_once, witness = call.model, call.model.sync, call.witness
        ready: list[tuple[str, bytes, str]] = []
        label = call.label if self.realm != "paid" else None
        making, tell = (self._options.longest_task, self._tell_of_waiting) if at_once else (None, _say_nothing)

        async def attempt() -> Answer:
            await witness.turn()
            if not ready:  # large, so not before its turn has come
                ready.append(await asyncio.to_thread(_prepare, call, self._options.image_form))
            target, body, mark = ready[0]
            sending = partial(witness.sending, mark)
            return await self._client.submit(
                target, body, model=model.name, label=label, making=making, tell=tell, sending=sending
            )

        async def turned_away(trouble: TryAgain) -> None:
            limited = trouble.failure.kind == "rejected"  # the other reason for another try is: no connection
            await witness.turned_away(trouble.failure.message, after=trouble.after, limited=limited)

        answer = await insist(attempt, self._submitting, self._clock, self._bucket, missed=turned_away)
        if not at_once and isinstance(said := self._said(answer, model), str):
            return self._ticket(model, said)
        most = self._asking.total + self._options.limits.download
        return await unbroken(self._delivered(answer, call), most, self._tell_of_waiting)

    def _said(self, answer: Answer, model: Model) -> wire.Instant | str:
        """What a yes says: pictures, or a task's id. Slow where it brings the pictures along."""
        most = self._options.limits.picture_bytes
        try:
            return wire.answered(answer.body, at_once=model.sync, most_bytes=most)
        except wire.Unusable as error:
            host = urlsplit(self._options.base_url).hostname
            words = _own_words(answer)
            told = f"{host} answered HTTP {answer.status}, but {error}"
            raise refusal.in_doubt(f"{told} ({words})" if words else told) from None

    def _ticket(self, model: Model, task_id: str) -> Ticket:
        return make_ticket(self.origin, model.name, task_id, self._clock.wall())

    async def _delivered(self, answer: Answer, call: Call) -> Ticket | Collected:
        """The pictures of an answer that is the result: as many as can be had."""
        said = await asyncio.to_thread(self._said, answer, call.model)
        if isinstance(said, str):
            return self._ticket(call.model, said)
        await call.witness.result(len(said.pictures) + len(said.unfit), said.seed)
        got = await asyncio.gather(*map(self._had, said.pictures), return_exceptions=True)
        had, lost = [], list(said.unfit)
        for each in got:
            if isinstance(each, bytes):
                had.append(each)
            elif isinstance(each, CallFailed):
                lost.append(each.message)
            else:
                raise each
        if not had:
            words = f"{lost[-1]}; the call is paid, and what it gave cannot be asked for again"
            raise PaidInVain(words, hint="running this step again buys it again") from None
        return Collected(tuple(had), said.seed, tuple(lost))

    async def _had(self, picture: str | bytes) -> bytes:
        """A picture of an answer: itself, or what lies behind its link."""
        if isinstance(picture, bytes):
            return picture

        async def fetch() -> bytes:
            try:
                return await self._image(picture)
            except LinkExpired:
                raise TryAgain(CallFailed("network", "the link to a finished picture is refused")) from None

        return await insist(fetch, replace(self._asking, tries=_FRESH_LINKS), self._clock, self._bucket)

    def _tell_of_waiting(self) -> None:
        """Once is enough, however many answers are awaited."""
        if not self._told_of_waiting:
            self._told_of_waiting = True
            self._notice(f"waiting for what {self.name} is making, since it is paid; interrupt again to leave it")

    async def collect(self, ticket: Ticket, finished: Finished = unheard) -> Collected:
        """Wait for the task and fetch its images; safe to call again for the same ticket.

        `finished` is awaited once, when the host says for the first time that the task has succeeded.

        Links that have expired, and a success without images, make it ask the same task again; it never submits.
        """
        try:
            return await self._collected(ticket, finished)
        except CallFailed as error:
            if error.kind in {"failed", "moderated"}:
                raise
            advice = f"run the same command again later; {_KEPT}"
            hint = f"{error.hint}; {advice}" if error.hint else advice
            raise CallFailed(error.kind, error.message, hint=hint) from None

    async def _collected(self, ticket: Ticket, finished: Finished) -> Collected:
        try:
            task_id = wire.task_id(ticket.get("task_id"))
        except wire.Unusable as error:
            raise CallFailed("network", f"the ticket cannot be used: {error}") from None
        started = ticket.get("started", self._clock.wall())
        begun = self._clock.monotonic() - max(0.0, self._clock.wall() - float(started))
        images: dict[int, bytes] = {}
        lost: dict[int, CallFailed] = {}
        watch = self._pace.watch(str(ticket.get("model")), self._clock.monotonic() - begun)
        for turn in range(_FRESH_LINKS):
            state = await self._finished(task_id, begun, watch)
            if turn == 0:
                await finished(state.listed, state.seed)
            await self._fetch(state.links, images, lost)
            if images and len(images) + len(lost) >= len(state.links):
                had = tuple(images[index] for index in sorted(images))
                return Collected(had, state.seed, tuple(each.message for each in lost.values()))
            if lost and len(lost) >= len(state.links):
                raise lost[min(lost)]
        if not state.listed and state.other:
            hint = f"fetch it from {self._host} by this id; a model of a recipe has to make pictures"
            raise CallFailed("network", f"task {task_id} made no image but {state.other}", hint=hint)
        if not state.listed:
            raise CallFailed("network", f"task {task_id} succeeded without giving any image")
        if not state.links:
            raise CallFailed("network", f"task {task_id} succeeded, but its images come without an address")
        raise CallFailed("network", f"the links to the images of task {task_id} are refused, fresh ones too")

    async def _finished(self, task_id: str, begun: float, watch: Watch) -> wire.TaskState:
        """Ask, whenever `watch` says so, until the task has succeeded.

        `begun` is the moment, on the monotonic clock, at which the task was accepted.
        """
        odd: set[str] = set()
        while True:
            while (rest := watch.due() - (self._clock.monotonic() - begun)) > 0.0:
                # what others teach meanwhile may bring the question forward; a wait too short to count never ends
                await self._clock.sleep(max(0.001, min(rest, self._pace.polling.look)))
            state, asked, calm = await self._state(task_id)
            elapsed = self._clock.monotonic() - begun
            if state.stage == "succeeded":
                watch.done(asked - begun, elapsed, calm=calm)
                return state
            if state.stage == "failed":
                raise refusal.of_task(state.reason)
            watch.not_yet(asked - begun, elapsed)
            if not state.known and state.status not in odd:
                odd.add(state.status)
                self._notice(f"{self.name} says {state.status} of a task; that word is new, so we keep waiting")
            if elapsed > self._options.longest_task:
                minutes = round(self._options.longest_task / 60)
                words = f"task {task_id} has not finished after {minutes} minutes: {self.name} says {state.status}"
                raise CallFailed("network", words)

    async def _state(self, task_id: str) -> tuple[wire.TaskState, float, bool]:
        """How a task stands, when that was asked, and whether the first question was answered."""
        asked: list[float] = []

        async def ask() -> wire.TaskState:
            asked.append(self._clock.monotonic())
            return await self._client.poll(task_id)

        asking = replace(self._asking, least=self._pace.polling.least)
        state = await insist(ask, asking, self._clock, self._bucket)
        return state, asked[-1], len(asked) == 1

    async def _fetch(self, found: Sequence[wire.Link], images: dict[int, bytes], lost: dict[int, CallFailed]) -> None:
        """Download what `images` lacks, all at once; those whose link has expired stay out.

        What arrives and is no picture, however often it is asked for, and what lies where we do not go, goes to `lost`:
        it must not hold up the others.
        """
        missing = [index for index in range(len(found)) if index not in images and index not in lost]
        answers = await asyncio.gather(*(self._image(found[index].url) for index in missing), return_exceptions=True)
        for index, answer in zip(missing, answers, strict=True):
            if isinstance(answer, bytes):
                images[index] = answer
            elif isinstance(answer, NotFollowed) or (isinstance(answer, CallFailed) and answer.kind == "image"):
                lost[index] = answer
        for index, answer in zip(missing, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, LinkExpired) and index not in lost:
                raise answer

    async def _image(self, url: str) -> bytes:
        return await insist(lambda: self._client.download(url), self._asking, self._clock, self._bucket)


def _say_nothing() -> None:
    return None


def _own_words(answer: Answer) -> str:
    """What the host says beside in an answer that cannot be used: its message, from JSON that is whole.

    Anything else may be a torn piece of links and pictures, and is not quoted.
    """
    if not answer.whole or len(answer.body) > _LONGEST_EXPLANATION:
        return ""
    told = refusal.read(answer.status, answer.body)
    return told.message if told.from_api else ""


def _prepare(call: Call, form: ImageForm) -> tuple[str, bytes, str]:
    """Target, body and the body's digest of a call: slow for large pictures, so it runs in a thread."""
    try:
        images = [artifact.for_model(image) for image in call.images]
    except BadImage as error:
        raise CallFailed("image", error.message, hint=error.hint) from None
    try:
        target = wire.target(call.model, call.request)
    except ValueError as error:
        raise CallFailed("rejected", str(error), hint="set it in the step's `settings:`") from None
    body = wire.body(call.model, call.request, images, form)
    return target, body, digest.of_bytes(body)
