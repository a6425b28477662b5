"""What a template's parser complains of, in the words of an author."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from runner.validation import nearest, suggestion

TEMPLATE_FORM = "a template is {{ name }} or {{ name | filter }}, and {% if … %} … {% endif %}"
CONDITION_FORM = 'write it like: season == "winter"'

_CURLY_SINGLE = "‘’‚‛"
_CURLY = "“”„‟«»" + _CURLY_SINGLE
_STRANGE = {"&": "write `and`", "!": "write `not`", "?": 'write it like: "yes" if dark else "no"'}
_TAGS = ("if", "elif", "else", "endif")
_KINDS = {"integer": "a number", "float": "a number", "string": "a text"}
_QUOTED_OR_LONE = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\s*(?<![=!<>])=(?![=<>])\s*""", re.DOTALL)
_COMPARED_WITH_A_WORD = re.compile(
    r"(?<![=!<>])=(?![=<>])\s*(?P<word>[^\W\d][\w-]*(?: +(?!(?:and|or|if|else)\b)[\w-]+)*)"
    r"(?=\s*(?:\Z|\)|\b(?:and|or)\b))"
)
"""A lone `=` and the bare words behind it, up to the end of the comparison."""
_MEANS_ITSELF = frozenset({"true", "false", "none"})
_HALF = (
    "end of template", "Unexpected end", "Missing end of", "Expected an expression", "tag name expected",
    "unexpected '}'", "unexpected ')'", "unexpected 'end of", "got 'end of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One thing wrong in a template: on its line (from 1), at `word` where one word is to blame."""

    line: int
    word: str | None
    message: str
    hint: str | None = None
    instead: str | None = None
    """What was most likely meant in the place of `word`."""


def of_syntax(told: str, line: int, text: str, *, condition: bool, names: Collection[str] = ()) -> TemplateProblem:
    """The problem behind a parser's message. `text` is the template, or the condition as its author wrote it; `names`
    are the inputs."""
    if not condition and "{{{" in text:
        return TemplateProblem(line, "{{{", "three braces stand here", "write two: {{ name }}")
    form = CONDITION_FORM if condition else TEMPLATE_FORM
    return (
        _strange_character(told, line, text)
        or _foreign_sign(told, line, text, names, condition=condition)
        or _tag(told, line, text)
        or _half(told, line, text, form, condition=condition)
        or _out_of_place(told, line, text, form)
    )


def _strange_character(told: str, line: int, text: str) -> TemplateProblem | None:
    found = re.match(r"unexpected char (['\"])(.+)\1 at", told, re.DOTALL)
    if found is None:
        return None
    sign = found.group(2)
    if sign in _CURLY:
        straight = "'" if sign in _CURLY_SINGLE else '"'
        hint = 'use straight ones: "winter"'
        return TemplateProblem(line, sign, f"`{sign}` is not a quotation mark here", hint, straight)
    if sign in {"'", '"', "\\'"}:
        return TemplateProblem(line, sign[-1], "this quotation mark is never closed", "add the closing one")
    instead = {"&": "and", "!": "not"}.get(sign)
    if sign == "&" and "&&" in text:
        sign = "&&"
    return TemplateProblem(line, sign, f"`{sign}` means nothing here", _STRANGE.get(sign[0]), instead)


def _foreign_sign(
    told: str, line: int, text: str, names: Collection[str], *, condition: bool
) -> TemplateProblem | None:
    """Signs that other languages have."""
    at_fault = re.search(r"(?:got|unexpected) '([=|>])'", told)
    if at_fault is None:
        return None
    for sign, right in (("||", "or"), ("===", "=="), ("=<", "<="), ("=>", ">="), ("<>", "!=")):
        if sign in text and at_fault.group(1) in sign:
            return TemplateProblem(line, sign, f"`{sign}` means nothing here", f"write `{right}`", right)
    if at_fault.group(1) == "=":
        word, right, whole = _compared(text, names)
        hint = f"write `==`: {_doubled(whole)}" if condition else "write `==`"
        return TemplateProblem(line, word, "a single `=` compares nothing", hint, right)
    return None


def _compared(text: str, names: Collection[str]) -> tuple[str, str, str]:
    """The first lone `=` and what was meant, with the word behind it where that needs quotes; and the text with it."""
    found = _COMPARED_WITH_A_WORD.search(text)
    if found is None or found["word"] in names or found["word"].lower() in _MEANS_ITSELF:
        return "=", "==", text
    right = f'== "{found["word"]}"'
    return found.group(), right, text[: found.start()] + right + text[found.end() :]


def _doubled(condition: str) -> str:
    """The condition with every lone `=` outside of quotes doubled."""
    return _QUOTED_OR_LONE.sub(lambda found: found.group(1) or " == ", condition)


def _tag(told: str, line: int, text: str) -> TemplateProblem | None:
    if "got 'if'" in told and re.search(r"\{%[-+]?\s*else\s+if\b", text):
        return TemplateProblem(line, "else if", "`else if` is one word in a template", "write `elif`", "elif")
    found = re.match(r"Encountered unknown tag '(.*?)'", told)
    if found is None:
        return None
    name = found.group(1)
    if name in _TAGS:
        return TemplateProblem(line, name, f"`{name}` stands here without its `if`", TEMPLATE_FORM)
    right = "elif" if name in {"elseif", "elsif"} else nearest(name, _TAGS)
    hint = "write `elif`" if right == "elif" else suggestion(name, _TAGS)
    return TemplateProblem(line, name, f"a template knows no `{name}`", hint, right)


def _half(told: str, line: int, text: str, form: str, *, condition: bool) -> TemplateProblem | None:
    single = re.search(r"\{\{[^{}]*\}(?!\})", text)
    if single and not condition:
        word = single.group()
        return TemplateProblem(line, word, "a closing brace is missing", "write two: {{ name }}", word + "}")
    brackets = "expected ']'" in told or "expected ')'" in told
    if not brackets and not any(words in told for words in _HALF):
        return None
    if condition:
        return TemplateProblem(line, None, "this condition is not complete: a value or a bracket is missing", form)
    return TemplateProblem(line, None, "this template is not complete: a brace, `endif` or value is missing", form)


def _out_of_place(told: str, line: int, text: str, form: str) -> TemplateProblem:
    found = re.search(r"(?:got|unexpected) '(.+?)'", told)
    if found is None:
        return TemplateProblem(line, None, "this cannot be read", form)
    word = found.group(1)
    if word in _KINDS and not re.search(rf"\b{word}\b", text):
        return TemplateProblem(line, None, f"{_KINDS[word]} stands where nothing is expected", form)
    hint = "texts stand in quotes, the name of an input is one word, and `~` joins two of them"
    return TemplateProblem(line, word, f"`{word}` stands where nothing is expected", hint if word.isalnum() else form)
