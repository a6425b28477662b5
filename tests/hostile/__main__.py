"""What hostile recipes cost: `python -m tests.hostile [NAME...]`, on a machine that does nothing else meanwhile.

Runs `retouch validate` and `retouch plan` on each trap, prints those that break a bound, and the largest figures. Ends
with 1 when a bound is broken: 2 seconds, 300 MB, exit code 2.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.hostile import traps
from tests.hostile.confinement import MOST_MEMORY, Ended, confined
from tests.pictures import plain

MOST_SECONDS = 2.0


def _measure(names: list[str]) -> int:
    chosen = [each for each in traps.every() if not names or each.name in names]
    ended: list[tuple[str, Ended]] = []
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "photo.jpg").write_bytes(plain(8, 8))
        for trap in chosen:
            Path(folder, f"{trap.name}.yaml").write_bytes(trap.data)
            for command in ("validate", "plan"):
                found = confined(command, f"{trap.name}.yaml", cwd=Path(folder))
                ended.append((f"{command} {trap.name}", found))
                if found.code != 2 or found.seconds > MOST_SECONDS or found.peak > MOST_MEMORY or names:
                    broken += 1
                    sys.stdout.write(f"{_line(*ended[-1])}\n{found.told[: 600 if names else 0]}")
                    sys.stdout.flush()
    slowest = max(ended, key=lambda each: each[1].seconds)
    largest = max(ended, key=lambda each: each[1].peak)
    sys.stdout.write(
        f"{len(chosen)} recipes, {broken} beyond a bound\nslowest: {_line(*slowest)}\nlargest: {_line(*largest)}\n"
    )
    return 1 if broken and not names else 0


def _line(name: str, found: Ended) -> str:
    figures = f"{found.seconds:.2f} s, {found.peak / 1e6:.0f} MB, {len(found.told)} characters"
    return f"{name}: exit code {found.code}, {figures}"


if __name__ == "__main__":
    sys.exit(_measure(sys.argv[1:]))
