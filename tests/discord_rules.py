"""What Discord lets an application send, as pure functions from a payload to its violations.

The published limits are kept (types, lengths, counts, which component may stand where). Three things are
held more strictly than Discord holds them, for each is a mistake all the same: a key that Discord does not
know, a lone surrogate in a text, and two autocomplete choices with one value. Not judged: polls and stickers
(any use is a violation), whether an id names something that exists, permissions, and rate limits.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]
Path = tuple[str | int, ...]

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
COMPONENTS_V2 = 1 << 15


class Violation(NamedTuple):
    """One broken rule, and where in the payload."""

    path: Path
    code: str
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'payload'}: {self.message}"


Rule = Callable[[Any], Iterable[Violation]]
Shape = Mapping[str, Rule]


# Building blocks. Each makes or is a rule; a rule reports paths relative to the value that it was given.


def bad(message: str, *path: str | int, code: str = "BASE_TYPE_BAD_VALUE") -> Violation:
    return Violation(path, code, message)


def below(key: str | int, violations: Iterable[Violation]) -> Iterator[Violation]:
    """The same violations, seen from one level further up."""
    return (Violation((key, *found.path), found.code, found.message) for found in violations)


def text(low: int, high: int) -> Rule:
    """A string whose length without surrounding space, which Discord cuts off, is within bounds."""

    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, str):
            yield bad("must be a string")
        elif any("\ud800" <= char <= "\udfff" for char in value):
            yield bad("holds a lone surrogate")
        elif len(value) > high or len(value.strip()) < low:
            message = f"must be {low} to {high} characters, has {len(value.strip())}"
            yield bad(message, code="BASE_TYPE_BAD_LENGTH" if value.strip() else "BASE_TYPE_REQUIRED")

    return check


def matching(pattern: str, what: str, rule: Rule) -> Rule:
    """A string that keeps a rule and looks like a pattern."""

    def check(value: Any) -> Iterator[Violation]:
        found = list(rule(value))
        yield from found
        if not found and not re.fullmatch(pattern, value):
            yield bad(f"must be {what}")

    return check


def whole(low: int, high: int) -> Rule:
    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield bad("must be a whole number")
        elif not low <= value <= high:
            yield bad(f"must be {low} to {high}, is {value}")

    return check


def number(value: Any) -> Iterator[Violation]:
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 2**53:
        yield bad("must be a number")


def boolean(value: Any) -> Iterator[Violation]:
    if not isinstance(value, bool):
        yield bad("must be true or false")


def one_of(*allowed: object) -> Rule:
    def check(value: Any) -> Iterator[Violation]:
        # Type and value: to Python True is 1, to Discord it is not.
        if not any(value == each and type(value) is type(each) for each in allowed):
            yield bad(f"must be one of {allowed}", code="BASE_TYPE_CHOICES")

    return check


def snowflake(value: Any) -> Iterator[Violation]:
    # In a string by the book; discord.py sends numbers here and there, and Discord takes them.
    digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(digits, str) or not re.fullmatch("0|[1-9][0-9]{0,19}", digits, re.ASCII):
        yield bad("must be a snowflake", code="NUMBER_TYPE_COERCE")


def array(item: Rule, low: int, high: int, *, unique: bool = False) -> Rule:
    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield bad("must be a list")
            return
        if not low <= len(value) <= high:
            yield bad(f"must have {low} to {high} items, has {len(value)}", code="BASE_TYPE_BAD_LENGTH")
        if unique and len({repr(each) for each in value}) < len(value):
            yield bad("must not repeat an item", code="SET_TYPE_ALREADY_CONTAINS_VALUE")
        for index, each in enumerate(value):
            yield from below(index, item(each))

    return check


def shape(required: Shape, optional: Shape, *also: Rule) -> Rule:
    """An object with these keys alone. What is optional may be null; `also` sees only sound objects."""

    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield bad("must be an object", code="MODEL_TYPE_CONVERT")
            return
        found = list(_fields(value, required, optional))
        yield from found
        if not found:
            for rule in also:
                yield from rule(value)

    return check


def _fields(value: Json, required: Shape, optional: Shape) -> Iterator[Violation]:
    for key in sorted(value.keys() - required.keys() - optional.keys(), key=str):
        yield bad("no such key here", key, code="UNKNOWN_KEY")
    for key in required:
        if value.get(key) is None:
            yield bad("is required", key, code="BASE_TYPE_REQUIRED")
    for key, rule in {**optional, **required}.items():
        if value.get(key) is not None:
            yield from below(key, rule(value[key]))


def by_type(table: Mapping[int, Rule]) -> Rule:
    """Whichever rule goes with the object's `type`."""

    def check(value: Any) -> Iterable[Violation]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, int) or isinstance(kind, bool) or kind not in table:
            return [bad(f"must be one of {tuple(table)}", "type", code="UNION_TYPE_CHOICES")]
        return table[kind](value)

    return check


