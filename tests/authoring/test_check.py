"""What is only doubtful in a valid base is found at its place."""

from datetime import date
from pathlib import Path

import pytest

from bot.answering.matcher import Matcher
from bot.authoring.check import find_warnings
from bot.briefs.loader import load
from tests.brief_files import brief_text, write

TODAY = date(2024, 12, 1)


def doubts_in(folder: Path, today: date = TODAY) -> list[str]:
    base, files, _, _ = load(folder)
    return [doubt.as_warning().removeprefix(f"{folder}/") for doubt in find_warnings(files, Matcher(base), today)]


def test_a_base_whose_phrases_find_their_own_briefs_has_no_doubts(tmp_path: Path) -> None:
    ships = brief_text(aliases=["vessels"], questions=["Which ships sail?"], expires="2024-12-02")
    write(tmp_path, {"ships.yaml": ships, "troops.yaml": brief_text(title="Troops", questions=["How many soldiers?"])})
    assert doubts_in(tmp_path) == []


@pytest.mark.parametrize(
    ("expires", "today", "expired"),
    [
        ("2024-12-02", date(2024, 12, 1), False),
        ("2024-12-02", date(2024, 12, 2), True),
        ("2024-12", date(2024, 11, 30), False),
        ("2024-12", date(2024, 12, 1), True),
    ],
)
def test_an_expired_brief_is_doubtful_at_its_date(tmp_path: Path, expires: str, today: date, expired: bool) -> None:
    write(tmp_path, {"ships.yaml": brief_text(expires=expires)})
    found = [doubt.split(": expired on")[0] for doubt in doubts_in(tmp_path, today)]
    assert found == (["ships.yaml:5:10: warning"] if expired else [])


@pytest.mark.parametrize(("key", "place"), [("aliases", "5:22"), ("questions", "5:24")])
def test_a_phrase_that_finds_another_brief_is_doubtful_at_its_place(tmp_path: Path, key: str, place: str) -> None:
    """What is typed as a title or an id in full is that brief, so nobody gets another by it."""
    write(tmp_path, {"ships.yaml": brief_text(**{key: ["vessels", "weapons"]})})
    write(tmp_path, {"weapons.yaml": brief_text(title="Arms and ammunition")})
    (doubt,) = doubts_in(tmp_path)
    assert doubt.startswith(f"ships.yaml:{place}: warning: {key}: 'weapons' finds 'weapons'")


def test_doubts_come_in_the_order_of_their_places(tmp_path: Path) -> None:
    write(tmp_path, {"ships.yaml": brief_text(aliases=["weapons", "troops"], expires="2024-10")})
    write(tmp_path, {"troops.yaml": brief_text(title="Soldiers", expires="2024-11")})
    write(tmp_path, {"weapons.yaml": brief_text(title="Arms")})
    places = [doubt.split(": ")[0] for doubt in doubts_in(tmp_path)]
    assert places == ["ships.yaml:5:11", "ships.yaml:5:22", "ships.yaml:6:10", "troops.yaml:5:10"]


CUT = """\
title: Rules # short
aliases: [rules, house rules  # of the server
  , norms]
summary: Watch #announcements
facts:
- text: Read
    the #rules
  by: Ann #1
- text: Ask in # help
status: reported # as of today
as_of: 2024-10 #later
sources:
- name: Server\t# a comment
- name: 'Quoted' # a comment
- name: Number#1
- name: Plain  # a comment
"""


def test_a_text_that_a_comment_cuts_short_is_doubtful_at_its_place(tmp_path: Path) -> None:
    write(tmp_path, {"rules.yaml": CUT})
    cut = [doubt.split(" is a comment")[0] for doubt in doubts_in(tmp_path)]
    assert cut == [
        "rules.yaml:1:8: warning: title: '# short'",
        "rules.yaml:4:10: warning: summary: '#announcements'",
        "rules.yaml:6:9: warning: text: '#rules'",
        "rules.yaml:8:7: warning: by: '#1'",
        "rules.yaml:9:9: warning: text: '# help'",
    ]


JOINED = """\
title: Rules
  of the house
aliases: [rules, house
  rules, norms]
questions:
- What are
  the rules?
- "What may
  I do?"
summary: We ask you
  - to be kind
  - and to read.
as_of: 2024-10
sources:
- name: Server
"""


