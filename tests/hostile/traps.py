"""Recipes that mean harm: each a name, the bytes of its file, and a word of the answer that it must get.

Small ones stand as files in tests/hostile/recipes/, with that word behind `# expects:` on their first line. Those that
are large, or cannot be kept in a text file, are made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "recipes"
_EXPECTS = "# expects: "


@dataclass(frozen=True, slots=True)
class Trap:
    """One hostile recipe."""

    name: str
    data: bytes
    expects: str
    """A part of what is told about it."""


def every() -> list[Trap]:
    """All traps: those of the folder, then those that are made."""
    return [
        *_kept(),
        *(Trap(name, text.encode("utf-8", "surrogatepass"), words) for name, text, words in _made()),
        *_bytes(),
    ]


def _kept() -> Iterator[Trap]:
    for file in sorted(_FOLDER.glob("*.yaml")):
        data = file.read_bytes()
        first = data.split(b"\n", 1)[0].decode("utf-8")
        assert first.startswith(_EXPECTS), f"{file.name} does not say what it expects"
        yield Trap(file.stem, data, first.removeprefix(_EXPECTS).strip())


def recipe(prompt: str = "Warm light.", *, inputs: str = "", step: str = "", top: str = "") -> str:
    """A recipe that is right but for what is put into it; `prompt` is written as a quoted text."""
    quoted = prompt.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return (
        "recipe: 1\nmodel: flux-1-kontext-dev\nseed: 1\n"
        f"{top}inputs:\n  photo: {{type: image, default: photo.jpg}}\n{inputs}"
        f'steps:\n  - name: warm\n    prompt: "{quoted}"\n{step}'
    )


def _made() -> Iterator[tuple[str, str, str]]:
    yield from _yaml()
    yield from _templates()
    yield from _conditions()
    yield from _sizes()


def _yaml() -> Iterator[tuple[str, str, str]]:
    """What YAML readers choke on."""
    yield "brackets-200000", "[" * 200_000, "nested deeper"
    yield "braces-200000", "{" * 200_000, "brace"
    yield "brackets-in-a-prompt", f"recipe: 1\nsteps: {'[' * 100_000}", "nested deeper"
    yield "dashes-200000", "- " * 200_000, "nested deeper"
    yield "questions-200000", "? " * 200_000, "key"
    yield "lists-100001", f"recipe: 1\nsteps: [{'[],' * 100_001}]", "more than 100000"
    yield "numbers-300000", f"recipe: 1\nsteps: [{'1,' * 300_000}]", "more than 100000"
    yield "keys-90000", "recipe: 1\n" + "".join(f"k{at}: 1\n" for at in range(45_000)), "unknown key"
    yield "same-key-90000", "recipe: 1\n" + "k: 1\n" * 45_000, "twice"
    yield "huge-key", f"recipe: 1\n{'k' * 900_000}: 1\n", ":2:"
    yield "huge-keys", "recipe: 1\n" + "".join(f"{'k' * 900}{at}: 1\n" for at in range(900)), "unknown key"
    yield "quoted-huge-key", f'recipe: 1\n"{"k" * 900_000}": 1\n', ":2:"
    yield "huge-value", f"recipe: 1\nmodel: {'k' * 900_000}\nsteps: []\n", "model"
    yield "huge-number", f"recipe: {'9' * 900_000}\nsteps: []\n", "recipe"
    yield "huge-comment-line", "recipe: 1 #" + "x" * 900_000 + "\n", "#"
    yield "blanks-1-mb", "recipe: 1\nmodel:" + " " * 900_000 + "x\nsteps: []\n", "model"
    yield "blanks-then-hash", ("a " + " " * 900_000 + "b") + "\n", "recipe"
    yield "hashes", "recipe: 1\nmodel: x" + " #a" * 300_000 + "\nsteps: []\n", "#"
    yield "quotes-1-mb", "recipe: 1\nmodel: " + '""' * 450_000 + "\n", "does not fit"
    yield "open-quotes", "recipe: 1\nmodel: x: " + '"' * 900_001 + "\n", "quot"
    yield "apostrophes", "recipe: 1\nmodel: x: " + "'" * 900_001 + "\n", ":"
    yield "backslashes", 'recipe: 1\nmodel: "' + "\\\\" * 450_000 + '" x\n', "does not fit"
    yield "open-backslashes", 'recipe: 1\nmodel: x: "' + "\\\\" * 450_000 + "\n", ":"
    yield "escapes", 'recipe: 1\nmodel: "' + "\\x41" * 220_000 + '"\nsteps: []\n', "model"
    yield "dashes-and-quotes", "- " * 20 + "'" + "a" * 900_000, "quotation mark"
    yield "dashes-in-a-line", "recipe: 1\nx: y: " + "- " * 400_000 + "'a' b\n", ":"
    yield "colons", "recipe: 1\nx" + ": a" * 300_000 + "\n", "colon"
    yield "lines-500000", "recipe: 1" + "\n" * 900_000 + "x: [", ":"
    yield "tabs-1-mb", "\t" * 900_000, "tab"
    yield "tabs-on-each-line", "\t\n" * 450_000, "tab"
    yield "hidden-on-each-line", "\u202e\n" * 200_000, "writing direction"
    yield "two-mb", "recipe: 1\n# " + "x" * 2_000_000, "larger than"
    yield "documents-200000", "---\n" * 200_000, "second recipe"
    yield "directives", "%YAML 1.1\n" * 50_000, ":"
    yield "anchors-50000", "recipe: 1\nsteps: [" + ",".join(f"&a{at} x" for at in range(40_000)) + "]", "block"
    yield "anchors-in-anchors", "recipe: 1\nsteps: " + "".join(f"&a{at} [" for at in range(60)) + "1," * 90_000, ":"
    yield "long-anchor", f"recipe: 1\nsteps: [&{'a' * 400_000} x, *{'a' * 400_000}]", "block"
    yield "aliases-20-levels", _aliases(20), "repeated"
    yield "aliases-flat", "a: &a [" + "x," * 900 + "]\nb: [" + "*a," * 1000 + "]\n", "repeated"
    yield "long-tag", f"recipe: !{'x' * 900_000} 1\n", "tag"
    yield "block-1-mb", "recipe: 1\nmodel: |\n" + "  x\n" * 200_000 + "steps: []\n", "model"
    yield "folded-1-mb", "recipe: 1\nmodel: >\n" + "  x\n" * 200_000 + "steps: []\n", "model"
    yield "plain-over-lines", "recipe: 1\nmodel: a\n" + "  x\n" * 200_000 + "steps: []\n", "model"
    yield "byte-order-marks", "\ufeff" * 100_000 + "recipe: 1\n", "seen (U+FEFF)"
    yield "mistake-below-10000-steps", "recipe: 1\nsteps:\n" + "  - {}\n" * 10_000 + "   x\n", "does not fit"
    yield "tabs-in-long-lines", "recipe: 1\n" + f"k: '{'a' * 900}\t{'a' * 900}\t'\n" * 150, "a tab stands here"
    yield "braces-without-colons", f"recipe: {{{'a, ' * 150_000}}}\n", "a colon is missing after `a`"
    yield "colons-without-space", f"recipe: {{{'a:b, ' * 150_000}}}\n", "a space is missing"
    yield "keys-in-one-line", f"recipe: {{{', '.join(f'k{at}: 1' for at in range(20_000))}}}\n", "recipe"
    yield "hidden-in-one-line", f"recipe: {{k: a\u00a0b, {', '.join(f'k{at}: 1' for at in range(20_000))}}}\n", "space"
    yield "one-key-in-one-line", f"recipe: {{{'k: 1, ' * 45_000}}}\n", "twice"
    yield "lone-surrogate", 'recipe: 1\nmodel: "\\ud800"\nsteps: []\n', ":"
    yield "combining-marks", "recipe: 1\nmodel: e" + "\u0301" * 400_000 + "\nsteps: []\n", "model"
    yield "wide-letters", "recipe: 1\nmodel: " + "漢" * 300_000 + "\nsteps: []\n", "model"


def _aliases(levels: int) -> str:
    """Ten times as many values with each level."""
    return 'a0: &a0 ["x"]\n' + "".join(f"a{at}: &a{at} [{','.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, levels))


def _templates() -> Iterator[tuple[str, str, str]]:
    """What templates could be made to do, where they run or where they are only compiled."""
    yield "huge-integer", recipe("{{ " + "9" * 10_000 + " }}"), "numbers in a template"
    yield "multiplied-without-end", recipe("{{ " + " * ".join(["1000000"] * 35) + " }}"), "numbers in a template"
    yield "shifted", recipe("{{ 1 << 99999 }}"), ":"
    yield (
        "replace-blow-up",
        recipe("{{ x | replace('a', x) | replace('a', x) | replace('a', x) }}", inputs=_text("a" * 900)),
        "longer than",
    )
    yield "replace-nothing", recipe("{{ x | replace('', x) | replace('', x) }}", inputs=_text("a" * 900)), "longer than"
    yield "join-blow-up", recipe("{{ [x, x, x] | join(x * 99) }}", inputs=_text("a" * 900)), "calculate with numbers"
    yield "concatenated", recipe("{{ " + " ~ ".join(["x"] * 35) + " }}", inputs=_text("a" * 9_000)), "longer than"
    yield "repeated-parts", recipe("{{ x }}" * 900, inputs=_text("a" * 900)), "longer than"
    yield "braces-100000", recipe("{{" * 100_000), "longer than"
    yield "braces-9000", recipe("{{" * 9_000), "nested too deeply"
    yield "tags-9000", recipe("{% if " * 3_000), ":"
    yield "comments-9000", recipe("{#" * 9_000), ":"
    yield "blanks-in-braces", recipe("{{" + " " * 19_000 + "x"), ":"
    yield "blanks-around-equals", recipe("{% if a" + " " * 19_000 + "b %}", inputs=_text("a")), ":"
    yield "parentheses", recipe("{{ " + "(" * 9_000 + "1" + ")" * 9_000 + " }}"), "nested too deeply"
    yield "lists-in-lists", recipe("{{ " + "[" * 9_000 + "]" * 9_000 + " }}"), "nested too deeply"
    yield "nots", recipe("{{ " + "not " * 4_900 + "true }}"), "nested too deeply"
    yield "minus-signs", recipe("{{ " + "- " * 9_000 + "1 }}"), "nested too deeply"
    yield "sum-of-9000", recipe("{{ " + "+".join(["1"] * 9_000) + " }}"), "nested too deeply"
    yield "filters-in-a-row", recipe("{{ 'a'" + "|upper" * 3_000 + " }}"), "nested too deeply"
    yield "ifs-in-ifs", recipe("{% if true %}" * 700 + "{% endif %}" * 700), "nested too deeply"
    yield "elifs", recipe("{% if false %}" + "{% elif false %}" * 1_100 + "{% endif %}"), ":"
    yield "wide-comparison", recipe("{{ 1 " + "< 1 " * 4_500 + "}}"), ":"
    yield "long-list", recipe("{{ [" + "1," * 9_000 + "] | length }}"), "parts"
    yield "long-string-in-quotes", recipe("{{ '" + "\\\\" * 4_900 + " }}"), ":"
    yield "quotes-in-braces", recipe("{{ " + "'" * 19_001 + " }}"), ":"
    yield "raw-blocks", recipe("{% raw %}" * 2_000), ":"
    yield "long-name", recipe("{{ " + "n" * 19_000 + " }}", inputs=_text("a")), "no input"
    yield "unknown-filters", recipe("".join(f"{{{{ x|a{at} }}}}" for at in range(900)), inputs=_text("a")), "no filter"
    options = "  x: {type: choice, default: o1, options: [" + ",".join(f"o{at}" for at in range(30_000)) + "]}\n"
    compared = "".join(f"{{{{ x == 'z{at}' }}}}" for at in range(300))
    yield "compared-with-no-option", recipe(compared, inputs=options), "not one of the choices"
    yield "templates-many", _many_templates("{{ x }}" * 800), "longer than"
    yield "lists-many", _many_templates("{{ [" + "1," * 9_000 + "] }}"), "parts"
    yield (
        "conditions-many",
        recipe(
            step="".join(f"  - {{name: s{at}, resize: {{width: 50%}}, when: {'not ' * 30}x}}\n" for at in range(2_000)),
            inputs=_text("a"),
        ),
        "longer than",
    )
    yield (
        "ten-templates-at-their-limit",
        recipe(
            step="".join(f'  - name: s{at}\n    prompt: "{"{{ x }}" * 900}"\n' for at in range(60)),
            inputs=_text("a" * 900),
        ),
        "longer than",
    )


def _many_templates(text: str) -> str:
    """Many long templates, all different."""
    names = "".join(f'  - name: s{at}\n    prompt: "{{{{ x }}}}{at}{text}"\n' for at in range(300_000 // len(text)))
    return recipe(step=names, inputs=_text("a"))


def _text(value: str) -> str:
    return f"  x: {{type: text, default: {value}}}\n"


def _conditions() -> Iterator[tuple[str, str, str]]:
    """The same in `when:`, and in defaults."""

    def when(condition: str) -> str:
        quoted = condition.replace('"', '\\"')
        return recipe(step=f'    when: "{quoted}"\n', inputs=_text("a"))

    yield "when-parentheses", when("(" * 9_000), ":"
    yield "when-equals", when("x = " * 4_500), ":"
    yield "when-blanks", when("x" + " " * 19_000 + "y"), ":"
    yield "when-quotes", when("x = '" + "\\\\" * 4_500), ":"
    yield "when-or-9000", when(" or ".join(["x"] * 3_000)), "nested too deeply"
    yield "when-900-kb", when("x" * 900_000), "longer than"
    yield (
        "template-in-a-default",
        recipe("{{ x }}", inputs='  x: {type: text, default: "{{ x }}", max_length: 2}\n'),
        "does not suit",
    )


def _sizes() -> Iterator[tuple[str, str, str]]:
    """Numbers and counts without end."""
    steps = "".join(f"  - name: s{at}\n    prompt: x\n" for at in range(3_000))
    yield "steps-3000-and-a-mistake", recipe(step=steps + "  - name: last\n    promt: x\n"), "did you mean `prompt`"
    yield "steps-without-names", "recipe: 1\nsteps: [" + "{}," * 30_000 + "]", "name"
    yield "steps-with-one-name", recipe(step="  - name: s\n    prompt: x\n" * 5_000), "two steps"
    edges = "".join(
        f"  - name: s{at}\n    prompt: x\n    from: [{','.join(f's{b}' for b in range(at))}]\n" for at in range(300)
    )
    yield "edges-to-all-above", recipe(step=edges), ":"
    unknown = "".join(f"  - name: s{at}\n    prompt: x\n    from: zz{at}\n" for at in range(3_000))
    yield "unknown-sources", recipe(step=unknown), "no step or image input"
    names = "".join(f"  n{at}: {{type: text, default: x}}\n" for at in range(3_000))
    yield "unknown-names-among-many", recipe("".join(f"{{{{ m{at} }}}}" for at in range(400)), inputs=names), "no input"
    yield "seed-huge", recipe(step="    seed: 99999999999999999\n"), ":"
    yield "budget-huge", recipe(top=f"budget: {'9' * 100_000} USD\n"), "sum"
    yield (
        "max-length-huge",
        recipe("{{ x }}", inputs=f"  x: {{type: text, max_length: 1, default: {'a' * 400_000}}}\n"),
        "at most",
    )
    yield (
        "options-many",
        recipe(
            "{{ x }}",
            inputs="  x: {type: choice, options: [" + ",".join(f"o{at}" for at in range(30_000)) + "], default: zz}\n",
        ),
        "not one of the options",
    )
    yield (
        "options-same",
        recipe("{{ x }}", inputs="  x: {type: choice, options: [" + "o," * 5_000 + "], default: o}\n"),
        ":",
    )
    yield (
        "options-blocks",
        recipe("{{ x }}", inputs="  x: {type: choice, options: [" + "[a]," * 5_000 + "], default: o}\n"),
        ":",
    )
    yield (
        "options-many-blocks",
        recipe(
            "{{ x }}",
            inputs="  x: {type: choice, options: [" + ",".join(f"{{a: {at}}}" for at in range(15_000)) + "]}\n",
        ),
        "options",
    )
    yield "default-1e999", recipe("{{ x }}", inputs="  x: {type: number, default: 1e999}\n"), ":"
    yield "resize-e18", recipe(step="  - name: big\n    resize: {width: 1000000000000000000, height: 1}\n"), ":"
    yield "resize-percent", recipe(step=f"  - name: big\n    resize: {{width: {'9' * 5_000}%, height: 1}}\n"), ":"
    yield "pad-huge", recipe(step="  - name: big\n    pad: {margin: 999999999}\n"), ":"
    yield "crop-aspect", recipe(step=f"  - name: big\n    crop: {{aspect: {'9' * 5_000}:1}}\n"), ":"
    yield "text-size", recipe(step="  - name: big\n    text: {text: x, size: 999999999}\n"), ":"
    yield "color-1-mb", recipe(step=f"  - name: big\n    pad: {{margin: 1, background: {'f' * 400_000}}}\n"), ":"
    yield "size-1-mb", recipe(step=f"    settings: {{size: {'1' * 400_000}*1}}\n"), ":"
    yield "settings-many", recipe(step="    settings: {" + ",".join(f"k{at}: 1" for at in range(20_000)) + "}\n"), "k0"
    yield "step-name-long", recipe(step=f"  - name: {'n' * 400_000}\n    prompt: x\n"), "name"
    yield "input-name-long", recipe(inputs=f"  {'n' * 400_000}: {{type: text, default: x}}\n"), "name"


def _bytes() -> Iterator[Trap]:
    """Files that are no text."""
    yield Trap("nul-bytes", b"\0" * 900_000, "NUL")
    yield Trap("not-utf-8", b"recipe: 1\nmodel: \xff\xfe\xfd\n", "UTF-8")
    yield Trap("overlong-utf-8", b"recipe: 1\nmodel: \xc0\xaf\n", "UTF-8")
    yield Trap("utf-16", "recipe: 1\nsteps: []\n".encode("utf-16"), "UTF-8")
    yield Trap("utf-32", "recipe: 1\nsteps: []\n".encode("utf-32"), "UTF-8")
    yield Trap("picture", b"\x89PNG\r\n\x1a\n" + b"\xff" * 900_000, "is a picture")
    yield Trap("empty", b"", "no recipe")
    yield Trap("one-line-of-1-mb", b"x" * 999_000, "no recipe")