def order(low: str, high: str) -> Rule:
    def check(value: Json) -> Iterator[Violation]:
        if value.get(low) is not None and value.get(high) is not None and value[low] > value[high]:
            yield bad(f"must not be above {high}", low)

    return check


LINK = matching(r"(https?://[^\s/?#]+|discord://)\S*", "an http, https or discord link", text(1, 2048))
MEDIA_URL = matching(r"(https?://[^\s/?#]+|attachment://[^\s/]+)\S*", "a link or an attachment", text(1, 2048))
CUSTOM_ID = text(1, 100)
CHANNEL_TYPE = one_of(0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)


# Components


def component(kind: int, required: Shape, optional: Shape, *also: Rule) -> Rule:
    return shape({"type": one_of(kind), **required}, {"id": whole(0, 2**31 - 1), **optional}, *also)


def _emoji(value: Json) -> Iterator[Violation]:
    if value.get("id") is None and value["name"].isascii():
        yield bad("is no emoji", "name", code="BUTTON_COMPONENT_INVALID_EMOJI")


EMOJI = shape({"name": text(1, 32)}, {"id": snowflake, "animated": boolean}, _emoji)

_BUTTON_NEEDS = {1: "custom_id", 2: "custom_id", 3: "custom_id", 4: "custom_id", 5: "url", 6: "sku_id"}


def _button(value: Json) -> Iterator[Violation]:
    needed = _BUTTON_NEEDS[value["style"]]
    if value.get(needed) is None:
        yield bad(f"is required for style {value['style']}", needed, code="BASE_TYPE_REQUIRED")
    for key in sorted({"custom_id", "url", "sku_id"} - {needed}):
        if value.get(key) is not None:
            yield bad(f"is not allowed for style {value['style']}", key)
    named = bool((value.get("label") or "").strip()) or value.get("emoji") is not None
    if named == (needed == "sku_id"):
        yield bad("a button needs a label or an emoji, a premium button neither", code="BUTTON_COMPONENT_INVALID")


BUTTON = component(
    2,
    {"style": whole(1, 6)},
    {
        "custom_id": CUSTOM_ID,
        "label": text(0, 80),
        "disabled": boolean,
        "url": matching("(?s).{1,512}", "at most 512 characters", LINK),
        "sku_id": snowflake,
        "emoji": EMOJI,
    },
    _button,
)

SELECT_OPTION = shape(
    {"label": text(1, 100), "value": text(1, 100)},
    {"description": text(0, 100), "default": boolean, "emoji": EMOJI},
)


def _option_list(value: Json) -> Iterator[Violation]:
    """Options agree with each other and with min_values and max_values."""
    options, most = value["options"], value.get("max_values") or 1
    if len(options) < max(most, value.get("min_values") or 0):
        yield bad(f"must be at least {most}, the most that can be chosen", "options", code="BASE_TYPE_BAD_LENGTH")
    if sum(bool(option.get("default")) for option in options) > most:
        yield bad(f"more than {most} are the default", "options", code="SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES")
    for repeated in _repeated(option["value"] for option in options):
        yield bad(f"{repeated!r} is there twice", "options", code="COMPONENT_OPTION_VALUE_DUPLICATED")


