"""What a member sees on Discord: the real client, over loopback, against a Discord that holds it to the rules."""

import asyncio
import logging
import re
import sqlite3
from contextlib import closing
from datetime import date
from typing import Any

import pytest

from bot.answering.matcher import Matcher
from bot.answering.wording import FOR_EXAMPLE, HOW_TO_ASK, MISS_NOTED, NEAREST, OR_ONE_OF_THESE
from bot.briefs.brief import BriefBase
from bot.briefs.card import card_of, compact
from bot.briefs.card_text import card_length, markdown
from bot.commands.layout import BE_TOLD
from bot.gateway.replies import NOT_CERTAIN
from bot.storage import database
from tests import messages
from tests.brief_files import a_brief, base_of, judging
from tests.conftest import Start
from tests.databases import records
from tools.environment import HANGS
from tools.fake_discord import Exchange, FakeDiscord, Guild, User
from tools.fake_discord.components import components_of
from tools.fake_discord.rules import EPHEMERAL, Json, displayed_text
from tools.running import Running

pytestmark = pytest.mark.usefixtures("engine")

SOMEBODY = User(1_000_000_000_000_000_077, "somebody")
STANDING = "**Reported** · as of October 2024\n<t:1728993600:R>"
"""Below the title of a brief of that month, and how long ago it was."""


def rows(bot: Running) -> list[dict[str, Any]]:
    """Return the log as another process would read it."""
    return records(bot.folder.parent, "SELECT * FROM lookups ORDER BY id")


def related_of(shown: Exchange) -> list[tuple[str, str]]:
    """Return the titles and values of the menu of related briefs."""
    (menu,) = (each for each in components_of(shown.message) if each.get("placeholder") == "Related …")
    return [(option["label"], option["value"]) for option in menu["options"]]


async def shared_by(fake: FakeDiscord, shown: Exchange | Json) -> list[Json]:
    """Press the button that shows a card to the channel, and return what is shown."""
    pressed = await fake.press(shown, "Share here")
    return (await pressed.until(lambda it: it.followups)).followups


def unescaped(text: str) -> str:
    return re.sub(r"\\([^\w\s])", r"\1", text)


@pytest.fixture
def unsure(engine: str, bot: Running, shipped: BriefBase) -> None:
    """Let the bot be sure of nothing that is not typed in full, and never without an idea."""
    bot.desk.use(judging(shipped, answer=2, show=2, suggest=0), {})


@pytest.fixture
def likely(engine: str, bot: Running, shipped: BriefBase) -> None:
    """Let the bot find everything likely that is not typed in full, and as much of it as can be shown."""
    bot.desk.use(judging(shipped, answer=2, show=0, offer=0, suggest=0), {})


@pytest.fixture
def hopeless(engine: str, bot: Running, shipped: BriefBase) -> None:
    """Let the bot take everything that is not typed in full for a miss."""
    bot.desk.use(judging(shipped, answer=2, suggest=2, offer=0), {})


async def test_a_brief_is_answered_in_the_channel_with_all_its_words(
    fake: FakeDiscord, bot: Running, shipped: BriefBase
) -> None:
    shown = await fake.slash("brief", {"query": "troops"})
    brief = shipped.briefs["troops"]
    assert not shown.ephemeral
    read = unescaped(shown.text)
    for words in (brief.title, brief.summary.plain, "**Reported** · as of October 2024"):
        assert words in read
    for fact in brief.facts:
        assert fact.text.plain in read
        assert fact.by is None or f"**{fact.by}**" in read
    assert brief.sources[0].name in read
    assert shown.labels == ["Still true?", "Not what I asked"]
    assert related_of(shown) == [(shipped.briefs[other].title, other) for other in brief.related]


@pytest.mark.parametrize("where", [{}, {"dm": True}, {"guild": Guild(1_333_000_000_000_000_000)}], ids=str)
async def test_a_brief_is_answered_in_servers_direct_messages_and_as_a_user_install(
    fake: FakeDiscord, bot: Running, where: Any
) -> None:
    assert "troops in Russia" in (await fake.slash("brief", {"query": "nk troops"}, **where)).text


