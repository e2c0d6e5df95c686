"""What is known about the words of any text.

`normalise` is the one rule for case, accents and punctuation, and the others know stems and words that carry no topic.
"""
