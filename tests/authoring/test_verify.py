"""What a base claims and its source does not contain is found at its place; a true rewording is no such claim."""

import time

import pytest

from bot.authoring.article.verify import unsupported
from bot.briefs.brief_file import read_brief
from tests.brief_files import brief_text

SOURCE = """\
The Northern Grid Agency (NGA) cut power to 1,500 homes on Friday, President Ana Zelinskaya said in Port Velden.
"The storm left us no choice," she told reporters, "and more cuts will come." Her office called it a “grave risk.”
Up to eight million litres of oil in 10,000 barrels and 122-mm and 152-mm pipes were lost. Between 8 and 10 billion
dollars may be needed; prices rose 3.5% in May. The Ministry of Inland Waters and Norland’s coast guard sent help from
Korvosk, Ussurin and Khabar. Hundreds of Norlandic sailors joined both crews on 3 October 2023. The F-16 stayed away.
The United States offered aid, and a 13-year-old, Kim Jong-tan, won praise. Mário Ost-Berg of Defence Weekly disagreed.
The trade pact with Ukraine, forged in Kyiv by the prime minister, Ed Poe, and Luís Sand, ends at 6:30 p.m. on 12 March.
"""


def found(text: str, key: str = "summary", source: str = SOURCE) -> list[str]:
    """Return what a brief claims in ``text`` without evidence, as "figure 7" and the like."""
    content = {"title": "the storm", "summary": "the storm", key: text}
    problems = unsupported([read_brief("ships.yaml", brief_text(**content).encode())], source)
    assert all(problem.message.startswith(f"{key}: the source does not have the ") for problem in problems)
    return [problem.message.split(" have the ")[1].split("; ")[0].replace("'", "") for problem in problems]