def _for_modal(value: Json) -> Iterator[Violation]:
    if value.get("disabled"):
        yield bad("nothing in a modal can be disabled", "disabled")
    if value.get("required") is not False and value.get("min_values") == 0:
        yield bad("must be at least 1 for what is required", "min_values")


def _default_values(*kinds: str) -> Shape:
    return {"default_values": array(shape({"id": snowflake, "type": one_of(*kinds)}, {}), 0, 25)}


def _selects(*also: Rule) -> dict[int, Rule]:
    common: Shape = {
        "placeholder": text(0, 150),
        "min_values": whole(0, 25),
        "max_values": whole(1, 25),
        "disabled": boolean,
        "required": boolean,
    }
    keys, bounds = {"custom_id": CUSTOM_ID}, order("min_values", "max_values")
    channels: Shape = {**_default_values("channel"), "channel_types": array(CHANNEL_TYPE, 0, 14, unique=True)}
    options = {"options": array(SELECT_OPTION, 1, 25)}
    return {
        3: component(3, {**keys, **options}, common, bounds, _option_list, *also),
        5: component(5, keys, {**common, **_default_values("user")}, bounds, *also),
        6: component(6, keys, {**common, **_default_values("role")}, bounds, *also),
        7: component(7, keys, {**common, **_default_values("user", "role")}, bounds, *also),
        8: component(8, keys, {**common, **channels}, bounds, *also),
    }


