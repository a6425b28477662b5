"""Prompts with `{{ inputs }}`: checked before anything runs, rendered with hard limits.

The only room, beside the HTML report, that imports jinja2. A template is parsed (`wording` tells what is wrong with its
form), its syntax tree is held against a list of what is allowed and against the inputs (`meaning`), and only then is it
compiled, for a `sandbox`: there are no loops, no calls, no way to reach attributes, files or the environment, and
nothing that differs between two renderings. Rendered values are data and are never rendered again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any

from jinja2 import Template, TemplateSyntaxError, Undefined, nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import UndefinedError
from jinja2.visitor import NodeTransformer

from runner.errors import MOST_PROBLEMS
from runner.templating import meaning, wording
from runner.templating.meaning import Known
from runner.templating.sandbox import MOST_CHARACTERS, Sandbox, Unworkable, short_enough, text_of
from runner.templating.wording import CONDITION_FORM, TemplateProblem

__all__ = [
    "MOST_CHARACTERS", "Known", "TemplateProblem", "check", "check_condition", "holds", "is_template", "render",
]  # fmt: skip

_MARKS = ("{{", "{%", "{#")


def is_template(text: str) -> bool:
    """Whether rendering could change this text."""
    return any(mark in text for mark in _MARKS)


def check(text: str, names: Mapping[str, Known]) -> list[TemplateProblem]:
    """Everything wrong with a template; where that is very much, the first of it. `names` are the inputs by name."""
    if not is_template(text):
        return []
    tree, found = _parsed(text, names=names)
    return found if tree is None else _first(meaning.problems_with(tree, names))


def check_condition(text: str, names: Mapping[str, Known]) -> list[TemplateProblem]:
    """Everything wrong with a `when:` condition, which is an expression without braces."""
    if is_template(text) or "}}" in text or "%}" in text:
        inner = text.strip().strip("{}%").strip()
        return [TemplateProblem(1, text, "a condition stands without braces", CONDITION_FORM, inner)]
    if not text.strip():
        return [TemplateProblem(1, None, "this condition is empty", CONDITION_FORM)]
    tree, found = _parsed(_braced(text), condition=text, names=names)
    whole = None if tree is None else _whole(tree)
    if tree is None or whole is None:
        return found
    return _first(chain(meaning.senseless(whole), meaning.problems_with(tree, names)))


def _first(found: Iterator[TemplateProblem]) -> list[TemplateProblem]:
    """Each problem once, and no more of them than anybody is told."""
    once: dict[TemplateProblem, None] = {}
    for each in found:
        once[each] = None
        if len(once) > MOST_PROBLEMS:
            break
    return list(once)


def render(text: str, values: Mapping[str, Any]) -> Any:
    """The text with its values in place; a text that is one whole `{{ expression }}` keeps the value's type, and a
    number without a fraction is a whole number.

    `text` must have passed check(). Raises ValueError with words when a value does not allow it, or when the result
    is longer than MOST_CHARACTERS.
    """
    if not is_template(text):
        return text
    template, expression = _compiled(text)
    try:
        if expression is not None:
            return _kept(expression(dict(values)))
        parts: list[str] = []
        size = 0
        for part in template.generate(dict(values)):
            size = short_enough(size + len(part))
            parts.append(part)
    except Unworkable as error:
        raise ValueError(str(error)) from None
    except UndefinedError:
        raise ValueError("an input that is named here has no value") from None
    except TypeError as error:
        raise ValueError(_comparison_words(str(error))) from None
    return "".join(parts)


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether a `when:` condition, which has passed check_condition(), is true of these values."""
    return bool(render(_braced(condition), values))


def _braced(condition: str) -> str:
    return "{{ (" + condition + ") }}"


def _kept(value: Any) -> Any:
    """The value of a whole expression: `4.0` is 4, so that `{{ width / 2 }}` is a length in pixels."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (str, Undefined)):
        text = text_of(value)
        short_enough(len(text))
        return text
    return value


def _comparison_words(told: str) -> str:
    """Comparisons are Python's own, and so are its complaints about them."""
    if "not supported between" in told:
        return "a text and a number cannot be compared: one of the two is not what this condition expects"
    return "`in` looks for a text in a text, or for a value in a list"


@lru_cache(maxsize=1)
def _sandbox() -> Sandbox:
    return Sandbox()


def _parsed(
    text: str, *, condition: str | None = None, names: Mapping[str, Known] = MappingProxyType({})
) -> tuple[nodes.Template | None, list[TemplateProblem]]:
    """The syntax tree, or what is wrong with it. `condition` is the author's text, where the braces are ours; `names`
    are the inputs."""
    if len(text) > MOST_CHARACTERS:
        return None, [TemplateProblem(1, None, f"this text is longer than {MOST_CHARACTERS} characters")]
    try:
        tree = _sandbox().parse(text)
    except TemplateSyntaxError as error:
        told, author = error.message or "", text if condition is None else condition
        return None, [wording.of_syntax(told, error.lineno, author, condition=condition is not None, names=names)]
    except RecursionError:
        return None, [TemplateProblem(1, None, "this template is nested too deeply", "make it simpler")]
    except ValueError:  # Python reads whole numbers of at most 4300 digits
        return None, [TemplateProblem(1, None, f"numbers in a template go up to {meaning.MOST_NUMBER}")]
    found = meaning.refusals(tree, names)
    return (None, found) if found else (tree, [])


def _whole(tree: nodes.Template) -> nodes.Expr | None:
    """The expression of a template that is nothing else."""
    body = tree.body
    if len(body) != 1 or not isinstance(body[0], nodes.Output) or len(body[0].nodes) != 1:
        return None
    (node,) = body[0].nodes
    return None if isinstance(node, nodes.TemplateData) else node


class _Joined(NodeTransformer):
    """`a ~ b` becomes `[a, b] | join`, which has a limit."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - jinja2's name for it
        self.generic_visit(node)
        listed = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(listed, "join", [], [], None, None, lineno=node.lineno)


@lru_cache(maxsize=512)
def _compiled(text: str) -> tuple[Template, TemplateExpression | None]:
    """The compiled template, and its expression where the text is one whole `{{ expression }}`."""
    tree, found = _parsed(text)
    if tree is None:
        raise ValueError(found[0].message)
    joined = _Joined().visit(tree).set_environment(_sandbox())
    whole = _whole(joined)
    expression = None
    if whole is not None:
        assign = nodes.Assign(nodes.Name("result", "store"), whole, lineno=1)
        expression = TemplateExpression(_sandbox().from_string(nodes.Template([assign], lineno=1)), False)
    return _sandbox().from_string(joined), expression
