"""Alternatives under one parameter are one object that may be any of them: nothing is said that not all of them say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.schemagen.page import read_page
from runner.schemagen.schema import request_schema

U = "https://docs.example/api-reference/model-apis-mix"
IN_DOUBT = "what is in doubt may belong to the request itself, which takes any other parameter too"


def schema_of(text: str) -> tuple[dict[str, Any], list[str]]:
    """Schema and warnings of a page, without those about wording."""
    schema, warnings = request_schema(read_page(text, "page.md"), read="2026-01-01", wording={})
    return schema, [each for each in warnings if not each.startswith("no wording")]


def field(name: str, kind: str = "string", inside: str = "", marks: str = "") -> str:
    """One parameter of a source page; `inside` is prose, tabs or further parameters."""
    return f'<ParamField body="{name}" type="{kind}" {marks}>\n{inside}\n</ParamField>\n'


def needed(name: str, kind: str = "string", inside: str = "") -> str:
    """One that must be given."""
    return field(name, kind, inside, "required={true}")


def tabs(*each: str) -> str:
    """Alternatives of a source page."""
    return "<Tabs>" + "".join(f'<Tab title="{number}">\n{one}</Tab>\n' for number, one in enumerate(each)) + "</Tabs>"


def listed(*fields: str) -> str:
    """The properties of an object of a source page."""
    return '<Expandable title="properties">\n' + "".join(fields) + "</Expandable>"


def part(*each: str) -> tuple[dict[str, Any], list[str]]:
    """What is read of an object with these alternatives, and the warnings but the two that each such page gives."""
    schema, warnings = schema_of(field("part", "object", tabs(*each)))
    assert warnings[0].startswith("`part`: the page lists alternatives under it; they are read as one")
    assert warnings[-1] == IN_DOUBT
    found: dict[str, Any] = schema["properties"]["part"]
    assert "additionalProperties" not in found
    return found, warnings[1:-1]


def crawled(body: str, sample: Any) -> str:
    """A crawled page with its sample."""
    shown = json.dumps(sample, indent=2)
    call = f"curl --request POST \\\n  --url https://api.example/v3/mix \\\n  --data '\n{shown}\n'"
    return f"Mix\n\n```\n{call}\n```\n\n## [\u200b]({U}\\#body)  Request Body\n\n{body}Was this page helpful?\n"


def entry(name: str, kind: str = "string", *lines: str) -> str:
    """One parameter as a crawler leaves it."""
    return "\n\n".join([f"[\u200b]({U}#param-{name})", name, kind, *lines]) + "\n\n"


ONE_TO_NINE = {"minimum": 1, "maximum": 9}
PROPERTIES = "Show properties"
TEXT = "<string>"


def test_names_are_united_and_only_those_in_every_alternative_may_be_demanded() -> None:
    """Each tab is numbered, so one that lacks a name is seen, also where two others have it."""
    found, warnings = part(
        needed("kind") + needed("words") + needed("name"), needed("kind") + field("name"), needed("kind")
    )
    assert list(found["properties"]) == ["kind", "words", "name"]
    assert found["required"] == ["kind"]
    assert warnings == []


def test_a_tab_that_lists_nothing_demands_nothing_and_frees_nothing() -> None:
    """The first way is a plain text; of the other two, both need a kind."""
    found, _ = part("A text alone.\n", needed("kind"), needed("kind"))
    assert found["required"] == ["kind"]


def test_what_stands_beside_the_tabs_belongs_to_each_of_them() -> None:
    """It is needed whatever tab is chosen."""
    schema, _ = schema_of(field("part", "object", needed("kind") + tabs(needed("a"), needed("b"))))
    assert schema["properties"]["part"]["required"] == ["kind"]


def test_tabs_inside_a_tab_are_alternatives_of_their_own() -> None:
    """What both inner ones need is not needed where an outer one is chosen instead."""
    found, _ = part(needed("a") + tabs(needed("deep"), needed("deep")), needed("a"))
    assert list(found["properties"]) == ["a", "deep"]
    assert "required" not in found, "the inner tabs are not known to need what the outer one names"


def test_tabs_of_one_property_do_not_count_for_what_it_stands_in() -> None:
    """The object in the tab has properties of its own, each of which it needs."""
    found, _ = part(needed("box", "object", listed(needed("size", "integer"))), needed("other"))
    assert found["properties"]["box"]["required"] == ["size"]
    assert "required" not in found


@pytest.mark.parametrize(
    ("kind", "first", "second", "read"),
    [
        ("integer", "Default: 3. Range: [1, 9]", "Default: 3. Range: [1, 9]", {"default": 3} | ONE_TO_NINE),
        ("integer", "Default: 3. Range: [1, 9]", "Default: 4. Range: [1, 8]", {"minimum": 1}),
        ("number", "Range: `0 < x <= 2`", "Range: `0 <= x <= 2`", {"maximum": 2}),
        ("string", "Enum: `a`, `b`", "Enum: `a`, `b`", {"enum": ["a", "b"]}),
        ("string", "Enum: `a`, `b`", "Enum: `a`, `c`", {}),
        ("string", "Enum: `a`, `b`", "Any of them.", {}),
        ("string", "Length: 1-20 characters.", "Length: 1-30 characters.", {"minLength": 1}),
        ("string", "Deprecated.", "Deprecated.", {"deprecated": True}),
        ("string", "Deprecated.", "Still here.", {}),
    ],
)
def test_a_name_keeps_the_facts_on_which_all_agree(kind: str, first: str, second: str, read: dict[str, Any]) -> None:
    """What one says and another does not, or says otherwise, is not set."""
    found, warnings = part(field("value", kind, first), field("value", kind, second))
    assert found["properties"]["value"] == {"type": kind} | read
    assert warnings == []


def test_true_is_not_one() -> None:
    """Two defaults that a computer may hold for the same value are still two."""
    found, _ = part(
        field("value", "boolean | integer", "Default: true"), field("value", "boolean | integer", "Default: 1")
    )
    assert found["properties"]["value"] == {"type": ["boolean", "integer"]}


def test_where_types_differ_any_value_passes_and_nothing_is_said_of_it() -> None:
    """Neither default nor properties: they may hold for one type only."""
    inside = listed(needed("url"))
    found, warnings = part(needed("value", "object", inside), needed("value", "object[]", inside))
    assert found["properties"]["value"] == {}
    assert found["required"] == ["value"]
    assert warnings == ["`value`: its type is not the same wherever it stands; any value passes"]


def test_objects_of_the_same_name_are_united_in_turn() -> None:
    """A property of one of them is no property that the other one needs; not even where that one lists none."""
    one, two = (needed("url") + field("form", "string", "Default: `a`")), (needed("url") + field("form", "integer"))
    found, warnings = part(needed("source", "object", listed(one)), needed("source", "object", listed(two)))
    assert found["properties"]["source"] == {
        "type": "object",
        "properties": {"url": {"type": "string"}, "form": {}},
        "required": ["url"],
    }
    assert warnings == ["`form`: its type is not the same wherever it stands; any value passes"]
    found, _ = part(needed("source", "object", listed(one)), needed("source", "object"))
    assert "required" not in found["properties"]["source"]


def test_a_doubt_that_every_alternative_raises_is_told_once() -> None:
    """The same words twice are no second doubt."""
    _, warnings = part(field("value", "whole"), field("value", "whole"))
    assert warnings == ["`value`: the type `whole` is not understood; any value passes"]


def test_a_text_with_properties_may_be_any_value() -> None:
    """The page contradicts itself: an object would be refused as no text, a text does not have properties."""
    schema, warnings = schema_of(needed("image", "string", listed(needed("url"))))
    assert "type" not in schema["properties"]["image"]
    assert schema["properties"]["image"]["required"] == ["url"]
    assert warnings == ["`image`: its type `string` contradicts the properties under it; any value passes"]


def test_alternatives_of_the_request_itself() -> None:
    """Tabs around whole requests: the same rules, and the request stays open."""
    schema, warnings = schema_of(tabs(needed("prompt") + needed("image"), needed("prompt")) + needed("seed", "integer"))
    assert list(schema["properties"]) == ["prompt", "image", "seed"]
    assert schema["required"] == ["prompt", "seed"]
    assert "additionalProperties" not in schema
    assert warnings[0].startswith("the page lists alternatives of its parameters; they are read as one")
    assert warnings[1:] == [IN_DOUBT]


def test_a_single_tab_around_the_request_is_no_alternative() -> None:
    """There is nothing to choose from."""
    schema, warnings = schema_of(tabs(needed("prompt"), "Code of some kind.\n"))
    assert schema["required"] == ["prompt"]
    assert schema["additionalProperties"] is False
    assert warnings == []


def test_a_name_that_stands_twice_keeps_what_both_say() -> None:
    """Nobody knows which of the two is right."""
    schema, warnings = schema_of(needed("seed", "integer", "Range: [1, 9]") + field("seed", "integer", "Range: [1, 8]"))
    assert schema["properties"] == {"seed": {"type": "integer", "minimum": 1}}
    assert "required" not in schema
    assert warnings == ["`seed` stands twice on the page; only what both say of it is read"]


def test_an_object_that_stands_twice_takes_more_than_either_lists() -> None:
    """Both lists are true of it, and neither is whole."""
    schema, _ = schema_of(field("box", "object", listed(needed("a"))) + field("box", "object", listed(needed("b"))))
    assert schema["properties"]["box"] == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
    }


def test_crawled_alternatives_are_told_by_a_name_that_comes_again() -> None:
    """What the sample does not show is left out. Nothing is demanded: a further alternative may lack any name."""
    body = entry("part", "object", PROPERTIES) + entry("kind", "string", "required") + entry("a", "string", "required")
    body += entry("kind", "string", "required") + entry("stray") + entry("b", "string", "required") + entry("prompt")
    schema, warnings = schema_of(crawled(body, {"part": {"kind": TEXT, "a": TEXT, "b": TEXT}, "prompt": TEXT}))
    assert list(schema["properties"]) == ["part", "prompt"]
    assert list(schema["properties"]["part"]["properties"]) == ["kind", "a", "b"]
    assert "required" not in schema["properties"]["part"]
    assert [each.split(":")[0] for each in warnings[:2]] == ["`stray`", "`part`"]


def test_an_alternative_goes_on_while_the_sample_shows_more_of_it() -> None:
    """The request has a `kind` of its own, and comes to it only when all properties above it are listed."""
    body = entry("part", "object", PROPERTIES) + entry("kind", "string", "required") + entry("a")
    body += entry("kind", "string", "required") + entry("b") + entry("kind", "string", "required")
    body += entry("prompt") + entry("kind", "integer")
    sample = {"part": {"kind": TEXT, "a": TEXT, "b": TEXT}, "prompt": TEXT, "kind": 1}
    schema, _ = schema_of(crawled(body, sample))
    assert list(schema["properties"]) == ["part", "prompt", "kind"]
    assert list(schema["properties"]["part"]["properties"]) == ["kind", "a", "b"]
    assert schema["properties"]["kind"] == {"type": "integer"}
    assert "required" not in schema


def test_an_alternative_goes_on_while_what_it_stands_in_does() -> None:
    """The object around it still waits for its `role`, so the request's `kind` cannot have come yet."""
    body = entry("outer", "object", PROPERTIES) + entry("part", "object", PROPERTIES)
    body += entry("kind") + entry("a") + entry("kind") + entry("b") + entry("kind")
    body += entry("role") + entry("kind", "integer")
    sample = {"outer": {"part": {"kind": TEXT, "a": TEXT, "b": TEXT}, "role": TEXT}, "kind": 1}
    schema, _ = schema_of(crawled(body, sample))
    assert list(schema["properties"]["outer"]["properties"]) == ["part", "role"]
    assert schema["properties"]["kind"] == {"type": "integer"}


