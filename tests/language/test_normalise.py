"""One rule for case, accents, punctuation and spacing."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.language.normalise import normalise, normalise_query, without_signs
from tests.brief_files import PROPERTY

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Every string that Python can hold, lone surrogates too."""
CASED_TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Z"]))
LETTERS = [chr(code) for code in range(0x3000) if unicodedata.category(chr(code))[0] == "L"]
ACCENTS = [chr(code) for code in range(0x300, 0x315)]
SEPARATORS = ' \t\n\u00a0\u3000!"(),;?@[\\]^_{}–—…«»¿¡„“”·•、。！？「」'
APOSTROPHES = "'’‘ʼ`＇ʹ′"
FAMILY = "👨\u200d👩\u200d👧"
WALES = "🏴" + "".join(chr(0xE0000 + ord(char)) for char in "gbwls") + "\U000e007f"
MARKS = [char for char in map(chr, range(0x20000)) if unicodedata.combining(unicodedata.normalize("NFKD", char)[0])]
"""What is a mark or decomposes to marks, of every combining class."""
SIGNS = st.text("-=!<>+*/%&|^~:?.#$@_()\"' ac1é🚢🇺🏴\u200d\u0338\u0e38\U000e0067\ufe0f", max_size=12)
WORDS = st.lists(st.text("abcxyzäéñ북한їж", min_size=1), min_size=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("North KOREAN Troops", "north korean troops", id="case"),
        pytest.param("Straße STRASSE", "strasse strasse", id="sharp s"),
        pytest.param("ΟΔΟΣ οδος", "οδοσ οδοσ", id="final sigma"),
        pytest.param("İstanbul ISPARTA ısparta", "istanbul isparta isparta", id="Turkish i"),
        pytest.param("Zürich Zu\u0308rich", "zurich zurich", id="accents, composed or not"),
        pytest.param("Łódź Đặng Sørensen Þór œuvre", "lodz dang sorensen thor oeuvre", id="letters of their own"),
        pytest.param("ｆｕｌｌ　ｗｉｄｔｈ ﬁne x²", "full width fine x2", id="compatibility forms"),
        pytest.param("북한군 \u1107\u116e\u11a8\u1112\u1161\u11ab", "북한군 북한", id="Hangul, composed or not"),
        pytest.param("हिन्दी ไทย", "हिन्दी ไทย", id="vowel signs are letters"),
        pytest.param("Солдати КНДР", "солдати кндр", id="Cyrillic"),
        pytest.param("Kim's Kim’s Kim`s", "kims kims kims", id="apostrophes vanish"),
        pytest.param("Kim´s Kim\u1ffds", "kims kims", id="an acute accent typed as an apostrophe"),
        pytest.param("ᾳ \u03b1\u0345", "αι αι", id="iota below, composed or not"),
        pytest.param("a" + "\u05b0\u0e38" * 20, "a" + "\u0e38" * 20, id="heaps of vowel signs"),
        pytest.param("\u0e39\u0e38" * 20, "\u0e39\u0e38" * 20, id="signs that do not change places"),
        pytest.param("1,500 12.000.000 1,500,000", "1500 12000000 1500000", id="thousands"),
        pytest.param("3.14 1,50 1,5000 2024-10-18", "3 14 1 50 1 5000 2024 10 18", id="other numbers"),
        pytest.param("１，５００ münchen", "1500 munchen", id="thousands in full width"),
        pytest.param("nk-troops/(weapons)_now?!", "nk troops weapons now", id="punctuation"),
        pytest.param("  a\t\tb\r\n\u00a0c\u3000d ", "a b c d", id="spacing"),
        pytest.param("tr\u200boo\u00adps \u202eabc\u202c", "troops abc", id="invisible characters"),
        pytest.param("a\ud800b \udfff", "a b", id="lone surrogates"),
        pytest.param("troops 🚢ships👍🏽👍", "troops 🚢 ships 👍 👍", id="emoji, whatever the tone of skin"),
        pytest.param(
            "ships \u2708\ufe0f \u2764 1\ufe0f\u20e3", "ships \u2708 \u2764 1", id="variation selectors, keycaps"
        ),
        pytest.param(f"{FAMILY}👩\u200dx\u200d👩", f"{FAMILY} 👩 x 👩", id="emoji joined, and not"),
        pytest.param("👩🏽\u200d💻", "👩\u200d💻", id="joined emoji with a tone of skin"),
        pytest.param("🇺🇦🇷🇺 🇦🇺🇺", "🇺🇦 🇷🇺 🇦🇺 🇺", id="flags are pairs"),
        pytest.param(f"{WALES} 🏴 x{WALES[1:]}", f"{WALES} 🏴 x", id="flags with tags, and stray tags"),
        pytest.param("C c++, C# (F#) a+ A* Disney+ 18+", "c c++ c# f# a+ a* disney+ 18+", id="signs at a word's end"),
        pytest.param("ｃ＋＋ `c#` C++17 **c++** c#/c++", "c++ c# c++ 17 c++ c# c++", id="the same in other dress"),
        pytest.param(
            "c+++ a+b ctrl+c a#b #c 1+1 a+=b", "c a b ctrl c a b c 1 1 a += b", id="signs that are not at its end"
        ),
        pytest.param(".NET (.env) ~/.bashrc", ".net .env .bashrc", id="a dot before a word"),
        pytest.param("node.js e.g. x. .5 ...and", "node js e g x 5 and", id="other dots"),
        pytest.param("== === != !== <= => := +=", "== === != !== <= => := +=", id="operators"),
        pytest.param("a==b x===? ≠ =\u0338 ≤ ≥", "a == b x === != != <= >=", id="operators beside words"),
        pytest.param(
            "a && b || c -> d :: e ** f // g", "a && b || c -> d :: e ** f // g", id="operators between words"
        ),
        pytest.param("a-b - c -- d ==== e & f ||g|| **h**", "a b c d e f g h", id="signs that are no operators"),
        pytest.param("10% 1,500 % $5 5€", "10 % 1500 % $ 5 5 €", id="percent and currencies"),
        pytest.param("@everyone rock'n'roll “troops”", "everyone rocknroll troops", id="signs that say nothing"),
        pytest.param("كَتَبَ كـتب أَب", "كتب كتب أب", id="harakat and tatweel; the hamza is part of its letter"),
        pytest.param("שָׁלוֹם שלום", "שלום שלום", id="niqqud"),
        pytest.param("()", "()", id="signs alone"),
        pytest.param('"[]" {}', "[] {}", id="signs alone, quoted"),
        pytest.param("?! … ' -", "", id="nothing but marks of sentences"),
        pytest.param("\u3164 \u2800 \ufffd 🏽", "", id="nothing visible"),
        pytest.param("", "", id="empty"),
    ],
)
def test_text_becomes_plain_words(text: str, words: str) -> None:
    assert normalise(text) == words


