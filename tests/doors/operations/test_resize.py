"""`resize`: sizes for every fit, and edges without dark fringes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from runner.errors import OperationFailed
from runner.operations import OPERATIONS
from tests.pictures import corners, near, opened, pixel, plain, quarters, saved

SIDE = st.integers(1, 90)


def resized(data: bytes, **params: Any) -> Image.Image:
    """The picture that `resize` makes of a file."""
    return opened(OPERATIONS["resize"].apply([data], params))


@settings(deadline=None)
@given(SIDE, SIDE, SIDE, SIDE)
def test_contain_fits_inside_and_keeps_the_shape(width: int, height: int, right: int, down: int) -> None:
    """One side is met exactly, the other is within one pixel of the shape."""
    size = resized(plain(width, height), width=right, height=down).size
    assert size[0] <= right
    assert size[1] <= down
    assert size[0] == right or size[1] == down
    scale = min(right / width, down / height)
    assert abs(size[0] - width * scale) <= 1
    assert abs(size[1] - height * scale) <= 1


@settings(deadline=None)
@given(SIDE, SIDE, SIDE, SIDE, st.sampled_from(["cover", "pad", "exact"]))
def test_the_other_fits_meet_both_sides(width: int, height: int, right: int, down: int, fit: str) -> None:
    """Exactly the size that was asked for."""
    assert resized(plain(width, height), width=right, height=down, fit=fit).size == (right, down)


@settings(deadline=None)
@given(SIDE, SIDE, SIDE, SIDE, st.sampled_from(["contain", "cover", "exact"]))
def test_without_enlarge_no_side_grows(width: int, height: int, right: int, down: int, fit: str) -> None:
    """A small picture stays as sharp as it is."""
    size = resized(plain(width, height), width=right, height=down, fit=fit, enlarge=False).size
    assert size[0] <= max(1, min(width, right))
    assert size[1] <= max(1, min(height, down))


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({"width": 300}, (300, 150)),
        ({"height": 300}, (600, 300)),
        ({"longest": 100}, (100, 50)),
        ({"width": "50%"}, (100, 50)),
        ({"height": "150%"}, (300, 150)),
        ({"width": "50%", "height": "100%", "fit": "exact"}, (100, 100)),
        ({"longest": 400, "enlarge": False}, (200, 100)),
        ({"width": 400, "height": 400, "fit": "cover", "enlarge": False}, (100, 100)),
        ({"width": 400, "height": 400, "fit": "pad", "enlarge": False}, (400, 400)),
        ({"width": 1}, (1, 1)),
        ({"width": 12.0}, (12, 6)),
    ],
)
def test_sizes_of_a_picture_of_200_by_100(params: dict[str, Any], size: tuple[int, int]) -> None:
    """One side given keeps the shape; shares are of the picture's own side."""
    assert resized(plain(200, 100), **params).size == size


@pytest.mark.parametrize(
    ("anchor", "seen"),
    [("left", ["red", "red", "blue", "blue"]), ("right", ["lime", "lime", "white", "white"])],
)
def test_cover_keeps_the_part_at_the_anchor(anchor: str, seen: list[str]) -> None:
    """Of a wide picture made narrow, the left or the right half stays."""
    image = resized(saved(quarters(80, 40)), width=10, height=10, fit="cover", anchor=anchor)
    wanted = [pixel(Image.new("RGB", (1, 1), name), 0, 0) for name in seen]
    assert all(near(one, other) for one, other in zip(corners(image), wanted, strict=True))


@pytest.mark.parametrize(("anchor", "row"), [("top", 35), ("bottom", 5)])
def test_pad_stands_the_picture_at_the_anchor(anchor: str, row: int) -> None:
    """The background shows at the other end."""
    image = resized(plain(40, 20, "red"), width=40, height=40, fit="pad", anchor=anchor, background="#00f")
    assert pixel(image, 20, row) == (0, 0, 255)
    assert pixel(image, 20, 40 - row) == (255, 0, 0)


def test_pad_is_white_unless_the_picture_is_transparent() -> None:
    """The background that nobody named."""
    assert pixel(resized(plain(4, 2), width=40, height=40, fit="pad"), 1, 1) == (255, 255, 255)
    see_through = plain(4, 2, (255, 0, 0, 128), "RGBA")
    assert pixel(resized(see_through, width=40, height=40, fit="pad"), 1, 1)[3] == 0


def test_a_background_lies_under_transparent_parts_too() -> None:
    """And then nothing is transparent any more."""
    image = resized(plain(4, 2, (0, 0, 0, 0), "RGBA"), width=40, height=40, fit="pad", background="gold")
    assert image.mode == "RGB"
    assert pixel(image, 20, 20) == (255, 215, 0)


def test_hidden_colours_do_not_bleed_into_edges() -> None:
    """Black under the transparent half leaves no dark fringe on the white one."""
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 31, 64))
    small = resized(saved(image), width=20)
    seen = [pixel(small, x, 10) for x in range(20)]
    assert any(0 < alpha < 255 for *_, alpha in seen)
    assert all(min(red, green, blue) >= 250 for red, green, blue, alpha in seen if alpha > 8)


@pytest.mark.parametrize(
    "params",
    [
        {"width": "0.1%"},
        {"longest": "0.2%"},
        {"height": "0.1%", "width": 5},
        *({"width": "0.1%", "height": "50%", "fit": fit} for fit in ("cover", "pad", "exact")),
        {"width": "0.1%", "height": "50%", "fit": "exact", "enlarge": False},
    ],
)
def test_a_share_of_which_nothing_is_left_is_refused(params: dict[str, Any]) -> None:
    """Never a picture of one pixel that nobody asked for."""
    with pytest.raises(OperationFailed, match="nothing would be left"):
        resized(plain(200, 100), **params)


def test_a_size_beyond_all_bounds_is_refused() -> None:
    """A share of a large picture, or a thin one drawn out."""
    with pytest.raises(OperationFailed, match="too large"):
        resized(plain(10, 100), width=8000)
    with pytest.raises(OperationFailed, match="too large"):
        resized(plain(20, 20), width=16000, height=16000, fit="exact")
