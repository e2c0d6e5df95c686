"""From the words of a question to briefs, each with the chance that it is the one that was meant.

`ranker` joins the other modules: each of them is one step, such as the spelling of words or the worth of a score.
"""
