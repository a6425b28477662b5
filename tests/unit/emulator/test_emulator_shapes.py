"""The size of a stand-in: what the request asks, else the first input's shape at about a megapixel."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.emulator.shapes import AREA, Size, size_for

sides = st.integers(min_value=1, max_value=20_000)


@pytest.mark.parametrize(
    ("body", "first", "expected"),
    [
        ({"size": "256*1536"}, (4000, 3000), (256, 1536)),
        ({"size": "512x300"}, None, (512, 300)),
        ({"width": 640, "height": 480}, None, (640, 480)),
        ({"aspect_ratio": "9:16"}, (4000, 3000), (768, 1360)),
        ({"aspect_ratio": "21:9"}, None, (1568, 672)),
        ({}, None, (1024, 1024)),
        ({}, (4000, 3000), (1184, 880)),
        ({}, (3000, 4000), (880, 1184)),
        ({}, (320, 240), (640, 480)),
        ({}, (60, 60), (256, 256)),
        ({"scale_factor": 2, "width": None}, (320, 200), (640, 400)),
        ({"scale_factor": 4}, (4000, 3000), (4096, 3072)),
        ({"upscaling_resize": 1.5}, (320, 240), (480, 360)),
        ({"resolution": "2k"}, (320, 240), (2048, 1536)),
        ({"resolution": "8k"}, (300, 400), (3072, 4096)),
        ({"size": "1K"}, None, (1024, 1024)),
        ({"size": "2K", "aspect_ratio": "16:9"}, (100, 100), (2048, 1152)),
        ({"resolution": "640x480"}, (4000, 3000), (640, 480)),
        ({"resolution": "auto"}, (4000, 3000), (1184, 880)),
    ],
)
def test_size_follows_the_request_then_the_input(body: dict[str, Any], first: Size | None, expected: Size) -> None:
    """Sizes that can be worked out by hand."""
    assert size_for(body, first) == expected


@given(sides, sides)
def test_any_input_gives_a_sensible_size(width: int, height: int) -> None:
    """About a megapixel at most, never thinner than 256, the shape kept within what hosts make."""
    got = size_for({}, (width, height))
    assert min(got) >= 256
    assert got[0] * got[1] <= AREA * 1.05
    shape = min(max(width / height, 0.25), 4)
    assert got[0] / got[1] == pytest.approx(shape, rel=0.05)