@pytest.mark.both
async def test_every_lookup_is_in_the_log_before_its_answer_arrives(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "Trops!"})
    (row,) = rows(bot)
    assert row["query"] == "Trops!"
    assert (row["outcome"], row["brief"], row["via"]) == ("answer", "troops", "slash")
    assert row["interaction_id"] == int(shown.id)
    assert row["guild_id"] == fake.guilds[0].id
    assert row["channel_id"] == fake.guilds[0].channel
    assert row["asked_at"].endswith("Z")
    assert str(fake.user.id) not in str(row)


@pytest.mark.both
async def test_a_miss_is_honest_private_and_noted(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "adele @everyone"})
    assert shown.ephemeral
    assert unescaped(shown.text) == f"No brief on “adele @everyone”.\n{MISS_NOTED}\n{BE_TOLD}"
    assert shown.labels == ["Tell me"]
    assert [row["outcome"] for row in rows(bot)] == ["miss"]


@pytest.mark.sqlite
async def test_a_miss_that_the_log_does_not_hold_yet_is_not_called_noted(fake: FakeDiscord, bot: Running) -> None:
    with closing(sqlite3.connect(bot.database.name, isolation_level=None)) as other, other:
        other.execute("BEGIN IMMEDIATE")
        shown = await fake.slash("brief", {"query": "adele"})
        assert shown.text == "No brief on “adele”."
        other.execute("ROLLBACK")


@pytest.mark.parametrize("query", ["hello", "help", "?", "   "])
async def test_who_asks_for_nothing_is_told_how_to_ask_with_examples_that_have_an_answer(
    fake: FakeDiscord, bot: Running, query: str
) -> None:
    shown = await fake.slash("brief", {"query": query})
    assert shown.ephemeral
    how, for_example, *examples = unescaped(shown.text).split("\n")
    assert (how, for_example) == (HOW_TO_ASK, FOR_EXAMPLE)
    assert len(examples) == 3
    for example in examples:
        assert not (await fake.slash("brief", {"query": example.removeprefix("- ")})).ephemeral
    assert [row["outcome"] for row in rows(bot)] == ["miss", "answer", "answer", "answer"]


@pytest.mark.usefixtures("likely")
async def test_a_likely_brief_is_shown_at_once_to_the_asker_alone_with_the_others_as_buttons(
    fake: FakeDiscord, bot: Running, shipped: BriefBase
) -> None:
    shown = await fake.slash("brief", {"query": "dprk soldiers photos"})
    brief = shipped.briefs["troops"]
    assert shown.ephemeral
    heading, *card, instead = unescaped(shown.text).split("\n")
    assert (heading, instead) == ("**Closest match** to “dprk soldiers photos”", OR_ONE_OF_THESE)
    assert "\n".join(card) == unescaped("\n".join(markdown(compact(card_of(brief, shipped, date.today())))))
    others = [shipped.briefs[other].title for other in ("ships", "aerial-images")]
    assert shown.labels == ["All of it", "Share here", "Not what I asked", *others]
    assert [(row["outcome"], row["brief"], row["feedback"]) for row in rows(bot)] == [("suggest", None, None)]


@pytest.mark.usefixtures("likely")
async def test_another_candidate_of_the_closest_match_is_a_lookup_of_its_own_in_place(
    fake: FakeDiscord, bot: Running, shipped: BriefBase
) -> None:
    shown = await fake.slash("brief", {"query": "dprk soldiers photos"})
    title = shipped.briefs["ships"].title
    await fake.press(shown, title)
    assert unescaped(shown.text).startswith(f"### {title}\n")
    assert [(row["via"], row["query"], row["outcome"], row["confidence"]) for row in rows(bot)][1:] == [
        ("button", title, "answer", 1.0)
    ]


