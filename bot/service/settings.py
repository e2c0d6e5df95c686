"""The settings: one object, built once from the environment and the command line. .env.example explains each."""

import ipaddress
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bot.errors import SettingsError
from bot.language.stemming import LANGUAGES, stemmer_of
from bot.language.tags import canonical
from bot.language.texts import whole_number

LogFormat = Literal["text", "json"]

T = TypeVar("T")

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")
_SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


class Address(NamedTuple):
    """An IP address of this machine, and a port there."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. ``database`` is an SQLite file or the URL of a PostgreSQL database.

    ``token_key`` is the name of the setting that the token came from. ``repr`` leaves out the token, and
    the URL with its password.
    """

    token: str | None = field(default=None, repr=False)
    token_key: str = "DISCORD_TOKEN"  # noqa: S105 - a name
    briefs_dir: Path = Path("briefs")
    database: Path | str = field(default=Path("data/lookups.db"), repr=False)
    user_hash_key_file: Path = Path("data/user_hash.key")
    log_level: int = logging.INFO
    log_format: LogFormat = "text"
    retention_days: int = 30
    owner_ids: frozenset[int] = frozenset()
    home_guild_id: int | None = None
    admin_role_ids: frozenset[int] = frozenset()
    dev_guild_id: int | None = None
    base_language: str = "en"
    answer_direct_messages: bool = True
    answer_mentions: bool = False
    stemmer: str = "english"
    health_address: Address | None = None
    shard_count: int | None = None
    shard_ids: tuple[int, ...] = ()

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Build the settings from ``environment``; a blank value counts as unset.

        Raises SettingsError, with a line for each setting that cannot be used.
        """
        given = {key: value.strip() for key, value in environment.items() if value.strip()}
        problems = _Problems()
        read = problems.read
        database = read(_database, given.get("DATABASE_URL", "sqlite:///data/lookups.db"), given)
        count = read(_shard_count, given.get("SHARD_COUNT"))
        settings = cls(
            token=read(_token, given),
            token_key=_token_key(given),
            briefs_dir=read(_path, "BRIEFS_DIR", given.get("BRIEFS_DIR", "briefs")),
            database=database,
            user_hash_key_file=read(
                _path, "USER_HASH_KEY_FILE", given.get("USER_HASH_KEY_FILE", _key_beside(database))
            ),
            log_level=read(_log_level, given.get("LOG_LEVEL", "INFO")),
            log_format=read(_log_format, given.get("LOG_FORMAT", "text")),
            retention_days=read(_days, given.get("RETENTION_DAYS", "30")),
            owner_ids=read(_snowflakes, "OWNER_IDS", given.get("OWNER_IDS", "")),
            home_guild_id=read(_snowflake, "HOME_GUILD_ID", given.get("HOME_GUILD_ID")),
            admin_role_ids=read(_snowflakes, "ADMIN_ROLE_IDS", given.get("ADMIN_ROLE_IDS", "")),
            dev_guild_id=read(_snowflake, "DEV_GUILD_ID", given.get("DEV_GUILD_ID")),
            base_language=(language := read(_language, given.get("BASE_LANGUAGE", "en"))),
            stemmer=read(_stemmer, given.get("STEMMER") or stemmer_of(language or "en")),
            answer_direct_messages=read(_switch, "ANSWER_DIRECT_MESSAGES", given.get("ANSWER_DIRECT_MESSAGES", "on")),
            answer_mentions=read(_switch, "ANSWER_MENTIONS", given.get("ANSWER_MENTIONS", "off")),
            health_address=read(_health_address, given.get("HEALTH_PORT")),
            shard_count=count,
            # Without a number that can be used for all, nothing can be said of some.
            shard_ids=read(_shard_ids, given.get("SHARD_IDS", ""), count)
            if count or "SHARD_COUNT" not in given
            else (),
        )
        if settings.shard_ids and len(settings.shard_ids) != count and isinstance(database, Path):
            problems.add("SHARD_IDS: one log for several processes needs PostgreSQL; set DATABASE_URL")
        problems.raise_them()
        return settings


class _Problems:
    """What is wrong with the settings, gathered so that all of it can be said at once."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def read(self, parse: Callable[..., T], *values: Any) -> T:
        """Return what ``parse`` makes of the values. If it refuses them, note why and return None.

        Nobody uses that None, for `raise_them` ends the reading.
        """
        try:
            return parse(*values)
        except SettingsError as error:
            self.add(str(error))
            return cast("T", None)

    def add(self, line: str) -> None:
        self._lines.append(line)

    def raise_them(self) -> None:
        if self._lines:
            raise SettingsError("\n".join(self._lines))


def _token_key(given: Mapping[str, str]) -> str:
    return "DISCORD_TOKEN_FILE" if "DISCORD_TOKEN_FILE" in given and "DISCORD_TOKEN" not in given else "DISCORD_TOKEN"


def _token(given: Mapping[str, str]) -> str | None:
    key, token = _token_key(given), given.get("DISCORD_TOKEN")
    if token is None and (path := given.get("DISCORD_TOKEN_FILE")):
        try:
            token = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            raise SettingsError(f"DISCORD_TOKEN_FILE: cannot read {path}; name a text file with the token") from None
        if not token:
            raise SettingsError(f"DISCORD_TOKEN_FILE: {path} is empty; write the token into it")
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise SettingsError(f"{key}: holds characters that no token has; copy it again from the Bot page")
    return token


