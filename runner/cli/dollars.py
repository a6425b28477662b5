"""Sums of money on the command line."""

from __future__ import annotations

import math

import click


class Dollars(click.FloatRange):
    """A sum in US dollars, at least nothing."""

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The sum as a number."""
        try:
            sum_ = float(str(value))
        except ValueError:
            sum_ = math.nan
        if not (math.isfinite(sum_) and sum_ >= 0):
            self.fail("expected a number of US dollars, like 0.50", param, ctx)
        return sum_
