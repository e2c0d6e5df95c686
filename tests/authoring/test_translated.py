"""Figures and names of a translation, checked against a source in the briefs' own language."""

from pathlib import Path

import pytest

from bot.authoring.article.translated import Claimed, NameTable, with_digits
from bot.authoring.article.verify import unsupported
from bot.briefs.loader import load
from tests.brief_files import brief_text, write
from tools.environment import SHIPPED

TABLE = "# names\nZelensky: Зеленський, Володимир Зеленський, 젤렌스키\nNorth Korea: Північна Корея, 북한\n"


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("uk", "Тоді Зеленського чули", [(5, "Зеленського", "Zelensky")]),
        ("uk", "слова Володимира Зеленського", [(6, "Володимира Зеленського", "Zelensky")]),
        ("uk", "у Північній Кореї", [(2, "Північній Кореї", "North Korea")]),
        ("ko", "젤렌스키가 북한에서 말했다", [(0, "젤렌스키가", "Zelensky"), (6, "북한에서", "North Korea")]),
        ("uk", "Він сказав Петренку", [(11, "Петренку", None)]),
        ("uk", "Це правда. Так і є", []),
        ("uk", "Zelensky", [(0, "Zelensky", "Zelensky")]),
        ("uk", "", []),
    ],
)
def test_a_name_is_found_in_whatever_case_it_stands(
    language: str, text: str, found: list[tuple[int, str, str | None]]
) -> None:
    assert list(NameTable(TABLE).claimed(text, language)) == [Claimed(*each) for each in found]


@pytest.mark.parametrize(
    ("language", "text", "digits"),
    [
        ("ko", "1만2천 명", "12000 명"),
        ("ko", "최대 800만 발", "최대 8000000 발"),
        ("ko", "12,000명", "12,000 명"),
        ("ko", "8월 이후 3억", "August 이후 300000000"),
        ("uk", "12 тисяч солдатів", "12000 солдатів"),
        ("uk", "до восьми мільйонів", "до 8000000"),
        ("uk", "8 млн снарядів", "8000000 снарядів"),
        ("uk", "13 000 контейнерів", "13 000 контейнерів"),
        ("ru", "пять тысяч", "5000"),
        ("uk", "тисячі людей", "тисячі людей"),
    ],
)
def test_large_numbers_are_read_as_digits(language: str, text: str, digits: str) -> None:
    assert with_digits(text, language) == digits


def test_what_the_source_lacks_is_named_at_its_place_in_the_translation(tmp_path: Path) -> None:
    summary = "Зеленський каже: 12 тисяч, а не 10 тисяч із Києва."
    text = f'title: Війська\nsummary: "{summary}"\n'
    write(tmp_path, {"ships.yaml": brief_text(), "ships.uk.yaml": text})
    problems = unsupported(load(tmp_path).files, "Ships carry 12,000 things. So says Ana.", TABLE)
    assert [str(problem).partition("ships.uk.yaml:")[2] for problem in problems] == [
        "2:11: summary: the source does not have the figure '10000'; correct it or leave it out",
        "2:11: summary: the source does not have the name 'Zelensky', which is written 'Зеленський'; "
        "correct it or leave it out",
        "2:55: summary: names.txt does not say what the briefs call 'Києва'; add it there",
    ]


def test_the_shipped_translations_claim_nothing_that_the_shipped_briefs_do_not() -> None:
    loaded = load(SHIPPED)
    said = [
        f"{brief.title}. {brief.summary.plain} "
        + " ".join(f"{fact.text.plain} {fact.by or ''}." for fact in brief.facts)
        for brief in loaded.base.briefs.values()
    ]
    translations = [file for file in loaded.files if file.language]
    table = (SHIPPED / "names.txt").read_text(encoding="utf-8")
    assert len(translations) == 2 * len(loaded.base.briefs)
    assert unsupported(translations, "\n".join(said), table) == []
