"""What members do: they use commands, press buttons, choose from menus and fill in forms."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from typing import Any, Unpack

import discord

from tools.environment import HANGS
from tools.fake_discord import rules
from tools.fake_discord.actors import (
    ATTACHMENT_LIMIT,
    MEMBER,
    Upload,
    User,
    Where,
    channel_json,
    member_json,
    user_json,
)
from tools.fake_discord.components import find_component, picked, typed_in
from tools.fake_discord.exchange import Exchange, NoAnswerError, until
from tools.fake_discord.gateway import Gateway
from tools.fake_discord.options import check_options, leaf_of, nested, option_type
from tools.fake_discord.rules import Json
from tools.fake_discord.state import State

OF_THE_APP = MEMBER | discord.Permissions(embed_links=True, attach_files=True, mention_everyone=True)


def inherit(origin: Exchange | None, where: Where) -> Where:
    """Return ``where``, with the user and server of an earlier interaction where it names none."""
    kept: Where = {**origin.where} if origin else {}
    kept.pop("within", None)
    kept.pop("expect_answer", None)
    return {**kept, **where}


class Members(State):
    """Whoever uses the bot."""

    @cached_property
    def gateway(self) -> Gateway:
        return Gateway(self)

    async def connected(self, within: float = HANGS, guild_id: int | None = None) -> None:
        """Wait until a client is there to be sent the events of a guild, or of direct messages."""
        await until(lambda: self.hears(guild_id), within)

    def hears(self, guild_id: int | None) -> bool:
        """Whether any client would be sent the events of a guild, or of direct messages, at this moment."""
        return any(each.connection and each.serves(guild_id) for each in self.gateway.sessions.values())

    async def slash(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        subcommand: str = "",
        **where: Unpack[Where],
    ) -> Exchange:
        """`/name`; a subcommand may also follow the name after a space."""
        path = f"{name} {subcommand}".split()
        spec = self.command(path[0], 1, where)
        given = dict(options or {})
        leaf = leaf_of(spec, path[1:])
        check_options(leaf, given)
        resolved: Json = {}
        values = [self._option(leaf, key, value, resolved) for key, value in given.items()]
        data = self.command_data(spec, nested(spec, path[1:], values))
        return await self.interact(rules.COMMAND, data | ({"resolved": resolved} if resolved else {}), where)

    async def autocomplete(
        self,
        name: str,
        option: str,
        text: str,
        others: Mapping[str, Any] | None = None,
        *,
        subcommand: str = "",
        **where: Unpack[Where],
    ) -> Exchange:
        """A member has typed `text` into an option so far; `others`: what the other options hold."""
        path = f"{name} {subcommand}".split()
        spec = self.command(path[0], 1, where)
        leaf = leaf_of(spec, path[1:])
        values = [self._option(leaf, key, value, {}) for key, value in (others or {}).items()]
        kind = option_type(leaf, option, text)
        values.append({"name": option, "type": kind, "value": text, "focused": True})
        data = self.command_data(spec, nested(spec, path[1:], values))
        return await self.interact(rules.AUTOCOMPLETE, data, where)

    async def message_command(
        self,
        name: str,
        message_text: str,
        *,
        author: User | None = None,
        carrying: Json | None = None,
        **where: Unpack[Where],
    ) -> Exchange:
        """A command from the menu of somebody's message, which may carry more than its text (tests/messages.py)."""
        spec = self.command(name, 3, where)
        author = author or User(1_000_000_000_000_000_003, "author")
        target = self.blank_message(self.channel_of(where), author) | {"content": message_text} | (carrying or {})
        data = self.command_data(spec, []) | {"target_id": target["id"]}
        data["resolved"] = {"messages": {target["id"]: target}}
        return await self.interact(rules.COMMAND, data, where)

    async def say(
        self,
        content: str,
        *,
        reply_to: Json | None = None,
        pings_author: bool = True,
        carrying: Json | None = None,
        **where: Unpack[Where],
    ) -> Json:
        """A member writes a message; a reply mentions who wrote what it replies to, unless that is switched off."""
        guild = None if where.get("dm") else self.guild_of(where)
        if guild is None:
            self.conversation(self.actor(where))
        await self.connected(guild_id=guild.id if guild else None)
        message = self.blank_message(self.channel_of(where), self.actor(where))
        message |= {"content": content, "nonce": str(self.snowflake()), **self._mentioned(content)}
        if reply_to:
            reference = {"type": 0, "channel_id": reply_to["channel_id"], "message_id": reply_to["id"]}
            reference |= {"guild_id": str(guild.id)} if guild else {}
            message |= {"type": 19, "message_reference": reference, "referenced_message": deepcopy(reply_to)}
            message["mentions"] += [reply_to["author"]] if pings_author else []
        message |= carrying or {}
        self.sent(message)
        await self.tell_news()
        return message

    def _mentioned(self, content: str) -> Json:
        """Whom a message mentions. Nobody in code; everybody only with a permission, so a test says so itself."""
        read = re.sub(r"```.*?```|`[^`\n]*`", "", content, flags=re.DOTALL)
        known = {each.id: each for each in (self.bot, self.user, self.owner)}
        ids = dict.fromkeys(map(int, re.findall(r"<@!?(\d+)>", read)))
        users = [user_json(known.get(each) or User(each, "somebody")) for each in ids]
        return {"mentions": users, "mention_roles": re.findall(r"<@&(\d+)>", read)}

    async def edit_message(self, message: Json, content: str) -> None:
        """A member edits a message of theirs."""
        edited = message | {"content": content, "edited_timestamp": message["timestamp"], **self._mentioned(content)}
        self.messages[message["id"]] = edited
        self.news.append(("MESSAGE_UPDATE", edited))
        await self.tell_news()

    async def replay(self, message: Json, *, wait: float = 0.2) -> None:
        """Tell of the same message once more, and give the bot a moment to do nothing about it."""
        self.news.append(("MESSAGE_CREATE", message))
        await self.tell_news()
        await asyncio.sleep(wait)

    async def tell_news(self) -> None:
        """Send the events about messages that happened since the last time."""
        while self.news:
            event, message = self.news.pop(0)
            guild = next((each for each in self.guilds if str(each.channel) == message["channel_id"]), None)
            direct = any(each["id"] == message["channel_id"] for each in self.direct_channels.values())
            if guild or direct:  # elsewhere the bot is no member
                await self.gateway.announce(event, message, guild)

    def written_after(self, message: Json) -> list[Json]:
        """What the bot has written since into the channel of a message."""
        there = [each for each in self.messages.values() if each["channel_id"] == message["channel_id"]]
        own = [each for each in there if each["author"]["id"] == str(self.bot.id)]
        return [each for each in own if int(each["id"]) > int(message["id"])]

    async def answer_to(self, message: Json, within: float = HANGS) -> Json:
        """Wait for what the bot writes after a message in its channel, and return it."""
        await until(lambda: self.written_after(message), within)
        return self.written_after(message)[0]

    async def press(
        self,
        message: Exchange | Json,
        which: str | re.Pattern[str],
        values: Sequence[str | User] = (),
        **where: Unpack[Where],
    ) -> Exchange:
        """Press the button, or choose from the menu, with this custom_id, label or placeholder.

        Who and where are those of the message's own interaction, unless told otherwise.
        """
        shown = message.message if isinstance(message, Exchange) else message
        assert shown is not None, "there is no message to press anything on"
        pressed = find_component(shown, which)
        origin = self.origins.get(shown["id"])
        where = inherit(origin, where)
        if origin and shown["flags"] & rules.EPHEMERAL:
            assert self.actor(where) == self.actor(origin.where), "an ephemeral message shows to its addressee alone"
        data: Json = {
            "custom_id": pressed["custom_id"],
            "component_type": pressed["type"],
            "id": pressed["id"],
        }
        if pressed["type"] != 2:
            data |= self._chosen(pressed, values)
        return await self.interact(rules.PRESS, data, where, shown)

    async def submit(
        self, modal: Exchange, values: Mapping[str, Any] | None = None, **where: Unpack[Where]
    ) -> Exchange:
        """Fill in and send a modal; values by custom_id or label: text, a list, a truth value or Uploads."""
        assert modal.modal is not None, f"no modal was opened: {modal.callback}"
        given = dict(values or {})
        resolved: Json = {}
        components = [self._filled_in(each, given, resolved) for each in modal.modal["components"]]
        assert not given, f"the modal does not ask for {sorted(given)}"
        data = {"custom_id": modal.modal["custom_id"], "components": components}
        data |= {"resolved": resolved} if resolved else {}
        return await self.interact(rules.SUBMIT, data, inherit(modal, where), modal.payload.get("message"))

    async def redeliver(self, exchange: Exchange, *, wait: float = 0.2) -> None:
        """Send the same interaction once more, and give the bot a moment to do nothing about it."""
        exchange.redelivered = True
        await self.dispatch(exchange)
        await asyncio.sleep(wait)

    # How that reaches the bot

    async def interact(self, kind: int, data: Json, where: Where, message: Json | None = None) -> Exchange:
        within = where.get("within", self.answer_within)
        payload = self.interaction(kind, data, where)
        await self.connected(guild_id=int(payload["guild_id"]) if "guild_id" in payload else None)
        if message is not None:
            payload["message"] = deepcopy(self.messages.get(message["id"], message))
        exchange = Exchange(payload, where, self.messages)
        self.exchanges[exchange.token] = exchange
        await self.dispatch(exchange)
        if not await exchange.answered(within) and where.get("expect_answer", True):
            raise NoAnswerError(f"no response within {within} s to {data}; faults: {self.faults}")
        return exchange

    async def dispatch(self, exchange: Exchange) -> None:
        guild_id = exchange.payload.get("guild_id")
        await self.gateway.dispatch("INTERACTION_CREATE", exchange.payload, int(guild_id) if guild_id else None)

    def interaction(self, kind: int, data: Json, where: Where) -> Json:
        user, locale = self.actor(where), where.get("locale", "en-US")
        payload: Json = {
            "id": str(self.snowflake()),
            "application_id": str(self.application_id),
            "type": kind,
            "token": f"aW50ZXJhY3Rpb246{self.snowflake()}",
            "version": 1,
            "data": data,
            "locale": locale,
            "channel_id": str(self.channel_of(where)),
            "app_permissions": str(OF_THE_APP.value),
            "entitlements": [],
            "attachment_size_limit": ATTACHMENT_LIMIT,
        }
        if where.get("among"):
            members = [user_json(user), user_json(User(1_000_000_000_000_000_004, "friend"))]
            channel = {"id": payload["channel_id"], "type": 3, "recipients": members, "owner_id": str(user.id)}
            channel |= {"name": "friends", "icon": None, "last_message_id": None, "flags": 0}
            installed = {"context": 2, "authorizing_integration_owners": {"1": str(user.id)}}
            return payload | installed | {"user": user_json(user), "channel": channel}
        if where.get("dm"):
            channel = self.conversation(user)
            installed = {"context": 1, "authorizing_integration_owners": {"0": "0"}}
            return payload | installed | {"user": user_json(user), "channel": channel}
        guild = self.guild_of(where)
        permissions = str(where.get("permissions", MEMBER).value)
        return payload | {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": guild.features},
            "guild_locale": guild.locale,
            "member": member_json(user) | {"user": user_json(user), "permissions": permissions},
            "channel": channel_json(guild) | {"permissions": permissions},
            "context": 0,
            # Where the bot itself is not a member, it was the user who installed the application.
            "authorizing_integration_owners": {"0": str(guild.id)} if guild in self.guilds else {"1": str(user.id)},
        }

    def command(self, name: str, kind: int, where: Where) -> Json:
        """The command as registered, if Discord shows it in such a place; one made up if none is registered at all."""
        if not self.commands:
            return {"id": "1", "name": name, "type": kind}
        guild_id = None if where.get("dm") else self.guild_of(where).id
        known = self.commands.get(guild_id, []) + self.commands.get(None, [])
        context = 2 if where.get("among") else 1 if where.get("dm") else 0
        shown = [each for each in known if each.get("contexts") is None or context in each["contexts"]]
        found = [each for each in shown if each["name"] == name and each["type"] == kind]
        assert found, f"no command {name!r} of type {kind} among {[each['name'] for each in shown]}"
        return found[0]

    def command_data(self, spec: Json, options: list[Json]) -> Json:
        data: Json = {"id": spec["id"], "name": spec["name"], "type": spec["type"], "options": options}
        if "guild_id" in spec:
            data["guild_id"] = spec["guild_id"]
        return data

    def _option(self, leaf: Json, name: str, value: Any, resolved: Json) -> Json:
        if isinstance(value, Upload):
            value = self._resolve_upload(value, resolved)
        elif isinstance(value, User):
            value = self._resolve_user(value, resolved)
        return {"name": name, "type": option_type(leaf, name, value), "value": value}

    def _resolve_upload(self, upload: Upload, resolved: Json) -> str:
        attachment = self.attach(upload) | {"ephemeral": True}
        resolved.setdefault("attachments", {})[attachment["id"]] = attachment
        return str(attachment["id"])

    def _resolve_user(self, user: User, resolved: Json) -> str:
        resolved.setdefault("users", {})[str(user.id)] = user_json(user)
        permissions = {"permissions": str(MEMBER.value)}
        resolved.setdefault("members", {})[str(user.id)] = member_json(user) | permissions
        return str(user.id)

    def _chosen(self, menu: Json, values: Sequence[str | User]) -> Json:
        low, high = menu.get("min_values"), menu.get("max_values") or 1
        assert (1 if low is None else low) <= len(values) <= high, f"{len(values)} chosen of {low} to {high}"
        if menu["type"] == 3:
            offered = [option["value"] for option in menu["options"]]
            assert set(values) <= set(offered), f"{values} chosen from {offered}"
        resolved: Json = {}
        ids = [self._resolve_user(each, resolved) if isinstance(each, User) else each for each in values]
        return {"values": ids} | ({"resolved": resolved} if resolved else {})

    def _filled_in(self, part: Json, given: dict[str, Any], resolved: Json) -> Json:
        """A part of a modal as it comes back, taking its values out of `given`."""
        answer: Json = {"type": part["type"], "id": part["id"]}
        if part["type"] == 18:
            inner = part["component"] | {"label": part["label"]}
            return answer | {"component": self._filled_in(inner, given, resolved)}
        if part["type"] == 1:
            return answer | {"components": [self._filled_in(each, given, resolved) for each in part["components"]]}
        if part["type"] == 10:
            return answer
        answer["custom_id"] = part["custom_id"]
        key = part["custom_id"] if part["custom_id"] in given else part["label"]
        value = given.pop(key, None)
        if part["type"] == 4:
            return answer | {"value": typed_in(part, value)}
        if part["type"] == 21:
            return answer | {"value": picked(part, value)}
        if part["type"] == 23:
            return answer | {"value": part.get("default", False) if value is None else value}
        if part["type"] == 19:
            value = [self._resolve_upload(each, resolved) for each in value or []]
        elif value is not None:
            value = self._chosen(part, value)["values"]
        assert value or part.get("required") is False, f"the modal requires {key!r}"
        return answer | {"values": value or []}
