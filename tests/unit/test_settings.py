"""Settings: where they come from, which provider they choose, and what must never be shown."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from runner.errors import AccessRefused, UsageError
from runner.settings import Secret, Settings, choose_provider, load, usable_key

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
        ("[prices]\nflux-2-dev = 0,01  # USD", "line 2: this number has a comma"),
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


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("   ", "nothing but blanks"),
        ("two words", "a character that no key has"),
        ("line\nend", "a character that no key has"),
        ("schlüssel", "a character that no key has"),
        ("zero\u200bwidth", "a character that no key has"),
        ("tab\there", "a character that no key has"),
        ("comma,comma", "a character that no key has"),
        (f"{KEY}\n", "a blank or a line end before or behind"),
        (f" {KEY}", "a blank or a line end before or behind"),
        (f"\ufeff{KEY}", "a character that no key has"),
        (f'"{KEY}"', "has quotes"),
        (f"{KEY}'", "has quotes"),
        (f"Bearer {KEY}", "the word `Bearer`"),
        (f"bearer:{KEY}", "the word `Bearer`"),
        (f"NOVITA_API_KEY={KEY}", "its own name"),
        (f"export NOVITA_API_KEY={KEY}", "its own name"),
        ("<your key>", "placeholder"),
        ("$NOVITA_API_KEY", "placeholder"),
        ("${{ secrets.NOVITA }}", "placeholder"),
        ("%NOVITA_API_KEY%", "placeholder"),
        ("k" * 2000, "longer than any key"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused_unseen(key: str, words: str) -> None:
    """Whatever host it is for; the message says what is wrong, and quotes nothing of it."""
    with pytest.raises(AccessRefused, match=words) as caught:
        load(None, {"NOVITA_API_KEY": key, "NOVITA_BASE_URL": "http://127.0.0.1:9"})
    told = f"{caught.value} {caught.value.hint}".replace("NOVITA_API_KEY", "").replace("`Bearer`", "")
    assert caught.value.exit_code == 4
    assert not any(key[at : at + 6] in told for at in range(len(key) - 5) if key.strip())


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "is not set"),
        ("your-api-key", "placeholder"),
        ("YOUR_NOVITA_API_KEY", "placeholder"),
        ("sk_xxxxxxxxxxxxxxxxxxxxxxxx", "placeholder"),
        ("00000000000000000000", "placeholder"),
        ("insert-your-key-here", "placeholder"),
        ("changeme", "placeholder"),
        ("sk_short", "too short"),
    ],
)
def test_a_paid_host_is_not_asked_with_a_word_that_is_no_key(key: str, words: str) -> None:
    """A server on this machine takes it; what only looks at recipes does not care."""
    with pytest.raises(AccessRefused, match=words) as caught:
        usable_key(load(None, {"NOVITA_API_KEY": key}))
    assert not key or key not in str(caught.value)
    if key:
        here = load(None, {"NOVITA_API_KEY": key, "NOVITA_BASE_URL": "http://localhost:9"})
        assert usable_key(here).reveal() == key


@pytest.mark.parametrize(
    "key", [KEY, "sk_Ab3+/9~x.y-z:1|2==", "550e8400-e29b-41d4-a716-446655440000", "Testkey0Your1Api2"]
)
def test_keys_in_the_forms_that_hosts_give_them_are_taken(key: str) -> None:
    assert usable_key(load(None, {"NOVITA_API_KEY": key})).reveal() == key


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hunter2@api.example",
        "https://:hunter2@api.example",
        "https://hunter2@api.example",
        "https://api.example/?key=hunter2",
        "https://api.example/#hunter2",
        "https://api.example:hunter2",
        "https://[::hunter2",
        "https://api.example/hunter2 x",
        "https://api.example\\hunter2",
        "hunter2",
    ],
)
def test_a_base_url_that_could_hold_a_secret_is_refused_unseen(url: str) -> None:
    """It would be written into tickets and records with the name of the host."""
    with pytest.raises(UsageError, match="not the address of a host") as caught:
        load(None, {"NOVITA_BASE_URL": url})
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_a_secret_shows_nothing() -> None:
    """Neither printing, formatting nor pickling gives the key away."""
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {load(None, {'NOVITA_API_KEY': KEY})!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret.reveal() == KEY
