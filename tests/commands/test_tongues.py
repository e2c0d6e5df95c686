"""Briefs in the language of whoever reads them: one member, a channel, and whoever chooses another one on a card."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.briefs.card import NOT_YET, STALE
from tests.brief_files import a_brief, brief_text, write
from tests.commands.test_brief import rows
from tests.conftest import Start, starter
from tools.fake_discord import MANAGER, Exchange, FakeDiscord, Guild, Where
from tools.fake_discord.components import components_of
from tools.running import Running

SHIPS = a_brief("ships", title="Ships", related=["boats"])
IN_UKRAINIAN = f'of: "{SHIPS.digest}"\ntitle: Кораблі\naliases: [судна]\nsummary: Кораблі возять вантажі.\n'
FILES = {
    "ships.yaml": brief_text(title="Ships", related=["boats"]),
    "ships.uk.yaml": IN_UKRAINIAN,
    "ships.de.yaml": 'title: Schiffe\nof: "0123456789abcdef"\nsummary: Schiffe tragen Dinge.\n',
    "boats.yaml": brief_text(title="Boats"),
}
COMMUNITY = Guild(1_222_000_000_000_000_000, community_locale="uk")
PLAIN = Guild(1_333_000_000_000_000_000)
MANAGES: Where = {"guild": PLAIN, "permissions": MANAGER}


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path) -> AsyncIterator[Start]:
    fake.guilds += [COMMUNITY, PLAIN]
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


@pytest.fixture
async def bot(start: Start) -> Running:
    return await start()


def languages_of(shown: Exchange) -> list[tuple[str, str]]:
    """Return the names and values of the menu of other languages; nothing without one."""
    menus = [each for each in components_of(shown.message) if each.get("custom_id", "").startswith("language:")]
    return [(option["label"], option["value"]) for menu in menus for option in menu["options"]]


@pytest.mark.parametrize(
    ("where", "title"),
    [
        ({"guild": COMMUNITY}, "Кораблі"),
        ({"guild": COMMUNITY, "locale": "de"}, "Кораблі"),
        ({"guild": PLAIN, "locale": "uk"}, "Ships"),
        ({"dm": True, "locale": "uk"}, "Кораблі"),
        ({"dm": True, "locale": "fr"}, "Ships"),
    ],
)
async def test_an_answer_is_in_the_language_of_the_channel(
    fake: FakeDiscord, bot: Running, where: Any, title: str
) -> None:
    shown = await fake.slash("brief", {"query": "ships"}, **where)
    assert shown.text.startswith(f"### {title}\n")


async def test_a_question_in_one_language_is_answered_in_that_of_the_channel(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "судна"}, guild=PLAIN, locale="uk")
    assert shown.text.startswith("### Ships\n")
    assert not shown.ephemeral


async def test_what_one_member_reads_is_in_their_language_and_what_they_share_in_that_of_the_channel(
    fake: FakeDiscord, bot: Running
) -> None:
    private = await fake.message_command("Brief this", "ships", guild=PLAIN, locale="uk")
    assert "### Кораблі\n" in private.text
    (share,) = (label for label in private.labels if label in ("Share here", "Показати тут", "Поділитися тут"))
    shared = await (await fake.press(private, share)).until(lambda it: it.followups)
    assert "### Ships" in str(shared.followups)


async def test_every_other_language_is_one_press_away_and_a_press_is_no_lookup(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "ships"}, guild=PLAIN)
    assert languages_of(shown) == [("Deutsch", "de"), ("Українська", "uk")]
    other = await fake.press(shown, "In other languages …", values=["uk"], guild=PLAIN)
    assert other.ephemeral
    assert other.text.startswith("### Кораблі\n")
    assert languages_of(other) == [("English", "en"), ("Deutsch", "de")]
    assert len(rows(bot)) == 1


async def test_a_private_card_is_replaced_by_the_other_language(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.message_command("Brief this", "ships", guild=PLAIN)
    pressed = await fake.press(shown, "In other languages …", values=["uk"], guild=PLAIN)
    assert pressed.callback is not None
    assert pressed.callback["type"] == 7
    assert "### Кораблі\n" in shown.text


async def test_that_a_translation_lacks_or_is_stale_is_said_in_the_readers_language(
    fake: FakeDiscord, bot: Running
) -> None:
    say = bot.client.catalogues.of
    lacking = await fake.slash("brief", {"query": "boats"}, dm=True, locale="uk")
    assert say("uk").gettext(NOT_YET, language="Українська") in lacking.text
    stale = await fake.slash("brief", {"query": "ships"}, dm=True, locale="de")
    assert say("de").gettext(STALE) in stale.text
    assert languages_of(lacking) == []


async def test_completion_has_the_titles_that_the_member_reads(fake: FakeDiscord, bot: Running) -> None:
    everything = await fake.autocomplete("brief", "query", "", locale="uk")
    assert [choice["name"] for choice in everything.choices] == ["Boats", "Кораблі"]
    typed = await fake.autocomplete("brief", "query", "суд", locale="de")
    assert [choice["name"] for choice in typed.choices] == ["Schiffe"]


async def test_the_managers_of_a_server_choose_its_language_and_a_restart_keeps_it(
    fake: FakeDiscord, bot: Running, start: Start
) -> None:
    chosen = await fake.slash("briefs language", {"language": "uk"}, **MANAGES)
    assert "Українська" in chosen.text
    await start()
    assert (await fake.slash("brief", {"query": "ships"}, guild=PLAIN)).text.startswith("### Кораблі\n")
    await fake.slash("briefs language", {}, **MANAGES)
    assert (await fake.slash("brief", {"query": "ships"}, guild=PLAIN)).text.startswith("### Ships\n")


@pytest.mark.parametrize(
    ("where", "language"), [(MANAGES, "klingonisch"), ({"dm": True}, "uk"), ({"guild": PLAIN}, "uk")]
)
async def test_no_other_and_nothing_else_can_be_chosen(
    fake: FakeDiscord, bot: Running, where: Any, language: str
) -> None:
    await fake.slash("briefs language", {"language": language}, **where)
    assert bot.client.server_languages == {}


async def test_the_languages_of_the_base_are_offered(fake: FakeDiscord, bot: Running) -> None:
    offered = await fake.autocomplete("briefs language", "language", "укр", **MANAGES)
    assert [(choice["name"], choice["value"]) for choice in offered.choices] == [("Українська", "uk")]


async def test_a_lookup_is_kept_with_the_language_of_the_asker(fake: FakeDiscord, bot: Running) -> None:
    await fake.slash("brief", {"query": "ships"}, locale="uk")
    await fake.slash("brief", {"query": "adele"})
    assert [row["language"] for row in rows(bot)] == ["uk", "en-US"]
