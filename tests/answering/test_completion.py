"""Half-typed text is completed to what it begins, with at most one typing error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.completion import Completer
from bot.answering.matcher import Matcher
from bot.briefs.brief import BriefBase
from tests.brief_files import PROPERTY, a_brief, base_of

PHRASES = [
    "security meeting",
    "north korean troops in russia",
    "the troops",
    "trumpets",
    "weapons",
    "북한군",
    "війська",
]
COMPLETER = Completer(PHRASES, range(len(PHRASES)))


def found(text: str, limit: int = 25, phrases: list[str] = PHRASES) -> list[str]:
    return [phrases[owner] for owner in Completer(phrases, range(len(phrases))).find(text, limit)]


@pytest.mark.parametrize("text", ["security", "security m", "meeting", "security meeting", "meet"])
def test_text_that_begins_a_word_finds_its_phrase_alone(text: str) -> None:
    assert found(text) == ["security meeting"]


def test_text_within_a_word_finds_nothing() -> None:
    assert found("oops") == found("ecuritm") == []


def test_beginnings_of_phrases_come_before_those_of_later_words_and_shorter_before_longer() -> None:
    phrases = ["our ships", "ships of the north", "ships", "the ships"]
    assert found("ship", 25, phrases)[:2] == ["ships", "ships of the north"]
    assert set(found("ship", 25, phrases)[2:]) == {"our ships", "the ships"}
    assert found("ship", 25, ["ship after ship", "ships"]) == ["ships", "ship after ship"]


def test_what_is_typed_rightly_comes_before_what_a_correction_finds() -> None:
    phrases = ["bear", "an old bean in a very long phrase"]
    assert found("bean", 25, phrases) == ["an old bean in a very long phrase", "bear"]
    assert found("bean", 1, phrases) == ["an old bean in a very long phrase"]


TYPOS = [
    (kind, "security me", typed)
    for at in range(1, 10)
    for kind, typed in (
        ("lost", "security me"[:at] + "security me"[at + 1 :]),
        ("added", "security me"[:at] + "x" + "security me"[at:]),
        ("replaced", "security me"[:at] + "x" + "security me"[at + 1 :]),
        ("swapped", "security me"[:at] + "security me"[at + 1] + "security me"[at] + "security me"[at + 2 :]),
    )
]


@pytest.mark.parametrize(("kind", "text", "typed"), TYPOS)
def test_one_typing_error_anywhere_is_forgiven(kind: str, text: str, typed: str) -> None:
    assert found(typed)[:1] == found(text) == ["security meeting"], kind


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [("ecurity", 0), ("xsecurity", 0), ("escurity", 0), ("wespons", 4), ("weaponx", 4), ("weaposn", 4), ("війска", 6)],
)
def test_errors_at_the_ends_and_in_any_script_are_forgiven(typed: str, phrase: int) -> None:
    assert found(typed)[:1] == [PHRASES[phrase]]


def test_a_letter_too_many_after_the_whole_phrase_is_forgiven() -> None:
    assert found("weaponsx") == ["weapons"]


def test_two_typing_errors_are_not_forgiven() -> None:
    assert found("sxcuxity") == []


def test_a_brief_with_hundreds_of_phrases_that_begin_alike_hides_no_other() -> None:
    phrases = [*(f"how many a{number:03}" for number in range(250)), "how many zebras"]
    assert set(Completer(phrases, [0] * 250 + [1]).find("how many", 25)) == {0, 1}


def test_hundreds_of_later_words_hide_no_beginning() -> None:
    phrases = [*(f"old troops {number:03}" for number in range(250)), "troops zone"]
    assert found("troops", 5, phrases)[0] == "troops zone"


def test_nothing_is_found_in_nothing() -> None:
    assert Completer([], []).find("a", 3) == Completer([], []).find("", 3) == []


@PROPERTY
@given(st.text("secuti mngтр북한", max_size=14), st.integers(0, 8))
def test_never_more_than_the_limit_and_each_owner_once(text: str, limit: int) -> None:
    owners = COMPLETER.find(text, limit)
    assert len(owners) <= limit
    assert len(set(owners)) == len(owners)
    beginning = {owner for owner, phrase in enumerate(PHRASES) if f" {phrase}".find(f" {text}") >= 0}
    assert set(owners[: len(beginning)]) <= beginning  # the exact ones stand first
    assert len(beginning & set(owners)) == min(limit, len(beginning))


# The matcher's completion, which goes on by rank


@given(st.lists(st.text("ab c", min_size=1), max_size=8))
@PROPERTY
def test_the_starts_of_words_are_in_order_however_short_they_are(phrases: list[str]) -> None:
    completer = Completer(phrases, range(len(phrases)))
    suffixes = [completer._suffix(at) for at in range(len(completer.rows))]
    assert suffixes == sorted(suffixes)
    assert len(suffixes) == sum(text[at - 1] == " " or at == 0 for text in phrases for at in range(len(text)))


def test_blank_text_lists_the_briefs_by_title_up_to_the_limit() -> None:
    matcher = Matcher(base_of(a_brief("a", title="zebras"), a_brief("b", title="Yaks"), a_brief("c", title="apes")))
    for blank in ("", "  ", "?!", "\x00"):
        assert [brief.id for brief in matcher.complete(blank, 25)] == ["c", "b", "a"]
        assert [brief.id for brief in matcher.complete(blank, 2)] == ["c", "b"]


def test_an_empty_base_completes_nothing_of_blank_text() -> None:
    assert Matcher(BriefBase()).complete("", 3) == []


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 25])
def test_completion_is_never_longer_than_the_limit_and_without_repeats(matcher: Matcher, limit: int) -> None:
    for text in (
        "",
        "t",
        "tro",
        "north korean troops",
        "korea",
        "zzzz",
        "secruity mee",
        "북한",
        "aeri",
        "are russ",
        "chong",
    ):
        ids = [brief.id for brief in matcher.complete(text, limit)]
        assert len(ids) <= limit
        assert len(set(ids)) == len(ids)


def test_what_begins_no_phrase_is_completed_by_rank(matcher: Matcher) -> None:
    assert matcher.complete("soldiers of northern korea", 3)[0].id == "troops"


@pytest.mark.parametrize("text", ["xyzzy", "qqqq", "zzz", "adele", "hello"])
def test_what_no_brief_is_about_completes_nothing(matcher: Matcher, text: str) -> None:
    assert matcher.complete(text, 25) == []


@pytest.mark.parametrize(("text", "most"), [("mis", 2), ("polt", 2), ("security mee", 4), ("how many shells", 4)])
def test_completion_narrows_from_three_letters_on(matcher: Matcher, text: str, most: int) -> None:
    assert 1 <= len(matcher.complete(text, 25)) <= most


def test_examples_are_questions_of_three_briefs_or_the_titles_of_those_that_have_none(matcher: Matcher) -> None:
    owners = {matcher.named(example) for example in matcher.examples()}
    assert len(owners) == 3
    assert None not in owners
    assert Matcher(base_of(a_brief("a", title="Zebras"))).examples() == ["Zebras"]
    assert Matcher(BriefBase()).examples() == []


def test_half_a_title_with_an_error_finds_its_brief_among_the_first_three(shipped: BriefBase, matcher: Matcher) -> None:
    titles = {brief.id: brief.title for brief in shipped.briefs.values()}
    for at in (1, 4, 7):
        for brief_id, title in titles.items():
            typed = title[:at] + title[at + 1 : 22]
            assert brief_id in [brief.id for brief in matcher.complete(typed, 3)], typed


def test_the_first_letter_may_be_wrong_unless_thousands_could_stand_there() -> None:
    for count, hits in ((100, 1), (101, 0)):
        phrases = [f"{chr(0xAC00 + n)}각{n} ships" for n in range(count - 1)]  # and the s of "ships"
        assert len(found("x각7 ", 25, phrases)) == hits
        assert found("각x7 sh", 25, [*phrases, "각각7 ships"]) == ["각각7 ships"]