def _database(url: str, given: Mapping[str, str]) -> Path | str:
    if url.startswith(_POSTGRES):
        return _with_password(_postgres(url), given.get("PGPASSWORD"), given.get("PGPASSFILE"))
    path = url.removeprefix(_SQLITE)
    if path == url or path.startswith(":"):
        scheme = url.split(":", 1)[0]  # the rest may hold a password
        raise SettingsError(
            f"DATABASE_URL: {scheme!r} is not supported; write sqlite:///data/lookups.db or postgresql://…"
        )
    if not Path(path).name or "\0" in path:
        raise SettingsError("DATABASE_URL: names no file; write sqlite:///data/lookups.db or the like")
    return Path(path)


def _key_beside(database: Path | str) -> str:
    return str((database.parent if isinstance(database, Path) else Path("data")) / "user_hash.key")


def _postgres(url: str) -> str:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - fails if it is no number
    except ValueError:
        raise SettingsError(
            "DATABASE_URL: is no URL of a database; write postgresql://user@host:5432/name, with % codes in a password"
        ) from None
    if "@" in parts.path:
        raise SettingsError("DATABASE_URL: has a / in its password; write %2F for it")
    if not parts.path.strip("/"):
        raise SettingsError("DATABASE_URL: names no database; write postgresql://user@host:5432/name")
    return url


def _with_password(url: str, password: str | None, passfile: str | None) -> str:
    """Add the password to a URL without one. The driver would look for it in the environment, but not in .env."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    added = {key: value for key, value in (("password", password), ("passfile", passfile)) if value}
    if parts.password is not None or not added:
        return url
    return urlunsplit(parts._replace(query=urlencode(added | options)))


def _path(key: str, path: str) -> Path:
    if "\0" in path:
        raise SettingsError(f"{key}: holds the character NUL, which no path has")
    return Path(path)


def _log_level(name: str) -> int:
    levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    if name.upper() not in levels:
        raise SettingsError(f"LOG_LEVEL: {name!r} is none of {', '.join(levels)}")
    return logging.getLevelNamesMapping()[name.upper()]


def _log_format(name: str) -> LogFormat:
    if name not in ("text", "json"):
        raise SettingsError(f"LOG_FORMAT: {name!r} is neither text nor json")
    return cast("LogFormat", name)


def _language(tag: str) -> str:
    if (language := canonical(tag)) is None:
        raise SettingsError(f"BASE_LANGUAGE: {tag[:50]!r} is no language tag; write en, uk or pt-BR, for example")
    return language


def _switch(key: str, value: str) -> bool:
    if value.lower() not in _SWITCH:
        raise SettingsError(f"{key}: {value!r} is neither on nor off")
    return _SWITCH[value.lower()]


def _stemmer(name: str) -> str:
    if name not in LANGUAGES:
        raise SettingsError(f"STEMMER: {name!r} is none of {', '.join(LANGUAGES)}")
    return name


def _health_address(value: str | None) -> Address | None:
    """Return the address of the health port. A port alone is on the loopback interface, closed to other machines."""
    if value is None:
        return None
    host, _, port = value.rpartition(":") if ":" in value else ("127.0.0.1", "", value)
    try:
        ipaddress.ip_address(bare := host.removeprefix("[").removesuffix("]"))
        if number := whole_number(port, 1, 65535):
            return Address(bare, number)
    except ValueError:
        pass
    raise SettingsError(f"HEALTH_PORT: {value[:50]!r} is no port; write 8080, or 0.0.0.0:8080 to let other machines in")


def _days(value: str) -> int:
    if (days := whole_number(value, 1, 99_999)) is None:
        raise SettingsError(f"RETENTION_DAYS: {value!r} is no number of days from 1 on")
    return days


def _shard_count(value: str | None) -> int | None:
    if value is None:
        return None
    if (count := whole_number(value, 1, 99_999)) is None:
        raise SettingsError(f"SHARD_COUNT: {value!r} is no number of shards from 1 on")
    return count


def _shard_ids(value: str, count: int | None) -> tuple[int, ...]:
    """Return the numbers of a list such as "0, 4-7"; none if it is blank."""
    ids: list[int] = []
    for part in value.replace(",", " ").split():
        first, _, last = part.partition("-")
        low, high = (whole_number(end, 0, 99_999) for end in (first, last if "-" in part else first))
        if low is None or high is None or high < low:
            raise SettingsError(f"SHARD_IDS: {part!r} is no shard; write numbers such as 0,1 or a range such as 0-3")
        ids += range(low, high + 1)
    if ids and count is None:
        raise SettingsError("SHARD_IDS: needs SHARD_COUNT, the number of shards in all processes together")
    for number, times in Counter(ids).items():
        if count is not None and number >= count:
            raise SettingsError(f"SHARD_IDS: {number} is not below SHARD_COUNT ({count}); shards count from 0")
        if times > 1:
            raise SettingsError(f"SHARD_IDS: {number} is named twice")
    return tuple(ids)


def _snowflakes(key: str, value: str) -> frozenset[int]:
    ids = (_snowflake(key, part) for part in value.replace(",", " ").split())
    return frozenset(each for each in ids if each is not None)


def _snowflake(key: str, value: str | None) -> int | None:
    if value is None:
        return None
    if (snowflake := whole_number(value, 1)) is None:
        raise SettingsError(f"{key}: {value!r} is no id; turn on Developer Mode in Discord and choose Copy ID")
    return snowflake
