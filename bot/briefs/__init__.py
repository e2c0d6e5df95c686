"""What a brief is, how its file is read, and the words of its card.

A file goes through `strict_yaml`, `brief_file` and `loader`, in this order, and becomes part of a `BriefBase`, which
everything else uses.
"""
