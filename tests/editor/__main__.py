"""The recipe's schema in a real editor's language server: `python -m tests.editor FOLDER`, run by `.ci/editor`.

FOLDER is where npm has installed `yaml-language-server`. The suite needs no node; this check does, so it stands apart.
Exit code 0 when every check passes, else 1, with one line for each that does not.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runner import schema_files
from runner.operations import OPERATIONS
from runner.schemagen.recipe_schema import recipe_schema
from tests.editor.client import Editor, ServerSilent
from tests.editor.expectations import HOVERS, MADE_UP, MADE_UP_TOO, MARKS, OFFERS, SEEN, TOP, Hover, Offer

ROOT = Path(__file__).resolve().parents[2]
SERVER = Path("node_modules", "yaml-language-server")
INVALID = ROOT / "tests" / "recipes" / "invalid"


def main() -> int:
    """Run all checks and tell how they went."""
    home = Path(sys.argv[1]) / SERVER
    version = json.loads((home / "package.json").read_text(encoding="utf-8"))["version"]
    command = ["node", str(home / "bin" / "yaml-language-server"), "--stdio"]
    with tempfile.TemporaryDirectory() as folder:
        schema = Path(folder) / "recipe.schema.json"
        schema.write_text(json.dumps(_with_made_up_models()), encoding="utf-8")
        settings = {
            "validate": True,
            "completion": True,
            "hover": True,
            "schemaStore": {"enable": False},
            "schemas": {
                (ROOT / "schemas" / "recipe.schema.json").as_uri(): ["**/tests/recipes/**"],
                schema.as_uri(): ["**/typed/**"],
            },
        }
        try:
            with Editor(command, ROOT, settings) as editor:
                told = list(Session(editor).complaints())
        except ServerSilent as error:
            sys.stdout.write(f"editor check: FAILED ({error})\n")
            return 1
    wrong = [each for each in told if each]
    for each in wrong:
        sys.stdout.write(f"{each}\n")
    if wrong:
        sys.stdout.write(f"editor check: FAILED ({len(wrong)} of {len(told)} checks)\n")
        return 1
    sys.stdout.write(f"editor check: passed ({len(told)} checks, yaml-language-server {version})\n")
    return 0


def _with_made_up_models() -> dict[str, Any]:
    models = {**schema_files.model_schemas(), "nested": MADE_UP, "nested-too": MADE_UP_TOO}
    return recipe_schema(models, {verb: each.PARAMS for verb, each in OPERATIONS.items()})


class Session:
    """All checks in one editor. A check gives a complaint, or an empty text when it passes."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._typed = 0

    def complaints(self) -> Iterator[str]:
        """The outcome of every check, in order."""
        for file in sorted([*(ROOT / "pipelines").glob("*.yaml"), *(INVALID.parent / "valid").glob("*.yaml")]):
            yield self._same(file.name, self._lines(file.as_uri(), file.read_text(encoding="utf-8")), [])
        for name in sorted(SEEN):
            yield self._same(
                f"{name}.yaml", self._lines((INVALID / f"{name}.yaml").as_uri(), _text(name)), _named(name)
            )
        yield from (self._same(each.claim, self._lines(self._place(), each.text), each.lines) for each in MARKS)
        yield from map(self._offered, OFFERS)
        yield from map(self._hovered, HOVERS)
        yield from self._modeline()

    def _modeline(self) -> Iterator[str]:
        """The first line of a recipe names its schema, by a path from the recipe's own folder."""
        line = "# yaml-language-server: $schema={}/recipe.schema.json\n"
        for folder, path in (
            ("pipelines", "../schemas"),
            ("pipelines/shop/autumn", "../../../schemas"),
            (".", "schemas"),
        ):
            uri = (ROOT / folder / "typed-just-now.yaml").as_uri()
            text = line.format(path) + TOP + "steps:\n  - {name: a, promt: x}\n"
            yield self._same(f"a schema named by {path}", self._lines(uri, text)[-1:], [7])

    def _same(self, claim: str, found: list[int], expected: list[int]) -> str:
        return "" if found == expected else f"{claim}: problems on lines {found}, expected on {expected}"

    def _lines(self, uri: str, text: str) -> list[int]:
        """The lines, from 1, on which problems are shown."""
        found = self._editor.open(uri, text)
        self._editor.close(uri)
        return sorted({each["range"]["start"]["line"] + 1 for each in found})

    def _offered(self, each: Offer) -> str:
        uri, line, character = self._type(each.text)
        labels = [item["label"].strip('"') for item in self._editor.completion(uri, line, character)]
        self._editor.close(uri)
        wrong = {
            "lacks": sorted(each.has - {*labels}),
            "offers": sorted(each.lacks & {*labels}),
            "offers twice": sorted(label for label in each.has if labels.count(label) > 1),
        }
        told = ", ".join(f"{what} {which}" for what, which in wrong.items() if which)
        return f"completion of {each.claim}: {told}" if told else ""

    def _hovered(self, each: Hover) -> str:
        uri, line, character = self._type(each.text)
        told = self._editor.hover(uri, line, character)
        self._editor.close(uri)
        missing = [words for words in each.says if words not in told]
        return f"hover over {each.claim}: {missing} not in {told!r}" if missing else ""

    def _type(self, text: str) -> tuple[str, int, int]:
        """Open a text; its address and the place of the cursor in it, from 0."""
        before, after = text.split("¦")
        uri = self._place()
        self._editor.open(uri, before + after)
        return uri, before.count("\n"), len(before) - before.rfind("\n") - 1

    def _place(self) -> str:
        self._typed += 1
        return (ROOT / "typed" / f"{self._typed}.yaml").as_uri()


def _text(name: str) -> str:
    return (INVALID / f"{name}.yaml").read_text(encoding="utf-8")


def _named(name: str) -> list[int]:
    """The lines that `retouch validate` names for a file of tests/recipes/invalid."""
    told = (INVALID / f"{name}.txt").read_text(encoding="utf-8")
    return sorted({int(line) for line in re.findall(rf"^{re.escape(name)}\.yaml:(\d+):", told, re.MULTILINE)})


if __name__ == "__main__":
    sys.exit(main())
