"""Tags of languages, and which language stands in for which."""

import pytest

from bot.language.tags import closest, fallbacks


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("uk", ("uk",)), ("pt-BR", ("pt-BR", "pt")), ("zh-Hant-TW", ("zh-Hant-TW", "zh-Hant", "zh")), ("", ("",))],
)
def test_a_tag_falls_back_to_the_languages_that_it_belongs_to(tag: str, expected: tuple[str, ...]) -> None:
    assert fallbacks(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("pt-BR", "pt"), ("pt", "pt"), ("es-419", None), ("pt-PT", "pt-PT"), ("", None), (None, None)]
)
def test_the_nearest_of_the_languages_there_are_is_found(tag: str | None, expected: str | None) -> None:
    assert closest(tag, {"pt", "pt-PT", "de"}) == expected
