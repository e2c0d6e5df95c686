"""What a brief is: its schema, how its file is read, and the words of its card. Everything else builds on it."""
