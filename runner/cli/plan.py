"""`retouch plan`: what a run would do and cost. Nothing is sent."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from runner import settings
from runner.cli import start, wiring
from runner.cli.wiring import House
from runner.engine.foresight import Foreseen, foresee
from runner.plan import Plan
from runner.records import Price, Tariff
from runner.report.console import show_plan
from runner.report.words import diagnostics_text
from runner.store.store import Store


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("-i", "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="Give an input; repeat for more.")
@click.option("--provider", metavar="NAME", help="The provider to plan for.")
@click.option("--seed", metavar="N|new", help="A seed instead of the recipe's.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def plan(recipe: Path, inputs: tuple[str, ...], provider: str | None, seed: str | None, as_json: bool) -> None:
    """Show what a run of RECIPE would do and cost.

    For each step: cached (known, costs nothing), pending (bought already, will be fetched), to pay, free, or off; in
    doubt (sent before, and whether it was bought is not known) or skipped, as `retouch journal` tells.
    """
    wiring.use_utf8()
    built = wiring.house(recipe)
    name, _ = settings.choose_provider(provider, built.settings)
    realm = wiring.realm_of(name, built)
    built.workspace.prepare()
    store = Store.open(built.workspace.state, wiring.system_clock(), journaling=False)
    try:
        checked = built.recipe()
        item = start.item(checked, built, store, inputs)
        run_seed, _ = start.seed(checked, built, store, seed, keep=False)
        made = start.plan_of(checked, built, item, run_seed)
        foreseen = foresee(made, store, realm, start.nothing if realm == "rehearsal" else built.price)
        paid = foresee(made, store, "paid", _known(built)) if realm == "rehearsal" else ()
    finally:
        store.close()
    if as_json:
        click.echo(json.dumps(_as_json(made, foreseen, name), ensure_ascii=False))
        return
    if checked.warnings:
        click.echo(diagnostics_text(checked.warnings) + "\n", err=True)
    with_key = _with_key(paid, built.prices) if paid else None
    show_plan(sys.stdout, made, foreseen, name, with_key, built.workspace.option_for(recipe))


def _known(built: House) -> Price:
    """The prices that are known; nothing for other models."""
    return lambda model: built.prices.get(model) or start.nothing(model)


def _with_key(paid: Sequence[Foreseen], prices: Mapping[str, Tariff]) -> str:
    """What a rehearsed recipe would cost on a host, as far as prices are known."""
    cost = sum(each.price for each in paid)
    models = (each.planned.model.name for each in paid if each.calls and each.planned.model)
    unknown = [name for name in dict.fromkeys(models) if name not in prices]
    parts = [f"at most {cost:.4f} USD"] if cost or not unknown else []
    parts += [f"what {', '.join(unknown)} cost{'s' if len(unknown) == 1 else ''}"] if unknown else []
    return f"with a key, {' and '.join(parts)}"


def _as_json(made: Plan, foreseen: Sequence[Foreseen], provider: str) -> dict[str, Any]:
    return {
        "recipe": made.recipe.name,
        "provider": provider,
        "seed": made.seed,
        "item": made.item.name,
        "steps": [
            {
                "step": each.planned.name,
                "takes": list(each.planned.sources),
                "model": each.planned.model.name if each.planned.model else None,
                "operation": each.planned.operation.NAME if each.planned.operation else None,
                "requests": [dict(request) for request in each.planned.requests],
                "status": each.outlook,
                "calls": each.calls,
                "cost": round(each.price, 6),
            }
            for each in foreseen
        ],
        "cost": {"high": round(sum(each.price for each in foreseen), 6), "currency": "USD"},
    }
