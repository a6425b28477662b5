"""Prompts with `{{ inputs }}`: checked before anything runs, rendered with hard limits.

The only module, beside the HTML report, that imports jinja2. A template is parsed, its syntax tree is held against a
list of what is allowed, and only then is it compiled: jinja2 folds constants while compiling, so that a bomb would go
off in `validate`. There are no loops, no calls, no way to reach attributes, files or the environment, and nothing that
differs between two renderings. Rendered values are data and are never rendered again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from runner.validation import suggestion

MOST_CHARACTERS = 20_000
"""Of a rendered text, and of a template."""
MOST_NUMBER = 1_000_000
"""Largest number that may stand in a template."""

FILTERS = (
    "abs", "capitalize", "default", "float", "int", "join", "length", "lower", "replace", "round", "string", "title",
    "trim", "upper",
)  # fmt: skip
TESTS = ("defined", "divisibleby", "even", "in", "lower", "none", "number", "odd", "string", "undefined", "upper")

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test, nodes.Concat, nodes.Add, nodes.Sub,
    nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.List, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
_REFUSED = {
    nodes.For: "loops",
    nodes.Call: "calls",
    nodes.Getattr: "dots after a name",
    nodes.Getitem: "square brackets after a name",
    nodes.Assign: "assignments",
    nodes.Macro: "macros",
    nodes.Include: "includes",
    nodes.Import: "imports",
    nodes.Pow: "powers",
}


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One thing wrong in a template: on its line (from 1), at `word` where one word is to blame."""

    line: int
    word: str | None
    message: str
    hint: str | None = None


class _Environment(ImmutableSandboxedEnvironment):
    """A sandbox in which arithmetic is for numbers only, so that no text can be multiplied into a bomb."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in FILTERS} | {"join": _join, "replace": _replace}
        self.tests = {
            name: self.tests[name] for name in (*TESTS, "eq", "ne", "lt", "le", "gt", "ge", "==", "!=", "<", ">")
        }

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        for side in (left, right):
            if isinstance(side, bool) or not isinstance(side, (int, float)):
                raise TemplateError("`+ - * / %` calculate with numbers; use `~` to join texts")
        return super().call_binop(context, operator, left, right)


def _join(values: Any, between: Any = "") -> str:
    """Texts and numbers put together; a list in a template is written out, so it cannot be long."""
    return str(between).join(str(each) for each in values)


def _replace(text: Any, old: Any, new: Any) -> str:
    """Python's replace, refused before it can grow a text without limit: filters can be chained."""
    whole, old, new = str(text), str(old), str(new)
    if len(whole) + (whole.count(old)) * len(new) > MOST_CHARACTERS:
        raise TemplateError(f"the text grows longer than {MOST_CHARACTERS} characters")
    return whole.replace(old, new)


@lru_cache(maxsize=1)
def _environment() -> _Environment:
    return _Environment()


def is_template(text: str) -> bool:
    """Whether rendering could change this text."""
    return "{{" in text or "{%" in text or "{#" in text


def check(text: str, names: Mapping[str, str]) -> list[TemplateProblem]:
    """Everything wrong with a template. `names` are the inputs by name, each with its type."""
    if not is_template(text):
        return []
    tree, found = _parsed(text)
    if tree is None or found:
        return found
    for node in tree.find_all(nodes.Name):
        if node.name not in names:
            found.append(
                TemplateProblem(
                    node.lineno, node.name, f"there is no input `{node.name}`", suggestion(node.name, names)
                )
            )
        elif names[node.name] == "image":
            hint = "pictures reach a step through `from:`; in the text say `the second image`"
            found.append(TemplateProblem(node.lineno, node.name, f"`{node.name}` is a picture, not a text", hint))
    return found


def check_condition(text: str, names: Mapping[str, str]) -> list[TemplateProblem]:
    """Everything wrong with a `when:` condition, which is an expression without braces."""
    if is_template(text):
        return [TemplateProblem(1, text, "a condition stands without braces", 'write it like: season == "winter"')]
    if re.search(r"(?<![=!<>])=(?!=)", text):
        return [TemplateProblem(1, "=", "a single `=` compares nothing", f"write `==`: {_doubled(text)}")]
    return check("{{ (" + text + ") }}", names)


def _doubled(condition: str) -> str:
    return re.sub(r"\s*(?<![=!<>])=(?!=)\s*", " == ", condition)