def test_a_phrase_that_yaml_joins_over_lines_and_a_list_in_a_text_are_doubtful_where_the_text_goes_on(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"rules.yaml": JOINED})
    assert [doubt.split("; if")[0] for doubt in doubts_in(tmp_path)] == [
        "rules.yaml:4:3: warning: aliases: to YAML this continues the text above, as 'house rules'",
        "rules.yaml:7:3: warning: questions: to YAML this continues the text above, as 'What are the rules?'",
        "rules.yaml:11:3: warning: summary: to YAML this continues the text above, as "
        "'We ask you - to be kind - and to read.'",
    ]


@pytest.mark.parametrize("alias", ["hello", "the", "what", "Thanks!"])
def test_an_alias_that_says_nothing_of_a_topic_is_doubtful_once(tmp_path: Path, alias: str) -> None:
    write(tmp_path, {"ships.yaml": brief_text(aliases=["vessels", alias, "what next"])})
    (doubt,) = doubts_in(tmp_path)  # and "what next" is told by its words together
    assert doubt.startswith(f"ships.yaml:5:22: warning: aliases: {alias!r} tells no topic, ")


def test_a_phrase_of_a_brief_that_was_replaced_may_find_what_replaced_it(tmp_path: Path) -> None:
    write(tmp_path, {"old.yaml": brief_text(title="Old ships", aliases=["freighters"], replaced_by="ships")})
    write(tmp_path, {"ships.yaml": brief_text()})
    assert doubts_in(tmp_path) == []


def test_marks_that_may_not_be_meant_are_doubtful_at_their_text(tmp_path: Path) -> None:
    text = brief_text(summary="It is 2*3*4.", facts=[{"text": "**Good** [a](https://b.c)"}, {"text": "**bad"}])
    write(tmp_path, {"ships.yaml": text})
    first, second = doubts_in(tmp_path)
    assert first.startswith("ships.yaml:2:10: warning: summary: '*' beside a letter or digit is formatting; write")
    assert second.startswith("ships.yaml:5:57: warning: text: '**' has no effect here")


def test_a_day_that_has_not_come_is_doubtful_wherever_it_stands(tmp_path: Path) -> None:
    facts = [{"text": "a", "on": "2024-12-01"}, {"text": "b", "on": "2024-12-02"}]
    sources = [{"name": "A report", "published": "2025-01"}]
    corrections = [{"on": "2025-02", "text": "c"}]
    write(tmp_path, {"ships.yaml": brief_text(sources=sources, facts=facts, corrections=corrections)})
    assert [doubt.split(" has not come")[0] for doubt in doubts_in(tmp_path)] == [
        "ships.yaml:4:45: warning: published: 2025-01",
        "ships.yaml:5:64: warning: on: 2024-12-02",
        "ships.yaml:6:22: warning: on: 2025-02",
    ]


def test_two_briefs_that_answer_the_same_question_are_named_once_with_what_to_do(tmp_path: Path) -> None:
    masks = brief_text(title="Masks", questions=["Should I wear a mask?"])
    rules = brief_text(title="House rules", questions=["Do I have to wear masks?"])
    write(tmp_path, {"masks.yaml": masks, "house-rules.yaml": rules})
    found = [doubt for doubt in doubts_in(tmp_path) if "asks the same" in doubt]
    assert found == [
        "masks.yaml:5:13: warning: questions: 'Should I wear a mask?' asks the same as 'Do I have to wear masks?' of "
        "'house-rules'; keep it in one of them"
    ]


def test_a_translation_that_asks_what_its_brief_asks_is_no_duplicate(tmp_path: Path) -> None:
    masks = brief_text(title="Masks", questions=["Should I wear a mask?"])
    translated = "title: Maske\nquestions: [Do I have to wear masks?]\nsummary: Eine Maske.\nsources:\n  - name: X\n"
    write(tmp_path, {"masks.yaml": masks, "masks.de.yaml": translated})
    assert [doubt for doubt in doubts_in(tmp_path) if "asks the same" in doubt] == []


def test_a_change_is_told_of_the_same_question_in_a_file_that_it_leaves_alone(tmp_path: Path) -> None:
    masks = brief_text(title="Masks", questions=["Should I wear a mask?"])
    rules = brief_text(title="House rules", questions=["Do I have to wear masks?"])
    base, files, _, _ = load(write(tmp_path, {"masks.yaml": masks, "house-rules.yaml": rules}))
    touched = [file for file in files if file.id == "house-rules"]
    (doubt,) = find_warnings(touched, Matcher(base), TODAY)
    assert doubt.message.startswith("questions: 'Do I have to wear masks?' asks the same as")
