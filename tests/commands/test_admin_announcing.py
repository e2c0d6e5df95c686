"""Telling a channel what changed: once, old against new, and each server's channel on its own."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.briefs.brief import Brief
from bot.briefs.brief_file import read_brief
from bot.commands.admin import announcements, announcing, views
from bot.errors import LogError
from bot.storage.channels import AnnouncementChannels
from tests.admins import ADMIN, FILES, announce, edit, files, press, rows, settled
from tests.brief_files import brief_text, write
from tests.conftest import Start, starter
from tools.fake_discord import MANAGER, FakeDiscord, Guild, Where, components_of, until
from tools.fake_discord.rules import Json, displayed_text
from tools.running import Running

CATS, DOGS, SHIPS = FILES["cats.yaml"], FILES["dogs.yaml"], FILES["ships.yaml"]
HISSING = CATS.replace("purr", "hiss")
SECOND = Guild(1_555_000_000_000_000_000, "Second")
THERE: Where = {"guild": SECOND, "permissions": MANAGER}
MOMENT = 0.1
"""Seconds in which an announcement that must not come would have come."""


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    monkeypatch.setattr(announcing, "FIRST_PAUSE", 0.02)
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


def told(fake: FakeDiscord, guild: Guild | None = None, says: str = "Changed") -> list[Json]:
    """Return what was written into the channel of a server, not in answer to anybody, the welcome left out."""
    channel = str((guild or fake.guilds[0]).channel)
    own = [each for each in fake.messages.values() if "interaction_metadata" not in each]
    return [each for each in own if each["channel_id"] == channel and says in displayed_text(each)]


async def chosen(fake: FakeDiscord, where: Where = ADMIN) -> str:
    """Have changes announced in the channel of a server and return what the admin is told."""
    return await settled(await announce(fake, where.get("guild", fake.guilds[0]).channel, **where))


async def change(fake: FakeDiscord, brief: str, text: str) -> None:
    assert "Done" in await press(fake, await edit(fake, brief, text), "Apply")


async def test_a_channel_is_welcomed_and_told_old_against_new_once_even_after_a_restart(
    fake: FakeDiscord, start: Start
) -> None:
    await start()
    said = await chosen(fake)
    assert said == f"What changes in a brief is announced in <#{fake.guilds[0].channel}> from now on."
    (welcome,) = [each for each in fake.messages.values() if "interaction_metadata" not in each]
    assert displayed_text(welcome) == "When a brief says something new, this channel is told from now on."
    await change(fake, "cats", HISSING.replace("2024-10", "2024-11"))
    await until(lambda: told(fake))
    await start()
    await asyncio.sleep(MOMENT)
    (message,) = told(fake)
    assert displayed_text(message).replace("\\", "").splitlines() == [
        "### Changed: Cats",
        "**As of**",
        "before: ~~October~~ 2024",
        "now: **November** 2024",
        "",
        "**Summary**",
        "before: Cats are animals that ~~purr~~.",
        "now: Cats are animals that **hiss**.",
    ]
    (button,) = [each["label"] for each in components_of(message) if each.get("label")]
    assert "hiss" in await settled(await fake.press(message, button))


def in_ukrainian(original: str, says: str) -> str:
    """Return a translation of a file of cats that is up to date with it."""
    brief = read_brief("cats.yaml", original.encode()).brief
    return f'of: "{brief.digest if brief else ""}"\ntitle: Коти\nsummary: Коти {says}.\n'


async def test_a_channel_is_told_in_its_language_where_a_translation_is_up_to_date_and_else_that_there_is_none(
    fake: FakeDiscord, bot: Running
) -> None:
    write(bot.folder, {"cats.uk.yaml": in_ukrainian(CATS, "муркочуть")})
    await bot.keeper.reload()
    await settled(await fake.slash("briefs language", {"language": "uk"}, **ADMIN))
    await settled(await announce(fake, fake.guilds[0].channel, **ADMIN))
    write(bot.folder, {"cats.yaml": HISSING})
    await bot.keeper.reload()
    await until(lambda: told(fake, says="Змінено"))
    later = HISSING.replace("2024-10", "2024-11")
    write(bot.folder, {"cats.yaml": later, "cats.uk.yaml": in_ukrainian(later, "шиплять")})
    await bot.keeper.reload()
    await until(lambda: len(told(fake, says="Змінено")) == 2)
    assert [displayed_text(each).replace("\\", "").splitlines() for each in told(fake, says="Змінено")] == [
        [
            "### Змінено: Cats",
            "-# Ще немає цією мовою (Українська).",
            "**Стислий виклад**",
            "було: Cats are animals that ~~purr~~.",
            "стало: Cats are animals that **hiss**.",
        ],
        [
            "### Змінено: Коти",
            "**Станом на**",
            "було: ~~жовтень~~ 2024 року",
            "стало: **листопад** 2024 року",
            "",
            "**Стислий виклад**",
            "було: Коти ~~муркочуть~~.",
            "стало: Коти **шиплять**.",
        ],
    ]


async def test_what_members_do_not_read_is_not_announced(fake: FakeDiscord, bot: Running) -> None:
    await chosen(fake)
    more = CATS.replace("[kitties]", "[kitties, moggies]").replace("Who let", "Who has let") + "related: [dogs]\n"
    await change(fake, "cats", more)
    await change(fake, "cats", CATS + "# a comment\n")
    await asyncio.sleep(MOMENT)
    assert told(fake) == []
    await change(fake, "cats", HISSING)
    await until(lambda: told(fake))
    assert len(told(fake)) == 1


async def test_a_change_while_the_bot_was_down_is_announced_when_it_is_back(
    fake: FakeDiscord, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.authoring.keeper.POLL", 60)  # so that it is not the running bot that sees the change
    bot = await start()
    await chosen(fake)
    write(bot.folder, {"cats.yaml": HISSING})
    await start()
    await until(lambda: told(fake))
    await start()
    await asyncio.sleep(MOMENT)
    assert len(told(fake)) == 1


async def test_what_changed_before_a_channel_was_chosen_is_not_told_there(fake: FakeDiscord, bot: Running) -> None:
    await change(fake, "cats", HISSING)
    await chosen(fake)
    await change(fake, "ships", SHIPS.replace("sea", "ocean"))
    await until(lambda: told(fake))
    await asyncio.sleep(MOMENT)
    assert ["Cargo ships" in displayed_text(each) for each in told(fake)] == [True]


async def test_of_many_changes_five_are_told_in_full_and_the_rest_is_counted(
    fake: FakeDiscord, start: Start, tmp_path: Path
) -> None:
    folder = write(tmp_path / "briefs", {f"b{n}.yaml": brief_text(title=f"Birds of kind {n}") for n in range(7)})
    await start()
    await chosen(fake)
    for path in folder.glob("b*.yaml"):
        path.write_text(path.read_text().replace("over", "in").replace("carry", "carried"))
    await start()
    await until(lambda: any("2 more briefs have changed." in displayed_text(each) for each in fake.messages.values()))
    assert len(told(fake)) == 5


async def test_each_server_is_told_in_its_own_channel_and_one_that_stops_is_told_no_more(
    fake: FakeDiscord, start: Start
) -> None:
    fake.guilds.append(SECOND)
    bot = await start(home_guild_id=fake.guilds[0].id)
    await chosen(fake)
    assert f"<#{SECOND.channel}>" in await chosen(fake, THERE)
    await change(fake, "cats", HISSING)
    await until(lambda: told(fake) and told(fake, SECOND))
    assert await settled(await announce(fake, None, **THERE)) == "Changes are no longer announced in this server."
    await change(fake, "cats", CATS)
    await until(lambda: len(told(fake)) == 2)
    await asyncio.sleep(MOMENT)
    assert len(told(fake, SECOND)) == 1
    assert [row["guild_id"] for row in rows(bot, "announcements")] == [fake.guilds[0].id]


async def test_a_channel_that_the_bot_may_not_write_in_or_does_not_see_is_refused_in_plain_words(
    fake: FakeDiscord, bot: Running
) -> None:
    channel = fake.guilds[0].channel
    fake.unreachable_channels.add(channel)
    said = await chosen(fake)
    assert said == f"The bot may not write in <#{channel}>; allow it View Channel and Send Messages."
    fake.unreachable_channels.clear()
    fake.fail_next("POST", rf"/channels/{channel}/messages", 404)  # deleted just now
    assert await chosen(fake) == said
    strange = Guild(1_666_000_000_000_000_000)
    owner: Where = {"user": fake.owner}
    cases: list[tuple[int, Where]] = [(4711, ADMIN), (strange.channel, {**owner, "guild": strange})]
    cases += [(SECOND.channel, ADMIN), (channel, {**owner, "dm": True})]
    for number, where in cases:
        said = await settled(await announce(fake, number, **where))
        assert "does not see that channel" in said or "in servers" in said, (number, said)
    assert rows(bot, "announcements") == []


async def test_a_channel_that_is_deleted_is_forgotten_and_the_others_are_told(fake: FakeDiscord, start: Start) -> None:
    fake.guilds.append(SECOND)
    bot = await start(home_guild_id=fake.guilds[0].id)
    await chosen(fake)
    await chosen(fake, THERE)
    fake.unreachable_channels.add(fake.guilds[0].channel)
    await change(fake, "cats", HISSING)
    await until(lambda: told(fake, SECOND))
    await until(lambda: [row["guild_id"] for row in rows(bot, "announcements")] == [SECOND.id])
    assert told(fake) == []


async def test_a_channel_that_was_not_told_of_a_change_is_told_of_the_next_one_against_what_it_knows(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "FIRST_PAUSE", 600)
    await chosen(fake)
    fake.fail_next("POST", MESSAGES, 403)
    await change(fake, "cats", HISSING)
    await until(lambda: not fake.failures)
    await change(fake, "cats", HISSING.replace("hiss", "bite"))
    await until(lambda: told(fake))
    assert "before: Cats are animals that ~~purr~~.\nnow: Cats are animals that **bite**." in displayed_text(
        told(fake)[0]
    )


MESSAGES = r"/channels/\d+/messages"
TROUBLES: dict[str, dict[str, Any]] = {
    "refused": {"how": 403},
    "broken": {"how": "reset"},
    "broken after it arrived": {"how": "reset", "after_effect": True},
    "an error after it arrived": {"how": 502, "after_effect": True},
    "a bad payload": {"how": 400},
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_does_not_arrive_at_first_is_told_once_without_another_change(
    fake: FakeDiscord, start: Start, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.authoring.keeper.POLL", 60)  # so that no look at the folder has it tried again
    bot = await start()
    await chosen(fake)
    fake.fail_next("POST", MESSAGES, **TROUBLES[trouble])
    await change(fake, "cats", HISSING)
    await until(lambda: fully_told(bot), 10)
    assert changes_told(fake) == ["Cats"]
    await change(fake, "dogs", DOGS.replace("bark", "howl"))
    await until(lambda: fully_told(bot))
    assert changes_told(fake) == ["Cats", "Dogs"]
    assert rows(bot, "announced") == []


def fully_told(bot: Running) -> bool:
    """Whether every channel is known to have been told of everything that changed until now."""
    newest = max(row["id"] for row in rows(bot, "versions"))
    return all(row["version"] == newest for row in rows(bot, "announcements"))


def changes_told(fake: FakeDiscord, guild: Guild | None = None) -> list[str]:
    """Return the titles of the briefs that a channel was told of, in order."""
    return [displayed_text(each).splitlines()[0].removeprefix("### Changed: ") for each in told(fake, guild)]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_one_message_that_fails_holds_up_none_after_it_and_repeats_none_before_it(
    fake: FakeDiscord, start: Start, tmp_path: Path, trouble: str
) -> None:
    folder = write(tmp_path / "briefs", {f"b{n}.yaml": brief_text(title=f"Birds {n}") for n in range(4)})
    bot = await start()
    await chosen(fake)
    fake.fail_next("POST", MESSAGES, 0.0)  # the first one is taken
    fake.fail_next("POST", MESSAGES, **TROUBLES[trouble])
    change_birds(folder)
    await bot.keeper.reload()
    await until(lambda: fully_told(bot), 10)
    assert sorted(changes_told(fake)) == [f"Birds {n}" for n in range(4)]


def change_birds(folder: Path) -> None:
    for path in folder.glob("b*.yaml"):
        path.write_text(path.read_text().replace("over", "in").replace("carry", "carried"))


async def test_a_channel_that_hangs_or_is_refused_for_good_holds_up_no_other(fake: FakeDiscord, start: Start) -> None:
    fake.guilds.append(SECOND)
    await start(home_guild_id=fake.guilds[0].id)
    await chosen(fake)
    await chosen(fake, THERE)
    fake.fail_next("POST", f"/channels/{fake.guilds[0].channel}/messages", 60.0)
    await change(fake, "cats", HISSING)
    await until(lambda: told(fake, SECOND))
    await change(fake, "dogs", DOGS.replace("bark", "howl"))
    await until(lambda: changes_told(fake, SECOND) == ["Cats", "Dogs"])
    assert told(fake) == []


async def test_a_message_that_cannot_be_made_costs_no_other_and_is_told_once_it_can(
    fake: FakeDiscord, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "briefs", {f"b{n}.yaml": brief_text(title=f"Birds {n}") for n in range(3)})
    bot = await start()
    await chosen(fake)
    right = views.announcement_view

    def wrong(brief: Brief, *rest: Any) -> Any:
        if brief.title == "Birds 1":
            raise TypeError("unforeseen")
        return right(brief, *rest)

    monkeypatch.setattr(views, "announcement_view", wrong)
    announcements.post_of.cache_clear()
    change_birds(folder)
    await bot.keeper.reload()
    await until(lambda: sorted(changes_told(fake)) == ["Birds 0", "Birds 2"])
    monkeypatch.setattr(views, "announcement_view", right)
    announcements.post_of.cache_clear()
    await until(lambda: fully_told(bot), 10)
    assert sorted(changes_told(fake)) == ["Birds 0", "Birds 1", "Birds 2"]
    assert not bot.client.background.down


@pytest.mark.parametrize(("number", "arrived"), [(1, True), (3, True), (3, False)])
async def test_a_bot_that_ends_amid_its_announcements_repeats_none_and_loses_none(
    fake: FakeDiscord, start: Start, tmp_path: Path, number: int, arrived: bool
) -> None:
    folder = write(tmp_path / "briefs", {f"b{n}.yaml": brief_text(title=f"Birds {n}") for n in range(5)})
    bot = await start()
    await chosen(fake)
    for _ in range(number):
        fake.fail_next("POST", MESSAGES, 0.0)
    fake.fail_next("POST", MESSAGES, 60.0, after_effect=arrived)  # the bot ends while it waits for the answer
    change_birds(folder)
    await bot.keeper.reload()
    await until(lambda: len(told(fake)) == number + arrived and not fake.failures)
    bot = await start()
    await until(lambda: fully_told(bot), 10)
    assert sorted(changes_told(fake)) == [f"Birds {n}" for n in range(5)]
    assert rows(bot, "announced") == []


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_bot_that_ends_while_it_counts_the_rest_counts_it_once(
    fake: FakeDiscord, start: Start, tmp_path: Path, arrived: bool
) -> None:
    folder = write(tmp_path / "briefs", {f"b{n}.yaml": brief_text(title=f"Birds {n}") for n in range(7)})
    bot = await start()
    await chosen(fake)
    for _ in range(5):
        fake.fail_next("POST", MESSAGES, 0.0)
    fake.fail_next("POST", MESSAGES, 60.0, after_effect=arrived)
    change_birds(folder)
    await bot.keeper.reload()
    await until(lambda: len(told(fake)) == 5 and not fake.failures and len(counts_told(fake)) == arrived)
    bot = await start()
    await until(lambda: fully_told(bot), 10)
    assert (len(told(fake)), counts_told(fake)) == (5, ["2 more briefs have changed."])


def counts_told(fake: FakeDiscord) -> list[str]:
    return [text for each in fake.messages.values() if "more brief" in (text := displayed_text(each))]


async def test_a_brief_that_changes_again_before_it_is_known_whether_it_was_told_is_told_step_by_step(
    fake: FakeDiscord, start: Start
) -> None:
    await start()
    await chosen(fake)
    fake.fail_next("POST", MESSAGES, 60.0, after_effect=True)
    await change(fake, "cats", HISSING)
    await until(lambda: told(fake))
    await change(fake, "cats", HISSING.replace("hiss", "bite"))
    bot = await start()
    await until(lambda: fully_told(bot), 10)
    first, second = (displayed_text(each) for each in told(fake))
    assert "purr" in first
    assert "hiss" in first
    assert "before: Cats are animals that ~~hiss~~.\nnow: Cats are animals that **bite**." in second


async def test_nothing_is_sent_before_the_database_has_noted_that_it_will_be(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chosen(fake)
    noted: list[str] = []
    sending = AnnouncementChannels.sending

    async def unwritable(*_: Any) -> bool:
        noted.append("in vain")
        return False

    monkeypatch.setattr(AnnouncementChannels, "sending", unwritable)
    await change(fake, "cats", HISSING)
    await until(lambda: len(noted) > 2)
    assert told(fake) == []
    monkeypatch.setattr(AnnouncementChannels, "sending", sending)
    await until(lambda: told(fake), 10)


async def test_what_arrived_is_not_sent_again_while_that_cannot_be_noted(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chosen(fake)
    noted: list[str] = []
    right = AnnouncementChannels.told

    async def unwritable(*_: Any) -> bool:
        noted.append("in vain")
        fake.sent_by_nonce.clear()  # some minutes later
        return False

    monkeypatch.setattr(AnnouncementChannels, "told", unwritable)
    await change(fake, "cats", HISSING)
    await until(lambda: len(noted) > 3)
    monkeypatch.setattr(AnnouncementChannels, "told", right)
    await until(lambda: fully_told(bot), 10)
    assert changes_told(fake) == ["Cats"]


async def test_a_database_that_cannot_be_read_is_waited_for(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chosen(fake)
    right = AnnouncementChannels.notes
    asked: list[int] = []

    async def unreadable(*_: Any) -> dict[str, Any]:
        asked.append(1)
        raise LogError("the disk is full")

    monkeypatch.setattr(AnnouncementChannels, "notes", unreadable)
    await change(fake, "cats", HISSING)
    await until(lambda: len(asked) > 2)
    monkeypatch.setattr(AnnouncementChannels, "notes", right)
    await until(lambda: fully_told(bot), 10)
    assert changes_told(fake) == ["Cats"]


async def test_a_welcome_whose_answer_is_cut_off_is_there_once_and_the_admin_is_told_to_try_again(
    fake: FakeDiscord, bot: Running
) -> None:
    fake.fail_next("POST", MESSAGES, "reset", after_effect=True)
    assert await chosen(fake) == "Discord could not be reached, so nothing was changed. Try again."
    assert rows(bot, "announcements") == []
    assert "is announced in" in await chosen(fake)
    assert len([each for each in fake.messages.values() if displayed_text(each) == announcing.WELCOME]) == 1


async def test_of_a_long_brief_only_what_changed_is_told_and_both_sides_never_read_the_same(
    fake: FakeDiscord, bot: Running
) -> None:
    await chosen(fake)
    same = "They carry things over the sea, as they have done for a long time. " * 12
    facts = [{"text": f"The ship of number {n} sails at dawn.", "by": "A sailor"} for n in range(12)]
    await change(fake, "ships", brief_text(title="Cargo ships", summary=f"{same}It is calm.", facts=facts))
    await until(lambda: told(fake))
    facts[7] = {"text": "The ship of number 7 sails at dusk.", "by": "A sailor"}
    await change(fake, "ships", brief_text(title="Cargo ships", summary=f"{same}It is rough.", facts=facts))
    await until(lambda: len(told(fake)) == 2)
    lines = displayed_text(told(fake)[1]).splitlines()
    assert lines[lines.index("**Facts**") :] == [
        "**Facts**",
        "before: A sailor: The ship of number 7 sails at ~~dawn~~.",
        "now: A sailor: The ship of number 7 sails at **dusk**.",
    ]
    before, now = lines[2:4]
    assert before.endswith("It is ~~calm~~.")
    assert now.endswith("It is **rough**.")


async def test_the_longest_and_most_hostile_change_fits_and_has_no_effect(fake: FakeDiscord, bot: Running) -> None:
    await chosen(fake)
    hostile = "@everyone <@1> " + "*_~|`<[#" * 40
    old, new = ({"title": f"{n} {hostile[:98]}", "summary": f"{n} {hostile}"} for n in "ab")
    for n, content in (("a", old), ("b", new)):
        text = brief_text(
            **content,
            facts=[{"text": f"{n} {hostile[:290]}", "by": hostile[:70]}],
            status="confirmed" if n == "a" else "disputed",
            as_of="2024-10-18" if n == "a" else "2024-10-19",
            expires="2030-01-01" if n == "a" else "2030-01-02",
            sources=[{"name": f"{n} {hostile[:90]}", "url": f"https://example.org/{n}{place}"} for place in range(3)],
        )
        await change(fake, "ships", text)
    await until(lambda: len(told(fake)) == 2)
    assert files(bot.folder)["ships.yaml"] == text.encode()
    said = "\n".join(map(displayed_text, told(fake)))
    assert all(part in said for part in ("**Title**", "**Facts**", "**Sources**", "**Expires**"))
    assert re.findall(r"[@<\[`_~|*#]", re.sub(r"\\.|^###|~~|\*\*", "", said, flags=re.MULTILINE)) == []
    marks = re.findall(r"~~|\*\*", re.sub(r"\\.", "", said))
    assert marks[::2] == marks[1::2]  # each that begins ends


async def test_an_admin_is_acknowledged_before_discord_is_asked_to_take_the_welcome(
    fake: FakeDiscord, bot: Running
) -> None:
    await chosen(fake)
    paths = [request.path for request in fake.requests if request.method == "POST"]
    welcome = next(n for n, path in enumerate(paths) if path.endswith(f"/channels/{fake.guilds[0].channel}/messages"))
    assert any("/interactions/" in path for path in paths[:welcome])
