"""What the tests of administration share: a bot over three short briefs, who acts on it, and what it keeps."""

import copy
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

from bot.answering.matcher import Matcher
from bot.authoring.folder_lock import NAME
from bot.briefs.brief import BriefBase
from bot.briefs.brief_file import read_brief
from tests.brief_files import base_of, judging
from tests.conftest import Start
from tests.databases import records
from tools.fake_discord import (
    MANAGER,
    Exchange,
    FakeDiscord,
    Guild,
    Json,
    User,
    Where,
    channel_json,
    nested,
    rules,
    user_json,
)  # fmt: skip
from tools.matchers import matcher_of
from tools.running import Running

ADMIN = Where(permissions=MANAGER)
"""Somebody who manages the first server."""

SECOND = Guild(1_555_000_000_000_000_000, "Second")
"""A server that a test joins beside the first one."""

OTHER = Where(permissions=MANAGER, user=User(1_000_000_000_000_000_088, "other admin"))
"""Another one."""

FILES = {
    "cats.yaml": """\
# Kept by the cat desk.
title: Cats
aliases: [kitties]  # as children say
questions:
  - Who let the cats out?
summary: Cats are animals that purr.
as_of: 2024-10
sources:
  - name: A cat
""",
    "dogs.yaml": """\
title: Dogs
aliases:
  - hounds
summary: Dogs are animals that bark.
as_of: 2024-10
sources:
  - name: A dog
related: [cats]
""",
    "ships.yaml": """\
title: Cargo ships
summary: Ships carry things over the sea.
as_of: 2024-10
sources:
  - name: A report
""",
}
"""A small base: each change builds two matchers, which takes the less time the smaller the base is."""


class TeamsDiscord(FakeDiscord):
    """A Discord whose application belongs to a team, of which one has joined and one has been invited."""

    MATE, INVITED = 71, 72

    def application_json(self) -> Json:
        members = [
            {"user": user_json(User(user, "mate")), "membership_state": joined, "team_id": "9", "role": "admin"}
            for user, joined in ((self.MATE, 2), (self.INVITED, 1))
        ]
        team = {"id": "9", "name": "Team", "icon": None, "owner_user_id": str(self.MATE), "members": members}
        return super().application_json() | {"team": team}


def small_matcher() -> Matcher:
    """Return the matcher of FILES."""
    briefs = [read_brief(name, text.encode()).brief for name, text in FILES.items()]
    return matcher_of(base_of(*filter(None, briefs)))


def literal(base: BriefBase) -> Matcher:
    """Return a matcher that finds a brief by a phrase in full alone, so that everything else is unanswered."""
    return judging(base, answer=2, suggest=2)


async def literally(start: Start, fake: FakeDiscord) -> Running:
    """Start a bot in two servers that leaves unanswered whatever is no phrase of a brief."""
    bot = await start(home_guild_id=fake.guilds[0].id)
    bot.keeper.build = literal
    bot.keeper.matcher = literal(bot.keeper.matcher.base)
    bot.desk.use(bot.keeper.matcher, {})
    await fake.join(SECOND)
    return bot


def rows(bot: Running, table: str) -> list[dict[str, Any]]:
    """Return a table as another process would read it."""
    return records(bot.folder.parent, f"SELECT * FROM {table} ORDER BY 1")


def files(folder: Path) -> dict[str, bytes]:
    """Return everything in a folder by its name, however it is named, but for its lock."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != NAME}


def kept(bot: Running) -> dict[str, Any]:
    """Return all that an admin can change: what no refused action may touch."""
    tables = ("versions", "drafts", "unfinished", "ignored", "announcements", "corrections")
    return {"files": files(bot.folder)} | {table: rows(bot, table) for table in tables}


async def with_button(fake: FakeDiscord, custom_id: str, options: Sequence[str] = ()) -> dict[str, Any]:
    """Return a message for everybody with one button, or one menu, that has this custom_id, real or forged."""
    public = await fake.slash("brief", {"query": "cats"})
    message = copy.deepcopy(public.message or {})
    component: dict[str, Any] = {"type": 2, "id": 2, "style": 2, "label": "press", "custom_id": custom_id}
    if options:
        entries = [{"label": each, "value": each} for each in options]
        component = {"type": 3, "id": 2, "custom_id": custom_id, "options": entries}
    message["components"] = [{"type": 1, "id": 1, "components": [component]}]
    return message


async def announce(fake: FakeDiscord, channel: int | None, **where: Unpack[Where]) -> Exchange:
    """`/briefs announce`, whose option is a channel, as Discord sends it."""
    spec = fake.command("briefs", 1, where)
    values = [] if channel is None else [{"name": "channel", "type": 7, "value": str(channel)}]
    data = fake.command_data(spec, nested(spec, ["announce"], values))
    if channel is not None:
        resolved = channel_json(fake.guild_of(where)) | {"id": str(channel), "permissions": str(MANAGER.value)}
        data["resolved"] = {"channels": {str(channel): resolved}}
    return await fake.interact(rules.COMMAND, data, where)


async def settled(shown: Exchange) -> str:
    """Return what an interaction said in the end, whether at once, in place of a deferral, or in a follow-up."""
    if shown.callback and shown.callback["type"] in (5, 6):
        await shown.until(lambda it: len(it.responses) > 1)
    last = shown.followups[-1] if shown.followups else shown.message
    return rules.displayed_text(last or {})


def form(opened: Exchange) -> dict[str, str]:
    """Return what the fields of an opened form hold, by their custom_id."""
    assert opened.modal, opened.text
    fields = (part["component"] for part in opened.modal["components"] if "component" in part)
    return {field["custom_id"]: field.get("value") or "" for field in fields}


async def attached(fake: FakeDiscord, shown: Exchange) -> dict[str, bytes]:
    """Return the files of a response by their names."""
    await settled(shown)
    return {each["filename"]: fake.files[each["id"]].data for each in (shown.message or {})["attachments"]}


async def edit(fake: FakeDiscord, brief: str, text: str, who: Where = ADMIN) -> Exchange:
    """Send the form of `/briefs edit` with this YAML and return what comes of it."""
    opened = await fake.slash("briefs edit", {"brief": brief, "as_yaml": True}, **who)
    shown = await fake.submit(opened, {"text": text})
    await settled(shown)
    return shown


async def press(fake: FakeDiscord, shown: Exchange, which: str | re.Pattern[str], *values: str) -> str:
    """Press a button, or choose from a menu, and return what is said then."""
    return await settled(await fake.press(shown, which, values))
