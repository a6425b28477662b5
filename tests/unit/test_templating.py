"""Templates: what may stand in them, what they render to, and the bombs that must not go off."""

from __future__ import annotations

from typing import Any

import pytest

from runner import templating
from runner.templating import Known

NAMES = {
    "product": Known("text"),
    "count": Known("integer"),
    "photo": Known("image"),
    "season": Known("choice", ("winter", "summer", "autumn", "2024")),
    "dark": Known("boolean"),
}
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
        ("{{ product }}{# a remark #}", "Mug"),
        ("{# a remark #}{{ count }}", 4),
        ("{{ count / 2 }}", 2),
        ("{{ count / 8 }}", 0.5),
        ("{{ dark }} {{ count / 2 }} {{ count / 1000000 }}", "false 2 0.000004"),
        ("{{ dark ~ 2.50 }}", "false2.5"),
        ("{{ (count / 3) | round(1) }}", 1.3),
        ("{{ 2.5 | round }}", 3),
        ("{{ 2.1 | round(method='ceil') }}", 3),
        ("{{ 1250 | round(-2) }}", 1300),
        ("{{ '4.7' | int + '1e2' | float }}", 104),
        ("{{ product | int(3) }}", 3),
        ("{{ product | length }}", 3),
        ("{{ 'old mug' | title | trim }}", "Old Mug"),
        ("{{ product if count is divisibleby 2 and count is even else 'x' }}", "Mug"),
        ("{{ product or 'a thing' }}", "Mug"),
        ("{{ count is in [4] }}", True),
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
        ("{{ product is foo }}", 1, "is foo", "`is` compares no texts: `is foo`"),
        ("{{ product is evn }}", 1, "evn", "no test `evn`"),
        ("{% for x in [1] %}{% endfor %}", 1, None, "no loops"),
        ("{% set x = 1 %}", 1, None, "no `set`"),
        ("{% include 'x' %}", 1, None, "no `include`"),
        ("{% import 'x' as y %}", 1, None, "no `import`"),
        ("{% macro m() %}{% endmacro %}", 1, None, "no `macro`"),
        ("{% do x %}", 1, "do", "no `do`"),
        ("{{ product.upper() }}", 1, None, "no round brackets"),
        ("{{ product.__class__ }}", 1, "__class__", "no dots"),
        ("{{ product[0] }}", 1, None, "no square brackets"),
        ("{{ range(9) }}", 1, None, "no round brackets"),
        ("{{ lipsum() }}", 1, None, "no round brackets"),
        ("{{ 'a' * 10 ** 9 }}", 1, None, "no powers"),
        ("{{ 10000000 }}", 1, "10000000", "up to 1000000"),
        ("{{ product", 1, None, "not complete"),
        ("{{ product }", 1, "{{ product }", "a closing brace is missing"),
        ("{% if dark %}x", 1, None, "not complete"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", 1, None, "nested too deeply"),
        ("{{ product }}" + "x" * 20_000, 1, None, "longer than"),
        ("{{ 1" + " + 1" * 250 + " }}", 1, None, "nested too deeply"),
        ("{{ 1" + " + 1" * 3000 + " }}", 1, None, "nested too deeply"),
        ("{{ product" + " | upper" * 600 + " }}", 1, None, "nested too deeply"),
        ("{{ product" + " | upper" * 2490 + " }}", 1, None, "nested too deeply"),
        ("{{ " + "not " * 4000 + "dark }}", 1, None, "nested too deeply"),
        ("{% if dark %}" + "{% elif dark %}" * 1000 + "{% endif %}", 1, None, "more than 2000 parts"),
        ("{{ " + "9" * 5000 + " }}", 1, None, "up to 1000000"),
        ("{{ 0x" + "f" * 5000 + " }}", 1, None, "up to 1000000"),
        ("{{ 1e999 }}", 1, None, "up to 1000000"),
        ("{{ 'x' if dark }}", 1, None, "does not say what stands here otherwise"),
        ("{{ {'a': 1} }}", 1, None, "no lists of `key: value`"),
        ("{% autoescape true %}x{% endautoescape %}", 1, None, "no such thing"),
        ("{{ product | replace('a') }}", 1, "replace", "not written like this"),
        ("{{ product | upper(case=1) }}", 1, "upper", "not written like this"),
        ("{{ product | replace(old='a', old='b') }}", 1, "replace", "not written like this"),
        ("{{ product | replace(*['a', 'b']) }}", 1, "replace", "not written like this"),
        ("{{ count is divisibleby }}", 1, "divisibleby", "not written like this"),
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ 5 | round(1000000 * 1000000, 'ceil') }}", "at most 15 digits"),
        ("{{ 1000000 * 1000000 * 1000000 }}", "stay between"),
        ("{{ 'nan' | float }}", "`nan` is no number"),
        ("{{ 'inf' | int }}", "`inf` is no number"),
        ("{{ '1e300' | float }}", "stay between"),
        ("{{ ('9' ~ product | replace('M', '9')) | int }}", "is no number"),
        ("{{ product ~ " + "product ~ " * 1500 + "'' }}", "longer than 20000 characters"),
        ("{{ count / 0 }}", "this divides by zero"),
        ("{{ count // 0 }} x", "this divides by zero"),
        ("{{ count % 0 }} x", "this divides by zero"),
        ("{{ count is divisibleby 0 }}", "this divides by zero"),
        ("{{ product > 3 }}", "a text and a number cannot be compared"),
        ("{{ product in count }}", "`in` looks for"),
        ("{{ count in product }}", "`in` looks for"),
        ("{{ count is in product }}", "`in` looks for"),
        ("{{ '%s %s' % product }}", "calculate with numbers"),
        ("{{ -product }}", "calculate with numbers"),
        ("{{ product | abs }}", "`abs` needs a number"),
        ("{{ product | round }}", "`round` needs a number"),
        ("{{ 2.5 | round(1, 'up') }}", "knows `common`"),
        ("{{ product | join }}", "`join` puts"),
        ("{{ [product] }} x", "put its entries together with `join`"),
        ("{{ missing }} x", "`missing` has no value"),
        ("{{ missing }}", "`missing` has no value"),
        ("{{ missing + 1 }}", "calculate with numbers"),
        ("{{ 1 if missing else 2 }}", "has no value"),
    ],
)
def test_what_values_do_not_allow_is_told_in_our_words(text: str, words: str) -> None:
    """No sentence of Python or of a library reaches an author."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        templating.render(text, VALUES | {"product": "a long text " * 4})
    assert words in str(caught.value)


def test_inputs_may_be_called_like_words_of_the_library() -> None:
    """The name of an input is never taken for an argument of a function."""
    assert templating.render("{{ self_ ~ context ~ args }} x", {"self_": "a", "context": "b", "args": "c"}) == "abc x"


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ('season == "winter"', True),
        ("dark or count > 9", False),
        ('product == "a=b"', False),
        ('product == "{x}" or product == "Mug"', True),
        ('season in ["winter", "summer"] and not dark', True),
        ('product | replace(old="M", new="R") == "Rug"', True),
        ("product", True),
        ("true", True),
        ("count == 4 and season != '2024'", True),
    ],
)
def test_conditions(condition: str, truth: bool) -> None:
    """A condition is an expression on the inputs."""
    assert templating.check_condition(condition, NAMES) == []
    assert templating.holds(condition, VALUES) is truth


FORM = 'write it like: season == "winter"'


@pytest.mark.parametrize(
    ("condition", "words", "hint"),
    [
        ("{{ dark }}", "without braces", FORM),
        ("dark }} x {{ dark", "without braces", FORM),
        ("dark) }} x", "without braces", FORM),
        ("season = 'x'", "single `=`", "write `==`: season == 'x'"),
        ("season = late autumn", "single `=`", 'write `==`: season == "late autumn"'),
        ("season = product", "single `=`", "write `==`: season == product"),
        ('product = "a=b"', "single `=`", 'write `==`: product == "a=b"'),
        ("seson == 'x'", "no input `seson`", "did you mean `season`?"),
        ("season ==", "this condition is not complete", FORM),
        ("(dark", "this condition is not complete", FORM),
        (" ", "this condition is empty", FORM),
        ("dark, count", "a list is no condition", "write `and` or `or` between two conditions"),
        ("[dark]", "a list is no condition", "write `and` or `or` between two conditions"),
        ('"winter"', "`winter` alone is no condition", FORM),
        ("not 'winter'", "`winter` alone is no condition", FORM),
        ("dark or 1", "`1` alone is no condition", FORM),
        (
            'season == "winter" or "summer"',
            "`summer` alone is no condition",
            'write it out: season == "winter" or season == "summer"',
        ),
        ('season == "Winter"', "`Winter` is not one of the choices", "did you mean `winter`?"),
        ('"Winter" != season', "`Winter` is not one of the choices", "did you mean `winter`?"),
        ('season in ["winter", "sumer"]', "`sumer` is not one of the choices", "did you mean `summer`?"),
        ("season == 2024", "`2024` is not one of the choices", 'put it in quotes to make it text: "2024"'),
        ("season == winter", "no input `winter`", 'put it in quotes: "winter"'),
        ("dark == 'yes'", "`dark` is true or false", "write `dark`, or `not dark`"),
        ("count == '4'", "`count` is a number", "write it without quotes: 4"),
        ("product == 4", "`product` is a text", 'put it in quotes: "4"'),
        ("dark && count", "`&&` means nothing here", "write `and`"),
        ("dark || count", "`||` means nothing here", "write `or`"),
        ("!dark", "`!` means nothing here", "write `not`"),
        ("count => 2", "`=>` means nothing here", "write `>=`"),
        ("season == “winter”", "`“` is not a quotation mark here", 'use straight ones: "winter"'),
        ("season == 'winter", "never closed", "add the closing one"),
        ("product name", "`name` stands where nothing is expected", "texts stand in quotes"),
        ("count 5", "a number stands where nothing is expected", FORM),
    ],
)
def test_wrong_conditions(condition: str, words: str, hint: str) -> None:
    """Braces, foreign signs, unknown names, half expressions, and conditions that no value can change are refused."""
    first = templating.check_condition(condition, NAMES)[0]
    assert words in first.message
    assert (first.hint or "").startswith(hint)


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("{% if season = 'winter' %}x{% endif %}", "single `=`", "write `==`"),
        ("{% if dark %}a{% else if count %}b{% endif %}", "`else if` is one word", "write `elif`"),
        ("{% if dark %}a{% elseif count %}b{% endif %}", "no `elseif`", "write `elif`"),
        ("a {% else %} b", "without its `if`", "a template is"),
        ("{{{ product }}}", "three braces", "write two: {{ name }}"),
        ("{{ product name }}", "`name` stands where nothing is expected", "texts stand in quotes"),
        ("{% if season == 'Winter' %}x{% endif %}", "not one of the choices", "did you mean `winter`?"),
        ("{{ 'x' if dark or 'y' else 'z' }}", "`y` alone is no condition", FORM),
        ("{{ }}", "not complete", "a template is"),
        ("{# remark", "not complete", "a template is"),
    ],
)
def test_complaints_use_the_words_of_authors(text: str, words: str, hint: str) -> None:
    """The template library's own words for its grammar never reach an author."""
    first = templating.check(text, NAMES)[0]
    assert words in first.message
    assert (first.hint or "").startswith(hint)
