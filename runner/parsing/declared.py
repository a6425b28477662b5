"""Inputs whose declaration is misspelt: told once, where they are declared, and not at each place that uses them."""

from __future__ import annotations

from typing import Any

from runner.parsing.inputs import Inputs
from runner.parsing.notes import Notes
from runner.parsing.unused import used_words
from runner.validation import likeness

_ALIKE = 0.75
_MOST_COMPARED = 40
"""Words, and inputs, that are held against each other: a recipe has fewer."""


def note_misspelt(steps: Any, inputs: Inputs, notes: Notes) -> None:
    """Note each declared input that no step uses, where the steps use a word like it twice or more; that word counts
    as declared from then on."""
    listed = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    words = used_words(listed)
    names = [step.get("name") for step in listed]
    unused = [name for name in inputs.types if name not in words][:_MOST_COMPARED]
    doubtful = [each for each, times in words.items() if times > 1 and each and each not in inputs.types]
    for word in doubtful[:_MOST_COMPARED]:
        if word not in names:
            near = max(unused, key=lambda name: likeness(word, name), default=None)
            if near is not None and likeness(word, near) >= _ALIKE:
                message = f"this input is called `{near}`, and the steps speak of `{word}`"
                notes.note(("inputs", near), message, "write it in the same way", key=True, whole=False, instead=word)
                inputs.types[word] = inputs.types[near]
                if near in inputs.declared:
                    inputs.declared[word] = inputs.declared[near]
