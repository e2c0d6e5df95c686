"""Our own words in each language: gettext catalogues, and the object that says a text in one language.

A brief is what an admin wrote; what stands around it, such as "As of", "Share here" or "No brief on", is ours.
"""
