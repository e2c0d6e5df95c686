"""How people write: numbers, initialisms, words run together or apart, unfinished, misspelt, and words of cards."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.answering.answer import Unsure, answer
from bot.answering.matcher import Matcher
from bot.answering.ranking.confidence import SIGNALS, WEIGHTS, chances
from bot.answering.ranking.reading import initialisms
from bot.answering.ranking.texts import Texts
from bot.answering.ranking.tokens import tokens
from bot.language.fillers import fillers
from bot.language.normalise import normalise
from bot.language.stemming import LANGUAGES, stemmer
from tests.brief_files import a_brief, base_of

NEAR_TOPICS = Path(__file__).parent.parent / "near_topics.yaml"
NONE = np.zeros(0, np.int64)
MATCHER = Matcher(
    base_of(
        a_brief(
            "troops",
            title="North Korean troops",
            aliases=["nk troops", "북한군", "파병"],
            questions=["Are 12,000 due?"],
        ),
        a_brief("ships", title="Russian ships", summary="They sailed from the harbour of Chongjin."),
        a_brief("kim", title="Kim Jong Un and Putin", questions=["What did Kim Jong Un write?"]),
        a_brief("office", title="South Korean office", aliases=["south korean ministry"]),
        a_brief("shells", title="Eight million shells", aliases=["122mm shells"], questions=["How many shells?"]),
        a_brief("front", title="The frontline", aliases=["shipping containers", "indentation", "intent"]),
        a_brief("addressinuse", title="addressinuse", summary="The address is in use by something else."),
        a_brief("help", title="Where to ask", aliases=["help"]),
    )
)
"""One brief for each way to write."""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("8mil", "8000000"), ("8 mln", "8000000"), ("two millions", "2000000"), ("3 bln", "3000000000"),
        ("12k", "12000"), ("12 thousand", "12000"), ("12 000", "12000"), ("12,000", "12000"), ("1.5k", "1500"),
        ("1.25 million", "1250000"), ("8m shells", "8000000 shells"), ("eight million", "8000000"),
        ("ten thousand", "10000"), ("2bn", "2000000000"), ("two hundred", "200"), ("8 m", "8 m"), ("eight", "eight"),
        ("122mm", "122 mm"), ("152-mm", "152 mm"), ("java17", "java 17"), ("F-16", "f 16"),
        ("122 and 152 mm", "122 and 152 mm"), ("N.I.S.", "nis"), ("r y a b y k h", "ryabykh"), ("U.N. vote", "un vote"),
        ("그 수", "그 수"), ("9" * 20 + "k", "9" * 20 + " k"), ("", ""), ("c++ a", "c++ a"),
    ],
)  # fmt: skip
def test_numbers_and_initialisms_are_written_one_way(text: str, read: str) -> None:
    assert " ".join(tokens(normalise(text))) == read
    assert tokens(read) == read.split()  # which stays as it is


@pytest.mark.parametrize(
    ("query", "read"),
    [
        pytest.param("nktroops", ["nk", "troops"], id="run together"),
        pytest.param("북한군파병", ["북한군", "파병"], id="run together in another script"),
        pytest.param("front line", ["frontline"], id="apart"),
        pytest.param("KJU putin", ["kim", "jong", "un", "putin"], id="initials of a name"),
        pytest.param("122 mm shells", ["122", "mm", "shells"], id="a number and its unit"),
        pytest.param("russian shel", ["russian", "shells"], id="unfinished"),
        pytest.param("shipping c", ["shipping", "containers"], id="unfinished after one letter, beside its neighbour"),
        pytest.param("shel russian", [None, "russian"], id="unfinished, but not the last"),
        pytest.param("sh", [None], id="too short to be unfinished"),
        pytest.param("russianship", ["russian", "ship"], id="run together, in another inflection"),
        pytest.param("intentation", ["indentation"], id="a repair that is better than a stem"),
        pytest.param("intents", ["intents"], id="an inflection"),
        pytest.param("harbour", ["harbour"], id="a word of a card's text"),
        pytest.param("harbuor", ["harbour"], id="the same, misspelt"),
    ],
)
def test_words_are_read_as_those_of_the_base(query: str, read: list[str | None]) -> None:
    assert [word.read for word in MATCHER.explain(query, 1).words] == read


@pytest.mark.parametrize(
    ("query", "brief"),
    [
        ("nktroops", "troops"),
        ("troops 12k", "troops"),
        ("12 thousand", "troops"),
        ("8m shells", "shells"),
        ("address in use", "addressinuse"),
        ("harbour of chongjin", "ships"),
        ("front line", "front"),
        ("KJU", "kim"),
    ],
)
def test_what_is_written_otherwise_finds_its_brief(query: str, brief: str) -> None:
    assert MATCHER.rank(query, 1)[0].brief.id == brief
    assert answer(query, MATCHER).outcome != "miss"


@pytest.mark.parametrize("filler", ["{} pls", "what is {}", "tell me about {}", "{} news", "hey any info on {}?"])
def test_an_alias_with_words_that_say_nothing_is_answered_like_the_alias(matcher: Matcher, filler: str) -> None:
    missed = [
        alias
        for brief in matcher.base.briefs.values()
        for alias in brief.aliases
        if answer(filler.format(alias), matcher).brief != brief
    ]
    assert len(missed) <= 0.02 * sum(len(brief.aliases) for brief in matcher.base.briefs.values())


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name not in ("none", "english", "porter")])
def test_every_language_with_a_stemmer_has_words_that_say_nothing(language: str) -> None:
    own = fillers(language) - fillers("english")
    assert len(own) >= 15
    assert all(normalise(word) == word for word in own)


@pytest.mark.parametrize(
    ("language", "alias", "query"),
    [
        ("german", "truppen", "was ist denn mit den truppen bitte"),
        ("french", "troupes", "bonjour, c'est quoi les troupes svp"),
        ("spanish", "tropas", "hola, qué son las tropas?"),
        ("russian", "войска", "привет, что это за войска"),
        ("polish", "wojska", "cześć, co to są wojska?"),
    ],
)
def test_an_alias_among_words_that_say_nothing_is_answered_in_other_languages(
    language: str, alias: str, query: str
) -> None:
    troops = a_brief("troops", title="Troops", aliases=[alias])
    matcher = Matcher(base_of(troops, a_brief("ships", title="Ships"), a_brief("moon", title="Moon")), language)
    found = answer(query, matcher).brief
    assert found
    assert found.id == "troops"


def test_a_word_that_says_nothing_elsewhere_says_something_where_it_is_a_phrase() -> None:
    found = answer("help pls", MATCHER).brief
    assert found
    assert found.id == "help"


def test_a_repair_never_makes_a_word_of_three_letters_a_word_that_says_nothing() -> None:
    (word,) = MATCHER.explain("thr", 1).words  # which is near to "the"
    assert not word.filler


def test_at_most_one_near_topic_of_a_hundred_is_answered_for_all_to_read(matcher: Matcher) -> None:
    asked = yaml.safe_load(NEAR_TOPICS.read_text(encoding="utf-8"))
    answered = [query for query in asked if answer(query, matcher).outcome == "answer"]
    assert len(answered) <= 0.01 * len(asked), answered


@pytest.mark.parametrize("query", ["shopping", "guard dog", "south korean soldiers", "un security meeting", "kimchi"])
def test_near_topics_are_not_answered_for_all_to_read(matcher: Matcher, query: str) -> None:
    assert answer(query, matcher).outcome != "answer"


def test_a_word_misread_as_one_that_the_best_brief_lacks_is_unknown_to_it() -> None:
    """ "Black" is one letter from "back", which another brief has, but whoever asks for it means neither."""
    ships = a_brief("ships", title="Russian ships", aliases=["russian ships at sea"])
    matcher = Matcher(base_of(ships, a_brief("call", title="Call me back"), a_brief("moon", title="Moon")))
    least = matcher.thresholds.unknown
    assert matcher.judge("russian ships black sea", 1).unknown > least
    assert answer("russian ships black sea", matcher).outcome != "answer"
    assert matcher.judge("russain ships sea", 1).unknown == 0  # misread as a word that the brief has


def test_fillers_that_ask_for_another_brief_are_a_reason_for_doubt() -> None:
    """ "Order" is a phrase, and "is my … here" says nothing; but another brief has it all."""
    order = a_brief("order", title="Order", aliases=["buy something"])
    status = a_brief("status", title="Where is it", questions=["Is my order here yet?", "Is my order on its way here?"])
    matcher = Matcher(base_of(order, status, a_brief("moon", title="Moon")))
    assert answer("tell me about order pls", matcher).brief is order
    assert answer("is my order here", matcher).brief is None


@pytest.mark.parametrize(
    ("query", "others"),
    [
        pytest.param("south korean troops", ("south korean",), id="a pair that another brief has"),
        pytest.param("un shells", ("un",), id="a word of a name without the rest"),
        pytest.param("kim jong un shells", (), id="a name in full"),
        pytest.param("north korean troops in winter", (), id="the brief's own pair"),
    ],
)
def test_another_name_is_a_reason_for_doubt(query: str, others: tuple[str, ...]) -> None:
    assert MATCHER.explain(query, 1).others == others


def test_a_likely_brief_is_shown_to_the_asker_alone(matcher: Matcher) -> None:
    found = answer("kim jong un wife", matcher)
    assert isinstance(found, Unsure)
    assert found.shown
    assert found.shown.id == "kim-putin"


def test_names_have_initials_where_they_are_three_to_five_capitalised_words() -> None:
    found = initialisms(["The Kim Jong Un era", "kim jong un", "South Korea", "Yoon Suk-Yeol said so"])
    assert found["kju"] == ("kim", "jong", "un")
    assert found["tkju"] == ("the", "kim", "jong", "un")
    assert found["ysy"] == ("yoon", "suk", "yeol")
    assert "sk" not in found


def test_a_text_is_more_about_a_rare_word_and_a_word_that_it_has_more_often() -> None:
    texts = Texts([["harbour", "ship"], ["ship", "crew"], ["crew", "crew"], []], stemmer("english"), lambda _: NONE)
    assert texts.of("harbours").briefs.tolist() == [0]
    rare, common = texts.of("harbour").values, texts.of("ship").values
    assert rare[0] > common[0]
    assert dict(zip(texts.of("crew").briefs, texts.of("crew").values, strict=True))[2] > texts.of("crew").values[0]
    assert texts.of("moon").briefs.tolist() == []


def test_a_text_says_which_of_its_words_no_phrase_of_the_brief_has() -> None:
    in_phrases = {"ship": np.array([1])}
    texts = Texts([["ship"], ["ship", "crew"]], stemmer("english"), lambda stem: in_phrases.get(stem, NONE))
    assert texts.of("ships").alone.tolist() == [1, 0]
    assert texts.of("crew").alone.tolist() == [1]


def test_chances_are_bounded_and_rise_with_the_score_and_fall_with_what_is_unknown() -> None:
    quiet = np.zeros(len(SIGNALS))
    loud = np.array([float(name == "unknown") for name in SIGNALS])
    for scores in (np.array([3.0, 1.0]), np.array([0.0, 0.0]), np.array([1e6, -1e6])):
        found = chances(scores, quiet)
        assert (found >= 0).all()
        assert found.sum() <= 1 + 1e-9
        assert found.tolist() == sorted(found, reverse=True)
        assert (chances(scores, loud) <= found).all()
    assert WEIGHTS["score"] > 0
