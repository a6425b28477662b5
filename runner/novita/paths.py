"""Which paths of a host may be asked for. Schemas are written by anybody, and the key goes wherever the path leads."""

from __future__ import annotations

import re


def unfit(path: str) -> str | None:
    """Why a path may not be asked for, as a clause, or None: it is put behind a host's address, and must stay there."""
    if not path.startswith("/") or path.startswith("//"):
        return "it does not begin with one slash"
    if not re.fullmatch(r"[!-~]+", path) or re.search(r"[?#\\@]", path):
        return "it holds what a path cannot hold"
    if {".", ".."} & set(path.lower().replace("%2e", ".").split("/")):
        return "it climbs with dots"
    return None
