"""The log of lookups: what a row holds, who is known by what, feedback, and what is asked for most."""

import asyncio
import hashlib
import os
import re
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import LogError
from bot.storage.hash_key import user_hash_key
from bot.storage.lookups import Lookup
from tests.databases import GUILD, USER, locked, lookup, opened, rows, written

pytestmark = pytest.mark.usefixtures("engine")


# What a row holds


async def test_a_lookup_is_a_row_with_these_columns(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    async with opened(tmp_path) as log:
        asked = Lookup("How many?", "answer", "troops", 0.75, 1.23456, "slash", GUILD, 20, USER, 30, language="uk")
        await log.record(asked)
        (row,) = map(dict, await log.database.read("SELECT * FROM lookups"))
    asked_at, user_hash = row.pop("asked_at"), row.pop("user_hash")
    assert row == {
        "id": 1,
        "query": "How many?",
        "outcome": "answer",
        "brief": "troops",
        "confidence": 0.75,
        "elapsed_ms": pytest.approx(1.23456, abs=0.001),
        "via": "slash",
        "guild_id": GUILD,
        "channel_id": 20,
        "interaction_id": 30,
        "feedback": None,
        "language": "uk",
    }
    assert list(map(type, row.values())) == [int, str, str, str, float, float, str, int, int, int, type(None), str]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", asked_at)
    assert before <= datetime.fromisoformat(asked_at) <= datetime.now(UTC)
    assert re.fullmatch("[0-9a-f]{64}", user_hash)


async def test_the_columns_stand_in_the_order_of_the_contract(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        names = [*(await log.database.read("SELECT * FROM lookups"))[0].keys()]
    assert names[:7] == "id asked_at query outcome brief confidence elapsed_ms".split()
    assert names[7:] == "via guild_id channel_id user_hash interaction_id feedback language".split()


@pytest.mark.parametrize("outcome", ["answer", "suggest", "miss"])
@pytest.mark.parametrize("via", ["slash", "menu", "button", "console", "dm", "mention"])
async def test_every_outcome_and_every_way_in_can_be_logged(tmp_path: Path, outcome: str, via: str) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup(outcome=outcome, via=via))
        assert rows(tmp_path, "outcome, via") == [(outcome, via)]


async def test_what_is_not_known_is_null(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(Lookup("x", "miss", None, 0.0, 1.0, "console"))
    columns = "brief, guild_id, channel_id, user_hash, interaction_id, feedback"
    assert rows(tmp_path, columns) == [(None,) * 6]


async def test_the_time_is_utc_wherever_the_machine_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        async with opened(tmp_path) as log:
            await log.record(lookup())
    time.tzset()
    (asked_at,) = rows(tmp_path, "asked_at")
    assert before <= datetime.fromisoformat(asked_at) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("asked", "logged"),
    [
        ("", ""),
        ("  Troops,\tPLEASE\n", "  Troops,\tPLEASE\n"),
        ("북한군 é e\u0301 😀", "북한군 é e\u0301 😀"),
        ("'; DROP TABLE lookups; --", "'; DROP TABLE lookups; --"),
        ("x" * 6000, "x" * 6000),
        ("\ud800", "\ufffd"),
        ("\udfff!", "\ufffd!"),
        ("a\ud800b\udc00c", "a\ufffdb\ufffdc"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\ufefftroops", "\ufefftroops"),
    ],
)
async def test_the_query_is_logged_as_asked_but_for_lone_surrogates(tmp_path: Path, asked: str, logged: str) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup(asked))
        assert rows(tmp_path) == [logged]


async def test_the_null_character_is_logged_where_the_engine_has_it(tmp_path: Path, engine: str) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("a\0b"))
        assert rows(tmp_path) == [{"sqlite": "a\0b", "postgres": "a\ufffdb"}[engine]]


async def test_an_interaction_that_arrives_twice_is_one_row_and_the_first_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("first", interaction_id=7))
        await log.record(lookup("again", interaction_id=7))
        await log.record(lookup("other", interaction_id=8))
        await log.record(lookup("no interaction"))
        await log.record(lookup("no interaction"))
    assert rows(tmp_path) == ["first", "other", "no interaction", "no interaction"]


