"""Finds the paragraphs of an article that was copied from a web page, without the rest of the page."""

import re

_FULL_STOP = re.compile(r"(?<!\.\.)[.!?。！？][\"”’')»\]]*$")
_FURNITURE = re.compile(
    r"""[^\w©]*+(?:
    (?:follow|share|join|support|download|get|leave|read|see|watch|listen)\s
        (?:us|our|this|more|also|next|on|via|@|to\sthis|a\scomment|the\s(?:latest|conversation|app))\b
    | (?:sign|log)\s(?:in|up)\b | subscribe\b | (?:register|donate|click)\s(?:here|now|today) | skip\sto\b
    | (?:related|read|photo|image|picture|video|file|credit|source|tags?|topics?|published|updated|posted|comments?)
        [\w ]{0,12}[:/]
    | advertisement\b | sponsored\b | (?:additional\s)?(?:reporting|editing|writing)\sby\b
    | copyright\W*\d | © | .*all\srights\sreserved | .*(?:privacy|cookie)\s(?:policy|settings|notice)
    | (?:we|our\spartners|this\s(?:web)?site)\b.{0,40}\bcookies | by\s(?:clicking|continuing|using)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_DATELINE = re.compile(r"^[A-Z][A-Z .,/]+(?:\([\w ]+\))?\s?[-–—]+\s")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]{1,64}@\S+")


def prose(article: str) -> list[str]:
    """Return the paragraphs of an article: lines that end in a full stop and do not belong to the page around it.

    Wrapped lines are joined. Characters that cannot be printed become spaces.
    """
    joined: list[str] = []
    for line in re.split(r"\r\n?|[\n\x85\u2028\u2029]", article):
        line = " ".join("".join(char if char.isprintable() else " " for char in line).split())
        line = " ".join(_ADDRESS.sub(" ", _DATELINE.sub("", line)).split())
        if line and joined and _is_cut_off(joined[-1]) and not _FURNITURE.match(line):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return list(dict.fromkeys(line for line in joined if _is_prose(line)))


def _is_cut_off(line: str) -> bool:
    """Return whether a line was wrapped. Short lines without a full stop are headings; "…" ends a teaser."""
    return len(line) > 60 and not _FULL_STOP.search(line) and not line.endswith("…")


def _is_prose(line: str) -> bool:
    return len(re.findall(r"\w", line)) > 12 and bool(_FULL_STOP.search(line)) and not _FURNITURE.match(line)
