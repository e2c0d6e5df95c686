"""The buttons of a card that is there already: sharing it once, all of it, and what has changed since."""

import asyncio
import re
from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from discord import ui

from bot.answering.matcher import Matcher
from bot.briefs.brief import Brief
from bot.briefs.card import card_of
from bot.briefs.card_text import card_length, markdown
from bot.briefs.change import Version
from bot.commands.card_desk import BRIEF_GONE, NOT_KEPT, SAYS_THE_SAME, UNCHANGED, changes
from bot.commands.layout import MOST_TEXT, shared_layout
from tests.brief_files import a_brief, base_of, brief_text, judging
from tests.commands.test_brief import SOMEBODY, STANDING, related_of, rows, shared_by
from tools.fake_discord import FakeDiscord
from tools.fake_discord.components import components_of
from tools.fake_discord.rules import displayed_text
from tools.running import Running

SHARE, ALL, STILL = "Share here", "All of it", "Still true?"
FACTS = [{"text": f"Fact {n}.", "by": "NIS"} for n in range(1, 5)]
IMAGE = {"url": "https://example.org/a.png", "alt": "A quay", "credit": "A photographer"}
FULL = a_brief("ships", title="Ships", facts=FACTS, image=IMAGE, related=["troops"], corrections=[])
TROOPS = a_brief("troops", title="Troops", questions=["How many soldiers?"])


@pytest.fixture
def briefed(bot: Running) -> Running:
    """A bot with a brief that is shown in part where it is shown in part."""
    bot.desk.use(Matcher(base_of(FULL, TROOPS)), {})
    return bot


async def test_a_card_in_part_has_the_first_facts_and_where_they_come_from(fake: FakeDiscord, briefed: Running) -> None:
    shown = await fake.message_command("Brief this", "ships")
    assert shown.text == (
        f"### Ships\n{STANDING}\nShips carry things.\n- **NIS**: Fact 1.\n- **NIS**: Fact 2.\n-# Source: A report"
    )
    assert shown.labels == [ALL, SHARE, "Not what I asked"]


async def test_in_a_group_a_card_is_shared_with_the_group_and_links_to_the_message_there(
    fake: FakeDiscord, briefed: Running
) -> None:
    """Nobody in a group is a member with the bot: whoever installed it brings it along, and it may only respond."""
    shown = await fake.message_command("Brief this", "ships", among=True)
    assert shown.labels == [ALL, SHARE, "Not what I asked"]
    (shared,) = await shared_by(fake, shown)
    assert shared["channel_id"] == shown.payload["channel_id"]
    link = f"https://discord.com/channels/@me/{shown.payload['channel_id']}/{shown.payload['data']['target_id']}"
    assert displayed_text(shared).startswith(f"-# Shared by <@{fake.user.id}>, on [this message](<{link}>)")
    await fake.press(shared, STILL, user=SOMEBODY, among=True)
    assert not [each for each in fake.requests if each.path.startswith("/channels/")]


@pytest.mark.parametrize(("where", "labels"), [({"among": True}, [SHARE]), ({"dm": True}, [])])
async def test_a_brief_that_was_chosen_can_be_shared_with_a_group_and_with_nobody_in_direct_messages(
    fake: FakeDiscord, briefed: Running, where: Any, labels: list[str]
) -> None:
    shown = await fake.slash("brief", {"query": "ships"}, **where)
    assert not shown.ephemeral
    (related,) = related_of(shown)
    chosen = await fake.press(shown, f"related:{FULL.id}", [related[1]], **where)
    assert chosen.labels == [*labels, "Not what I asked"]
    if labels:
        (shared,) = await shared_by(fake, chosen)
        assert "Shared by" in displayed_text(shared)


async def test_all_of_it_takes_the_place_of_the_part_and_leaves_what_stands_around_it(
    fake: FakeDiscord, bot: Running
) -> None:
    bot.desk.use(judging(base_of(FULL, TROOPS), answer=2, show=0, offer=0, suggest=0), {})
    shown = await fake.slash("brief", {"query": "the ships that sail"})
    before = shown.labels
    pressed = await fake.press(shown, ALL)
    assert pressed.callback is not None
    assert pressed.callback["type"] == 7
    assert shown.labels == before[1:]
    assert shown.text.startswith("**Closest match** to “the ships that sail”\n### Ships\n")
    assert "Fact 4." in shown.text
    assert "Or did you mean" in shown.text
    assert related_of(shown) == [("Troops", "troops")]
    assert len(rows(bot)) == 1
    assert (await fake.press(shown, "Not what I asked")).modal


async def test_a_card_that_has_no_more_is_shown_in_full_at_once(fake: FakeDiscord, briefed: Running) -> None:
    assert (await fake.message_command("Brief this", "troops")).labels == [SHARE, "Not what I asked"]


async def test_a_card_is_shared_once_however_often_that_is_pressed(fake: FakeDiscord, briefed: Running) -> None:
    shown = await fake.message_command("Brief this", "ships")
    before = deepcopy(shown.message)
    assert before is not None
    (shared,) = await shared_by(fake, before)
    again = await fake.press(before, SHARE)
    head, *card = displayed_text(shared).split("\n")
    target = shown.payload["data"]["target_id"]
    link = f"https://discord.com/channels/{fake.guilds[0].id}/{fake.guilds[0].channel}/{target}"
    assert head == f"-# Shared by <@{fake.user.id}>, on [this message](<{link}>)"
    assert "\n".join(card) == "\n".join(markdown(card_of(FULL, base_of(FULL, TROOPS), datetime.now(UTC).date())))
    assert again.followups == []
    assert again.callback == {"type": 6}
    (used_up,) = (each for each in components_of(shown.message) if each.get("label") == "Shared")
    assert used_up["disabled"]
    assert len(rows(briefed)) == 1


