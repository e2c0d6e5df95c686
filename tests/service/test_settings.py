"""Settings: every key, its default, what it takes, and errors that name the key and keep a secret."""

import logging
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from bot.errors import SettingsError
from bot.service.settings import Address, Settings
from tools.environment import ROOT

TOKEN = "MTIz.abc-_DEF.4567890"


def test_nothing_has_to_be_set() -> None:
    settings = Settings.from_env({})
    assert settings == Settings()
    assert settings.token is None
    assert settings.briefs_dir == Path("briefs")
    assert settings.database == Path("data/lookups.db")
    assert settings.user_hash_key_file == Path("data/user_hash.key")
    assert settings.log_level == logging.INFO
    assert settings.log_format == "text"
    assert settings.dev_guild_id is None
    assert settings.retention_days == 30
    assert settings.health_address is None
    assert (settings.answer_direct_messages, settings.answer_mentions) == (True, False)
    assert (settings.shard_count, settings.shard_ids) == (None, ())
    assert (settings.owner_ids, settings.home_guild_id, settings.admin_role_ids) == (frozenset(), None, frozenset())


@pytest.mark.parametrize(
    ("key", "value", "attribute", "expected"),
    [
        ("DISCORD_TOKEN", TOKEN, "token", TOKEN),
        ("DISCORD_TOKEN", f"  {TOKEN}\n", "token", TOKEN),
        ("BRIEFS_DIR", "/srv/our briefs", "briefs_dir", Path("/srv/our briefs")),
        ("DATABASE_URL", "sqlite:///logs/a.db", "database", Path("logs/a.db")),
        ("DATABASE_URL", "sqlite:////var/lib/a.db", "database", Path("/var/lib/a.db")),
        ("DATABASE_URL", "sqlite:////var/lib/a.db", "user_hash_key_file", Path("/var/lib/user_hash.key")),
        (
            "DATABASE_URL",
            "postgresql://bot:p%40@db:5432/log?ssl=1",
            "database",
            "postgresql://bot:p%40@db:5432/log?ssl=1",
        ),
        ("DATABASE_URL", "postgres://db/log", "database", "postgres://db/log"),
        ("DATABASE_URL", "postgresql://db/log", "user_hash_key_file", Path("data/user_hash.key")),
        ("USER_HASH_KEY_FILE", "/run/secrets/key", "user_hash_key_file", Path("/run/secrets/key")),
        ("LOG_LEVEL", "DEBUG", "log_level", logging.DEBUG),
        ("LOG_LEVEL", "warning", "log_level", logging.WARNING),
        ("LOG_LEVEL", "ERROR", "log_level", logging.ERROR),
        ("LOG_LEVEL", "CRITICAL", "log_level", logging.CRITICAL),
        ("LOG_FORMAT", "json", "log_format", "json"),
        ("LOG_FORMAT", "text", "log_format", "text"),
        ("DEV_GUILD_ID", "81384788765712384", "dev_guild_id", 81384788765712384),
        ("RETENTION_DAYS", "1", "retention_days", 1),
        ("RETENTION_DAYS", "99999", "retention_days", 99999),
        ("HOME_GUILD_ID", " 81384788765712384 ", "home_guild_id", 81384788765712384),
        ("OWNER_IDS", "12", "owner_ids", frozenset({12})),
        ("OWNER_IDS", "12,34", "owner_ids", frozenset({12, 34})),
        ("OWNER_IDS", "12 34\t12", "owner_ids", frozenset({12, 34})),
        ("ADMIN_ROLE_IDS", " 12 , 34,, 56, ", "admin_role_ids", frozenset({12, 34, 56})),
        ("ADMIN_ROLE_IDS", ",", "admin_role_ids", frozenset()),
        ("ANSWER_DIRECT_MESSAGES", "off", "answer_direct_messages", False),
        ("ANSWER_DIRECT_MESSAGES", "0", "answer_direct_messages", False),
        ("ANSWER_MENTIONS", "On", "answer_mentions", True),
        ("ANSWER_MENTIONS", "yes", "answer_mentions", True),
        ("HEALTH_PORT", "8080", "health_address", Address("127.0.0.1", 8080)),
        ("HEALTH_PORT", "65535", "health_address", Address("127.0.0.1", 65535)),
        ("HEALTH_PORT", "0.0.0.0:8080", "health_address", Address("0.0.0.0", 8080)),
        ("HEALTH_PORT", "10.1.2.3:1", "health_address", Address("10.1.2.3", 1)),
        ("HEALTH_PORT", "[::]:8080", "health_address", Address("::", 8080)),
        ("ADMIN_ROLE_IDS", "9223372036854775807", "admin_role_ids", frozenset({(1 << 63) - 1})),
    ],
)
def test_each_key_sets_what_it_says(key: str, value: str, attribute: str, expected: Any) -> None:
    assert getattr(Settings.from_env({key: value}), attribute) == expected


