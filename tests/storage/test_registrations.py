"""Which commands Discord was told of."""

from pathlib import Path

import pytest

from bot.errors import LogError
from bot.storage.opening import open_database
from bot.storage.registrations import Registrations
from tests.databases import place

pytestmark = pytest.mark.usefixtures("engine")


async def test_registrations_are_remembered_by_application_and_scope(tmp_path: Path) -> None:
    server = 0x1122334455667788
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = Registrations(opened)
        assert await kept.registrations(1) == {}
        await kept.remember_registration(1, 0, {"/brief": "old"})
        await kept.remember_registration(1, server, {"/brief": "one server"})
        await kept.remember_registration(2, 0, {"/brief": "another bot"})
        await kept.remember_registration(1, 0, {"/brief": "new", "Brief this": "new"})
    async with open_database(place(tmp_path / "bot.db")) as opened:
        kept = Registrations(opened)
        assert await kept.registrations(1) == {
            0: {"/brief": "new", "Brief this": "new"},
            server: {"/brief": "one server"},
        }
        await kept.remember_registration(1, server, {})
        assert (await kept.registrations(1)).keys() == {0}
        assert await kept.registrations(2) == {0: {"/brief": "another bot"}}


@pytest.mark.sqlite
async def test_registrations_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        (tmp_path / "bot.db").unlink()
        with pytest.raises(LogError):
            await Registrations(opened).registrations(1)
