"""Documentation page -> facts -> JSON Schema. Text in, values out: nothing here opens a file or an address.

    page = read_page(text, source)                                       schemagen.page
    schema, warnings = request_schema(page, read=date, wording=words)    schemagen.schema
    built = build_all(pages, words, date)                                schemagen.build

On the way: markup (mdx, rendered) -> entries -> nesting (by depth or by the page's samples) -> prose (kinds, ranges,
choices, dimensions) -> facts.
"""

from runner.schemagen.build import TASK_RESULT, Built, build_all, with_endpoint, written
from runner.schemagen.page import Page, Parameter, read_page
from runner.schemagen.schema import request_schema, response_schema

__all__ = [
    "TASK_RESULT",
    "Built",
    "Page",
    "Parameter",
    "build_all",
    "read_page",
    "request_schema",
    "response_schema",
    "with_endpoint",
    "written",
]
