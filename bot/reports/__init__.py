"""What admins read about the use of the bot: unanswered questions, statistics and their picture.

`queries` reads the database. The other modules turn the rows into groups, text and a chart.
"""
