"""Taking over what another bot or a page of questions has: CSV, JSON, TOML and Markdown with front matter.

`packed` reads a folder or a zip, `entries` reads a file as entries, `content` makes the content of a brief of an entry,
and `plan` says what becomes of each: a brief, a draft, or nothing.
"""
