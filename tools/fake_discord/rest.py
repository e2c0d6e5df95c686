"""What Discord offers over HTTP: the application, its commands, responses to interactions, messages in channels."""

import time
from contextlib import suppress
from copy import deepcopy

from aiohttp import web

from tools.fake_discord import rules
from tools.fake_discord.actors import Upload, User, channel_json, user_json
from tools.fake_discord.components import number
from tools.fake_discord.exchange import Exchange
from tools.fake_discord.options import focused_type
from tools.fake_discord.replies import ApiError, refuse, reply, unknown_interaction, unknown_message
from tools.fake_discord.rules import Json
from tools.fake_discord.server import Route, read
from tools.fake_discord.state import API, State

NO_HISTORY = 160002
REFUSALS = {
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
    NO_HISTORY: "Cannot reply without permission to read message history",
}
"""What Discord says, with status 403, where a bot may not write or, by the last, not reply."""

PIECE = 1 << 16
"""Bytes of a file that are sent at a time."""


class Rest:
    """The routes of Discord's API, over one state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def routes(self) -> list[Route]:
        hook, channel = f"{API}/webhooks/{{app}}/{{token}}", f"{API}/channels/{{channel}}"
        commands = f"{API}/applications/{{app}}"
        return [
            ("GET", f"{API}/users/@me", self._me),
            ("GET", f"{API}/oauth2/applications/@me", self._about_application),
            ("GET", f"{API}/gateway", self._gateway_address),
            ("GET", f"{API}/gateway/bot", self._gateway_address),
            ("GET", f"{commands}/commands", self._get_commands),
            ("PUT", f"{commands}/commands", self._put_commands),
            ("GET", f"{commands}/guilds/{{guild}}/commands", self._get_commands),
            ("PUT", f"{commands}/guilds/{{guild}}/commands", self._put_commands),
            ("POST", f"{API}/interactions/{{id}}/{{token}}/callback", self._callback),
            ("POST", hook, self._follow_up),
            ("GET", f"{hook}/messages/{{message}}", self._get_response),
            ("PATCH", f"{hook}/messages/{{message}}", self._edit_response),
            ("DELETE", f"{hook}/messages/{{message}}", self._delete_response),
            ("POST", f"{API}/users/@me/channels", self._open_conversation),
            ("GET", channel, self._get_channel),
            ("GET", f"{channel}/messages", self._get_history),
            ("POST", f"{channel}/messages", self._send_to_channel),
            ("GET", f"{channel}/messages/{{message}}", self._get_in_channel),
            ("PATCH", f"{channel}/messages/{{message}}", self._edit_in_channel),
            ("DELETE", f"{channel}/messages/{{message}}", self._delete_in_channel),
            ("GET", "/attachments/{id}/{name}", self._file),
        ]

    async def _me(self, _: web.Request) -> web.StreamResponse:
        return reply(user_json(self.state.bot))

    async def _about_application(self, _: web.Request) -> web.StreamResponse:
        return reply(self.state.application_json())

    async def _gateway_address(self, request: web.Request) -> web.StreamResponse:
        limit = {
            "total": 1000,
            "remaining": self.state.session_starts_left,
            "reset_after": 14_400_000,
            "max_concurrency": self.state.max_concurrency,
        }
        about = {"shards": self.state.recommended_shards, "session_start_limit": limit}
        more = about if request.path.endswith("/bot") else {}
        return reply({"url": self.state.gateway_url, **more})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        upload = self.state.files.get(request.match_info["id"])
        if upload is None:
            raise ApiError(404, 0, "404: Not Found", fault=False)
        response = web.StreamResponse(headers={"Content-Type": upload.content_type})
        await response.prepare(request)
        with suppress(ConnectionError):  # whoever has read enough leaves
            for start in range(0, len(upload.data), PIECE):
                await response.write(upload.data[start : start + PIECE])
                self.state.served += PIECE
            await response.write_eof()
        return response

    # Commands

    def _scope(self, request: web.Request) -> int | None:
        if request.match_info["app"] != str(self.state.application_id):
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        if "guild" not in request.match_info:
            return None
        guild_id = int(request.match_info["guild"])
        if guild_id not in {guild.id for guild in self.state.guilds}:
            raise ApiError(403, 50001, "Missing Access")
        return guild_id

    async def _get_commands(self, request: web.Request) -> web.StreamResponse:
        commands = self.state.commands.get(self._scope(request), [])
        whole = request.query.get("with_localizations", "false").lower() == "true"
        return reply(commands if whole else [without_localizations(each) for each in commands])

    async def _put_commands(self, request: web.Request) -> web.StreamResponse:
        scope = self._scope(request)
        payload, _ = await read(request)
        refuse(rules.command_violations(payload))
        before = self.state.commands.get(scope, [])
        if any(each["type"] == 4 for each in before) and all(each.get("type") != 4 for each in payload):
            raise ApiError(400, 50240, "You cannot remove this app's Entry Point command in a bulk update operation.")
        ids = {(each["type"], each["name"]): each["id"] for each in before}
        self.state.commands[scope] = [self.state.registered(each, ids, scope) for each in payload]
        return reply(self.state.commands[scope])

    # Responses to interactions

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        payload, uploads = await read(request)
        exchange = self.state.exchanges.get(request.match_info["token"])
        if exchange is None or exchange.id != request.match_info["id"]:
            raise unknown_interaction()
        if exchange.callback:
            # Who was handed one interaction twice cannot know that the other copy was answered.
            known = exchange.heard() and not exchange.redelivered
            raise ApiError(400, 40060, "Interaction has already been acknowledged.", fault=known)
        if time.monotonic() - exchange.sent > self.state.answer_within:
            raise unknown_interaction()
        source = exchange.payload.get("message")
        refuse(
            rules.callback_violations(
                payload,
                exchange.payload["type"],
                message=source and self.state.messages.get(source["id"], source),
                option=focused_type(exchange.payload.get("data") or {}),
                uploads=[upload.filename for upload in uploads],
            )
        )
        self._carry_out(exchange, payload, uploads)
        exchange.connection = request.transport
        exchange.answer(payload)
        if request.query.get("with_response", "0").lower() not in ("1", "true"):
            return web.Response(status=204)
        return reply(self._outcome(exchange, payload["type"]))

    def _carry_out(self, exchange: Exchange, payload: Json, uploads: list[Upload]) -> None:
        kind, data = payload["type"], payload.get("data") or {}
        if kind in (4, 5):
            message = self.state.blank_response(exchange)
            message["flags"] = rules.LOADING | (data.get("flags") or 0) if kind == 5 else 0
            if kind == 4:
                message = self.state.applied(message, data, uploads)
                self.state.note_pings(data, "users")
            self.state.keep(exchange, message)
            exchange.original = message["id"]
        elif kind in (6, 7):
            exchange.original = exchange.payload["message"]["id"]
            if kind == 7:
                self.state.edit(exchange.original, data, uploads)
        elif kind == 9:
            exchange.modal = deepcopy(data)
            number(exchange.modal["components"])

    def _outcome(self, exchange: Exchange, kind: int) -> Json:
        interaction: Json = {"id": exchange.id, "type": exchange.payload["type"]}
        resource: Json = {"type": kind}
        if exchange.message and kind in (4, 5, 6, 7):
            interaction["response_message_id"] = exchange.original
            interaction["response_message_loading"] = kind == 5
            interaction["response_message_ephemeral"] = exchange.ephemeral
            resource["message"] = exchange.message
        return {"interaction": interaction, "resource": resource}

    def _exchange_of(self, request: web.Request) -> Exchange:
        """The answered interaction that a webhook's address belongs to."""
        exchange = self.state.exchanges.get(request.match_info["token"])
        if not exchange or not exchange.callback or request.match_info["app"] != str(self.state.application_id):
            raise ApiError(404, 10015, "Unknown Webhook")
        if time.monotonic() - exchange.sent > self.state.token_lifetime:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return exchange

    async def _follow_up(self, request: web.Request) -> web.StreamResponse:
        payload, uploads = await read(request)
        exchange = self._exchange_of(request)
        refuse(rules.message_violations(payload, "followup", uploads=[each.filename for each in uploads]))
        owners = exchange.payload["authorizing_integration_owners"]
        if "0" not in owners and len(exchange.follow_up_ids) >= 5:
            raise ApiError(400, 40094, "This interaction has reached the maximum number of follow-up messages")
        self.state.note_pings(payload, "users")
        waiting = exchange.message and exchange.message["flags"] & rules.LOADING
        if waiting and exchange.original:
            # The first follow-up to a deferred response fills it, and who sees it was settled when deferring.
            if (payload.get("flags") or 0) & rules.EPHEMERAL and not exchange.ephemeral:
                self.state.faults.append("follow-up: meant to be ephemeral, but the response was deferred in public")
            message = self.state.edit(exchange.original, payload, uploads)
        else:
            message = self.state.applied(self.state.blank_response(exchange), payload, uploads)
            self.state.keep(exchange, message)
            exchange.follow_up_ids.append(message["id"])
        exchange.responses.append(payload)
        return reply(message)

    def _response_of(self, request: web.Request) -> tuple[Exchange, str]:
        exchange, which = self._exchange_of(request), request.match_info["message"]
        message_id = exchange.original if which == "@original" else which
        if message_id not in (exchange.original, *exchange.follow_up_ids) or message_id not in self.state.messages:
            raise unknown_message()
        return exchange, message_id

    async def _get_response(self, request: web.Request) -> web.StreamResponse:
        return reply(self.state.messages[self._response_of(request)[1]])

    async def _edit_response(self, request: web.Request) -> web.StreamResponse:
        payload, uploads = await read(request)
        exchange, message_id = self._response_of(request)
        before = self.state.messages[message_id]
        names = [each.filename for each in uploads]
        refuse(rules.message_violations(payload, "edit", before=before, uploads=names))
        if before["flags"] & rules.LOADING:
            self.state.note_pings(payload, "users")
        message = self.state.edit(message_id, payload, uploads)
        exchange.responses.append(payload)
        return reply(message)

    async def _delete_response(self, request: web.Request) -> web.StreamResponse:
        del self.state.messages[self._response_of(request)[1]]
        return web.Response(status=204)

    # Messages in channels

    def _channel(self, request: web.Request) -> Json:
        channel_id = request.match_info["channel"]
        if int(channel_id) in self.state.unreachable_channels:
            raise ApiError(403, 50001, "Missing Access", fault=False)
        known = [channel_json(guild) for guild in self.state.guilds] + list(self.state.direct_channels.values())
        for channel in known:
            if channel["id"] == channel_id:
                return channel
        raise ApiError(404, 10003, "Unknown Channel")

    def _message_in(self, request: web.Request) -> Json:
        message = self.state.messages.get(request.match_info["message"])
        channel_id = self._channel(request)["id"]
        # An ephemeral message is in no channel; its interaction alone leads to it.
        if message is None or message["channel_id"] != channel_id or message["flags"] & rules.EPHEMERAL:
            raise unknown_message()
        return message

    async def _open_conversation(self, request: web.Request) -> web.StreamResponse:
        payload, _ = await read(request)
        refuse(rules.conversation_violations(payload))
        return reply(self.state.conversation(User(int(payload["recipient_id"]), "somebody")))

    async def _get_history(self, request: web.Request) -> web.StreamResponse:
        """Messages of a channel, the newest first; with `after` those that follow it, as many as `limit`."""
        channel = self._channel(request)
        limit, after = int(request.query.get("limit", 50)), int(request.query.get("after", 0))
        if not 1 <= limit <= 100:
            raise ApiError(400, 50035, "Invalid Form Body")
        shown = [
            message
            for message in self.state.messages.values()
            if message["channel_id"] == channel["id"]
            and int(message["id"]) > after
            and not message["flags"] & rules.EPHEMERAL
        ]
        shown.sort(key=lambda message: int(message["id"]))
        part = shown[:limit] if "after" in request.query else shown[-limit:]
        known = [{key: value for key, value in message.items() if key != "nonce"} for message in part]
        return reply(known[::-1])

    async def _get_channel(self, request: web.Request) -> web.StreamResponse:
        return reply(self._channel(request))

    async def _send_to_channel(self, request: web.Request) -> web.StreamResponse:
        channel = self._channel(request)
        channel_id = int(channel["id"])
        payload, uploads = await read(request)
        if any(int(each["id"]) in self.state.closed_to_the_bot for each in channel.get("recipients", [])):
            raise ApiError(403, 50007, "Cannot send messages to this user", fault=False)
        refuse(rules.message_violations(payload, "channel", uploads=[each.filename for each in uploads]))
        reply_to = self._replied_to(payload.get("message_reference"), channel_id)
        code = self.state.refusals.get(channel_id)
        if code and (code != NO_HISTORY or payload.get("message_reference")):
            raise ApiError(403, code, REFUSALS[code], fault=False)
        if payload.get("enforce_nonce") and (sent := self.state.sent_by_nonce.get(payload.get("nonce"))):
            return reply(sent)
        message = self.state.applied(self.state.blank_message(channel_id, self.state.bot), payload, uploads)
        if payload.get("nonce"):
            message["nonce"] = payload["nonce"]
            self.state.sent_by_nonce[payload["nonce"]] = message
        self.state.note_pings(payload, "users", "roles", "everyone")
        if reply_to:
            message |= {"type": 19, "message_reference": payload["message_reference"], "referenced_message": reply_to}
            if (payload.get("allowed_mentions") or {"replied_user": True}).get("replied_user"):
                message["mentions"] = [reply_to["author"]]
                self.state.pings.append(f"<@{reply_to['author']['id']}>")
        return reply(self.state.sent(message))

    def _replied_to(self, reference: Json | None, channel_id: int) -> Json | None:
        """The message that one is to reply to, None if it is gone and the reply may do without."""
        if reference is None:
            return None
        found = self.state.messages.get(str(reference["message_id"]))
        if int(reference.get("channel_id") or channel_id) != channel_id:
            raise no_reply("REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", "Cannot reply to a message in another channel")
        if found is None and reference.get("fail_if_not_exists") is not False:
            raise no_reply("MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        if found and found["type"] not in (0, 19, 20, 23):
            raise no_reply("REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
        return found

    async def _get_in_channel(self, request: web.Request) -> web.StreamResponse:
        return reply(self._message_in(request))

    async def _edit_in_channel(self, request: web.Request) -> web.StreamResponse:
        payload, uploads = await read(request)
        before = self._message_in(request)
        names = [each.filename for each in uploads]
        refuse(rules.message_violations(payload, "channel edit", before=before, uploads=names))
        return reply(self.state.edit(before["id"], payload, uploads))

    async def _delete_in_channel(self, request: web.Request) -> web.StreamResponse:
        del self.state.messages[self._message_in(request)["id"]]
        return web.Response(status=204)


def no_reply(code: str, message: str) -> ApiError:
    return ApiError(400, 50035, "Invalid Form Body", [rules.Violation(("message_reference",), code, message)])


def without_localizations(part: Json) -> Json:
    """A command, or an option of one, as Discord returns it unless it is asked for the translations."""
    kept = {key: value for key, value in part.items() if not key.endswith("_localizations")}
    return kept | ({"options": [without_localizations(each) for each in part["options"]]} if "options" in part else {})
