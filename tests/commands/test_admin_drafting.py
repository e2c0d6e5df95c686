"""Drafting from a message or a file: two steps to a form that holds figures, names, quotations and the source."""

import re
from collections.abc import Sequence

import pytest

from bot.authoring.article.document import LONGEST
from bot.briefs.loader import MAX_BYTES
from bot.commands.admin.drafting_desk import MOST_TOPICS
from tests import messages as m
from tests.admins import ADMIN, FILES, attached, files, form, kept, press, rows, settled
from tests.brief_files import brief_text, write
from tools.fake_discord import Exchange, FakeDiscord, Json, Upload, User
from tools.fake_discord.components import find_component
from tools.running import Running

BRIDGE = """\
The Harbour Bridge Authority (HBA) closed the Velden Bridge on Monday after engineers found 14 cracks in its cables.
"We had no choice," said Dr. Marta Oyelaran, who leads the inspection. She warned that repairs could take nine months.
Fishermen see the quiet bay differently, for herring are back, according to the Velden Fishing Union. Herring catches
rose by 18 percent in one week. "The herring like the quiet," union head Ole Brandt told the Velden Post.
"""
PLACEHOLDER = "Write a brief about …"


pytestmark = pytest.mark.briefs(FILES)


async def draft(fake: FakeDiscord, text: str, carrying: Json | None = None, author: User | None = None) -> Exchange:
    """Use the command in the menu of a message, and return what comes of it."""
    shown = await fake.message_command("Draft a brief", text, author=author, carrying=carrying, **ADMIN)
    await settled(shown)
    return shown


def topics(shown: Exchange) -> list[Json]:
    """Return the topics that are offered."""
    options: list[Json] = find_component(shown.message or {}, PLACEHOLDER)["options"]
    return options


async def write_on(fake: FakeDiscord, shown: Exchange, number: int = 0) -> Exchange:
    """Choose one of the topics, which opens the form."""
    return await fake.press(shown, PLACEHOLDER, [topics(shown)[number]["value"]])


def with_files(fake: FakeDiscord, *uploads: Upload) -> Json:
    return {"attachments": [fake.attach(upload) for upload in uploads]}


async def test_two_steps_lead_from_an_articles_message_to_a_form_with_notes_to_write_from(
    fake: FakeDiscord, bot: Running
) -> None:
    before = files(bot.folder)
    shown = await draft(fake, BRIDGE)
    assert shown.ephemeral
    assert "### 2 topics" in shown.text
    assert [each["label"] for each in topics(shown)] == [
        "Harbour Bridge Authority, HBA, engineers, found",
        "Fishermen, Velden Fishing Union, quiet, catches",
    ]
    assert topics(shown)[0]["description"] == f"{BRIDGE[:89]}…", "by which a reader knows it again"
    opened = await write_on(fake, shown)
    assert opened.modal
    assert opened.modal["title"] == "About Harbour Bridge Authority, HBA, enginee…"
    notes = form(opened)
    assert (notes["title"], notes["summary"]) == ("", "")
    assert notes["facts"].splitlines() == [
        "? Marta Oyelaran: “We had no choice”",
        "? 14 cracks",
        "? nine months",
        "? Names: Harbour Bridge Authority, HBA, Velden Bridge, Marta Oyelaran",
    ]
    assert notes["phrases"].splitlines()[:2] == ["? Harbour Bridge Authority", "? HBA"]
    assert "? What did Marta Oyelaran say?" in notes["phrases"].splitlines()
    assert re.fullmatch(
        r"Message on Discord, https://discord\.com/channels/\d+/\d+/\d+, \d{4}-\d\d-\d\d", notes["sources"]
    )
    assert files(bot.folder) == before