def test_an_object_in_an_alternative_may_have_the_name_that_tells_them_apart() -> None:
    """What follows the mark of properties at once is one of them, though the name stands around it too."""
    body = entry("part", "object", PROPERTIES) + entry("kind", "string", "required")
    body += entry("image", "string", PROPERTIES) + entry("kind", "integer", "required") + entry("b")
    schema, _ = schema_of(crawled(body, {"part": {"kind": TEXT, "image": TEXT, "b": TEXT}}))
    part = schema["properties"]["part"]["properties"]
    assert part["kind"] == {"type": "string"}
    assert part["image"]["properties"] == {"kind": {"type": "integer"}}


def test_an_object_that_comes_again_without_properties_takes_none_of_its_neighbours() -> None:
    """Its sample is that of the first one, which has them all."""
    body = entry("part", "object", PROPERTIES) + entry("kind") + entry("box", "object", PROPERTIES) + entry("size")
    body += entry("kind") + entry("box", "object") + entry("size", "integer")
    schema, _ = schema_of(crawled(body, {"part": {"kind": TEXT, "box": {"size": TEXT}, "size": 1}}))
    part = schema["properties"]["part"]["properties"]
    assert part["box"]["properties"] == {"size": {"type": "string"}}
    assert part["size"] == {"type": "integer"}


