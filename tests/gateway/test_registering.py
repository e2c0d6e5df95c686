"""What Discord has of the commands: at each start what differs is registered, and what should not be there removed."""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.catalogues.catalogue import Catalogues
from bot.gateway.client import BriefClient
from bot.gateway.descriptions import Descriptions
from bot.gateway.registering import Registrar
from bot.storage.registrations import Registrations
from tests.admins import FILES, rows
from tests.brief_files import write
from tests.catalogues.made import made, translated
from tests.conftest import Start, starter
from tests.databases import execute, opened
from tools.fake_discord import FakeDiscord, Guild

OURS = {"/brief", "/briefs", "/privacy", "Brief this", "Draft a brief"}
ENGLISH_ALONE = Descriptions(Catalogues())
SECOND = Guild(1_555_000_000_000_000_000, "Second")


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Start]:
    caplog.set_level(logging.INFO)
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


def at_discord(fake: FakeDiscord) -> dict[int | None, set[str]]:
    """Return the names of the commands in each scope that has any; None is the one for everybody."""
    return {
        scope: {f"/{each['name']}" if each["type"] == 1 else each["name"] for each in commands}
        for scope, commands in fake.commands.items()
        if commands
    }


def puts(fake: FakeDiscord) -> int:
    return sum(request.method == "PUT" for request in fake.requests)


