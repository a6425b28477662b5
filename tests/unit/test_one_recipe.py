"""What is told of words on a command line that have no place there: what was most likely meant."""

from __future__ import annotations

import shlex

import click
import pytest

from runner.cli.dollars import Dollars
from runner.cli.explain import explain
from runner.cli.main import cli
from runner.cli.plan import plan
from runner.cli.run import run
from runner.errors import UsageError


@pytest.mark.parametrize(
    ("command", "words", "message", "hint"),
    [
        (run, "need.yaml photo.jpg", "`photo.jpg` has no place here", "its name: -i photo=photo.jpg"),
        (run, "need.yaml -i photo = photo.jpg", "`=` has no place", "beside the equals sign: -i photo=photo.jpg"),
        (run, "need.yaml -i photo =photo.jpg", "`=photo.jpg`", "beside the equals sign: -i photo=photo.jpg"),
        (run, "need.yaml -i photo= photo.jpg", "`photo.jpg`", "beside the equals sign: -i photo=photo.jpg"),
        (
            run,
            "need.yaml -iphoto=my photo.jpg",
            "`photo.jpg`",
            "keep words with spaces together: -i 'photo=my photo.jpg'",
        ),
        (run, "need.yaml --input=text=a b c", "`b`", "-i 'text=a b c'"),
        (run, "shop.yaml shop.yaml", "`shop.yaml` has no place", "one recipe at a time"),
        (run, "shop.yaml --budget 3", "`run` has no option --budget", "did you mean --max-cost?"),
        (run, "shop.yaml --quite", "no option --quite", "did you mean --quiet?"),
        (run, "shop.yaml --dry-run", "no option --dry-run", "that is a command: retouch plan shop.yaml"),
        (run, "--check", "no option --check", "that is a command: retouch validate RECIPE"),
        (run, "shop.yaml --photo x.jpg", "no option --photo", "an input of the recipe: -i photo=x.jpg"),
        (run, "shop.yaml --photo=x.jpg", "no option --photo", "an input of the recipe: -i photo=x.jpg"),
        (run, "shop.yaml -x", "no option -x", "`retouch run --help`"),
        (plan, "shop.yaml --graph png", "`--graph` makes no png", "--graph text or --graph mermaid"),
        (plan, "--graph png shop.yaml", "`--graph` makes no png", "--graph text or --graph mermaid"),
        (plan, "--graph shop.yaml other.yaml", "`other.yaml` has no place", "one recipe at a time"),
        (
            explain,
            "shop.yaml photo.jpg",
            "`photo.jpg` has no place",
            "name the recipe alone: retouch explain shop.yaml",
        ),
        (explain, "shop.yaml --photo x.jpg", "no option --photo", "`retouch explain --help`"),
    ],
)
def test_what_has_no_place_is_answered_with_what_was_meant(
    command: click.Command, words: str, message: str, hint: str
) -> None:
    """Before anything is read; nothing is guessed and then done."""
    with pytest.raises(UsageError) as caught:
        command.make_context(command.name, shlex.split(words))
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_what_has_a_place_is_taken() -> None:
    """Options may stand before and behind the recipe."""
    context = run.make_context("run", ["-i", "photo=a b.jpg", "shop.yaml", "--max-cost", "0,50"])
    assert str(context.params["recipe"]) == "shop.yaml"
    assert context.params["inputs"] == ("photo=a b.jpg",)
    assert context.params["max_cost"] == 0.5


@pytest.mark.parametrize("text", ["1,000", "0,5,0", ",5", "1,-5", "nan"])
def test_a_sum_that_could_be_two_is_none(text: str) -> None:
    """Three digits behind a comma may be thousands."""
    with pytest.raises(click.BadParameter):
        Dollars().convert(text, None, None)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["shop.yaml", "-q"], "did you mean `retouch run shop.yaml -q`?"),
        (["help"], "did you mean `retouch --help`?"),
        (["version"], "did you mean `retouch --version`?"),
        (["validte", "x"], "did you mean `validate`?"),
    ],
)
def test_what_is_no_command_is_answered_with_one(words: list[str], hint: str) -> None:
    """The first word of a command line."""
    with pytest.raises(click.UsageError) as caught:
        cli.main(words, standalone_mode=False)
    assert hint in caught.value.message
