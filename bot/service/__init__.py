"""The bot as a running service: its settings, how it is put together, and how it is watched from outside.

`assembly` joins all parts. `health`, `collector`, `systemd` and `diagnostics` show the bot to supervisors and admins.
"""
