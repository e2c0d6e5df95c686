"""All text that a message carries is read in reading order, from payloads as Discord documents them."""

import time
from copy import deepcopy
from typing import Any, cast

import discord
import pytest

from bot.commands.message_text import text_of
from tests import messages as m

BLANK: m.Json = {
    "id": "1100000000000000009",
    "channel_id": "1100000000000000008",
    "author": {"id": "1100000000000000007", "username": "author", "discriminator": "0", "avatar": None},
    "content": "",
    "timestamp": "2024-10-18T12:00:00+00:00",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "embeds": [],
    "components": [],
    "pinned": False,
    "type": 0,
    "flags": 0,
}
CARD = m.container(
    m.text("### Troops"),
    m.text("How many\nare there?"),
    m.SEPARATOR,
    m.text("-# Source: [A report](<https://example.org/a>)"),
    m.row(m.button("Weapons")),
)


def read(**message: Any) -> list[str]:
    client = discord.Client(intents=discord.Intents.none())
    channel = cast("Any", client.get_partial_messageable(1))
    made = discord.Message(state=client._connection, channel=channel, data=cast("Any", deepcopy(BLANK | message)))
    return text_of(made).split("\n")


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        pytest.param({"content": " one\ntwo "}, ["one", "two"], id="its own text"),
        pytest.param({}, [""], id="nothing"),
        pytest.param(m.forwarding(content="troops"), ["troops"], id="a forward"),
        pytest.param(
            m.forwarding(content="one", **m.with_embed(title="two"), **m.with_attachment("three")),
            ["one", "two", "three"],
            id="a forward of much",
        ),
        pytest.param(m.forwarding(components=[m.text("a"), CARD]), ["a", "### Troops", "How many", "are there?",
                     "-# Source: A report"], id="a forward of a card"),
        pytest.param(
            m.with_embed(
                title="title", description="text", author={"name": "author"}, footer={"text": "foot"},
                url="https://a.b", provider={"name": "provider"}, thumbnail={"url": "https://a.b/c.png"},
                image={"url": "https://a.b/c.png", "description": "picture"},
                fields=[{"name": "f1", "value": "v1", "inline": True}, {"name": "f2", "value": "v2", "inline": False}],
            ),
            ["author", "title", "text", "f1", "v1", "f2", "v2", "picture", "foot"],
            id="an embed in full",
        ),
        pytest.param({"content": "https://a.b/c"} | m.with_embed(type="article", title="t"), ["https://a.b/c", "t"],
                     id="the preview of a link"),
        pytest.param(m.with_poll("Which ships?", "one", "two"), ["Which ships?", "one", "two"], id="a poll"),
        pytest.param(m.with_components(CARD), ["### Troops", "How many", "are there?", "-# Source: A report"],
                     id="our own card"),
        pytest.param(
            m.with_components(
                m.section("a", "b", accessory=m.thumbnail("c")),
                m.section("d", accessory=m.button("press")),
                m.container(m.gallery("e", None, "f"), m.section("g", accessory=m.thumbnail(None))),
                {"type": 99, "id": 9, "novel": "component"},
            ),
            ["a", "b", "c", "d", "e", "f", "g"],
            id="components of every kind",
        ),
        pytest.param({"content": "one"} | m.with_attachment("alt text", "a title"), ["one", "a title", "alt text"],
                     id="a caption"),
        pytest.param(m.with_attachment(None), [""], id="a file without words"),
        pytest.param({"content": "same"} | m.with_embed(title="same", description="other"), ["same", "other"],
                     id="what is said twice"),
        pytest.param({"content": "a [b](https://c.d) [e](<https://f.g/h>) [i](j) [k"}, ["a b e [i](j) [k"],
                     id="links with a text"),
    ],
)  # fmt: skip
def test_all_text_of_a_message_is_read_in_order(message: m.Json, lines: list[str]) -> None:
    assert read(**message) == lines


@pytest.mark.parametrize("piece", ["[", "[a](", "[a](https://", "[a](https://b", "](", "[]("])
def test_half_links_are_read_as_they_are(piece: str) -> None:
    content = piece * (4000 // len(piece))
    assert read(content=content) == [content]


def test_many_half_links_take_no_longer_than_as_many_words() -> None:
    content = "[a](https://b" * 40_000
    started = time.process_time()
    assert read(content=content) == [content]
    assert time.process_time() - started < 2
