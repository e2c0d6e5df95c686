"""The bot's token appears nowhere, whatever the log's format and level."""

from pathlib import Path

import pytest

from tests.test_secrets import keep_the_secret
from tools.fake_discord import FakeDiscord


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_the_token_appears_nowhere(fake: FakeDiscord, tmp_path: Path, log_format: str) -> None:
    await keep_the_secret(fake, tmp_path, log_format)
