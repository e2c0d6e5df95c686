"""The plain form: what was typed is taken as meant, a file is written from it, and an edit changes what was changed."""

import difflib
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.authoring.form import written
from bot.authoring.form.dates import read_date
from bot.authoring.form.fields import MOST_TYPED, FactLine, Form, SourceLine, UnfitError, is_question, shown, typed
from bot.authoring.form.merged import merged
from bot.authoring.form.mistakes import in_fields
from bot.authoring.form.naming import id_for
from bot.authoring.form.written import WIDTH
from bot.briefs.brief import Brief
from bot.briefs.brief_file import read_brief
from tests.brief_files import PROPERTY, brief_text
from tools.environment import SHIPPED

TODAY = date(2026, 11, 27)
FERRIES = Form(
    title="Ferries to the island",
    summary="Ferries leave every hour.",
    facts="Harbour office: The last one leaves at 22:30.\nNobody pays on Sundays.",
    sources="Timetable, https://example.org/ferries, 2026-10-01",
    phrases="ferry\nboat to the island\nWhen does the ferry leave?\nhow long does it take",
)


def new_file(form: Form) -> str:
    """Return the file that is written from a form that is sent on TODAY."""
    meant = typed(form, TODAY)
    return written.new_file(written.content_of(meant, meant.day(TODAY)))


def brief_in(text: str, brief_id: str = "ships") -> Brief:
    """Return the valid brief in a text."""
    file = read_brief(f"{brief_id}.yaml", text.encode())
    assert file.brief, file.problems
    return file.brief


def edited(text: str, **changes: str) -> str:
    """Return a file after its form was sent with these fields changed."""
    brief = brief_in(text)
    return merged(text, brief, replace(shown(brief), **changes), TODAY)


def test_a_new_file_has_the_keys_in_order_and_quotes_where_yaml_needs_them() -> None:
    assert (
        new_file(FERRIES)
        == """\
# yaml-language-server: $schema=schema.json
title: Ferries to the island
aliases: [ferry]
questions:
  - boat to the island
  - When does the ferry leave?
  - how long does it take
summary: Ferries leave every hour.
facts:
  - text: The last one leaves at 22:30.
    by: Harbour office
  - text: Nobody pays on Sundays.
as_of: 2026-10-01
sources:
  - name: Timetable
    url: https://example.org/ferries
    published: 2026-10-01
"""
    )


def test_what_yaml_would_read_as_something_else_is_quoted() -> None:
    form = Form(
        "1500", "a: b # c\n- d", "- 'x': \"y\" # z\n{a: [b]}", "null", "no\n12:30\n&a *b\n%x\n@y\n`z`\n북한군?\n🚢 a"
    )
    brief = brief_in(new_file(form))
    assert (brief.title, brief.summary.written) == ("1500", "a: b # c\n- d")
    assert [(fact.by, fact.text.written) for fact in brief.facts] == [("'x'", '"y" # z'), ("{a", "[b]}")]
    assert brief.aliases == ("no", "12:30", "&a *b", "%x", "@y", "`z`", "🚢 a")
    assert brief.questions == ("북한군?",)


def test_long_texts_are_broken_into_lines() -> None:
    names = "\n".join(f"other name {n}" for n in range(40))
    text = new_file(replace(FERRIES, summary="word " * 190, facts=f"A: {'fact ' * 50}", phrases=names))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert brief_in(text).summary.written == " ".join(["word"] * 190)