KEYS = (
    "DISCORD_TOKEN DISCORD_TOKEN_FILE BRIEFS_DIR DATABASE_URL USER_HASH_KEY_FILE LOG_LEVEL LOG_FORMAT DEV_GUILD_ID "
    "BASE_LANGUAGE STEMMER RETENTION_DAYS OWNER_IDS HOME_GUILD_ID ADMIN_ROLE_IDS SHARD_COUNT SHARD_IDS HEALTH_PORT "
    "PGPASSWORD PGPASSFILE ANSWER_DIRECT_MESSAGES ANSWER_MENTIONS"
).split()


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
@pytest.mark.parametrize("key", KEYS)
def test_a_blank_value_counts_as_unset(key: str, blank: str) -> None:
    assert Settings.from_env({key: blank}) == Settings()


def test_the_example_shows_the_defaults() -> None:
    example = {key: value or "" for key, value in dotenv_values(ROOT / ".env.example").items()}
    assert example.keys() <= set(KEYS)
    assert Settings.from_env(example) == Settings()


@pytest.mark.parametrize("content", [TOKEN, f"{TOKEN}\n", f"\n  {TOKEN}\r\n"])
def test_the_token_can_come_from_a_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content, encoding="utf-8")
    assert Settings.from_env({"DISCORD_TOKEN_FILE": str(tmp_path / "token")}).token == TOKEN


def test_the_token_itself_beats_its_file_and_a_blank_one_gives_way_to_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    named = {"DISCORD_TOKEN_FILE": str(tmp_path / "token")}
    for given, token, key in (("other", "other", "DISCORD_TOKEN"), (" ", TOKEN, "DISCORD_TOKEN_FILE")):
        settings = Settings.from_env({"DISCORD_TOKEN": given} | named)
        assert (settings.token, settings.token_key) == (token, key)