@pytest.mark.usefixtures("likely")
async def test_the_closest_match_can_be_shared_and_its_asker_can_say_that_it_was_not_meant(
    fake: FakeDiscord, bot: Running
) -> None:
    shown = await fake.slash("brief", {"query": "dprk soldiers photos"})
    (shared,) = await shared_by(fake, shown)
    head, title, *_ = displayed_text(shared).split("\n")
    assert (head, title) == (f"-# Shared by <@{fake.user.id}>", "### North Korean troops in Russia")
    assert not shared["flags"] & EPHEMERAL
    opened = await fake.press(shown, "Not what I asked")
    assert [(row["outcome"], row["feedback"]) for row in rows(bot)] == [("suggest", "wrong")]
    assert "Thank you" in (await fake.submit(opened, {"kind": "wrong"})).text


@pytest.mark.usefixtures("likely")
async def test_the_closest_match_to_a_message_keeps_none_of_its_words(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.message_command("Brief this", "dprk soldiers photos")
    assert shown.ephemeral
    assert shown.text.startswith("**Closest match**")
    asked = await fake.submit(await fake.press(shown, "Not what I asked"), {"kind": "wrong"})
    assert asked.labels == ["Ask the admins about this"]
    assert [(row["query"], row["outcome"], row["feedback"]) for row in rows(bot)] == [("", "suggest", "wrong")]


@pytest.mark.parametrize(("answer", "kept"), [("Yes", ["suggest", "answer"]), ("No", ["suggest"])])
async def test_of_one_likely_brief_it_is_asked_whether_it_was_meant(
    fake: FakeDiscord, bot: Running, shipped: BriefBase, answer: str, kept: list[str]
) -> None:
    bot.desk.use(judging(shipped, answer=2, show=2, offer=2, suggest=0), {})
    asked = await fake.slash("brief", {"query": "dprk soldiers photos"})
    title = shipped.briefs["troops"].title
    assert asked.ephemeral
    assert (asked.text, asked.labels) == (f"Did you mean **{title}**?", ["Yes", "No"])
    pressed = await fake.press(asked, answer)
    assert [row["outcome"] for row in rows(bot)] == kept
    if answer == "Yes":
        assert unescaped(asked.text).startswith(f"### {title}\n")
        assert (rows(bot)[1]["via"], rows(bot)[1]["query"]) == ("button", title)
    else:
        assert "Thank you" in pressed.text
        assert rows(bot)[0]["feedback"] == "wrong"


async def test_the_largest_closest_match_is_within_the_limits_of_discord(fake: FakeDiscord, bot: Running) -> None:
    fact = {"text": "x" * 300, "by": "x" * 80}
    others = [a_brief(f"other-{n}", title=f"{n} parking " + "y" * 90) for n in range(7)]
    largest = a_brief(
        "largest",
        title="x" * 100,
        aliases=["parking lots"],
        summary="x" * 1000,
        facts=[fact | {"by": str(n) * 80} for n in range(6)],
        related=[other.id for other in others[:5]],
    )
    bot.desk.use(judging(base_of(largest, *others), answer=2, show=0, offer=0, suggest=0), {})
    shown = await fake.slash("brief", {"query": "the parking lots"})
    assert shown.ephemeral
    assert shown.text.startswith("**Closest match**")
    assert card_length(largest) > 3500


@pytest.mark.usefixtures("unsure")
async def test_a_doubtful_query_asks_back_in_private_and_its_button_shows_the_brief_in_place(
    fake: FakeDiscord, bot: Running
) -> None:
    asked = await fake.slash("brief", {"query": "dprk soldiers photos"})
    assert asked.ephemeral
    assert "Did you mean" in asked.text
    title, *others = asked.labels
    assert 1 <= len(others) <= 3
    assert others[-1] == "None of these"
    chosen = await fake.press(asked, title)
    assert title in unescaped(asked.text)
    assert chosen.callback is not None
    assert chosen.callback["type"] == 7
    assert [(row["via"], row["query"], row["confidence"]) for row in rows(bot)][1:] == [("button", title, 1.0)]


@pytest.mark.usefixtures("unsure")
async def test_that_none_of_the_suggestions_was_meant_is_noted(fake: FakeDiscord, bot: Running) -> None:
    asked = await fake.slash("brief", {"query": "dprk soldiers photos"})
    assert "Thank you" in (await fake.press(asked, "None of these")).text
    assert [(row["outcome"], row["feedback"]) for row in rows(bot)] == [("suggest", "wrong")]


@pytest.mark.usefixtures("unsure")
async def test_a_brief_that_was_chosen_in_private_can_be_shared_with_the_channel(
    fake: FakeDiscord, bot: Running
) -> None:
    asked = await fake.slash("brief", {"query": "dprk soldiers photos"})
    await fake.press(asked, asked.labels[0])
    (shared,) = await shared_by(fake, asked)
    assert [each["label"] for each in components_of(shared) if each.get("label")] == ["Still true?"]
    assert len(rows(bot)) == 2


@pytest.mark.usefixtures("hopeless")
async def test_the_nearest_topics_of_a_miss_are_buttons(fake: FakeDiscord, bot: Running) -> None:
    missed = await fake.slash("brief", {"query": "dprk soldiers photos"})
    assert unescaped(missed.text) == f"No brief on “dprk soldiers photos”.\n{MISS_NOTED}\n{NEAREST}\n{BE_TOLD}"
    assert len(missed.labels) == 4
    await fake.press(missed, missed.labels[0])
    assert [row["via"] for row in rows(bot)] == ["slash", "button"]


async def test_a_related_brief_is_shown_to_whoever_chooses_it_alone(fake: FakeDiscord, bot: Running) -> None:
    public = await fake.slash("brief", {"query": "troops"})
    before = public.text
    title, related = related_of(public)[0]
    pressed = await fake.press(public, "Related …", [related], user=SOMEBODY)
    assert pressed.callback is not None
    assert pressed.callback["type"] == 4
    assert pressed.ephemeral
    assert public.text == before
    assert len({row["user_hash"] for row in rows(bot)}) == 2
    assert [(row["via"], row["query"], row["confidence"]) for row in rows(bot)][1:] == [("button", title, 1.0)]


@pytest.mark.both
async def test_only_the_asker_can_say_that_a_brief_is_not_what_was_asked(fake: FakeDiscord, bot: Running) -> None:
    public = await fake.slash("brief", {"query": "troops"})
    refused = await fake.press(public, "Not what I asked", user=SOMEBODY)
    assert refused.ephemeral
    assert "Only the member who asked" in refused.text
    assert [row["feedback"] for row in rows(bot)] == [None]
    assert (await fake.press(public, "Not what I asked")).modal
    assert [row["feedback"] for row in rows(bot)] == ["wrong"]


@pytest.mark.parametrize(
    "custom_id",
    [
        "brief:gone",
        "brief:",
        "brief",
        "share:gone",
        "wrong:",
        "wrong:1",
        "wrong:" + "9" * 40,
        "wrong:-1",
        "wrong:²",
        "nonsense:1",
    ],
)
async def test_a_button_of_a_removed_brief_or_a_forged_one_gets_a_plain_private_line(
    fake: FakeDiscord, bot: Running, custom_id: str
) -> None:
    public = await fake.slash("brief", {"query": "troops"})
    assert public.message is not None
    public.message["components"][-1]["components"][0]["custom_id"] = custom_id
    pressed = await fake.press(public, custom_id)
    assert pressed.ephemeral
    assert "Something went wrong" not in pressed.text
    assert len(rows(bot)) == 1


@pytest.mark.both
async def test_buttons_keep_working_after_a_restart(fake: FakeDiscord, start: Start, shipped: BriefBase) -> None:
    bot = await start()
    bot.desk.use(judging(shipped, answer=2, show=2, suggest=0), {})
    asked = await fake.slash("brief", {"query": "dprk soldiers photos"})
    public = await fake.slash("brief", {"query": "troops"})
    restarted = await start()
    title = asked.labels[0]
    await fake.press(asked, title)
    assert title in unescaped(asked.text)
    assert (await fake.press(public, "Related …", ["ships"], user=SOMEBODY)).ephemeral
    opened = await fake.press(public, "Not what I asked")
    assert [row["feedback"] for row in rows(restarted)] == [None, "wrong", None, None]
    assert "Thank you" in (await fake.submit(opened, {"kind": "outdated"})).text


async def test_the_related_buttons_of_a_card_that_was_sent_long_ago_keep_working(
    fake: FakeDiscord, bot: Running
) -> None:
    public = await fake.slash("brief", {"query": "troops"})
    assert public.message is not None
    public.message["components"][-1]["components"][0] |= {"custom_id": "brief:ships", "label": "Russian ships"}
    pressed = await fake.press(public, "brief:ships", user=SOMEBODY)
    assert pressed.ephemeral
    assert pressed.text.startswith("### Russian ships")
    assert [(row["via"], row["brief"]) for row in rows(bot)][1:] == [("button", "ships")]


async def test_a_card_in_direct_messages_is_shared_with_nobody(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "troops"}, dm=True)
    chosen = await fake.press(shown, "Related …", ["ships"])
    assert chosen.labels == ["Not what I asked"]


