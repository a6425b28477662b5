"""Takes one safety away at a time, on a copy of the tree, and runs the tests that should miss it.

    python -m tests.faults.mutations [NAME ...]

Prints for each what went red, or GREEN: a safety that nothing holds. Exits with 1 when there is one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.command import ROOT


class Mutation(NamedTuple):
    """One thing taken away."""

    name: str
    file: str
    old: str
    """Stands there once."""
    new: str
    tests: tuple[str, ...]


_POINTS = "tests/faults/test_fault_points.py"
_CHAIN = f"{_POINTS}::test_a_fault_at_every_act_of_a_chain_costs_and_loses_nothing"
_POWER, _KILL, _FULL = f"{_CHAIN}[power]", f"{_CHAIN}[kill]", f"{_CHAIN}[full]"
_JOURNAL = "tests/doors/store/test_journal.py"

MUTATIONS = (
    Mutation(
        "sync of a journal line",
        "runner/store/lines.py",
        "            self._disk.sync(self._open)\n        except OSError as error:\n            self._broken = error\n",
        "            pass\n        except OSError as error:\n            self._broken = error\n",
        (_POWER,),
    ),
    Mutation(
        "sync of what stood there when the journal was opened",
        "runner/store/lines.py",
        "                disk.sync(self._open)\n",
        "                pass\n",
        ("tests/faults/test_torn_lines.py",),
    ),
    Mutation(
        "sync of a picture's bytes",
        "runner/disk.py",
        "            self.write_at(opened, 0, data)\n            self.sync(opened)\n",
        "            self.write_at(opened, 0, data)\n",
        (_POWER,),
    ),
    Mutation(
        "sync of the folder after a move",
        "runner/disk.py",
        "            raise\n        self.sync_folder(place.parent)\n",
        "            raise\n",
        (_POWER,),
    ),
    Mutation(
        "sync of the folder of a new folder",
        "runner/disk.py",
        "        self.add_folder(folder)\n        self.sync_folder(folder.parent)\n",
        "        self.add_folder(folder)\n",
        (_POWER,),
    ),
    Mutation(
        "the file beside its place",
        "runner/disk.py",
        "            self.move(beside, place)\n",
        "            self.write(place, data)\n            beside.unlink()\n",
        (_KILL,),
    ),
    Mutation(
        "a torn line is no damage",
        "runner/store/lines.py",
        "if number == 0 or _goes_on(data[end:], number + 1):",
        "if number == 0 or stop < len(written):",
        (_POWER, _JOURNAL),
    ),
    Mutation(
        "the shield around the submit",
        "runner/novita/client.py",
        "                answer = await unbroken(work, limits.goodbye + slow, tell)\n",
        "                answer = await work\n",
        ("tests/doors/novita/test_novita_provider.py", "tests/doors/novita/test_novita_instant.py"),
    ),
    Mutation(
        "the SENDING record",
        "runner/engine/sending.py",
        "                await to_the_end(self._journal.sending(self.number, body))\n",
        "                pass\n",
        (_KILL,),
    ),
    Mutation(
        "SENDING before the first byte",
        "runner/novita/client.py",
        "                    await first_byte.leaves()\n",
        "                    pass\n",
        (_KILL,),
    ),
    Mutation(
        "INTENT before anything happens",
        "runner/engine/buying.py",
        "        await sending.begin()\n",
        "",
        (_KILL,),
    ),
    Mutation(
        "the ticket before the first question",
        "runner/engine/buying.py",
        "            await self._journal.accepted(number, answer)\n",
        "            pass\n",
        (_KILL,),
    ),
    Mutation(
        "the STORED record",
        "runner/engine/buying.py",
        "            await self._journal.stored(entry.number, [image.digest for image in result.images])\n",
        "            pass\n",
        (_KILL,),
    ),
    Mutation(
        "the end of a call whose pictures are known",
        "runner/engine/buying.py",
        '        return entry is not None and entry.state == "STORED"\n',
        "        return False\n",
        (_KILL,),
    ),
    Mutation(
        "the room taken beforehand",
        "runner/store/journal.py",
        "        if meant:  #",
        "        if False:  #",
        (_FULL, _JOURNAL),
    ),
    Mutation(
        "a record lasts before its writer goes on",
        "runner/store/commit.py",
        "            await asyncio.shield(asyncio.wrap_future(job))\n",
        "            asyncio.wrap_future(job).add_done_callback(_seen)\n",
        ("tests/doors/store/test_commit.py", _KILL),
    ),
    Mutation(
        "the order of the records",
        "runner/store/commit.py",
        "            batch, self._asked = self._asked, []\n",
        "            batch, self._asked = self._asked[::-1], []\n",
        ("tests/doors/store/test_commit.py",),
    ),
    Mutation(
        "the token bucket",
        "runner/novita/retry.py",
        "        while not bucket.take(clock.monotonic()):\n",
        "        while False:\n",
        ("tests/doors/novita/test_novita_crowd.py",),
    ),
    Mutation(
        "the reservation of a price",
        "runner/engine/buying.py",
        "self._purse.reserve(dollars(order.price))",
        "self._purse.reserve(dollars(0.0))",
        ("tests/engine/test_engine.py", "tests/engine/test_purse.py", "tests/engine/test_at_once.py"),
    ),
    Mutation(
        "the lock of the workspace",
        "runner/cli/run.py",
        "    with built.workspace.held(wait):\n",
        "    with contextlib.nullcontext():\n",
        ("tests/faults/test_two_runs.py",),
    ),
    Mutation(
        "the check of a repeated task id",
        "runner/engine/buying.py",
        "        if holder is not None:\n",
        "        if False:\n",
        ("tests/engine/test_engine.py", "tests/engine/test_at_once.py"),
    ),
    Mutation(
        "a picture that a run cut off had put in its place",
        "runner/workspace.py",
        " and not _holds(place, data):",
        ":",
        (_KILL,),
    ),
)


def mutated(mutation: Mutation, tree: Path) -> str:
    """The text of its file without the safeguard, which has to stand there exactly once."""
    text = (tree / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1, f"{mutation.name}: {mutation.file} says it {text.count(mutation.old)} times"
    return text.replace(mutation.old, mutation.new)


def red(mutation: Mutation, folder: Path) -> list[str]:
    """The tests that fail without it."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", "__pycache__", ".*_cache", "out", ".retouch"))
    (tree / mutation.file).write_text(mutated(mutation, tree), encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutation.tests]
    try:
        told = subprocess.run(words, cwd=tree, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return ["(nothing ended)"]
    assert told.returncode in {0, 1}, told.stdout + told.stderr  # else the tests were not even found
    return re.findall(r"^FAILED \S*?::(\S+)", told.stdout, re.MULTILINE)


def main() -> int:
    """Take away what was named, or everything, one by one; 0 when each time a test went red."""
    chosen = [each for each in MUTATIONS if not sys.argv[1:] or any(word in each.name for word in sys.argv[1:])]
    held = True
    for mutation in chosen:
        with tempfile.TemporaryDirectory() as folder:
            found = red(mutation, Path(folder))
        held = held and bool(found)
        sys.stdout.write(f"{mutation.name}: {', '.join(found) if found else 'GREEN'}\n")
        sys.stdout.flush()
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
