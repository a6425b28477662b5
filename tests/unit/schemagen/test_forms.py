"""Pages in every form, each beside what must be read from it; adding a pair to `tests/pages/forms` adds a test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner.schemagen.page import read_page
from runner.schemagen.schema import request_schema
from runner.validation.schemas import schema_problem

FORMS = Path(__file__).resolve().parents[2] / "pages" / "forms"
PAGES = sorted(FORMS.glob("*.md"))


def read(page: Path) -> dict[str, object]:
    """What the reader makes of a page, without what every schema has."""
    schema, warnings = request_schema(read_page(page.read_text(encoding="utf-8"), page.name), read="", wording={})
    origin = {key: each for key, each in schema["x-retouch"].items() if key not in {"digest", "read", "source"}}
    return {
        "x-retouch": origin,
        "properties": schema["properties"],
        "required": schema.get("required", []),
        "warnings": [each for each in warnings if not each.startswith("no wording")],
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_gives_what_stands_beside_it(page: Path) -> None:
    """Names, types, requirements, defaults, bounds, choices, endpoint, answer and warnings: no more, no less."""
    assert read(page) == json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))


def test_every_page_has_its_answer_and_every_answer_its_page() -> None:
    """A lost file would be a lost test."""
    assert {page.stem for page in PAGES} == {file.stem for file in FORMS.glob("*.json")}
    assert len(PAGES) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_keyword_the_reader_writes_is_let_in_again(page: Path) -> None:
    """A workspace's schemas are checked when they are read: none that `schemas add` wrote may be refused there."""
    schema, _ = request_schema(read_page(page.read_text(encoding="utf-8"), page.name), read="2026-11-21", wording={})
    assert schema_problem(schema) is None
