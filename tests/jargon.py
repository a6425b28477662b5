"""Words that no author needs to know: they may stand in no message, unless the recipe itself has them."""

from __future__ import annotations

import re

JARGON = (
    "mapping|mappings|scalar|scalars|sequence|sequences|token|tokens|parser|parse|parsed|schema|jsonschema|property|"
    "properties|additional|instance|NoneType|str|int|dict|tuple|object|objects|array|arrays|enum|regex|regexp|"
    "regular expression|pattern|null|nan|jinja|jinja2|undefined|anchor(?!:)|anchors|alias|aliases|tag|tags|node|nodes|"
    "document|stream|flow|literal|escape|unicode|ascii|byte|bytes|hexadecimal|boolean value|float|iterable|syntax|"
    "exception|traceback|error|validator|yaml|json|python|indentation|indent|whitespace|delimiter|argument|parameter|"
    "parameters|variable|variables|expression|statement|function|macro|assignment|compile|runtime"
)
_WORDS = re.compile(rf"\b(?:{JARGON})\b", re.IGNORECASE)


def jargon_in(message: str) -> list[str]:
    """The words of a message that an author would not know. Quoted lines and what stands in backticks are not ours."""
    ours = [line for line in message.splitlines() if not re.match(r"\s+[0-9 ]+\| ", line)]
    text = re.sub(r"`[^`]*`|\S+\.yaml\b", "", "\n".join(re.sub(r"^\S+:[0-9]+:[0-9]+: ", "", line) for line in ours))
    return _WORDS.findall(text)
