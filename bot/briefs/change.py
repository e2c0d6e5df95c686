"""Changes to the base as values: a proposed change, a kept version, and what differs between two of them.

Pure. bot/authoring/editor.py reads, checks and writes the files.
"""

import difflib
import hashlib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Self

from bot.briefs.brief import Brief
from bot.briefs.card_text import fact_text, source_text, status_text
from bot.briefs.comparing import paired
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.language.texts import whole_number

Action = Literal["found", "file", "add", "edit", "upload", "alias", "remove", "unlink", "undo"]
"""How a version came about: "found" when the bot first saw the file, "file" when it was changed outside Discord,
"unlink" when a brief that it named was removed.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A proposed change: the new text of each brief (None removes it), and the digest of the text that it replaces
    (None without a file). A digest that no longer fits shows that somebody else changed the file meanwhile. ``form`` is
    what was typed into the plain form, None if the change was made in another way. ``draft`` is the `DraftRef`, as a
    text, of the draft that becomes a brief by it.
    """

    action: Action
    texts: Mapping[str, str | None]
    replaces: Mapping[str, str | None]
    form: Mapping[str, str] | None = None
    draft: str | None = None

    @property
    def removed(self) -> tuple[str, ...]:
        """The ids of the briefs that it removes."""
        return tuple(brief for brief, text in self.texts.items() if text is None)

    @property
    def brief(self) -> str:
        """The id of the first brief it touches."""
        return next(iter(self.texts))


class DraftRef(NamedTuple):
    """A draft as somebody has seen it: another revision shows that somebody else has changed it since."""

    id: str
    revision: int

    def __str__(self) -> str:
        return f"{self.id}.{self.revision}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what a text names. Where its revision is no number, no draft is so."""
        draft, _, revision = text.partition(".")
        return cls(draft, whole_number(revision) or 0)


@dataclass(frozen=True, slots=True)
class Version:
    """The text of a brief from one moment on, None if it was removed. ``user`` is the admin who did it on Discord."""

    id: int
    brief: str
    saved_at: datetime
    action: Action
    user: int | None
    text: str | None


def action_on(action: Action, text: str | None) -> Action:
    """Return the action for one brief of a change. A removal is "unlink" for the other briefs, which named it."""
    return "unlink" if action == "remove" and text is not None else action


class Difference(NamedTuple):
    """One part of a brief, before and after a change; "" if there was or is none.

    ``what`` is the name of the part in English. Both are "" if only the order of facts or sources has changed.
    """

    what: str
    before: str
    after: str


_READ: dict[str, Callable[[Brief, Catalogue], Sequence[str]]] = {
    N_("Title"): lambda brief, _: [brief.title],
    N_("Status"): lambda brief, say: [status_text(brief.status, say)],
    N_("As of"): lambda brief, say: [say.date(brief.as_of)],
    N_("Expires"): lambda brief, say: [say.date(brief.expires)] if brief.expires else [],
    N_("Summary"): lambda brief, _: [brief.summary.plain],
    N_("Facts"): lambda brief, say: [fact_text(fact, brief, say) for fact in brief.facts],
    N_("Image"): lambda brief, _: (
        [f"{brief.image.alt} ({brief.image.url}), {brief.image.credit}"] if brief.image else []
    ),
    N_("Sources"): lambda brief, say: [source_text(source, say) for source in brief.sources],
    N_("Corrections"): lambda brief, say: [f"{say.date(each.on)}: {each.text}" for each in brief.corrections],
}
_WAYS: dict[str, Callable[[Brief], Sequence[str]]] = {
    N_("Other names"): lambda brief: brief.aliases,
    N_("Questions"): lambda brief: brief.questions,
    N_("Related"): lambda brief: brief.related,
    N_("Replaced by"): lambda brief: [brief.replaced_by] if brief.replaced_by else [],
}
_LISTS = ("Facts", "Sources", "Corrections")


def digest(text: str | None) -> str | None:
    """Return a digest of a text in 16 hexadecimal digits, or None without a text."""
    return None if text is None else hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def diff(brief: str, before: str | None, after: str | None) -> list[str]:
    """Return the name of the file and the hunks of a unified diff, or nothing if the texts are equal."""
    old, new = (before or "").splitlines(), (after or "").splitlines()
    _from, _to, *hunks = [*difflib.unified_diff(old, new, n=2, lineterm="")] or ["", ""]
    return [f"{brief}.yaml", *hunks] if hunks else []


def differences(before: Brief, after: Brief, catalogue: Catalogue = ENGLISH) -> list[Difference]:
    """Return what differs for members, fact by fact and source by source, with our own texts from ``catalogue``.

    Aliases, questions, related briefs, line breaks and the composition of characters do not count.
    """
    found = []
    for what, words in _READ.items():
        old, new = (
            [unicodedata.normalize("NFC", " ".join(text.split())) for text in words(each, catalogue)]
            for each in (before, after)
        )
        if old != new:
            pairs = paired(old, new) if what in _LISTS else [("".join(old), "".join(new))]
            found += [Difference(what, *pair) for pair in pairs or [("", "")]]
    return found


def ways(before: Brief, after: Brief) -> list[Difference]:
    """Return which ways to find a brief, or on from it, are new or gone. Another order of them is no difference."""
    found = []
    for what, words in _WAYS.items():
        old, new = words(before), words(after)
        found += [Difference(what, "", word) for word in new if word not in old]
        found += [Difference(what, word, "") for word in old if word not in new]
    return found
