"""The connection to Discord: sessions, interactions, delivery. Every use of discord.py's internals lives here."""
