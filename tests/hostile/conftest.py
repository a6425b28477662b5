"""One room for all commands that a process of tests runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.confinement import Room


@pytest.fixture(scope="session")
def room() -> Iterator[Room]:
    """Where commands run that meet what strangers wrote."""
    room = Room()
    yield room
    room.close()
