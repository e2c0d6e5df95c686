"""Servers side by side: what is asked, ignored, chosen and counted in one never shows in another."""

import pytest

from tests.admins import ADMIN, FILES, announce, edit, kept, literal, press, rows, settled, with_button
from tests.commands.test_admin_misses import ask, misses, questions
from tests.conftest import Start
from tools.fake_discord import MANAGER, FakeDiscord, Guild, User, Where, until
from tools.fake_discord.rules import Json, displayed_text
from tools.running import Running

pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.both, pytest.mark.briefs(FILES)]

ALPHA = Guild(1_555_000_000_000_000_000, "Alpha")
BETA = Guild(1_777_000_000_000_000_000, "Beta")
STRANGE = Guild(1_666_000_000_000_000_000, "Strange")
"""The bot is not in the last: somebody has installed it for themselves."""

PLACES: dict[str, Where] = {
    "home": {},
    "alpha": {"guild": ALPHA},
    "beta": {"guild": BETA},
    "strange": {"guild": STRANGE},
    "message": {"dm": True},
}
MANAGERS: dict[str, Where] = {
    "alpha": {"guild": ALPHA, "permissions": MANAGER, "user": User(81, "manager of Alpha")},
    "beta": {"guild": BETA, "permissions": MANAGER, "user": User(82, "manager of Beta")},
    "strange": {"guild": STRANGE, "permissions": MANAGER, "user": User(83, "manager of Strange")},
}
NOT_KEPT = "That question is no longer kept."


