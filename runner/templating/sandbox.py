"""Where templates run: few filters, arithmetic for numbers alone, and a limit on everything that can grow.

jinja2's own filters are not used: some of them answer with Python's words, some turn what they cannot read into 0, and
some grow a text, or calculate, without end. Each one here takes plain values, says in an author's words what it cannot
do, and gives a bounded result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from jinja2 import StrictUndefined, Undefined, pass_context
from jinja2.filters import do_title
from jinja2.sandbox import ImmutableSandboxedEnvironment

from runner.validation import as_written, read_number, shown

MOST_CHARACTERS = 20_000
"""Of a rendered text, of a template, and of a text value."""
MOST_RESULT = 10**15
"""Largest number that a calculation may give, up or down."""
MOST_DIGITS = 15
"""Most places that `round` keeps, or clears."""

_NUMBERS_ONLY = "`+ - * / %` calculate with numbers; use `~` to join texts"
_ROUNDINGS = {"common": ROUND_HALF_UP, "ceil": ROUND_CEILING, "floor": ROUND_FLOOR}


class Unworkable(Exception):
    """A template that cannot be worked out with these values; says why in an author's words."""


@dataclass(frozen=True, slots=True)
class Word:
    """A filter or a test: what it does with a value, and how its authors write it."""

    does: Callable[..., Any]
    form: str


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment without globals, in which nothing is worked out before it is asked for."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})
    intercepted_unops = frozenset({"+", "-"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, optimized=False, finalize=_printed
        )
        self.globals.clear()
        self.filters = {name: word.does for name, word in FILTERS.items()}
        self.tests = {name: word.does for name, word in TESTS.items()}

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        _number(left)
        if operator in {"/", "//", "%"} and _number(right) == 0:
            raise Unworkable("this divides by zero")
        _number(right)
        return _bounded(super().call_binop(context, operator, left, right))

    def call_unop(self, context: Any, operator: str, arg: Any) -> Any:
        return super().call_unop(context, operator, _number(arg))


@pass_context
def _printed(_: Any, value: Any) -> str:
    """What stands in a text for a value. It takes the context so that jinja2 never calls it while compiling."""
    return text_of(value)


def text_of(value: Any) -> str:
    """A value as text: numbers as an author writes them, `true` and `false`. Raises Unworkable for a list."""
    if isinstance(value, Undefined):
        raise Unworkable(f"`{value._undefined_name}` has no value")
    if value is None:
        return ""
    if isinstance(value, (bool, int, float)):
        return as_written(value)
    if isinstance(value, str):
        return value
    raise Unworkable("a list is no text: put its entries together with `join`")


def short_enough(size: int) -> int:
    """The size of a text. Raises Unworkable when it is above MOST_CHARACTERS."""
    if size > MOST_CHARACTERS:
        raise Unworkable(f"the text grows longer than {MOST_CHARACTERS} characters")
    return size


def _number(value: Any, told: str = _NUMBERS_ONLY) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unworkable(told)
    return value


def _bounded(value: Any) -> Any:
    if not math.isfinite(value) or abs(value) > MOST_RESULT:
        raise Unworkable(f"numbers in a template stay between -{MOST_RESULT} and {MOST_RESULT}")
    return value


def _join(value: Any, between: Any = "") -> str:
    if not isinstance(value, (list, tuple)):
        raise Unworkable('`join` puts the entries of a list together, like: [product, season] | join(", ")')
    texts, joint = [text_of(each) for each in value], text_of(between)
    short_enough(sum(len(each) for each in texts) + len(joint) * (len(texts) - 1))
    return joint.join(texts)


def _replace(value: Any, old: Any, new: Any) -> str:
    whole, old, new = text_of(value), text_of(old), text_of(new)
    short_enough(len(whole) + whole.count(old) * len(new))
    return whole.replace(old, new)


def _round(value: Any, digits: Any = 0, method: Any = "common") -> int | float:
    number = _number(value, f"`round` needs a number, not {shown(value)}")
    if isinstance(digits, bool) or not isinstance(digits, int) or abs(digits) > MOST_DIGITS:
        raise Unworkable(f"`round` keeps at most {MOST_DIGITS} digits: a whole number from -{MOST_DIGITS}")
    if method not in _ROUNDINGS:
        raise Unworkable("`round` knows `common`, `ceil` and `floor`")
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(repr(number)).quantize(Decimal(1).scaleb(-digits), rounding=_ROUNDINGS[method])
    return _bounded(float(exact)) if digits > 0 else _bounded(int(exact))  # type: ignore[no-any-return]


def _abs(value: Any) -> int | float:
    return abs(_number(value, f"`abs` needs a number, not {shown(value)}"))


def _float(value: Any, default: Any = None) -> Any:
    number = read_number(value.strip()) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        if default is None:
            raise Unworkable(f"{shown(value)} is no number")
        return default
    return _bounded(number)


def _int(value: Any, default: Any = None) -> Any:
    number = _float(value, default)
    return number if number is default else int(number)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (list, tuple)) else len(text_of(value))


def _default(value: Any, instead: Any = "", boolean: Any = False) -> Any:
    return instead if isinstance(value, Undefined) or (boolean and not value) else value


FILTERS: Mapping[str, Word] = {
    "abs": Word(_abs, "abs"),
    "capitalize": Word(lambda value: text_of(value).capitalize(), "capitalize"),
    "default": Word(_default, 'default("x")'),
    "float": Word(_float, "float"),
    "int": Word(_int, "int"),
    "join": Word(_join, 'join(", ")'),
    "length": Word(_length, "length"),
    "lower": Word(lambda value: text_of(value).lower(), "lower"),
    "replace": Word(_replace, 'replace("old", "new")'),
    "round": Word(_round, "round(2)"),
    "string": Word(text_of, "string"),
    "title": Word(lambda value: do_title(text_of(value)), "title"),
    "trim": Word(lambda value: text_of(value).strip(), "trim"),
    "upper": Word(lambda value: text_of(value).upper(), "upper"),
}


def _is_in(value: Any, many: Any) -> bool:
    if isinstance(many, str) and isinstance(value, str):
        return value in many
    if isinstance(many, (list, tuple)):
        return value in many
    raise Unworkable("`in` looks for a text in a text, or for a value in a list")


def _divisible(value: Any, by: Any) -> bool:
    told = "`even`, `odd` and `divisibleby` are for numbers"
    number, divisor = _number(value, told), _number(by, told)
    if divisor == 0:
        raise Unworkable("this divides by zero")
    return number % divisor == 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


TESTS: Mapping[str, Word] = {
    "defined": Word(lambda value: not isinstance(value, Undefined), "defined"),
    "divisibleby": Word(_divisible, "divisibleby(3)"),
    "even": Word(lambda value: _divisible(value, 2), "even"),
    "in": Word(_is_in, 'in ["a", "b"]'),
    "lower": Word(lambda value: text_of(value).islower(), "lower"),
    "none": Word(lambda value: value is None, "none"),
    "number": Word(_is_number, "number"),
    "odd": Word(lambda value: not _divisible(value, 2), "odd"),
    "string": Word(lambda value: isinstance(value, str), "string"),
    "undefined": Word(lambda value: isinstance(value, Undefined), "undefined"),
    "upper": Word(lambda value: text_of(value).isupper(), "upper"),
}