@pytest.mark.parametrize(
    "text",
    [
        # figures
        "1500 homes lost power.",
        "Fifteen hundred homes lost power.",
        "1.5k homes and 1 500 homes lost power.",
        "1.500 homes, as others write it.",
        "Up to 8 million litres; 8m litres; 8,000,000 litres.",
        "Eight million liters were lost.",
        "Ten thousand barrels, 10k barrels, 10000 barrels, 10 thousand barrels.",
        "Pipes of 122 mm and 152 millimetres, and 122- and 152-mm ones.",
        "Eight to ten billion dollars are needed.",
        "As much as $10 billion, or $10bn, is needed.",
        "8-10 billion dollars are needed.",
        "Prices rose by 3.5 per cent; 3.5 percent; 3.5 %; 3,5%.",
        "It happened on October 3, 2023; on 3 October 2023; on Oct. 3; on the 3rd of October.",
        "Kim Jong Tan is 13 years old. Kim, aged thirteen, won.",
        "Two crews were joined by hundreds of sailors.",
        "One of them left; one more may follow.",
        "Both barrels and pipes were lost.",
        "F-16s stayed at home.",
        "The F16 did too.",
        "The pact ends at 6:30.",
        "The pact ends on March 12.",
        # names
        "Zelinskaya spoke.",
        "President Zelinskaya spoke.",
        "Ana Zelinskaja spoke to reporters.",
        "Mrs Zelinskaya and Mr. Poe spoke.",
        "Norland's NGA cut power.",
        "The Northern Grid Agency's power is back.",
        "The Agency and the Ministry sent help.",
        "Ana Zelinskaya, the President, spoke in Port Velden.",
        "Norlandic help came from the Ministry of Inland Waters.",
        "Norland's Ministry of Inland Waters helped.",
        "Khabar, Ussurin and Korvosk sent help.",
        "The US, the U.S. and America helped.",
        "American help came.",
        "The USA offered aid.",
        "The MIW is the Ministry of Inland Waters.",
        "Mario Ost Berg writes for Defense Weekly.",
        "Ost-Berg disagrees.",
        "Ukrainians and Ukraine's friends forged it.",
        "The Ukrainian trade pact ends.",
        "It was forged in Kiev.",
        "Prime Minister Poe forged the pact.",
        "Prime Minister Ed Poe spoke.",
        "Ana Zelinskaya of Norland spoke.",
        "Grave Ukrainian losses were feared, and so were Norlandic ones.",
        "The (grave) storm came to Ukraine (and to Norland).",
        "On Friday it was cold. In May it was warm.",
        "The Korvosk-Ussurin road is open.",
        # words that are large only because they open a sentence
        "Sailors came. Homes went dark. Nobody cheered. Perhaps they will.",
        "Recently the storm came. Electricity was cut.",
        "“Grave risk,” said the office. However, power is back.",
        "Officially: Power is back. Aid came; Prices rose.",
        "Ten thousand is no number of homes.",
        "Disagreement grew.",
        # quotations
        'It is a "grave risk".',
        "It is a ‘Grave Risk’, she said of 'no choice'.",
        "It is a «grave risk», a „grave risk“, a »grave risk«, a 「grave risk」.",
        '"The storm left us no choice, and more cuts will come."',
        '"The storm … no choice", "the storm left [them] no choice", “no choice […]”',
        "“The storm left us ‘no choice’,” she said.",
        "The sailors' risk and the crews' work were no issue.",
        'A 122" pipe and a 152" pipe.',
    ],
)
def test_what_is_said_otherwise_is_no_problem(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        # figures
        ("1,600 homes lost power.", ["figure 1,600"]),
        ("15,000 homes lost power.", ["figure 15,000"]),
        ("150 homes lost power.", ["figure 150"]),
        ("10 barrels were lost.", ["figure 10"]),
        ("Some 500 homes lost power.", ["figure 500"]),
        ("Up to nine million litres were lost.", ["figure nine million litres"]),
        ("Up to eight thousand litres were lost.", ["figure eight thousand litres"]),
        ("Up to eight billion euros are needed.", ["figure eight billion euros"]),
        ("Up to £10 billion is needed.", ["figure £10 billion"]),
        ("Between 8 and 12 billion dollars.", ["figure 12 billion dollars"]),
        ("Pipes of 155-mm and 152-mm were lost.", ["figure 155-mm"]),
        ("Pipes of 122 cm were lost.", ["figure 122 cm"]),
        ("Pipes of 122- and 155-mm.", ["figure 155-mm"]),
        ("Thousands of sailors came.", ["figure Thousands"]),
        ("Dozens of sailors came.", ["figure Dozens"]),
        ("Prices rose 3.7%.", ["figure 3.7%"]),
        ("Prices rose 35%.", ["figure 35%"]),
        ("Prices rose 13 percent.", ["figure 13 percent"]),
        ("Three crews came.", ["figure Three"]),
        ("Two dozen crews came.", ["figure Two dozen"]),
        ("Twenty-two crews came.", ["figure Twenty-two"]),
        ("It was the fourth storm.", ["figure fourth"]),
        ("On 4 October 2023 it rained.", ["figure 4"]),
        ("On 3 October 2024 it rained.", ["figure 2024"]),
        ("On October 8 it rained.", ["figure 8"]),
        ("A 14-year-old won.", ["figure 14-year"]),
        ("A hundred and twenty homes went dark.", ["figure A hundred and twenty"]),
        ("It ends at 7:30.", ["figure 7:30"]),
        ("It ends on 13 March.", ["figure 13"]),
        ("Two and a half million litres.", ["figure Two and a half million litres"]),
        # names
        ("They met Lavrov in secret.", ["name Lavrov"]),
        ("Lavrov says no.", ["name Lavrov"]),
        ("Lavrov spoke. Merkel met nobody.", ["name Lavrov", "name Merkel"]),
        ("Brussels says no.", ["name Brussels"]),
        ("“Lavrov” is a name.", ["quotation Lavrov"]),
        ("Ana Zelinskaya, President of Ulm, spoke.", ["name President of Ulm"]),
        ("President Lavrov spoke.", ["name President Lavrov"]),
        ("President Poe spoke.", ["name President Poe"]),
        ("Ana Lavrov spoke.", ["name Ana Lavrov"]),
        ("Ana Poe spoke.", ["name Ana Poe"]),
        ("Luís Poe spoke.", ["name Luís Poe"]),
        ("Zelinskaya of Defence Weekly disagreed.", ["name Zelinskaya of Defence Weekly"]),
        ("Ed Zelinskaya spoke.", ["name Ed Zelinskaya"]),
        ("The Ministry of Northern Waters helped.", ["name Ministry of Northern Waters"]),
        ("The Southern Grid Agency helped.", ["name Southern Grid Agency"]),
        ("The CIA and the NGA knew.", ["name CIA"]),
        ("Norland's CIA knew.", ["name CIA"]),
        ("Kim Jong-il won.", ["name Kim Jong-il"]),
        ("Kim Jong Il won.", ["name Kim Jong Il"]),
        ("Khabra and Korvsok sent help.", ["name Khabra", "name Korvsok"]),
        ("It was on Thursday.", ["name Thursday"]),
        ("It was in July.", ["name July"]),
        ("It was in Apr. or August.", ["name Apr", "name August"]),
        ("The Russian pact ends.", ["name Russian"]),
        ("It was forged in Odesa.", ["name Odesa"]),
        ("The United Kingdom offered aid.", ["name United Kingdom"]),
        ("British aid came.", ["name British"]),
        ("The F-35 stayed.", ["name F-35"]),
        ("They told us, and SO it goes.", ["name SO"]),
        ("Korvosk-Moscow trains run.", ["name Moscow"]),
        ("The mayor of Port Harcourt spoke.", ["name Port Harcourt"]),
        ("Допомога з Корвоска.", ["name Допомога", "name Корвоска"]),
        # quotations
        ('It is a "great risk".', ["quotation great risk"]),
        ("It is a “risk so grave”.", ["quotation risk so grave"]),
        ("It is a 'big risk'.", ["quotation big risk"]),
        ("It is a «bad risk» and a ‘new risk’.", ["quotation bad risk", "quotation new risk"]),
        ('"The storm left them no choice"', ["quotation The storm left them no choice"]),
        ('"The storm … no choices"', ["quotation The storm … no choices"]),
        ('"Lavrov has 77 ships"', ["quotation Lavrov has 77 ships"]),
        ("그는 “큰 위험”이라고 했다.", ["quotation 큰 위험"]),
    ],
)
def test_what_the_source_does_not_have_is_found(text: str, wrong: list[str]) -> None:
    assert found(text) == wrong


