"""`retouch models`: what can do a paid edit, and with which settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from runner import workspace
from runner.cli import retirement, wiring
from runner.cli.wiring import House
from runner.errors import UsageError
from runner.layout import Path as Parameter
from runner.layout import Place, dotted, leaves, schema_at
from runner.operation import Model
from runner.report.example import example
from runner.report.words import PRICE_WANTED, clean, enumerated
from runner.schemagen.recipe_schema import MODELS_LISTED
from runner.validation import choice_hint
from runner.workspace import Workspace

_UNKNOWN, _RETIRED = "not known", "retired"
"""Words of the list's last column, each with a note below the list."""


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
def models(name: str | None, as_json: bool) -> None:
    """List the models, or with NAME show what one takes and costs, its settings, and a recipe to begin with."""
    wiring.use_utf8()
    built = wiring.house_of(Workspace(workspace.root_of(Path.cwd()), Path("none")))
    if name is None:
        listed = [model for _, model in sorted(built.catalogue.models.items())]
        if as_json:
            click.echo(clean(json.dumps([_listed(each, built) for each in listed], ensure_ascii=False)))
            return
        from runner.report.console import show_models

        show_models(sys.stdout, [_row(each, built) for each in listed], _notes(listed, built))
        return
    if name not in built.catalogue.models:
        hint = choice_hint(name, list(built.catalogue.models), MODELS_LISTED)
        raise UsageError(f"there is no model `{name}`", hint=hint)
    model = built.catalogue.models[name]
    if as_json:
        click.echo(clean(json.dumps(model.schema, ensure_ascii=False)))
        return
    from runner.report.console import show_model

    rows = [
        (dotted(path), schema, _need(path, model) if required else "")
        for path, schema, required in leaves(model.settings)
    ]
    retired = retirement.words(model.name)
    told = "" if retired is None else f"{model.name} {retired[0]}. {retired[1]}"
    show_model(sys.stdout, list(_about_model(model, built)), told, rows, example(model))


def _about_model(model: Model, built: House) -> Iterator[str]:
    """What it is called, takes and costs, and in which order pictures fill its places."""
    yield f"{model.name}: {model.title}"
    yield f"prompt: {_prompt(model)}; pictures: {_pictures(model)}; USD per image: {_price(model, built)}"
    if model.name in built.prices:
        yield f"the price is from {built.prices[model.name].by}"
    yield from _places(model)


def _row(model: Model, built: House) -> tuple[str, str, str, str]:
    price = _price(model, built) + (f", {_RETIRED}" if retirement.day(model.name) else "")
    return model.name, model.title, _pictures(model), price


def _price(model: Model, built: House) -> str:
    tariff = built.prices.get(model.name)
    return _UNKNOWN if tariff is None else f"{tariff.usd:g}"


def _notes(listed: Sequence[Model], built: House) -> Iterator[str]:
    """What the words behind the prices mean, and what can be done."""
    days: dict[str, list[str]] = {}
    for model in listed:
        if (day := retirement.day(model.name)) is not None:
            days.setdefault(day, []).append(model.name)
    for day, names in sorted(days.items()):
        told = f"{_RETIRED}: the host serves {enumerated(names)} only until {day}"
        yield f"{told}. Rehearsals stay free, and NOVITA_BASE_URL may name a host that still serves them."
    if any(model.name not in built.prices for model in listed):
        yield f"{_UNKNOWN}: a paid run wants to know the price. {PRICE_WANTED}."


def _need(path: Parameter, model: Model) -> str:
    """Where a setting that its block cannot do without has to be given: always, or as soon as that block is."""
    above = [path[:end] for end in range(1, len(path))]
    always = all(each[-1] in schema_at(model.settings, each[:-1]).get("required", ()) for each in above)
    return "must be set" if always else "needed in its block"


def _prompt(model: Model) -> str:
    if model.layout.prompt is None:
        return "none"
    return "needed" if model.layout.prompt_required else "can be left out"


def _places(model: Model) -> Iterator[str]:
    """In which order a step's pictures fill the places there are; nothing where there is nothing to choose."""
    places = model.layout.pictures
    if len(places) < 2:
        return
    told = [f"{dotted(each.path)}{_about_place(each)}" for each in places]
    yield f"`from:` names the pictures in this order: {', '.join(told)}"
    if any(place.many for place in places):
        yield "each of them gets one picture before a list takes a second"


def _about_place(place: Place) -> str:
    told = [f"a list of at most {place.most}"] if place.many else []
    told += [] if place.required else ["can be left out"]
    return f" ({', '.join(told)})" if told else ""


def _pictures(model: Model) -> str:
    fewest, most = model.layout.fewest, model.layout.most
    if most == 0:
        return "none"
    return f"{fewest} to {most}" if fewest != most else str(fewest)


def _listed(model: Model, built: House) -> dict[str, object]:
    return {
        "model": model.name,
        "title": model.title,
        "prompt": _prompt(model),
        "images": {"minimum": model.layout.fewest, "maximum": model.layout.most},
        "places": [dotted(each.path) for each in model.layout.pictures],
        "price": tariff.usd if (tariff := built.prices.get(model.name)) else None,
        "retired": retirement.day(model.name),
        "settings": sorted(dotted(path) for path, *_ in leaves(model.settings)),
    }
