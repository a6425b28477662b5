"""Models that their host no longer serves: told where the recipe names them, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from runner import schema_files
from runner.document import Path
from runner.errors import Diagnostic
from runner.recipe import Recipe
from runner.settings import Settings


def warnings(recipe: Recipe, provider: str, chosen: Settings, today: date | None = None) -> list[Diagnostic]:
    """A warning for each model of the recipe which this provider's own host stops serving, where it is named first.

    Other hosts may serve it for ever, so nothing is said where the settings lead to one, nor of a rehearsal.
    """
    if provider != "novita" or _host(chosen.novita_url) != _host(Settings().novita_url):
        return []
    found = []
    for model, path in _named(recipe).items():
        told = words(model, today)
        if told is not None:
            found.append(recipe.document.diagnostic(path, f"{model} {told[0]}", told[1]))
    return found


def words(model: str, today: date | None = None) -> tuple[str, str] | None:
    """When the provider's own host stops serving a model, and what to do then, as the catalogue has it; None where
    nothing is known of that."""
    catalog = schema_files.catalog()
    listed = catalog["models"].get(model, {})
    if "retired" not in listed:
        return None
    day = date.fromisoformat(str(listed["retired"]))
    over = day <= (today or datetime.now(UTC).date())
    announced = f"{listed['provider']} has announced that its own host serves it only until {day}"
    when = f"{'is' if over else 'will be'} retired: {announced}"
    return when, " ".join(catalog["retirement"][listed["provider"]].split())


def day(model: str) -> str | None:
    """The last day on which the provider's own host serves a model, `2026-08-19`; None where nothing is known."""
    found = schema_files.catalog()["models"].get(model, {}).get("retired")
    return None if found is None else str(found)


def _named(recipe: Recipe) -> Mapping[str, Path]:
    """Each model that a step asks, with the first place of the recipe that names it: a step's own, or the top."""
    found: dict[str, Path] = {}
    steps: Any = recipe.document.data["steps"]
    for step in recipe.steps:
        if step.model is not None:
            path: Path = (*step.path, "model") if "model" in steps[step.position] else ("model",)
            found.setdefault(step.model, path)
    return found


def _host(url: str) -> str | None:
    return urlsplit(url).hostname
