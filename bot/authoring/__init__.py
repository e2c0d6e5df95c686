"""Keeping the brief base up to date, changing it, and checking it.

`keeper` reloads the folder when files change. `editor` writes the changes of admins. Only valid files come into use.
"""
