"""What admins chose not to see among the misses any more: it is told again, and its words are kept nowhere for it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import ignored, migrations
from bot.storage.ignored import IgnoredQuestions
from tests.databases import in_files, opened, records

pytestmark = pytest.mark.usefixtures("engine")

KEY = b"k" * 32
ASKED = ["one", "two", "all", ""]


async def test_what_is_ignored_is_ignored_where_it_was_chosen_to_be_and_as_long_as_it_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        questions = IgnoredQuestions(log.database, KEY)
        for queries, guild in ((["one", "two"], 1), (["one"], 1), (["all"], None), ([""], 2)):
            await questions.ignore(queries, guild)
        assert log.database.dropped == 0
    async with opened(tmp_path) as log:
        questions = IgnoredQuestions(log.database, KEY)
        found = {guild: await questions.of(guild) for guild in (1, 2, 3, None)}
        told = {guild: [each for each in ASKED if each in found[guild]] for guild in found}
        assert told == {1: ["one", "two"], 2: [""], 3: [], None: ["all"]}
        await questions.heed(["one", "all"], 1)
        assert "one" not in await questions.of(1)
        assert "two" in await questions.of(1)
        assert "all" in await questions.of(None)


async def test_no_word_of_an_ignored_question_is_kept_and_nobody_without_the_key_can_tell_it(tmp_path: Path) -> None:
    question = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(6000)) + " \ud800 of a member"
    async with opened(tmp_path) as log:
        await IgnoredQuestions(log.database, KEY).ignore([question], None)
        assert question in await IgnoredQuestions(log.database, KEY).of(None)
        assert question not in await IgnoredQuestions(log.database, b"another" * 5).of(None)
        assert "of a member" not in str(records(tmp_path, "SELECT * FROM ignored"))
        assert not any(in_files(tmp_path, "of a member"))


@pytest.mark.parametrize(("age", "kept"), [(364, True), (366, False)])
async def test_an_ignored_question_is_kept_for_a_year_from_when_it_was_last_ignored(
    tmp_path: Path, *, age: int, kept: bool
) -> None:
    async with opened(tmp_path) as log:
        questions = IgnoredQuestions(log.database, KEY)
        await questions.ignore(["one"], 1)
        await questions.purge(datetime.now(UTC) + timedelta(days=age))
        assert ("one" in await questions.of(1)) == kept


@pytest.mark.sqlite
async def test_the_texts_that_an_older_version_kept_are_gone_from_the_files(tmp_path: Path) -> None:
    before = next(n for n, step in enumerate(migrations.STEPS) if "DROP TABLE ignored" in step)
    with closing(sqlite3.connect(tmp_path / "lookups.db")) as connection:
        for step in migrations.STEPS[:before]:
            connection.executescript(step)
        connection.execute(f"PRAGMA user_version = {before}")
        words = [(0, f"words of a member {n} {'x' * 300}") for n in range(100)]
        connection.executemany("INSERT INTO ignored VALUES (?, ?)", words)
        connection.commit()
    assert in_files(tmp_path, "words of a member") == [True]
    async with opened(tmp_path) as log:
        assert (await ignored.ignored(log.database, KEY, None)).digests == frozenset()
    assert in_files(tmp_path, "words of a member") == [False]
