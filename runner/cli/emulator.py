"""`retouch emulator`: a stand-in for a paid host, served on a port of this machine."""

from __future__ import annotations

import random
import time
from pathlib import Path

import click

from runner import workspace
from runner.cli import wiring
from runner.workspace import Workspace


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes any free port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--latency", type=click.FloatRange(0, 3600), default=1.0, show_default=True, help="Seconds a task takes.")
@click.option("--spread", type=click.FloatRange(0, 1), default=0.0, help="Share by which that varies, 0 to 1.")
@click.option("--key", metavar="KEY", help="Accept this key only, no real one: process lists show it; else any key.")
@click.option("--images-per-minute", metavar="N", type=click.IntRange(1), help="Refuse more of one model with 429.")
@click.option("--balance", metavar="N", type=click.IntRange(0), help="Pictures that the account pays for.")
@click.option("--flat", is_flag=True, help="Plain squares of colour instead of paintings, for loads of thousands.")
@click.option(
    "--faults",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A script of what goes wrong (runner/README.md).",
)
def emulator(
    port: int,
    host: str,
    latency: float,
    spread: float,
    key: str | None,
    images_per_minute: int | None,
    balance: int | None,
    flat: bool,
    faults: Path | None,
) -> None:
    """Serve the API of a paid host with labelled stand-in pictures, free of charge.

    GET /ledger tells what was asked. Stop it with Ctrl-C.
    """
    from runner.emulator import script
    from runner.emulator.server import Options, create_app, serve

    scripted = script.read(faults) if faults is not None else Options().faults
    schemas = wiring.model_schemas(Workspace(workspace.root_of(Path.cwd()), Path("none")))
    options = Options(
        latency=latency,
        spread=spread,
        key=key,
        flat=flat,
        images_per_minute=images_per_minute,
        balance=balance,
        faults=scripted,
    )
    app = create_app(schemas, options=options, clock=time.monotonic, draw=random.SystemRandom().random)

    def announce(address: str) -> None:
        click.echo(f"the emulator listens on {address} (its ledger: {address}/ledger)")
        click.echo(f"use it with: NOVITA_BASE_URL={address} NOVITA_API_KEY=test retouch run RECIPE --provider novita")
        if faults is not None:
            count = len(scripted.faults)
            click.echo(f"{count} fault{'' if count == 1 else 's'} scripted in {faults}")

    serve(app, host, port, announce)
