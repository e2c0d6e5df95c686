"""The connection to Discord: shards, the way of an interaction to its handler, and the delivery of answers.

All use of discord.py's internals is in this room, so that an upgrade of the library is made in one place.
"""
