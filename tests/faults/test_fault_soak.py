"""The first seeds of the soak; `python -m tests.faults.soak` goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.soak import history


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_paid_twice_or_lost_in_a_random_history(seed: int, tmp_path: Path) -> None:
    """Random recipe, host, faults, resumes: what must hold after every run is checked by the world itself."""
    assert history(seed, tmp_path) >= 2
