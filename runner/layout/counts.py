"""The parameters of a request that say how many pictures one task makes, and so what it may cost."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.layout.paths import Path, get, schema_at, types

_COUNTS = ("num_images", "image_num", "batch_size", "max_images")
_ROUNDS = ("n_iter", "batch_count")
_CEILING = "max_"
_SERIES = re.compile(r"sequen|series|several|multi|batch|group")
_OFF = ("disabled", "disable", "off", "none", "no", "false")


@dataclass(frozen=True, slots=True)
class Count:
    """A parameter that says how many pictures one task makes.

    One named `max_…` is a ceiling: the most there may be once a switch is on, and each is billed. The switch is the
    parameter that the ceiling's block is named after (`series` for `series_options.max_images`); for a ceiling without
    such a block it is the one parameter beside it that speaks of a series and can be off. While the switch is off
    there is one picture, whatever the ceiling says. In doubt the ceiling counts: the price may be too high, never too
    low.
    """

    path: Path
    otherwise: int | None
    """How many where a request does not say: its default, else one; of a ceiling its default, else its maximum, else
    None, for nobody knows."""
    switch: Path | None = None
    """What switches a ceiling on, where there is such a thing."""
    resting: Any = None
    """What holds of the switch where a request does not say."""

    @property
    def rounds(self) -> bool:
        """Whether it says how often the others are made (`n_iter` beside `batch_size`)."""
        return self.path[-1] in _ROUNDS

    def off(self, request: Mapping[str, Any]) -> bool:
        """Whether it does not count in this request, because its switch is off."""
        state = get(request, self.switch) if self.switch else None
        return self.switch is not None and _is_off(self.resting if state is None else state)

    def of(self, request: Mapping[str, Any]) -> int | None:
        """How many pictures, or rounds, one task of this request makes at most; None where nobody knows."""
        if self.off(request):
            return 1
        asked = get(request, self.path)
        return math.ceil(asked) if isinstance(asked, (int, float)) and asked > 0 else self.otherwise


def counts_of(leaves: Iterable[tuple[Path, Mapping[str, Any], bool]], whole: Mapping[str, Any]) -> tuple[Count, ...]:
    """Those of the parameters that are counts; `whole` is the schema of the request."""
    named = ((path, each) for path, each, _ in leaves if path[-1] in (*_COUNTS, *_ROUNDS))
    return tuple(_count(path, each, whole) for path, each in named if _is_number(each))


def _is_number(schema: Mapping[str, Any]) -> bool:
    """Whether a parameter takes numbers, however its page writes that: by type, by choices, or not at all."""
    choices = schema.get("enum", ())
    return bool({"integer", "number"} & {*(types(schema) or ("number",))}) and not any(
        isinstance(c, str) for c in choices
    )


def fewest(counts: Iterable[Count], request: Mapping[str, Any]) -> int:
    """How many pictures one task of this request makes at least: of a ceiling, one."""
    exact = [count for count in counts if not count.path[-1].startswith(_CEILING)]
    return most(exact, request)


def most(counts: Iterable[Count], request: Mapping[str, Any]) -> int:
    """How many pictures one task of this request makes at most: the largest count, in each of its rounds."""
    made = rounds = 1
    for count in counts:
        number = count.of(request) or 1
        made, rounds = (made, rounds * number) if count.rounds else (max(made, number), rounds)
    return made * rounds


def _count(path: Path, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Count:
    stated = schema.get("default")
    default = math.ceil(stated) if isinstance(stated, (int, float)) and stated > 0 else None
    if not path[-1].startswith(_CEILING):
        return Count(path, default or 1)
    limit = schema.get("maximum")
    switch = _switch(path, whole)
    resting = schema_at(whole, switch).get("default") if switch else None
    return Count(path, default or (int(limit) if limit else None), switch, resting)


def _switch(path: Path, whole: Mapping[str, Any]) -> Path | None:
    """The parameter that has to be on for a ceiling to count; None where there is none, or several might be it."""
    above, block = path[:-2], path[-2] if len(path) > 1 else ""
    named = (*above, block.removesuffix("_options"))
    if named[-1] != block and schema_at(whole, named):
        return named
    beside = schema_at(whole, path[:-1]).get("properties", {})
    found = [name for name, each in beside.items() if _SERIES.search(name) and _can_be_off(each)]
    return (*path[:-1], found[0]) if len(found) == 1 else None


def _can_be_off(schema: Mapping[str, Any]) -> bool:
    choices = schema.get("enum", [True, False] if types(schema) == ("boolean",) else [])
    return len({_is_off(each) for each in choices}) == 2


def _is_off(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.lower() in _OFF)
