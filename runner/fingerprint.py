"""Fingerprints: the identity of a resolved request, and the seeds that go into it. Pure arithmetic, no state.

Two requests with the same fingerprint ask for the same picture, so the second is never sent. What an author can change
without changing the picture (comments, key order, titles, help texts, file names) does not come in here; pixels do, as
the digests of the pictures a step takes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from runner import digest

FORMAT = 1
"""Counts up when what goes into a fingerprint changes."""


def of_call(
    realm: str, model: str, request: Mapping[str, Any], pixels: Sequence[str], candidate: int | None = None
) -> str:
    """Fingerprint of one paid call: 64 hexadecimal digits.

    `request` holds prompt, seed and settings; `pixels` the pixel digests of its pictures, in order. Results are shared
    only within a realm (see operation.Provider). `candidate` is given where no seed tells candidates apart.
    """
    parts = {"format": FORMAT, "realm": realm, "model": model, "request": request, "images": list(pixels)}
    return digest.of_value(parts if candidate is None else parts | {"candidate": candidate})


def of_operation(name: str, version: int, params: Mapping[str, Any], pixels: Sequence[str]) -> str:
    """Fingerprint of one operation: 64 hexadecimal digits. Files among the params count by their content."""
    content = {
        key: {"sha256": digest.of_bytes(each)} if isinstance(each, bytes) else each for key, each in params.items()
    }
    return digest.of_value(
        {"format": FORMAT, "operation": name, "version": version, "params": content, "images": list(pixels)}
    )


def of_step(calls: Sequence[str]) -> str:
    """Fingerprint of a step from those of its calls: that of its only one, or a digest over them all."""
    return calls[0] if len(calls) == 1 else digest.of_value(list(calls))


def seed(recipe_seed: int, step: str, item: str, candidate: int, lowest: int, highest: int) -> int:
    """The seed of one draw: SHA-256 over `retouch-seed-1`, recipe seed, step name, item key and candidate number.

    The five are written in decimal or as they are, joined by line ends, in UTF-8; the first eight bytes of the digest,
    read as a big-endian number, are brought into `lowest`…`highest` (both included) by the remainder of a division.
    """
    text = "\n".join(["retouch-seed-1", str(recipe_seed), step, item, str(candidate)])
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big")
    return lowest + number % (highest - lowest + 1)
