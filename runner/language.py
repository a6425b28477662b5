"""Fixed words of the recipe language: shared by the schema's generator, the recipe's reader and the requests."""

from __future__ import annotations

INPUT_TYPES = ("image", "text", "number", "integer", "choice", "boolean", "color")

PAID_KEYS = ("model", "settings", "seed", "candidates", "choose")
"""Keys that only a step for a model has, beside its prompt."""

STEP_NAME = "^[a-z0-9][a-z0-9_-]{0,39}$"
STEP_NAME_FORM = "a name has lower-case letters, digits, hyphens and underscores, 40 at most, like `warm-light`"

INPUT_NAME = "[a-z][a-z0-9_]{0,39}"
INPUT_NAME_FORM = "an input's name has lower-case letters, digits and underscores, like `product_name`"

RESERVED_NAMES = frozenset({"self", "true", "false", "none", "not", "and", "or", "in", "is", "if", "else", "elif"})
"""Words that mean something else in a template: an input of that name could not be reached."""

TEMPLATE_PART = r"\{[{%].*?(?:[%}]\}|\Z)"
"""A part of a text that is a template: from its braces to the closing ones, or to the end where they are missing."""

TOP_IN_ORDER = ("recipe", "title", "description", "inputs", "model", "seed", "budget", "matrix", "steps")
"""The keys of a recipe as they best stand, `matrix` among them, which is known only to be refused."""
INPUT_IN_ORDER = ("type", "help", "options", "default", "minimum", "maximum", "min_length", "max_length")
TOP_KEYS = frozenset(TOP_IN_ORDER)
INPUT_KEYS = frozenset(INPUT_IN_ORDER)
STEP_KEYS = frozenset({"name", "prompt", "from", "when", *PAID_KEYS})
KEYS = TOP_KEYS | INPUT_KEYS | STEP_KEYS
"""Every key of the language itself; operations and models add theirs."""
