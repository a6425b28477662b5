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
@click.option("--key", metavar="KEY", help="Accept this key only; else any key will do.")
def emulator(port: int, host: str, latency: float, spread: float, key: str | None) -> None:
    """Serve the API of a paid host with labelled stand-in pictures, free of charge.

    GET /ledger tells what was asked. Stop it with Ctrl-C.
    """
    from runner.emulator.server import Options, create_app, serve

    schemas = wiring.model_schemas(Workspace(workspace.root_of(Path.cwd()), Path("none")))
    options = Options(latency=latency, spread=spread, key=key)
    app = create_app(schemas, options=options, clock=time.monotonic, draw=random.SystemRandom().random)

    def announce(address: str) -> None:
        click.echo(f"the emulator listens on {address} (its ledger: {address}/ledger)")
        click.echo(f"use it with: NOVITA_BASE_URL={address} NOVITA_API_KEY=test retouch run RECIPE --provider novita")

    serve(app, host, port, announce)
