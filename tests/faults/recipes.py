"""The recipes of the fault loops, and random ones for the soak. Pictures are small, for speed."""

from __future__ import annotations

from random import Random

_HEAD = "recipe: 1\ninputs: {photo: {type: image}}\nmodel: task\nseed: 1\nsteps:\n"


def _step(name: str, *more: str, settings: str = "size: 64*64") -> str:
    rest = "".join(f", {each}" for each in more)
    return f"  - {{name: {name}, prompt: Make it {name}., settings: {{{settings}}}{rest}}}\n"


CHAIN = _HEAD + _step("warm") + _step("bright") + _step("sharp")
"""Three paid edits, one after the other."""
CANDIDATES = (
    _HEAD
    + _step("warm", "candidates: 3")
    + _step("bright", settings="size: 64*64, num_images: 2")
    + "  - {name: small, resize: {width: 40}}\n"
)
"""Three calls at once, a call that gives two pictures, an operation."""
INSTANT = (
    _HEAD
    + _step("warm", "model: instant")
    + _step("bright")
    + _step("sharp", "model: instant", settings="size: 64*64, num_images: 2")
)
"""Endpoints that answer with the result itself, before and after one that gives a task."""


def drawn(random: Random) -> str:
    """A recipe of one to four steps: chains and branches, tasks and instant answers, candidates, operations."""
    text, names = _HEAD, ["photo"]
    for number in range(random.randint(1, 4)):
        name, source = f"step{number}", random.choice(names[-2:])
        if random.random() < 0.15:
            text += f"  - {{name: {name}, from: {source}, resize: {{width: {random.randint(30, 60)}}}}}\n"
        else:
            more = [f"from: {source}"]
            more += ["model: instant"] if random.random() < 0.2 else []
            more += [f"candidates: {random.randint(2, 3)}"] if random.random() < 0.2 else []
            alone = not any("candidates" in each for each in more)
            images = ", num_images: 2" if random.random() < 0.2 and alone else ""
            text += _step(name, *more, settings="size: 64*64" + images)
        names.append(name)
    return text
