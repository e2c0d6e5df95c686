"""What a brief is, how its file is read, and the words of its card.

A file goes through `strict_yaml`, `brief_file` and `loader`, in this order. The result is a `BriefBase`, which all
other rooms use.
"""
