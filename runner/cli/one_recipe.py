"""A command about one recipe. Words that it has no place for are answered with what was most likely meant."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

import click

from runner.errors import UsageError
from runner.validation import nearest

_ENDINGS = (".yaml", ".yml")
_INSTEAD: Mapping[str, str] = {
    "--budget": "--max-cost",
    "--cost": "--max-cost",
    "--max-price": "--max-cost",
    "--limit": "--max-cost",
    "--out": "--output",
    "--folder": "--output",
    "--silent": "--quiet",
    "--host": "--provider",
    "--url": "--allow-url",
}
"""Options that other programs have, and what they are called here."""
_AS_A_COMMAND: Mapping[str, str] = {
    "--dry-run": "plan",
    "--plan": "plan",
    "--check": "validate",
    "--validate": "validate",
    "--explain": "explain",
}
"""Options that other programs have where a command stands here."""


class OneRecipe(click.Command):
    """A command about one recipe, with its inputs as `-i NAME=VALUE`."""

    allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line. Raises UsageError for those that have no place in it."""
        words = list(args)
        try:
            super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise self._no_option(error.option_name, words) from None
        if ctx.args:
            raise self._no_place(ctx.args, words, ctx.params)
        return ctx.args

    def _no_option(self, name: str, words: Sequence[str]) -> UsageError:
        """What is meant by an option that is not there: another one, a command, or an input."""
        known = [each for param in self.params if isinstance(param, click.Option) for each in param.opts]
        message = f"`{self.name}` has no option {name}"
        if name in _AS_A_COMMAND:
            recipe = next((word for word in words if word.endswith(_ENDINGS)), "RECIPE")
            return UsageError(message, hint=f"that is a command: retouch {_AS_A_COMMAND[name]} {recipe}")
        near = _INSTEAD.get(name) or nearest(name, [each for each in known if each.startswith("--")], 0.75)
        if near in known:
            return UsageError(message, hint=f"did you mean {near}?")
        if "-i" in known and name.startswith("--"):
            given = shlex.quote(f"{name.removeprefix('--')}={_behind(name, words) or '…'}")
            return UsageError(message, hint=f"if it is an input of the recipe: -i {given}")
        return UsageError(message, hint=f"`retouch {self.name} --help` lists its options")

    def _no_place(self, extra: Sequence[str], words: Sequence[str], values: Mapping[str, object]) -> UsageError:
        """What is meant by words behind the recipe: a second one, or a piece of an input."""
        first = extra[0]
        message = f"`{first}` has no place here"
        if first.endswith(_ENDINGS):
            return UsageError(message, hint="one recipe at a time")
        pairs = values.get("inputs")
        if not isinstance(pairs, tuple):  # the command takes no inputs
            return UsageError(message, hint=f"name the recipe alone: retouch {self.name} {values.get('recipe')}")
        at = words.index(first)
        before = words[at - 1] if at else ""
        pair = next((each for each in pairs if before.endswith(each)), None)
        if pair is None:
            return UsageError(message, hint=f"an input is given with its name: -i {shlex.quote(f'photo={first}')}")
        if first.startswith("=") or pair.endswith("="):
            whole = "".join([pair, first, *(extra[1:2] if first == "=" else ())])
            return UsageError(message, hint=f"write no space beside the equals sign: -i {shlex.quote(whole)}")
        whole = " ".join([pair, *extra])
        return UsageError(message, hint=f"quotes keep words with spaces together: -i {shlex.quote(whole)}")


def _behind(name: str, words: Sequence[str]) -> str | None:
    """The value of an option: behind its equals sign, or the next word."""
    for at, word in enumerate(words):
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
        if word == name and at + 1 < len(words) and not words[at + 1].startswith("-"):
            return words[at + 1]
    return None
