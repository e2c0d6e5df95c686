"""Questions in the languages of translations: each language has a matcher, and the best answer of all counts."""

from pathlib import Path

import pytest
import yaml

from bot.answering.answer import Answer, Found, Missing, Unsure, answer
from bot.answering.explain import explain
from bot.answering.matcher import Matcher
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.translation import Translation
from bot.language.endings import korean, ukrainian
from bot.language.normalise import normalise
from bot.language.scripts import main_script
from tests.brief_files import a_brief, base_of
from tools.matchers import matcher_of

ASKED = yaml.safe_load((Path(__file__).parent.parent / "tongues.yaml").read_text(encoding="utf-8"))
"""Questions by language, each with the brief that it means; and questions that no brief is about."""


@pytest.fixture(scope="module")
def matcher(shipped: BriefBase) -> Matcher:
    return matcher_of(shipped)


@pytest.fixture(scope="module")
def alone(shipped: BriefBase) -> Matcher:
    return matcher_of(BriefBase(shipped.briefs))


def first(found: Answer) -> str | None:
    """Return the brief that the asker sees at once."""
    return found.shown.id if found.shown else None


@pytest.mark.parametrize("language", ["ko", "uk"])
def test_most_questions_in_a_translated_language_are_answered_and_nearly_all_offered(
    matcher: Matcher, language: str
) -> None:
    found = {brief: answer(str(text), matcher, language) for text, brief in ASKED[language].items()}
    answers = [(answer(str(text), matcher, language), brief) for text, brief in ASKED[language].items()]
    right = [first(found) == brief for found, brief in answers]
    offered = [brief in [first(found), *(each.id for each in found.offered)] for found, brief in answers]
    assert found
    assert sum(right) >= 0.9 * len(answers)
    assert sum(offered) >= 0.95 * len(answers)


def test_nothing_that_no_brief_is_about_is_answered_for_all_to_read(matcher: Matcher) -> None:
    assert [text for text in ASKED["none"] if isinstance(answer(str(text), matcher), Found)] == []


@pytest.mark.parametrize(
    "query", ["troops", "north korea", "who is ryabykh", "trops in rusia", "adele", "hello", "12k", "?"]
)
def test_translations_change_no_english_answer(matcher: Matcher, alone: Matcher, query: str) -> None:
    assert answer(query, matcher, "uk") == answer(query, alone)
    assert matcher.complete(query, 25) == alone.complete(query, 25)


def test_an_answer_has_the_briefs_of_the_base_itself(matcher: Matcher) -> None:
    own = matcher.base.briefs
    found = [answer(query, matcher) for query in ("скільки солдатів з кндр", "북한군", "포탄 미사일 무기", "погода")]
    assert [type(each) for each in found] == [Found, Found, Unsure, Missing]
    shown = [brief for each in found for brief in (*each.offered, *(c.brief for c in each.suggestions)) if brief]
    assert all(brief is own[brief.id] for brief in [*shown, found[0].shown, found[1].shown] if brief)


def two_languages() -> Matcher:
    """Return a matcher over two briefs in English, of which one is translated into German."""
    ships, boats = a_brief("ships", title="Ships", aliases=["vessels"]), a_brief("boats", title="Rowing boats")
    german = Translation.model_construct(
        id="ships", language="de", of=ships.digest, title="Schiffe im Hafen", aliases=("Kutter",), summary=ships.summary
    )
    return matcher_of(BriefBase(base_of(ships, boats).briefs, {"ships.de": german}))


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("vessels", ["english"]),
        ("Kutter", ["german"]),
        ("Schiffe im Haven", ["german"]),
        ("rowing Kutter", ["english", "german"]),
        ("xyzzy", ["english"]),
        ("кораблі", ["english"]),
        ("?", ["english"]),
    ],
)
def test_of_two_languages_in_one_script_the_one_that_knows_more_words_is_asked(query: str, asked: list[str]) -> None:
    matcher = two_languages()
    names = {id(matcher): "english", id(matcher.translated["de"]): "german"}
    assert [names[id(each)] for each in matcher.asked(query)] == asked


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("russian ships and the port of chongjin", []),
        ("Російські кораблі й порт Чхонджин", []),
        ("trops", ["en"]),
        ("북한군 병력", ["en", "ko"]),
        ("скільки кораблів", ["en", "uk"]),
    ],
)
@pytest.mark.slow
def test_a_language_has_no_index_before_a_question_needs_it(
    shipped: BriefBase, query: str, languages: list[str]
) -> None:
    matcher = Matcher(shipped)
    answer(query, matcher)
    assert indexed(matcher) == languages
    assert indexed(matcher.built()) == ["en", "ko", "uk"]


