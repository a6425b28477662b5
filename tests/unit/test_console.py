"""What the console says while a run goes on, also when it is to say little."""

from __future__ import annotations

import io

import pytest

from runner.records import Event, MoreThanAsked, PicturesLost
from runner.report.console import Teller

LOST = PicturesLost("photo", "cut", ("the link\x1b[2J leads nowhere",))


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (LOST, "! cut: a picture of a paid call cannot be had (the link\\u001b[2J leads nowhere); what came is kept\n"),
        (
            PicturesLost("photo", "cut", ("it is cut short", "it is cut short")),
            "! cut: 2 pictures of a paid call cannot be had (it is cut short); what came is kept\n",
        ),
        (
            MoreThanAsked("photo", "cut", 1, 3),
            "! cut: the host made 3 pictures where at most 1 was asked for; each is on the bill\n",
        ),
    ],
    ids=["one lost", "two lost", "more"],
)
@pytest.mark.parametrize("quiet", [False, True])
def test_what_was_paid_in_vain_is_always_said(event: Event, words: str, quiet: bool) -> None:
    """With --quiet too: it is money. A host's control characters are written out."""
    stream = io.StringIO()
    Teller(stream, quiet=quiet).hear(event)
    assert stream.getvalue() == words
