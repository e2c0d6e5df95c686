"""Days as people type them: 2024-10-18 with any dash, 18 October 2024, Oct 18, 2024, 18.10.2024, today."""

import re
import unicodedata
from datetime import date, timedelta

from bot.language.texts import MONTHS

_MONTH = "(?:" + "|".join(f"{month[:3]}(?:{month[3:]})?" if len(month) > 3 else month for month in MONTHS) + r")\.?"
DATE = (
    r"\d{4}[-–—−‐‑./]\d{1,2}(?:[-–—−‐‑./]\d{1,2})?"
    rf"|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}|(?:\d{{1,2}}\.? )?{_MONTH} \d{{4}}|{_MONTH} \d{{1,2}}, \d{{4}}|today|yesterday"
)
"""What a date looks like, as a regular expression without groups."""

_NUMBERS = re.compile(r"\d+")


def read_date(text: str, today: date) -> str | None:
    """Return a day as a brief's file has it, YYYY-MM-DD or YYYY-MM, or None if the text is no date.

    A day that does not exist, such as 31.02.2024, is returned as well: the schema says so to whoever typed it.
    """
    text = " ".join(unicodedata.normalize("NFKC", text[:40]).split()).casefold()
    if not re.fullmatch(DATE, text, re.IGNORECASE):
        return None
    if text in ("today", "yesterday"):
        return (today - timedelta(days=text == "yesterday")).isoformat()
    numbers = _NUMBERS.findall(text)
    named = next((n for n, month in enumerate(MONTHS, 1) if re.search(rf"\b{month[:3]}", text, re.IGNORECASE)), None)
    if named:
        year, month, *days = numbers[-1], str(named), *numbers[:-1]
    elif len(numbers[0]) == 4:
        year, month, *days = numbers
    else:
        year, month, *days = reversed(numbers)
    return "-".join([year, *(number.zfill(2) for number in (month, *days))])
