"""The entry of the command, and the one place that turns errors into words and exit codes.

Commands are imported when they are called, so that `--help` and `validate` load no network or image library.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import os
import shlex
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from runner import __version__
from runner.cli import output
from runner.errors import InvalidRecipe, RetouchError
from runner.report.words import clean, diagnostics_text, error_text
from runner.secrecy import without_queries

_COMMANDS = {
    "new": ("runner.cli.new:new", "Write a recipe of your own; a few questions."),
    "run": ("runner.cli.run:run", "Run a recipe."),
    "plan": ("runner.cli.plan:plan", "Show what a run would do and cost; nothing is sent."),
    "explain": ("runner.cli.explain:explain", "Explain a recipe, with every default filled in."),
    "validate": ("runner.cli.validate:validate", "Check recipes; nothing is sent."),
    "fmt": ("runner.cli.fmt:fmt", "Put recipes in order: keys, spaces, empty lines."),
    "journal": ("runner.cli.journal:journal", "Show calls in doubt, decide about them; what all calls cost."),
    "models": ("runner.cli.models:models", "List the models, or the settings of one."),
    "schemas": ("runner.cli.schemas:schemas", "Make schemas from documentation pages."),
    "emulator": ("runner.cli.emulator:emulator", "Serve a stand-in for a paid host on this machine."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; their one-line helps stand here."""

    def list_commands(self, _: click.Context) -> list[str]:
        """All names, in the order in which a newcomer needs them."""
        return list(_COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or name the nearest one."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"there is no command `{args[0]}`; {_meant(args)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in _COMMANDS.items()])


def _meant(words: Sequence[str]) -> str:
    """What was most likely meant by words that begin with no command."""
    first = words[0]
    if first in {"help", "version"}:
        return f"did you mean `retouch --{first}`?"
    if first.endswith((".yaml", ".yml")):
        return f"did you mean `retouch run {shlex.join(words)}`?"
    near = difflib.get_close_matches(first, _COMMANDS, n=1)
    return f"did you mean `{near[0]}`?" if near else "one of: " + ", ".join(_COMMANDS)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="retouch")
def cli() -> None:
    """Runs recipes: YAML files that describe a chain of image edits."""


def command() -> NoReturn:
    """The installed command: `main`, left without taking the interpreter apart piece by piece.

    To free every object takes longer than to check a recipe. Whatever has to be closed is closed by then: nothing here
    leaves that to the end of the process.
    """
    try:
        main()
    except SystemExit as stop:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
        os._exit(stop.code if isinstance(stop.code, int) else 1)
    raise AssertionError("main always ends in SystemExit")


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code (DESIGN §4)."""
    with output.worded():
        code = _code_of(arguments)
    sys.exit(code)


def _code_of(arguments: list[str] | None) -> int:
    try:
        result: Any = cli.main(args=arguments, prog_name="retouch", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        told = io.StringIO()
        error.show(told)
        click.echo(clean(told.getvalue()), nl=False, err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("retouch: interrupted", err=True)
        return 130
    except InvalidRecipe as error:
        click.echo(_without_key(diagnostics_text(error.diagnostics, output.width(sys.stderr))), err=True)
        click.echo(f"\n{error.message}", err=True)
        return error.exit_code
    except RetouchError as error:
        click.echo(_without_key(error_text(error, output.width(sys.stderr))), err=True)
        return error.exit_code
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone; nothing more can be told
        return 0
    except Exception:
        click.echo(f"retouch: this is a fault of ours; please report it with the file {_log()}", err=True)
        return 70
    return result if isinstance(result, int) else 0


def _log() -> str:
    """Write the traceback where the user can find it; the path of the file, if it could be written."""
    import tempfile
    import traceback

    with (
        contextlib.suppress(OSError),
        tempfile.NamedTemporaryFile("w", prefix="retouch-", suffix=".log", delete=False, encoding="utf-8") as file,
    ):
        told = clean(traceback.format_exc()).replace(chr(92) + "u000a", chr(10))
        file.write(f"retouch {__version__}\n{without_queries(_without_key(told))}")
        return file.name
    return "(that could not be written)"


def _without_key(text: str) -> str:
    """Errors quote what they meet: a recipe's line, the words of another package."""
    from runner.settings import without_key

    return without_key(text)
