"""Scripted faults: which requests meet what.

A Script never changes; `Faults` counts the requests of one host and says what is due. A chance is drawn from the
script's seed, the request's body and how often that was seen, so that equal runs meet equal faults in whatever order
their requests arrive. How a script is written: see `script`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from fnmatch import fnmatchcase
from typing import Any, Literal

from runner.emulator.mischief import CASES, Kind, Scene
from runner.emulator.task import Fate, share_of
from runner.emulator.wire import Manner, Refused, Response, envelope, storage_error


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the script's own words."""

    status: int
    body: str | Mapping[str, Any] | Sequence[Any] | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: which requests, and what happens to them."""

    on: Kind | Literal["any"]
    model: str = "*"
    """A pattern, as for files."""
    step: str = "*"
    nth: frozenset[int] | None = None
    """Which of the requests that fit, from 1; None where `first` and `times` say it."""
    first: int = 1
    times: int | None = None
    chance: float = 1.0
    answer: Answer | None = None
    case: str | None = None
    link: str | None = None
    task: Fate | None = None
    accepted: bool = False
    retry_after: float | None = None
    retry_after_date: float | None = None
    drop: Literal["before", "after"] | None = None
    half: bool = False
    drip: int | None = None
    delay: float = 0.0

    @property
    def kind(self) -> str:
        """What it does, in a word: how the ledger counts it."""
        return "+".join(
            [
                *([f"task-{self.task}"] if self.task else []),
                *([f"answer-{self.answer.status}"] if self.answer else []),
                *([self.case] if self.case else []),
                *(["link"] if self.link else []),
                *([f"drop-{self.drop}"] if self.drop else []),
                *(["half"] if self.half else []),
                *(["drip"] if self.drip else []),
                *(["delay"] if self.delay else []),
                *(["accepted"] if self.accepted else []),
            ]
        )

    @property
    def before(self) -> bool:
        """Whether it comes in place of the host's work, so that nothing is accepted."""
        if self.accepted:
            return False
        refuses = self.case is not None and CASES[self.case].refuses
        return self.drop == "before" or self.answer is not None or refuses

    @property
    def hides(self) -> bool:
        """Whether the client cannot know the id of the task that the host accepted."""
        told_otherwise = self.case is not None and CASES[self.case].hides
        return self.drop is not None or self.half or self.answer is not None or told_otherwise

    def fits(self, kind: Kind, model: str, step: str) -> bool:
        """Whether it is meant for such requests at all."""
        return self.on in {kind, "any"} and fnmatchcase(model, self.model) and fnmatchcase(step, self.step)

    def told(self, scene: Scene, now: float) -> Response:
        """The answer that the client gets; `now` in seconds since the epoch, for dates."""
        response = self._said(scene)
        headers = dict(response.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = f"{self.retry_after:g}"
        if self.retry_after_date is not None:
            headers["Retry-After"] = formatdate(now + self.retry_after_date, usegmt=True)
        manner = Manner(self.delay, self.drop is not None, self.half, self.drip)
        return replace(response, headers=headers, manner=manner)

    def _said(self, scene: Scene) -> Response:
        if self.answer is not None:
            return _in_words(self.answer, scene.kind)
        if self.case is not None and (CASES[self.case].refuses or scene.true.status == 200):
            return CASES[self.case].tell(scene)
        if self.link is not None and scene.kind == "poll" and scene.true.status == 200:
            told = json.loads(scene.true.body)
            told["images"] = [image | {"image_url": self.link} for image in told["images"]]
            return replace(scene.true, body=json.dumps(told).encode())
        return scene.true


@dataclass(frozen=True, slots=True)
class Script:
    """Faults in their order: the first that is due happens."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0


UNDISTURBED = Script()
"""Nothing goes wrong."""


class Faults:
    """Counts the requests of one host and says which fault is due."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._fitting: Counter[int] = Counter()
        self._seen: Counter[tuple[int, str]] = Counter()

    def due(self, kind: Kind, model: str, step: str, body: Callable[[], str]) -> Fault | None:
        """The fault that this request meets. `body` gives what tells it from others: a digest. Every rule that fits
        counts the request, whether its turn comes or not."""
        due = None
        for number, fault in enumerate(self._script.faults):
            if not fault.fits(kind, model, step):
                continue
            self._fitting[number] += 1
            if self._is_turn(number, fault) and self._is_drawn(number, fault, body) and due is None:
                due = fault
        return due

    def _is_turn(self, number: int, fault: Fault) -> bool:
        count = self._fitting[number]
        if fault.nth is not None:
            return count in fault.nth
        return count >= fault.first and (fault.times is None or count < fault.first + fault.times)

    def _is_drawn(self, number: int, fault: Fault, body: Callable[[], str]) -> bool:
        if fault.chance >= 1:
            return True
        mark = body()
        self._seen[number, mark] += 1
        drawn = f"{self._script.seed}/{number}/{mark}/{self._seen[number, mark]}"
        return share_of(hashlib.sha256(drawn.encode()).hexdigest()[:13]) < fault.chance


def _in_words(said: Answer, kind: Kind) -> Response:
    """An answer of the script; without a body of its own, the refusal that belongs to who is asked."""
    if said.status in {204, 304}:
        return Response(said.status, b"", headers=said.headers)
    if said.body is None:
        words = "the emulator was asked to answer like this"
        plain = (
            storage_error(said.status, "EmulatedFault", words)
            if kind == "download"
            else envelope(Refused(said.status, "EMULATED_FAULT", words))
        )
        return replace(plain, headers=said.headers)
    if isinstance(said.body, str):
        return Response(said.status, said.body.encode(), "text/plain; charset=utf-8", said.headers)
    return Response(said.status, json.dumps(said.body, ensure_ascii=False).encode(), headers=said.headers)
