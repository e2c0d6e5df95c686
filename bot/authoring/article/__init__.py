"""Briefs and the article they are written from: `verify` holds one against the other, `draft` begins them."""
