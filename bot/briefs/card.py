"""What a brief's card says to one reader on one day. Pure. `bot.briefs.card_text` writes it down."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.briefs.brief import Brief, BriefBase, Correction, Fact, Image, Source, Status
from bot.briefs.markup import Text
from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.language.tags import endonym

OLD = timedelta(days=180)
"""How old a brief's date is from which on its card says so: "soon" and "already" still sound like today then."""

FIRST_FACTS = 2
"""How many facts a compact card has."""

STALE = N_("The original has changed since this was translated.")
NOT_YET = N_("Not yet in {language}.")


@dataclass(frozen=True, slots=True)
class Card:
    """The texts of one card in reading order, exactly as the admin wrote them.

    ``replaces`` is the brief that was asked for, if this one has replaced it. ``catalogue`` has our own texts around
    them. ``language`` is that of the card's own texts, ``languages`` are the others that it can be read in, and
    ``lacking`` is the one that it was to be in and that it is not in yet. ``stale``: what was translated is not, or may
    not be, what the brief says now. ``old``: the date is so long ago that the card says how long.
    """

    id: str
    status: Status
    title: str
    replaces: Brief | None
    as_of: str
    expired: str | None
    summary: Text
    image: Image | None
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    corrections: tuple[Correction, ...]
    changed: datetime | None
    related: tuple[Brief, ...]
    catalogue: Catalogue = ENGLISH
    language: str = "en"
    languages: tuple[str, ...] = ()
    lacking: str | None = None
    stale: bool = False
    old: bool = False

    def __hash__(self) -> int:
        """The hash of what tells most cards apart: to hash all of their texts takes longer than to make a card."""
        return hash((self.id, self.language, self.expired, self.changed))

    @property
    def notice(self) -> str | None:
        """That the brief may be out of date, if it has expired."""
        say = self.catalogue
        return say.gettext("May be out of date since {date}.", date=say.since(self.expired)) if self.expired else None

    @property
    def reservation(self) -> str | None:
        """That the texts are those of a stale translation, or that there is no translation yet."""
        if self.lacking:
            return self.catalogue.gettext(NOT_YET, language=endonym(self.lacking))
        return self.catalogue.gettext(STALE) if self.stale else None


def card_of(
    brief: Brief,
    base: BriefBase,
    today: date,
    changed: datetime | None = None,
    replaces: Brief | None = None,
    catalogue: Catalogue = ENGLISH,
    language: str | None = None,
) -> Card:
    """Return the card of ``brief`` for ``today``. ``changed`` is when the brief was last changed, if known.

    ``replaces`` is the brief that was asked for and that this one has replaced. ``language`` is that of the reader: the
    card is in it if the base has a translation, else in the base's own language. None: in that of ``brief``.
    """
    edition = base.in_language(language) if language else base
    brief = edition.briefs.get(brief.id, brief) if language else brief
    own = brief.translated.language if brief.translated else base.language
    lacking = bool(language and base.editions and not base.speaks(brief, language))
    return Card(
        id=brief.id,
        status=brief.status,
        title=brief.title,
        replaces=edition.briefs.get(replaces.id, replaces) if language and replaces else replaces,
        as_of=brief.as_of,
        expired=brief.expires if brief.expired(today) else None,
        summary=brief.summary,
        image=brief.image,
        facts=brief.facts,
        sources=brief.sources,
        corrections=brief.corrections,
        changed=changed,
        related=edition.related(brief),
        catalogue=catalogue,
        language=own,
        languages=tuple(tag for tag in base.languages_of(brief.id) if tag != own),
        lacking=language if lacking else None,
        stale=brief.translated is not None and brief.translated.stale,
        old=noon(brief.as_of).date() + OLD < today,
    )


def compact(card: Card) -> Card:
    """Return a card with the summary, the first facts and where they come from."""
    return replace(card, facts=card.facts[:FIRST_FACTS], image=None, related=())


def noon(day: str) -> datetime:
    """Return the moment that stands for a date: noon of the day, or of the middle of the month."""
    return datetime.fromisoformat(f"{day}-15"[:10]).replace(hour=12, tzinfo=UTC)
