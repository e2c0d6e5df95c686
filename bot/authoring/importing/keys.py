"""Which key of another format stands for which part of a brief."""

import re

TEXTS = ("summary", "body_of_the_file", "answer", "response", "reply", "content", "text", "body", "message", "value")
"""Keys of the text of an entry, the surest first."""

SECOND_TEXTS = ("description", "desc", "short", "details", "subtitle")
"""Keys of a text that is the text of the entry only if there is no other."""

TITLES = ("title", "heading", "question", "query", "name", "topic", "subject", "label")
"""Keys of what can be a title, the surest first. What is not taken for the title is another name or a question."""

_MEANT = {
    "title": ("title", "heading"),
    "question": ("question", "query", "questions", "queries", "faq", "wordings", "utterances"),
    "alias": (
        "alias", "aliases", "keyword", "keywords", "name", "names", "other_names", "topic", "subject", "label",
        "trigger", "triggers", "synonyms", "shortcut", "shortcuts", "aka",
    ),
    "source": ("source", "sources", "reference", "references", "url", "link", "links", "website"),
    "as_of": ("as_of", "date", "updated", "updated_at", "last_updated", "lastmod", "modified", "modified_at"),
    "embed": ("embed", "embeds"),
    "target": ("target", "alias_of", "redirect", "other"),
    "fact": ("fact", "facts", "fields"),
    "image": ("image",),
}  # fmt: skip
_BY_KEY = {key: part for part, keys in _MEANT.items() for key in keys}
NATIVE = ("status", "expires", "related", "replaced_by", "corrections")
"""Keys of a brief that are taken as they are."""


def plain(key: str) -> str:
    """Return a key in lower case with underscores between its words."""
    return re.sub(r"[\W_]+", "_", key.strip().casefold())[:80].strip("_")


def meant(key: str) -> str | None:
    """Return the part of a brief that a key stands for, None if it stands for none."""
    name = plain(key)
    if name in TEXTS or name in SECOND_TEXTS:
        return "text"
    return name if name in NATIVE else _BY_KEY.get(name)


def is_text(key: str) -> bool:
    """Whether a key holds the text of an entry."""
    return meant(key) == "text"


def known(key: str) -> bool:
    """Whether a key stands for a part of a brief."""
    return meant(key) is not None
