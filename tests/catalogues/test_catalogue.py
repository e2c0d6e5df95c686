"""Our own texts: plain ones, plurals and dates, in English and in other languages."""

import pytest

from bot.catalogues.catalogue import ENGLISH, Catalogue, Catalogues
from bot.errors import Said
from tests.catalogues.made import made

UKRAINIAN = made("uk", {"cat {name}": "кіт {name}", "{n} cats": ("{n} кіт", "{n} коти", "{n} котів")})


def test_a_text_is_said_in_the_language_of_the_catalogue_with_the_values_in_place_of_their_names() -> None:
    assert UKRAINIAN.gettext("cat {name}", name="{Tom}") == "кіт {Tom}"


def test_a_text_that_the_catalogue_lacks_is_english() -> None:
    assert UKRAINIAN.gettext("dog {name}", name="Rex") == "dog Rex"
    assert UKRAINIAN.ngettext("{n} dog", "{n} dogs", 2) == "2 dogs"


def test_a_text_without_values_may_hold_braces() -> None:
    assert ENGLISH.gettext("{}") == "{}"


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 кіт"), (3, "3 коти"), (5, "5 котів"), (11, "11 котів"), (21, "21 кіт"), (0, "0 котів")]
)
def test_a_plural_has_the_form_that_the_language_has_for_the_number(n: int, said: str) -> None:
    assert UKRAINIAN.ngettext("{n} cats", "{n} cats", n) == said


@pytest.mark.parametrize(("n", "said"), [(1, "1 cat"), (2, "2 cats"), (0, "0 cats"), (1234567, "1,234,567 cats")])
def test_english_needs_no_catalogue(n: int, said: str) -> None:
    assert ENGLISH.ngettext("{n} cat", "{n} cats", n) == said


def test_each_language_has_its_own_sign_between_the_thousands() -> None:
    assert made("de", {",": "."}, "between thousands").number(1234567) == "1.234.567"


@pytest.mark.parametrize(("day", "said"), [("2024-10", "October 2024"), ("2024-10-08", "8 October 2024")])
def test_a_date_is_a_month_or_a_day_in_words(day: str, said: str) -> None:
    assert (ENGLISH.date(day), ENGLISH.since(day)) == (said, said)


def test_a_locale_finds_the_catalogue_of_its_language_or_english() -> None:
    portuguese, german = Catalogue("pt"), Catalogue("de")
    catalogues = Catalogues([portuguese, german])
    assert [catalogues.of(tag) for tag in ("pt-BR", "de", "en-GB", "fr", "", None)] == [
        portuguese, german, ENGLISH, ENGLISH, ENGLISH, ENGLISH,
    ]  # fmt: skip
    assert list(catalogues) == [ENGLISH, portuguese, german]


def test_a_text_that_was_said_in_english_can_still_be_said_in_a_language_with_such_texts_in_it() -> None:
    catalogue = made("uk", {"cat": "кіт", "{animal} is here": "{animal} тут"})
    said = Said("{animal} is here", animal=Said("cat"))
    assert (str(said), catalogue.say(said), catalogue.gettext("{animal} is here", animal=Said("cat"))) == (
        "cat is here",
        "кіт тут",
        "кіт тут",
    )
    assert catalogue.say("cat") == "cat"