def test_where_the_last_alternative_ends_in_doubt_nothing_is_invented() -> None:
    """The last `kind` but one may be the request's; what both say holds in either case, and here they say nothing."""
    body = entry("part", "object", PROPERTIES) + entry("kind", "string", "required") + entry("a")
    body += entry("kind", "string", "required") + entry("kind", "integer", "Range: [1, 9]")
    schema, warnings = schema_of(crawled(body, {"part": {"kind": TEXT, "a": TEXT}, "kind": 1}))
    assert schema["properties"]["kind"] == {}
    assert "required" not in schema
    assert "`kind`: its type is not the same wherever it stands; any value passes" in warnings


def test_what_follows_the_mark_of_properties_is_the_first_of_them() -> None:
    """Also where the sample shows a text; but what comes after it may stand outside again, and is left out."""
    body = entry("image", "string", PROPERTIES) + entry("url", "string", "required") + entry("stray") + entry("prompt")
    schema, warnings = schema_of(crawled(body, {"image": TEXT, "prompt": TEXT}))
    assert list(schema["properties"]) == ["image", "prompt"]
    assert schema["properties"]["image"] == {"properties": {"url": {"type": "string"}}, "required": ["url"]}
    assert warnings[0].startswith("`stray`: the page's sample does not show where it belongs")
