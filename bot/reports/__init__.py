"""What admins read about the use of the bot: unanswered questions, statistics and their picture.

`queries` reads the database, and the other modules turn what it found into groups, text and a chart.
"""
