"""Documentation page -> facts -> JSON Schema. Text in, values out: nothing here opens a file or an address.

    page = read_page(text, source)                                       schemagen.page
    schema, warnings = request_schema(page, read=date, wording=words)    schemagen.schema
    built = build_all(pages, words, date)                                schemagen.build

On the way: markup (mdx, rendered) -> entries -> nesting (by depth or by the page's samples) -> prose (kinds, ranges,
choices, dimensions) -> facts.
"""
