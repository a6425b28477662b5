"""What has changed between two requests of a step, in words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from runner.changes import Asked, changes

BEFORE = Asked("paint", "a red mug", {"scale": 3, "size": "512*512"}, (7, 8), (("photo", "aa"), ("logo", "bb")))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (BEFORE, []),
        (replace(BEFORE, settings={"size": "512*512", "scale": 3.0}), []),
        (replace(BEFORE, takes=(("renamed", "aa"), ("logo", "bb"))), []),
        (replace(BEFORE, prompt="a blue mug"), ["prompt changed"]),
        (replace(BEFORE, settings={"scale": 4, "size": "512*512"}), ["settings changed: scale 3 → 4"]),
        (
            replace(BEFORE, settings={"scale": 3, "fast": True}),
            ["settings changed: fast true (not set before), size (no longer set)"],
        ),
        (replace(BEFORE, settings={"scale": "3", "size": "512*512"}), ["settings changed: scale 3 → 3, as text"]),
        (
            replace(BEFORE, settings={"scale": 3, "size": "x" * 30}),
            ["settings changed: size"],
        ),
        (replace(BEFORE, seeds=(9, 10)), ["seed changed"]),
        (replace(BEFORE, seeds=(7, 8, 9)), ["candidates 2 → 3"]),
        (replace(BEFORE, seeds=(7,)), ["candidates 2 → 1"]),
        (replace(BEFORE, seeds=(1, 2, 3)), ["seed changed", "candidates 2 → 3"]),
        (replace(BEFORE, does="draw", settings={}, seeds=(1,)), ["now draw, before paint"]),
        (replace(BEFORE, takes=(("photo", "cc"), ("logo", "bb"))), ["another picture: photo"]),
        (replace(BEFORE, takes=(("photo", None), ("logo", "cc"))), ["another picture: logo", "made anew: photo"]),
        (replace(BEFORE, takes=(("logo", "bb"), ("photo", "aa"))), ["its pictures come in another order"]),
        (replace(BEFORE, takes=(("photo", "aa"),)), ["it takes 1 picture instead of 2 pictures"]),
        (replace(BEFORE, takes=()), ["it takes no picture instead of 2 pictures"]),
    ],
)
def test_what_is_different_is_named(now: Asked, words: list[str]) -> None:
    """Each difference once; what does not matter to the picture is none."""
    assert changes(BEFORE, now) == words


def test_a_request_can_be_remembered() -> None:
    """As JSON and back; something else is refused, not guessed at."""
    assert Asked.from_json(json.loads(json.dumps(BEFORE.to_json()))) == BEFORE
    others: list[dict[str, Any]] = [{}, {"does": "x", "prompt": None, "settings": 3, "seeds": [], "takes": []}]
    for other in others:
        with pytest.raises((KeyError, TypeError, ValueError)):
            Asked.from_json(other)
