"""Translations beside the briefs: what they may hold, how they are joined, and what becomes of wrong and stale ones."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import read_brief
from bot.briefs.card import STALE, card_of
from bot.briefs.card_text import fact_text, markdown, plain
from bot.briefs.loader import load, survey
from bot.briefs.translation_files import doubts
from tests.brief_files import a_brief, brief_text, write

FACTS = [{"text": "Three have sailed.", "by": "A port"}, {"text": "More are expected."}]
SHIPS = brief_text(facts=FACTS, corrections=[{"on": "2024-10", "text": "The port was wrong."}])


def translation(**keys: Any) -> str:
    """Return a translation of ``SHIPS`` that is up to date, with ``keys`` set; None leaves a key out."""
    content = {
        "of": a_ship().digest,
        "title": "Кораблі",
        "summary": "Кораблі возять вантажі.",
        "facts": [{"text": "Три відпливли.", "by": "Порт"}, {"text": "Очікують більше."}],
        "corrections": [{"text": "Порт був не той."}],
        "sources": [{"name": "Звіт"}],
    }
    left = {key: value for key, value in (content | keys).items() if value is not None}
    text = brief_text(**({"as_of": None} | left))
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("as_of: "))


def a_ship() -> Any:
    return a_brief("ships", facts=FACTS, corrections=[{"on": "2024-10", "text": "The port was wrong."}])


def folder_of(path: Path, **texts: str) -> Path:
    return write(path, {"ships.yaml": SHIPS} | {f"{name.replace('_', '.')}.yaml": text for name, text in texts.items()})


def test_a_translation_gives_a_brief_its_texts_and_leaves_the_original_its_dates(tmp_path: Path) -> None:
    base = load(folder_of(tmp_path, ships_uk=translation(aliases=["судна"]))).base
    own, brief = base.briefs["ships"], base.in_language("uk").briefs["ships"]
    assert (own.title, own.translated) == ("Ships", None)
    assert (brief.title, brief.summary.plain, brief.aliases) == ("Кораблі", "Кораблі возять вантажі.", ("судна",))
    assert [(fact.text.plain, fact.by) for fact in brief.facts] == [
        ("Три відпливли.", "Порт"),
        ("Очікують більше.", None),
    ]
    assert (brief.as_of, brief.status, brief.corrections[0].on) == (own.as_of, own.status, own.corrections[0].on)
    assert (brief.corrections[0].text, brief.sources[0].name) == ("Порт був не той.", "Звіт")
    assert brief.translated == ("uk", False)
    assert list(base.briefs) == ["ships"], "no brief is called ships.uk"


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("вже прибули", "Три вже прибули."),
        ("прибуло три", "Три вже прибули. “прибуло три”"),
        (None, "Три вже прибули. (in the original: “have arrived”; 18 October 2024)"),
    ],
)
def test_a_translation_quotes_in_its_language_and_else_says_that_the_words_are_the_originals(
    quote: str | None, shown: str
) -> None:
    day = {} if quote else {"on": "2024-10-18"}
    original = a_brief("ships", facts=[{"text": "Three have arrived.", "quote": "have arrived"} | day])
    fact = {"text": "Три вже прибули."} | ({"quote": quote} if quote else {})
    text = translation(of=original.digest, facts=[fact], corrections=None)
    translated = read_brief("ships.uk.yaml", text.encode()).translation
    assert translated
    assert fact_text(original.translated_by(translated).facts[0], original) == shown


def test_a_translation_quotes_nothing_that_the_original_does_not_quote(tmp_path: Path) -> None:
    facts = [{"text": "Три.", "by": "Порт", "quote": "три"}, {"text": "Більше."}]
    (problem,) = survey(folder_of(tmp_path, ships_uk=translation(facts=facts))).problems
    assert problem.message == "quote: the original quotes nothing here; remove it"


def test_a_translation_is_stale_when_the_original_quotes_other_words() -> None:
    quotes = [a_brief("ships", facts=[{"text": "Three.", "quote": quote}]).digest for quote in ("one", "two")]
    assert quotes[0] != quotes[1]


@pytest.mark.parametrize(
    ("asked", "title"), [("uk", "Кораблі"), ("pt", "Navios"), ("pt-BR", "Barcos"), ("pt-PT", "Navios"), ("fr", "Ships")]
)
def test_a_language_falls_back_to_the_wider_one_and_then_to_the_base(tmp_path: Path, asked: str, title: str) -> None:
    texts = {"pt": translation(title="Navios"), "pt-BR": translation(title="Barcos"), "uk": translation()}
    write(tmp_path, {"ships.yaml": SHIPS} | {f"ships.{tag}.yaml": text for tag, text in texts.items()})
    assert load(tmp_path).base.in_language(asked).briefs["ships"].title == title


ONLY = "only the original says this, so that no translation can disagree; remove it here"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("status", "confirmed", f"status: {ONLY}"),
        ("expires", "2025-01", f"expires: {ONLY}"),
        ("related", ["weapons"], f"related: {ONLY}"),
        ("facts", [{"text": "Три", "on": "2024-10"}, {"text": "Два"}], f"on: {ONLY}"),
        ("sumary", "x", "unknown key 'sumary'; did you mean 'summary'?"),
        ("facts", [{"text": "Три"}], "facts: there are 1, and the original has 2; have as many, in the same order"),
        (
            "facts",
            [{"text": "Три"}, {"text": "Два", "by": "Хтось"}],
            "by: the original does not say who says this; remove it",
        ),
        (
            "sources",
            [{"name": "А"}, {"name": "Б"}],
            "sources: there are 2, and the original has 1; have as many, in the same order",
        ),
        ("image", {"alt": "Корабель"}, "image: the original has none; remove it"),
        ("of", "yesterday", "of: is no digest; remove the key, and run check --stamp once the translation is right"),
        ("title", None, "the key 'title' is missing; add it"),
    ],
)
def test_a_mistake_in_a_translation_is_named_and_the_briefs_are_used(
    tmp_path: Path, key: str, value: Any, message: str
) -> None:
    loaded = survey(folder_of(tmp_path, ships_uk=translation(**{key: value})))
    if key == "title":  # brief_text always writes one
        text = "".join(line for line in translation().splitlines(keepends=True) if not line.startswith("title"))
        loaded = survey(folder_of(tmp_path, ships_uk=text))
    assert [problem.message for problem in loaded.problems] == [message]
    assert loaded.problems[0].path.endswith("ships.uk.yaml")
    assert (list(loaded.base.briefs), dict(loaded.base.translations), loaded.of_briefs) == (["ships"], {}, ())


def test_in_place_of_a_wrong_translation_the_last_good_one_stays(tmp_path: Path) -> None:
    good = load(folder_of(tmp_path, ships_uk=translation())).base
    loaded = survey(folder_of(tmp_path, ships_uk=translation(title="")), good=good)
    assert loaded.problems
    assert loaded.base == good


def test_a_translation_goes_with_its_file(tmp_path: Path) -> None:
    good = load(folder_of(tmp_path, ships_uk=translation())).base
    (tmp_path / "ships.uk.yaml").unlink()
    assert survey(tmp_path, good=good).base.editions == {}


def test_a_folder_that_cannot_be_read_keeps_its_translations(tmp_path: Path) -> None:
    good = load(folder_of(tmp_path, ships_uk=translation())).base
    assert survey(tmp_path / "gone", good=good).base == good


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ships.UK", "the name of a translation ends in its language; rename it to ships.uk.yaml"),
        ("ships.pt-br", "the name of a translation ends in its language; rename it to ships.pt-BR.yaml"),
        ("ships.old", "looks like a copy of ships.yaml"),
    ],
)
def test_a_name_of_a_translation_has_one_spelling(tmp_path: Path, name: str, message: str) -> None:
    write(tmp_path, {"ships.yaml": SHIPS, f"{name}.yaml": translation()})
    loaded = survey(tmp_path)
    assert message in loaded.problems[0].message
    assert (list(loaded.base.briefs), loaded.base.editions) == (["ships"], {})


def test_two_languages_may_share_a_phrase_and_one_language_may_not(tmp_path: Path) -> None:
    boats = {"boats.yaml": brief_text(title="Boats")}
    texts = {"ships.uk.yaml": translation(), "boats.uk.yaml": brief_of("Човни", ["кораблі"])}
    write(tmp_path, {"ships.yaml": SHIPS} | boats | texts)
    (problem,) = survey(tmp_path).problems
    assert problem.message.startswith("'Кораблі' also belongs to 'boats.uk'")
    (tmp_path / "boats.uk.yaml").rename(tmp_path / "boats.ru.yaml")
    assert not survey(tmp_path).problems


def brief_of(title: str, aliases: list[str]) -> str:
    return f'of: "{a_brief("boats", title="Boats").digest}"\ntitle: {title}\nsummary: Текст.\naliases: {aliases}\n'


def test_a_card_that_grows_too_long_in_a_translation_is_not_used(tmp_path: Path) -> None:
    facts = [{"text": "Three have sailed."}] * 12
    long = [{"text": "дуже " * 59}] * 12
    own = a_brief("ships", facts=facts)
    text = translation(of=own.digest, facts=long, corrections=None, summary="слово " * 150)
    write(tmp_path, {"ships.yaml": brief_text(facts=facts), "ships.uk.yaml": text})
    loaded = survey(tmp_path)
    assert "and Discord shows 3900; shorten its texts" in loaded.problems[0].message
    assert not loaded.base.editions


OLD = "0123456789abcdef"


@pytest.mark.parametrize(
    ("texts", "warning"),
    [
        (
            {"ships.uk": translation(of=OLD)},
            "stale: ships.yaml has changed since; bring it up to date, then check --stamp",
        ),
        (
            {"ships.uk": translation(of=None)},
            "does not say what it translates, so it is shown as stale; check --stamp writes that",
        ),
        (
            {"ships.uk": translation(of=OLD, facts=[])},
            "stale: it has 0 facts, and the original has 2; until they are as many, members get the original",
        ),
        ({"ship.uk": translation()}, "there is no brief 'ship', so this is not used; did you mean 'ships'?"),
        ({"ships.en": translation()}, "the briefs themselves are in English, so this is not used"),
        ({"ships.uk": translation(), "boats": brief_text(title="Boats")}, "not translated into Українська: boats"),
    ],
)
def test_what_is_stale_missing_or_surplus_is_doubtful_and_nothing_is_wrong(
    tmp_path: Path, texts: dict[str, str], warning: str
) -> None:
    write(tmp_path, {"ships.yaml": SHIPS} | {f"{name}.yaml": text for name, text in texts.items()})
    loaded = load(tmp_path)
    assert warning in [doubt.message for doubt in doubts(loaded.files, loaded.base)]


def test_that_a_language_is_lacking_is_said_at_the_brief_that_lacks_it(tmp_path: Path) -> None:
    texts = {"ships.yaml": SHIPS, "ships.uk.yaml": translation(), "boats.yaml": brief_text(title="Boats")}
    write(tmp_path, texts)
    loaded = load(tmp_path)
    assert [Path(doubt.path).name for doubt in doubts(loaded.files, loaded.base)] == ["boats.yaml"]


def test_a_new_alias_makes_no_translation_stale(tmp_path: Path) -> None:
    folder_of(tmp_path, ships_uk=translation())
    write(tmp_path, {"ships.yaml": SHIPS + "aliases: [boats]\nexpires: 2030-01\n"})
    assert load(tmp_path).base.in_language("uk").briefs["ships"].translated == ("uk", False)


def test_no_stale_translation_is_shown_unmarked_over_a_hundred_edits() -> None:
    see_that_no_stale_translation_is_shown_unmarked(100)


def see_that_no_stale_translation_is_shown_unmarked(edits: int) -> None:
    """Whatever is edited, a brief in Ukrainian is marked as stale or says what the original says now."""
    chance = random.Random(18)
    text = {
        "title": "Ships",
        "summary": "A.",
        "facts": [["B.", "C"], ["D.", None]],
        "sources": ["E"],
        "corrections": [],
    }
    translated = text
    of = original(text).digest
    for _ in range(edits):
        text = edited(text, chance)
        if chance.random() < 0.1:
            translated, of = text, original(text).digest
        base = BriefBase({"ships": original(text)}, {"ships.uk": in_ukrainian(translated, of)})
        shown = base.in_language("uk").briefs["ships"]
        current = translated == text
        assert shown.translated is None or shown.translated.stale == (not current)
        assert (shown.translated is None) == (len(translated["facts"]) != len(text["facts"]))


def edited(text: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return a text after a random edit: a word more or less, a fact, source or correction more or less, or a swap."""
    key = chance.choice([*text])
    word = chance.choice("fghijklm")
    if isinstance(text[key], str):
        return text | {key: chance.choice([text[key][:20] + word, word])}
    entry = [f"{word}.", chance.choice([None, "C"])] if key == "facts" else word
    longer, shorter = [entry, *text[key]], text[key][1:] or [entry]
    return text | {key: chance.choice([longer[:3], shorter, text[key][::-1]])}


