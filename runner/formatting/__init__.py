"""Recipes in one order and with the same spaces, so that a change in git shows what was changed and nothing else.

`places` says where keys and values stand, and `leaf` and `brackets` how; `outline` which comment goes with which key;
`order` in which order keys stand; `writing` how far lines are set in. No value is rewritten: texts, quotation marks and
what stands in brackets stay as the author wrote them, but for spaces that mean nothing. `proof` sees to it.
"""

from __future__ import annotations

from dataclasses import replace

from runner import document
from runner.document import Document
from runner.errors import UsageError
from runner.formatting.order import arranged
from runner.formatting.outline import Outline, outline
from runner.formatting.proof import same_comments, same_values
from runner.formatting.writing import written

__all__ = ["formatted"]


def formatted(text: str, file: str) -> str:
    """A recipe's text, in order. `file` is its name in problems.

    Raises InvalidRecipe where it cannot be read; UsageError where it holds no recipe, and where the result, read again,
    would not say the same: nothing may be kept of it then.
    """
    before = _read(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), file)
    if not isinstance(before.data, dict) or not {"recipe", "steps"} & before.data.keys():
        raise UsageError(f"{file} holds no recipe; it stays as it is", hint="a recipe begins with the line `recipe: 1`")
    meant = outline(before)
    result = _in_order(meant)
    try:
        after = _read(result, file)
        found = outline(after)
        proven = same_values(before.data, after.data) and same_comments(meant, found) and _in_order(found) == result
    except UsageError:
        proven = False
    if not proven:
        hint = "this is a fault of ours; please report it with the recipe"
        raise UsageError(
            f"{file} could not be put in order without changing what it says; it stays as it is", hint=hint
        )
    return result


def _read(text: str, file: str) -> Document:
    """The document of a text, whose last line ends like all others: an author who leaves that out means the same."""
    return document.load(text if text.endswith("\n") else text + "\n", file)


def _in_order(found: Outline) -> str:
    return written(replace(found, block=arranged(found.block)))
