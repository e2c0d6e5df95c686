"""The catalogues that are shipped: complete, up to date with the code, and compiled."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from discord import ui

from bot.authoring.form.fields import Form
from bot.catalogues.catalogue import Catalogue
from bot.catalogues.shipped import shipped
from bot.commands.admin.forms import NEW, form_modal, translation_modal, yaml_modal
from tools.catalogues import compiled, languages, path_of, updated, written

EACH_LANGUAGE = pytest.mark.parametrize("language", languages())
BEHIND = "run `make catalogues`, and translate what is new in {}"


def read(language: str) -> Catalog:
    with path_of(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def texts(language: str) -> Iterator[Message]:
    return (message for message in read(language) if message.id)


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(each) for each in text]  # type: ignore[attr-defined]


FIXED = re.compile(r"\{\w+\}|`[^`]+`|\*\*|/brief(?![a-z])")


def fixed(text: str) -> list[str]:
    """Return what a translation leaves alone: names in braces, code, and the marks of Markdown."""
    return sorted(
        part.replace("{of_month}", "{month}") for part in re.findall(r"\{\w+\}|`[^`]+`|\*\*|/brief(?![a-z])", text)
    )


def test_four_languages_beside_english_are_shipped() -> None:
    assert languages() == ["de", "ko", "ru", "uk"]
    assert [each.language for each in shipped()] == ["en", *languages()]


@EACH_LANGUAGE
def test_a_catalogue_has_the_texts_that_the_code_says(language: str) -> None:
    assert path_of(language, "po").read_bytes() == written(updated(language)), BEHIND.format(path_of(language, "po"))


@EACH_LANGUAGE
def test_every_text_is_translated_and_no_translation_is_a_guess(language: str) -> None:
    assert [each.id for each in texts(language) if each.fuzzy or not all(forms(each.string)) or not each.string] == []


@EACH_LANGUAGE
def test_a_translation_has_the_names_and_the_code_of_the_text(language: str) -> None:
    for message in texts(language):
        for form in forms(message.string):
            assert fixed(form) == fixed(forms(message.id)[-1]), message.id


@EACH_LANGUAGE
def test_a_plural_has_as_many_forms_as_the_language(language: str) -> None:
    most = read(language).num_plurals
    assert {len(forms(message.string)) for message in texts(language) if message.pluralizable} == {most}


@EACH_LANGUAGE
def test_what_the_bot_reads_is_what_translators_have_written(language: str) -> None:
    assert path_of(language, "mo").read_bytes() == compiled(read(language)), "run `make catalogues`"


@pytest.mark.parametrize(
    ("language", "month", "day", "since_month", "since_day", "number"),
    [
        ("de", "Oktober 2024", "8. Oktober 2024", "Oktober 2024", "dem 8. Oktober 2024", "1.234"),
        ("ko", "2024년 10월", "2024년 10월 8일", "2024년 10월", "2024년 10월 8일", "1,234"),
        ("ru", "октябрь 2024 года", "8 октября 2024 года", "октября 2024 года", "8 октября 2024 года", "1\u00a0234"),
        ("uk", "жовтень 2024 року", "8 жовтня 2024 року", "жовтня 2024 року", "8 жовтня 2024 року", "1\u00a0234"),
    ],
)
def test_dates_and_numbers_are_written_as_the_language_writes_them(
    language: str, month: str, day: str, since_month: str, since_day: str, number: str
) -> None:
    say = shipped().of(language)
    assert [say.date("2024-10"), say.date("2024-10-08")] == [month, day]
    assert [say.since("2024-10"), say.since("2024-10-08")] == [since_month, since_day]
    assert say.number(1234) == number


@pytest.mark.parametrize("catalogue", list(shipped()), ids=lambda catalogue: catalogue.language)
def test_the_texts_of_a_form_fit_into_their_places(catalogue: Catalogue) -> None:
    form = Form(facts="a\nb")
    modals = [
        form_modal(catalogue.gettext(NEW), "", form, catalogue),
        form_modal("", "", form, catalogue, noted=True),
        translation_modal("", "", form, form, catalogue),
        yaml_modal("", "", "", "", None, catalogue),
    ]
    labels = [label for modal in modals for label in modal.children if isinstance(label, ui.Label)]
    examples = [getattr(label.component, "placeholder", None) or "" for label in labels]
    assert [label.text for label in labels if label.text.endswith("…")] == []
    assert [label.description for label in labels if (label.description or "").endswith("…")] == []
    assert [example for example in examples if len(example) > 99] == []
    assert not modals[0].title.endswith("…")
