"""The command line and the chat in a terminal.

`main` reads the arguments and the settings; `ask`, `upkeep` and `console` do the work.
"""
