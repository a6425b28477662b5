"""Pages that give nothing: the error says what was looked for and what the page looks like instead."""

from __future__ import annotations

import pytest

from runner.errors import UsageError
from runner.schemagen.page import read_page

LOST = """# Paint

## Request Headers

 Enum: `application/json`

## Request Body

 What to paint. At most 2000 characters.

 Rounds. Range [1, 50]. Default: `28`.
"""
HTML = (
    "<!DOCTYPE html>\n<html><body><h2>Request Body</h2><div id='param-prompt'>prompt <b>string</b></div></body></html>"
)
SCRIPT = """# One for all

export const Fields = () => {
  return fields.map(field => <ParamField key={field.name} body={field.name} type={field.type}>
      {field.text}
    </ParamField>);
};

<Fields />
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LOST, "lost its markup"),
        (HTML, "`.md` at its end"),
        (SCRIPT, "a script draws them"),
        ("# Paint\n\n## OpenAPI\n\n````yaml POST /v3/paint\nopenapi: 3.1.0\npaths: {}\n````\n", "OpenAPI description"),
        (
            '<ParamField header="Key" type="string" />\n<ResponseField name="a" type="string" />',
            "it takes no parameters",
        ),
        ("# A guide\n\nabout something else", "there are none"),
    ],
)
def test_what_a_page_without_parameters_looks_like(text: str, words: str) -> None:
    """Never an empty schema; the hint names all that was looked for, and what may be wrong."""
    with pytest.raises(UsageError, match=r"no request parameters were found in page\.md") as caught:
        read_page(text, "page.md")
    assert caught.value.exit_code == 2
    assert "ParamField" in str(caught.value.hint)
    assert "#param-" in str(caught.value.hint)
    assert words in str(caught.value.hint)


@pytest.mark.parametrize(
    ("above", "deprecated"),
    [
        ("<Warning>**The Paint API is deprecated and will be removed.**</Warning>", True),
        ("This endpoint is no longer available.", True),
        ("This model will be retired on 2027-01-01.", True),
        ("# Paint (deprecated)", True),
        ("---\ndeprecated: true\n---", True),
        ("The Draw V1 API is deprecated; this one replaces it.", None),
        ("Deprecated parameters are marked.", None),
    ],
)
def test_only_what_is_said_of_the_page_itself_makes_it_deprecated(above: str, deprecated: bool | None) -> None:
    """A page may tell of another one that is deprecated."""
    text = f'{above}\n\n# Paint\n\n<ParamField body="prompt" type="string" />\n'
    assert read_page(text, "page.md").deprecated is deprecated


def test_an_address_that_says_so_makes_a_page_deprecated() -> None:
    """Some pages say it nowhere else."""
    text = '# Source: https://a.example/model-apis-progress-deprecated.md\n\n<ParamField query="id" type="string" />\n'
    assert read_page(text, "page.md").deprecated is True


def test_a_method_or_path_that_cannot_be_right_is_left_open() -> None:
    """A body sent with GET, and the path of one example where the page says that a part of it is a parameter."""
    body = '<ParamField body="a" type="string" />\n```bash\ncurl -X GET https://a.example/v3/x -d \'{"a": "b"}\'\n```\n'
    page = read_page(body, "page.md")
    assert (page.method, page.path) == (None, "/v3/x")
    assert page.warnings == ("the page's sample sends a body with GET; the method is left open",)
    path = '<ParamField path="id" type="string" />\n```bash\ncurl https://a.example/v3/page/b1\n```\n'
    page = read_page(path, "page.md")
    assert (page.method, page.path) == ("GET", None)
    assert len(page.warnings) == 1


def test_a_name_that_stands_for_any_name_is_no_property() -> None:
    """`{key}` in an answer means every key; a schema that asked for it would refuse all answers."""
    text = """<ParamField body="a" type="string" />
<ResponseField name="odds" type="object" required={true}>
  <Expandable title="properties"><ResponseField name="{key}" type="integer" required={true} /></Expandable>
</ResponseField>
"""
    (odds,) = read_page(text, "page.md").response or ()
    assert (odds.properties, odds.closed) == ((), False)
