"""Which addresses may be asked for a result: https and public ones; this machine when the base URL is this machine."""

from __future__ import annotations

from runner import addresses
from runner.addresses import is_loopback, peer_watch, why_not_address

__all__ = ["is_loopback", "peer_watch", "why_not", "why_not_address"]


def why_not(url: str, base_url: str) -> str | None:
    """Why a result link is not followed, as a clause without the link itself; None when it may be."""
    return addresses.why_not(url, near=is_loopback(base_url))