async def test_an_interaction_twice_in_one_transaction_is_one_row_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await asyncio.gather(*(log.record(lookup(str(n), interaction_id=n // 2)) for n in range(100)))
    assert rows(tmp_path) == [str(n) for n in range(0, 100, 2)]


# Who asked


async def test_a_user_keeps_one_hash_and_each_has_another(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup(user_id=USER))
        await log.record(lookup(user_id=USER + 1))
    async with opened(tmp_path) as log:
        await log.record(lookup(user_id=USER))
    first, other, again = rows(tmp_path, "user_hash")
    assert first == again != other


async def test_the_hash_depends_on_the_key_and_is_no_plain_hash(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        async with opened(tmp_path / name) as log:
            await log.record(lookup(user_id=USER))
        hashes += rows(tmp_path / name, "user_hash")
    assert hashes[0] != hashes[1]
    forms = (str(USER).encode(), f"{USER:x}".encode(), USER.to_bytes(8, "big"), USER.to_bytes(8, "little"))
    plain = {
        hashlib.new(name, form).hexdigest()
        for name in hashlib.algorithms_guaranteed
        if not name.startswith("shake")
        for form in forms
    }
    assert not plain & set(hashes)


async def test_a_key_that_is_given_is_the_one_that_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "user_hash.key").write_text("0123456789abcdef" * 4, encoding="ascii")
        async with opened(tmp_path / name) as log:
            await log.record(lookup(user_id=USER))
    assert rows(tmp_path / "one", "user_hash") == rows(tmp_path / "two", "user_hash") != [None]


@pytest.mark.sqlite
async def test_no_file_holds_the_id_of_a_user(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("as asked", user_id=USER, guild_id=GUILD, interaction_id=5))
        await log.mark_wrong(5, USER)
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    stored += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"as asked" in stored  # so an id would have been found in either form
    assert GUILD.to_bytes(8, "big") in stored
    for form in (str(USER).encode(), f"{USER:x}".encode(), USER.to_bytes(8, "big"), USER.to_bytes(8, "little")):
        assert form not in stored


@pytest.mark.sqlite
def test_the_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    place = tmp_path / "secrets" / "key"
    mask = os.umask(0)
    try:
        made = user_hash_key(place)
    finally:
        os.umask(mask)
    assert user_hash_key(place) == made == place.read_bytes()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert len(made) >= 32


@pytest.mark.sqlite
@pytest.mark.parametrize("key", [b"", b"\n", b"short", b"x" * 31, b" " * 40])
def test_a_key_too_short_to_protect_anyone_is_refused_and_left_alone(tmp_path: Path, key: bytes) -> None:
    (tmp_path / "user_hash.key").write_bytes(key)
    with pytest.raises(LogError, match=r"user_hash\.key"):
        user_hash_key(tmp_path / "user_hash.key")
    assert (tmp_path / "user_hash.key").read_bytes() == key


@pytest.mark.sqlite
def test_a_key_that_cannot_be_read_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "user_hash.key").mkdir()
    with pytest.raises(LogError, match=r"^\S+user_hash\.key: [^\n]+$"):
        user_hash_key(tmp_path / "user_hash.key")


# Feedback and reports


async def test_only_the_asker_can_say_that_it_was_not_what_they_asked(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup("mine", user_id=USER, interaction_id=1))
        await log.record(lookup("theirs", user_id=USER + 1, interaction_id=2))
        await log.record(lookup("nobody's", interaction_id=3))
        assert await log.mark_wrong(2, USER) is False
        assert await log.mark_wrong(3, USER) is False
        assert await log.mark_wrong(4, USER) is False
        assert rows(tmp_path, "feedback") == [None, None, None]
        assert await log.mark_wrong(1, USER) is True
        assert await log.mark_wrong(1, USER) is True
        assert rows(tmp_path, "query, feedback") == [("mine", "wrong"), ("theirs", None), ("nobody's", None)]


@pytest.mark.sqlite
@pytest.mark.usefixtures("impatient")
async def test_feedback_that_has_to_wait_is_not_known_yet_and_follows_its_lookup(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        with locked(tmp_path):
            await log.record(lookup("mine", user_id=USER, interaction_id=1))
            assert await log.mark_wrong(1, USER) is None
            await log.record(lookup("next", user_id=USER, interaction_id=2))
        await written(log)
        assert rows(tmp_path, "query, feedback") == [("mine", "wrong"), ("next", None)]


@pytest.mark.parametrize(
    ("guild", "limit", "expected"),
    [
        (1, 10, ["weapons", "ships", "troops"]),
        (1, 2, ["weapons", "ships"]),
        (2, 10, ["troops"]),
        (3, 10, []),
        (None, 10, ["shells"]),
    ],
)
async def test_the_briefs_asked_for_most_are_counted_server_by_server(
    tmp_path: Path, guild: int | None, limit: int, expected: list[str]
) -> None:
    asked: dict[int | None, list[str | None]] = {
        1: ["troops", "weapons", "ships", "weapons", "ships", "weapons", None, None, None, None],
        2: ["troops"],
        None: ["shells"],
    }
    async with opened(tmp_path) as log:
        for server, briefs in asked.items():
            for brief in briefs:
                await log.record(lookup(outcome="answer" if brief else "miss", brief=brief, guild_id=server))
        assert await log.most_asked(guild, limit) == expected


async def test_briefs_asked_for_equally_often_keep_one_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for brief in ("weapons", "ships", "troops"):
            await log.record(lookup(brief=brief))
        assert await log.most_asked(None, 3) == ["ships", "troops", "weapons"]


@pytest.mark.sqlite
async def test_a_report_of_a_database_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await log.record(lookup())
        (tmp_path / "lookups.db").unlink()
        assert await log.most_asked(None, 5) == []
        assert not (tmp_path / "lookups.db").exists()
