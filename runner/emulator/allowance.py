"""What an account may have: so many pictures a minute of each model, and so many at all."""

from __future__ import annotations

import math
from collections import defaultdict, deque

from runner.emulator.wire import Refused

_MINUTE = 60.0


class Allowance:
    """Gives out pictures until there are no more. None stands for any number."""

    def __init__(self, per_minute: int | None, balance: int | None) -> None:
        self._per_minute = per_minute
        self._balance = balance
        self._given: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)

    def take(self, model: str, pictures: int, now: float) -> None:
        """Give out so many pictures of a model, in any 60 seconds no more than allowed. Raises Refused."""
        if self._balance is not None and pictures > self._balance:
            raise Refused(400, "BILLING_BALANCE_NOT_ENOUGH", "the balance does not pay for this")
        if self._per_minute is not None:
            self._check_rate(self._given[model], self._per_minute, pictures, now)
            self._given[model].append((now, pictures))
        if self._balance is not None:
            self._balance -= pictures

    @staticmethod
    def _check_rate(given: deque[tuple[float, int]], most: int, pictures: int, now: float) -> None:
        while given and given[0][0] <= now - _MINUTE:
            given.popleft()
        if sum(each for _, each in given) + pictures <= most:
            return
        free = given[0][0] + _MINUTE - now if given else _MINUTE  # more than ever allowed: there is no good moment
        headers = {"Retry-After": str(math.ceil(free))}
        raise Refused(429, "RATE_LIMIT_EXCEEDED", f"more than {most} images per minute", headers)
