"""The connection to Discord: shards, the interactions that arrive, and the delivery of answers.

What the connection needs of discord.py's internals is used here alone, so that an upgrade is made in one place.
"""
