"""
The reference, made from the code: one module per kind of page, each with `pages() -> dict[file name, text]`.

What a docstring, a type or a click option already says is not written a second time. A room that does not exist
yet leaves a page that says so.
"""
