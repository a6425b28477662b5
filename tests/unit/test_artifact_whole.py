"""Whether a file came to its end is seen without decoding, and agrees with what decoding says, wherever it is cut."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from runner import artifact
from runner.errors import BadImage
from tests.pictures import saved

NOISE = Image.effect_noise((60, 40), 80).convert("RGB")


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("WEBP", {"lossless": True})],
    ids=lambda each: str(each),
)
def test_a_cut_is_seen_wherever_it_is(kind: str, options: dict[str, Any]) -> None:
    data = saved(NOISE, kind, **options)
    assert artifact.is_whole(data)
    assert artifact.is_whole(data + bytes(9))
    for length in [*range(0, len(data), 97), *range(len(data) - 40, len(data))]:
        assert not artifact.is_whole(data[:length]), length
        with pytest.raises(BadImage):
            artifact.inspect(data[:length])
