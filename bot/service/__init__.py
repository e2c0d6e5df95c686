"""The bot as a running service: put together, set up and watched.

`assembly` joins all parts by the `settings`, and the other modules show the bot to the outside: health, metrics, log.
"""
