"""How many pictures a request comes to: what plan, budget, bill and emulator all count with."""

from __future__ import annotations

from typing import Any

import pytest

from runner import layout
from tests.unit.test_any_model import block

SWITCH = {"type": "string", "enum": ["auto", "disabled"], "default": "disabled"}
CEILING = {"type": "integer", "minimum": 1, "maximum": 15, "default": 12}
BOUND = {"type": "integer", "minimum": 1, "maximum": 15}
FREE = {"type": "integer"}
ON, OFF = {"series": "auto"}, {"series": "disabled"}


def named(ceiling: dict[str, Any], switch: dict[str, Any] = SWITCH) -> dict[str, Any]:
    """A ceiling in a block that is named after its switch."""
    return block([], series=switch, series_options=block([], max_images=ceiling))


def flat(ceiling: dict[str, Any], **beside: Any) -> dict[str, Any]:
    """A ceiling with other parameters beside it."""
    return block([], max_images=ceiling, **beside)


@pytest.mark.parametrize(
    ("schema", "request_", "pictures"),
    [
        (block([]), {}, 1),
        (block([], num_images=FREE), {}, 1),
        (block([], num_images=FREE), {"num_images": 3}, 3),
        (block([], num_images={"type": "integer", "default": 4}), {}, 4),
        (block([], num_images={"type": "number"}), {"num_images": 3}, 3),
        (block([], num_images={"type": "number", "default": 2.0}), {}, 2),
        (block([], num_images={"enum": [1, 2, 4]}), {"num_images": 4}, 4),
        (block([], num_images={}), {"num_images": 2}, 2),
        (block([], num_images={"enum": ["few", "many"]}), {"num_images": "many"}, 1),
        (named(CEILING), {}, 1),
        (named(CEILING), {"series_options": {"max_images": 4}}, 1),
        (named(CEILING), OFF | {"series_options": {"max_images": 4}}, 1),
        (named(CEILING), ON | {"series_options": {"max_images": 4}}, 4),
        (named(CEILING), ON, 12),
        (named(BOUND), ON, 15),
        (named(CEILING, {"type": "string", "default": "auto"}), {}, 12),
        (named(CEILING, {"type": "string", "default": "auto"}), OFF, 1),
        (named(CEILING, {"type": "string"}), {}, 12),
        (named(CEILING, {"type": "boolean", "default": False}), {"series_options": {"max_images": 2}}, 1),
        (named(CEILING, {"type": "boolean", "default": False}), {"series": True}, 12),
        (block([], request=named(CEILING)), {"request": {"series_options": {"max_images": 4}}}, 1),
        (block([], request=named(CEILING)), {"request": ON}, 12),
        (flat(CEILING, series=SWITCH), {"max_images": 4}, 1),
        (flat(CEILING, series=SWITCH), ON | {"max_images": 4}, 4),
        (flat(CEILING, series=SWITCH), ON, 12),
        (flat(CEILING), {"max_images": 4}, 4),
        (flat(CEILING), {}, 12),
        (flat(BOUND), {}, 15),
        (block([], batch_size=FREE, n_iter=FREE), {}, 1),
        (block([], batch_size=FREE, n_iter=FREE), {"batch_size": 2, "n_iter": 4}, 8),
        (block([], batch_size=FREE, n_iter={"type": "integer", "default": 3}), {"batch_size": 2}, 6),
        (block([], batch_count={"type": ["integer", "null"]}), {"batch_count": 5}, 5),
        (block([], num_images=FREE, image_num=FREE), {"num_images": 2, "image_num": 3}, 3),
    ],
)
def test_a_request_counts_what_it_may_be_billed_for(
    schema: dict[str, Any], request_: dict[str, Any], pictures: int
) -> None:
    """A ceiling counts in full once its switch is on, and not at all while it is off; rounds multiply."""
    assert layout.of(schema).count(request_) == pictures
    assert layout.of(schema).uncounted(request_) is None


@pytest.mark.parametrize(
    "beside",
    [
        {"background": {"type": "string", "enum": ["none", "white"], "default": "none"}},
        {"series": {"type": "string", "enum": ["short", "long"], "default": "short"}},
        {"series": SWITCH, "batch_mode": SWITCH},
    ],
)
def test_what_may_be_no_switch_lowers_no_price(beside: dict[str, Any]) -> None:
    """Another parameter that can be off, one that cannot, and two of which it might be either."""
    assert layout.of(flat(CEILING, **beside)).count({"max_images": 4}) == 4


def test_what_nobody_knows_is_said() -> None:
    """A ceiling that is on, not given, and without default or maximum; off it is no question."""
    parts = layout.of(named(FREE))
    assert parts.uncounted({}) is None
    assert parts.uncounted(ON | {"series_options": {"max_images": 3}}) is None
    open_ended = parts.uncounted(ON)
    assert open_ended is not None
    assert open_ended.path == ("series_options", "max_images")


@pytest.mark.parametrize(
    ("schema", "request_", "pictures"),
    [
        (block([]), {}, 1),
        (block([], num_images=FREE), {"num_images": 3}, 3),
        (named(CEILING), ON | {"series_options": {"max_images": 4}}, 1),
        (flat(CEILING), {}, 1),
        (block([], max_images=CEILING, n_iter=FREE), {"max_images": 4, "n_iter": 3}, 3),
    ],
)
def test_a_request_is_billed_for_so_many_at_least(
    schema: dict[str, Any], request_: dict[str, Any], pictures: int
) -> None:
    """A number that is asked for is made; of a ceiling, one picture in each round."""
    assert layout.of(schema).count_at_least(request_) == pictures
