"""What another bot or a page of questions has becomes briefs and drafts, and nothing is lost unnamed."""

import json
from collections.abc import Mapping
from datetime import date

import pytest

from bot.authoring.form.fields import Form
from bot.authoring.importing.content import source_of
from bot.authoring.importing.plan import Draft, Outcome, Plan, planned
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.brief_file import read_brief
from tests.brief_files import MINIMAL, a_brief, base_of, brief_text

TODAY = date(2026, 11, 27)
SOURCE = source_of("Tags of the harbour bot, https://example.org/tags, 2026-10-01", TODAY)


def plan_of(files: Mapping[str, str | bytes], *there: Brief, source: bool = True) -> Plan:
    contents = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    ids = {brief.id for brief in there}
    return planned(contents, base_of(*there), ids.__contains__, SOURCE if source else None, TODAY)


def brief_in(plan: Plan, brief: str) -> Brief:
    file = read_brief(f"{brief}.yaml", plan.new[brief].encode())
    assert file.brief, file.problems
    return file.brief


def only(plan: Plan) -> Outcome:
    (outcome,) = plan.outcomes
    return outcome


TOML = """\
[last-ferry]
keywords = ["last boat", "when does the last ferry go?"]
content = \"\"\"
The last ferry leaves at **8 pm**, see <https://example.org/t>.
\"\"\"

[tickets]
keywords = ["fare"]
content = "A ticket costs `3` euros."
hoisted = true
"""
FRONT_MATTER = """\
---
aliases: ["last-boat", "night"]
embed:
    title: "The `last` ferry"
    color: 3447003
---
The last ferry leaves at **8 pm**.
"""
HEADER = """\
type: text
aliases: last boat, night
button: [Timetable](https://example.org/t)
issues: no ferry at night

---

The last ferry leaves at **8 pm**.
"""


def test_tags_in_toml_become_briefs_that_have_their_names() -> None:
    plan = plan_of({"tags.toml": TOML})
    ferry = brief_in(plan, "last-ferry")
    assert ferry.title == "Last ferry"
    assert (ferry.aliases, ferry.questions) == (("last boat",), ("when does the last ferry go?",))
    assert ferry.summary.plain == "The last ferry leaves at 8 pm, see example.org/t (https://example.org/t)."
    assert (ferry.as_of, ferry.sources[0].name, ferry.status) == ("2026-10-01", "Tags of the harbour bot", "reference")
    assert plan.summary() == "2 entries: 2 new briefs, 1 thing lost."
    assert plan.outcomes[1].losses == ("hoisted “yes”: a brief has no such part",)


def test_markdown_with_front_matter_is_a_brief_with_the_title_of_its_embed() -> None:
    plan = plan_of({"tags/last-ferry.md": FRONT_MATTER})
    ferry = brief_in(plan, "the-last-ferry")
    assert (ferry.title, ferry.aliases) == ("The last ferry", ("last-ferry", "last-boat", "night"))
    assert only(plan).losses == ("embed color “3447003”: a brief has no such part",)


def test_a_tag_with_its_keys_above_the_first_rule_is_a_brief() -> None:
    plan = plan_of({"last-ferry.tag": HEADER})
    ferry = brief_in(plan, "last-ferry")
    assert (ferry.aliases, ferry.summary.plain) == (("last boat", "night"), "The last ferry leaves at 8 pm.")
    (loss,) = only(plan).losses
    for part in ("type “text”", "button “[Timetable](https://example.org/t)”", "issues “no ferry at night”"):
        assert part in loss


def test_a_tag_that_only_points_to_another_is_a_name_of_it() -> None:
    tags = {"a/night.ytag": "type: alias\ntarget: b/ferry\n", "b/ferry.ytag": "type: text\n\n---\n\nAt 8 pm.\n"}
    plan = plan_of(tags | {"a/lost.ytag": "type: alias\ntarget: nowhere\n"})
    assert brief_in(plan, "ferry").aliases == ("night",)
    said = {outcome.place: (outcome.kind, outcome.brief, outcome.why) for outcome in plan.outcomes}
    assert said["a/night.ytag"] == ("name", "ferry", ())
    assert said["a/lost.ytag"] == (
        "none", "", ("there is no entry “nowhere” that it could be another name of",)
    )  # fmt: skip


