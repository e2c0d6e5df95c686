"""Whose language our own texts are said in: what one member reads in theirs, what the channel reads in the server's."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.catalogues.catalogue import Catalogues
from tests.admins import FILES
from tests.brief_files import write
from tests.catalogues.made import translated
from tests.conftest import Start, starter
from tools.fake_discord import FakeDiscord, Guild
from tools.running import Running

COMMUNITY = Guild(1_222_000_000_000_000_000, community_locale="de")
PLAIN = Guild(1_333_000_000_000_000_000)
pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path) -> AsyncIterator[Start]:
    fake.guilds += [COMMUNITY, PLAIN]
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


@pytest.fixture(scope="module")
def catalogues() -> Catalogues:
    return Catalogues(translated(language, f"{language}:{{}}".format) for language in ("de", "uk"))


@pytest.fixture
async def bot(start: Start, catalogues: Catalogues) -> Running:
    running = await start()
    running.client.catalogues = catalogues
    return running


@pytest.mark.parametrize(
    ("where", "label"),
    [
        ({"guild": COMMUNITY}, "de:Still true?"),
        ({"guild": COMMUNITY, "locale": "uk"}, "de:Still true?"),
        ({"guild": PLAIN, "locale": "uk"}, "Still true?"),
        ({"dm": True, "locale": "uk"}, "uk:Still true?"),
        ({"guild": Guild(1_444_000_000_000_000_000, community_locale="de"), "locale": "uk"}, "de:Still true?"),
    ],
    ids=["community", "Ukrainian in it", "Ukrainian in another", "direct message", "server that the bot is not in"],
)
async def test_what_the_channel_reads_is_in_the_language_of_the_server(
    fake: FakeDiscord, where: Any, label: str
) -> None:
    assert label in (await fake.slash("brief", {"query": "cats"}, **where)).labels


async def test_what_one_member_reads_is_in_their_own_language(fake: FakeDiscord) -> None:
    missed = await fake.slash("brief", {"query": "adele"}, guild=COMMUNITY, locale="uk")
    assert missed.text.startswith("uk:No brief on “adele”.")


async def test_a_locale_that_the_library_does_not_know_is_english(fake: FakeDiscord) -> None:
    assert (await fake.slash("brief", {"query": "adele"}, locale="tlh")).text.startswith("No brief on")


async def test_an_error_is_said_in_the_language_of_whoever_meets_it(fake: FakeDiscord) -> None:
    refused = await fake.slash("briefs list", guild=COMMUNITY, locale="uk")
    assert refused.text == "uk:Only those who administer the briefs can do that."
