"""The SQLite database: `database` writes and reads it, `migrations` is its schema; the others keep one thing each."""