def original(text: dict[str, Any]) -> Any:
    facts = [{"text": said} | ({"by": by} if by else {}) for said, by in text["facts"]]
    sources = [{"name": name} for name in text["sources"]]
    corrections = [{"on": "2024-10", "text": each} for each in text["corrections"]]
    return a_brief(title=text["title"], summary=text["summary"], facts=facts, sources=sources, corrections=corrections)


def in_ukrainian(text: dict[str, Any], of: str) -> Any:
    keys = {"of": of, "summary": "Текст.", "facts": [{"text": "Факт."} for _ in text["facts"]]}
    content = translation(**keys, sources=None, corrections=None)
    file = read_brief("ships.uk.yaml", content.encode())
    assert file.translation, file.problems
    return file.translation


def test_a_translation_is_shown_by_the_name_of_its_file(tmp_path: Path) -> None:
    base = load(folder_of(tmp_path, ships_uk=translation())).base
    found = {name: base.shown(name) for name in ("ships", "ships.uk", "ships.de", "boats.uk")}
    assert {name: brief and brief.title for name, brief in found.items()} == {
        "ships": "Ships",
        "ships.uk": "Кораблі",
        "ships.de": None,
        "boats.uk": None,
    }


def test_a_card_says_that_its_translation_is_stale(tmp_path: Path) -> None:
    write(tmp_path, {"ships.yaml": SHIPS, "ships.uk.yaml": translation(), "ships.de.yaml": translation(of=OLD)})
    base = load(tmp_path).base
    ship, today = base.briefs["ships"], date(2025, 1, 1)
    cards = {tag: card_of(ship, base, today, language=tag) for tag in ("en", "uk", "de")}
    assert {tag: card.stale for tag, card in cards.items()} == {"en": False, "uk": False, "de": True}
    assert all((STALE in plain(card)) == card.stale == (STALE in markdown(card)[0]) for card in cards.values())


def test_a_card_says_in_which_languages_it_is_and_that_one_is_lacking(tmp_path: Path) -> None:
    texts = {
        "ships.yaml": SHIPS,
        "ships.uk.yaml": translation(),
        "boats.yaml": brief_text(title="Boats", related=["ships"]),
    }
    base = load(write(tmp_path, texts)).base
    ship, boat, today = base.briefs["ships"], base.briefs["boats"], date(2025, 1, 1)
    own = card_of(ship, base, today, language="en-GB")
    assert (own.title, own.language, own.languages, own.lacking) == ("Ships", "en", ("uk",), None)
    theirs = card_of(ship, base, today, language="uk")
    assert (theirs.title, theirs.language, theirs.languages, theirs.lacking) == ("Кораблі", "uk", ("en",), None)
    other = card_of(boat, base, today, language="uk")
    assert (other.language, other.languages, other.related[0].title) == ("en", (), "Кораблі")
    assert other.reservation == "Not yet in Українська."
    alone = BriefBase({"ships": ship})
    assert card_of(ship, alone, today, language="uk").reservation is None, "a base of one language promises no other"