def render(text: str, values: Mapping[str, Any]) -> Any:
    """The text with its values in place; a text that is one whole `{{ expression }}` keeps the value's type.

    `text` must have passed check(). Raises ValueError with words when a value does not allow it, or when the result
    is longer than MOST_CHARACTERS.
    """
    if not is_template(text):
        return text
    template, expression = _compiled(text)
    try:
        if expression is not None:
            value = expression(**values)
            if not isinstance(value, (str, Undefined)):
                return value
        parts: list[str] = []
        size = 0
        for part in template.generate(**values):
            size += len(part)
            if size > MOST_CHARACTERS:
                raise ValueError(f"the text grows longer than {MOST_CHARACTERS} characters")
            parts.append(part)
    except (TemplateError, TypeError, ArithmeticError) as error:
        raise ValueError(str(error) or "the template cannot be worked out with these values") from None
    return "".join(parts)


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether a `when:` condition, which has passed check_condition(), is true of these values."""
    return bool(render("{{ (" + condition + ") }}", values))


def _parsed(text: str) -> tuple[nodes.Template | None, list[TemplateProblem]]:
    if len(text) > MOST_CHARACTERS:
        return None, [TemplateProblem(1, None, f"this text is longer than {MOST_CHARACTERS} characters")]
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        return None, [_syntax_problem(error)]
    except RecursionError:
        return None, [TemplateProblem(1, None, "this template is nested too deeply")]
    return tree, _refusals(tree)


def _refusals(tree: nodes.Node) -> list[TemplateProblem]:
    """What may not stand in a template; what lies inside a refused part is not looked at."""
    found: list[TemplateProblem] = []
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        problem = _refusal(node)
        if problem:
            found.append(problem)
        else:
            waiting.extend(reversed(list(node.iter_child_nodes())))
    return found


def _refusal(node: nodes.Node) -> TemplateProblem | None:
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        return TemplateProblem(
            node.lineno, node.name, f"there is no filter `{node.name}`", suggestion(node.name, FILTERS)
        )
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        return TemplateProblem(node.lineno, node.name, f"there is no test `{node.name}`", suggestion(node.name, TESTS))
    if isinstance(node, nodes.Const) and isinstance(node.value, (int, float)) and abs(node.value) > MOST_NUMBER:
        return TemplateProblem(node.lineno, str(node.value), f"numbers in a template go up to {MOST_NUMBER}")
    if not isinstance(node, _ALLOWED) and not isinstance(node, nodes.EvalContextModifier):
        what = next((word for kind, word in _REFUSED.items() if isinstance(node, kind)), f"`{type(node).__name__}`")
        hint = "a template holds inputs, filters, calculations and `{% if %}`"
        return TemplateProblem(node.lineno, getattr(node, "attr", None), f"a template knows no {what}", hint)
    return None


def _syntax_problem(error: TemplateSyntaxError) -> TemplateProblem:
    """A template parser's complaint, in the words of an author."""
    told = error.message or ""
    hint: str | None = "a template is {{ name }} or {{ name | filter }}, and {% if … %} … {% endif %}"
    if "No filter named" in told:
        name = told.split("'")[1]
        return TemplateProblem(error.lineno, name, f"there is no filter `{name}`", suggestion(name, FILTERS))
    if "No test named" in told:
        name = told.split("'")[1]
        return TemplateProblem(error.lineno, name, f"there is no test `{name}`", suggestion(name, TESTS))
    if "unknown tag" in told and "'" in told:
        name = told.split("'")[1]
        return TemplateProblem(error.lineno, name, f"a template knows no `{name}`", hint)
    if (
        "end of template" in told
        or "end of print statement" in told
        or "Unexpected end" in told
        or "unexpected '}'" in told
    ):
        return TemplateProblem(
            error.lineno, None, "this template is not complete: a brace, `endif` or value is missing", hint
        )
    return TemplateProblem(error.lineno, None, f"this template cannot be read: {told}", hint)


@lru_cache(maxsize=512)
def _compiled(text: str) -> tuple[Template, TemplateExpression | None]:
    """The compiled template, and its expression where the text is one whole `{{ expression }}`."""
    tree, found = _parsed(text)
    if tree is None or found:
        raise ValueError(found[0].message if found else "this template cannot be read")
    body = tree.body
    whole = (
        len(body) == 1
        and isinstance(body[0], nodes.Output)
        and len(body[0].nodes) == 1
        and not isinstance(body[0].nodes[0], nodes.TemplateData)
        and text.strip().startswith("{{")
    )
    inner = re.sub(r"\A[-+]|[-+]\Z", "", text.strip()[2:-2])  # the marks that trim white space
    expression = _environment().compile_expression(inner, undefined_to_none=False) if whole else None
    return _environment().from_string(text), expression
