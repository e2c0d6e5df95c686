"""The home server, whose managers administer the base: an owner says which it is, and nobody guesses."""

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.storage import migrations, postgres_schema
from bot.storage.home import HomeChoice
from bot.storage.opening import open_database
from tests.admins import ADMIN, FILES, TeamsDiscord, press, rows, settled, with_button
from tests.brief_files import write
from tests.conftest import Start, starter
from tests.databases import execute, locked, place
from tools.environment import HANGS
from tools.fake_discord import MANAGER, MEMBER, FakeDiscord, Guild, User, Where
from tools.running import Running

HOME = Guild(1_111_000_000_000_000_000, "Home *server*")
SECOND = Guild(1_555_000_000_000_000_000, "Second")
STRANGE = Guild(1_666_000_000_000_000_000, "Strange")
"""The bot is not in the last: somebody has installed it for themselves."""

OWNER = User(1_000_000_000_000_000_001, "owner")
REFUSED = "Only those who administer the briefs can do that."
HOW_TO = "an owner of the bot says `/briefs home` in it, or sets HOME_GUILD_ID"
NOT_KEPT = "is not in the database yet"


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(guilds=[HOME], owner=OWNER) as fake:
        fake.answer_within = HANGS
        with fake.redirected():
            yield fake
    assert fake.faults == []
    assert fake.pings == []


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path) -> AsyncIterator[Start]:
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:

        async def without_home(**settings: Any) -> Running:
            return await start(**{"home_guild_id": None} | settings)

        yield without_home


def owner(guild: Guild = HOME) -> Where:
    return Where(user=OWNER, guild=guild, permissions=MEMBER)


def manager(guild: Guild = HOME) -> Where:
    return Where(permissions=MANAGER, guild=guild)


async def listed(fake: FakeDiscord, who: Where) -> bool:
    """Return whether somebody may look at the base; whoever may not is told so in private."""
    shown = await fake.slash("briefs list", **who)
    assert shown.ephemeral
    assert shown.text.startswith("### 3 briefs") or shown.text.startswith(REFUSED)
    return shown.text.startswith("### 3 briefs")


async def choose(fake: FakeDiscord, guild: Guild = HOME, which: str = "Make it home") -> str:
    return await press(fake, await fake.slash("briefs home", **owner(guild)), which)


async def test_being_the_only_server_that_the_bot_is_in_gives_its_managers_nothing(
    fake: FakeDiscord, start: Start
) -> None:
    await start()
    assert not await listed(fake, manager())
    assert await listed(fake, owner())


async def test_a_server_that_is_left_with_the_bot_alone_gets_no_power_over_the_base(
    fake: FakeDiscord, start: Start
) -> None:
    fake.guilds.append(SECOND)
    await start()
    await fake.leave(HOME)
    assert not await listed(fake, manager(SECOND))


async def test_the_first_stranger_who_invites_a_bot_that_is_in_no_server_gets_no_power(
    fake: FakeDiscord, start: Start
) -> None:
    fake.guilds.clear()
    await start()
    assert not await listed(fake, manager(STRANGE))
    await fake.join(STRANGE)
    assert not await listed(fake, manager(STRANGE))


async def test_a_role_counts_at_home_although_the_bot_has_not_read_the_roles_of_that_server(
    fake: FakeDiscord, start: Start
) -> None:
    await start(admin_role_ids=frozenset({5}), home_guild_id=HOME.id)
    holder = User(9, "holder", roles=(5,))
    assert await listed(fake, Where(user=holder))
    assert not await listed(fake, Where(user=holder, guild=STRANGE))