@pytest.fixture
async def bot(start: Start, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr("bot.commands.admin.reporting_desk.draw", no_picture)
    bot = await start(home_guild_id=fake.guilds[0].id)
    bot.keeper.build = literal
    bot.keeper.matcher = literal(bot.keeper.matcher.base)
    bot.desk.use(bot.keeper.matcher, {})
    await fake.join(ALPHA)
    await fake.join(BETA)
    return bot


async def no_picture(_: object) -> None:
    """Stand in for the picture of the statistics, which takes a second."""


async def ask_everywhere(fake: FakeDiscord) -> None:
    """Ask a question without an answer in each place, which says where it was asked."""
    for place, where in PLACES.items():
        await ask(fake, f"wool of {place}", **where)


async def reported(fake: FakeDiscord, who: Where) -> list[str]:
    return sorted(questions(await misses(fake, who=who)))


async def pressed(fake: FakeDiscord, custom_id: str, who: Where) -> str:
    """Press a button with this custom_id, real or forged, and return what is said then."""
    message = await with_button(fake, custom_id)
    return await settled(await fake.press(message, custom_id, **who))


async def test_a_manager_sees_what_was_asked_in_the_own_server_and_nothing_of_any_other_place(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask_everywhere(fake)
    for place, manager in MANAGERS.items():
        assert await reported(fake, manager) == [f"wool of {place}"]
        assert questions(await misses(fake, 365, manager)) == [f"wool of {place}"]
    shown = await misses(fake, who=ADMIN)
    first_page = questions(shown)
    await settled(await fake.press(shown, "Next ▶"))
    assert sorted(first_page + questions(shown)) == sorted(f"wool of {place}" for place in PLACES)


async def test_no_page_that_a_manager_turns_to_holds_what_was_asked_elsewhere(fake: FakeDiscord, bot: Running) -> None:
    await ask_everywhere(fake)
    for state in ("7:1", "7:2", "365:1", "999:99", "0:0", "x:x", ""):
        said = await pressed(fake, f"briefs misses:{state}", MANAGERS["alpha"])
        assert all(f"wool of {place}" not in said for place in PLACES if place != "alpha"), state


async def test_the_number_of_a_lookup_made_elsewhere_is_worth_nothing_in_a_forged_button(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask_everywhere(fake)
    lookups = {row["query"]: row["id"] for row in rows(bot, "lookups")}
    before = kept(bot)
    for place, manager in MANAGERS.items():
        for other in PLACES.keys() - {place}:
            said = await pressed(fake, f"briefs ignore:7:{lookups[f'wool of {other}']}", manager)
            assert said == NOT_KEPT, (place, other)
            for action in ("alias", "choose"):
                said = await pressed(fake, f"briefs {action}:7:{lookups[f'wool of {place}']}:cats", manager)
                assert said == "Only those who administer the briefs can do that.", place
    assert kept(bot) == before


async def test_what_is_ignored_in_one_server_is_reported_in_the_others_and_at_home(
    fake: FakeDiscord, bot: Running
) -> None:
    for place in ("alpha", "beta"):
        await ask(fake, "tuna", **PLACES[place])
    await press(fake, await misses(fake, who=MANAGERS["alpha"]), "Ignore")
    assert await reported(fake, MANAGERS["alpha"]) == []
    assert await reported(fake, MANAGERS["beta"]) == ["tuna"]
    assert await reported(fake, ADMIN) == ["tuna"]
    await press(fake, await misses(fake), "Ignore")
    assert await reported(fake, ADMIN) == []
    assert await reported(fake, MANAGERS["beta"]) == ["tuna"]


async def test_the_numbers_of_a_server_count_nothing_of_another_place(fake: FakeDiscord, bot: Running) -> None:
    for query, place in (("cats", "alpha"), ("dogs", "beta"), ("dogs", "beta"), ("cargo ships", "message")):
        await fake.slash("brief", {"query": query}, **PLACES[place])
    said = {place: await settled(await fake.slash("briefs stats", **who)) for place, who in MANAGERS.items()}
    assert said["alpha"].splitlines()[1:] == ["**Shown most**", "1. Cats: 1"]
    assert said["beta"].splitlines()[1:] == ["**Shown most**", "1. Dogs: 2"]
    assert said["strange"] == "No lookups in 30 days."


async def test_autocomplete_shows_what_the_own_place_asked_for_most(fake: FakeDiscord, bot: Running) -> None:
    for query, place in (("dogs", "alpha"), ("cats", "beta"), ("dogs", "message")):
        await fake.press(await with_button(fake, f"brief:{query}"), f"brief:{query}", **PLACES[place])
    first = {}
    for place, where in PLACES.items():
        first[place] = (await fake.autocomplete("brief", "query", "", **where)).choices[0]["name"]
    by_title = "Cargo ships"
    assert first == {"home": "Cats", "alpha": "Dogs", "beta": "Cats", "strange": by_title, "message": "Dogs"}


async def test_the_briefs_are_completed_for_administration_to_nobody_who_may_not_administer_them(
    fake: FakeDiscord, bot: Running
) -> None:
    for who in (*PLACES.values(), *MANAGERS.values()):
        assert (await fake.autocomplete("briefs show", "brief", "ca", **who)).choices == []
    assert (await fake.autocomplete("briefs show", "brief", "ca", **ADMIN)).choices


def told(fake: FakeDiscord, guild: Guild) -> list[Json]:
    """Return what was announced in the channel of a server."""
    own = [each for each in fake.messages.values() if each["channel_id"] == str(guild.channel)]
    return [each for each in own if "Changed: " in displayed_text(each)]


async def test_a_manager_can_neither_choose_nor_silence_the_channel_of_another_server(
    fake: FakeDiscord, bot: Running
) -> None:
    assert "is announced in" in await settled(await announce(fake, ALPHA.channel, **MANAGERS["alpha"]))
    chosen = rows(bot, "announcements")
    for manager in (MANAGERS["beta"], MANAGERS["strange"]):
        assert "does not see that channel" in await settled(await announce(fake, ALPHA.channel, **manager))
        await settled(await announce(fake, None, **manager))
    assert rows(bot, "announcements") == chosen
    await press(fake, await edit(fake, "cats", FILES["cats.yaml"].replace("purr", "hiss")), "Apply")
    await until(lambda: told(fake, ALPHA))
    assert told(fake, BETA) == []
