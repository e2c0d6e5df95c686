"""Which brief a query means, and how sure that is.

`answer` makes the decision, `matcher` holds a brief base and its index, and the ranking lives in `ranking`. Nothing
here reads a clock, a disk or the network.
"""
