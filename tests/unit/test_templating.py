"""Templates: what may stand in them, what they render to, and the bombs that must not go off."""

from __future__ import annotations

from typing import Any

import pytest

from runner import templating

NAMES = {"product": "text", "count": "integer", "photo": "image", "season": "choice", "dark": "boolean"}
VALUES: dict[str, Any] = {"product": "Mug", "count": 4, "season": "winter", "dark": False}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("a {{ product }}.", "a Mug."),
        ("{{ product }}", "Mug"),
        ("{{ count }}", 4),
        ("{{- count -}}", 4),
        ("{{ -count }}", -4),
        ("{{ dark }}", False),
        ("{{ count * 2 + 1 }}", 9),
        ("{{ count }} x", "4 x"),
        ("{{ product ~ '!' }}", "Mug!"),
        ("{{ product | upper }}", "MUG"),
        ("{% if season == 'winter' %}snow{% else %}sun{% endif %}", "snow"),
        ("{{ 'a' if dark else 'b' }}", "b"),
        ("{{ [product, season] | join(', ') }}", "Mug, winter"),
        ("{{ product | replace('u', 'o') }}", "Mog"),
        ("{{ season in ['winter', 'autumn'] }}", True),
        ("line\n", "line\n"),
    ],
)
def test_templates_render(text: str, value: Any) -> None:
    """Inputs, filters, sums and conditions; a text that is one expression keeps its type."""
    assert templating.check(text, NAMES) == []
    rendered = templating.render(text, VALUES)
    assert rendered == value
    assert type(rendered) is type(value)


def test_values_are_never_rendered_again() -> None:
    """A value that looks like a template stays what it is."""
    assert templating.render("{{ product }} x", VALUES | {"product": "{{ count }}"}) == "{{ count }} x"
    assert templating.render("{{ product }}", VALUES | {"product": "{{ count }}"}) == "{{ count }}"


@pytest.mark.parametrize(
    ("text", "line", "word", "words"),
    [
        ("x\n{{ prodct }}", 2, "prodct", "there is no input `prodct`"),
        ("{{ photo }}", 1, "photo", "is a picture"),
        ("{{ product | uper }}", 1, "uper", "no filter `uper`"),
        ("{{ product | random }}", 1, "random", "no filter `random`"),
        ("{{ product | map(attribute='x') }}", 1, "map", "no filter `map`"),
        ("{{ product is foo }}", 1, "foo", "no test `foo`"),
        ("{% for x in [1] %}{% endfor %}", 1, None, "no loops"),
        ("{% set x = 1 %}", 1, None, "no assignments"),
        ("{% include 'x' %}", 1, None, "no includes"),
        ("{% import 'x' as y %}", 1, None, "no imports"),
        ("{% macro m() %}{% endmacro %}", 1, None, "no macros"),
        ("{% do x %}", 1, "do", "no `do`"),
        ("{{ product.upper() }}", 1, None, "no calls"),
        ("{{ product.__class__ }}", 1, "__class__", "no dots"),
        ("{{ product[0] }}", 1, None, "no square brackets"),
        ("{{ range(9) }}", 1, None, "no calls"),
        ("{{ lipsum() }}", 1, None, "no calls"),
        ("{{ 'a' * 10 ** 9 }}", 1, None, "no powers"),
        ("{{ 10000000 }}", 1, "10000000", "up to 1000000"),
        ("{{ product", 1, None, "not complete"),
        ("{{ product }", 1, None, "not complete"),
        ("{% if dark %}x", 1, None, "not complete"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", 1, None, "nested too deeply"),
        ("{{ product }}" + "x" * 20_000, 1, None, "longer than"),
    ],
)
def test_what_a_template_may_not_hold(text: str, line: int, word: str | None, words: str) -> None:
    """Everything outside the allow-list is refused before it is compiled, with its line and word."""
    first = templating.check(text, NAMES)[0]
    assert (first.line, first.word) == (line, word)
    assert words in first.message


@pytest.mark.parametrize(
    "text",
    [
        "{{ product * 1000000 }}",
        "{{ 'a' * 1000000 }}",
        "{{ product + product }}",
        "{{ '%1000000s' % product }}",
        "{{ product " + "| replace('', product ~ product ~ product) " * 30 + "}}",
        "{{ product" + " ~ product" * 1200 + " }}",
        "{{ count / 0 }}",
        "{{ missing }}",
    ],
)
def test_bombs_and_nonsense_end_in_words(text: str) -> None:
    """Multiplied texts, chained filters and impossible sums raise ValueError, quickly."""
    with pytest.raises(ValueError, match=r"\w"):
        templating.render(text, VALUES | {"product": "long text " * 200})


@pytest.mark.parametrize(("condition", "truth"), [('season == "winter"', True), ("dark or count > 9", False)])
def test_conditions(condition: str, truth: bool) -> None:
    """A condition is an expression on the inputs."""
    assert templating.check_condition(condition, NAMES) == []
    assert templating.holds(condition, VALUES) is truth


@pytest.mark.parametrize("condition", ["{{ dark }}", "season = 'x'", "seson == 'x'", "season =="])
def test_wrong_conditions(condition: str) -> None:
    """Braces, single equals signs, unknown names and half expressions are refused."""
    assert templating.check_condition(condition, NAMES)
