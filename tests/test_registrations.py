"""Which commands Discord was told of."""

from pathlib import Path

import pytest

from bot.errors import LogError
from bot.storage.opening import open_database
from bot.storage.registrations import Registrations
from tests.databases import place

pytestmark = pytest.mark.usefixtures("patient", "engine")


async def test_registrations_are_remembered_by_application_and_scope(tmp_path: Path) -> None:
    server = 0x1122334455667788
    async with open_database(place(tmp_path / "bot.db")) as opened:
        registrations = Registrations(opened)
        assert await registrations.registration(1, 0) is None
        await registrations.remember_registration(1, 0, "old")
        await registrations.remember_registration(1, server, "one server")
        await registrations.remember_registration(2, 0, "another bot")
        await registrations.remember_registration(1, 0, "new")
    async with open_database(place(tmp_path / "bot.db")) as opened:
        registrations = Registrations(opened)
        digests = [await registrations.registration(*where) for where in ((1, 0), (1, server), (2, 0), (2, server))]
    assert digests == ["new", "one server", "another bot", None]


@pytest.mark.sqlite
async def test_registrations_that_cannot_be_read_are_an_error_and_no_reason_to_register_again(tmp_path: Path) -> None:
    async with open_database(place(tmp_path / "bot.db")) as opened:
        (tmp_path / "bot.db").unlink()
        with pytest.raises(LogError):
            await Registrations(opened).registration(1, 0)
