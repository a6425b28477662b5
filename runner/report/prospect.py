"""What `retouch plan` knows: steps, sums, reasons, and the step that would cross a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from runner import layout
from runner.engine.foresight import Foreseen, crossing
from runner.engine.step import told
from runner.plan import Plan, PlannedStep
from runner.records import Tariff


@dataclass(frozen=True, slots=True)
class Crossing:
    """A limit that a run could cross, so that it would refuse to start."""

    step: str
    """The first step with which it would be crossed."""
    limit: Decimal
    """US dollars."""
    by: str
    """What the limit is called: `budget:` or --max-cost."""
    over: Decimal
    """US dollars that the whole run could cost above the limit."""
    surely: bool
    """Whether also the least that it can cost is too much."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """One item of a recipe, as far as it can be told before it runs."""

    plan: Plan
    provider: str
    foreseen: Sequence[Foreseen]
    reasons: Mapping[str, Sequence[str]]
    """Why each step that is to be paid is not known already."""
    limits: Sequence[tuple[Decimal, str]] = ()
    """What the run may cost, in US dollars, and what the limit is called."""
    with_key: Sequence[Foreseen] | None = None
    """Of a rehearsal, which costs nothing: the same on a paid host."""
    without_price: Sequence[str] = ()
    """Models that are to be paid and whose price nobody knows: the sums count them with nothing."""

    @property
    def priced(self) -> Sequence[Foreseen]:
        """The steps with what they cost: of a rehearsal, with what they would cost with a key."""
        return self.foreseen if self.with_key is None else self.with_key

    @property
    def least(self) -> float:
        """US dollars that it costs at least if no step fails; see foresight."""
        return round(sum(each.least for each in self.priced), 6)

    @property
    def most(self) -> float:
        """US dollars that it costs at most."""
        return round(sum(each.price for each in self.priced), 6)

    @property
    def calls(self) -> int:
        """Paid calls that will be sent, at most."""
        return sum(each.calls for each in self.foreseen)

    @property
    def tariffs(self) -> Mapping[str, Tariff]:
        """What a picture costs, and who says so, by model, as far as something is to be paid and its price is known."""
        told = {each.planned.model.name: each.tariff for each in self.priced if each.planned.model and each.tariff}
        return {model: tariff for model, tariff in told.items() if model not in self.without_price}

    def has_no_price(self, step: Foreseen) -> bool:
        """Whether a step would have to be paid, and nobody knows how much."""
        return bool(step.calls and step.planned.model and step.planned.model.name in self.without_price)

    @property
    def crossing(self) -> Crossing | None:
        """The limit that would be crossed, the lowest of them; None where none is."""
        limit, by = min(self.limits, default=(None, ""))
        step = None if limit is None else crossing(self.priced, float(limit))
        if limit is None or step is None:
            return None
        over = round(Decimal(str(self.most)) - limit, 6)
        return Crossing(step.planned.name, limit, by, over, self.least > limit)

    def to_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        rehearsed = self.with_key is not None
        over = self.crossing
        sums = {"low": self.least, "high": self.most, "currency": "USD", "without_price": list(self.without_price)}
        return {
            "recipe": self.plan.recipe.name,
            "provider": self.provider,
            "rehearsal": rehearsed,
            "seed": self.plan.seed,
            "item": self.plan.item.name,
            "steps": [self._step(*pair) for pair in zip(self.foreseen, self.priced, strict=True)],
            "results": list(self.plan.finals),
            "calls": self.calls,
            "cost": sums | ({"low": 0.0, "high": 0.0, "without_price": []} if rehearsed else {}),
            "cost_with_key": sums if rehearsed else None,
            "over": None
            if over is None
            else {
                "step": over.step,
                "limit": float(over.limit),
                "by": over.by.strip("`:"),
                "over": float(over.over),
                "surely": over.surely,
            },
        }

    def _step(self, each: Foreseen, priced: Foreseen) -> dict[str, Any]:
        planned = each.planned
        seeds = [planned.seed(number) for number in range(len(planned.requests))]
        tariff = self.tariffs.get(planned.model.name) if planned.model else None
        most, least = (None, None) if self.has_no_price(priced) else (round(priced.price, 6), round(priced.least, 6))
        rehearsed = self.with_key is not None
        return {
            "step": planned.name,
            "takes": list(planned.sources),
            "model": planned.model.name if planned.model else None,
            "operation": planned.operation.NAME if planned.operation else None,
            "prompt": prompt(planned),
            "seeds": [seed for seed in seeds if seed is not None],
            "request": dict(told(planned)),
            "requests": [dict(request) for request in planned.requests],
            "status": each.outlook,
            "why": list(self.reasons.get(planned.name, ())),
            "calls": each.calls,
            "pictures": each.pictures,
            "price": None if tariff is None else {"usd": tariff.usd, "by": tariff.by},
            "cost": 0.0 if rehearsed else most,
            "cost_low": 0.0 if rehearsed else least,
            "cost_with_key": most if rehearsed else None,
        }


def prompt(planned: PlannedStep) -> str | None:
    """The rendered prompt of a step; None where it has none."""
    asked = planned.model and planned.model.layout.prompt
    found = layout.get(planned.requests[0], asked) if asked else None
    return None if found is None else str(found)


def settings(planned: PlannedStep) -> Mapping[str, Any]:
    """The settings that a paid step gives its model, by name, with dots where they stand in blocks."""
    if planned.model is None:
        return {}
    found = {path: layout.get(planned.requests[0], path) for path, *_ in layout.leaves(planned.model.settings)}
    return {layout.dotted(path): value for path, value in found.items() if value is not None}
