"""`pad`: room around the picture, by margin, size or shape."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from runner.errors import OperationFailed
from runner.operations import OPERATIONS
from tests.pictures import opened, pixel, plain

SIDE = st.integers(1, 80)


def padded(data: bytes, **params: Any) -> Image.Image:
    """The picture that `pad` makes of a file."""
    return opened(OPERATIONS["pad"].apply([data], params))


@pytest.mark.parametrize(
    ("params", "size", "corner"),
    [
        ({"margin": 5}, (90, 50), (5, 5)),
        ({"margin": "25%"}, (100, 60), (10, 10)),
        ({"margin": 5, "bottom": "50%"}, (90, 65), (5, 5)),
        ({"left": "10%", "top": 1}, (88, 41), (8, 1)),
        ({"width": 100}, (100, 40), (10, 0)),
        ({"height": "200%", "anchor": "top"}, (80, 80), (0, 0)),
        ({"aspect": "1:1"}, (80, 80), (0, 20)),
        ({"aspect": "4:1", "anchor": "right"}, (160, 40), (80, 0)),
    ],
)
def test_room_around_a_picture_of_80_by_40(
    params: dict[str, Any], size: tuple[int, int], corner: tuple[int, int]
) -> None:
    """The size of the result, and where the picture begins in it."""
    image = padded(plain(80, 40, "red"), background="blue", **params)
    assert image.size == size
    box = image.getchannel("R").getbbox()
    assert box == (*corner, corner[0] + 80, corner[1] + 40)


@settings(deadline=None)
@given(SIDE, SIDE, st.integers(1, 30), st.integers(1, 30))
def test_an_aspect_fills_up_the_least(width: int, height: int, right: int, down: int) -> None:
    """The picture fits in, one side is its own, and the shape is met within one pixel."""
    size = padded(plain(width, height), aspect=f"{right}:{down}").size
    assert size[0] >= width
    assert size[1] >= height
    assert size[0] == width or size[1] == height
    assert abs(size[0] - size[1] * right / down) <= max(1, right / down)


def test_the_background_nobody_named() -> None:
    """White, or nothing around a picture that has transparent parts."""
    assert pixel(padded(plain(8, 8), margin=3), 0, 0) == (255, 255, 255)
    assert pixel(padded(plain(8, 8, (9, 9, 9, 9), "RGBA"), margin=3), 0, 0)[3] == 0


def test_a_transparent_background_under_a_photo() -> None:
    """Asked for, an opaque picture gets transparent room, without a colour change inside."""
    image = padded(plain(8, 8, (9, 99, 199)), margin=3, background="transparent")
    assert pixel(image, 0, 0)[3] == 0
    assert pixel(image, 5, 5) == (9, 99, 199, 255)


def test_a_picture_larger_than_its_frame_is_refused() -> None:
    """With both sizes, and what to do instead."""
    with pytest.raises(OperationFailed, match=r"80 × 40 .* 60 × 50") as caught:
        padded(plain(80, 40), width=60, height=50)
    assert "resize" in str(caught.value.hint)


def test_a_frame_beyond_all_bounds_is_refused() -> None:
    """The size is worked out before memory is asked for."""
    with pytest.raises(OperationFailed, match="too large"):
        padded(plain(80, 40), width=16000, height=16000)
