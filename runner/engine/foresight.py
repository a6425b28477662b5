"""What a plan will need, told before anything runs: what is known already, what was bought, what is to be paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runner.artifact import Artifact
from runner.plan import Plan, PlannedStep
from runner.records import Price
from runner.store.store import Store

Outlook = Literal["cached", "pending", "in doubt", "skipped", "to pay", "free", "off"]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One step, as far as it can be told now."""

    planned: PlannedStep
    outlook: Outlook
    calls: int = 0
    """Paid calls that will be sent, at most."""
    price: float = 0.0
    """US dollars for them."""
    pictures: int = 0
    """That they will make, at most."""


def foresee(plan: Plan, store: Store, realm: str, price: Price) -> tuple[Foreseen, ...]:
    """Every step of the plan in order. A step below one that must run again counts as to run, since its pictures are
    not known; it may turn out cheaper, never dearer."""
    pictures: dict[str, Artifact | None] = dict(plan.item.images)
    told: list[Foreseen] = []
    for planned in plan.steps:
        if planned.off:
            told.append(Foreseen(planned, "off"))
            continue
        taken = [pictures[source] for source in planned.sources]
        known = [image for image in taken if image is not None]
        one, picture = _one(planned, known if len(known) == len(taken) else None, store, realm, price)
        told.append(one)
        pictures[planned.name] = picture
    return tuple(told)


def _one(
    planned: PlannedStep, taken: list[Artifact] | None, store: Store, realm: str, price: Price
) -> tuple[Foreseen, Artifact | None]:
    marks = planned.fingerprints(realm, tuple(image.pixels for image in taken)) if taken is not None else ()
    results = [store.known(mark) for mark in marks]
    made = [image for result in results if result is not None for image in result.images]
    if marks and all(results):
        picture = made[planned.step.choose - 1] if planned.step.choose <= len(made) else None
        return Foreseen(planned, "cached"), picture
    if planned.model is None:
        return Foreseen(planned, "free"), None
    stand = ["cached" if result else _standing(mark, store) for result, mark in zip(results, marks, strict=True)]
    missing = [number for number in range(len(planned.requests)) if number >= len(stand) or not stand[number]]
    stopped: tuple[Outlook, ...] = ("in doubt", "skipped")
    for outlook in stopped:  # without these pictures the step fails, whatever its other calls give
        if outlook in stand:
            return Foreseen(planned, outlook), None
    if not missing:
        return Foreseen(planned, "pending"), None
    pictures = sum(planned.pictures(number) for number in missing)
    return Foreseen(planned, "to pay", len(missing), pictures * price(planned.model.name).usd, pictures), None


def _standing(mark: str, store: Store) -> str:
    """How a request stands that was sent before; empty when it has to be sent."""
    entry = store.journal.under_way(mark)
    return "" if entry is None or entry.standing == "never sent" else entry.standing