async def test_what_is_written_from_notes_becomes_a_brief_and_no_note_is_part_of_it(
    fake: FakeDiscord, bot: Running
) -> None:
    opened = await write_on(fake, await draft(fake, BRIDGE))
    notes = form(opened)
    typed = {"title": "Velden Bridge", "summary": "The bridge is closed.", "sources": "Velden Post, 2024-05-03"}
    typed |= {
        "facts": notes["facts"].replace("? Marta", "Marta", 1),
        "phrases": notes["phrases"].replace("? HBA", "HBA"),
    }
    shown = await fake.submit(opened, typed)
    said = await settled(shown)
    assert "### Add `velden-bridge`?" in said
    left = len(typed["facts"].splitlines()) + len(typed["phrases"].splitlines()) - 2
    assert f"-# {left} lines that begin with ? are notes, and left out." in said
    assert shown.labels == ["Apply", "Edit again", "As YAML", "Keep as draft", "Cancel"]
    assert form(await fake.press(shown, "Edit again"))["facts"] == typed["facts"]
    await press(fake, shown, "Apply")
    assert files(bot.folder)["velden-bridge.yaml"].decode().splitlines()[1:] == [
        "title: Velden Bridge",
        "aliases: [HBA]",
        "summary: The bridge is closed.",
        "facts:",
        "  - text: “We had no choice”",
        "    by: Marta Oyelaran",
        "as_of: 2024-05-03",
        "sources:",
        "  - name: Velden Post",
        "    published: 2024-05-03",
    ]


SOURCES: dict[str, tuple[Json, str]] = {
    "an embed": (
        m.with_embed(
            title="Bridge\nclosed",
            url="https://example.org/bridge",
            description=BRIDGE,
            provider={"name": "Velden Post"},
            timestamp="2024-05-03T12:00:00+00:00",
        ),
        "Bridge closed, Velden Post, https://example.org/bridge, 2024-05-03",
    ),
    "a forward": (
        m.forwarding(**m.with_embed(title="? Bridge", url="https://example.org/b", description=BRIDGE)),
        "Bridge, https://example.org/b",
    ),
    "a link in the text": (
        {"content": f"See [the paper](https://example.org/c) <https://example.org/d>.\n{BRIDGE}"},
        "https://example.org/c",
    ),
    "a webhook's components": (m.with_components(m.container(m.text(BRIDGE))), "Message on Discord, https://discord"),
}


@pytest.mark.parametrize("name", SOURCES)
async def test_the_source_is_the_article_that_a_message_links_to(fake: FakeDiscord, bot: Running, name: str) -> None:
    carried, source = SOURCES[name]
    opened = await write_on(fake, await draft(fake, "", carried))
    assert form(opened)["sources"].startswith(source)
    assert "? 14 cracks" in form(opened)["facts"]


async def test_files_of_text_are_read_with_the_message_and_what_is_not_read_is_said(
    fake: FakeDiscord, bot: Running
) -> None:
    page = f"<title>Bridge</title><link rel=canonical href='https://example.org/b'><p>{BRIDGE}".encode()
    carried = with_files(
        fake,
        Upload("picture.png", b"\x89PNG", "image/png"),
        Upload("paper.pdf", b"%PDF", "application/pdf"),
        Upload("page.html", page, "text/html"),
    )
    shown = await draft(fake, "Ferries carried 62,000 people to the island on Monday, said Piet Haas.", carried)
    assert "Not read: “paper.pdf” is no file of text; send it as .txt" in shown.text
    assert "picture" not in shown.text
    forms = [form(await write_on(fake, shown, number)) for number in range(len(topics(shown)))]
    assert {each["sources"] for each in forms} == {"Bridge, https://example.org/b"}
    assert {"? 62,000 people", "? 14 cracks"} <= {line for each in forms for line in each["facts"].splitlines()}
    assert [each.path for each in fake.requests if "picture" in each.path or "paper" in each.path] == []


