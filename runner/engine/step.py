"""One step of one item: its calls side by side, its failure as a value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from runner import fingerprint, layout
from runner.artifact import Artifact
from runner.engine.buying import Hear, Wanted
from runner.engine.call import Caller
from runner.errors import BadImage, CallFailed, Damaged, FailureKind, OperationFailed, OutOfReach, RetouchError
from runner.plan import PlannedStep
from runner.records import (
    CallRecord,
    Charge,
    Event,
    Failure,
    MoreThanAsked,
    PicturesLost,
    StepEnded,
    StepRecord,
    StepStarted,
    TaskAccepted,
)

Tell = Callable[[Event], None]
Clock = Callable[[], float]
"""Seconds that only ever grow."""


async def perform(
    planned: PlannedStep,
    images: Sequence[Artifact],
    recipe: str,
    item: str,
    caller: Caller,
    tell: Tell,
    clock: Clock,
) -> StepRecord:
    """Do one step with its pictures. What goes wrong becomes a failed record; only bugs and cancellation escape."""
    tell(StepStarted(item, planned.name, len(planned.requests)))
    begun = clock()
    marks = planned.fingerprints(caller.realm, tuple(image.pixels for image in images))
    charges: list[Charge] = []
    held_up = planned.model is not None and any(map(caller.is_held_up, marks))
    tasks = [
        asyncio.ensure_future(_call(planned, number, mark, images, recipe, item, caller, tell, charges))
        for number, mark in enumerate(marks, 1)
        if not held_up or caller.began(mark)  # nothing new is bought for a step that cannot be done
    ]
    try:
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    calls = tuple(each for each in ended if isinstance(each, CallRecord))
    failure = _failure(planned.name, [each for each in ended if isinstance(each, BaseException)])
    made = sum(len(call.images) for call in calls)
    if not failure and planned.step.choose > made:
        words = f"picture {planned.step.choose} was chosen, but the model made {made}"
        failure = Failure(planned.name, "failed", words)
    identity = fingerprint.of_step(marks)
    record = StepRecord(
        step=planned.name,
        status="failed" if failure else "done",
        calls=calls,
        fingerprint=identity,
        picked=planned.step.choose,
        request=told(planned),
        failure=failure,
        seconds=clock() - begun,
        charges=tuple(charges),
    )
    if failure is None:
        caller.remember(item, planned, images, identity)
    tell(StepEnded(item, record))
    return record


def told(planned: PlannedStep) -> Mapping[str, Any]:
    """What a step asks for, for people and for run.json: free of image bytes."""
    if planned.model is not None:
        seed = planned.model.layout.seed
        asked = dict(planned.requests[0]) if seed is None else _without(planned.requests[0], seed)
        ours = {"model": planned.model.name, "images": list(planned.sources)}
        plain = {key: value for key, value in asked.items() if key not in {*ours, "settings"}}
        rest = {key: value for key, value in asked.items() if key not in plain}  # named as our own keys are
        return ours | plain | ({"settings": rest} if rest else {})
    if planned.operation is not None:
        params = {key: "a file" if isinstance(each, bytes) else each for key, each in planned.params.items()}
        return {"operation": planned.operation.NAME, "images": list(planned.sources)} | params
    return {}


def _without(request: Mapping[str, Any], path: layout.Path) -> dict[str, Any]:
    """The request without the value at a path, and without a block that held nothing else."""
    first, rest = path[0], path[1:]
    inner = request.get(first)
    kept = _without(inner, rest) if rest and isinstance(inner, Mapping) else {}
    return {key: kept if key == first else each for key, each in request.items() if key != first or kept}


async def _call(
    planned: PlannedStep,
    number: int,
    mark: str,
    images: Sequence[Artifact],
    recipe: str,
    item: str,
    caller: Caller,
    tell: Tell,
    charges: list[Charge],
) -> CallRecord:
    """One call of a step, `number` from 1."""
    if planned.operation is not None:
        return await caller.operation(mark, planned.operation, planned.params, images)
    assert planned.model is not None

    hear = Hear(
        accepted=lambda: tell(TaskAccepted(item, planned.name, number)),
        charged=charges.append,
        lost=lambda why: tell(PicturesLost(item, planned.name, tuple(why))),
        more=lambda asked, made: tell(MoreThanAsked(item, planned.name, asked, made)),
    )
    count, request = len(planned.requests), planned.requests[number - 1]
    label = planned.name if count == 1 else f"{planned.name} {number}/{count}"
    record = await caller.paid(Wanted(mark, planned.model, request, images, recipe, item, label), hear)
    return replace(record, number=number)


def _failure(step: str, errors: Sequence[BaseException]) -> Failure | None:
    """The most serious of the errors as a value. What we did not foresee goes on as the bug it is."""
    foreseen: list[Failure] = []
    for error in errors:
        kind = _kind(error)
        if kind is None or not isinstance(error, RetouchError):
            raise error
        foreseen.append(Failure(step, kind, error.message, error.hint))
    order: tuple[FailureKind, ...] = (
        "in-doubt",
        "budget",
        "access",
        "network",
        "moderated",
        "rejected",
        "failed",
        "lost",
        "skipped",
    )
    worst = min(foreseen, key=lambda each: order.index(each.kind) if each.kind in order else 9, default=None)
    if worst is None or worst.kind != "disk":
        return worst
    # of several accepted calls that the journal did not take, each names its own task
    words = dict.fromkeys(each.message for each in foreseen if each.kind == "disk")
    return replace(worst, message="; ".join(words))


def _kind(error: BaseException) -> FailureKind | None:
    match error:
        case CallFailed():
            return error.kind
        case BadImage():
            return "image"
        case OperationFailed():
            return "operation"
        case Damaged():
            return "damaged"
        case OutOfReach():
            return "disk"
        case _:
            return None