async def test_asked_for_a_brief_that_was_replaced_the_channel_gets_the_new_one_with_a_line(
    fake: FakeDiscord, bot: Running
) -> None:
    old, new = a_brief("old", title="Old *ships*", replaced_by="vessels"), a_brief("vessels", title="Vessels")
    bot.desk.use(Matcher(base_of(old, new)), {})
    shown = await fake.slash("brief", {"query": "old ships"})
    assert shown.text.startswith(f"### Vessels\n{STANDING}\n-# “Old \\*ships\\*” was replaced by")
    assert [row["brief"] for row in rows(bot)] == ["vessels"]


async def test_a_picture_has_its_description_and_stands_behind_the_facts(fake: FakeDiscord, bot: Running) -> None:
    image = {"url": "https://example.org/a.png", "alt": "A grey *quay*", "credit": "A photographer"}
    bot.desk.use(Matcher(base_of(a_brief("ships", image=image, facts=[{"text": "One."}]))), {})
    shown = await fake.slash("brief", {"query": "ships"})
    assert shown.message is not None
    (card, _) = shown.message["components"]
    kinds = [each["type"] for each in card["components"]]
    assert kinds == [10, 10, 10, 12, 10, 14, 10]
    (item,) = card["components"][3]["items"]
    assert (item["media"]["url"], item["description"]) == (image["url"], image["alt"])
    assert "-# A grey \\*quay\\*\n-# Image: A photographer" in shown.text