PHONES = {
    "full-width colons and question marks": (
        Form(facts="NIS：1,500", phrases="누구？\nferry"),
        {"facts": [FactLine("1,500", "NIS")], "phrases": ["누구？", "ferry"]},
    ),
    "bullets": (
        Form(facts="- A: x\n• B: y\n\n   — z\n–5 degrees"),
        {"facts": [FactLine("x", "A"), FactLine("y", "B"), FactLine("z"), FactLine("–5 degrees")]},
    ),
    "dashes within a line": (
        Form(
            facts="Scooters - not – since August\n- A: b - c", sources="Reuters - a report - 2024-10", phrases="a - b"
        ),
        {
            "facts": [FactLine("Scooters - not – since August"), FactLine("b - c", "A")],
            "sources": [SourceLine("Reuters - a report", None, "2024-10")],
            "phrases": ["a - b"],
        },
    ),
    "no-break spaces and marks that nobody sees": (
        Form(title="\ufeffFerries\u00a0to\u200b the\u3000island", facts="A\u00a0: x\u2028B:\u202fy\r\nC: z"),
        {"title": "Ferries to the island", "facts": [FactLine("x", "A"), FactLine("y", "B"), FactLine("z", "C")]},
    ),
    "smart quotes stay in a text, and not around a link": (
        Form(summary="He said “no”.", sources="Reuters – “Https://R.com/x”"),
        {"summary": "He said “no”.", "sources": [SourceLine("Reuters", "https://R.com/x")]},
    ),
    "notes to write from": (
        Form(facts="? NIS: 1,500\nNIS: 12\n- ？ x\n?y", sources="? Reuters\nBBC", phrases="?\n? ferry\n? When?\n?? a"),
        {
            "facts": [FactLine("12", "NIS"), FactLine("?y")],
            "sources": [SourceLine("BBC")],
            "phrases": ["?", "?? a"],
        },
    ),
    "no speaker": (
        Form(facts="at 12:30 they came\nhttps://x.y: z\n: a plan: b\nno colon"),
        {
            "facts": [
                FactLine("at 12:30 they came"),
                FactLine("https://x.y: z"),
                FactLine("a plan: b"),
                FactLine("no colon"),
            ]
        },
    ),
    "a source on three lines": (
        Form(sources="BBC\nwww.bbc.co.uk/x\n18 October 2024\nReuters"),
        {"sources": [SourceLine("BBC", "https://www.bbc.co.uk/x", "2024-10-18"), SourceLine("Reuters")]},
    ),
    "a link alone": (
        Form(sources="Www.example.org/a_(b))."),
        {"sources": [SourceLine("example.org", "https://www.example.org/a_(b)")]},
    ),
    "a day as of which": (
        Form(sources="A report\nAs of: 18.10.2024"),
        {"sources": [SourceLine("A report")], "as_of": "2024-10-18"},
    ),
    "a day alone": (Form(sources="2024–10\nA report"), {"sources": [SourceLine("A report")], "as_of": "2024-10"}),
    "a name with a comma": (Form(sources="News report, undated"), {"sources": [SourceLine("News report, undated")]}),
    "the same name twice": (Form(phrases="a\nb\na"), {"phrases": ["a", "b"]}),
    "names with commas between them": (
        Form(phrases="ferry, ship、 boat to Busan,\nlawn; hose ban\nlast boat, new boat"),
        {"phrases": ["ferry", "ship", "boat to Busan", "lawn", "hose ban", "last boat", "new boat"]},
    ),
    "commas within a name": (
        Form(phrases='"Paris, Texas"\n“Kim, Jong Un”\ntuna, please\nferry, and boat'),
        {"phrases": ["Paris, Texas", "Kim, Jong Un", "tuna, please", "ferry, and boat"]},
    ),
    "commas within a question": (
        Form(phrases="ferry, or boat?\nwhat about rockets, missiles\nhow does it go, and when does it"),
        {"phrases": ["ferry, or boat?", "what about rockets, missiles", "how does it go, and when does it"]},
    ),
}


@pytest.mark.parametrize(("form", "meant"), PHONES.values(), ids=PHONES)
def test_what_a_phone_makes_of_a_text_is_taken_as_meant(form: Form, meant: dict[str, object]) -> None:
    found = typed(form, TODAY)
    read: dict[str, object] = {
        "title": found.title,
        "summary": found.summary,
        "facts": [line.meant for line in found.facts],
        "sources": [line.meant for line in found.sources],
        "phrases": list(found.phrases),
        "as_of": found.as_of,
    }
    assert {key: read[key] for key in meant} == meant


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-10-18", "2024-10-18"),
        ("2024–10–18", "2024-10-18"),
        ("２０２４-10", "2024-10"),
        ("2024/1/5", "2024-01-05"),
        ("18 October 2024", "2024-10-18"),
        ("Oct 18, 2024", "2024-10-18"),
        ("may 2024", "2024-05"),
        ("18. sep. 2024", "2024-09-18"),
        ("5.10.2024", "2024-10-05"),
        ("31.02.2024", "2024-02-31"),
        ("Today", "2026-11-27"),
        ("yesterday", "2026-11-26"),
        ("soon", None),
        ("10/18/2024", None),
        ("2024", None),
        ("x" * 10_000, None),
    ],
)
def test_a_day_is_read_as_people_write_it(written: str, day: str | None) -> None:
    assert read_date(written, TODAY) == day


def test_a_brief_is_as_of_what_is_said_else_of_its_sources_else_of_today() -> None:
    for sources, day in (
        ("A, 2024-10-18\nB, 2024-11-02\nas of 2024-12", "2024-12"),
        ("A, 2024-10-18\nB", "2024-10-18"),
        ("A", "2026-11-27"),
    ):
        assert typed(Form(sources=sources), TODAY).day(TODAY) == day


