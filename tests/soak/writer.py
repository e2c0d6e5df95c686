"""`python -m tests.soak.writer WHAT SYNCHRONOUS FOLDER` does to a log what the bot does, and says what is durable.

It says so to standard output, a line at a time, at the moment at which the bot would answer.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import aiosqlite

from bot.storage import database
from tests.databases import USER, Log, lookup, opened

MEMBERS = 3
LOOKUPS = 300
"""Of each member: enough for the write-ahead log to be emptied and begun anew."""


def synchronous(mode: str) -> None:
    """Have the bot's connection sync as little as ``mode`` says."""
    execute = aiosqlite.Connection.execute

    def patched(self: aiosqlite.Connection, sql: str, *values: Any) -> Any:
        return execute(self, sql.replace("synchronous = FULL", f"synchronous = {mode}"), *values)

    aiosqlite.Connection.execute = patched  # type: ignore[method-assign]


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def ask(log: Log, member: int, first: int, last: int, padding: str = "") -> None:
    """Log the lookups of a member one after another; an interaction's number tells what was asked in it."""
    for number in range(first, last):
        interaction = member * 10_000 + number
        asked = lookup(f"question {interaction} {padding}", user_id=USER + member, interaction_id=interaction)
        await log.record(asked)
        say(f"logged {interaction}")


async def act(what: str, folder: Path) -> None:
    database.COMMIT_TIMEOUT = 60  # so that what returns is durable, however slow tracing makes it
    async with opened(folder) as log:
        if what == "log":
            await asyncio.gather(*(ask(log, member, 0, LOOKUPS) for member in range(1, MEMBERS + 1)))
        elif what == "fill":
            await asyncio.gather(*(ask(log, member, 0, 100, "x" * 200) for member in range(1, MEMBERS + 1)))
        elif what == "forget":
            await ask(log, 1, 100, 105)  # so that the write-ahead log has some of theirs too
            others = [asyncio.create_task(ask(log, member, 100, 130)) for member in range(2, MEMBERS + 1)]
            await asyncio.sleep(0.02)
            assert await log.forget(USER + 1)
            say("forgotten")
            await asyncio.gather(*others)
        elif what == "migrate":
            await ask(log, 1, 0, 5)


if __name__ == "__main__":
    synchronous(sys.argv[2])
    asyncio.run(act(sys.argv[1], Path(sys.argv[3])))
