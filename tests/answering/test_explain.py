"""Why a query was answered as it was: `ask --explain` and the text that it prints."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answer import answer
from bot.answering.explain import explain
from bot.answering.matcher import Matcher
from bot.cli.main import main
from tests.brief_files import PROPERTY
from tests.processes import write_brief
from tests.service.test_settings import KEYS


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("North Korean troops in Russia", "troops"),
        ("NORTH korean troops in russia?!", "troops"),
        ("zelensky-claim", "zelensky-claim"),
        ("북한군", "troops"),
    ],
)
def test_a_query_that_names_a_brief_in_full_says_so_and_no_more(matcher: Matcher, query: str, named: str) -> None:
    text = explain(query, matcher)
    assert text.startswith(f"“{query}” is answered: it is a title, id, alias or question of {named!r} in full.")
    assert "\n" not in text


def test_what_moves_the_chance_is_counted_as_an_admin_would_count_it(matcher: Matcher) -> None:
    text = explain("north korean wxyzzy", matcher)
    assert "\n  how many words say something: 3\n" in text
    assert f"\n  how many briefs there are: {len(matcher.base.briefs)}\n" in text
    assert re.search(r"\n  how many phrases a brief has: \d\d\.\d\n", text)
    assert re.search(r"\n  words that no brief has: [1-9]\d%\n", text)


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        pytest.param(
            "north korean solders",
            ["is answered: the chance is 0.9", "\n  north: weight ", "\n  solders: read as soldiers ("],
            id="typo",
        ),
        pytest.param("troop russia in", ["\n  troop: weight ", "\n  in: weight 0."], id="an inflection is as typed"),
        pytest.param("troop", [": margin ", ", and its words are those of a phrase"], id="words of a phrase"),
        pytest.param("troops troop", ["\n  troop: counted once already"], id="twice"),
        pytest.param("kim putin pls", ["\n  pls: weight 0.", ", says nothing of what is asked"], id="a filler"),
        pytest.param(
            "kim jong un wife",
            ["is shown as the closest match: the chance is 0.", "\n  wife: no brief has it"],
            id="an unknown word",
        ),
        pytest.param(
            "south korean troops in russia",
            ["is shown as the closest match: of it, “south korean” belongs to a name that this brief has not."],
            id="another name",
        ),
        pytest.param(
            "russian ships in the black sea",
            [
                "is shown as the closest match: ",
                "of the question is unknown to it, more than 30%.",
                "black: read as back",
            ],
            id="a word misread as another brief's",
        ),
        pytest.param(
            "dprk arms deliveries",
            ["is shown as the closest match: the second brief's chance is ", "%, more than 2%."],
            id="two likely briefs",
        ),
        pytest.param(
            "language exchange app", ["is asked back about: the chance is 0.", " would show a card."], id="unsure"
        ),
        pytest.param(
            "moonlight",
            ["is a miss: the chance that any brief is meant is 0.0", "\n  moonlight: no brief has it"],
            id="a miss",
        ),
        pytest.param("hello", ["is a miss: no word of it says what it is about."], id="nothing asked"),
        pytest.param("  ", ["is a miss: no word of it", "what each weighs:\n  none"], id="blank"),
    ],
)
def test_words_outcome_and_reasons_are_told(matcher: Matcher, query: str, parts: list[str]) -> None:
    text = explain(query, matcher)
    assert [part for part in parts if part not in text] == []


def test_the_briefs_are_listed_best_first_with_the_confidence_of_the_answer(matcher: Matcher) -> None:
    for query in ("trops", "kim jong un wife", "moonlight", "who delivered shels"):
        lines = explain(query, matcher).splitlines()
        first = lines.index("Briefs, by the chance that they are meant:") + 1
        shown = [line.split(":")[0].split() for line in lines[first : first + 3]]
        ranked = matcher.rank(query, 3)
        assert shown == [[f"{one.confidence:.2f}", one.brief.id] for one in ranked]


@pytest.mark.parametrize("query", ["", "  ", "?!"])
def test_a_query_without_a_word_lists_no_brief(matcher: Matcher, query: str) -> None:
    assert "meant:\n  none" in explain(query, matcher)


@PROPERTY
@given(st.text(st.characters(exclude_categories=[]), max_size=80))
def test_any_query_is_explained_with_its_outcome(matcher: Matcher, query: str) -> None:
    outcome = {
        "answer": ("” is answered",),
        "suggest": ("” is asked back about:", "” is shown as the closest match:"),
        "miss": ("” is a miss:",),
    }
    starts = tuple(f"“{query}{start}" for start in outcome[answer(query, matcher).outcome])
    assert explain(query, matcher).startswith(starts)


# The command line


@pytest.fixture
def briefs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two briefs, and no setting that leads elsewhere."""
    monkeypatch.chdir(tmp_path)
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)
    write_brief(tmp_path / "briefs", "ships", "Ships from Chongjin")
    write_brief(tmp_path / "briefs", "weapons", "Ammunition and weapons")
    return tmp_path / "briefs"


@pytest.mark.parametrize("arguments", [("--explain", "chonjin", "ships"), ("chonjin", "ships", "--explain")])
def test_ask_explain_prints_why(briefs: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert main(["ask", *arguments, "--briefs", str(briefs)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("“chonjin ships” is ")
    assert "chonjin: read as chongjin" in out
    assert out.endswith("\n")
    assert err == ""
    assert not (briefs.parent / "data").exists()  # ask writes no log


@pytest.mark.parametrize("language", ["english", "none"])
def test_ask_explain_reads_words_with_the_stemmer_of_the_settings(
    briefs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    monkeypatch.setenv("STEMMER", language)
    assert main(["ask", "--explain", "weapon", "--briefs", str(briefs)]) == 0
    assert ("weapon: read as weapons" in capsys.readouterr().out) == (language == "none")


@pytest.mark.parametrize("arguments", [(), ("--json", "ships"), ("--jsonl",), ("--jsonl", "--json")])
def test_explain_without_words_or_with_another_format_is_wrong_usage(
    briefs: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert main(["ask", "--explain", *arguments, "--briefs", str(briefs)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--explain" in err
