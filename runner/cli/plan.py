"""`retouch plan`: what a run would do and cost. Nothing is sent."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from runner import settings
from runner.cli import output, retirement, start, wiring
from runner.cli.dollars import Dollars, limits
from runner.cli.one_recipe import OneRecipe
from runner.cli.wiring import House
from runner.engine.foresight import foresee
from runner.engine.reasons import reasons
from runner.errors import UsageError
from runner.plan import Plan
from runner.recipe import Recipe
from runner.records import Price
from runner.report import graph
from runner.report.console import show_plan
from runner.report.prospect import Prospect
from runner.report.words import clean, diagnostics_text
from runner.store.store import Store

_GRAPHS = ("text", "mermaid")


class _PlanCommand(OneRecipe):
    """A command whose `--graph` may stand alone before the recipe, which is then not taken for the form."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line. Raises UsageError."""
        try:
            return super().parse_args(ctx, list(_with_form(args)))
        except UsageError:
            behind = args[args.index("--graph") + 1 :][:1] if "--graph" in args else []
            if behind and re.fullmatch("[a-z]+", behind[0]) and behind[0] not in _GRAPHS:
                message = f"`--graph` makes no {behind[0]}"
                raise UsageError(message, hint="write --graph text or --graph mermaid") from None
            raise


@click.command(cls=_PlanCommand)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("-i", "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="Give an input; repeat for more.")
@start.allow_url
@click.option("--provider", metavar="NAME", help="The provider to plan for.")
@click.option("--seed", metavar="N|new", help="A seed instead of the recipe's.")
@click.option("--max-cost", type=Dollars(), metavar="USD", help="Tell whether it could cost more.")
@click.option("--prompts", is_flag=True, help="Show the prompts whole.")
@click.option(
    "--graph",
    "form",
    type=click.Choice(_GRAPHS),
    metavar="[text|mermaid]",
    help="Show only which picture goes where: as text, or as Mermaid for web pages.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def plan(
    recipe: Path,
    inputs: tuple[str, ...],
    allow_url: bool,
    provider: str | None,
    seed: str | None,
    max_cost: float | None,
    prompts: bool,
    form: str | None,
    as_json: bool,
) -> None:
    """Show what a run of RECIPE would do and cost.

    For each step: cached (known, costs nothing), pending (bought already, will be fetched), to pay, free, or off; in
    doubt (sent before, and whether it was bought is not known) or skipped, as `retouch journal` tells.

    A plan is a question: it ends with 0 even where `run` would refuse to start because it could cost too much.
    """
    wiring.use_utf8()
    built = wiring.house(recipe)
    name, _ = settings.choose_provider(provider, built.settings)
    built.workspace.prepare()
    store = Store.open(built.workspace.state, wiring.system_clock(), journaling=False)
    try:
        checked = built.recipe()
        item = start.item(checked, built, store, inputs, allow_url=allow_url, tell=partial(click.echo, err=True))
        run_seed, _ = start.seed(checked, built, store, seed, keep=False)
        made = start.plan_of(checked, built, item, run_seed)
        prospect = None if form else _prospect(made, built, store, name, max_cost)
    finally:
        store.close()
    if prospect is None:
        click.echo(graph.mermaid(made) if form == "mermaid" else graph.text(made), nl=False)
        return
    if as_json:
        click.echo(clean(json.dumps(prospect.to_json(), ensure_ascii=False)))
        return
    _warn(checked, built, name)
    show_plan(sys.stdout, prospect, where=built.workspace.option_for(recipe), whole_prompts=prompts)


def _with_form(args: Sequence[str]) -> Iterator[str]:
    """The words of a command line, with the form behind each `--graph` that has none."""
    for at, word in enumerate(args):
        yield word
        if word == "--graph" and (at + 1 == len(args) or args[at + 1] not in _GRAPHS):
            yield _GRAPHS[0]


def _warn(recipe: Recipe, built: House, provider: str) -> None:
    warnings = [*recipe.warnings, *retirement.warnings(recipe, provider, built.settings)]
    if warnings:
        click.echo(diagnostics_text(warnings, output.width(sys.stderr)) + "\n", err=True)


def _prospect(made: Plan, built: House, store: Store, provider: str, most: float | None) -> Prospect:
    """Everything that can be told of a plan, also where a price is not known."""
    realm = wiring.realm_of(provider, built)
    rehearsed = realm == "rehearsal"
    foreseen = foresee(made, store, realm, start.nothing if rehearsed else _known(built))
    with_key = foresee(made, store, "paid", _known(built)) if rehearsed else None
    paid = [each.planned.model.name for each in with_key or foreseen if each.calls and each.planned.model]
    return Prospect(
        plan=made,
        provider=provider,
        foreseen=foreseen,
        reasons=reasons(made, foreseen, store, built.workspace.recipe_key, realm),
        limits=limits(made.recipe.budget, most),
        with_key=with_key,
        without_price=[model for model in dict.fromkeys(paid) if model not in built.prices],
    )


def _known(built: House) -> Price:
    """The prices that are known; nothing for other models."""
    return lambda model: built.prices.get(model) or start.nothing(model)
