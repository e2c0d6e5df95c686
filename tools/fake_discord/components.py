"""Finds the components of messages and modals, and adds what Discord adds to them."""

import itertools
import re

from tools.fake_discord import rules
from tools.fake_discord.rules import Json


def components_of(message: Json | None) -> list[Json]:
    return [each for _, each in rules.walk((message or {}).get("components") or [])]


def number(components: list[Json]) -> None:
    """Give an id to each component that came without, around those that came with one."""
    everything = [each for _, each in rules.walk(components)]
    taken = {each.get("id") for each in everything}
    free = (each for each in itertools.count(1) if each not in taken)
    for each in everything:
        each["id"] = each.get("id") or next(free)


def resolve_media(message: Json) -> None:
    """Let components show where a file is in place of attachment://name."""
    urls = {attachment["filename"]: attachment for attachment in message["attachments"]}
    for media in (media for each in components_of(message) for media in rules.media_of(each)):
        file = urls.get(media["url"].removeprefix("attachment://"))
        if file and media["url"].startswith("attachment://"):
            media |= {"url": file["url"], "attachment_id": file["id"], "content_type": file["content_type"]}
        media.setdefault("proxy_url", media["url"])


def find_component(message: Json, which: str | re.Pattern[str]) -> Json:
    """The one component that can be pressed and goes by this custom_id, label or placeholder."""
    usable = [each for each in components_of(message) if each.get("custom_id")]

    def fits(each: Json) -> bool:
        names = [each[key] for key in ("custom_id", "label", "placeholder") if each.get(key)]
        return any(name == which if isinstance(which, str) else which.search(name) for name in names)

    found = [each for each in usable if fits(each)]
    names = [each.get("label") or each["custom_id"] for each in usable]
    assert len(found) == 1, f"{len(found)} components match {which!r} among {names}"
    assert not found[0].get("disabled"), f"{which!r} is disabled"
    return found[0]


def typed_in(text_input: Json, value: str | None) -> str:
    """What Discord's client would let a member type into a modal's text field."""
    value = text_input.get("value") or "" if value is None else value
    name, low, high = text_input["label"], text_input.get("min_length"), text_input.get("max_length")
    assert value or text_input.get("required") is False, f"the modal requires {name!r}"
    assert not value or (low or 0) <= len(value) <= (high or 4000), f"{name!r} takes {low} to {high} characters"
    return value


def picked(radio_group: Json, value: str | None) -> str | None:
    """What Discord's client would let a member pick of a modal's radio group: one of its options, the default first."""
    offered = [option["value"] for option in radio_group["options"]]
    if value is None:
        value = next((option["value"] for option in radio_group["options"] if option.get("default")), None)
    assert value in offered or (value is None and radio_group.get("required") is False), (
        f"{value!r} is none of {offered}"
    )
    return value
