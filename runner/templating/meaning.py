"""What may stand in a template: the syntax tree held against a list, against the inputs, and against plain sense.

The tree comes from a stranger's text and can be as deep as it likes, so that nothing here recurses before the depth is
known.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from runner.errors import MOST_PROBLEMS
from runner.templating.sandbox import FILTERS, TESTS, Word
from runner.templating.wording import CONDITION_FORM, TemplateProblem
from runner.validation import as_written, choice_hint, nearest, read_number, shown, suggestion

MOST_NUMBER = 1_000_000
"""Largest number that may stand in a template."""
MOST_DEPTH = 40
"""Of the syntax tree: a sum of so many parts, or so many filters in a row."""
MOST_PARTS = 2_000
"""Of the syntax tree: names, values, operators and stretches of text."""
_ALIKE = 0.8
"""How much of an option must be there, to take a word without quotes for it."""

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test, nodes.Concat, nodes.Add, nodes.Sub,
    nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.List, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
_REFUSED = {
    nodes.For: "loops",
    nodes.Call: "round brackets after a name",
    nodes.CallBlock: "round brackets after a name",
    nodes.Getattr: "dots after a name",
    nodes.Getitem: "square brackets after a name",
    nodes.Assign: "`set` or `with`",
    nodes.AssignBlock: "`set` or `with`",
    nodes.With: "`set` or `with`",
    nodes.Macro: "`macro`",
    nodes.Include: "`include`",
    nodes.Import: "`import`",
    nodes.FromImport: "`import`",
    nodes.Block: "`block` or `extends`",
    nodes.FilterBlock: "`block` or `extends`",
    nodes.Extends: "`block` or `extends`",
    nodes.Pow: "powers",
    nodes.Dict: "lists of `key: value`",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a template may know of an input: its type, and its options where it is a choice."""

    type: str
    options: tuple[str, ...] = ()


def refusals(tree: nodes.Template, names: Mapping[str, Known]) -> list[TemplateProblem]:
    """What may not stand in any template; what lies inside a refused part is not looked at. `names` are the inputs.

    Where nothing is refused, the tree is at most MOST_DEPTH deep and safe to recurse into.
    """
    found: list[TemplateProblem] = []
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    parts = 0
    while waiting:
        node, depth = waiting.pop()
        parts += 1
        if depth > MOST_DEPTH:
            return [TemplateProblem(node.lineno, None, "this template is nested too deeply", "make it simpler")]
        if parts > MOST_PARTS:
            return [TemplateProblem(node.lineno, None, f"this template has more than {MOST_PARTS} parts")]
        problem = _refusal(node, names)
        if problem:
            found.append(problem)
            if len(found) > MOST_PROBLEMS:
                break
        else:
            waiting.extend((each, depth + 1) for each in reversed(list(node.iter_child_nodes())))
    return found


def _refusal(node: nodes.Node, names: Mapping[str, Known]) -> TemplateProblem | None:
    if isinstance(node, nodes.Not) and isinstance(node.node, nodes.Test):
        return _compared_by_is(node.node, names, negated=True)
    if isinstance(node, nodes.Filter):
        return _misused(node, "filter", FILTERS)
    if isinstance(node, nodes.Test):
        return _compared_by_is(node, names) or _misused(node, "test", TESTS)
    if isinstance(node, nodes.Const) and isinstance(node.value, (int, float)) and not abs(node.value) <= MOST_NUMBER:
        word = str(node.value) if abs(node.value) < 10**30 else None  # Python refuses to write very long ones
        return TemplateProblem(node.lineno, word, f"numbers in a template go up to {MOST_NUMBER}")
    if isinstance(node, nodes.CondExpr) and node.expr2 is None:
        hint = 'write it like: "yes" if dark else ""'
        return TemplateProblem(node.lineno, None, "this `if` does not say what stands here otherwise", hint)
    if not isinstance(node, _ALLOWED):
        what = next((word for kind, word in _REFUSED.items() if isinstance(node, kind)), "such thing")
        hint = "a template holds inputs, filters, calculations and `{% if %}`"
        return TemplateProblem(node.lineno or 1, getattr(node, "attr", None), f"a template knows no {what}", hint)
    return None


def _compared_by_is(node: nodes.Test, names: Mapping[str, Known], *, negated: bool = False) -> TemplateProblem | None:
    """`season is autumn`, where an input is held against a word that is no test."""
    name = node.node.name if isinstance(node.node, nodes.Name) else None
    if name is None or name not in names or node.name in TESTS or node.args:
        return None
    option = nearest(node.name, names[name].options)
    if option is None and nearest(node.name, TESTS):
        return None
    right = f'{"!=" if negated else "=="} "{option or node.name}"'
    word = f"is not {node.name}" if negated else f"is {node.name}"
    return TemplateProblem(node.lineno, word, f"`is` compares no texts: `{word}`", f"write `{name} {right}`", right)


def _misused(node: nodes.Filter | nodes.Test, kind: str, known: Mapping[str, Word]) -> TemplateProblem | None:
    """A filter or test that does not exist, or is given too little or too much."""
    word = known.get(node.name)
    if word is None:
        return TemplateProblem(
            node.lineno,
            node.name,
            f"there is no {kind} `{node.name}`",
            suggestion(node.name, known),
            nearest(node.name, known),
        )
    named: dict[str, Any] = {str(each.key): each.value for each in node.kwargs}
    plain = len(named) == len(node.kwargs) and node.dyn_args is None and node.dyn_kwargs is None
    try:
        inspect.signature(word.does).bind(node.node, *node.args, **named)
    except TypeError:
        plain = False
    message = f"the {kind} `{node.name}` is not written like this"
    return None if plain else TemplateProblem(node.lineno, node.name, message, f"write it like: {word.form}")


