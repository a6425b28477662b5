"""What a step asked for, remembered, and what has changed since then, in words. Pure.

Two requests with the same fingerprint are one; of two with different ones, this tells an author where they differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from runner import digest, layout
from runner.layout import Path
from runner.operation import Json
from runner.plan import PlannedStep
from runner.validation import as_written

_LONGEST = 24
"""Characters of a value that are told; a longer one has only `changed`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a step asks for, as far as it makes a difference to its pictures."""

    does: str
    """Name of the model, or verb of the operation."""
    prompt: str | None = None
    settings: Mapping[str, Json] = field(default_factory=dict)
    """Settings of the model, or params of the operation, by name, with dots where they stand in blocks. Files are
    there by their digest."""
    seeds: tuple[int | None, ...] = ()
    """One for each paid call."""
    takes: tuple[tuple[str, str | None], ...] = ()
    """Each picture in order: who makes it, and the digest of its pixels; None while it is not made yet."""

    def to_json(self) -> dict[str, Json]:
        """As the store remembers it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Asked:
        """Back from to_json(). Raises KeyError, TypeError or ValueError for anything else."""
        takes = tuple((str(name), pixels) for name, pixels in data["takes"])
        return cls(str(data["does"]), data["prompt"], dict(data["settings"]), tuple(data["seeds"]), takes)


def asked(planned: PlannedStep, pixels: Sequence[str | None]) -> Asked:
    """What a planned step asks for, with the pixel digests of its pictures; None for one that is not made yet."""
    takes = tuple(zip(planned.sources, pixels, strict=True))
    if planned.operation is not None:
        params = {
            key: {"sha256": digest.of_bytes(each)} if isinstance(each, bytes) else each
            for key, each in planned.params.items()
        }
        return Asked(planned.operation.NAME, None, params, (), takes)
    assert planned.model is not None
    parts = planned.model.layout
    request = planned.requests[0]
    prompt = None if parts.prompt is None else layout.get(request, parts.prompt)
    settings = {
        layout.dotted(path): value for path, value in _leaves(request, ()) if path not in {parts.prompt, parts.seed}
    }
    seeds = tuple(planned.seed(number) for number in range(len(planned.requests)))
    return Asked(planned.model.name, prompt, settings, seeds, takes)


def changes(before: Asked, now: Asked) -> list[str]:
    """What is different, each in a few words; empty when both ask for the same.

    Where the model is another one its settings and seeds are not compared: they mean something else there.
    """
    found = list(_of_pictures(before.takes, now.takes))
    if before.does != now.does:
        found.append(f"now {now.does}, before {before.does}")
    if before.prompt != now.prompt:
        found.append("prompt changed")
    if before.does == now.does:
        settings = list(_of_settings(before.settings, now.settings))
        found += [f"settings changed: {', '.join(settings)}"] if settings else []
        found += _of_seeds(before.seeds, now.seeds)
    return found


def _of_pictures(before: Sequence[tuple[str, str | None]], now: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    if len(before) != len(now):
        yield f"it takes {_pictures(len(now))} instead of {_pictures(len(before))}"
        return
    changed = [name for (_, old), (name, new) in zip(before, now, strict=True) if new is not None and old != new]
    awaited = [name for name, new in now if new is None]
    if changed and sorted(str(old) for _, old in before) == sorted(str(new) for _, new in now):
        yield "its pictures come in another order"
    elif changed:
        yield f"another picture: {', '.join(dict.fromkeys(changed))}"
    if awaited:
        yield f"made anew: {', '.join(dict.fromkeys(awaited))}"


def _pictures(number: int) -> str:
    return {0: "no picture", 1: "1 picture"}.get(number, f"{number} pictures")


def _of_settings(before: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[str]:
    for name in dict.fromkeys((*now, *before)):
        old, new = _value(before.get(name)), _value(now.get(name))
        if name not in before:
            yield f"{name} {new} (not set before)" if new else f"{name} (not set before)"
        elif name not in now:
            yield f"{name} (no longer set)"
        elif digest.of_value([before[name]]) != digest.of_value([now[name]]):
            as_text = ", as text" if old == new and isinstance(now[name], str) else ""
            yield f"{name} {old} → {new}{as_text}" if old and new else name


def _of_seeds(before: Sequence[int | None], now: Sequence[int | None]) -> Iterator[str]:
    if before[: len(now)] != now[: len(before)]:
        yield "seed changed"
    if len(before) != len(now):
        yield f"candidates {len(before)} → {len(now)}"


def _value(value: Json) -> str:
    """A value on one line, if it is short and plain; else nothing."""
    if isinstance(value, (bool, int, float)):
        return as_written(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST and "\n" not in text and "sha256" not in text else ""


def _leaves(request: Mapping[str, Json], above: Path) -> Iterator[tuple[Path, Json]]:
    """Every value of a request that is no block, with its path. Requests are as deep as a recipe may be."""
    for key, value in request.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value
