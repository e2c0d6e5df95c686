"""Words with typing errors are read as words of the base, and what is no typing error is left alone."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.answering.ranking.spelling import AT_MOST, Speller, allowed
from tests.brief_files import PROPERTY

VOCABULARY = dict.fromkeys("in of sun kim troops soldiers ammunition khabarovsk 10000 kn23 북한 хабаровськ".split(), 1)
SPELLER = Speller(VOCABULARY)


def read(word: str, speller: Speller = SPELLER) -> str | None:
    return speller.repair([word]).get(word, (None, 0.0))[0]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        pytest.param("trops", "troops", id="a letter lost"),
        pytest.param("troopps", "troops", id="a letter added"),
        pytest.param("troips", "troops", id="a letter replaced"),
        pytest.param("torops", "troops", id="two letters swapped"),
        pytest.param("roops", "troops", id="the first letter lost"),
        pytest.param("troopsx", "troops", id="a letter added at the end"),
        pytest.param("sn", None, id="two letters are too few"),
        pytest.param("sxn", "sun", id="three letters are enough"),
        pytest.param("trps", None, id="two edits are too many in a short word"),
        pytest.param("amuniton", "ammunition", id="two edits in a long word"),
        pytest.param("amunito", None, id="three edits are too many in any"),
        pytest.param("북힌", "북한", id="a vowel of a Hangul syllable"),
        pytest.param("북하", "북한", id="a Hangul syllable whose end is lost"),
        pytest.param("хабарувськ", "хабаровськ", id="Cyrillic"),
        pytest.param("1000", None, id="a number is never another"),
        pytest.param("10001", None, id="nor one with a digit replaced"),
        pytest.param("kn24", None, id="nor a word with digits"),
        pytest.param("tro0ps", None, id="nor one with a digit for a letter"),
        pytest.param("moonlight", None, id="nothing is like it"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_word_is_read_as_the_nearest_of_the_base(typed: str, word: str | None) -> None:
    assert read(typed) == word


def test_the_nearer_word_wins_and_of_equally_near_ones_the_more_frequent() -> None:
    speller = Speller({"ships": 9, "shops": 1, "strips": 9})
    assert read("shps", speller) == "ships"
    assert read("shoppingg", Speller({"shipping": 9, "shopping": 1})) == "shopping"
    assert read("shops", Speller({"ships": 1, "chops": 7, "hops": 1})) == "chops"


def test_likeness_is_the_share_of_letters_that_both_have() -> None:
    likeness = {word: SPELLER.repair([word])[word][1] for word in ("trops", "amuniton", "북힌")}
    assert likeness["trops"] == 1 - 1 / 6
    assert likeness["amuniton"] == 1 - 2 / 10
    assert likeness["북힌"] == 1 - 1.5 / 6  # a letter in place of another


def test_only_so_many_unknown_words_are_repaired_and_short_ones_take_no_place() -> None:
    typos = [f"troops{chr(97 + i)}" for i in range(26)]
    repaired = SPELLER.repair(["xx", "12345", *typos])
    assert list(repaired) == typos[:AT_MOST]


@pytest.mark.parametrize("words", [(), ("troops",)])
def test_an_empty_base_or_question_has_no_repairs(words: tuple[str, ...]) -> None:
    assert Speller({}).repair(words) == {}
    assert SPELLER.repair(()) == {}


@PROPERTY
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=20))
def test_any_words_are_repaired_within_the_bounds(words: list[str]) -> None:
    for word, (read_as, likeness) in SPELLER.repair(words).items():
        assert word in words
        assert read_as in VOCABULARY
        assert 0 < likeness <= 1
        assert not any(letter.isdigit() for letter in word)


@PROPERTY
@given(st.sampled_from([word for word in VOCABULARY if word.isascii() and word.isalpha() and len(word) > 3]), st.data())
def test_one_edit_anywhere_is_repaired(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcxyz"))
    swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    for typed in (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], swapped):
        assert OSA.distance(typed, word) <= 1
        assert read(typed) == word


@PROPERTY
@given(st.lists(st.text("abcЀр", min_size=3, max_size=9), min_size=1, max_size=9), st.text("abcЀр", max_size=9))
def test_a_word_is_repaired_if_and_only_if_one_is_near_enough(base: list[str], typed: str) -> None:
    """Some of these letters are one and the same modulo 64."""
    nearest = min(OSA.distance(normalize("NFD", typed), normalize("NFD", word)) for word in base)
    assert (read(typed, Speller(dict.fromkeys(base, 1))) is not None) == (nearest <= allowed(normalize("NFD", typed)))


@pytest.mark.parametrize(
    ("word", "edits"), [("", 0), ("ab", 0), ("abc", 1), ("seventh", 1), ("eighthly", 2), ("a2c", 0)]
)
def test_longer_words_may_hold_more_errors(word: str, edits: int) -> None:
    assert allowed(word) == edits


def test_repairs_that_are_remembered_are_the_same_and_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.answering.ranking.spelling.REMEMBERED", 2)
    speller = Speller(VOCABULARY)
    typed = ["trops", "soldeirs", "xyzzy", "amunition", "trops", "xyzzy", "x" * 1000]
    assert [read(word, speller) for word in typed] == [read(word, Speller(VOCABULARY)) for word in typed]
    assert len(speller._repairs) <= 2
    assert "x" * 1000 not in speller._repairs
