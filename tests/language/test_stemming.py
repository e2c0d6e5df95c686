"""Stems: the same for the forms of a word, and the same from whichever thread."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.language.stemming import LANGUAGES, Stem, stemmer

WORDS = [
    f"{stem}{ending}"
    for stem in "soldier attack negotiat deploy relat national hop run organis happi argu generous".split()
    for ending in ("", "s", "ing", "ed", "ation", "ational", "fulness", "iveness", "ly", "ies", "y", "'s")
]
THREADS = 8


@pytest.fixture
def hurried() -> Iterator[None]:
    """Switch between threads as often as the interpreter can, so that they meet in the middle of a word."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize(("one", "other"), [("soldier", "soldiers"), ("deploy", "deployed"), ("run", "running")])
def test_the_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    stem = stemmer("english")
    assert stem(one) == stem(other)


def test_without_a_language_words_stay_as_they_are() -> None:
    assert [stemmer("none")(word) for word in WORDS] == WORDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_takes_every_word(language: str) -> None:
    stem = stemmer(language)
    for word in ("soldiers", "북한군", "солдаты", "", "x" * 6000, "1500", "\ud800"):
        assert isinstance(stem(word), str)


def stems_of_threads(stem: Stem) -> list[list[str]]:
    """Return the stems of WORDS from each of several threads, which begin together and each with another word."""
    together = Barrier(THREADS)

    def stems(turn: int) -> list[str]:
        together.wait()
        found = [stem(word) for word in WORDS[turn:] + WORDS[:turn]]
        return found[len(WORDS) - turn :] + found[: len(WORDS) - turn]

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(stems, range(THREADS)))


@pytest.mark.usefixtures("hurried")
def test_many_threads_get_the_same_stems_as_one() -> None:
    expected = [stemmer("english")(word) for word in WORDS]
    for _ in range(10):
        assert stems_of_threads(stemmer("english")) == [expected] * THREADS
