"""Real processes, killed at random instants; `python -m tests.faults.kills` does so hundreds of times."""

from __future__ import annotations

from pathlib import Path

from tests.faults.kills import batches


def test_a_batch_that_is_killed_again_and_again_pays_once_and_loses_nothing(tmp_path: Path) -> None:
    """Eight kills of the command over sockets; ledger, ids, bytes and files as in an undisturbed run."""
    figures = batches(tmp_path, kills=8, chains=10, seed=1)
    assert figures.holds, str(figures)
    assert figures.kills == 8