@PROPERTY
@given(ANY_TEXT)
@example("Ǿ")
@example("x ǽ")
@example('="= ?')
@example("\ufe0f🏴\u200d\U000e0067🚢\u200d🚢")
def test_normalised_text_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@PROPERTY
@given(st.lists(st.sampled_from(MARKS) | st.sampled_from("aα각क\u200d\u034f'1 "), max_size=12), st.integers(1, 40))
@example(["\u0f71", "\uff9e"], 40)
@example(["\u0f81", "\u0f75"], 40)
def test_heaps_of_marks_are_ordered_as_unicode_orders_them(heap: list[str], times: int) -> None:
    text = "".join(heap) * times
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFKC", once)
    assert normalise(unicodedata.normalize("NFD", text)) == once


def test_every_letter_is_normalised_in_one_go() -> None:
    assert [letter for letter in LETTERS if normalise(normalise(letter)) != normalise(letter)] == []


@PROPERTY
@given(ANY_TEXT)
def test_the_result_is_what_can_be_seen_with_single_spaces(text: str) -> None:
    result = normalise(text)
    assert result.split(" ") == (result.split() or [""])
    joiners = {"\u200d", *map(chr, range(0xE0020, 0xE0080))}
    assert {unicodedata.category(char)[0] for char in set(result) - {" "} - joiners} <= set("LMNPS")


@PROPERTY
@given(SIGNS)
@example("c++=")
@example("a+.b*c#.#=>=|| ->")
def test_text_full_of_signs_stays_as_it_is_once_it_is_normalised(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@PROPERTY
@given(SIGNS, SIGNS)
def test_what_signs_are_kept_tells_texts_apart_and_makes_none_alike(left: str, right: str) -> None:
    if normalise(left) == normalise(right):
        assert without_signs(left) == without_signs(right)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("<@1> troops", "troops"),
        ("<@!123456789012345678>troops<@&2>", "troops"),
        ("troops in <#3>?", "troops in"),
        ("<:ship:1> ships <a:wave_1:2>", "ships"),
        ("since <t:1700000000:R> or <t:-1>", "since or"),
        ("</brief troops:12> troops", "troops"),
        ("<id:customize> <id:linked-roles:1>", ""),
        ("https://discord.com/channels/1/2/3 troops", "troops"),
        ("https://ptb.discordapp.com/channels/@me/2", ""),
        ("<@1 <#x> <:a:>", "1 x a"),
        ("a <b> c", "a b c"),
    ],
)
def test_what_discord_makes_of_mentions_emoji_times_and_links_is_no_part_of_a_query(query: str, words: str) -> None:
    assert normalise_query(query) == words


@PROPERTY
@given(CASED_TEXT)
@example("Weiß ŉ ǆ ﬁ ᾳ")
def test_case_makes_no_difference(text: str) -> None:
    assert {normalise(text.upper()), normalise(text.lower()), normalise(text.title())} == {normalise(text)}


@PROPERTY
@given(st.lists(st.tuples(st.sampled_from([*LETTERS[:400], *"12 -"]), st.sampled_from(["", *ACCENTS])), max_size=8))
@example([("ø", "\u0301")])
@example([("æ", "\u0304")])
def test_accents_make_no_difference(pairs: list[tuple[str, str]]) -> None:
    plain = "".join(letter for letter, _ in pairs)
    accented = "".join(letter + accent for letter, accent in pairs)
    assert normalise(accented) == normalise(unicodedata.normalize("NFC", accented)) == normalise(plain)


@PROPERTY
@given(WORDS, st.data())
def test_any_punctuation_separates_words_like_a_space(words: list[str], data: st.DataObject) -> None:
    gaps = [data.draw(st.text(SEPARATORS, min_size=1)) for _ in words]
    text = gaps[0] + "".join(word + gap for word, gap in zip(words, gaps, strict=True))
    assert normalise(text) == normalise(" ".join(words))


@PROPERTY
@given(WORDS, st.sampled_from(APOSTROPHES))
def test_apostrophes_never_split_a_word(words: list[str], apostrophe: str) -> None:
    assert normalise(apostrophe.join(words)) == normalise("".join(words))