JSON_SHAPES = {
    "a list": [{"topic": "boats", "question": "When does the ferry go?", "answer": "At 8."}],
    "questions and answers": {"When does the ferry go?": "At 8."},
    "named entries": {"When does the ferry go?": {"content": "At 8.", "aliases": ["boats"]}},
    "a list below a key": {"intro": {"color": "red"}, "faq": [{"query": "When does the ferry go?", "answer": "At 8."}]},
    "one entry": {"title": "When does the ferry go?", "text": "At 8."},
    "an embed": [{"name": "boats", "embed": {"title": "When does the ferry go?", "description": "At 8."}}],
    "a brief": {"title": "When does the ferry go?", "summary": "At 8.", "sources": [{"name": "P"}], "as_of": "2024-10"},
}  # fmt: skip


@pytest.mark.parametrize("shape", JSON_SHAPES.values(), ids=JSON_SHAPES)
def test_json_of_many_shapes_becomes_a_brief(shape: object) -> None:
    plan = plan_of({"faq.json": json.dumps(shape)})
    brief = brief_in(plan, "when-does-the-ferry-go")
    assert (brief.title, brief.summary.plain) == ("When does the ferry go?", "At 8.")


TABLES = {
    "commas": "question,answer\nWhen?,At 8.\n",
    "semicolons": "Question;Answer\r\nWhen?;At 8.\r\n",
    "tabs": "question\tanswer\nWhen?\tAt 8.\n",
    "bars": "question|answer\nWhen?|At 8.\n",
    "a mark at the beginning": "\ufeffquestion,answer\nWhen?,At 8.\n",
    "headings in another language": "Frage;Antwort\nWhen?;At 8.\n",
    "no headings": "When?,At 8.\n",
    "quotes": '"question","answer"\n"When?","At 8."\n',
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_is_read_whatever_stands_between_its_columns(table: str, encoding: str) -> None:
    plan = plan_of({"faq.csv": table.encode(encoding)})
    assert brief_in(plan, "when").summary.plain == "At 8."


def test_a_row_is_named_by_the_line_in_which_it_begins_and_all_that_is_lost_of_it() -> None:
    table = 'id,question,keyword,answer,enabled\n1,When?,"boat, ferry","At\n8.",yes\n2,Where?,,Here.,no,more\n'
    plan = plan_of({"faq.csv": table})
    assert [outcome.place for outcome in plan.outcomes] == ["faq.csv:2", "faq.csv:4"]
    assert plan.outcomes[0].losses == ("id “1”, enabled “yes”: a brief has no such parts",)
    assert "columns without a heading “more”" in plan.outcomes[1].losses[0]
    assert brief_in(plan, "when").aliases == ("boat", "ferry")


def test_what_has_no_source_and_no_date_is_a_draft_with_what_is_left_to_write() -> None:
    plan = plan_of({"faq.json": '{"When?": "At 8."}'}, source=False)
    assert (only(plan).kind, only(plan).why) == ("draft", ("source to be written", "date to be written"))
    draft = plan.drafts["when"].text
    assert plan.drafts["when"].form == Form("When?", "At 8.")
    assert "# A draft from faq.json [When?]: source to be written; date to be written.\n" in draft
    said = [problem.message for problem in read_brief("when.yaml", draft.encode()).problems]
    assert len(said) == 2
    assert all("still TODO" in each for each in said)


WANTING = {
    "a text that is too long": ({"title": "When", "text": "At 8. " * 200}, "summary: is longer than 1000 characters"),
    "no text": ({"title": "When", "embed": {"color": "red"}}, "text to be written"),
    "a fact that is too long": ({"title": "When", "text": "x", "facts": ["y" * 400]}, "text: is longer than 300"),
    "a status that is none": ({"title": "When", "text": "x", "status": "sure"}, "status: must be"),
    "a character nobody sees": ({"title": "When", "text": "x\u202ey"}, "holds the invisible character U+202E"),
    "a lone surrogate": ({"title": "When", "text": "x\ud800y"}, "write the character itself"),
}


@pytest.mark.parametrize(("entry", "why"), WANTING.values(), ids=WANTING)
def test_what_cannot_be_a_brief_as_it_is_is_a_draft_that_says_why(entry: dict[str, object], why: str) -> None:
    outcome = only(plan := plan_of({"faq.json": json.dumps({"tags": {"x": entry}})}))
    assert outcome.kind == "draft", outcome
    assert why in "; ".join(outcome.why)
    assert all(ord(char) < 0xD800 or ord(char) > 0xDFFF for char in plan.drafts["when"].text)


def test_a_source_and_a_date_of_the_entry_beat_those_of_all() -> None:
    entry = {
        "question": "When?",
        "answer": "8.",
        "url": "https://www.port.example/t",
        "updated_at": "2024-05-06T10:00:00Z",
    }
    brief = brief_in(plan_of({"faq.json": json.dumps([entry])}), "when")
    assert (brief.sources[0].name, brief.sources[0].url) == ("port.example", "https://www.port.example/t")
    assert brief.as_of == "2024-05-06"


def test_facts_of_an_embed_and_of_a_brief_are_facts() -> None:
    entry = {
        "title": "Ferries", "description": "They go.", "fields": [{"name": "Last", "value": "_8 pm_", "inline": True}],
    }  # fmt: skip
    brief = brief_in(plan := plan_of({"a.json": json.dumps({"embeds": [entry]})}), "ferries")
    assert brief.facts[0].text.plain == "Last: 8 pm"
    assert any("inline" in loss for loss in only(plan).losses)
    whole = json.loads(
        json.dumps(a_brief(facts=[{"text": "It sails.", "by": "Port", "source": 1}]).model_dump(mode="json"))
    )
    again = brief_in(
        plan_of({"b.json": json.dumps({key: value for key, value in whole.items() if value and key != "id"})}), "ships"
    )
    assert again == a_brief(facts=[{"text": "It sails.", "by": "Port", "source": 1}])


def test_what_is_there_keeps_its_id_and_its_names_and_is_changed_only_as_a_change() -> None:
    there = a_brief(
        "ferries", title="Ferries", aliases=["boat"], image={"url": "https://e.org/a.png", "alt": "x", "credit": "y"}
    )
    table = "title,answer,keywords,source,date\nFerries,At 9.,night,Port,2026-10\nShips,Here.,boat,Port,2026-10\n"
    plan = plan_of({"faq.csv": table}, there)
    assert [outcome.kind for outcome in plan.outcomes] == ["change", "new"]
    changed = read_brief("ferries.yaml", plan.changes["ferries"].encode()).brief
    assert changed
    assert (changed.summary.plain, changed.aliases, changed.image) == ("At 9.", ("boat", "night"), there.image)
    assert changed.status == there.status
    assert plan.outcomes[1].losses == ("the name “boat” belongs to ferries",)


def test_an_import_of_the_same_again_changes_nothing() -> None:
    first = plan_of({"tags.toml": TOML})
    there = [brief_in(first, brief) for brief in first.new]
    again = plan_of({"tags.toml": TOML}, *there)
    assert [outcome.kind for outcome in again.outcomes] == ["there", "there"]
    assert (again.new, again.changes, again.drafts) == ({}, {}, {})


def test_an_id_that_is_taken_by_another_brief_gets_a_number() -> None:
    plan = plan_of({"a.json": '{"Ferry?": "x"}'}, a_brief("ferry", title="Boats"))
    assert list(plan.new) == ["ferry-2"]


TWICE = {
    "a key": '{"When?": "At 8.", "When?": "At 9."}',
    "a title": '[{"title": "When?", "text": "At 8."}, {"title": "when", "text": "At 9."}]',
}


@pytest.mark.parametrize("content", TWICE.values(), ids=TWICE)
def test_of_two_with_one_title_the_first_is_taken_and_the_other_is_named(content: str) -> None:
    plan = plan_of({"a.json": content})
    assert brief_in(plan, "when").summary.plain == "At 8."
    assert plan.outcomes[0].kind == "none"
    assert "has the same title" in plan.outcomes[0].why[0]


def test_names_that_differ_in_case_alone_are_one_title() -> None:
    plan = plan_of({"FAQ.md": "One.", "faq.md": "Two."})
    assert sorted(outcome.kind for outcome in plan.outcomes) == ["new", "none"]
    assert list(plan.new) == ["faq"]


def test_a_file_of_a_brief_is_taken_as_it_is_and_one_that_is_wrong_is_a_draft() -> None:
    wrong = brief_text(title="Boats", sumary="x")
    plan = plan_of(
        {"ships.yaml": f"# ours\n{MINIMAL}", "boats.yaml": wrong, "Bad Name.yaml": MINIMAL, "schema.json": "{}"}
    )
    assert plan.new == {"ships": f"# ours\n{MINIMAL}"}
    assert plan.drafts == {"boats": Draft(wrong, None)}
    said = {outcome.place: outcome for outcome in plan.outcomes}
    assert "unknown key 'sumary'" in said["boats.yaml"].why[0]
    assert (said["Bad Name.yaml"].kind, len(plan.unread)) == ("none", 0)


UNREADABLE: dict[str, tuple[str, bytes, str]] = {
    "deep JSON": ("a.json", b"[" * 100_000, "is nested too deeply"),
    "deep TOML": ("a.toml", b"a=" + b"[" * 100_000, "is nested too deeply"),
    "a key of a million parts": ("a.toml", b"a." * 400_000 + b"b=1", "has lines with too many dots to be read as TOML"),
    "a number of a million digits": ("a.toml", b"a=" + b"1" * 900_000, "it holds a number or a date that cannot be"),
    "a day that does not exist": ("a.toml", b"a=2024-02-31", "is not valid TOML"),
    "a key that comes twice in TOML": ("a.toml", b"[a]\n[a]\n", "is not valid TOML: Cannot declare"),
    "JSON that is cut off": ("a.json", b'{"a": "b"', "line 1, column 10 is not valid JSON"),
    "no entries": ("a.json", b"[1, 2]", "has no entries"),
    "a number": ("a.json", b"7", "has no entries"),
    "nothing": ("a.csv", b"", "is empty"),
    "no encoding": ("a.csv", b"question,answer\n\xff\xe9,x", "line 2 is not UTF-8"),
    "NULs": ("a.csv", b"question,answer\n\0,x", "holds the character U+0000"),
    "UTF-16 without its mark": ("a.csv", "question,answer".encode("utf-16-le"), "holds the character U+0000"),
    "unknown headings": ("a.csv", b"a,b,c\n1,2,3\n", "has no row of headings that is known"),
    "a column that comes twice": ("a.csv", b"question,answer,answer\n1,2,3\n", "has the column 'answer' twice"),
    "a cell without end": ("a.csv", b'question,answer\n"' + b"x" * 200_000, "line 2 begins a row that cannot be read"),
    "too many entries": ("a.csv", b"question,answer\n" + b"q,a\n" * 5001, "has more than 5,000 entries"),
    "a bomb of aliases": ("a.md", b"---\na: &a [x]\nb: [*a, *a]\n---\nx", "of its front matter"),
    "a key that comes twice in YAML": ("a.md", b"---\na:\n  - x\na:\n  - y\n---\nx", "is the key 'a' again"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_gets_one_plain_line(name: str, content: bytes, why: str) -> None:
    plan = plan_of({name: content})
    (line,) = plan.unread
    assert line.startswith(f"{name}: ")
    assert why in line
    assert len(line) < 300
    assert not plan.outcomes


def test_huge_numbers_and_odd_values_are_texts_and_break_nothing() -> None:
    entry = (
        '{"title": "When", "text": "x", "n": '
        + "9" * 10_000
        + ', "f": 1e999, "nan": NaN, "no": null, "deep": [[[{}]]]}'
    )
    outcome = only(plan_of({"a.json": f"[{entry}]"}))
    assert outcome.kind == "new"
    assert "n “999" in outcome.losses[0]
    assert len(outcome.losses[0]) < 600


def test_nothing_of_an_import_acts_on_the_terminal() -> None:
    plan = plan_of({"a\x1b[2J.json": json.dumps({"t\x1b[2J\u202e": {"text": "x", "k\x1b": "v\x1b\n"}})})
    assert all(line.isprintable() for line in plan.lines())
    assert BriefBase().briefs == {}
