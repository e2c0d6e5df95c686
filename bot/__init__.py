"""briefbot answers `/brief troops` with a short, sourced, dated brief that an admin wrote.

Each package is a room; its `__init__.py` says what lives there, and ARCHITECTURE.md shows which may import which. Read
in this order: briefs, language, answering, storage, authoring, reports, gateway, commands, service, cli.
"""
