"""`retouch explain`: a recipe with every default filled in. Nothing is sent, and nothing is written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from runner.cli import output, wiring
from runner.cli.one_recipe import OneRecipe
from runner.report.explained import explain as explained
from runner.report.words import clean, diagnostics_text


@click.command(cls=OneRecipe)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def explain(recipe: Path, as_json: bool) -> None:
    """Explain RECIPE in plain words: what each step takes, asks for and makes, with every default filled in.

    No input needs a value for that: texts stand as they are written. `retouch plan` fills them in.
    """
    wiring.use_utf8()
    built = wiring.house(recipe)
    checked = built.recipe()
    told = explained(checked, built.catalogue)
    if as_json:
        click.echo(clean(json.dumps(told, ensure_ascii=False)))
        return
    from runner.report.console import show_explained

    if checked.warnings:
        click.echo(diagnostics_text(checked.warnings, output.width(sys.stderr)) + "\n", err=True)
    show_explained(sys.stdout, told)
