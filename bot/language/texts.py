"""Small work on texts that several rooms share: reading a whole number, and shortening a text."""

MOST = 2**63 - 1
"""The largest number that SQLite, PostgreSQL and the ids of Discord hold."""

MONTHS = "January February March April May June July August September October November December".split()


def whole_number(text: str, least: int = 0, most: int = MOST) -> int | None:
    """Return the number that a text of ASCII digits writes; None for any other text, or if it is out of bounds."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):  # int() raises for one of thousands of digits
        return None
    return number if least <= (number := int(text)) <= most else None


def shortened(text: str, longest: int) -> str:
    """Return a text in at most ``longest`` characters: "…" stands for the end of one that is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
