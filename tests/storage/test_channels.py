"""Which channel of a server changes are announced in, and what it has been told."""

from pathlib import Path

import pytest

from bot.storage.channels import AnnouncementChannel, AnnouncementChannels
from bot.storage.opening import open_database
from tests.databases import place

ONE = AnnouncementChannel(0x1122334455667788, 0x1122334455667799, 5)
TWO = AnnouncementChannel(0x2122334455667788, 0x2122334455667799, 7)


pytestmark = pytest.mark.usefixtures("engine")


async def test_each_server_has_the_channel_that_was_chosen_last_even_after_a_restart(tmp_path: Path) -> None:
    moved = AnnouncementChannel(ONE.guild, 33, 9)
    async with open_database(place(tmp_path / "bot.db")) as opened:
        channels = AnnouncementChannels(opened)
        assert await channels.all() == []
        for chosen in (TWO, ONE, moved):
            await channels.set(chosen)
        assert await channels.all() == [moved, TWO]
    async with open_database(place(tmp_path / "bot.db")) as opened:
        channels = AnnouncementChannels(opened)
        assert await channels.all() == [moved, TWO]
        await channels.remove(TWO.guild)
        await channels.remove(12345)
        assert await channels.all() == [moved]


@pytest.mark.parametrize(
    ("meanwhile", "expected"),
    [
        ([], [(5, 8), (7, 7)]),
        (["told 6"], [(5, 8), (7, 7)]),
        (["told 9"], [(5, 9), (7, 7)]),
        (["other channel"], [(99, 6), (7, 7)]),
        (["removed"], [(7, 7)]),
        (["removed", "chosen again"], [(5, 9), (7, 7)]),
    ],
)
async def test_a_channel_is_told_unless_it_was_changed_meanwhile(
    tmp_path: Path, meanwhile: list[str], expected: list[tuple[int, int]]
) -> None:
    one, two = AnnouncementChannel(1, 5, 5), AnnouncementChannel(2, 7, 7)
    async with open_database(place(tmp_path / "bot.db")) as opened:
        channels = AnnouncementChannels(opened)
        await channels.set(one)
        await channels.set(two)
        for what in meanwhile:
            match what:
                case "told 6" | "told 9":
                    await channels.caught_up(one, int(what[-1]))
                case "other channel":
                    await channels.set(AnnouncementChannel(1, 99, 6))
                case "removed":
                    await channels.remove(1)
                case "chosen again":
                    await channels.set(AnnouncementChannel(1, 5, 9))
        await channels.caught_up(one, 8)
        assert [(channel.channel, channel.version) for channel in await channels.all()] == expected


async def test_what_a_channel_was_told_is_noted_brief_by_brief_until_it_knows_everything(tmp_path: Path) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        channels = AnnouncementChannels(opened)
        await channels.set(ONE)
        assert await channels.sending(ONE, "cats", 6)
        assert await channels.sending(ONE, "dogs", 7)
        assert await channels.sending(ONE, "ships", 9)
        assert await channels.told(ONE, "cats", 6)
        assert await channels.refused(ONE, "dogs")
        assert await channels.notes(ONE) == {"cats": (6, None), "dogs": (None, None), "ships": (None, 9)}
        assert await channels.notes(TWO) == {}
        assert await channels.sending(ONE, "cats", 8)
        assert (await channels.notes(ONE))["cats"] == (6, 8)
        assert await channels.caught_up(ONE, 8)
        assert await channels.notes(ONE) == {"ships": (None, 9)}
        assert await channels.of(ONE.guild) == ONE._replace(version=8)


async def test_a_channel_that_is_chosen_or_left_has_been_told_nothing(tmp_path: Path) -> None:
    moved = AnnouncementChannel(ONE.guild, 33, 9)
    async with open_database(place(tmp_path / "bot.db")) as opened:
        channels = AnnouncementChannels(opened)
        for leave in (channels.remove(ONE.guild), channels.set(moved)):
            await channels.set(ONE)
            await channels.told(ONE, "cats", 6)
            await leave
            assert await channels.notes(ONE) == {}
        assert await channels.gone(ONE)
        assert await channels.of(ONE.guild) == moved
        assert await channels.gone(moved)
        assert await channels.of(ONE.guild) is None
