"""Names, quotations and sentences are found in a text, by the rules of English."""

import pytest

from bot.authoring.article.claims import (
    LONG_NAME,
    SHORT_NAME,
    SINGLE_WORD,
    UNLINKED_NAME,
    CommonWords,
    names,
    quotations,
    sentences,
)

COMMON = CommonWords(["A storm floods the port, and prices rise."])


def found(text: str) -> list[str]:
    return [name.text for name in names(text, COMMON)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ministry of Inland Waters met.", ["Ministry of Inland Waters"]),
        ("the coast of Korvosk, Ussurin and Khabar", ["Korvosk", "Ussurin", "Khabar"]),
        ("Norland’s Grid Agency (NGA)", ["Norland", "Grid Agency", "NGA"]),
        ("They met Kim Jong-un of the U.S. Navy.", ["Kim Jong-un of the U.S. Navy"]),
        ("They met George W. Bush and Mr. Poe and Dr Li.", ["George W. Bush", "Poe", "Li"]),
        ("They met O’Brien and D'Angelo.", ["O’Brien", "D'Angelo"]),
        ("An F-16 and a T72 were lost, I say.", ["F-16", "T72"]),
        ("They met Зеленський. 그는 왔다.", ["Зеленський"]),
        ("a small text", []),
        ("", []),
    ],
)
def test_a_name_is_capitalised_words_in_a_row(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Macron says no. Macron met Scholz.", ["Macron", "Macron", "Scholz"]),
        ("Brussels says no.", ["Brussels"]),
        ("Beijing came, Italy came.", ["Beijing", "Italy"]),
        ("Storms came. Flooding came. Price rises came. Seven came. Nobody came.", []),
        ("Happily they left. Sailors left. Disappointment grew. Negotiations failed.", []),
        ("“Storms came,” they said: Storms came.", []),
        ("They saw Storms there.", ["Storms"]),
        ("Storm Ana came.", ["Storm Ana"]),
        ("The US came. US troops came. WHO came. IT helped.", ["US", "US", "WHO", "IT"]),
        ("Who came? It is us.", []),
    ],
)
def test_a_common_word_that_opens_a_sentence_is_no_name(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_a_name_is_doubtful_if_its_first_word_may_not_belong_to_it() -> None:
    assert [name.doubtful for name in names("Storm Ana came. Port Ana came. They met Storm Ana.", COMMON)] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (LONG_NAME, ["South Korean President Yoon of Seoul-Korea"]),
        (SHORT_NAME, ["South Korean", "President Yoon of Seoul", "Korea"]),
        (UNLINKED_NAME, ["South Korean President Yoon", "Seoul", "Korea"]),
        (SINGLE_WORD, ["South", "Korean", "President", "Yoon", "Seoul", "Korea"]),
    ],
)
def test_a_name_ends_where_it_is_told_to(within: object, expected: list[str]) -> None:
    text = "the South Korean President Yoon of Seoul-Korea"
    assert [name.text for name in names(text, COMMON, within)] == expected  # type: ignore[arg-type]


def test_a_name_has_its_place() -> None:
    text = "Once Ana Li’s Kim Jong-un came."
    assert [text[name.start : name.end] for name in names(text, COMMON)] == ["Ana Li", "Kim Jong-un"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“a” ‘b’ \"c\" 'd' «e» »f« „g“ ‚h‘ ”i” 「j」", list("abcdefghij")),
        ("“he said ‘no’ to us”", ["he said ‘no’ to us"]),
        ("'the crew's risk' and ‘the crew’s risk’", ["the crew's risk", "the crew’s risk"]),
        ("the sailors' risk and the crews' work", []),
        ('a 6" gun and a 7" gun', []),
        ("그는 “큰 위험”이라고 했다", ["큰 위험"]),
        ("“…” and “never closed", []),
    ],
)
def test_a_quotation_is_what_stands_in_quotation_marks(text: str, expected: list[str]) -> None:
    assert [quotation.text for quotation in quotations(text)] == expected
    assert all(text[quotation.start : quotation.end] == quotation.text for quotation in quotations(text))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One came. Two left! Did they? “Yes.” So be it…", 5),
        ("Mr. Poe of the U.S. Navy met J. R. Li and Gen. Bo.", 1),
        ("It fell by 3.5 percent. “No!” he cried.", 2),
        ("A heading\n\nA text", 2),
        ("One line that was\nwrapped.", 1),
        (" . ", 0),
    ],
)
def test_a_text_has_sentences(text: str, count: int) -> None:
    assert len(sentences(text)) == count
