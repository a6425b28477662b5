"""`retouch schemas`: from documentation pages to schemas, and what changed on the pages since."""

from __future__ import annotations

import click

from runner.cli.schemas.adding import add, read
from runner.cli.schemas.building import build, shape_of
from runner.cli.schemas.checking import check

__all__ = ["schemas", "shape_of"]


@click.group()
def schemas() -> None:
    """Make schemas from the provider's documentation pages, and see what changed on them."""


for command in (read, add, check, build):
    schemas.add_command(command)
