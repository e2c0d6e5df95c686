"""How an interaction may be answered."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from tools.fake_discord.rules.messages import EPHEMERAL, message_violations
from tools.fake_discord.rules.modals import MODAL
from tools.fake_discord.rules.shapes import (
    Json,
    Rule,
    Violation,
    array,
    bad,
    below,
    duplicates,
    localized,
    number,
    one_of,
    shape,
    text,
    whole,
)

COMMAND, PRESS, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
OPTION_VALUES: Mapping[int, Rule] = {3: text(1, 100), 4: whole(-(2**53) + 1, 2**53 - 1), 10: number}


def choice(value: Rule) -> Rule:
    return shape({"name": text(1, 100), "value": value}, {"name_localizations": localized(text(1, 100))})


def _choices_differ(data: Json) -> Iterator[Violation]:
    for repeated in duplicates(each["value"] for each in data["choices"]):
        yield bad(f"{repeated!r} is offered twice", "choices", code="CHOICE_VALUE_DUPLICATED")


def _autocomplete(option: int) -> Rule:
    return shape({"choices": array(choice(OPTION_VALUES[option]), 0, 25)}, {}, _choices_differ)


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
