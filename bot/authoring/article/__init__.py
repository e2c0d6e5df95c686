"""Briefs and the article that they are written from.

`verify` reports what a base says and its article does not, and `draft` writes skeletons of briefs from an article.
"""
