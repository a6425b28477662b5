"""Where the models are asked: method and path, as their schemas say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner import answer
from runner.emulator.wire import Request


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one model is asked."""

    model: str
    method: str
    path: str
    """With `{name}` for each part that the request fills in."""
    at_once: bool
    """Whether its answer is the result."""
    response: Mapping[str, Any] | None
    """The schema of its answer, where that is known."""

    def parts(self, request: Request) -> Mapping[str, str] | None:
        """The parts of the path that the request has filled in, by name; None when it asks for something else."""
        if request.method != self.method:
            return None
        if "{" not in self.path:
            return {} if request.path == self.path else None
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        match = re.fullmatch(pattern, request.path)
        return None if match is None else match.groupdict()


def endpoints(schemas: Mapping[str, Mapping[str, Any]]) -> list[Endpoint]:
    """The endpoints of all models whose schema names one."""
    described = ((name, schema["x-retouch"]) for name, schema in schemas.items())
    return [
        Endpoint(name, about.get("method") or "POST", about["path"], answer.at_once(about), about.get("response"))
        for name, about in described
        if isinstance(about.get("path"), str)
    ]
