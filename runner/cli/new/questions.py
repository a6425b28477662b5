"""The questions of `retouch new`, one after the other. What the command line says already is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

import click

from runner.cli import retirement
from runner.cli.new.asking import Asker
from runner.cli.new.draft import Draft, begun
from runner.cli.new.reading import budget_of, free_name, picture_of, place_of, seed_of, value_of
from runner.errors import UsageError
from runner.starters import Starter
from runner.validation import listed, suggestion


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says already; None where a question is open."""

    name: str | None
    starter: str | None
    inputs: Mapping[str, str]
    model: str | None
    budget: str | None
    seed: str | None


def asked(asker: Asker, known: Mapping[str, Starter], wishes: Wishes) -> Draft:
    """The recipe as the answers make it. Nothing is written."""
    asker.begin("Enter takes what stands in [ ]. Ctrl-C leaves, and nothing is written.")
    about = {each.name: each.about for each in known.values()}
    first = next(iter(about))
    starter = known[asker.choose("What do you want to make?", about, default=first, given=wishes.starter)]
    free = free_name(Path(f"{starter.name}.yaml"))
    place, title = asker.answer("Name", place_of, default=(free, None), shown=free.stem, given=wishes.name)
    draft = begun(starter, place, title)
    for name in wishes.inputs:
        if name not in draft.recipe().inputs:
            raise UsageError(f"{starter.name} has no input `{name}`", hint=suggestion(name, draft.recipe().inputs))
    draft = _inputs_asked(asker, draft, wishes)
    draft = _model_asked(asker, draft, wishes.model)
    draft = _budget_asked(asker, draft, wishes.budget)
    return _seed_asked(asker, draft, wishes.seed)


def _inputs_asked(asker: Asker, draft: Draft, wishes: Wishes) -> Draft:
    """Pictures and texts are asked for; other inputs keep their defaults, unless an option gives another one."""
    for name, each in draft.recipe().inputs.items():
        given = wishes.inputs.get(name)
        if given is None and each.type in {"image", "text"}:
            asker.begin(each.help)
        if each.type == "image":
            sample = None if each.default is None else draft.starter.sample(name)
            shown = "none" if sample is None else f"the sample {sample.name}"
            found = asker.answer(f"{name}, a picture", picture_of, default=None, shown=shown, given=given)
            if found is not None:
                draft = draft.with_picture(name, *found)
            elif sample is not None:
                draft = draft.with_sample(name)
        elif given is not None or each.type == "text":
            shown = "none" if each.default is None else str(each.default)
            value = asker.answer(name, partial(value_of, each), default=None, shown=shown, given=given)
            if value is not None:
                draft = draft.with_default(name, value)
    return draft


def _model_asked(asker: Asker, draft: Draft, given: str | None) -> Draft:
    """Only models that can do all that the recipe asks of them are offered."""
    if "model" not in draft.starter.document.data:
        return draft
    usual = str(draft.starter.document.data["model"])
    if given is not None:
        if given not in draft.built.catalogue.models:
            raise UsageError(f"there is no model `{given}`", hint=suggestion(given, draft.built.catalogue.models))
        wrong = draft.having(model=given).complaints()
        if wrong:
            hint = "models that suit it: " + ", ".join(draft.fitting_models())
            raise UsageError(f"{given} does not suit {draft.starter.name}: {listed(wrong[:2])}", hint=hint)
        return draft.having(model=given)
    if not asker.asks:
        return draft
    fitting = draft.fitting_models()
    if len(fitting) < 2:
        return draft
    about = {name: _about_model(name, draft) for name in fitting}
    return draft.having(model=asker.choose("Which model is to do it?", about, default=usual))


def _about_model(name: str, draft: Draft) -> str:
    tariff = draft.built.prices.get(name)
    told = "price not known" if tariff is None else f"{tariff.usd:g} USD a picture"
    retired = retirement.day(name)
    return f"{told}, retired by its host on {retired}" if retired else told


def _budget_asked(asker: Asker, draft: Draft, given: str | None) -> Draft:
    cost = draft.cost()
    usual = draft.usual_budget()
    if given is None:
        told = "what one run costs is not known yet" if cost is None else f"one run costs at most {cost:.4g} USD"
        rule = "a run that could cost more than its budget does not start"
        asker.begin(f"With a key, {told}, and {rule}. A rehearsal is free.")
    budget = asker.answer("Budget in USD, or none", budget_of, default=usual, shown=usual, given=given)
    if budget is None:
        return draft.having(without=draft.own.without | {"budget"})
    if cost is not None and Decimal(budget.split()[0]) < Decimal(str(cost)):
        click.echo(f"note: one run can cost {cost:.4g} USD, so with a budget of {budget} only rehearsals start")
    return draft.having(budget=budget)


def _seed_asked(asker: Asker, draft: Draft, given: str | None) -> Draft:
    usual = draft.starter.document.data.get("seed")
    if given is None:
        asker.begin("With a fixed seed, the recipe asks for the same pictures every time, on every computer.")
        fixed = asker.confirm("Fix the seed", default=usual is not None)
        seed = usual if fixed else None
    else:
        seed = seed_of(given)
    return draft.having(without=draft.own.without | {"seed"}) if seed is None else draft.having(seed=seed)
