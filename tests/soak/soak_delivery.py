"""First responses to interactions of every kind under every trouble of the network and of Discord: which arrive?"""

import statistics
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.gateway.fairness import Rate
from tests.admins import FILES
from tests.brief_files import write
from tests.conftest import Start, starter
from tests.gateway.test_delivery import Trouble, errors, lose, overcome
from tests.soak.conftest import Say
from tools.fake_discord import FakeDiscord
from tools.running import Running

# The stand-in is cut off in the middle of reading what was sent with a file.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROUNDS = 5

OVERCOME = {
    "nothing": Trouble(0.0),
    "reset": Trouble("reset"),
    "reset after the effect": Trouble("reset", after_effect=True),
    "reset three times": Trouble("reset", 3),
    "reset three times, each after the effect if there is one": Trouble("reset", 3, after_effect=True),
    "500": Trouble(500),
    "500 after the effect": Trouble(500, after_effect=True),
    "503 three times": Trouble(503, 3),
    "429 for 0.1 s": Trouble(429),
    "429 for 2 s": Trouble(429, retry_after=2),
    "slow by 1 s": Trouble(1.0),
    "slow by 1 s after the effect": Trouble(1.0, after_effect=True),
    "silent for 4 s": Trouble(4.0),
    "silent for 4 s after the effect": Trouble(4.0, after_effect=True),
}
LOST = {
    "500 for ever": Trouble(500, 100),
    "reset for ever": Trouble("reset", 100),
    "429 for 10 s": Trouble(429, 100, retry_after=10),
    "silent for 9 s each time": Trouble(9.0, 100),
}


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    monkeypatch.setattr("bot.gateway.fairness.MEMBER", Rate(burst=1e6, per_second=0))  # one member does everything here
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


@pytest.mark.parametrize("name", OVERCOME)
async def test_every_response_arrives_once_within_3_seconds(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, say: Say, name: str
) -> None:
    took = [each for _ in range(ROUNDS) for each in await overcome(fake, bot, OVERCOME[name])]
    assert errors(caplog) == []
    say(f"{name}: {len(took)} of {len(took)} once, median {statistics.median(took):.2f} s, last {max(took):.2f} s")


@pytest.mark.parametrize("name", LOST)
async def test_what_cannot_arrive_is_said_to_be_undelivered(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, say: Say, name: str
) -> None:
    await lose(fake, bot, caplog, LOST[name])
    say(f"{name}: {len(errors(caplog))} of {len(errors(caplog))} logged as undelivered")