async def test_an_owner_is_asked_before_a_server_becomes_home_and_its_managers_administer_from_then_on(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bot = await start()
    asked = await fake.slash("briefs home", **owner())
    assert "Make **Home \\*server\\*** home?" in asked.text
    assert "Manage Server" in asked.text
    assert (asked.labels, asked.ephemeral) == (["Make it home", "Leave it"], True)
    assert not await listed(fake, manager())
    assert "is home now" in await press(fake, asked, "Make it home")
    assert await listed(fake, manager())
    assert not await listed(fake, manager(SECOND))
    assert f"home is the server {HOME.id} now" in caplog.text
    assert [row["guild_id"] for row in rows(bot, "home")] == [HOME.id]


async def test_the_home_that_an_owner_chose_outlives_a_restart_and_the_log_says_so_at_the_start(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await start()
    await choose(fake)
    caplog.set_level(logging.INFO)
    caplog.clear()
    await start()
    assert f"home is the server {HOME.id}, by /briefs home" in caplog.text
    assert await listed(fake, manager())


async def test_home_moves_when_an_owner_says_so_elsewhere(fake: FakeDiscord, start: Start) -> None:
    fake.guilds.append(SECOND)
    await start()
    await choose(fake)
    asked = await fake.slash("briefs home", **owner(SECOND))
    assert "Home *server*" not in asked.text
    assert "no longer" in asked.text
    await press(fake, asked, "Make it home")
    assert not await listed(fake, manager(HOME))
    assert await listed(fake, manager(SECOND))


async def test_an_owner_can_leave_everything_as_it_is(fake: FakeDiscord, start: Start) -> None:
    bot = await start()
    assert "Nothing was changed" in await choose(fake, which="Leave it")
    assert rows(bot, "home") == []
    assert not await listed(fake, manager())


async def test_an_owner_can_have_no_home_again(fake: FakeDiscord, start: Start) -> None:
    bot = await start()
    await choose(fake)
    shown = await fake.slash("briefs home", **owner())
    assert "is home" in shown.text
    assert "No server is home now" in await press(fake, shown, "No longer home")
    assert rows(bot, "home") == []
    assert not await listed(fake, manager())


async def test_the_environment_beats_what_an_owner_has_chosen(fake: FakeDiscord, start: Start) -> None:
    fake.guilds.append(SECOND)
    await start()
    await choose(fake)
    bot = await start(home_guild_id=SECOND.id)
    assert not await listed(fake, manager(HOME))
    assert await listed(fake, manager(SECOND))
    for guild in (HOME, SECOND):
        shown = await fake.slash("briefs home", **owner(guild))
        assert "HOME_GUILD_ID" in shown.text
        assert shown.labels == []
    forged = await with_button(fake, "briefs home:1")
    assert "HOME_GUILD_ID" in await settled(await fake.press(forged, "briefs home:1", **owner(HOME)))
    assert [row["guild_id"] for row in rows(bot, "home")] == [HOME.id]


async def test_home_is_a_server_and_no_direct_message(fake: FakeDiscord, start: Start) -> None:
    await start()
    assert "Say that in the server" in (await fake.slash("briefs home", user=OWNER, dm=True)).text
    forged = await with_button(fake, "briefs home:1")
    assert "Say that in the server" in await settled(await fake.press(forged, "briefs home:1", user=OWNER, dm=True))


async def test_a_button_makes_no_server_home_but_the_one_that_it_was_shown_in(fake: FakeDiscord, start: Start) -> None:
    fake.guilds.append(SECOND)
    bot = await start()
    for state in ("", "1", str(HOME.id), "no", "x" * 80):
        forged = await with_button(fake, f"briefs home:{state}")
        assert "no longer in use" in await settled(await fake.press(forged, f"briefs home:{state}", **owner(SECOND)))
    assert rows(bot, "home") == []


@pytest.mark.parametrize("who", [manager(), ADMIN, Where(user=User(TeamsDiscord.INVITED, "invited"))])
async def test_nobody_but_an_owner_says_which_server_is_home(fake: FakeDiscord, start: Start, who: Where) -> None:
    bot = await start()
    await choose(fake)
    before = rows(bot, "home")
    assert (await fake.slash("briefs home", **who)).text == "Only the owners of the bot can do that."
    forged = await with_button(fake, "briefs home:none")
    pressed = await fake.press(forged, "briefs home:none", **who)
    assert (pressed.text, pressed.ephemeral) == ("Only the owners of the bot can do that.", True)
    assert rows(bot, "home") == before


async def test_the_server_is_home_also_where_the_bot_is_no_member(fake: FakeDiscord, start: Start) -> None:
    fake.guilds.clear()
    await start()
    asked = await fake.slash("briefs home", **owner(STRANGE))
    assert "Make this server home?" in asked.text
    await press(fake, asked, "Make it home")
    assert await listed(fake, manager(STRANGE))


async def test_a_manager_without_a_home_is_told_how_it_is_set_and_a_member_is_not(
    fake: FakeDiscord, start: Start
) -> None:
    await start(admin_role_ids=frozenset({5}))
    for who in (manager(), Where(user=User(9, "holder", roles=(5,)))):
        assert HOW_TO in (await fake.slash("briefs list", **who)).text
    assert (await fake.slash("briefs list", permissions=MEMBER)).text == REFUSED
    await choose(fake)
    assert (await fake.slash("briefs list", **manager(SECOND))).text == REFUSED


async def checked(fake: FakeDiscord) -> str:
    return await settled(await fake.slash("briefs check", **owner()))


async def test_a_bot_without_a_home_says_so_at_the_start_and_in_check(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    await start()
    assert "No server is home, so only the owners of the bot administer the briefs" in caplog.text
    assert "/briefs home" in caplog.text
    assert "HOME_GUILD_ID" in caplog.text
    assert "guessed" not in caplog.text
    assert HOW_TO in await checked(fake)
    await choose(fake)
    assert HOW_TO not in await checked(fake)


async def test_a_database_that_a_bot_was_run_on_before_knows_that_its_home_may_have_been_guessed(
    tmp_path: Path,
) -> None:
    first = next(number for number, each in enumerate(migrations.STEPS) if "TABLE home" in each)
    for name, ran in (("old.db", True), ("unused.db", False)):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            connection.executescript("".join(migrations.STEPS[:first]) + f"PRAGMA user_version = {first};")
            if ran:
                connection.executescript("INSERT INTO registrations VALUES (1, 0, 'digest');")
            migrations.migrate(connection)
        async with open_database(tmp_path / name) as database:
            assert await HomeChoice(database).read() == (None, ran)


async def test_after_an_upgrade_a_home_that_was_guessed_counts_once_an_owner_confirms_it(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    bot = await start()
    execute(bot.folder.parent, "INSERT INTO home (id, guild_id) VALUES (1, NULL)")  # as the step of the schema does
    caplog.clear()
    await start()
    assert "is no longer guessed" in caplog.text
    assert "is no longer guessed" in await checked(fake)
    refused = await fake.slash("briefs list", **manager())
    assert "is no longer guessed" in refused.text
    assert HOW_TO in refused.text
    await choose(fake)
    assert await listed(fake, manager())
    assert "guessed" not in await checked(fake)


def test_both_engines_know_whether_a_home_was_guessed() -> None:
    for steps in (migrations.STEPS, postgres_schema.STEPS):
        (step,) = [each for each in steps if "TABLE home" in each]
        assert "INSERT INTO home (id, guild_id) SELECT 1, NULL WHERE EXISTS (SELECT 1 FROM registrations)" in step


@pytest.mark.both
async def test_both_engines_keep_the_home_that_was_chosen_last(tmp_path: Path, engine: str) -> None:
    async with open_database(place(tmp_path / "bot.db")) as database:
        choice = HomeChoice(database)
        assert await choice.read() == (None, False)
        assert await choice.save(HOME.id)
        assert await choice.save(SECOND.id)
        assert await choice.read() == (SECOND.id, False)
        assert await choice.save(None)
        assert await choice.read() == (None, False)


async def test_a_home_that_is_not_durable_yet_is_said_to_be_so(
    fake: FakeDiscord, start: Start, impatient: None
) -> None:
    bot = await start()
    with locked(bot.folder.parent):
        assert NOT_KEPT in await choose(fake)


async def test_who_administers_is_known_although_the_database_cannot_be_read(
    fake: FakeDiscord, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await start()
    await choose(fake)
    assert await listed(fake, manager())
    (bot.folder.parent / "lookups.db").unlink()
    assert await listed(fake, manager())


async def test_what_another_process_has_chosen_counts_at_once(fake: FakeDiscord, start: Start) -> None:
    bot = await start()
    execute(bot.folder.parent, f"INSERT INTO home (id, guild_id) VALUES (1, {HOME.id})")
    assert await listed(fake, manager())
    execute(bot.folder.parent, "DELETE FROM home")
    assert not await listed(fake, manager())


async def test_an_owner_may_do_with_misses_what_those_at_home_may(fake: FakeDiscord, start: Start) -> None:
    await start()
    await fake.slash("brief", {"query": "wool"}, **owner())
    shown = await (await fake.slash("briefs misses", **owner())).filled()
    assert "Choose a brief …" in shown.labels