@pytest.mark.parametrize(
    "content",
    [None, b"", b" \n", b"\xff\xfe\x00", b"hunter2 and more", b"hunter2\nhunter3", "hünter2".encode()],
    ids=["missing", "empty", "blank", "no text", "two words", "two lines", "not ASCII"],
)
def test_a_token_file_of_no_use_is_refused_by_its_key_without_its_content(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(SettingsError) as refusal:
        Settings.from_env({"DISCORD_TOKEN_FILE": str(tmp_path / "token")})
    assert str(refusal.value).startswith("DISCORD_TOKEN_FILE: ")
    assert "nter" not in str(refusal.value)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_a_folder_is_no_token_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^DISCORD_TOKEN_FILE: "):
        Settings.from_env({"DISCORD_TOKEN_FILE": str(tmp_path)})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DISCORD_TOKEN", "hunter2 hunter3"),
        ("DISCORD_TOKEN", "hunter2\nhunter3"),
        ("DISCORD_TOKEN", "hunter2…"),
        ("DATABASE_URL", "mysql://bot:hunter2@db.example/briefbot"),
        ("DATABASE_URL", "postgresql+asyncpg://bot:hunter2@db.example/briefbot"),
        ("DATABASE_URL", "mysql://bot:hunter2@db.example"),
        ("DATABASE_URL", "sqlite://bot:hunter2@db.example/briefbot"),
        ("DATABASE_URL", "lookups.db"),
        ("DATABASE_URL", "postgresql://bot:/hunter2@db.example/log"),
        ("DATABASE_URL", "postgresql://bot:12/hunter2@db.example/log"),
        ("DATABASE_URL", "postgresql://bot:hunter2@db.example"),
        ("DATABASE_URL", "postgresql://bot:hunter2@db.example/"),
        ("DATABASE_URL", "postgresql://bot:hunter2@db.example:port/log"),
        ("DATABASE_URL", "postgresql://bot:hunter2@[db.example/log"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:///."),
        ("DATABASE_URL", "sqlite:////"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_LEVEL", "10"),
        ("LOG_LEVEL", "NOTSET"),
        ("LOG_FORMAT", "xml"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "-1"),
        ("RETENTION_DAYS", "1.5"),
        ("RETENTION_DAYS", "30 days"),
        ("RETENTION_DAYS", "100000"),
        ("RETENTION_DAYS", "²"),
        ("RETENTION_DAYS", "٣"),
        ("RETENTION_DAYS", "9" * 5000),
        ("HOME_GUILD_ID", "my server"),
        ("HOME_GUILD_ID", "12,34"),
        ("OWNER_IDS", "me"),
        ("OWNER_IDS", "12,me"),
        ("OWNER_IDS", "12;34"),
        ("OWNER_IDS", "12,0"),
        ("OWNER_IDS", "<@12>"),
        ("ADMIN_ROLE_IDS", "12 -34"),
        ("ANSWER_MENTIONS", "maybe"),
        ("ANSWER_DIRECT_MESSAGES", "2"),
        ("ADMIN_ROLE_IDS", "12, 9223372036854775808"),
        ("ADMIN_ROLE_IDS", "9" * 5000),
        ("HEALTH_PORT", "on"),
        ("HEALTH_PORT", "0"),
        ("HEALTH_PORT", "65536"),
        ("HEALTH_PORT", "-1"),
        ("HEALTH_PORT", "٣"),
        ("HEALTH_PORT", ":8080"),
        ("HEALTH_PORT", "localhost:8080"),
        ("HEALTH_PORT", "0.0.0.0"),
        ("HEALTH_PORT", "0.0.0.0:"),
        ("HEALTH_PORT", "::1"),
        ("HEALTH_PORT", "http://0.0.0.0:8080"),
        ("HEALTH_PORT", "0.0.0.0:" + "9" * 5000),
        ("HEALTH_PORT", "9" * 5000),
        ("DEV_GUILD_ID", "my server"),
        ("DEV_GUILD_ID", "0"),
        ("DEV_GUILD_ID", "-81384788765712384"),
        ("DEV_GUILD_ID", "1.5"),
        ("DEV_GUILD_ID", "٣"),
        ("DEV_GUILD_ID", "²"),
        ("DEV_GUILD_ID", "9223372036854775808"),
        ("DEV_GUILD_ID", "9" * 5000),
    ],
)
def test_a_value_of_no_use_is_refused_by_its_key_and_a_secret_is_not_shown(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_env({key: value})
    assert str(refusal.value).startswith(f"{key}: ")
    assert "hunter" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("count", "ids", "expected"),
    [
        ("4", "", (4, ())),
        ("4", "0", (4, (0,))),
        ("4", " 0, 3 ", (4, (0, 3))),
        ("4", "2 1", (4, (2, 1))),
        ("16", "0-3,8,12-13", (16, (0, 1, 2, 3, 8, 12, 13))),
        ("1", "0-0", (1, (0,))),
    ],
)
def test_shards_are_counted_and_named_by_number_or_range(
    count: str, ids: str, expected: tuple[int, tuple[int, ...]]
) -> None:
    settings = Settings.from_env({"SHARD_COUNT": count, "SHARD_IDS": ids, "DATABASE_URL": "postgresql://db/log"})
    assert (settings.shard_count, settings.shard_ids) == expected


@pytest.mark.parametrize(
    ("count", "ids", "refusal"),
    [
        ("0", "", "SHARD_COUNT: '0' is no number of shards from 1 on"),
        ("-1", "", "SHARD_COUNT: '-1' is no number of shards from 1 on"),
        ("two", "", "SHARD_COUNT: 'two' is no number of shards from 1 on"),
        ("9" * 5000, "", "SHARD_COUNT: "),
        ("", "0", "SHARD_IDS: needs SHARD_COUNT, the number of shards in all processes together"),
        ("4", "4", "SHARD_IDS: 4 is not below SHARD_COUNT (4); shards count from 0"),
        ("4", "2-5", "SHARD_IDS: 4 is not below SHARD_COUNT (4); shards count from 0"),
        ("4", "1,0-1", "SHARD_IDS: 1 is named twice"),
        ("4", "3-1", "SHARD_IDS: '3-1' is no shard; write numbers such as 0,1 or a range such as 0-3"),
        ("4", "1-", "SHARD_IDS: '1-' is no shard"),
        ("4", "-1", "SHARD_IDS: '-1' is no shard"),
        ("4", "0;1", "SHARD_IDS: '0;1' is no shard"),
        ("4", "all", "SHARD_IDS: 'all' is no shard"),
        ("4", "0-99999", "SHARD_IDS: 4 is not below"),
        ("4", "9" * 5000, "SHARD_IDS: "),
    ],
)
def test_shards_that_cannot_be_are_refused_by_the_key_that_is_wrong(count: str, ids: str, refusal: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"SHARD_COUNT": count, "SHARD_IDS": ids})
    assert str(refused.value).startswith(refusal)


