"""The bot's token, and those of interactions, appear nowhere: the real process, at its most talkative, amid faults."""

import io
import re
import signal
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.admins import ADMIN, FILES, attached, settled
from tests.brief_files import write
from tests.forked import Forked
from tools.environment import environment
from tools.fake_discord import FakeDiscord, until

pytestmark = pytest.mark.slow

CANARY = "MTIzNDU2Nzg5.CANARY.token-of-this-test"


async def test_the_token_is_in_no_log_reply_export_or_file(fake: FakeDiscord, tmp_path: Path) -> None:
    await keep_the_secret(fake, tmp_path, "text")


def launched(fake: FakeDiscord, folder: Path, settings: dict[str, str]) -> Forked:
    return Forked(folder, ["run"], environment(folder, **settings), discord=(fake.api_base, fake.gateway_url))


async def keep_the_secret(fake: FakeDiscord, tmp_path: Path, log_format: str) -> None:
    """Run the bot amid faults and find its token nowhere but where it was put."""
    fake.token = CANARY
    write(tmp_path / "briefs", FILES)
    token_file = tmp_path / "secrets" / "token"
    token_file.parent.mkdir()
    token_file.write_text(CANARY)
    settings = {
        "DISCORD_TOKEN_FILE": str(token_file),
        "BRIEFS_DIR": str(tmp_path / "briefs"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/data/lookups.db",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": log_format,
        "PYTHONASYNCIODEBUG": "1",
    }
    (tmp_path / "data").mkdir()
    with closing(launched(fake, tmp_path, settings)) as process:
        await fake.connected()
        said = await use_amid_faults(fake)
        process.send_signal(signal.SIGTERM)
        code, out, errors = await process.ended(20)
    assert code == 0
    texts = {"standard output": out, "standard error": errors, **said}
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path != token_file]
    texts |= {str(path): path.read_bytes() for path in files}
    assert b"CANARY" not in b"".join(texts.values()), [name for name, text in texts.items() if b"CANARY" in text]
    assert b"undelivered" in errors
    assert b"Attempting a reconnect" in errors or b"RESUMED" in errors
    for token in fake.exchanges:
        assert token.encode() not in errors


async def use_amid_faults(fake: FakeDiscord) -> dict[str, bytes]:
    """Do what anybody can do while things break; return everything that is sent in reply."""
    fake.fail_next("POST", "/callback", "reset", 2, after_effect=True)
    shown = [await fake.slash("brief", {"query": "cats"}), await fake.autocomplete("brief", "query", "ca")]
    shown.append(await fake.message_command("Brief this", "what are cats?"))
    export = await fake.slash("briefs export", **ADMIN)
    stats = await fake.slash("briefs stats", **ADMIN)
    personal = await fake.slash("privacy show")
    await stats.filled(20)
    shown += [export, stats, personal]
    for each in shown:
        await settled(each)
    files = await attached(fake, export) | await attached(fake, stats) | await attached(fake, personal)
    for archive in [data for data in files.values() if data.startswith(b"PK")]:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            files |= {f"zipped {name}": opened.read(name) for name in opened.namelist()}
    fake.fail_next("POST", "/callback", 429, retry_after=10)
    await fake.slash("brief", {"query": "dogs"}, expect_answer=False, within=0.5)
    fake.fail_next("PATCH", "@original", "reset", after_effect=True)
    await settled(await fake.slash("briefs export", **ADMIN))
    resumed = len(fake.resumes)
    fake.drop()
    await until(lambda: len(fake.resumes) > resumed, 10)
    await fake.slash("brief", {"query": "cats"})
    replies = [repr(request.payload).encode() for request in fake.requests]
    return {"replies": b"\n".join(replies)} | files


async def test_a_wrong_token_is_not_shown_at_any_level(fake: FakeDiscord, tmp_path: Path) -> None:
    settings = {"DISCORD_TOKEN": CANARY, "LOG_LEVEL": "DEBUG"}
    with closing(launched(fake, tmp_path, settings)) as process:
        code, out, errors = await process.ended(30)
    assert code == 2
    assert not re.search(rb"CANARY", out + errors)
    fake.faults.clear()  # the refusal
