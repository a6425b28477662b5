"""Settings: where they come from, which provider they choose, and what must never be shown."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from runner.errors import AccessRefused, UsageError
from runner.settings import Secret, Settings, choose_provider, load

KEY = "sk_canary_0123456789abcdef"


def test_defaults_without_file_and_environment() -> None:
    """Nothing set: Novita's host, no key, the emulator."""
    settings = load(None, {})
    assert settings == Settings()
    assert choose_provider(None, settings)[0] == "emulator"


def test_the_order_of_provider_choice(tmp_path: Path) -> None:
    """--provider, then the environment, then the workspace, then the key, then the emulator."""
    file = tmp_path / "retouch.toml"
    file.write_text('provider = "emulator"\n')
    assert choose_provider(None, load(None, {"NOVITA_API_KEY": KEY}))[0] == "novita"
    assert choose_provider(None, load(file, {"NOVITA_API_KEY": KEY}))[0] == "emulator"
    assert choose_provider(None, load(file, {"RETOUCH_PROVIDER": "novita"}))[0] == "novita"
    assert choose_provider("emulator", load(file, {"RETOUCH_PROVIDER": "novita"}))[0] == "emulator"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """A base URL from the environment replaces the workspace's."""
    file = tmp_path / "retouch.toml"
    file.write_text('concurrency = 3\n[novita]\nbase_url = "https://sister.example/"\nimage_form = "base64"\n')
    settings = load(file, {})
    assert (settings.novita_url, settings.image_form, settings.concurrency) == ("https://sister.example", "base64", 3)
    assert load(file, {"NOVITA_BASE_URL": "http://127.0.0.1:1"}).novita_url == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("provider = ", "not TOML"),
        ("provder = 'novita'", "unknown key `provder`"),
        ("provider = 'novta'", "no provider `novta`"),
        ("concurrency = 0", "too small"),
        ("concurrency = 513", "too large"),
        ("[images_per_minute]\nx = 0", "too small"),
        ("[images_per_minute]\nx = 1.5", "whole number"),
        ("[novita]\nimages_per_minute = 0", "too small"),
        ("[novita]\nimage_form = 'url'", "not one of the choices"),
        ("[novita]\nbase_url = 'ftp://x'", "not the address of a host"),
        ("[novita]\nbase_url = 'http://example.com'", "unprotected"),
        ("[prices]\nx = -1", "too small"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, text: str, words: str) -> None:
    """Each wrong setting names itself."""
    file = tmp_path / "retouch.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=words):
        load(file, {})


@pytest.mark.parametrize("key", ["two words", "line\nend", "schlüssel", "tab\there"])
def test_a_key_that_cannot_be_one_is_refused_unseen(key: str) -> None:
    """A key with a line end would be printed whole by the HTTP library; ours is not shown either."""
    with pytest.raises(AccessRefused) as caught:
        load(None, {"NOVITA_API_KEY": key})
    assert key not in str(caught.value)


def test_a_secret_shows_nothing() -> None:
    """Neither printing, formatting nor pickling gives the key away."""
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {load(None, {'NOVITA_API_KEY': KEY})!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret.reveal() == KEY
