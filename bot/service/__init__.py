"""The bot put together, its settings, and how it is seen from outside: health, metrics, the diagnostic log."""