async def test_a_long_message_that_discord_made_a_file_of_is_read(fake: FakeDiscord, bot: Running) -> None:
    shown = await draft(fake, "", with_files(fake, Upload("message.txt", BRIDGE.encode(), "text/plain; charset=utf-8")))
    assert len(topics(shown)) == 2
    assert form(await write_on(fake, shown))["sources"].startswith("Message on Discord, https://discord.com/channels/")


async def test_a_short_message_without_a_whole_sentence_is_one_topic(fake: FakeDiscord, bot: Running) -> None:
    shown = await draft(fake, "NIS: 1,500 soldiers are in Russia <@1000000000000000055> <t:1714737600>")
    assert form(await write_on(fake, shown))["facts"].splitlines() == ["? 1,500 soldiers", "? Names: NIS, Russia"]
    assert shown.labels == ["Keep as draft"]


@pytest.mark.parametrize("text", ["", "https://example.org/article", "lol", "<@1000000000000000055>", "🚢" * 99])
async def test_a_message_without_words_to_write_from_says_what_to_do(
    fake: FakeDiscord, bot: Running, text: str
) -> None:
    before = kept(bot)
    shown = await draft(fake, text)
    assert shown.text.startswith("There is no sentence to write from. Paste the article's text")
    assert "the bot opens no links" in shown.text
    assert kept(bot) == before


async def test_a_number_is_changed_in_three_steps_from_the_card_that_has_it_and_where_it_still_stands_is_said(
    fake: FakeDiscord, bot: Running
) -> None:
    text = brief_text(title="Ferries", summary="1,500 came.", facts=[{"text": "1,500 came.", "by": "NIS"}])
    write(bot.folder, {"ferries.yaml": text})
    await bot.keeper.reload()
    card = (await fake.slash("brief", {"query": "ferries"})).message or {}
    opened = await draft(fake, "", {"components": card["components"], "flags": card["flags"]}, author=fake.bot)
    shown = await fake.submit(opened, {"summary": "1,600 came."})
    assert "⚠️ 1,500 still stands in Facts: “1,500 came.”" in await settled(shown)
    shown = await fake.submit(opened, {"summary": "1,600 came.", "facts": "NIS: 1,600 came."})
    assert "still stands" not in await settled(shown)
    await press(fake, shown, "Apply")
    assert files(bot.folder)["ferries.yaml"].count(b"1,600") == 2
    assert b"1,500" not in files(bot.folder)["ferries.yaml"]


async def test_of_a_card_of_the_bot_the_form_of_its_brief_opens(fake: FakeDiscord, bot: Running) -> None:
    card = (await fake.slash("brief", {"query": "cats"})).message or {}
    carried = {"components": card["components"], "flags": card["flags"]}
    opened = await draft(fake, "", carried, author=fake.bot)
    assert form(opened)["title"] == "Cats"
    shown = await fake.submit(opened, {"summary": "Cats hiss."})
    assert "### Change `cats`?" in await settled(shown)
    other = await draft(
        fake, "Cats are animals that purr, says A. Vet.", carried, author=User(7, "another bot", bot=True)
    )
    assert other.modal is None


async def test_phrases_that_a_brief_has_already_are_not_suggested(fake: FakeDiscord, bot: Running) -> None:
    shown = await draft(fake, "The Kitties met the NIS at noon, and the NIS met the Kitties at night.")
    assert "? NIS" in form(await write_on(fake, shown))["phrases"].splitlines()
    assert "kitties" not in form(await write_on(fake, shown))["phrases"].lower().splitlines()


