"""The messages that announce changes: which parts of a brief read otherwise, in the language of a channel."""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from discord import ui

from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import read_brief
from bot.briefs.change import Version, differences, digest
from bot.briefs.translation import Translation
from bot.catalogues.catalogue import Catalogue
from bot.commands.admin import views
from bot.language.tags import same_language

REST = ""
"""In place of a brief's id: the message that counts the briefs without a card."""


class Post(NamedTuple):
    """A message about a version of a brief, or of the base if it counts the rest."""

    brief: str
    version: int
    text: str | None
    view: Callable[[], ui.LayoutView]

    def nonce(self, channel: int) -> str:
        """Return 24 characters that are the same whenever this is sent to a channel; Discord takes 25 at most."""
        named = f"{channel} {self.brief} {self.version} {digest(self.text)}"
        return hashlib.blake2b(named.encode(), digest_size=12).hexdigest()


class _Texts(NamedTuple):
    """The translation of a brief into the language of a channel: as it was, and as it is in use."""

    before: Translation | None
    now: Translation


def posts_of(
    pairs: Sequence[tuple[Version, Version]], base: BriefBase, locale: str | None, catalogue: Catalogue
) -> list[Post]:
    """Return a message for each change by which members read otherwise in the language of a channel."""
    edition = base.in_language(locale) if locale else base
    replaced = {old.brief: old.text for old, _ in pairs}
    foreign = locale is not None and not same_language(locale, base.language)
    wanted = locale if foreign and base.editions else None
    posts = []
    for old, new in pairs:
        texts, shown = None, edition.briefs.get(new.brief)
        if shown and shown.translated:
            name = f"{shown.id}.{shown.translated.language}"
            now = base.translations[name]
            texts = _Texts(_translation(name, replaced[name]) if name in replaced else now, now)
        posts.append(post_of(old, new, texts, wanted, catalogue))
    return [post for post in posts if post]


def _translation(name: str, text: str | None) -> Translation | None:
    return read_brief(f"{name}.yaml", text.encode()).translation if text else None


@lru_cache(maxsize=256)
def post_of(old: Version, new: Version, texts: _Texts | None, wanted: str | None, catalogue: Catalogue) -> Post | None:
    """Return the message about a change, None if members read the same as before, or if there was or is no brief.

    ``texts`` are used if they were brought up to date with the change. ``wanted`` is the language of the channel if
    that is not the base's own.
    """
    before, after = (
        read_brief(f"{each.brief}.yaml", each.text.encode()).brief if each.text else None for each in (old, new)
    )
    if not (before and after):
        return None
    if texts and texts.before:
        was, now = before.translated_by(texts.before), after.translated_by(texts.now)
        if was.translated and now.translated and not now.translated.stale:
            before, after = was, now
    if not (changed := differences(before, after, catalogue)):
        return None
    lacking = None if after.translated else wanted
    return Post(new.brief, new.id, new.text, partial(views.announcement_view, after, changed, catalogue, lacking))


def count_of(rest: Sequence[Post], newest: int, catalogue: Catalogue) -> Post:
    said = catalogue.ngettext("{n} more brief has changed.", "{n} more briefs have changed.", len(rest))
    return Post(REST, newest, None, lambda: views.message(said).view)