def _row(value: Json) -> Iterator[Violation]:
    if len(value["components"]) > 1 and any(child["type"] != 2 for child in value["components"]):
        yield bad(
            "a row holds up to five buttons or one select",
            "components",
            code="COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        )


MEDIA = shape({"url": MEDIA_URL}, {})
FILE = shape({"url": matching(r"attachment://[^\s/]+", "an attachment", text(1, 2048))}, {})
ABOUT_MEDIA: Shape = {"description": text(1, 1024), "spoiler": boolean}

TEXT_DISPLAY = component(10, {"content": text(1, 4000)}, {})
THUMBNAIL = component(11, {"media": MEDIA}, ABOUT_MEDIA)
ROW = component(1, {"components": array(by_type({2: BUTTON, **_selects()}), 1, 5)}, {}, _row)
SECTION = component(9, {"components": array(TEXT_DISPLAY, 1, 3), "accessory": by_type({2: BUTTON, 11: THUMBNAIL})}, {})
IN_CONTAINER = {
    1: ROW,
    9: SECTION,
    10: TEXT_DISPLAY,
    12: component(12, {"items": array(shape({"media": MEDIA}, ABOUT_MEDIA), 1, 10)}, {}),
    13: component(13, {"file": FILE}, {"spoiler": boolean}),
    14: component(14, {}, {"divider": boolean, "spacing": one_of(1, 2)}),
}
CONTAINER = component(
    17,
    {"components": array(by_type(IN_CONTAINER), 1, 40)},
    {"accent_color": whole(0, 0xFFFFFF), "spoiler": boolean},
)


def walk(components: Sequence[Json], *path: str | int) -> Iterator[tuple[Path, Json]]:
    """Every component with its path, in reading order, accessories and what labels are for included."""
    for index, each in enumerate(components):
        yield (*path, index), each
        yield from walk(each.get("components") or [], *path, index, "components")
        for key in ("accessory", "component"):
            if isinstance(each.get(key), dict):
                yield (*path, index, key), each[key]


def _repeated(values: Iterable[Any]) -> list[Any]:
    return [value for value, times in Counter(values).items() if times > 1]


def _distinct(value: Json) -> Iterator[Violation]:
    """No two components share a custom_id or, where the sender set one, an id."""
    everything = [each for _, each in walk(value.get("components") or [])]
    for key in ("custom_id", "id"):
        for repeated in _repeated(each[key] for each in everything if each.get(key)):
            yield bad(f"{key} {repeated!r} is there twice", "components", code=f"COMPONENT_{key.upper()}_DUPLICATED")


# Messages

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
    found += _distinct(payload)
    found += _attachment_violations(payload, before, uploads)
    return found


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
    for repeated in _repeated(str(each["id"]) for each in listed or []):
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


# Modals


def _text_input(value: Json) -> Iterator[Violation]:
    if len(value.get("value") or "") > (value.get("max_length") or 4000):
        yield bad("must not be longer than max_length", "value", code="BASE_TYPE_BAD_LENGTH")


def _named_by_label(value: Json) -> Iterator[Violation]:
    if value["component"].get("label") is not None:
        yield bad("the label around it names it", "component", "label")


def _named(value: Json) -> Iterator[Violation]:
    if value["components"][0].get("label") is None:
        yield bad("is required", "components", 0, "label", code="BASE_TYPE_REQUIRED")


TEXT_INPUT = component(
    4,
    {"custom_id": CUSTOM_ID, "style": one_of(1, 2)},
    {
        "label": text(1, 45),
        "value": text(0, 4000),
        "placeholder": text(0, 100),
        "required": boolean,
        "min_length": whole(0, 4000),
        "max_length": whole(1, 4000),
    },
    order("min_length", "max_length"),
    _text_input,
)
_KEY: Shape = {"custom_id": CUSTOM_ID}
_UP_TO_TEN: Shape = {"min_values": whole(0, 10), "max_values": whole(1, 10), "required": boolean}
_BOXES = shape({"label": text(1, 100), "value": text(1, 100)}, {"description": text(0, 100), "default": boolean})
_FILE_TYPES = {"file_types": array(matching(r"image|video|audio|\.\w+", "a type of file", text(1, 20)), 0, 10)}
_BOUNDS = order("min_values", "max_values")
IN_LABEL = {
    4: TEXT_INPUT,
    **_selects(_for_modal),
    19: component(19, _KEY, {**_UP_TO_TEN, **_FILE_TYPES}, _BOUNDS, _for_modal),
    21: component(21, {**_KEY, "options": array(_BOXES, 2, 10)}, {"required": boolean}),
    22: component(22, {**_KEY, "options": array(_BOXES, 1, 10)}, _UP_TO_TEN, _BOUNDS, _for_modal),
    23: component(23, _KEY, {"default": boolean}),
}
IN_MODAL = {
    1: component(1, {"components": array(TEXT_INPUT, 1, 1)}, {}, _named),
    10: TEXT_DISPLAY,
    18: component(
        18,
        {"label": text(1, 45), "component": by_type(IN_LABEL)},
        {"description": text(1, 100)},
        _named_by_label,
    ),
}
MODAL = shape(
    {"custom_id": CUSTOM_ID, "title": text(1, 45), "components": array(by_type(IN_MODAL), 1, 5)},
    {},
    _distinct,
)


# Responses to interactions

COMMAND, PRESS, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
_OPTION_VALUES: Mapping[int, Rule] = {3: text(1, 100), 4: whole(-(2**53) + 1, 2**53 - 1), 10: number}


def _choice(value: Rule) -> Rule:
    return shape({"name": text(1, 100), "value": value}, {"name_localizations": localized(text(1, 100))})


def _choices_differ(data: Json) -> Iterator[Violation]:
    for repeated in _repeated(each["value"] for each in data["choices"]):
        yield bad(f"{repeated!r} is offered twice", "choices", code="CHOICE_VALUE_DUPLICATED")


def _autocomplete(option: int) -> Rule:
    return shape({"choices": array(_choice(_OPTION_VALUES[option]), 0, 25)}, {}, _choices_differ)


def response_types(interaction: int, *, from_message: bool) -> tuple[int, ...]:
    """How an interaction may be answered; `from_message`: by a component, or a modal that one opened."""
    if interaction == AUTOCOMPLETE:
        return (8,)
    return (4, 5) + ((6, 7) if from_message else ()) + ((9,) if interaction != SUBMIT else ())


def callback_violations(
    payload: Any,
    interaction: int,
    *,
    message: Json | None = None,
    option: int = 3,
    uploads: Collection[str] = (),
) -> list[Violation]:
    """What is wrong with a response.

    `message` is the one whose component was pressed, `option` the type of the option that is being completed.
    """
    types = response_types(interaction, from_message=message is not None)
    found = list(shape({"type": one_of(*types)}, {"data": _anything})(payload))
    if found:
        return found
    kind, data = payload["type"], payload.get("data")
    if kind == 4:
        found = message_violations({} if data is None else data, "callback", uploads=uploads)
    elif kind == 7:
        found = message_violations({} if data is None else data, "update", before=message, uploads=uploads)
    elif kind == 8:
        found = list(_autocomplete(option)(data))
    elif kind == 9:
        found = list(MODAL(data))
    elif data is not None:
        # A deferred message may only be said to be ephemeral, a deferred update nothing.
        found = list(shape({}, {"flags": one_of(0, EPHEMERAL)} if kind == 5 else {})(data))
    return list(below("data", found))


def _anything(_: Any) -> Iterable[Violation]:
    return ()


# Application commands

_LOCALES = (
    "ar bg cs da de el en-GB en-US es-419 es-ES fi fr he hi hr hu id it ja ko lt nl no pl pt-BR ro ru sv-SE th tr uk "
    "vi zh-CN zh-TW"
).split()


def localized(rule: Rule) -> Rule:
    def check(value: Any) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield bad("must be an object", code="MODEL_TYPE_CONVERT")
            return
        for locale, translation in value.items():
            yield from below(locale, rule(translation) if locale in _LOCALES else [bad("is no locale of Discord's")])

    return check


def _slash_name(value: Any) -> Iterator[Violation]:
    found = list(text(1, 32)(value))
    yield from found
    if not found and (value != value.lower() or not all(map(_names_a_command, value))):
        yield bad("may hold lower-case letters, digits, - _ and ' only", code="APPLICATION_COMMAND_INVALID_NAME")


def _names_a_command(char: str) -> bool:
    # Devanagari and Thai are allowed whole, with marks that are no letters.
    scripts = "\u0900" <= char <= "\u097f" or "\ua8e0" <= char <= "\ua8ff" or "\u0e00" <= char <= "\u0e7f"
    return char in "-_'" or unicodedata.category(char)[0] in "LN" or scripts


def _option_names(value: Json) -> Iterator[Violation]:
    options = value.get("options") or []
    for repeated in _repeated(each["name"] for each in options):
        yield bad(f"{repeated!r} is there twice", "options", code="APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS")
    needed = [bool(each.get("required")) for each in options]
    if needed != sorted(needed, reverse=True):
        yield bad("what is required comes first", "options", code="APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
    if len({each["type"] in (1, 2) for each in options}) > 1:
        yield bad("subcommands and options do not mix", "options", code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")


def _choose_or_complete(value: Json) -> Iterator[Violation]:
    if value.get("autocomplete") and value.get("choices"):
        yield bad("choices and autocomplete exclude each other", "choices")
    for repeated in _repeated(each["name"] for each in value.get("choices") or []):
        yield bad(
            f"{repeated!r} is there twice",
            "choices",
            code="APPLICATION_COMMAND_OPTIONS_CHOICE_NAMES_NOT_UNIQUE",
        )


_NAMES: Shape = {"name": _slash_name, "description": text(1, 100)}
_LOCALIZED: Shape = {
    "name_localizations": localized(_slash_name),
    "description_localizations": localized(text(1, 100)),
}


def _option(kind: int, keys: Shape, *also: Rule) -> Rule:
    return shape({"type": one_of(kind), **_NAMES}, {**_LOCALIZED, **keys}, *also)


def _parameters() -> dict[int, Rule]:
    needed: Shape = {"required": boolean}

    def valued(kind: int, low: str, high: str, bound: Rule) -> Rule:
        choices = array(_choice(_OPTION_VALUES[kind]), 0, 25)
        keys = {**needed, "autocomplete": boolean, "choices": choices, low: bound, high: bound}
        return _option(kind, keys, order(low, high), _choose_or_complete)

    return {
        3: valued(3, "min_length", "max_length", whole(0, 6000)),
        4: valued(4, "min_value", "max_value", _OPTION_VALUES[4]),
        10: valued(10, "min_value", "max_value", number),
        7: _option(7, {**needed, "channel_types": array(CHANNEL_TYPE, 0, 14, unique=True)}),
        11: _option(11, {**needed, **_FILE_TYPES}),
        **{kind: _option(kind, needed) for kind in (5, 6, 8, 9)},
    }


_PARAMETERS = _parameters()
_SUBCOMMAND = _option(1, {"options": array(by_type(_PARAMETERS), 0, 25)}, _option_names)
# discord.py gives groups and subcommands no `required`, so none is allowed.
_GROUP = _option(2, {"options": array(by_type({1: _SUBCOMMAND}), 1, 25)}, _option_names)
_OPTIONS = array(by_type({1: _SUBCOMMAND, 2: _GROUP, **_PARAMETERS}), 0, 25)


def _permission_bits(value: Any) -> Iterator[Violation]:
    # The documentation asks for a string, the published schema for a number; Discord takes both.
    if not re.fullmatch("[0-9]{1,19}", str(value)) or isinstance(value, bool):
        yield bad("must be permission bits")


_EVERY_COMMAND: Shape = {
    "id": snowflake,
    "default_member_permissions": _permission_bits,
    "dm_permission": boolean,
    "default_permission": boolean,
    "nsfw": boolean,
    "contexts": array(one_of(0, 1, 2), 1, 3, unique=True),
    "integration_types": array(one_of(0, 1), 1, 2, unique=True),
}


def _command_size(value: Json) -> Iterator[Violation]:
    size = _size(value)
    if size > 8000:
        yield bad(f"8000 characters at most in names, descriptions and choices, there are {size}")


def _size(value: Json) -> int:
    """Names, descriptions and values, each by its longest localization."""
    size = len(str(value.get("value", "")))
    for key in ("name", "description"):
        texts = [value.get(key) or "", *(value.get(f"{key}_localizations") or {}).values()]
        size += max(map(len, texts))
    return size + sum(_size(each) for key in ("options", "choices") for each in value.get(key) or [])


_SLASH = shape(
    _NAMES,
    {"type": one_of(1), **_LOCALIZED, **_EVERY_COMMAND, "options": _OPTIONS},
    _option_names,
    _command_size,
)


def _menu(kind: int) -> Rule:
    names = {"name_localizations": localized(text(1, 32))}
    return shape({"type": one_of(kind), "name": text(1, 32)}, {**names, **_EVERY_COMMAND, "description": one_of("")})


# The command that Discord adds for an Activity.
_ENTRY_POINT = shape(
    {"type": one_of(4), "name": text(1, 32), "handler": one_of(1, 2)},
    {**_LOCALIZED, **_EVERY_COMMAND, "description": text(0, 100)},
)

_COMMAND = by_type({1: _SLASH, 2: _menu(2), 3: _menu(3), 4: _ENTRY_POINT})
_MOST_COMMANDS = {1: 100, 2: 15, 3: 15, 4: 1}


def command_violations(payload: Any) -> list[Violation]:
    """What is wrong with a list of commands that is to replace all commands of a scope."""

    def command(value: Any) -> Iterable[Violation]:
        return _COMMAND({"type": 1, **value} if isinstance(value, dict) else value)

    found = list(array(command, 0, 130)(payload))
    if found:
        return found
    kinds = Counter(each.get("type", 1) for each in payload)
    found += [bad(f"{most} of type {kind} at most") for kind, most in _MOST_COMMANDS.items() if kinds[kind] > most]
    repeated = _repeated((each.get("type", 1), each["name"]) for each in payload)
    return found + [bad(f"{name!r} is there twice") for _, name in repeated]
