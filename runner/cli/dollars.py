"""Sums of money on the command line."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import click

_WITH_COMMA = re.compile(r"([0-9]+),([0-9]{1,2})")
"""Cents behind a comma, as many languages write them; three digits behind it could be thousands."""


class Dollars(click.FloatRange):
    """A sum in US dollars, at least nothing."""

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The sum as a number."""
        try:
            with_comma = _WITH_COMMA.fullmatch(str(value))
            sum_ = float(".".join(with_comma.groups()) if with_comma else str(value))
        except ValueError:
            sum_ = math.nan
        if not (math.isfinite(sum_) and sum_ >= 0):
            self.fail("expected a number of US dollars, like 0.50", param, ctx)
        return sum_


def limits(budget: Decimal | None, most: float | None) -> list[tuple[Decimal, str]]:
    """The limits of one run, in US dollars, and what they are called: the recipe's `budget:` and `--max-cost`."""
    named = ((budget, "`budget:`"), (most, "--max-cost"))
    return [(Decimal(str(limit)), name) for limit, name in named if limit is not None]
