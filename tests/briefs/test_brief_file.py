"""One YAML file becomes a brief, or all that is wrong with it, each at its line and column."""

import pytest

from bot.briefs.brief import Correction, Image
from bot.briefs.brief_file import MOST_PROBLEMS, read_brief
from tests.brief_files import MINIMAL, a_brief, brief_text, problems_in

FULL = """\
title: "  North Korean\\n troops "
aliases: [troops, "troops"]
questions:
  - How many?
summary: |
  First line.
  Second line.
facts:
  - text: >-
      1,500 have
      arrived.
    by: NIS
  - {text: More follow., on: 2024-10-18, source: 1, quote: more follow}
status: disputed
as_of: 2024-10-18
expires: "2025-04"
sources:
  - name: A report
    url: https://example.org/report?a=b#c
    published: 2024-10-18
    archived: https://example.org/copy
related: [weapons, weapons]
image: {url: https://example.org/a.png, alt: A quay, credit: A photographer}
corrections:
  - {on: 2024-10-20, text: The number was wrong.}
replaced_by: weapons
"""
PLACE = {"title": "1:8", "summary": "2:10", "as_of": "3:8", "sources": "4:10"}


def test_a_brief_with_its_four_required_keys_is_valid() -> None:
    brief = a_brief("kim-putin")
    assert (brief.id, brief.title, brief.status, brief.expires) == ("kim-putin", "Ships", "reported", None)
    assert brief.phrases == ("Ships", "kim putin")


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no BOM", "BOM"])
def test_every_key_of_a_brief_is_read(newline: str, mark: bytes) -> None:
    brief = read_brief("briefs/troops.yaml", mark + FULL.replace("\n", newline).encode()).brief
    assert brief
    assert brief.phrases == ("North Korean troops", "troops", "troops", "How many?", "troops")
    assert brief.summary.plain == "First line.\nSecond line."
    assert [(fact.text.plain, fact.by) for fact in brief.facts] == [
        ("1,500 have arrived.", "NIS"),
        ("More follow.", None),
    ]
    assert (brief.status, brief.as_of, brief.expires) == ("disputed", "2024-10-18", "2025-04")
    assert [(source.name, source.url) for source in brief.sources] == [("A report", "https://example.org/report?a=b#c")]
    assert (brief.sources[0].published, brief.sources[0].archived) == ("2024-10-18", "https://example.org/copy")
    assert (brief.facts[1].on, brief.facts[1].source, brief.facts[1].quote) == ("2024-10-18", 1, "more follow")
    assert brief.image == Image(url="https://example.org/a.png", alt="A quay", credit="A photographer")
    assert brief.corrections == (Correction(on="2024-10-20", text="The number was wrong."),)
    assert (brief.related, brief.replaced_by) == (("weapons",), "weapons")


