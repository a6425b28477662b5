"""Content digests: SHA-256 over bytes, and over values written as canonical JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces and plain UTF-8, so that equal values give equal bytes.

    A float with a whole value is written as an integer (`4.0` as `4`): a recipe that says one or the other asks for
    the same thing. Raises ValueError for NaN and infinities, TypeError for what JSON cannot hold.
    """
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def of_bytes(data: bytes) -> str:
    """SHA-256 of the bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def of_value(value: Any) -> str:
    """SHA-256 of the value's canonical JSON, as 64 hexadecimal digits."""
    return of_bytes(canonical(value))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
