"""Which number of pictures a minute holds: the workspace's, the catalogue's, or that of hosts that name none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from runner.cli.wiring import rate_limit
from runner.settings import Settings
from tests.fakes import FakeProvider

LISTED = {"a": {"provider": "novita", "images_per_minute": 30}, "b": {"provider": "novita"}}


def limits(settings: Settings, name: str = "novita", realm: str = "paid") -> Mapping[str, int | None]:
    """The limits of a model whose number is listed, of one that is listed without, and of one that is not."""
    limit = rate_limit(FakeProvider(name=name, realm=realm), settings, LISTED)
    return {model: limit(model) for model in ("a", "b", "c")}


NONE = Settings()
ALL = Settings(novita_images_per_minute=60)
ONE = Settings(images_per_minute={"a": 25})
BOTH = Settings(novita_images_per_minute=60, images_per_minute={"a": 25})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [(NONE, (30, 10, 10)), (ALL, (60, 60, 60)), (ONE, (25, 10, 10)), (BOTH, (25, 60, 60))],
)
def test_a_paid_host(settings: Settings, expected: tuple[int, ...]) -> None:
    """The model's own number, that of all models, the catalogue's, ten."""
    assert tuple(limits(settings).values()) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [(NONE, (None, None, None)), (ALL, (60, 60, 60)), (ONE, (25, None, None)), (BOTH, (25, 60, 60))],
)
def test_a_server_on_this_machine(settings: Settings, expected: tuple[int | None, ...]) -> None:
    """Only what the workspace says holds for it."""
    assert tuple(limits(settings, realm="loopback:127.0.0.1:8765").values()) == expected


def test_a_rehearsal_never_waits() -> None:
    assert set(limits(BOTH, name="emulator", realm="rehearsal").values()) == {None}


def test_a_provider_of_another_package_has_none_of_novitas_numbers() -> None:
    """Its models have the workspace's own numbers, or ten."""
    assert tuple(limits(BOTH, name="other").values()) == (25, 10, 10)


def test_the_shipped_catalogue_is_asked() -> None:
    assert rate_limit(FakeProvider(name="novita"), NONE)("flux-1-kontext-dev") == 10