@pytest.mark.parametrize(
    ("added", "place", "hint"),
    [
        ("titel: x", "6:1", "unknown key 'titel'; did you mean 'title'?"),
        ("alias: [x]", "6:1", "unknown key 'alias'; did you mean 'aliases'?"),
        ("question: [x]", "6:1", "unknown key 'question'; did you mean 'questions'?"),
        ("expire: 2024-10", "6:1", "unknown key 'expire'; did you mean 'expires'?"),
        ("no: x", "6:1", "unknown key 'no'"),
        ("facts:\n  - text: a\n    frm: b", "8:5", "unknown key 'frm'"),
        ("facts:\n  - text: a\n    txt: b", "8:5", "unknown key 'txt'; did you mean 'text'?"),
        ("    link: x", "6:5", "unknown key 'link'; known are name, url, published, archived"),
        ("    nam: x", "6:5", "unknown key 'nam'; did you mean 'name'?"),
        ("title: Again", "6:1", "the key 'title' again (first on line 1)"),
        ("facts:\n  - by: NIS", "7:5", "the key 'text' is missing"),
        ("  - url: https://example.org", "6:5", "the key 'name' is missing"),
        ("aliases: [a, no]", "6:14", 'no is a truth value to YAML; put it in quotes to have it as text: "no"'),
        ("aliases: [1.10]", "6:11", 'put it in quotes to have it as text: "1.10"'),
        ("aliases:\n  - 0777", "7:5", 'put it in quotes to have it as text: "0777"'),
        ("questions: [12:30]", "6:13", 'put it in quotes to have it as text: "12:30"'),
        ("aliases: [2024-10-18]", "6:11", 'put it in quotes to have it as text: "2024-10-18"'),
        ("facts:\n  - text: 0x1F", "7:11", 'put it in quotes to have it as text: "0x1F"'),
        ("facts: [{text: a, by: on}]", "6:23", 'put it in quotes to have it as text: "on"'),
        ("related: [2024]", "6:11", 'put it in quotes to have it as text: "2024"'),
        ("aliases: [~]", "6:11", "has no value"),
        ("aliases:", "6:9", "has no value"),
        ("aliases: [a,\n  b]\nquestions:\n- #help", "9:2", "has no value, for '#help' is a comment to YAML"),
        ("aliases: troops", "6:10", "must be a list"),
        ("aliases: {a: b}", "6:10", "must be a list"),
        ("aliases: [[a]]", "6:11", "must be a single text"),
        ("aliases: [a: b]", "6:11", "must be text"),
        ("aliases: ['']", "6:11", "holds no letter or digit, sign or emoji"),
        ("aliases: ['?!']", "6:11", "holds no letter or digit, sign or emoji"),
        ("facts: [{text: '=='}]", "6:16", "holds no letter or digit"),
        ('aliases: ["a\\u202eb"]', "6:11", "U+202E"),
        ("facts: [a]", "6:9", "needs a key before it"),
        ("facts: [[a]]", "6:9", "must have keys"),
        ("status: confrimed", "6:9", "did you mean 'confirmed'?"),
        ("status: [reported]", "6:9", "must be reported, confirmed, disputed, opinion or reference"),
        ("related: [a, Troops]", "6:14", "'Troops' is no id"),
        ("related: [../a]", "6:11", "'../a' is no id"),
        ("related: [-a]", "6:11", "'-a' is no id"),
        ("related: [a_b]", "6:11", "'a_b' is no id"),
        (f"related: [{'a' * 65}]", "6:11", "is no id"),
        ("expires: [2024-10]", "6:10", "must be a single text"),
        ("facts: [{text: a, on: 2024-02-30}]", "6:23", "on: is a day that does not exist"),
        ("facts: [{text: a, source: 2}]", "6:27", "source: there is no source 2; there is 1, counted from 1"),
        ("facts: [{text: a, source: 0}]", "6:27", "source: there is no source 0"),
        ("facts: [{text: a, source: '1'}]", "6:27", "source: must be the number of a source"),
        ("facts: [{text: a, source: 1.5}]", "6:27", "source: must be the number of a source"),
        ("facts: [{text: a, source: -1}]", "6:27", "source: must be the number of a source"),
        ("facts: [{text: a, quote: [b]}]", "6:26", "quote: must be a single text"),
        ("    published: soon", "6:16", "published: is no date"),
        ("    archived: archive.org/a", "6:15", "archived: must be a web address that starts with http:// or https://"),
        ("image: {url: https://a.b, credit: c}", "6:8", "the key 'alt' is missing; add it"),
        ("image: {url: http://a.b, alt: a, credit: c}", "6:14", "url: must be a web address that starts with https://"),
        ("image: https://a.b/c.png", "6:8", "needs a key before it"),
        ("image: {url: https://a.b, alt: a, credit: c, size: 1}", "6:46", "known are url, alt, credit"),
        ("corrections: [{text: a}]", "6:15", "the key 'on' is missing; add it"),
        ("corrections: [a]", "6:15", "before it: a correction has 'on: …' and 'text: …'"),
        ("replaced_by: Troops", "6:14", "replaced_by: 'Troops' is no id"),
        ("replaced_by: [troops]", "6:14", "must be a single text"),
    ],
)  # fmt: skip
def test_a_mistake_is_located_and_explained(added: str, place: str, hint: str) -> None:
    (problem,) = problems_in(f"{MINIMAL}{added}\n")
    assert problem.startswith(f"{place}: ")
    assert hint in problem


@pytest.mark.parametrize("status", ["ore", "or", "for", "xyz"])
def test_no_status_is_offered_that_does_not_exist(status: str) -> None:
    (problem,) = problems_in(f"{MINIMAL}status: {status}\n")
    assert "'or'" not in problem
    assert " or," not in problem


@pytest.mark.parametrize("key", ["title", "summary", "as_of", "sources"])
def test_a_required_key_that_is_missing_is_named(key: str) -> None:
    lines = brief_text().splitlines()
    text = "\n".join(["# a comment", *(line for line in lines if not line.startswith(key))])
    assert problems_in(text) == [f"2:1: the key '{key}' is missing; add it"]


@pytest.mark.parametrize("value", ["[]", "", "~", "''", "{}"])
@pytest.mark.parametrize("key", ["title", "summary", "as_of", "sources"])
def test_a_required_key_needs_a_value(key: str, value: str) -> None:
    lines = [f"{key}: {value}" if line.startswith(key) else line for line in brief_text().splitlines()]
    (problem,) = problems_in("\n".join(lines))
    line, column = PLACE[key].split(":")
    assert problem.startswith(f"{line}:{int(column) - (not value)}: {key}: ")


