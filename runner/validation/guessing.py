"""What the author of a value that does not fit most likely meant: other ways of writing it, of which the first that
fits is taken. A number out of range, or a word like no other, is left alone: nobody can know."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from runner import color
from runner.validation.checking import errors_of
from runner.validation.words import SYNONYMS, as_written, likeness, nearest, read_number

Meant = str | int | float | bool | list[str]

_RULES = (
    *("type", "enum", "const", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)
_ALIKE = 0.75
"""How much of a word must be there, to take another one for it."""
_CLEARLY = 0.03
"""How much more alike it must be than the next one: `flux-kontext` may be one as well as another."""
_TRUTH = {"yes": True, "on": True, "y": True, "true": True, "no": False, "off": False, "n": False, "false": False}
_PAIR = re.compile(r"([0-9.]+)\s*(?:[x×X*:/,-]|by|to)\s*([0-9.]+)(?:\s*px)?")
_AMOUNT = re.compile(r"(?:USD|US)?\s*[$]?\s*([0-9]+(?:[.,][0-9]+)?)\s*(?:[$]|USD|US\s?\$|(?:US )?dollars?)?", re.I)
_WITH_UNIT = re.compile(r"([0-9.]+)\s*(?:px|pixels?|steps?|°|degrees?|x)?", re.IGNORECASE)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_MARKS = "“”„‟‘’‚‛«»‹›\"'"


def meant(value: Any, schema: Mapping[str, Any]) -> Meant | None:
    """What fits the rules of this schema and says the same, or None."""
    rules = {key: schema[key] for key in _RULES if key in schema}
    return next((each for each in _ways_of(value, schema) if not errors_of(each, rules)), None)


def _ways_of(value: Any, schema: Mapping[str, Any]) -> Iterator[Meant]:
    if isinstance(value, bool):
        yield as_written(value)
    elif isinstance(value, (int, float)) and math.isfinite(value):
        if value == int(value):
            yield int(value)
        yield as_written(value)
        yield _in_dollars(value)
    elif isinstance(value, str) and len(value) <= 200:
        yield from _ways_of_text(value, schema)


def _ways_of_text(value: str, schema: Mapping[str, Any]) -> Iterator[Meant]:
    text = _UNSEEN.sub("", value).strip().strip(_MARKS)
    if not text:
        return
    yield from dict.fromkeys((text, text.lower(), text.upper()))
    yield [each.strip() for each in text.split(",") if each.strip()]
    if text.lower() in _TRUTH:
        yield _TRUTH[text.lower()]
    if percent := re.fullmatch(r"([0-9]+(?:[.,][0-9]+)?)\s*(?:%|percent)", text):
        share = percent.group(1).replace(",", ".")
        yield from (f"{share}%", float(share) / 100, *(() if "." in share else (int(share),)))
    for way in (text, text.replace(",", "."), *(found.group(1) for found in [_WITH_UNIT.fullmatch(text)] if found)):
        number = read_number(way)
        if number is not None and math.isfinite(number):
            yield int(number) if number == int(number) else number
    if pair := _PAIR.fullmatch(text):
        yield from (f"{pair.group(1)}{sign}{pair.group(2)}" for sign in "*x:")
    if amount := _AMOUNT.fullmatch(text):
        yield f"{amount.group(1).replace(',', '.')} USD"
    yield f"#{text}"
    letters = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    yield re.sub(r"[^a-z0-9_-]+", "-", letters).strip("-_")
    yield from _near(text, schema)


def _in_dollars(amount: int | float) -> str:
    """A sum as it is written in a recipe, with both digits of the cents: `0.50 USD`, `2 USD`, `0.125 USD`."""
    written = as_written(amount)
    whole, point, cents = written.partition(".")
    return f"{whole}{point}{cents.ljust(2, '0') if point else ''} USD"


def _near(text: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """The choice, or the colour, that is nearly the same word."""
    known = [each for each in schema.get("enum", ()) if isinstance(each, str)]
    if schema.get("pattern") == color.PATTERN:
        known, text = list(color.NAMES), text.lower().replace(" ", "")
    if SYNONYMS.get(text.lower()) in known:
        yield SYNONYMS[text.lower()]
    near = nearest(text, known, _ALIKE)
    if near is not None:
        enough = likeness(text, near) - _CLEARLY
        if nearest(text, [each for each in known if each != near], enough) is None:
            yield near
