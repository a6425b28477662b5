"""What the user has set outside the recipe: `retouch.toml` of the workspace, and the environment.

The only module that reads the environment. Every setting is optional; what is written is checked at once.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from runner.errors import AccessRefused, UsageError
from runner.validation import problems, suggestion

ImageForm = Literal["data-uri", "base64"]
PROVIDERS = ("novita", "emulator")

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "provider": {"type": "string"},
        "concurrency": {"type": "integer", "minimum": 1, "maximum": 64},
        "novita": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "base_url": {"type": "string", "minLength": 1},
                "image_form": {"type": "string", "enum": ["data-uri", "base64"]},
            },
        },
        "prices": {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0},
            "description": "US dollars per image, by model",
        },
    },
}
"""The shape of `retouch.toml`."""


class Secret:
    """A key. It shows nothing of itself when printed, logged or formatted."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself: for the one header that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a secret is never written down")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything set outside the recipe, with defaults filled in."""

    provider: str | None = None
    """The provider asked for, by the environment or the workspace; None when neither says."""
    novita_key: Secret | None = None
    novita_url: str = "https://api.novita.ai"
    image_form: ImageForm = "data-uri"
    concurrency: int = 8
    """Most paid calls under way at once."""
    prices: Mapping[str, float] = field(default_factory=dict)
    """US dollars per image by model, where they replace the catalogue's."""
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Tables of providers from other packages, by provider; they check them themselves."""


def load(file: Path | None, environ: Mapping[str, str] | None = None, *, outside: Sequence[str] = ()) -> Settings:
    """Settings of a workspace: its `retouch.toml`, if any, overridden by the environment.

    `outside` names the providers of other packages. Raises UsageError for a setting that cannot be, AccessRefused for
    a key that cannot be one.
    """
    env = os.environ if environ is None else environ
    table = _table(file, outside) if file is not None and file.is_file() else {}
    novita = table.get("novita", {})
    provider = env.get("RETOUCH_PROVIDER") or table.get("provider")
    if provider is not None and provider not in (*PROVIDERS, *outside):
        where = "RETOUCH_PROVIDER" if env.get("RETOUCH_PROVIDER") else "retouch.toml"
        raise UsageError(
            f"{where}: there is no provider `{provider}`", hint=suggestion(provider, (*PROVIDERS, *outside))
        )
    key = env.get("NOVITA_API_KEY")
    return Settings(
        provider=provider,
        novita_key=_checked_key(key) if key else None,
        novita_url=_checked_url(env.get("NOVITA_BASE_URL") or novita.get("base_url") or Settings().novita_url),
        image_form=novita.get("image_form", "data-uri"),
        concurrency=table.get("concurrency", 8),
        prices=table.get("prices", {}),
        tables={name: table[name] for name in outside if name in table},
    )


def choose_provider(asked: str | None, settings: Settings) -> tuple[str, str]:
    """Which provider serves this run, and why, in words (DESIGN §4)."""
    if asked is not None:
        return asked, "asked for with --provider"
    if settings.provider is not None:
        return settings.provider, "set in RETOUCH_PROVIDER or retouch.toml"
    if settings.novita_key is not None:
        return "novita", "NOVITA_API_KEY is set"
    return "emulator", "no NOVITA_API_KEY is set"


def _table(file: Path, outside: Sequence[str]) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file.name} is not TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"{file.name} cannot be read: {error.strerror}") from None
    own = {key: value for key, value in table.items() if key not in outside}
    for problem in problems(own, SCHEMA):
        place = ".".join(str(part) for part in problem.path)
        raise UsageError(f"{file.name}: {place}: {problem.message}", hint=problem.hint)
    return table


def _checked_key(key: str) -> Secret:
    if not key.isascii() or not key.isprintable() or " " in key:
        # a key with a line end would be printed whole by the HTTP library's own error
        raise AccessRefused(
            "NOVITA_API_KEY holds a character that no key has (a space, a line end or a letter outside ASCII)",
            hint="set it again, without quotes and without what stands around it",
        )
    return Secret(key)


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        hint = "write it like https://api.novita.ai"
        raise UsageError(
            "the base URL of novita (NOVITA_BASE_URL or retouch.toml) is not the address of a host", hint=hint
        )
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise UsageError(
            f"the base URL of novita is http://{parts.hostname}: the key would travel unprotected", hint="use https"
        )
    return url.rstrip("/")
