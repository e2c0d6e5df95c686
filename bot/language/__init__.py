"""What is known of words in any text: one way to write them, their stems, and which of them carry no topic."""
