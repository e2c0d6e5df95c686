"""What modals Discord takes."""

from collections.abc import Iterator

from tools.fake_discord.rules.components import TEXT_DISPLAY, component, distinct, for_modal, selects
from tools.fake_discord.rules.shapes import (
    CUSTOM_ID,
    Json,
    Shape,
    Violation,
    array,
    bad,
    boolean,
    by_type,
    matching,
    one_of,
    order,
    shape,
    text,
    whole,
)


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
FILE_TYPES = {"file_types": array(matching(r"image|video|audio|\.\w+", "a type of file", text(1, 20)), 0, 10)}
_BOUNDS = order("min_values", "max_values")
IN_LABEL = {
    4: TEXT_INPUT,
    **selects(for_modal),
    19: component(19, _KEY, {**_UP_TO_TEN, **FILE_TYPES}, _BOUNDS, for_modal),
    21: component(21, {**_KEY, "options": array(_BOXES, 2, 10)}, {"required": boolean}),
    22: component(22, {**_KEY, "options": array(_BOXES, 1, 10)}, _UP_TO_TEN, _BOUNDS, for_modal),
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
    distinct,
)
