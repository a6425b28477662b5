"""One item's graph: every step begins as soon as its pictures are there, so independent branches run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from runner.artifact import Artifact
from runner.engine.call import Caller
from runner.engine.step import Clock, Tell, perform, told
from runner.plan import Plan, PlannedStep
from runner.records import ItemRecord, Status, StepEnded, StepRecord


async def run_item(plan: Plan, caller: Caller, tell: Tell, clock: Clock) -> ItemRecord:
    """Work through the plan of one item. A failed step keeps only those that need its picture from running."""
    running: dict[str, asyncio.Task[StepRecord]] = {}

    async def one(planned: PlannedStep) -> StepRecord:
        if planned.off:
            return _without(planned, "off", plan.item.name, tell)
        images: list[Artifact] = []
        for source in planned.sources:
            step = running.get(source)
            image = plan.item.images[source] if step is None else (await asyncio.shield(step)).image
            if image is None:
                return _without(planned, "skipped", plan.item.name, tell)
            images.append(image)
        return await perform(planned, images, plan.recipe.name, plan.item.name, caller, tell, clock)

    try:
        async with asyncio.TaskGroup() as group:
            for planned in plan.steps:
                running[planned.name] = group.create_task(one(planned))
    except* Exception as group_of_bugs:
        raise group_of_bugs.exceptions[0] from None
    steps = tuple(running[planned.name].result() for planned in plan.steps)
    return ItemRecord(plan.item.name, plan.seed, steps, plan.finals)


def final_images(plan: Plan, record: ItemRecord) -> Mapping[str, Artifact]:
    """The item's results by the name of the step that made them; one that failed is missing."""
    made = {step.step: step.image for step in record.steps}
    found = {name: made.get(name, plan.item.images.get(name)) for name in record.finals}
    return {name: image for name, image in found.items() if image is not None}


def _without(planned: PlannedStep, status: Status, item: str, tell: Tell) -> StepRecord:
    record = StepRecord(planned.name, status, request=told(planned))
    tell(StepEnded(item, record))
    return record
