"""The database: lookups, the history of briefs, and what else outlasts a restart.

`database` owns the queue of writes, and `sqlite` and `postgres` are its two engines. Most other modules each keep one
kind of row.
"""
