"""`crop`: which part stays, and what happens at the edges."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from runner.errors import OperationFailed
from runner.operations import OPERATIONS
from runner.operations.params import ANCHORS
from tests.pictures import opened, pixel, plain, quarters, saved

SIDE = st.integers(1, 80)


def cropped(data: bytes, **params: Any) -> Image.Image:
    """The picture that `crop` makes of a file."""
    return opened(OPERATIONS["crop"].apply([data], params))


@settings(deadline=None)
@given(SIDE, SIDE, st.integers(1, 30), st.integers(1, 30), st.sampled_from(sorted(ANCHORS)))
def test_an_aspect_takes_the_largest_part(width: int, height: int, right: int, down: int, anchor: str) -> None:
    """Within the picture, as wide or as high as it, and of the shape within one pixel."""
    size = cropped(plain(width, height), aspect=f"{right}:{down}", anchor=anchor).size
    assert size[0] <= width
    assert size[1] <= height
    assert size[0] == width or size[1] == height
    assert abs(size[0] - size[1] * right / down) <= max(1, right / down)


@settings(deadline=None)
@given(st.data())
def test_a_part_within_the_picture_is_cut_exactly(data: st.DataObject) -> None:
    """The pixel at x, y becomes the first one."""
    width, height = data.draw(SIDE), data.draw(SIDE)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    wide, high = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    image = Image.new("RGB", (width, height), "white")
    image.putpixel((x, y), (1, 2, 3))
    part = cropped(saved(image), x=x, y=y, width=wide, height=high)
    assert part.size == (wide, high)
    assert pixel(part, 0, 0) == (1, 2, 3)


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({"width": "50%"}, (40, 40)),
        ({"height": 10}, (80, 10)),
        ({"x": "25%"}, (60, 40)),
        ({"y": 30}, (80, 10)),
        ({"x": 70, "width": 10, "y": 0, "height": "100%"}, (10, 40)),
        ({"aspect": "1:1"}, (40, 40)),
        ({"aspect": "1.91:1"}, (76, 40)),
    ],
)
def test_parts_of_a_picture_of_80_by_40(params: dict[str, Any], size: tuple[int, int]) -> None:
    """What is not said stays as it is."""
    assert cropped(plain(80, 40), **params).size == size


@pytest.mark.parametrize(
    ("anchor", "color"),
    [
        ("top-left", (255, 0, 0)),
        ("top-right", (0, 255, 0)),
        ("bottom-left", (0, 0, 255)),
        ("bottom-right", (255, 255, 255)),
    ],
)
def test_the_anchor_says_which_part(anchor: str, color: tuple[int, ...]) -> None:
    """Each quarter of the picture by its name."""
    part = cropped(saved(quarters()), width="50%", height="50%", anchor=anchor)
    assert part.getcolors() == [(32 * 24, color)]


@pytest.mark.parametrize("params", [{"width": 81}, {"x": 10, "width": 71}, {"y": "50%", "height": 21}])
def test_outside_the_picture_is_refused_with_its_size(params: dict[str, Any]) -> None:
    """The author learns how large the picture is."""
    with pytest.raises(OperationFailed, match="80 × 40"):
        cropped(plain(80, 40), **params)


@pytest.mark.parametrize("params", [{"x": 80}, {"x": "100%", "width": 3}, {"width": "0%"}])
def test_nothing_left_is_refused(params: dict[str, Any]) -> None:
    """A crop that begins where the picture ends."""
    with pytest.raises(OperationFailed, match="80 × 40"):
        cropped(plain(80, 40), **params)
