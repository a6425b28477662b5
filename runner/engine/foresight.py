"""What a plan will need, told before anything runs: what is known already, what was bought, what is to be paid.

What is to be paid lies between two sums. The *high* one is the most that a run can cost, and the one that a budget is
held against: each call that may have to be sent, with the most pictures it may make. The *low* one is what a run costs
at least if no step fails:

- a call counts as soon as it is certain that nobody has made it before: its pictures are known and it is not, or one
  of its pictures is bought in this very run, which makes it a new one;
- it does not count where its picture may come out as one that was there before, so that the call may turn out to be
  known: below an operation that is done anew, or a picture that was known and is gone from the store;
- it counts with the fewest pictures it may make, and once where several steps ask for the same;
- nothing counts below a step that is in doubt or left out, since the run ends there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from runner import digest
from runner.artifact import Artifact
from runner.plan import Plan, PlannedStep
from runner.records import Price, Tariff
from runner.store.store import Store

Outlook = Literal["cached", "pending", "in doubt", "skipped", "to pay", "free", "off"]

Pending = Literal["new", "perhaps", "never"]
"""Of a picture that is not there yet: one that nobody has seen before, one that may be known, none at all."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One step, as far as it can be told now."""

    planned: PlannedStep
    outlook: Outlook
    calls: int = 0
    """Paid calls that will be sent, at most."""
    price: float = 0.0
    """US dollars for them, at most."""
    pictures: int = 0
    """That they will make, at most."""
    least: float = 0.0
    """US dollars for them, at least."""
    tariff: Tariff | None = None
    """What one picture costs, and who says so; of steps that are to be paid."""
    pixels: tuple[str | None, ...] = ()
    """Pixel digests of the pictures it takes; None for one that has to be made first."""
    lost: bool = False
    """Whether it was made before, and its pictures are gone from the store."""


def foresee(plan: Plan, store: Store, realm: str, price: Price) -> tuple[Foreseen, ...]:
    """Every step of the plan in order. A step below one that must run again counts as to run, since its pictures are
    not known; it may turn out cheaper, never dearer."""
    pictures: dict[str, Artifact | Pending] = dict(plan.item.images)
    origins: dict[str, str] = {}
    counted: set[str] = set()
    told: list[Foreseen] = []
    for planned in plan.steps:
        if planned.off:
            told.append(Foreseen(planned, "off"))
            continue
        taken = [pictures[source] for source in planned.sources]
        one, gives, missing = _one(planned, taken, store, realm, price)
        asked, origins[planned.name] = _identities(planned, taken, origins)
        certain = _ahead(taken) not in {"perhaps", "never"}
        fewest = 0
        for number in missing:
            if certain and asked[number] not in counted and planned.model:
                fewest += planned.model.layout.count_at_least(planned.requests[number])
                counted.add(asked[number])
        told.append(replace(one, least=fewest * one.tariff.usd if one.tariff else 0.0))
        pictures[planned.name] = gives
    return tuple(told)


def crossing(foreseen: Sequence[Foreseen], limit: float) -> Foreseen | None:
    """The first step with which a run could cost more than so many US dollars; None where it cannot."""
    total = 0.0
    for each in foreseen:
        total = round(total + each.price, 9)
        if round(total, 6) > limit:
            return each
    return None


def _one(
    planned: PlannedStep, taken: Sequence[Artifact | Pending], store: Store, realm: str, price: Price
) -> tuple[Foreseen, Artifact | Pending, Sequence[int]]:
    """A step, but for what it costs at least; the picture that it gives, as far as that can be told; and the numbers,
    from 0, of the calls that are to be paid."""
    pixels = tuple(None if isinstance(image, str) else image.pixels for image in taken)
    known = [each for each in pixels if each is not None]
    marks = planned.fingerprints(realm, tuple(known)) if len(known) == len(pixels) else ()
    results = [store.known(mark) for mark in marks]
    made = [image for result in results if result is not None for image in result.images]
    if marks and all(results):
        picture = made[planned.step.choose - 1] if planned.step.choose <= len(made) else None
        return Foreseen(planned, "cached", pixels=pixels), picture or "never", ()
    ahead = _ahead(taken)
    if planned.model is None:
        return Foreseen(planned, "free", pixels=pixels), "perhaps" if ahead is None else ahead, ()
    stand = ["cached" if result else _standing(mark, store) for result, mark in zip(results, marks, strict=True)]
    missing = [number for number in range(len(planned.requests)) if number >= len(stand) or not stand[number]]
    stopped: tuple[Outlook, ...] = ("in doubt", "skipped")
    for outlook in stopped:  # without these pictures the step fails, whatever its other calls give
        if outlook in stand:
            return Foreseen(planned, outlook, pixels=pixels), "never", ()
    if not missing:
        return Foreseen(planned, "pending", pixels=pixels), "new", ()
    tariff = price(planned.model.name)
    most = sum(planned.pictures(number) for number in missing)
    lost = any(number < len(marks) and store.index.result(marks[number]) is not None for number in missing)
    cost = most * tariff.usd
    one = Foreseen(planned, "to pay", len(missing), cost, most, tariff=tariff, pixels=pixels, lost=lost)
    chosen = results[planned.step.choose - 1] if planned.step.choose <= len(results) and len(results) > 1 else None
    if chosen is not None:  # one more candidate changes nothing below the one that was chosen
        return one, chosen.images[0], missing
    return one, "perhaps" if lost and ahead is None else ahead or "new", missing


def _ahead(taken: Sequence[Artifact | Pending]) -> Pending | None:
    """What can be said of a step's pictures together; None where all of them are there."""
    order: tuple[Pending, ...] = ("never", "new", "perhaps")
    return next((each for each in order if each in taken), None)


def _identities(
    planned: PlannedStep, taken: Sequence[Artifact | Pending], origins: Mapping[str, str]
) -> tuple[Sequence[str], str]:
    """What tells each call of a step from others of this run, and what so tells the picture that it gives: two steps
    that ask for the same, of pictures that may be the same, are told to be one. `origins` has the latter of the steps
    above. An operation may leave a picture as it is, so that its own comes from where that one comes from."""
    named = [
        origins[source] if isinstance(image, str) else image.pixels
        for source, image in zip(planned.sources, taken, strict=True)
    ]
    if planned.model is None:
        awaited = sorted({name for name, image in zip(named, taken, strict=True) if isinstance(image, str)})
        return (), awaited[0] if len(awaited) == 1 else digest.of_value(awaited or named)
    asked = [digest.of_value([planned.model.name, dict(request), named]) for request in planned.requests]
    return asked, digest.of_value([asked[0], *asked[1:], planned.step.choose])


def _standing(mark: str, store: Store) -> str:
    """How a request stands that was sent before; empty when it has to be sent."""
    entry = store.journal.under_way(mark)
    return "" if entry is None or entry.standing == "never sent" else entry.standing
