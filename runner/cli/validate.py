"""`retouch validate`: every problem of every recipe in one pass. Nothing is sent."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from runner.cli import examining, output, wiring
from runner.cli.examining import Verdict
from runner.errors import MOST_PROBLEMS, Diagnostic, UsageError
from runner.report.words import clean, counted, diagnostics_text, error_text, excerpt


@click.command()
@click.argument("recipes", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RECIPE...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How problems are told: for people, for programs, or as marks beside the lines of a pull request on GitHub.",
)
def validate(recipes: tuple[Path, ...], form: str) -> int:
    """Check each RECIPE: its shape, its names, its templates, the settings of its models, the files it names."""
    wiring.use_utf8()
    found = examining.verdicts(recipes)
    {"text": _tell, "json": _tell_programs, "github": _tell_github}[form](found)
    return 2 if any(each.is_wrong for each in found) else 0


def _tell(found: Sequence[Verdict]) -> None:
    width = output.width(sys.stderr)
    warnings = [each for verdict in found for each in verdict.warnings]
    if warnings:
        click.echo(diagnostics_text(warnings, width) + "\n", err=True)
    told = [
        diagnostics_text(each.problems, width) if each.error is None else _error(each, width)
        for each in found
        if each.is_wrong
    ]
    if told:
        click.echo("\n\n".join(dict.fromkeys(told)), err=True)
        click.echo(f"\n{_sum(found)}", err=True)
    else:
        click.echo(_sum(found))


def _error(verdict: Verdict, width: int | None) -> str:
    return error_text(UsageError(verdict.error or "", hint=verdict.hint), width)


def _tell_programs(found: Sequence[Verdict]) -> None:
    told = {
        "problems": [_for_programs(each) for verdict in found for each in verdict.problems],
        "warnings": [_for_programs(each) for verdict in found for each in verdict.warnings],
        "errors": [
            {"file": each.file, "message": each.error, "hint": each.hint} for each in found if each.error is not None
        ],
    }
    click.echo(clean(json.dumps(told, ensure_ascii=False)))


def _for_programs(problem: Diagnostic) -> dict[str, Any]:
    """A problem as data. Of a very long line the part around the problem is quoted, as for people."""
    quoted, _ = excerpt(problem.quoted, problem.location.column)
    return asdict(replace(problem, quoted=quoted))


def _tell_github(found: Sequence[Verdict]) -> None:
    from runner.report.annotations import annotation

    for verdict in found:
        for each in verdict.warnings:
            click.echo(annotation("warning", each))
        for each in verdict.problems:
            click.echo(annotation("error", each))
    for error, hint in dict.fromkeys((each.error, each.hint) for each in found if each.error is not None):
        click.echo(annotation("error", UsageError(error, hint=hint)))
    click.echo(_sum(found))


def _sum(found: Sequence[Verdict]) -> str:
    errors = {(each.error, each.hint) for each in found if each.error is not None}  # of retouch.toml, say, told once
    faults = sum(min(len(each.problems), MOST_PROBLEMS) for each in found) + len(errors)
    if any(len(each.problems) > MOST_PROBLEMS for each in found):
        return f"more than {counted(faults, 'problem')} found"
    if faults:
        return f"{counted(faults, 'problem')} found"
    return f"{counted(len(found), 'recipe')} checked: no problem found"
