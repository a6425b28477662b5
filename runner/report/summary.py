"""A run as JSON: what `run --json` prints, and `run.json`, which holds the same and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from runner.records import ItemRecord, RunRecord, StepRecord

Files = Mapping[tuple[str, str], Sequence[str]]
"""Paths of the pictures by item and step; a step's name of `""` stands for the item's results."""


def summary(run: RunRecord, files: Files) -> dict[str, Any]:
    """The object that `run --json` prints. Prices in US dollars."""
    return {
        "run": run.run,
        "provider": run.provider,
        "recipe": run.recipe,
        "items": [_item(item, files) for item in run.items],
        "requests": asdict(run.traffic),
        "cost": {"paid": run.paid, "in_doubt": run.at_stake, "currency": "USD"},
        "failures": [{"item": item.item} | failure.to_json() for item in run.items for failure in item.failures],
    }


def full(run: RunRecord, files: Files, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The object of `run.json`: the summary with requests, every picture and times; no secret, no absolute path."""
    told = summary(run, files)
    for item, record in zip(told["items"], run.items, strict=True):
        item["seed"] = record.seed
        for step, each in zip(item["steps"], record.steps, strict=True):
            step |= {
                "request": dict(each.request),
                "picked": each.picked,
                "calls": [call.to_json() for call in each.calls],
                "seconds": round(each.seconds, 3),
                "paid": each.price,
                "charges": [charge.to_json() for charge in each.charges],
                "failure": each.failure.to_json() if each.failure else None,
            }
    times = {"started": run.started, "seconds": round(run.seconds, 3)}
    return told | {"realm": run.realm} | times | dict(extra)


def _item(item: ItemRecord, files: Files) -> dict[str, Any]:
    return {
        "item": item.item,
        "status": item.status,
        "outputs": list(files.get((item.item, ""), ())),
        "steps": [_step(item.item, step, files) for step in item.steps],
    }


def _step(item: str, step: StepRecord, files: Files) -> dict[str, Any]:
    return {
        "step": step.step,
        "status": step.status,
        "seed": step.seed,
        "fingerprint": step.fingerprint,
        "cached": step.cached,
        "outputs": list(files.get((item, step.step), ())),
    }
