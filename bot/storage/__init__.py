"""The database: lookups, the history of briefs, proposed changes, announcement channels, and settings of admins.

`database` has the queue of writes, and `sqlite` and `postgres` are its two engines. Most other modules keep one kind of
row each. The internals of aiosqlite that we use are in `sqlite`.
"""