def indexed(matcher: Matcher) -> list[str]:
    """Return the languages of which a matcher has the index."""
    return [tag for tag, each in (("en", matcher), *matcher.translated.items()) if "ranker" in vars(each)]


def test_a_letter_that_is_none_to_a_reader_asks_the_base_itself(matcher: Matcher) -> None:
    assert matcher.asked("\u115f") == [matcher]  # a filler, which Unicode counts among the letters of Hangul


def test_of_two_languages_that_know_as_much_the_readers_is_asked_first() -> None:
    matcher = two_languages()
    assert matcher.asked("xyzzy", "de-DE")[0] is matcher.translated["de"]


def test_a_title_is_found_in_full_in_every_language() -> None:
    matcher = two_languages()
    assert [matcher.named(text) for text in ("Schiffe im Hafen", "KUTTER", "ships")] == [
        matcher.base.briefs["ships"]
    ] * 3


def titles(briefs: list[Brief]) -> list[str]:
    return [brief.title for brief in briefs]


def test_completions_have_the_titles_of_the_readers_language_where_there_are_some() -> None:
    matcher = two_languages()
    assert titles(matcher.complete("", 25)) == ["Rowing boats", "Ships"]
    assert titles(matcher.complete("", 25, "de")) == ["Rowing boats", "Schiffe im Hafen"]
    assert titles(matcher.complete("kutt", 25, "de")) == ["Schiffe im Hafen"]
    assert titles(matcher.complete("kutt", 25)) == ["Ships"]


def test_what_was_replaced_is_answered_with_what_replaced_it_in_every_language() -> None:
    old, new = a_brief("old", title="Old ships", replaced_by="new"), a_brief("new", title="New ships")
    german = Translation.model_construct(id="old", language="de", title="Alte Kutter", summary=old.summary)
    matcher = matcher_of(BriefBase(base_of(old, new).briefs, {"old.de": german}))
    found = answer("alte kuttern", matcher)
    assert isinstance(found, Unsure | Found)
    assert (found.shown, found.replaces) == (new, old)


def test_why_a_question_was_answered_is_said_in_the_words_of_its_language(matcher: Matcher) -> None:
    assert "troops" in (said := explain("скільки солдатів кндр у росії зараз", matcher))
    assert "read as" in said or "солдатів: weight" in said


@pytest.mark.parametrize(
    ("text", "script"),
    [("troops", "LATIN"), ("북한군 NIS", "HANGUL"), ("НРС", "CYRILLIC"), ("12 000", None), ("", None)],
)
def test_a_text_is_of_the_script_of_most_of_its_letters(text: str, script: str | None) -> None:
    assert main_script(text) == script


@pytest.mark.parametrize(
    "forms",
    [
        "солдат солдати солдатів солдатам солдатами",
        "Зеленський Зеленського Зеленскому Зеленский",
        "зброя зброї зброю зброєю",
        "ракета ракети ракету ракетами",
    ],
)
def test_the_forms_of_a_ukrainian_word_have_one_stem(forms: str) -> None:
    assert len({ukrainian(normalise(form)) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "forms", ["북한군 북한군이 북한군은 북한군의", "러시아 러시아로 러시아에서는", "조약 조약을 조약이라는"]
)
def test_a_korean_word_has_one_stem_with_every_particle(forms: str) -> None:
    assert len({korean(form) for form in forms.split()}) == 1


def test_what_would_be_left_without_a_stem_stays() -> None:
    assert [korean(word) for word in ("나가", "이", "배가")] == ["나가", "이", "배가"]
    assert [ukrainian(word) for word in ("юн", "ким", "мова")] == ["юн", "ким", "мов"]
