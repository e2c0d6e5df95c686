"""Translating a brief on Discord: the form with the original above it, and the file that comes of it."""

import pytest

from tests.admins import ADMIN, form, press, settled
from tests.brief_files import a_brief, brief_text, write
from tests.conftest import Start
from tools.fake_discord import FakeDiscord
from tools.fake_discord.rules import displayed_text
from tools.running import Running

FACTS = [{"text": "Three have sailed.", "by": "A port"}, {"text": "More are expected."}]
SHIPS = a_brief("ships", title="Ships", facts=FACTS)
FILES = {
    "ships.yaml": brief_text(title="Ships", facts=FACTS),
    "ships.de.yaml": "title: Schiffe\nsummary: Alt.\ncorrections: []\nsources: [{name: Ein Bericht}]\n",
}
TYPED = {
    "title": "Кораблі",
    "summary": "Кораблі возять вантажі.",
    "facts": "Порт: Три відпливли.\nОчікують більше.",
    "phrases": "судна\nЩо возять кораблі?",
}


pytestmark = pytest.mark.briefs(FILES)


@pytest.fixture
async def bot(start: Start) -> Running:
    return await start()


async def test_what_is_typed_into_the_form_becomes_the_translation(fake: FakeDiscord, bot: Running) -> None:
    opened = await fake.slash("briefs translate", {"brief": "ships", "language": "uk"}, **ADMIN)
    assert opened.modal
    (above,) = (part for part in opened.modal["components"] if part["type"] == 10)
    assert "Ships carry things." in above["content"]
    assert "A port: Three have sailed." in above["content"]
    sent = await fake.submit(opened, TYPED)
    assert "Кораблі" in await settled(sent)
    await press(fake, sent, "Apply")
    base = bot.keeper.matcher.base
    translation = base.translations["ships.uk"]
    assert (translation.of, translation.questions) == (SHIPS.digest, ("Що возять кораблі?",))
    assert [(fact.text.plain, fact.by) for fact in base.in_language("uk").briefs["ships"].facts] == [
        ("Три відпливли.", "Порт"),
        ("Очікують більше.", None),
    ]


async def test_a_translation_is_changed_in_the_form_and_keeps_what_the_form_does_not_show(
    fake: FakeDiscord, bot: Running
) -> None:
    opened = await fake.slash("briefs translate", {"brief": "Ships", "language": "de"}, **ADMIN)
    assert form(opened) == {"title": "Schiffe", "summary": "Alt.", "facts": "", "phrases": ""}
    sent = await fake.submit(opened, {"title": "Schiffe", "summary": "Neu.", "facts": "Drei.\nMehr.", "phrases": ""})
    await settled(sent)
    await press(fake, sent, "Apply")
    german = bot.keeper.matcher.base.translations["ships.de"]
    assert (german.summary.plain, german.sources[0].name, german.of) == ("Neu.", "Ein Bericht", SHIPS.digest)


async def test_the_file_says_in_comments_what_the_form_does_not_show_and_keeps_quotations(
    fake: FakeDiscord, bot: Running
) -> None:
    facts = [{"text": "Three have sailed.", "quote": "have sailed"}]
    original = brief_text(title="Ships", facts=facts, corrections=[{"on": "2024-10", "text": "It was four."}])
    uk = "title: Кораблі\nsummary: Плавають.\nfacts:\n  - text: Три.\n    quote: відпливли\n"
    write(bot.folder, {"ships.yaml": original, "ships.uk.yaml": uk})
    await bot.keeper.reload()
    opened = await fake.slash("briefs translate", {"brief": "ships", "language": "uk"}, **ADMIN)
    assert "**Edit again** below the preview has them" in displayed_text(opened.modal or {})
    sent = await fake.submit(opened, form(opened) | {"facts": "Три відпливли."})
    await settled(sent)
    (again,) = [each for each in sent.labels if each == "Edit again"]
    text = form(await fake.press(sent, again))["text"]
    assert "  - text: Три відпливли.\n    quote: відпливли\n" in text
    assert text.endswith(
        "# Not translated yet. Take the # away from what you translate.\n"
        "# corrections:\n#   - text: It was four.\n# sources:\n#   - name: A report\n"
    )


async def test_too_few_facts_are_a_mistake_that_is_named(fake: FakeDiscord, bot: Running) -> None:
    opened = await fake.slash("briefs translate", {"brief": "ships", "language": "uk"}, **ADMIN)
    said = await settled(await fake.submit(opened, TYPED | {"facts": "Три."}))
    assert "there are 1, and the original has 2" in said


@pytest.mark.parametrize(
    ("brief", "language", "said"),
    [
        ("ships", "klingonisch", "is no language tag"),
        ("ships", "en", "The briefs themselves are in English"),
        ("boats", "uk", "There is no brief “boats” in use"),
    ],
)
async def test_what_cannot_be_translated_is_refused(
    fake: FakeDiscord, bot: Running, brief: str, language: str, said: str
) -> None:
    refused = await fake.slash("briefs translate", {"brief": brief, "language": language}, **ADMIN)
    assert said in refused.text


async def test_a_translation_has_a_history_and_is_undone_alone(fake: FakeDiscord, bot: Running) -> None:
    opened = await fake.slash("briefs translate", {"brief": "ships", "language": "uk"}, **ADMIN)
    sent = await fake.submit(opened, TYPED)
    await settled(sent)
    await press(fake, sent, "Apply")
    history = await fake.slash("briefs history", {"brief": "ships.uk"}, **ADMIN)
    assert "ships.uk" in await settled(history)
    undone = await fake.slash("briefs undo", {"brief": "ships.uk"}, **ADMIN)
    await settled(undone)
    await press(fake, undone, "Remove")
    assert list(bot.keeper.matcher.base.translations) == ["ships.de"]
    assert list(bot.keeper.matcher.base.briefs) == ["ships"]