async def test_a_card_that_could_not_be_shared_can_be_shared_again(fake: FakeDiscord, briefed: Running) -> None:
    shown = await fake.message_command("Brief this", "ships")
    fake.fail_next("POST", r"/webhooks/\d+/[^/]+$", 403)
    failed = await fake.press(shown, SHARE)
    await failed.until(lambda it: SHARE in it.labels)
    (shared,) = await shared_by(fake, shown)
    assert displayed_text(shared).startswith("-# Shared by")


@pytest.mark.parametrize("press", [ALL, SHARE, STILL])
async def test_a_button_of_a_brief_that_is_gone_gets_a_plain_private_line(
    fake: FakeDiscord, briefed: Running, press: str
) -> None:
    ask = fake.slash("brief", {"query": "ships"}) if press == STILL else fake.message_command("Brief this", "ships")
    shown = await ask
    briefed.desk.use(Matcher(base_of(TROOPS)), {})
    pressed = await fake.press(shown, press)
    assert (pressed.text, pressed.ephemeral) == (BRIEF_GONE, True)


async def test_a_brief_that_has_not_changed_is_still_what_was_shown(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "troops"})
    said = await fake.press(shown, STILL, user=SOMEBODY)
    assert (said.text, said.ephemeral) == (UNCHANGED, True)
    assert len(rows(bot)) == 1


async def test_what_has_changed_since_a_card_was_sent_is_shown_to_whoever_presses(
    fake: FakeDiscord, bot: Running
) -> None:
    shown = await fake.slash("brief", {"query": "troops"})
    assert shown.message is not None
    file = bot.folder / "troops.yaml"
    await asyncio.sleep(0.05)  # the clock of a file system is up to 10 ms behind, and the card would be the newer one
    file.write_text(file.read_text().replace("grow to 12,000", "grow to 15,000"))
    await bot.keeper.reload()
    said = await (await fake.press(shown, STILL, user=SOMEBODY)).filled()
    assert said.ephemeral
    title, *standing, when, facts, before, _ = said.text.split("\n")
    assert (title, facts) == ("### Changed: North Korean troops in Russia", "**Facts**")
    assert "\n".join(standing) == STANDING
    assert re.fullmatch(r"-# Last changed <t:\d+:D>", when)
    assert before.startswith("before: ")
    assert "~~12,000~~" in said.text
    assert "**15,000**" in said.text
    assert said.labels == ["Read the brief"]


SHOWN_AT = datetime(2026, 1, 2, tzinfo=UTC)


def version(number: int, days: int, **keys: Any) -> Version:
    return Version(number, "ships", SHOWN_AT + timedelta(days=days), "edit", None, brief_text(**keys))


def said_of(versions: Sequence[Version], now: Brief) -> str:
    """Return the text of what is said of a brief that was shown at ``SHOWN_AT``."""
    card = card_of(now, base_of(now), SHOWN_AT.date(), versions[0].saved_at)
    return "\n".join(
        item.content for item in changes(versions, card, SHOWN_AT).walk_children() if hasattr(item, "content")
    )


def test_of_many_versions_the_one_that_was_in_use_then_is_held_against_the_present_one() -> None:
    versions = [version(n, 2 - n, summary=f"Number {n}.") for n in range(5)]
    text = said_of(versions, a_brief(summary="Number 0."))
    assert "before: Number ~~2~~." in text
    assert "now: Number **0**." in text


def test_what_only_reads_the_same_or_is_no_longer_kept_is_said_honestly() -> None:
    now = a_brief(aliases=["boats"])
    assert said_of([version(2, 1, aliases=["boats"]), version(1, -1)], now) == SAYS_THE_SAME
    assert said_of([version(2, 1, aliases=["boats"])], now) == NOT_KEPT


@pytest.mark.parametrize("room", [0, 200])
def test_the_largest_card_that_is_shared_is_within_the_limit_of_discord(room: int) -> None:
    facts = [{"text": f"{n}" + "x" * 290, "by": str(n) * 20} for n in range(10)]
    rest = 3900 - card_length(a_brief(summary="1", facts=facts)) - room
    brief = a_brief(summary="1" * (1 + rest), facts=facts)
    assert card_length(brief) == 3900 - room
    view = shared_layout(
        card_of(brief, base_of(brief), SHOWN_AT.date()), 2**63, "https://discord.com/channels/" + "1" * 61
    )
    assert view.content_length() <= MOST_TEXT
    assert view.total_children_count <= 40
    head = next(item for item in view.children if isinstance(item, ui.TextDisplay))
    assert ("this message" in head.content) == bool(room)


async def test_what_has_changed_is_said_in_the_language_of_the_reader_if_there_was_a_translation_then() -> None:
    def version(n: int, name: str, text: str) -> Version:
        return Version(n, name, datetime(2024, 10, n, tzinfo=UTC), "file", None, text)

    brief = a_brief("ships", title="Ships")
    own = [version(n, "ships", brief_text(title="Ships", summary=f"They are {n}.")) for n in (3, 1)]
    german = [version(n, "ships.de", f"title: Schiffe\nsummary: Es sind {n}.\n") for n in (3, 1)]
    card = card_of(brief, base_of(brief), datetime(2025, 1, 1, tzinfo=UTC).date())
    since = datetime(2024, 10, 2, tzinfo=UTC)
    views = [changes(own, card, since, each) for each in (german, [])]
    said = [
        " ".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)) for view in views
    ]
    assert "Es sind" in said[0]
    assert "They are" not in said[0]
    assert "They are" in said[1]
