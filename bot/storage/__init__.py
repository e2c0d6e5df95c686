"""The database: `database` writes it, `sqlite` and `postgres` keep it; most others are one thing each in it."""