async def test_the_text_of_a_message_is_briefed_in_private(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.message_command("Brief this", "how many nk soldiers are in russia?")
    assert shown.ephemeral
    assert shown.labels == ["All of it", "Share here", "Not what I asked"]
    assert [(row["via"], row["query"]) for row in rows(bot)] == [("menu", "")]


ASK = "Ask the admins about this"


@pytest.mark.parametrize(
    "message",
    [
        messages.forwarding(content="troops"),
        messages.forwarding(**messages.with_embed(title="Troops")),
        messages.with_embed(title="troops", type="article", url="https://example.org"),
        messages.with_poll("troops"),
        messages.with_components(messages.container(messages.text("## Troops"))),
        messages.with_attachment("troops"),
    ],
    ids=["a forward", "a forwarded embed", "an embed", "a poll", "components", "an alt text"],
)
async def test_a_message_is_briefed_by_all_text_that_it_carries(
    fake: FakeDiscord, bot: Running, message: dict[str, Any]
) -> None:
    assert "troops in Russia" in (await fake.message_command("Brief this", "", carrying=message)).text
    assert [(row["outcome"], row["brief"], row["query"]) for row in rows(bot)] == [("answer", "troops", "")]


async def test_our_own_card_is_read_like_any_message(fake: FakeDiscord, bot: Running) -> None:
    card = (await fake.slash("brief", {"query": "troops"})).message
    assert card is not None
    carried = {key: card[key] for key in ("components", "flags")}
    assert "No brief on" not in (await fake.message_command("Brief this", "", carrying=carried)).text


@pytest.mark.parametrize(
    ("text", "message"),
    [("", {}), (" \n", {}), ("<:joy:1> <@1>", {}), ("", messages.with_attachment(None)), ("", messages.forwarding())],
    ids=["nothing", "spaces", "an emoji of a server and a mention", "a file without words", "a forward of nothing"],
)
async def test_a_message_without_text_says_so_and_is_no_lookup(
    fake: FakeDiscord, bot: Running, text: str, message: dict[str, Any]
) -> None:
    shown = await fake.message_command("Brief this", text, carrying=message)
    assert shown.ephemeral
    assert "no text" in shown.text
    assert shown.labels == []
    assert rows(bot) == []


@pytest.mark.both
async def test_words_of_a_message_that_missed_are_kept_only_if_whoever_asked_says_so(
    fake: FakeDiscord, bot: Running
) -> None:
    text = "qwxz " * 100
    shown = await fake.message_command("Brief this", text)
    assert "No brief on “qwxz qwxz" in shown.text
    assert "noted" not in shown.text
    assert [(row["outcome"], row["query"]) for row in rows(bot)] == [("miss", "")]
    assert "admins see the beginning" in (await fake.press(shown, ASK)).text
    assert [(row["outcome"], row["query"], row["feedback"]) for row in rows(bot)] == [("miss", text[:200], None)]


@pytest.mark.usefixtures("unsure")
async def test_what_was_not_meant_by_a_message_can_be_asked_about_too(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.message_command("Brief this", "dprk soldiers photos")
    said = await fake.press(shown, "None of these")
    assert "do not see what the message says" in said.text
    assert [(row["query"], row["feedback"]) for row in rows(bot)] == [("", "wrong")]
    await fake.press(said, ASK)
    assert [(row["query"], row["feedback"]) for row in rows(bot)] == [("dprk soldiers photos", "wrong")]


@pytest.mark.usefixtures("unsure")
@pytest.mark.both
async def test_what_the_log_may_lose_is_not_called_noted_and_can_be_said_again(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await fake.slash("brief", {"query": "dprk soldiers photos"})
    about = await fake.message_command("Brief this", "dprk soldiers photos")
    offered = await fake.press(about, "None of these")
    for shown, button, done in ((asked, "None of these", "Thank you"), (offered, ASK, "admins see the beginning")):
        with monkeypatch.context() as full:
            full.setattr(database, "MOST_WAITING", 0)
            assert (await fake.press(shown, button)).text == NOT_CERTAIN
        assert done in (await fake.press(shown, button)).text
    assert [(row["query"], row["feedback"]) for row in rows(bot)] == [("dprk soldiers photos", "wrong")] * 2


async def test_what_a_message_said_is_not_at_hand_after_a_restart(fake: FakeDiscord, start: Start) -> None:
    await start()
    shown = await fake.message_command("Brief this", "qwxz")
    restarted = await start()
    assert "no longer has the text" in (await fake.press(shown, ASK)).text
    assert [row["query"] for row in rows(restarted)] == [""]


async def test_nobody_else_can_send_a_message_to_the_admins(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.message_command("Brief this", "qwxz")
    public = await fake.slash("brief", {"query": "troops"})
    assert public.message is not None
    public.message["components"][-1]["components"][0]["custom_id"] = f"ask:{shown.id}"
    assert "Only the member who asked" in (await fake.press(public, f"ask:{shown.id}", user=SOMEBODY)).text
    assert next(row["query"] for row in rows(bot)) == ""


HOSTILE = {
    "markdown": "**bold** [a](https://evil.example) `code` ||spoiler||",
    "mentions": "@everyone <@1> <@&2> <#3>",
    "brackets": "[a](" * 1500,
    "nul": "troops\x00",
    "zalgo": "t̷̡̢r̸o̶o̴p̵s" * 100,
    "bidi": "\u202etroops\u2066",
    "emoji": "🚀" * 3000,
    "surrogate": "\ud800 lone",
    "longest": "troops " * 857,
    "blank": "   ",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_no_text_of_a_member_breaks_or_colours_the_answer(fake: FakeDiscord, bot: Running, text: str) -> None:
    shown = await fake.slash("brief", {"query": text})
    assert shown.text
    assert "https://" not in shown.text
    assert len(rows(bot)) == 1
    await fake.autocomplete("brief", "query", text)


async def test_autocomplete_offers_titles_that_find_their_brief(fake: FakeDiscord, bot: Running) -> None:
    typed = await fake.autocomplete("brief", "query", "nk troo")
    assert typed.choices[0]["name"] == "North Korean troops in Russia"
    shown = await fake.slash("brief", {"query": typed.choices[0]["value"]})
    assert not shown.ephemeral
    assert [row["confidence"] for row in rows(bot)] == [1.0]


@pytest.mark.both
async def test_empty_autocomplete_shows_what_this_server_asked_for_most_then_titles(
    fake: FakeDiscord, bot: Running, shipped: BriefBase
) -> None:
    titles = sorted((brief.title for brief in shipped.briefs.values()), key=str.casefold)
    names = [choice["name"] for choice in (await fake.autocomplete("brief", "query", "")).choices]
    assert names == titles[:25]
    for query in ("weapons", "troops", "troops"):
        await fake.slash("brief", {"query": query})
    elsewhere = Guild(1_444_000_000_000_000_000)
    await fake.join(elsewhere)
    names = [choice["name"] for choice in (await fake.autocomplete("brief", "query", "")).choices]
    assert names[:2] == [shipped.briefs["troops"].title, shipped.briefs["weapons"].title]
    assert sorted(names) == sorted(titles)
    there = await fake.autocomplete("brief", "query", "", guild=elsewhere)
    assert [choice["name"] for choice in there.choices] == titles[:25]


async def test_an_unexpected_error_reaches_the_member_as_one_line_with_a_reference_that_is_logged(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = Matcher(bot.desk.matcher.base)
    broken.named = broken.complete = None  # as a bug of ours might
    bot.desk.use(broken, {})
    for exchange in (
        await fake.slash("brief", {"query": "troops"}),
        await fake.message_command("Brief this", "troops"),
    ):
        assert exchange.ephemeral
        reference = re.search(r"reference: (\w{8})$", exchange.text)
        assert reference
        assert any(reference[1] in record.getMessage() and record.exc_info for record in caplog.records)
    assert (await fake.autocomplete("brief", "query", "troops")).choices == []


@pytest.mark.sqlite
async def test_a_log_that_cannot_be_written_costs_no_member_the_answer(fake: FakeDiscord, bot: Running) -> None:
    with closing(sqlite3.connect(bot.database.name, isolation_level=None)) as other, other:
        other.execute("BEGIN IMMEDIATE")
        shown = await fake.slash("brief", {"query": "troops"})
        assert "troops in Russia" in shown.text
        other.execute("ROLLBACK")
    async with asyncio.timeout(HANGS):
        while bot.database.waiting:
            await asyncio.sleep(0.01)
    assert [row["brief"] for row in rows(bot)] == ["troops"]


async def test_the_diagnostic_log_has_one_line_a_lookup_and_no_word_of_it(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await fake.slash("brief", {"query": "xyzzy\nplugh"})
    lines = [record.getMessage() for record in caplog.records if record.name == "bot.commands.brief"]
    assert len(lines) == 1
    assert "miss" in lines[0]
    assert "xyzzy" not in caplog.text


async def test_the_commands_are_registered_for_every_place(fake: FakeDiscord, bot: Running) -> None:
    registered = {command["name"]: command for command in fake.commands[None]}
    assert registered.keys() == {"brief", "briefs", "privacy", "Brief this", "Draft a brief"}
    assert registered.pop("Draft a brief")["contexts"] == [0]
    assert all(command["contexts"] == [0, 1, 2] for command in registered.values())
    assert all(command["integration_types"] == [0, 1] for command in registered.values())
    assert registered["brief"]["options"][0]["autocomplete"]


@pytest.mark.parametrize("trouble", ["drop", "reconnect", "invalid"])
async def test_answers_go_on_after_the_connection_was_lost(fake: FakeDiscord, bot: Running, trouble: str) -> None:
    match trouble:
        case "drop":
            fake.drop()
        case "reconnect":
            await fake.ask_to_reconnect()
        case _:
            await fake.invalidate(resumable=True)
    await asyncio.sleep(0.05)
    async with asyncio.timeout(HANGS):
        await fake.connected()
    shown = await fake.slash("brief", {"query": "troops"})
    assert "troops in Russia" in shown.text
    assert fake.resumes