def test_of_several_ids_the_wrong_one_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^OWNER_IDS: 'me' "):
        Settings.from_env({"OWNER_IDS": "12,me,34"})


def test_all_that_is_wrong_is_said_at_once_and_nothing_that_only_follows_from_it() -> None:
    wrong = {
        "DISCORD_TOKEN": "two words",
        "LOG_LEVEL": "LOUD",
        "OWNER_IDS": "me",
        "SHARD_COUNT": "two",
        "SHARD_IDS": "0",
    }
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"BRIEFS_DIR": "briefs"} | wrong)
    keys = [line.partition(":")[0] for line in str(refused.value).splitlines()]
    assert sorted(keys) == ["DISCORD_TOKEN", "LOG_LEVEL", "OWNER_IDS", "SHARD_COUNT"]


@pytest.mark.parametrize(
    ("url", "given", "database"),
    [
        ("postgresql://bot@db/log", {"PGPASSWORD": "p&1"}, "postgresql://bot@db/log?password=p%261"),
        (
            "postgresql://bot@db/log?ssl=1",
            {"PGPASSFILE": "/run/pgpass"},
            "postgresql://bot@db/log?passfile=%2Frun%2Fpgpass&ssl=1",
        ),
        ("postgresql://bot:p%40@db/log", {"PGPASSWORD": "other"}, "postgresql://bot:p%40@db/log"),
        ("postgresql://bot@db/log?password=own", {"PGPASSWORD": "other"}, "postgresql://bot@db/log?password=own"),
        ("sqlite:///a.db", {"PGPASSWORD": "other"}, Path("a.db")),
    ],
)
def test_the_password_of_postgresql_may_be_a_setting_of_its_own_and_the_url_beats_it(
    url: str, given: dict[str, str], database: Path | str
) -> None:
    settings = Settings.from_env({"DATABASE_URL": url} | given)
    assert settings.database == database
    assert not [value for value in given.values() if value in repr(settings)]


def test_the_token_is_in_no_representation() -> None:
    settings = Settings.from_env({"DISCORD_TOKEN": TOKEN})
    assert settings.token == TOKEN
    assert TOKEN not in f"{settings} {settings!r} {[settings]}"


def test_other_variables_of_the_environment_are_none_of_its_business() -> None:
    assert Settings.from_env({"PATH": "/bin", "TOKEN": "x", "discord_token": "x", "DATABASE": "x"}) == Settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().token = TOKEN  # type: ignore[misc]