@pytest.mark.parametrize(
    ("phrase", "question"),
    [("Why?", True), ("왜？", True), ("who is it", False), ("who is it then", True), ("ferry", False)],
)
def test_a_question_ends_in_its_mark_or_has_four_words(phrase: str, *, question: bool) -> None:
    assert is_question(phrase) is question


@pytest.mark.parametrize(
    ("title", "taken", "made"),
    [
        ("Ferries to the island", [], "ferries-to-the-island"),
        ("Zürich's 1,500 C++ œuvres", [], "zurichs-1500-c-oeuvres"),
        ("북한군", [], "brief"),
        ("북한군", ["brief"], "brief-2"),
        ("Cats", ["cats", "cats-2"], "cats-3"),
        ("word " * 20, [], "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("x" * 100, ["x" * 64], "x" * 62 + "-2"),
    ],
)
def test_an_id_is_made_from_the_title(title: str, taken: list[str], made: str) -> None:
    assert id_for(title, taken.__contains__) == made


COMMENTED = """\
# Kept by the ship desk.
title: Ships  # of all kinds
aliases: [vessels, "boats: all"]  # short
questions:
  # asked most
  - Who sails?
  - 'What: sails?'  # odd
summary: >-  # the answer
  Ships carry things
  over the sea.
facts:
  # the first
  - text: 1,500 ships sail.  # counted
    by: "Harbour: office"
  # the second
  - by: Nobody
    text: They are slow.

  - {text: They are blue., by: Painter}
status: disputed  # for now
as_of: 2024-10
expires: 2030-01
sources:
  - name: A report  # the only one
    url: https://example.org/a
related: []
# the end
"""

EDITS = {
    "nothing": ({}, []),
    "the title": ({"title": "Big: ships"}, ["-title: Ships  # of all kinds", "+title: 'Big: ships'  # of all kinds"]),
    "the summary": (
        {"summary": "Ships sink."},
        [
            "-summary: >-  # the answer",
            "-  Ships carry things",
            "-  over the sea.",
            "+# the answer",
            "+summary: Ships sink.",
        ],
    ),
    "a fact": (
        {"facts": "Harbour: office: 1,600 ships sail.\nNobody: They are slow.\nPainter: They are blue."},
        [
            "-  - text: 1,500 ships sail.  # counted",
            '-    by: "Harbour: office"',
            "+  - text: 'office: 1,600 ships sail.'  # counted",
            "+    by: Harbour",
        ],
    ),
    "who says it": (
        {"facts": "Harbour: office: 1,500 ships sail.\nThe crew: They are slow.\nPainter: They are blue."},
        ["-  - by: Nobody", "+  - by: The crew"],
    ),
    "no fact": (
        {"facts": ""},
        [
            "-facts:",
            "+facts: []",
            "-  - text: 1,500 ships sail.  # counted",
            '-    by: "Harbour: office"',
            "-  - by: Nobody",
            "-    text: They are slow.",
            "-",
            "-  - {text: They are blue., by: Painter}",
        ],
    ),
    "a name more and one less": (
        {"phrases": "vessels\nflotilla\nWho sails?\nWhat: sails?\nWhy do they sail?"},
        [
            '-aliases: [vessels, "boats: all"]  # short',
            "+aliases: [vessels, flotilla]  # short",
            "+  - Why do they sail?",
        ],
    ),
    "the date": (
        {"sources": "A report, https://example.org/a\nas of yesterday"},
        ["-as_of: 2024-10", "+as_of: 2026-11-26"],
    ),
    "no date": ({"sources": "A report, https://example.org/a"}, []),
    "a source": (
        {"sources": "A book, https://example.org/b\nA report, https://example.org/a"},
        ["+  - name: A book", "+    url: https://example.org/b"],
    ),
    "a link less": ({"sources": "A report"}, ["-    url: https://example.org/a"]),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("changes", "lines"), EDITS.values(), ids=EDITS)
def test_an_edit_changes_the_lines_of_what_was_changed_and_keeps_every_comment(
    changes: dict[str, str], lines: list[str], end: str
) -> None:
    before = COMMENTED.replace("\n", end)
    after = edited(before, **changes)
    assert after.count(end) == after.count("\n")
    assert difference(COMMENTED, after.replace(end, "\n")) == lines
    assert after.count("#") == before.count("#") or "counted" not in after
    old, new = brief_in(before), brief_in(after)
    assert (new.status, new.expires, new.related) == (old.status, old.expires, old.related)


def test_a_fact_takes_its_comment_with_it_and_that_of_one_that_is_gone_stays() -> None:
    after = edited(COMMENTED, facts="Painter: They are blue.\nNobody: They are slow.\nCook：They smell.")
    assert (
        after.partition("facts:\n")[2].partition("status:")[0]
        == """\

  - {text: They are blue., by: Painter}
  # the second
  - by: Nobody
    text: They are slow.
  - text: They smell.
    by: Cook
  # the first
"""
    )


def difference(before: str, after: str) -> list[str]:
    """Return the lines that are gone or new."""
    return [
        line
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), "", "", n=0)
        if not line.startswith(("---", "+++", "@@"))
    ]


