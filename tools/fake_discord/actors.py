"""Users, servers and files, and the JSON by which Discord describes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

import discord

from tools.fake_discord.rules import Json

MEMBER = discord.Permissions(
    view_channel=True, send_messages=True, read_message_history=True, use_application_commands=True
)
MANAGER = MEMBER | discord.Permissions(manage_guild=True)
ATTACHMENT_LIMIT = 10 * 2**20
"""Bytes of a file that one may send."""


@dataclass(frozen=True)
class User:
    id: int
    name: str
    roles: tuple[int, ...] = ()
    bot: bool = False


@dataclass(frozen=True)
class Guild:
    """A server with one text channel. Only a community server can have another locale than American English."""

    id: int
    name: str = "Test server"
    owner: int = 1
    roles: Mapping[int, str] = field(default_factory=dict)
    community_locale: str | None = None

    @property
    def features(self) -> list[str]:
        return ["COMMUNITY"] if self.community_locale else []

    @property
    def locale(self) -> str:
        return self.community_locale or "en-US"

    @property
    def channel(self) -> int:
        return self.id + 1


@dataclass(frozen=True)
class Upload:
    filename: str
    data: bytes
    content_type: str = "application/octet-stream"
    claimed: int | None = None
    """The size that the attachment is said to have; None for the true one."""


class Where(TypedDict, total=False):
    """Who acts and where (a member in the first server if nothing is said), and how long the bot may take."""

    user: User
    guild: Guild
    dm: bool
    among: bool
    """Whether they act in a group, or in direct messages with somebody else: the bot is there for whoever installed it,
    and is no member."""
    permissions: discord.Permissions
    locale: str
    within: float
    expect_answer: bool


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name,
        "global_name": None,
        "discriminator": "0",
        "avatar": None,
        "bot": user.bot,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }


def member_json(user: User) -> Json:
    return {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(role) for role in user.roles],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }


def channel_json(guild: Guild) -> Json:
    return {
        "id": str(guild.channel),
        "type": 0,
        "guild_id": str(guild.id),
        "name": "general",
        "position": 0,
        "permission_overwrites": [],
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "flags": 0,
    }


def guild_json(guild: Guild, bot: User) -> Json:
    roles = {guild.id: "@everyone", **guild.roles}
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner),
        "icon": None,
        "unavailable": False,
        "large": False,
        "member_count": 2,
        "joined_at": "2024-01-01T00:00:00+00:00",
        "preferred_locale": guild.locale,
        "features": guild.features,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role_json(role, name) for role, name in roles.items()],
        "members": [member_json(bot) | {"user": user_json(bot)}],
        "channels": [channel_json(guild)],
        "threads": [],
        "emojis": [],
        "stickers": [],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def role_json(role: int, name: str) -> Json:
    return {
        "id": str(role),
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "icon": None,
        "unicode_emoji": None,
        "hoist": False,
        "position": 0,
        "permissions": str(MEMBER.value),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