def problems_with(tree: nodes.Template, names: Mapping[str, Known]) -> Iterator[TemplateProblem]:
    """What does not fit the inputs, and conditions that no value can change, in a tree without refusals."""
    for name in tree.find_all(nodes.Name):
        yield from _name(name, names)
    for comparison in tree.find_all(nodes.Compare):
        yield from _comparison(comparison, names)
    for block in tree.find_all(nodes.If):
        yield from senseless(block.test)
    for choice in tree.find_all(nodes.CondExpr):
        yield from senseless(choice.test)


def _name(node: nodes.Name, names: Mapping[str, Known]) -> Iterator[TemplateProblem]:
    word = node.name
    if word not in names:
        option = _option_meant(word, names)
        hint = suggestion(word, names) if option is None else f'put it in quotes: "{option}"'
        instead = nearest(word, names) if option is None else f'"{option}"'
        yield TemplateProblem(node.lineno, word, f"there is no input `{word}`", hint, instead)
    elif names[word].type == "image":
        hint = "pictures reach a step through `from:`; in the text say `the second image`"
        yield TemplateProblem(node.lineno, word, f"`{word}` is a picture, not a text", hint)


def _option_meant(word: str, names: Mapping[str, Known]) -> str | None:
    """The option of a choice that a word without quotes is, but for capitals; or nearly is, and no input is nearer."""
    options = [option for known in names.values() for option in known.options]
    same = [word] if word in options else [each for each in options if each.casefold() == word.casefold()]
    return same[0] if same else nearest(word, options, _ALIKE) if nearest(word, names) is None else None


def _comparison(node: nodes.Compare, names: Mapping[str, Known]) -> Iterator[TemplateProblem]:
    """An input held against a constant that it can never be."""
    left = node.expr
    for operand in node.ops:
        right = operand.expr
        listed = isinstance(right, (nodes.List, nodes.Tuple))
        if operand.op in {"eq", "ne"}:
            pairs = [(left, right), (right, left)]
        elif operand.op in {"in", "notin"} and listed:
            pairs = [(left, each) for each in right.items]  # type: ignore[attr-defined]
        else:
            pairs = []
        for name, constant in pairs:
            if isinstance(name, nodes.Name) and name.name in names and isinstance(constant, nodes.Const):
                known = names[name.name]
                told = _never(name.name, known, constant.value)
                if told:
                    near = nearest(str(constant.value), known.options)
                    yield TemplateProblem(constant.lineno, text_in(constant.value), *told, near)
        left = right


def _never(name: str, known: Known, value: Any) -> tuple[str, str] | None:
    """Message and hint where an input of this kind is never equal to the constant."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match known.type:
        case "choice" if known.options and value not in known.options:
            return f"{shown(value)} is not one of the choices of `{name}`", choice_hint(value, list(known.options))
        case "boolean" if not isinstance(value, bool):
            return f"`{name}` is true or false, never {shown(value)}", f"write `{name}`, or `not {name}`"
        case "number" | "integer" if not is_number:
            meant = read_number(value) if isinstance(value, str) else None
            hint = "compare it with a number" if meant is None else f"write it without quotes: {as_written(meant)}"
            return f"`{name}` is a number, never the text {shown(value)}", hint
        case "text" | "color" if is_number:
            return f"`{name}` is a text, never the number {shown(value)}", f'put it in quotes: "{as_written(value)}"'
    return None


def senseless(test: nodes.Node) -> Iterator[TemplateProblem]:
    """Parts of a condition that are the same for all values: texts, numbers and lists that nothing is held against."""
    compared: tuple[str, str] | None = None
    waiting: list[tuple[nodes.Node, str]] = [(test, "or")]
    while waiting:
        node, joined = waiting.pop()
        if isinstance(node, (nodes.And, nodes.Or)):
            word = "and" if isinstance(node, nodes.And) else "or"
            waiting.extend(((node.right, word), (node.left, word)))
        elif isinstance(node, nodes.Not):
            waiting.append((node.node, joined))
        elif isinstance(node, nodes.Compare):
            compared = _name_and_text(node) or compared
        elif isinstance(node, (nodes.Tuple, nodes.List)):
            message = "a list is no condition: it is the same for all values"
            yield TemplateProblem(node.lineno, ",", message, "write `and` or `or` between two conditions")
        elif isinstance(node, nodes.Const) and not isinstance(node.value, bool):
            hint = CONDITION_FORM
            if compared and isinstance(node.value, str):
                name, first = compared
                hint = f'write it out: {name} == "{first}" {joined} {name} == "{node.value}"'
            message = f"{shown(node.value)} alone is no condition: it is the same for all values"
            yield TemplateProblem(node.lineno, text_in(node.value), message, hint)


def _name_and_text(node: nodes.Compare) -> tuple[str, str] | None:
    """The two sides of a comparison like `season == "winter"`."""
    right = node.ops[0].expr
    if isinstance(node.expr, nodes.Name) and isinstance(right, nodes.Const) and isinstance(right.value, str):
        return node.expr.name, right.value
    return None


def text_in(value: Any) -> str | None:
    """A constant as it stands in the template, for its place; None when it can be written in several ways."""
    return value if isinstance(value, str) and value else as_written(value) if isinstance(value, (int, float)) else None
