"""Two briefs that answer the same question are found, and those that only look alike are left in peace."""

import pytest

from bot.authoring.near import NearPhrases
from tests.brief_files import a_brief, base_of
from tools.matchers import matcher_of

ALIKE = [
    ("Should I wear a mask?", "Do I have to wear masks?"),
    ("Should I wear a mask?", "wear a mask"),
    ("When does the last ferry leave?", "when do last ferries leave"),
    ("How do I reset my password?", "how can i reset my password please"),
    ("rules for masks", "mask rules"),
    ("port forwarding", "Port forwarded"),
    ("ship", "ships"),
]
UNALIKE = [
    ("When does the ferry leave?", "Where does the ferry leave?"),
    ("How many ferries are there?", "How are the ferries?"),
    ("Can I go with a mask?", "Can I go without a mask?"),
    ("Why is my account frozen?", "Why is your account frozen?"),
    ("Can I swim before lunch?", "Can I swim after lunch?"),
    ("Is the ferry not running?", "Is the ferry running?"),
    ("the ferry", "Is there a ferry?"),
    ("Should I wear a mask?", "Should I wear a hat?"),
    ("What is that?", "Who are you?"),
    ("c++", "c#"),
]


def found(left: str, right: str) -> list[str]:
    base = base_of(
        a_brief("left", title="Left side", questions=[left]), a_brief("right", title="Right side", questions=[right])
    )
    return [other.phrase for other in NearPhrases(matcher_of(base)).of_others("left", left)]


@pytest.mark.parametrize(("left", "right"), ALIKE)
def test_the_same_question_in_other_words_is_found_from_both_sides(left: str, right: str) -> None:
    assert found(left, right) == [right]
    assert found(right, left) == [left]


@pytest.mark.parametrize(("left", "right"), UNALIKE)
def test_what_asks_for_something_else_is_not_the_same(left: str, right: str) -> None:
    assert found(left, right) == []


def test_a_brief_and_the_one_that_replaced_it_are_one() -> None:
    old = a_brief("old", title="Left side", questions=["Should I wear a mask?"], replaced_by="new")
    new = a_brief("new", title="Right side", questions=["Must I wear masks?"])
    near = NearPhrases(matcher_of(base_of(old, new)))
    assert list(near.of_others("new", "Must I wear masks?")) == []


def test_words_of_another_language_that_ask_for_something_are_compared() -> None:
    assert found("Wann fährt die Fähre?", "Wo fährt die Fähre?") == []
    assert found("Wann fährt die Fähre?", "Die Fähre fährt wann") == ["Die Fähre fährt wann"]
