"""What components Discord takes: buttons, menus, texts, pictures and what holds them."""

from collections.abc import Iterator, Sequence

from tools.fake_discord.rules.shapes import (
    CHANNEL_TYPE,
    CUSTOM_ID,
    LINK,
    MEDIA_URL,
    Json,
    Path,
    Rule,
    Shape,
    Violation,
    array,
    bad,
    boolean,
    by_type,
    duplicates,
    matching,
    one_of,
    order,
    shape,
    snowflake,
    text,
    whole,
)


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
    for repeated in duplicates(option["value"] for option in options):
        yield bad(f"{repeated!r} is there twice", "options", code="COMPONENT_OPTION_VALUE_DUPLICATED")


def for_modal(value: Json) -> Iterator[Violation]:
    if value.get("disabled"):
        yield bad("nothing in a modal can be disabled", "disabled")
    if value.get("required") is not False and value.get("min_values") == 0:
        yield bad("must be at least 1 for what is required", "min_values")


def _default_values(*kinds: str) -> Shape:
    return {"default_values": array(shape({"id": snowflake, "type": one_of(*kinds)}, {}), 0, 25)}


def selects(*also: Rule) -> dict[int, Rule]:
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
ROW = component(1, {"components": array(by_type({2: BUTTON, **selects()}), 1, 5)}, {}, _row)
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


def distinct(value: Json) -> Iterator[Violation]:
    """No two components share a custom_id or, where the sender set one, an id."""
    everything = [each for _, each in walk(value.get("components") or [])]
    for key in ("custom_id", "id"):
        for repeated in duplicates(each[key] for each in everything if each.get(key)):
            yield bad(f"{key} {repeated!r} is there twice", "components", code=f"COMPONENT_{key.upper()}_DUPLICATED")
