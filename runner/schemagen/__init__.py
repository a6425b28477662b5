"""Documentation page -> facts -> JSON Schema. Text in, values out: nothing here opens a file or an address.

    page = read_page(text, source)                                       schemagen.page
    schema, warnings = request_schema(page, read=date, wording=words)    schemagen.schema
    built = build_all(pages, words, date)                                schemagen.build

On the way: fences (what is code) -> markup (mdx, rendered, tables) -> entries -> nesting (by depth or by the page's
samples) -> prose -> facts. In prose, whose decides which sentences speak of the parameter itself; kinds, defaults,
ranges and bounds, lengths, choices and onlys, dimensions and units read one sort of fact each; lost says why a page
gave nothing; about reads what a page says of itself.
"""
