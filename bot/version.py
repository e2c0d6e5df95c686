"""The version of briefbot, for whoever runs it from a checkout too: pyproject.toml reads it from here."""

VERSION = "0.1.0"
