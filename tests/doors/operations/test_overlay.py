"""`overlay`: where the second picture stands, how large and how solid it is."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from runner.errors import OperationFailed
from runner.operations import OPERATIONS
from tests.pictures import near, opened, pixel, plain, saved


def overlaid(mark: bytes, base: bytes | None = None, **params: Any) -> Image.Image:
    """The second picture on a black one of 200 by 100."""
    return opened(OPERATIONS["overlay"].apply([base or plain(200, 100, "black"), mark], params))


@pytest.mark.parametrize(
    ("params", "box"),
    [
        ({}, (146, 71, 196, 96)),
        ({"margin": 0}, (150, 75, 200, 100)),
        ({"width": 20, "margin": "10%", "anchor": "top-left"}, (10, 10, 30, 20)),
        ({"width": "100%", "margin": 0, "anchor": "center"}, (0, 0, 200, 100)),
        ({"width": 20, "anchor": "left", "margin": 7}, (7, 45, 27, 55)),
        ({"width": 20, "anchor": "top", "margin": 7, "rotate": 90}, (95, 7, 105, 27)),
    ],
)
def test_place_and_size_of_a_mark_twice_as_wide_as_high(params: dict[str, Any], box: tuple[int, ...]) -> None:
    """Shares are of the base: its width for the size, its shorter side for the margin."""
    image = overlaid(plain(60, 30, "white"), **params)
    assert image.size == (200, 100)
    assert image.mode == "RGB"
    assert image.getbbox() == box


@pytest.mark.parametrize(("opacity", "value"), [(0, 0), (0.25, 64), (0.5, 128), (1, 255)])
def test_opacity_lets_the_base_shine_through(opacity: float, value: int) -> None:
    """White over black gives the grey in between."""
    image = overlaid(plain(60, 30, "white"), opacity=opacity)
    assert near(pixel(image, 170, 85), (value,) * 3, 1)


def test_transparent_parts_of_the_mark_show_the_base() -> None:
    """A logo without its box; colours under transparent pixels do not shine through."""
    logo = Image.new("RGBA", (60, 30), (255, 0, 0, 0))
    logo.paste((255, 255, 255, 255), (30, 0, 60, 30))
    image = overlaid(saved(logo), margin=0)
    assert pixel(image, 155, 85) == (0, 0, 0)
    assert pixel(image, 195, 85) == (255, 255, 255)
    assert all(red == green == blue for _, (red, green, blue) in _colors(image))


def test_turning_leaves_no_dark_corners() -> None:
    """The room around a turned mark is transparent."""
    image = overlaid(plain(60, 60, "white"), base=plain(200, 100, "white"), rotate=30)
    assert [color for _, color in _colors(image)] == [(255, 255, 255)]


def test_clockwise_is_clockwise() -> None:
    """A quarter turn brings the left side of the mark to the top."""
    mark = Image.new("RGB", (40, 40), "white")
    mark.paste("red", (0, 0, 20, 40))
    image = overlaid(saved(mark), width=40, margin=0, anchor="top-left", rotate=90)
    assert pixel(image, 20, 5) == (255, 0, 0)
    assert pixel(image, 20, 35) == (255, 255, 255)


def test_a_transparent_base_stays_transparent() -> None:
    """Only where the mark stands is the result solid."""
    image = overlaid(plain(60, 30, "white"), base=plain(200, 100, (0, 0, 0, 0), "RGBA"))
    assert pixel(image, 5, 5)[3] == 0
    assert pixel(image, 170, 85) == (255, 255, 255, 255)


def test_a_mark_that_has_no_room_is_refused() -> None:
    """With its size, the room there is, and what to do."""
    with pytest.raises(OperationFailed, match=r"50 × 100, .* 192 × 92") as caught:
        overlaid(plain(30, 60))
    assert "width" in str(caught.value.hint)


def _colors(image: Image.Image) -> list[tuple[int, Any]]:
    colors = image.getcolors(1 << 16)
    assert colors is not None
    return colors