RICH = """\
title: Ships
summary: Ships **carry** things.
facts:
  - text: They sail.
    by: Harbour
    on: 2024-10-02
    source: 2  # the book
    quote: they do sail
  - text: They sink.
    source: 1
image: {url: "https://example.org/i.png", alt: A ship, credit: Somebody}
as_of: 2024-10
corrections:
  # of the number
  - on: 2024-10-03
    text: There are two.
sources:
  - name: A report
    archived: https://example.org/archive
  - name: A book
    published: 2024-09
"""


def test_a_name_with_a_comma_that_is_there_already_is_shown_so_that_it_stays_one() -> None:
    text = brief_text(aliases=["Paris, Texas", "town"])
    assert shown(brief_in(text)).phrases == '"Paris, Texas"\ntown'
    changed = edited(text, phrases='"Paris, Texas"\ntown, city')
    assert brief_in(changed).aliases == ("Paris, Texas", "town", "city")


DATED = "title: Ships\nsummary: x\nas_of: 2024-10-18\nsources:\n  - name: A report\n    published: 2024-10-18"


@pytest.mark.parametrize(
    ("as_of", "typed_in", "then"),
    [
        ("2024-10-18", "A report, 2024-11-02", "2024-11-02"),
        ("2024-10-18", "A report, 2024-10-18\nB, 2024-12", "2024-12"),
        ("2024-10-18", "A report, 2024-11-02\nas of 2024-11-01", "2024-11-01"),
        ("2024-10-18", "A report", "2024-10-18"),
        ("2024-10-20", "A report, 2024-11-02\nas of 2024-10-20", "2024-10-20"),
        ("2024-10-20", "A report, 2024-11-02", "2024-10-20"),
    ],
)
def test_a_brief_stays_as_of_its_latest_source_if_it_was_that(as_of: str, typed_in: str, then: str) -> None:
    text = DATED.replace("as_of: 2024-10-18", f"as_of: {as_of}")
    line = "" if as_of == "2024-10-18" else f"\nas of {as_of}"
    assert shown(brief_in(text)).sources == f"A report, 2024-10-18{line}"
    assert brief_in(edited(text, sources=typed_in)).as_of == then


def test_what_the_form_does_not_show_is_kept_and_facts_follow_their_source() -> None:
    after = edited(
        RICH,
        facts="Harbour: They sail well.\nThey sink.",
        sources="A book, 2024-09\nA report, https://example.org/a\nas of 2024-10",
    )
    changed = RICH.replace("They sail.", "They sail well.").replace("source: 2  #", "source: 1  #")
    changed = changed.replace("    source: 1\n", "    source: 2\n")
    changed = (
        changed.partition("sources:")[0]
        + """\
sources:
  - name: A book
    published: 2024-09
  - name: A report
    url: https://example.org/a
    archived: https://example.org/archive
"""
    )
    assert after == changed


def test_a_fact_whose_source_is_gone_names_none() -> None:
    after = brief_in(edited(RICH, sources="A report"))
    assert [fact.source for fact in after.facts] == [None, 1]


def test_a_fact_of_several_lines_is_shown_as_yaml() -> None:
    with pytest.raises(UnfitError):
        shown(brief_in(brief_text(facts=[{"text": "Type this:\n```\nls\n```"}])))


def test_keys_that_were_not_there_come_where_they_belong() -> None:
    after = edited(
        "title: Ships\nsummary: x\nas_of: 2024-10\nsources:\n  - name: y", facts="A: b", phrases="ship\nWhy?"
    )
    assert list(read_brief("ships.yaml", after.encode()).root.entries) == [  # type: ignore[union-attr]
        "title", "aliases", "questions", "summary", "facts", "as_of", "sources",
    ]  # fmt: skip


def test_the_names_that_a_field_has_no_room_for_are_kept() -> None:
    questions = [f"What is question number {n} of so many?" for n in range(200)]
    text = brief_text(aliases=["first"], questions=questions)
    form = shown(brief_in(text))
    assert len(form.phrases) <= MOST_TYPED
    hidden = len(questions) + 1 - len(form.phrases.splitlines())
    assert hidden > 50
    after = brief_in(edited(text, phrases="only this one"))
    assert after.aliases == ("only this one",)
    assert after.questions == tuple(questions[-hidden:])


