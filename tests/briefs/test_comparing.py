"""Two wordings side by side: what differs is told apart, and is never what a long text is shortened by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.briefs.comparing import Piece, compared, excerpt, paired
from tests.brief_files import ANY_CHARACTER


def shown(pieces: list[Piece]) -> str:
    return "".join(f"[{piece.text}]" if piece.differs else piece.text for piece in pieces)


ADDRESS = f"https://example.org/{'a' * 300}"


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("Cats purr.", "Cats hiss.", "Cats [purr].", "Cats [hiss]."),
        ("1,500 have arrived", "12,000 have arrived", "[1,500] have arrived", "[12,000] have arrived"),
        ("one two three", "one three", "one [two ]three", "one three"),
        ("a b c", "x y z", "[a b c]", "[x y z]"),
        ("it is so", "it was that, so", "it [is] so", "it [was that,] so"),
        ("북한군 1,500명이 왔다", "북한군 12,000명이 왔다", "북한군 [1,500명이] 왔다", "북한군 [12,000명이] 왔다"),
        ("猫は鳴く動物", "猫は眠る動物", "猫は[鳴く]動物", "猫は[眠る]動物"),
        (f"{ADDRESS}1", f"{ADDRESS}2", f"{ADDRESS}[1]", f"{ADDRESS}[2]"),
        ("", "new", "", "[new]"),
        ("same", "same", "same", "same"),
    ],
)
def test_the_words_that_differ_are_told_apart(before: str, after: str, old: str, new: str) -> None:
    assert tuple(map(shown, compared(before, after))) == (old, new)


@given(st.text(ANY_CHARACTER, max_size=60), st.text(ANY_CHARACTER, max_size=60))
def test_the_pieces_are_the_texts_and_agree_on_what_is_equal(before: str, after: str) -> None:
    sides = compared(before, after)
    assert tuple("".join(piece.text for piece in side) for side in sides) == (before, after)
    old, new = ([piece.text for piece in side if not piece.differs] for side in sides)
    assert "".join(old) == "".join(new)


WORDS = st.lists(st.sampled_from(["cats", "dogs", "1,500", "—", "x" * 30, "猫"]), max_size=80).map(" ".join)


@given(WORDS, WORDS, st.integers(60, 600))
def test_two_texts_that_differ_never_look_the_same_however_they_are_shortened(
    before: str, after: str, room: int
) -> None:
    old, new = (excerpt(side, room) for side in compared(before, after))
    assert (old == new) == (before == after)
    for side in (old, new):
        assert sum(len(piece.text) for piece in side) <= 2 * room + 3


@pytest.mark.parametrize(("end", "room"), [("end", 60), ("end", 250)])
def test_of_a_long_text_what_stands_beside_the_difference_is_shown(end: str, room: int) -> None:
    text = "many words that are the same in both " * 20
    old, new = compared(f"{text}old {end}", f"{text}new {end}")
    assert shown(excerpt(old, room)).startswith("…")
    assert shown(excerpt(old, room)).endswith(" [old] end")
    assert shown(excerpt(new, room)).endswith(" [new] end")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["a", "b"], ["a", "b"], []),
        (["a", "b"], ["b", "a"], []),
        (["a", "a"], ["a"], [("a", "")]),
        (
            ["cats purr loudly", "dogs bark"],
            ["dogs bark", "cats purr softly"],
            [("cats purr loudly", "cats purr softly")],
        ),
        (["cats purr"], ["ships sail"], [("", "ships sail"), ("cats purr", "")]),
        (["one two a", "one two b"], ["one two b", "one two c"], [("one two a", "one two c")]),
    ],
)
def test_entries_of_a_list_are_paired_with_what_they_were(
    before: list[str], after: list[str], expected: list[tuple[str, str]]
) -> None:
    assert paired(before, after) == expected


def test_of_a_long_text_only_the_sentence_that_differs_is_shown() -> None:
    before = "They came by ship. Then 1,500 crossed, says the NIS. More follow. All is calm."
    old, new = compared(before, before.replace("1,500", "3,000").replace("calm", "rough"))
    assert "".join(piece.text for piece in excerpt(old, 90)) == "… Then 1,500 crossed, says the NIS. … All is calm."
    assert "".join(piece.text for piece in excerpt(new, 90)) == "… Then 3,000 crossed, says the NIS. … All is rough."
