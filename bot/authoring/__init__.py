"""Keeping the brief base up to date, changing it, and checking it.

`keeper` reloads what changed in the folder, and `editor` writes what an admin changes. Content comes into use only when
it is valid.
"""