async def test_a_file_is_drafted_from_as_a_message_is(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("briefs draft", {"file": Upload("velden.txt", BRIDGE.encode("utf-16"))}, **ADMIN)
    assert "### 2 topics" in await settled(shown)
    assert form(await write_on(fake, shown))["sources"] == "? velden"
    sent = await fake.submit(await write_on(fake, shown), {"title": "Velden", "summary": "It is closed."})
    assert "- Source: is empty; write it" in await settled(sent)


REFUSED: Sequence[tuple[str, bytes, str]] = (
    (
        "a.pdf",
        b"%PDF",
        "“a.pdf” is no file of text; send it as .txt, .md or .html, or paste the article into a message.",
    ),
    ("a.txt", "Über".encode("cp1252"), "“a.txt” is not UTF-8; save it with the encoding UTF-8"),
    ("a.txt", b"The end is near. " * (LONGEST // 16), "is longer than 100,000 characters; give the part that counts."),
    ("a.txt", b"a" * (MAX_BYTES + 1), "“a.txt” is larger than 1024 KiB; give the part that counts."),
    ("**@everyone**.html", b"<p>Menu", "There is no sentence to write from."),
    ("**@everyone**.exe", b"MZ", r"“\*\*\@everyone\*\*.exe” is no file of text"),
)


async def test_a_file_that_cannot_be_drafted_from_is_refused_with_what_to_do(fake: FakeDiscord, bot: Running) -> None:
    before = kept(bot)
    for name, content, why in REFUSED:
        shown = await fake.slash("briefs draft", {"file": Upload(name, content)}, **ADMIN)
        assert why in await settled(shown), name
    assert kept(bot) == before


async def test_nothing_is_fetched_but_from_hosts_of_discord_and_no_redirection_is_followed(
    fake: FakeDiscord, bot: Running
) -> None:
    url = "http://example.org/article.txt"
    foreign = with_files(fake, Upload("article.txt", BRIDGE.encode()))
    foreign["attachments"][0] |= {"url": url, "proxy_url": url}
    shown = await draft(fake, "", foreign)
    assert "“article.txt” does not lie on a host of Discord, so it was not fetched" in shown.text
    fake.fail_next("GET", "/attachments", 302)
    moved = await fake.slash("briefs draft", {"file": Upload("a.txt", BRIDGE.encode())}, **ADMIN)
    assert "Discord did not hand the file over (it answered 302); try again" in await settled(moved)


@pytest.mark.parametrize("number", [80, 1000])
async def test_more_topics_than_a_menu_holds_can_all_be_kept(fake: FakeDiscord, bot: Running, number: int) -> None:
    words = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(number)]
    lines = [
        f"The {a}lor met a {b}rin. Some {a}lor of a {b}rin saw them."
        for a, b in zip(words[::2], words[1::2], strict=True)
    ]
    shown = await fake.slash("briefs draft", {"file": Upload("a.txt", "\n".join(lines).encode())}, **ADMIN)
    found = int(re.findall(r"### (\d+) topics", await settled(shown))[0])
    assert (len(topics(shown)), found > 25) == (25, True)
    assert (found == MOST_TOPICS) == ("no more than 100 are read" in shown.text) == (number == 1000)
    assert "-# The first 25 can be chosen here, all can be kept as drafts." in shown.text
    assert f"{found} drafts kept" in await press(fake, shown, "Keep all as drafts")
    assert {row["state"] for row in rows(bot, "unfinished")} == {"waiting"}
    assert "Taken off the list" in await press(fake, shown, "Undo")
    assert {row["state"] for row in rows(bot, "unfinished")} == {"offered"}


HOSTILE = (
    'Kim "**@everyone**" <@1> said: “```\n# [a](https://evil.example) ||x||``` is 1,500 ||men|| in all,” said Li Wen.'
)


async def test_no_text_of_a_message_has_an_effect_in_what_is_offered(fake: FakeDiscord, bot: Running) -> None:
    shown = await draft(fake, f"{HOSTILE}\n{'A' * 300} {'Б' * 300} met {'x' * 400} there at noon.")
    assert not re.search(r"(?<!\\)@(everyone|here)|<@|```|\|\|", shown.text)
    await write_on(fake, shown)
    await press(fake, shown, re.compile("Keep"))
    listed = await fake.slash("briefs drafts", **ADMIN)
    assert not re.search(r"(?<!\\)@(everyone|here)|```|\|\|", await settled(listed))
    assert await attached(fake, listed) == {}
