"""What admins read: unanswered questions, statistics and their picture. The queries for them stand here too."""