async def test_commands_are_registered_once_and_not_again_while_nothing_has_changed(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await start()
    assert at_discord(fake) == {None: OURS}
    assert "registered for everybody: /brief, " in caplog.text
    caplog.clear()
    await start()
    assert puts(fake) == 1
    assert "registered" not in caplog.text


async def test_commands_that_were_wiped_at_discord_come_back_at_the_next_start(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await start()
    fake.commands.clear()
    caplog.clear()
    await start()
    assert at_discord(fake) == {None: OURS}
    assert "registered for everybody: /brief, " in caplog.text


async def test_only_what_differs_is_said_to_be_registered_and_what_is_not_ours_any_more_to_be_removed(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await start()
    kept = {each["name"]: each["id"] for each in fake.commands[None]}
    fake.commands[None] = [each for each in fake.commands[None] if each["name"] != "privacy"]
    fake.commands[None].append(fake.registered({"type": 1, "name": "old", "description": "Old"}, {}, None))
    caplog.clear()
    await start()
    assert at_discord(fake) == {None: OURS}
    assert "registered for everybody: /privacy\n" in caplog.text
    assert "removed what was registered for everybody: /old\n" in caplog.text
    assert {
        each["name"]: each["id"] for each in fake.commands[None] if each["name"] != "privacy"
    }.items() <= kept.items()


@pytest.mark.parametrize(
    "changed", [{"description": "Otherwise"}, {"description_localizations": {"de": "Anders"}}], ids=str
)
async def test_a_command_that_was_changed_at_discord_is_set_back(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture, changed: dict[str, Any]
) -> None:
    await start()
    brief = next(each for each in fake.commands[None] if each["name"] == "brief")
    before = brief.copy()
    brief.update(changed)
    caplog.clear()
    await start()
    after = next(each for each in fake.commands[None] if each["name"] == "brief")
    assert {key: after.get(key) for key in changed} == {key: before.get(key) for key in changed}
    assert "registered for everybody: /brief\n" in caplog.text


async def test_with_a_server_for_development_each_command_stands_there_once_and_nowhere_else(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    home = fake.guilds[0].id
    await start()
    await start(dev_guild_id=home)
    assert at_discord(fake) == {home: OURS}
    assert f"registered in the server {home} alone: /brief" in caplog.text
    assert "removed what was registered for everybody: /brief" in caplog.text
    fake.guilds.append(SECOND)
    await start(dev_guild_id=SECOND.id)
    assert at_discord(fake) == {SECOND.id: OURS}
    assert "purr" in (await fake.slash("brief", {"query": "cats"}, guild=SECOND)).text
    bot = await start()
    assert at_discord(fake) == {None: OURS}
    assert {row["scope"] for row in rows(bot, "registrations")} == {0}


async def test_the_command_that_discord_adds_for_an_activity_is_left_alone(fake: FakeDiscord, start: Start) -> None:
    launch = {"type": 4, "name": "launch", "description": "", "handler": 2}
    fake.commands[None] = [fake.registered(launch, {}, None)]
    await start()
    assert at_discord(fake) == {None: {*OURS, "launch"}}
    await start()
    assert puts(fake) == 1


async def test_after_an_upgrade_what_an_earlier_version_registered_in_one_server_is_removed(
    fake: FakeDiscord, start: Start
) -> None:
    home = fake.guilds[0].id
    bot = await start()
    fake.commands[home] = [dict(each) for each in fake.commands[None]]
    execute(bot.folder.parent, "UPDATE registrations SET digest = 'of all of them'")
    sql = "INSERT INTO registrations (application_id, scope, digest) VALUES ({}, {}, 'of all of them')"
    execute(bot.folder.parent, sql.format(fake.application_id, home))
    await start()
    assert at_discord(fake) == {None: OURS}


async def test_a_server_that_the_bot_has_left_since_holds_nothing_up(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    fake.guilds.append(SECOND)
    await start(dev_guild_id=SECOND.id)
    fake.guilds.remove(SECOND)
    bot = await start()
    assert at_discord(fake)[None] == OURS
    assert f"the old commands of the server {SECOND.id} cannot be removed" in caplog.text
    assert {row["scope"] for row in rows(bot, "registrations")} == {0}
    assert all("Missing Access" in fault for fault in fake.faults)
    fake.faults.clear()


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_discord_that_does_not_take_the_commands_costs_a_line_and_no_start(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    fake.fail_next(method, "/commands$", 403)
    await start()
    assert "the commands could not be registered, the old ones stay" in caplog.text
    assert "purr" in (await fake.slash("brief", {"query": "cats"})).text


async def test_while_they_cannot_be_registered_in_one_server_the_commands_for_everybody_stay(
    fake: FakeDiscord, start: Start
) -> None:
    await start()
    await start(dev_guild_id=SECOND.id)
    assert at_discord(fake) == {None: OURS}
    fake.faults.clear()


async def test_commands_are_registered_although_the_database_cannot_be_read(
    fake: FakeDiscord, start: Start, tmp_path: Path
) -> None:
    async with opened(tmp_path / "other") as log, BriefClient() as client:
        client.tree.add_command(app_commands.Command(name="brief", description="One", callback=nothing))
        client.at_login(Registrar(client.tree, Registrations(log.database), ENGLISH_ALONE, None).register)
        (tmp_path / "other" / "lookups.db").unlink()
        await client.login(fake.token)
    assert at_discord(fake) == {None: {"/brief"}}


async def nothing(_: discord.Interaction[Any]) -> None:
    """Stand in for a command."""


async def test_a_translation_that_changes_is_registered(fake: FakeDiscord, tmp_path: Path) -> None:
    german = Descriptions(Catalogues([made("de", {"Short": "Kurz"})]))
    async with opened(tmp_path) as log:
        for descriptions in (ENGLISH_ALONE, ENGLISH_ALONE, german, german):
            async with BriefClient() as client:
                client.tree.add_command(app_commands.Command(name="brief", description="Short", callback=nothing))
                client.at_login(Registrar(client.tree, Registrations(log.database), descriptions, None).register)
                await client.login(fake.token)
    assert fake.commands[None][0]["description_localizations"] == {"de": "Kurz"}
    assert puts(fake) == 2


def descriptions(part: Any) -> Iterator[dict[str, str]]:
    """Yield the translations of a command, and of its subcommands and options, below its description's English."""
    if english := part.get("description"):
        yield {"en": english, **(part.get("description_localizations") or {})}
    for option in part.get("options") or []:
        yield from descriptions(option)


async def test_commands_and_options_describe_themselves_in_each_language_and_keep_their_names(
    fake: FakeDiscord, start: Start
) -> None:
    await start()
    for command in fake.commands[None]:
        assert not re.search(r"'name_localizations': {[^}]", str(command))
        for described in descriptions(command):
            assert sorted(described) == ["de", "en", "ko", "ru", "uk"], described["en"]


async def test_a_changed_catalogue_is_registered_at_the_next_start(
    fake: FakeDiscord, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start()
    monkeypatch.setattr("bot.service.assembly.shipped", lambda: Catalogues([translated("de", "de:{}".format)]))
    await start()
    brief = next(each for each in fake.commands[None] if each["name"] == "brief")
    assert brief["description_localizations"] == {"de": "de:A short, sourced brief on what you ask"}
    assert puts(fake) == 2


async def test_a_description_that_is_too_long_in_a_language_is_english_there(
    fake: FakeDiscord, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.service.assembly.shipped", lambda: Catalogues([translated("de", lambda text: text * 3)]))
    await start()
    brief = next(each for each in fake.commands[None] if each["name"] == "brief")
    assert "description_localizations" not in brief
