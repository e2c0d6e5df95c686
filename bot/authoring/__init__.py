"""Keeping the base up to date, changing it and checking it. Content comes into use only when all of it is valid."""