@pytest.mark.parametrize(
    ("source", "text", "wrong"),
    [
        ("They told us who came.", "They met the US and the WHO.", ["name US", "name WHO"]),
        ("The NGA met at NATO.", "The Northern Grid Agency met at Nato.", []),
        ("Ana met Bo.", "Both Ana and Bo were there.", []),
        ("Kim, 13, won.", "Kim is 13 years old.", []),
        ("Kim, 13, won.", "Kim weighs 13 kg.", ["figure 13 kg"]),
        ("George Bush spoke.", "George W. Bush spoke.", []),
        ("He may march.", "It was in May or March.", ["name May", "name March"]),
        ("", "Ana met 7 men.", ["name Ana", "figure 7"]),
        ("크림반도의 군인 12,000명이 “큰 위험”이다.", "그들은 “큰 위험”이며 12000명이다.", []),
        ("크림반도의 군인 12,000명", "군인 1,200명", ["figure 1,200"]),
        ("Президент Зеленський у Києві.", "Сказав Зеленський.", ["name Сказав Зеленський"]),
        ("Президент Зеленський у Києві.", "У Києві він бачив Макрона.", ["name Макрона"]),
    ],
)
def test_another_source_supports_other_claims(source: str, text: str, wrong: list[str]) -> None:
    assert found(text, source=source) == wrong


@pytest.mark.parametrize(
    ("title", "wrong"),
    [
        ("Northern Agency Cuts Power In Velden", []),
        ("Northern Agency Cuts Power In Moscow", ["name Moscow"]),
        ("Northern Agency Restricts Power", []),
        ("Northern Ministry of storms", ["name Northern Ministry"]),
    ],
)
def test_a_title_may_have_all_its_words_large(title: str, wrong: list[str]) -> None:
    assert found(title, "title") == wrong


@pytest.mark.parametrize("key", ["text", "by"])
def test_facts_and_their_speakers_are_looked_at(key: str) -> None:
    fact = {"text": "It was so.", "by": "Ana"} | {key: "Lavrov"}
    (problem,) = unsupported([read_brief("ships.yaml", brief_text(title="it", facts=[fact]).encode())], SOURCE)
    assert problem.message == f"{key}: the source does not have the name 'Lavrov'; correct it or leave it out"


def test_aliases_questions_and_sources_need_no_source() -> None:
    content = brief_text(title="it", aliases=["Lavrov"], questions=["Who is Lavrov, 77?"], sources=[{"name": "Lavrov"}])
    assert unsupported([read_brief("ships.yaml", content.encode())], SOURCE) == []


