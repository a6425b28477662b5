"""Recipes as later code sees them: frozen steps, every default filled in and every edge known. `parsing` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from runner import digest
from runner.document import Document, Path
from runner.errors import Diagnostic
from runner.inputs import Input
from runner.operation import Json


@dataclass(frozen=True, slots=True)
class Step:
    """One edit of a recipe. Either `model` is set, with a `prompt` if it takes one, or `operation` and `params` are."""

    name: str
    position: int
    """From 0, in the recipe."""
    sources: tuple[str, ...]
    """Steps and image inputs whose pictures it takes, in order; empty for a picture made from text alone."""
    when: str | None = None
    prompt: str | None = None
    model: str | None = None
    settings: Mapping[str, Json] = field(default_factory=dict)
    candidates: int = 1
    choose: int = 1
    """Which picture goes on, from 1."""
    seed: int | None = None
    operation: str | None = None
    params: Mapping[str, Json] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where the step stands in its document."""
        return ("steps", self.position)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe that has passed every check which needs no values."""

    name: str
    title: str
    description: str
    inputs: Mapping[str, Input]
    steps: tuple[Step, ...]
    seed: int | None
    budget: Decimal | None
    """US dollars."""
    document: Document = field(repr=False)
    """For the positions of later problems only."""
    warnings: tuple[Diagnostic, ...] = ()
    """What is no mistake, but most likely not meant."""

    @property
    def images(self) -> tuple[str, ...]:
        """Names of the image inputs, in order."""
        return tuple(name for name, each in self.inputs.items() if each.type == "image")

    @property
    def text_digest(self) -> str:
        """SHA-256 of the recipe's text."""
        return digest.of_bytes("\n".join(self.document.lines).encode("utf-8"))
