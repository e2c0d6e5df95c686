"""An article becomes skeletons of briefs: what to write from, and TODO where an admin has to write."""

import re
import time

import pytest

from bot.authoring.article.draft import GUESSES, LONGEST, drafts
from bot.briefs.brief_file import read_brief
from bot.briefs.fields import ID_PATTERN
from bot.briefs.schema import MODELINE
from bot.briefs.strict_yaml import Mapping, Scalar, Sequence, parse
from bot.errors import BotError
from bot.language.normalise import normalise

BRIDGE = """\
Home | World | Sport
By Anna Lind and Tom Berg, Science correspondents
Published: 3 May 2024

The Harbour Bridge Authority (HBA) closed the Velden Bridge on Monday after engineers found 14 cracks in its cables.
"We had no choice," said Dr. Marta Oyelaran, who leads the inspection. She warned that repairs could take nine months.
ADVERTISEMENT
Fishermen see the quiet bay differently, for herring are back, according to the Velden Fishing Union. Herring catches
rose by 18 percent in one week. "The herring like the quiet," union head Ole Brandt told the Velden Post. He added:
"Let the herring rest another year."
Read more: Ten bridges to see before you die.
Mayor Piet Haas called the detour “a nightmare on wheels” and asked drivers to stay at home. The detour through the old
tunnel takes 62,000 cars a day, and drivers wait there for two hours.
We use cookies to give you the best experience on our website.
Sign up for our newsletter to get news in your inbox.
Share this article on Facebook.
https://example.org/velden
Follow us on:
A volcano on the island of Tamoa has erupted for the third…
© 2024 Velden Post. All rights reserved.
"""
ROBOTS = """\
TOKYO (Wire) - Nakamura Robotics will lay off 3,400 workers, a fifth of its staff, the company said on Tuesday.
Chief executive Yuki Tanabe said the market had shrunk by 40% since 2021. ‘Nobody wants a second robot,’ Tanabe wrote.
Shares fell 7.5 percent: more than Analysts: # at "Orient Bank" had {expected}. [It] was - they said - a bad day.
(Reporting by Ken Mori; editing by Sue Lee)
"""
SHORT = "One single sentence about a pond was all that the paper printed."
ARTICLES = pytest.mark.parametrize("article", [BRIDGE, ROBOTS, SHORT], ids=["bridge", "robots", "short"])


def entries(draft: str) -> dict[str, list[str]]:
    """Return the texts of a draft by key; what a list has within is left out."""
    root, faults = parse(draft)
    assert isinstance(root, Mapping)
    assert not faults
    found: dict[str, list[str]] = {}
    for key, (_, node) in root.entries.items():
        items = node.items if isinstance(node, Sequence) else (node,)
        found[key] = [item.text for item in items if isinstance(item, Scalar)]
    return found


def notes(article: str) -> list[str]:
    listed = "\n".join(drafts(article).values()).splitlines()
    return [line.removeprefix("#   - ") for line in listed if line.startswith("#   - ")]


def test_each_topic_has_its_draft_in_the_order_of_the_article() -> None:
    found = list(drafts(BRIDGE).values())
    assert [("Oyelaran" in text, "Brandt" in text, "Haas" in text) for text in found] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


@pytest.mark.parametrize(
    "note",
    ["14 cracks", "nine months", "18 percent", "62,000 cars", "Harbour Bridge Authority", "HBA", "Marta Oyelaran"],
)
def test_figures_with_what_they_count_and_names_are_noted(note: str) -> None:
    assert note in notes(BRIDGE)


def test_a_day_is_noted_with_its_year_and_an_hour_with_its_half_of_the_day() -> None:
    text = (
        "On 1 January 2027 the price rises to 2.45 crowns. "
        "From 15 March lawns rest from 8 a.m. to 9 pm, says Li Wen, or to 10 PM."
    )
    assert notes(text)[:6] == ["1 January 2027", "2.45 crowns", "15 March", "8 a.m.", "9 pm", "10 PM"]
    assert "many" not in "".join(drafts(text).values()).replace("How many crowns?", "")


def test_days_months_and_adjectives_of_nations_are_no_names_to_note() -> None:
    text = BRIDGE + "The Ulmian mayor had met all of them on 3 May, and on Fridays.\n"
    assert not {"Monday", "May", "Ulmian", "Fridays"} & set(notes(text))


@pytest.mark.parametrize(
    ("article", "note"),
    [
        (BRIDGE, "“We had no choice” – Marta Oyelaran?"),
        (BRIDGE, "“The herring like the quiet” – Ole Brandt?"),
        (BRIDGE, "“Let the herring rest another year” – who?"),
        (BRIDGE, "“a nightmare on wheels” – Mayor Piet Haas?"),
        (ROBOTS, "“Nobody wants a second robot” – Tanabe?"),
        ("They met on Monday, with Li Wen warning of a “long winter” there.", "“long winter” – Li Wen?"),
        ("According to Li Wen it will be a «long winter».", "“long winter” – Li Wen?"),
        ("The deal between Li Wen and Ed Poe is for “mutual help” in the winter.", "“mutual help” – who?"),
    ],
)
def test_a_quotation_is_noted_with_who_seems_to_speak(article: str, note: str) -> None:
    assert note in notes(article)


def test_a_long_quotation_is_cut() -> None:
    (note,) = (note for note in notes(f"Li Wen said: “{'all of this is long ' * 20}.”") if "“" in note)
    assert note.endswith(" …” – Li Wen?")
    assert len(note) < 200


