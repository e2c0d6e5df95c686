"""What messages Discord takes, and what a message shows and whom it notifies."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

from tools.fake_discord.rules.components import CONTAINER, IN_CONTAINER, distinct, walk
from tools.fake_discord.rules.shapes import (
    LINK,
    MEDIA_URL,
    Json,
    Rule,
    Shape,
    Violation,
    array,
    bad,
    boolean,
    by_type,
    duplicates,
    matching,
    number,
    one_of,
    shape,
    snowflake,
    text,
    whole,
)

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
COMPONENTS_V2 = 1 << 15


Kind = Literal["callback", "update", "followup", "edit", "channel", "channel edit"]


def _embed_size(embed: Json) -> Iterator[Violation]:
    fields = embed.get("fields") or []
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    texts += [each[key] for each in fields for key in ("name", "value")]
    if sum(len(each or "") for each in texts) > 6000:
        yield bad("may hold 6000 characters in all", code="MAX_EMBED_SIZE_EXCEEDED")


_PICTURE = shape({"url": MEDIA_URL}, {})
EMBED = shape(
    {},
    {
        "type": one_of("rich"),
        "title": text(0, 256),
        "description": text(0, 4096),
        "url": LINK,
        "color": whole(0, 0xFFFFFF),
        "timestamp": matching(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?", "an ISO 8601 time", text(1, 40)),
        "footer": shape({}, {"text": text(0, 2048), "icon_url": MEDIA_URL}),
        "author": shape({}, {"name": text(0, 256), "url": LINK, "icon_url": MEDIA_URL}),
        "image": _PICTURE,
        "thumbnail": _PICTURE,
        "fields": array(shape({"name": text(1, 256), "value": text(1, 1024)}, {"inline": boolean}), 0, 25),
    },
    _embed_size,
)


def _either_parse_or_list(value: Json) -> Iterator[Violation]:
    for key in ("users", "roles"):
        if value.get(key) and key in (value.get("parse") or []):
            yield bad(f"parse and {key} exclude each other", key, code="MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE")


ALLOWED_MENTIONS = shape(
    {},
    {
        "parse": array(one_of("users", "roles", "everyone"), 0, 3, unique=True),
        "users": array(snowflake, 0, 100, unique=True),
        "roles": array(snowflake, 0, 100, unique=True),
        "replied_user": boolean,
    },
    _either_parse_or_list,
)
ATTACHMENT = shape(
    {"id": snowflake},
    {
        "filename": text(1, 1024),
        "description": text(0, 1024),
        "title": text(0, 1024),
        "is_spoiler": boolean,
        "is_remix": boolean,
        "duration_secs": number,
        "waveform": text(0, 400),
    },
)
REFERENCE = shape(
    {"message_id": snowflake},
    {"channel_id": snowflake, "guild_id": snowflake, "fail_if_not_exists": boolean, "type": one_of(0, 1)},
)


def _never(_: Any) -> Iterator[Violation]:
    yield bad("is not covered by this stand-in")


_BODY: Shape = {
    "content": text(0, 2000),
    "embeds": array(EMBED, 0, 10),
    "allowed_mentions": ALLOWED_MENTIONS,
    "components": array(by_type({**IN_CONTAINER, 17: CONTAINER}), 0, 40),
    "attachments": array(ATTACHMENT, 0, 10),
    "flags": whole(0, 2**31 - 1),
    "poll": _never,
}
_SENT: Shape = {**_BODY, "tts": boolean}
# discord.py sends `tts: false` with every edit, and Discord overlooks it.
_EDITED: Shape = {**_BODY, "tts": one_of(False)}
_IN_CHANNEL: Shape = {
    "sticker_ids": array(_never, 0, 3),
    "message_reference": REFERENCE,
    "nonce": text(0, 25),
    "enforce_nonce": boolean,
}
MESSAGE: Mapping[Kind, Rule] = {
    "callback": shape({}, _SENT),
    "followup": shape({}, _SENT),
    "channel": shape({}, {**_SENT, **_IN_CHANNEL}),
    "update": shape({}, _EDITED),
    "edit": shape({}, _EDITED),
    "channel edit": shape({}, _EDITED),
}
_EDIT_FLAGS = SUPPRESS_EMBEDS | COMPONENTS_V2
_CHANNEL_FLAGS = _EDIT_FLAGS | SUPPRESS_NOTIFICATIONS
SETTABLE_FLAGS: Mapping[Kind, int] = {
    "callback": _CHANNEL_FLAGS | EPHEMERAL,
    "followup": _CHANNEL_FLAGS | EPHEMERAL,
    "channel": _CHANNEL_FLAGS,
    "update": _EDIT_FLAGS,
    "edit": _EDIT_FLAGS,
    "channel edit": _EDIT_FLAGS,
}


def message_violations(
    payload: Any, kind: Kind, *, before: Json | None = None, uploads: Collection[str] = ()
) -> list[Violation]:
    """What is wrong with a message to be sent, or to be edited if `before` is the message as it stands."""
    found = list(MESSAGE[kind](payload))
    if found:
        return found
    found += _flag_violations(payload, kind, before)
    after = {**(before or {}), **payload}
    if uses_v2(payload, before):
        found += _v2_violations(payload, after)
    else:
        found += _v1_violations(payload)
    found += distinct(payload)
    found += _attachment_violations(payload, before, uploads)
    return found


def conversation_violations(payload: Any) -> list[Violation]:
    """What is wrong with a request to open the channel of direct messages with a user."""
    return list(shape({"recipient_id": snowflake}, {})(payload))


def uses_v2(payload: Json, before: Json | None = None) -> bool:
    return bool(((payload.get("flags") or 0) | ((before or {}).get("flags") or 0)) & COMPONENTS_V2)


def is_empty(message: Json, uploads: Collection[str] = ()) -> bool:
    """Whether nothing would be left to show, which Discord refuses with a code of its own."""
    content = (message.get("content") or "").strip()
    return not (content or uploads or any(message.get(key) for key in ("embeds", "components", "attachments")))


def _flag_violations(payload: Json, kind: Kind, before: Json | None) -> Iterator[Violation]:
    flags = payload.get("flags")
    if flags is None:
        return
    if flags & ~SETTABLE_FLAGS[kind]:
        yield bad(f"{flags & ~SETTABLE_FLAGS[kind]} cannot be set here", "flags")
    if before and before.get("flags", 0) & COMPONENTS_V2 and not flags & COMPONENTS_V2:
        yield bad("IS_COMPONENTS_V2 cannot be taken away", "flags", code="MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG")


def _v2_violations(payload: Json, after: Json) -> Iterator[Violation]:
    # What an earlier version of the message still holds counts as well; only there "" stands for no content.
    for key in ("content", "embeds"):
        if after.get(key) or payload.get(key) == "":
            yield bad(
                "cannot go with IS_COMPONENTS_V2",
                key,
                code="MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            )
    everything = [each for _, each in walk(payload.get("components") or [])]
    if len(everything) > 40:
        message = f"40 components at most, nested ones counted, there are {len(everything)}"
        yield bad(message, "components", code="COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED")
    length = sum(len(each["content"]) for each in everything if each["type"] == 10)
    if length > 4000:
        message = f"4000 characters at most in all text displays, there are {length}"
        yield bad(message, "components", code="COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED")


def _v1_violations(payload: Json) -> Iterator[Violation]:
    components = payload.get("components") or []
    if len(components) > 5:
        yield bad(f"5 rows at most, there are {len(components)}", "components", code="BASE_TYPE_BAD_LENGTH")
    for index, each in enumerate(components):
        if each["type"] != 1:
            yield bad("only rows go without IS_COMPONENTS_V2", "components", index, "type", code="BASE_TYPE_CHOICES")


def _attachment_violations(payload: Json, before: Json | None, uploads: Collection[str]) -> Iterator[Violation]:
    earlier = {str(each["id"]): each["filename"] for each in (before or {}).get("attachments") or []}
    listed = payload.get("attachments")
    names = set(uploads) | {each.get("filename") for each in listed or []}
    names |= set(earlier.values()) if listed is None else {earlier.get(str(each["id"])) for each in listed}
    for repeated in duplicates(str(each["id"]) for each in listed or []):
        yield bad(f"{repeated} is there twice", "attachments")
    if len(uploads) > 10:
        yield bad(f"10 files at most, there are {len(uploads)}", "attachments")
    for index, each in enumerate(listed or []):
        if str(each["id"]) not in earlier and int(each["id"]) >= len(uploads):
            yield bad("is neither a file of this request nor of the message", "attachments", index, "id")
    for path, each in walk(payload.get("components") or [], "components"):
        for media in media_of(each):
            scheme, _, name = media["url"].partition("://")
            if scheme == "attachment" and name not in names:
                yield bad(f"there is no attachment {name!r}", *path, code="UNFURLED_MEDIA_ITEM_ATTACHMENT_NOT_FOUND")


def media_of(each: Json) -> list[Json]:
    """The media items of a component, to be changed in place."""
    items = [item["media"] for item in each.get("items") or []]
    return items + [each[key] for key in ("media", "file") if key in each]


def pings(payload: Json, parsed_by_default: Iterable[str]) -> list[str]:
    """The mentions in a message that would notify somebody, as they are written in it.

    Mentions in code and behind a backslash count too: how Discord parses Markdown is not published.
    """
    allowed = payload.get("allowed_mentions")
    if allowed is None:
        allowed = {"parse": list(parsed_by_default)}
    parse = allowed.get("parse") or []
    found = []
    for mention in re.findall(r"@everyone|@here|<@[!&]?\d+>", displayed_text(payload)):
        group = "everyone" if mention[0] == "@" else "roles" if mention[2] == "&" else "users"
        listed = {str(each) for each in allowed.get(group) or []}
        if group in parse or mention.strip("<@!&>") in listed:
            found.append(mention)
    return found


def displayed_text(message: Json) -> str:
    """The content and every text display, a line each."""
    texts = [each["content"] for _, each in walk(message.get("components") or []) if each["type"] == 10]
    return "\n".join(filter(None, [message.get("content"), *texts]))
