"""A catalogue: our own texts in one language, after GNU gettext. A text in the code is English, and is its own key.

Pure. `bot.catalogues.shipped` reads the catalogues; whoever says something is handed one.
"""

import gettext
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.errors import Said
from bot.language.tags import closest


def N_(text: str) -> str:  # noqa: N802 - the name by which every tool for gettext knows it
    """Return ``text``. This marks a text that is said elsewhere, so that it gets into the catalogues."""
    return text


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Our own texts in one language. It never changes, and is equal to itself alone, so it can be part of a key.

    ``language`` is a BCP 47 tag. A text that the catalogue lacks is English.
    """

    language: str = "en"
    translations: gettext.NullTranslations = field(default_factory=gettext.NullTranslations, repr=False)

    def gettext(self, text: str, /, **values: object) -> str:
        """Return a text, with ``values`` in place of its {names} if any are given."""
        return self._with(self.translations.gettext(text), values)

    def say(self, text: str) -> str:
        """Return a text that was said in English; what is none of our own texts stays as it is."""
        return self.gettext(text.text, **text.values) if isinstance(text, Said) else text

    def pgettext(self, context: str, text: str, /, **values: object) -> str:
        """Return a text that may have to be said otherwise in this ``context`` than elsewhere."""
        return self._with(self.translations.pgettext(context, text), values)

    def ngettext(self, one: str, several: str, n: int, /, **values: object) -> str:
        """Return the text for ``n`` things, in the form that the language has for this number. {n} is the number."""
        return self._with(self.translations.ngettext(one, several, n), {"n": self.number(n), **values})

    def _with(self, text: str, values: Mapping[str, object]) -> str:
        """Return a text with ``values`` in it, those that are our own texts in this language too."""
        said = {name: self.say(value) if isinstance(value, str) else value for name, value in values.items()}
        return text.format(**said) if said else text

    def number(self, n: int) -> str:
        """Return a whole number with the language's sign between the thousands."""
        return f"{n:,}".replace(",", self.pgettext("between thousands", ","))

    def date(self, day: str) -> str:
        """Return ``2024-10`` as "October 2024" and ``2024-10-18`` as "18 October 2024"."""
        return _date(self, day)

    def since(self, day: str) -> str:
        """Return a date as it stands behind "since", where some languages decline the month."""
        return _since(self, day)


ENGLISH = Catalogue()


class Catalogues:
    """The catalogues of all languages that there are. English, which needs none, is among them."""

    def __init__(self, others: Iterable[Catalogue] = ()) -> None:
        self._by_language = {each.language: each for each in (ENGLISH, *others)}

    def __iter__(self) -> Iterator[Catalogue]:
        return iter(self._by_language.values())

    def of(self, tag: str | None) -> Catalogue:
        """Return the catalogue of the language that is nearest to a tag, such as "pt" for "pt-BR"; else English."""
        return self._by_language[closest(tag, self._by_language) or ENGLISH.language]


@lru_cache(maxsize=10_000)
def _date(catalogue: Catalogue, day: str) -> str:
    exact, month_alone = (
        catalogue.pgettext("date", "{day} {month} {year}"),
        catalogue.pgettext("date", "{month} {year}"),
    )
    return _in_words(catalogue, day, exact, month_alone)


@lru_cache(maxsize=10_000)
def _since(catalogue: Catalogue, day: str) -> str:
    exact, month_alone = (
        catalogue.pgettext("since", "{day} {month} {year}"),
        catalogue.pgettext("since", "{month} {year}"),
    )
    return _in_words(catalogue, day, exact, month_alone)


def _in_words(catalogue: Catalogue, date: str, exact: str, month_alone: str) -> str:
    """Return a date by the pattern for a day, or by that for a month alone.

    A pattern may have {of_month} in place of {month}: the name of the month as it stands behind a day, or declined.
    """
    alone = catalogue.pgettext(
        "months", "January February March April May June July August September October November December"
    )
    declined = catalogue.pgettext(
        "months behind a day", "January February March April May June July August September October November December"
    )
    year, month, *day = map(int, date.split("-"))
    pattern = exact if day else month_alone
    names = {"month": alone.split()[month - 1], "of_month": declined.split()[month - 1]}
    return pattern.format(day="".join(map(str, day)), year=year, **names)