UNFIT = {
    "a source that reads as a date": brief_text(sources=[{"name": "2024-10"}]),
    "a name that reads as a note": brief_text(aliases=["? ferry"]),
    "a fact that reads as a note": brief_text(facts=[{"text": "? 1,500"}]),
    "a source that reads as a note": brief_text(sources=[{"name": "A"}, {"name": "? Reuters"}]),
}


@pytest.mark.parametrize("text", UNFIT.values(), ids=UNFIT)
def test_a_brief_that_the_form_cannot_show_is_said_to_be_one(text: str) -> None:
    with pytest.raises(UnfitError):
        shown(brief_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "{title: Ships, summary: x, as_of: 2024-10, sources: [{name: y}]}",
        brief_text().replace('"Ships carry things."', "x") + "aliases: [a, # b\n  c]\n",
        "aliases:\n  -\n    a\n" + brief_text(),
    ],
)
def test_a_file_that_cannot_be_changed_safely_is_left_alone(text: str) -> None:
    with pytest.raises(UnfitError):
        edited(text, phrases="new", title="Other")


ANY = st.text("ab: #-'\"{}[]&*!|>%@`,?“”：\u00a0\u202e\n\t1é🚢", max_size=60)


@given(st.builds(Form, *[ANY] * 5))
@PROPERTY
def test_whatever_is_typed_makes_a_file_that_says_it_or_mistakes_that_name_fields(form: Form) -> None:
    text = new_file(form)
    file = read_brief("ships.yaml", text.encode())
    meant = typed(form, TODAY)
    if file.brief:
        assert file.brief.title == meant.title
        assert [fact.text.written for fact in file.brief.facts] == [
            line.meant.text for line in meant.facts if isinstance(line.meant, FactLine)
        ]
        assert {*file.brief.aliases, *file.brief.questions} == set(meant.phrases)
    for line in in_fields(file.problems, "ships", text):
        assert line.startswith(("Title", "Summary", "Facts", "Source", "Other names and questions", "The whole brief"))
        assert ".yaml" not in line


@given(
    st.builds(Form, *[ANY] * 5),
    st.sampled_from(sorted(path for path in SHIPPED.glob("*.yaml") if "." not in path.stem)),
)
@PROPERTY
@pytest.mark.slow
def test_whatever_is_typed_into_the_form_of_a_brief_changes_that_and_nothing_else(form: Form, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    brief = brief_in(text, path.stem)
    for field in fields(form):
        after = merged(text, brief, replace(shown(brief), **{field.name: getattr(form, field.name)}), TODAY)
        new = read_brief(path.name, after.encode()).brief
        if new:
            changed = {key for key in type(brief).model_fields if getattr(new, key) != getattr(brief, key)}
            assert changed <= {
                "title": {"title"}, "summary": {"summary"}, "facts": {"facts"}, "sources": {"sources", "as_of"},
                "phrases": {"aliases", "questions"},
            }[field.name]  # fmt: skip


MISTAKES = {
    "nothing typed": (
        Form(),
        {"Title: is empty; write it", "Summary: is empty; write it", "Source: is empty; write it"},
    ),
    "too long": (
        replace(FERRIES, facts=f"x\nA: {'long ' * 70}"),
        {f"Facts, “{('long ' * 70)[:59]}…”: is longer than 300 characters; shorten it"},
    ),
    "no day": (
        replace(FERRIES, sources="A\nas of 2024-02-31"),
        {"Source: the date is a day that does not exist: 2024-02-31"},
    ),
    "never": (
        replace(FERRIES, sources="A\nas of never"),
        {"Source: the date is no date: write YYYY-MM or YYYY-MM-DD, not 'never'"},
    ),
    "no address": (
        replace(FERRIES, sources="A, http://:80"),
        {"Source, “A”: must be a web address that starts with http:// or https://, without spaces"},
    ),
    "cannot be seen": (replace(FERRIES, title="a\u202eb"), {"Title: holds the invisible character U+202E; delete it"}),
    "signs alone": (
        replace(FERRIES, phrases="ferry\n…!"),
        {
            "Other names and questions, “…!”: holds no letter or digit, sign or emoji that a member could ask for; "
            "write some text"
        },
    ),
}


@pytest.mark.parametrize(("form", "lines"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_its_field_and_what_to_do(form: Form, lines: set[str]) -> None:
    text = new_file(form)
    assert set(in_fields(read_brief("ships.yaml", text.encode()).problems, "ships", text)) == lines