@pytest.mark.parametrize("phrase", ["HBA", "What is HBA?", "What did Mayor Piet Haas say?", "How many cars?"])
def test_aliases_and_questions_come_from_names_speakers_and_figures(phrase: str) -> None:
    phrases = [entries(draft) for draft in drafts(BRIDGE).values()]
    assert phrase in [text for found in phrases for key in ("aliases", "questions") for text in found.get(key, ())]


@ARTICLES
def test_no_two_drafts_suggest_the_same_phrase(article: str) -> None:
    article += article.replace("Monday", "Friday").replace("Tuesday", "Friday").replace("one week", "two weeks")
    found = [entries(draft) for draft in drafts(article).values()]
    phrases = [text for each in found for key in ("title", "aliases", "questions") for text in each.get(key, ())]
    assert phrases
    assert len(phrases) == len(set(map(normalise, phrases)))


@ARTICLES
def test_no_sentence_of_the_article_becomes_the_brief(article: str) -> None:
    """Title and summary are TODO, facts are left to write, and nothing unquoted has six words of the article."""
    text = normalise(article)
    for draft in drafts(article).values():
        assert entries(draft).keys() <= {"title", "aliases", "questions", "summary", "as_of", "sources"}
        runs = [normalise(line).split() for line in re.sub("“[^”]*”", "", draft).splitlines()]
        sixes = [" ".join(run[n : n + 6]) for run in runs for n in range(len(run) - 5)]
        assert not [six for six in sixes if six in text]


def test_phrases_that_nobody_has_written_are_called_guesses() -> None:
    for draft in drafts(BRIDGE).values():
        lines = draft.splitlines()
        assert [line.split("  # ")[1] for line in lines if line.startswith(("aliases:", "questions:"))] == [GUESSES] * 2


def test_quotations_and_verbs_without_end_take_time_that_grows_with_their_number_alone() -> None:
    """A square law took 42 s here; the limit of twenty seconds is no measure of speed."""
    started = time.process_time()
    drafts("Kim said “a b c” and " * 5000 + "left.")
    assert time.process_time() - started < 20


@ARTICLES
def test_a_draft_has_no_problem_but_its_todos(article: str) -> None:
    assert not any(MODELINE in draft for draft in drafts(article).values())
    for brief_id, draft in drafts(article, "../live/schema.json").items():
        assert draft.startswith("# yaml-language-server: $schema=../live/schema.json\n")
        problems = [problem.message for problem in read_brief(f"{brief_id}.yaml", draft.encode()).problems]
        assert [message.split(":")[0] for message in problems] == ["title", "summary", "as_of", "name"]
        assert all("TODO" in message for message in problems)
        finished = draft.replace("as_of: TODO", "as_of: 2024-05").replace("TODO", "Done")
        assert read_brief(f"{brief_id}.yaml", finished.encode()).problems == ()


@pytest.mark.parametrize(
    "article",
    [
        BRIDGE,
        BRIDGE + BRIDGE.replace("Monday", "Friday").replace("drivers", "all drivers"),
        f"The {'Very ' * 30}Long Lake of Ångström froze at night. It thawed.",
        "Это длинное предложение о пруде в городе. Оно второе.",
        "북한은 러시아에 군대를 보내기 시작했다고 한국 국정원이 말했다.",
        "这是一个关于城市池塘的很长的句子，它结束了。",
    ],
)
def test_each_id_is_valid(article: str) -> None:
    found = drafts(article)
    assert found
    assert all(map(ID_PATTERN.fullmatch, found))


def test_topics_of_the_same_words_have_ids_of_their_own() -> None:
    line = "Ulm met Bonn in the garden of the castle number {}. They left the garden of the castle.\n"
    assert len(drafts("".join(line.format(n) for n in range(40)))) > 40 * 2 / LONGEST - 1


@ARTICLES
def test_the_same_article_gives_the_same_drafts(article: str) -> None:
    assert drafts(article) == drafts(article.replace("\n", "\r\n"))


def test_characters_that_no_brief_may_hold_are_left_out() -> None:
    article = "Li\ufeff \x00Wen and Ulm\x1b Pond\u202e are “deep\x00 \ud800and cold,” Li\x00Wen said to all."
    assert all(entries(draft) for draft in drafts(article).values())


@pytest.mark.parametrize(
    "article",
    ["", " \n\t\n", "Home\nMenu\nFollow us on:", "A teaser that ends too early for us…", "— — — — — — — — — — — — —."],
)
def test_an_article_without_a_sentence_is_a_plain_error(article: str) -> None:
    with pytest.raises(BotError, match="holds no sentence to write from"):
        drafts(article)


def test_a_very_long_article_gives_topics_of_a_readable_size() -> None:
    words = [f"{a}{b}lor" for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u", "ei", "au", "oa")]
    lines = [f"The {words[n // 9 % 96]} of Ulm met {words[n // 7 % 96]} men at noon. They left." for n in range(900)]
    found = drafts("\n".join(lines))
    assert len(set(lines)) * 2 / LONGEST <= len(found) <= len(set(lines))


def test_a_single_paragraph_is_divided_within() -> None:
    text = "Bees like the red clover. Bees find clover by smell. Clover feeds bees well. Ships carry coal to the port. "
    assert len(drafts(text + "Coal ships need the port. The port loads coal ships.")) == 2