@pytest.mark.parametrize(
    ("content", "place", "hint"),
    [
        pytest.param(MINIMAL.encode("utf-16"), "1:1", "UTF-8", id="UTF-16 with a mark"),
        pytest.param(MINIMAL.encode("utf-16-le"), "1:2", "U+0000", id="UTF-16 without"),
        pytest.param("title: A\nsummary: Käse\n".encode("latin-1"), "2:11", "UTF-8", id="Latin-1"),
        pytest.param("title: é🚢".encode() + b"\xff", "1:10", "UTF-8", id="after wide characters"),
        pytest.param(b"\xef\xbb\xbft\xff", "1:2", "UTF-8", id="soon after a BOM"),
        pytest.param(b"\xef\xbb\xbftitle: A\nby: \xff", "2:5", "UTF-8", id="after a BOM"),
        pytest.param(b"\xef\xbb", "1:1", "UTF-8", id="half a BOM"),
        pytest.param(b"a: \xed\xa0\x80", "1:4", "UTF-8", id="surrogate"),
        pytest.param(b"title: A\0\n", "1:9", "U+0000", id="NUL"),
        pytest.param(b"", "1:1", "is empty", id="nothing"),
        pytest.param(b"\xef\xbb\xbf", "1:1", "is empty", id="a BOM alone"),
        pytest.param(b"# only\n# comments\n", "1:1", "is empty", id="comments"),
        pytest.param(b"\n- title\n", "2:1", "is no brief", id="a list"),
        pytest.param(b"Ships carry things.\n", "1:1", "is no brief", id="a text"),
    ],
)
def test_content_that_is_no_brief_at_all_is_one_problem(content: bytes, place: str, hint: str) -> None:
    (problem,) = problems_in(content)
    assert problem.startswith(f"{place}: ")
    assert hint in problem


@pytest.mark.parametrize("name", ["a", "0", "9-lives", "a" * 64, "kim-putin-"])
def test_a_file_name_of_the_right_form_is_the_id(name: str) -> None:
    brief = read_brief(f"some/folder/{name}.yaml", MINIMAL.encode()).brief
    assert brief
    assert brief.id == name


@pytest.mark.parametrize("name", ["", "-a", "Troops", "a_b", "a.b", "a b", "é", "a" * 65, "a\n"])
def test_a_file_name_of_another_form_is_a_problem(name: str) -> None:
    file = read_brief(f"{name}.yaml", MINIMAL.encode())
    assert file.brief is None
    assert [(problem.line, problem.column) for problem in file.problems] == [(1, 1)]


def test_all_mistakes_of_a_file_are_reported_at_once() -> None:
    problems = problems_in("titel: A\nsummary: no\nas_of: 2024-13\nsources: []\nfacts: [{}]\n")
    places = sorted(problem.split(": ")[0] for problem in problems)
    assert places == ["1:1", "1:1", "2:10", "3:8", "4:10", "5:9"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("facts: [{text: a, on: 2024-13, source: 3}]", ["6:23", "6:40"]),
        ("facts: [{text: a, source: 2}]\nexpires: TODO", ["6:27", "7:10"]),
        ("facts: [{text: a, source: 2}]\nimage: a", ["6:27", "7:8"]),
    ],
)
def test_a_source_that_is_not_there_is_reported_beside_what_else_is_wrong(text: str, places: list[str]) -> None:
    assert sorted(problem.split(": ")[0] for problem in problems_in(f"{MINIMAL}{text}\n")) == places


@pytest.mark.parametrize(
    "added", ["expires: TODO", "facts: [{text: a, on: TODO}]", "    url: TODO", "    archived: TODO"]
)
def test_a_date_and_an_address_may_be_still_to_do(added: str) -> None:
    (problem,) = problems_in(f"{MINIMAL}{added}\n")
    assert ": is still TODO; write it" in problem


@pytest.mark.parametrize(
    ("added", "place"),
    [
        ("questions:\n  - When\n    - Where", "8:5"),
        ("aliases:\n- one\n  two\n  - three", "9:3"),
        ("aliases: [one\n  - two]", "7:3"),
    ],
)
def test_an_item_out_of_line_with_its_list_is_a_problem_at_its_dash(added: str, place: str) -> None:
    (problem,) = problems_in(f"{MINIMAL}{added}\n")
    assert problem.startswith(f"{place}: ")
    assert "put its '- ' below the other '- '" in problem


@pytest.mark.parametrize(
    ("value", "column"),
    [
        ("**1,500** came", 10),
        ("*word* came", 10),
        ("[text](https://a.b) came", 10),
        ("`code`", 10),
        ("'Kim's eight'", 15),
        ("> 5 came", 10),
        ("%5", 10),
        ("@everyone", 10),
        ("!word", 10),
    ],
)
def test_what_else_is_wrong_is_reported_beside_texts_without_quotes(value: str, column: int) -> None:
    """Also if the text goes on in the next line, and below a list."""
    text = f"titel: A\nsummary: {value}\n  and went\nfacts:\n  - text: {value}\n    by: NIS\n  - {{}}\nas_of: 2024-13\n"
    places = sorted(problem.split(": ")[0] for problem in problems_in(text + "sources:\n- name: a\n"))
    assert places == ["1:1", "1:1", f"2:{column}", f"5:{column + 1}", "7:5", "8:8"]


@pytest.mark.parametrize("end", ["", "z: 'never closed\n"], ids=["readable to the end", "unreadable at the end"])
def test_no_file_fills_the_screen_with_problems(end: str) -> None:
    text = "".join(f"key{n}: &anchor x\n" for n in range(3 * MOST_PROBLEMS))
    assert 1 < len(problems_in(text + end)) <= MOST_PROBLEMS