def test_a_word_that_another_brief_writes_small_is_no_name() -> None:
    files = [read_brief("a.yaml", brief_text(title="it", summary="Flour ran out.").encode())]
    assert [problem.message.split("'")[1] for problem in unsupported(files, SOURCE)] == ["Flour"]
    files.append(read_brief("b.yaml", brief_text(title="some flour", summary="It was so.").encode()))
    assert unsupported(files, SOURCE) == []


YAML = """\
title: Lavrov and 7 ships
aliases: [Lavrov, "77"]
summary: >-
  The storm took Ana Zelinskaya and
  the 9 ships of Ana
  Lavrov to "no   harbour".
facts:
  - text: "Ships: 10 \\"big ones\\" and 9 in all, 9 in Rome."
    by: 'Norland''s Lavrov'
  - {by: Ships in Rome, text: Rome}
as_of: 2024-10
sources: [{name: Lavrov's 9 ships}]
"""
PLACES = "1:8 1:19 5:7 5:18 6:14 8:19 8:24 8:39 8:49 8:54 9:21 10:19 10:31".split()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_each_problem_stands_where_its_words_do(newline: str) -> None:
    file = read_brief("ships.yaml", YAML.replace("\n", newline).encode())
    assert [f"{problem.line}:{problem.column}" for problem in unsupported([file], SOURCE)] == PLACES


@pytest.mark.parametrize("style", ["|\n  ", ">\n  ", "|2-\n  ", "\n  ", ""], ids=["|", ">", "|2-", "below", "plain"])
def test_each_style_of_yaml_has_its_place(style: str) -> None:
    text = f"title: it\nsummary: {style}it was so,\n  said Lavrov\nas_of: 2024-10\nsources: [{{name: A}}]\n"
    (problem,) = unsupported([read_brief("ships.yaml", text.encode())], SOURCE)
    assert (problem.line, problem.column) == (3 + style.count("\n"), 8)


def test_what_escapes_of_yaml_hide_is_placed_at_its_value() -> None:
    text = brief_text(title="it").replace('"Ships carry', '"Caf\\u00e9s, said Lavr\\u00f3v, carry')
    (problem,) = unsupported([read_brief("ships.yaml", text.encode())], SOURCE)
    assert (problem.line, problem.column) == (2, 10)


def test_problems_of_several_files_come_in_the_order_of_their_places() -> None:
    files = [read_brief(f"{name}.yaml", brief_text(title=f"Lavrov {name}").encode()) for name in ("b", "a")]
    assert [problem.path for problem in unsupported(files, SOURCE)] == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize("text", ["", "- a", "title: [Lavrov]\nfacts: Lavrov", "facts: [Lavrov, [Lavrov], {by: [x]}]"])
def test_a_file_that_is_no_valid_brief_does_no_harm(text: str) -> None:
    assert unsupported([read_brief("ships.yaml", text.encode())], SOURCE) == []


def test_a_long_source_is_searched_in_little_time() -> None:
    source = " ".join(f"Name{chr(97 + n % 26)}{chr(97 + n // 26 % 26)} took {n} ships." for n in range(5000))
    started = time.process_time()
    assert found("Nameab took 27 ships to Rome.", source=source + " SHOUTED" * 3000) == ["name Rome"]
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("quote", "proved"),
    [
        ("The storm left us no choice", True),
        ("The storm left us no choice, and more cuts will come", True),
        ("cut power to 1,500 homes", True),
        ("no choice … more cuts will come", True),
        ("the storm left us a choice", False),
        ("No Choice!", True),
    ],
)
def test_a_quote_has_to_stand_in_the_source_word_by_word(quote: str, proved: bool) -> None:
    text = brief_text(title="the storm", summary="the storm", facts=[{"text": "it is so", "quote": quote}])
    problems = unsupported([read_brief("ships.yaml", text.encode())], SOURCE)
    assert [problem.message for problem in problems] == (
        [] if proved else [f"quote: the source does not have the quotation {quote!r}; correct it or leave it out"]
    )


def test_marks_and_addresses_are_no_claims_and_days_are_not_looked_for() -> None:
    facts = [
        {"text": "**1,500** homes, [see 77 pages](https://example.org/1999/Nobody)", "on": "2024-10-18", "source": 1}
    ]
    text = brief_text(title="the storm", summary="the *storm*", facts=facts)
    (problem,) = unsupported([read_brief("ships.yaml", text.encode())], SOURCE)
    assert problem.message == "text: the source does not have the figure '77'; correct it or leave it out"
    assert problem.column == text.splitlines()[4].index("77") + 1
