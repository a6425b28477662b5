"""`retouch models`: what can do a paid edit, and with which settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from runner import schema_files, workspace
from runner.cli import wiring
from runner.cli.wiring import House
from runner.errors import UsageError
from runner.layout import Path as Parameter
from runner.layout import Place, dotted, leaves, schema_at
from runner.operation import Model
from runner.report.words import clean_line
from runner.schemagen.recipe_schema import MODELS_LISTED
from runner.validation import choice_hint
from runner.workspace import Workspace


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
def models(name: str | None, as_json: bool) -> None:
    """List the models, or with NAME show one model's settings: values, default, meaning."""
    wiring.use_utf8()
    built = wiring.house_of(Workspace(workspace.root_of(Path.cwd()), Path("none")))
    if name is None:
        listed = [model for _, model in sorted(built.catalogue.models.items())]
        if as_json:
            click.echo(json.dumps([_listed(each, built) for each in listed], ensure_ascii=False))
            return
        from runner.report.console import show_models

        show_models(sys.stdout, [_row(each, built) for each in listed])
        return
    if name not in built.catalogue.models:
        hint = choice_hint(name, list(built.catalogue.models), MODELS_LISTED)
        raise UsageError(f"there is no model `{name}`", hint=hint)
    model = built.catalogue.models[name]
    if as_json:
        click.echo(json.dumps(model.schema, ensure_ascii=False))
        return
    from runner.report.console import show_settings

    title, pictures, price = _row(model, built)[1:]
    click.echo(f"{model.name}: {clean_line(title)}")
    click.echo(f"prompt: {_prompt(model)}; pictures: {pictures}; USD per image: {price}")
    click.echo("".join(f"{clean_line(each)}\n" for each in _places(model)))
    retired = _retired(model.name)
    if retired:
        click.echo(f"{retired}\n")
    rows = [
        (dotted(path), schema, _need(path, model) if required else "")
        for path, schema, required in leaves(model.settings)
    ]
    if rows:
        show_settings(sys.stdout, rows)
    else:
        click.echo("no settings")


def _row(model: Model, built: House) -> tuple[str, str, str, str]:
    tariff = built.prices.get(model.name)
    return model.name, model.title, _pictures(model), "not known" if tariff is None else f"{tariff.usd:g}"


def _need(path: Parameter, model: Model) -> str:
    """Where a setting that its block cannot do without has to be given: always, or as soon as that block is."""
    above = [path[:end] for end in range(1, len(path))]
    always = all(each[-1] in schema_at(model.settings, each[:-1]).get("required", ()) for each in above)
    return "must be set" if always else "needed in its block"


def _retired(model: str) -> str | None:
    """Since when the provider's own host no longer serves a model, and what to do then, as the catalogue has it."""
    catalog = schema_files.catalog()
    listed = catalog["models"].get(model, {})
    if "retired" not in listed:
        return None
    return f"retired on {listed['retired']}: {catalog['retirement'][listed['provider']]}"


def _prompt(model: Model) -> str:
    if model.layout.prompt is None:
        return "none"
    return "needed" if model.layout.prompt_required else "can be left out"


def _places(model: Model) -> Iterator[str]:
    """In which order a step's pictures fill the places there are; nothing where there is nothing to choose."""
    places = model.layout.pictures
    if len(places) < 2:
        return
    told = [f"{dotted(each.path)}{_about(each)}" for each in places]
    yield f"`from:` names the pictures in this order: {', '.join(told)}"
    if any(place.many for place in places):
        yield "each of them gets one picture before a list takes a second"


def _about(place: Place) -> str:
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
        "retired": schema_files.catalog()["models"].get(model.name, {}).get("retired"),
        "settings": sorted(dotted(path) for path, *_ in leaves(model.settings)),
    }
