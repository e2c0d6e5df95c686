"""What the bot knows about words, whatever the text is about.

`normalise` makes two spellings of one word equal. The other modules find the stem of a word, list the words that carry
no topic, and read numbers.
"""
