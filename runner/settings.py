"""What the user has set outside the recipe: `retouch.toml` of the workspace, and the environment.

The only module that reads the environment. Every setting is optional; what is written is checked at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from runner.errors import AccessRefused, UsageError
from runner.secrecy import SHORTEST
from runner.secrecy import Secret as Secret
from runner.validation import problems, suggestion

ImageForm = Literal["data-uri", "base64"]
PROVIDERS = ("novita", "emulator")

_KEY = "NOVITA_API_KEY"
_URL = "NOVITA_BASE_URL"
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_KEY = 1_000
"""Letters; servers take 8,000 bytes for all headers together."""
_STAND_IN = re.compile(
    r"(?:your|my|the|novita|ai|api|key|token|secret|insert|paste|enter|replace|change|me|this|with|here|example|dummy"
    r"|placeholder|todo|test|sk|x|[-_.:])+|(.)\1*",
    re.IGNORECASE,
)
"""What stands in instructions in place of a key: `your-api-key`, `sk_xxxxxxxx`, `0000`."""

_SUM_WITH_COMMA = re.compile(r"^[^#=\n]*=[ \t]*(?P<whole>-?[0-9]+),(?P<rest>[0-9]+)[ \t]*(#.*)?$", re.MULTILINE)
"""`flux-2-dev = 0,01`: a number as many languages write it."""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "provider": {"type": "string"},
        "concurrency": {"type": "integer", "minimum": 1, "maximum": 512},
        "novita": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "base_url": {"type": "string", "minLength": 1},
                "image_form": {"type": "string", "enum": ["data-uri", "base64"]},
                "images_per_minute": {"type": "integer", "minimum": 1, "description": "for each model"},
            },
        },
        "prices": {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0},
            "description": "US dollars per image, by model",
        },
        "images_per_minute": {
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 1},
            "description": "most images that are asked for in a minute, by model",
        },
    },
}
"""The shape of `retouch.toml`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything set outside the recipe, with defaults filled in."""

    provider: str | None = None
    """The provider asked for, by the environment or the workspace; None when neither says."""
    novita_key: Secret | None = None
    novita_url: str = "https://api.novita.ai"
    image_form: ImageForm = "data-uri"
    novita_images_per_minute: int | None = None
    """Most pictures a minute of each model of novita, where `images_per_minute` does not name the model."""
    concurrency: int = 8
    """Most paid calls under way at once."""
    prices: Mapping[str, float] = field(default_factory=dict)
    """US dollars per image by model, where they replace the catalogue's."""
    images_per_minute: Mapping[str, int] = field(default_factory=dict)
    """Most pictures a minute by model, where they replace the catalogue's."""
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
    key = env.get(_KEY)
    return Settings(
        provider=provider,
        novita_key=_checked_key(key) if key else None,
        novita_url=_checked_url(env.get(_URL) or novita.get("base_url") or Settings().novita_url),
        image_form=novita.get("image_form", "data-uri"),
        novita_images_per_minute=novita.get("images_per_minute"),
        concurrency=table.get("concurrency", 8),
        prices=table.get("prices", {}),
        images_per_minute=table.get("images_per_minute", {}),
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


def usable_key(settings: Settings) -> Secret:
    """The key for Novita's host. Raises AccessRefused where there is none, or none that a paid host can have given.

    A host on this machine takes any word.
    """
    if settings.novita_key is None:
        hint = "set it in the environment, or rehearse for free with --provider emulator"
        raise AccessRefused(f"novita needs a key, and {_KEY} is not set", hint=hint)
    key = settings.novita_key.reveal()
    if urlsplit(settings.novita_url).hostname not in _HERE:
        again = "copy the whole key from the page of your account"
        if _STAND_IN.fullmatch(key):
            raise AccessRefused(f"{_KEY} holds a placeholder, not a key", hint=again)
        if len(key) < SHORTEST:
            raise AccessRefused(f"{_KEY} is too short for a key", hint=again)
    return settings.novita_key


def without_key(text: str, environ: Mapping[str, str] | None = None) -> str:
    """A text that may quote anything, such as a traceback, without the key of the environment. For last resorts: who
    knows the key has no need to look for it."""
    key = (os.environ if environ is None else environ).get(_KEY, "")
    return Secret(key.strip()).taken_out_of(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _table(file: Path, outside: Sequence[str]) -> dict[str, Any]:
    import tomllib  # most workspaces have no such file

    text = ""
    try:
        text = file.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if comma := _SUM_WITH_COMMA.search(text):
            line = text.count("\n", 0, comma.start("whole")) + 1
            hint = f"write a point: {comma['whole']}.{comma['rest']}"
            raise UsageError(f"{file.name}, line {line}: this number has a comma", hint=hint) from None
        raise UsageError(f"{file.name} is not TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"{file.name} cannot be read: {error.strerror}") from None
    own = {key: value for key, value in table.items() if key not in outside}
    for problem in problems(own, SCHEMA):
        place = ".".join(str(part) for part in problem.path)
        raise UsageError(f"{file.name}: {place}: {problem.message}", hint=problem.hint)
    return table


def _checked_key(key: str) -> Secret:
    """The key, once it has the form of one, which no message quotes.

    A line end in it would be printed whole by the HTTP library's own error. Allowed is what may follow `Bearer` in a
    header (RFC 6750), and the marks that some hosts put between a name and its secret.
    """
    if why := _no_key(key):
        raise AccessRefused(f"{_KEY} {why}", hint="set it again: the bare key, without what stands around it")
    return Secret(key)


def _no_key(key: str) -> str | None:
    """Why this cannot be a key, as the rest of a sentence that does not quote it."""
    bare = key.strip()
    if not bare:
        return "holds nothing but blanks"
    if re.match(r"bearer\b", bare, re.IGNORECASE):
        return "begins with the word `Bearer`, which is no part of a key"
    if re.match(rf"(export\s+)?{_KEY}\b", bare):
        return "begins with its own name"
    if bare[0] in "\"'`" or bare[-1] in "\"'`":
        return "has quotes around it, or one of them"
    if bare[0] in "<[{($%":
        return "holds a placeholder, not a key"
    if bare != key:
        return "has a blank or a line end before or behind it"
    if not re.fullmatch(r"[A-Za-z0-9._~+/:|=-]+", key):
        return "holds a character that no key has (a blank, a line end, a quote, a letter outside ASCII)"
    return "is longer than any key" if len(key) > _LONGEST_KEY else None


def _checked_url(url: str) -> str:
    """The base URL, without a slash behind it: a host by name or address, and no credentials or query, which would be
    written down with its name."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, ports that cannot be
        known = False
    if not known or not url.isprintable() or re.search(r"[@?#\\\s]", url):
        hint = "write it like https://api.novita.ai"
        raise UsageError(f"the base URL of novita ({_URL} or retouch.toml) is not the address of a host", hint=hint)
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise UsageError(
            f"the base URL of novita is http://{parts.hostname}: the key would travel unprotected", hint="use https"
        )
    return url.rstrip("/")
