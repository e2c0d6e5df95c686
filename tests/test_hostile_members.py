"""Whatever members send: the reply is one of ours, nothing of theirs is alive anywhere, and the log has it as asked."""

import asyncio
import logging
import re
import time
from collections.abc import Iterator, Set
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given

from bot.answering.answer import Missing, Unsure, answer
from bot.answering.matcher import Candidate, Matcher
from bot.answering.wording import (
    CLOSEST,
    DID_YOU_MEAN,
    LONGEST_REPEATED,
    MISS_NOTED,
    NEAREST,
    OR_ONE_OF_THESE,
    opening,
)
from bot.briefs.brief import BriefBase
from bot.briefs.card import card_of, compact
from bot.briefs.card_text import markdown
from bot.briefs.markup import neutralised
from bot.cli.main import main
from bot.commands.admin.miss_views import miss_line
from bot.commands.brief import NO_TEXT
from bot.commands.layout import BE_TOLD, label
from bot.reports.misses import MissGroup
from bot.reports.report import plain_misses
from tests.admins import settled
from tests.brief_files import PROPERTY
from tests.briefs.test_card import read
from tests.commands.test_brief import rows
from tests.commands.test_texts import assert_disarmed, assert_inert
from tests.hostile_texts import ANY_TEXT, TEXTS, stored
from tools.fake_discord import MANAGER, Exchange, FakeDiscord, components_of
from tools.running import Running

pytestmark = pytest.mark.slow

LINE = re.compile(r"lookup (answer|suggest|miss) of [a-z0-9-]+ with confidence \d\.\d\d in \d+\.\d ms via (slash|menu)",
                  re.IGNORECASE)  # fmt: skip
REPEATED = re.compile(f"No brief on “(.+)”\\.(?:\n{re.escape(MISS_NOTED)})?|\\*\\*Closest match\\*\\* to “(.+)”")
"""The replies that repeat a question."""

ASK = "Ask the admins about this"
OF_THE_CONNECTION = {"bot.gateway.connection", "bot.gateway.delivery", "bot.gateway.shards", "discord.gateway"}
"""Loggers that may say something on a busy machine: of sessions, and of a response that is sent once more."""

OF_A_CARD = {"Not what I asked", "Still true?", "Share here", "All of it"}
OWN_LABELS = OF_A_CARD | {"None of these", "Yes", "No", ASK, "Tell me"}


def blocks(shown: Exchange) -> Iterator[str]:
    """Yield the texts of a response one by one."""
    for each in components_of(shown.message):
        if each["type"] == 10:
            yield each["content"]


@cache
def texts_of_ours(matcher: Matcher, today: date) -> Set[str]:
    """Return every text that a reply over this base may be made of."""
    base = matcher.base
    ours = {DID_YOU_MEAN, NEAREST, NO_TEXT, BE_TOLD, f"**{CLOSEST}**", OR_ONE_OF_THESE}
    ours |= {opening(Unsure((Candidate(brief, 0.3),)), "", noted=False) for brief in base.briefs.values()}
    ours.add(opening(Missing(empty=True, examples=tuple(matcher.examples())), "", noted=True))
    cards = [card_of(brief, base, today) for brief in base.briefs.values()]
    return ours | {block for card in cards for part in (card, compact(card)) for block in markdown(part)}


def assert_ours(shown: Exchange, matcher: Matcher) -> None:
    """Hold a reply to be made of our own texts and the admins' alone, but for a question that is repeated."""
    ours = texts_of_ours(matcher, datetime.now(UTC).date())
    for block in blocks(shown):
        if repeated := REPEATED.fullmatch(block):
            question = repeated[1] or repeated[2]
            assert len(read(question)[0]) <= LONGEST_REPEATED
            assert_disarmed(question)
        else:
            assert re.sub(r"\n-# Last changed <t:\d+:D>$", "", block) in ours
    assert set(shown.labels) <= OWN_LABELS | {label(brief.title) for brief in matcher.base.briefs.values()}


def is_onward(component: dict[str, Any]) -> bool:
    return "▶" in component.get("label", "") and not component.get("disabled")


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the diagnostic log has got of lookups since the last time, and see to it that it got nothing else."""
    records = [record for record in caplog.records if record.name not in OF_THE_CONNECTION]
    caplog.clear()
    assert {record.name for record in records} <= {"bot.commands.brief", "bot.gateway.client"}
    assert all(
        record.getMessage().startswith("connected as ") for record in records if record.name == "bot.gateway.client"
    )
    return [record.getMessage() for record in records if record.name == "bot.commands.brief"]


async def test_any_query_gets_a_reply_of_ours_one_row_as_asked_and_one_line_without_its_words(
    fake: FakeDiscord, bot: Running, matcher: Matcher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.clear()
    for name, text in TEXTS.items():
        assert_ours(await fake.slash("brief", {"query": text}), matcher)
        (line,) = lines_of(caplog)
        assert LINE.fullmatch(line), name
    assert [row["query"] for row in rows(bot)] == [stored(text) for text in TEXTS.values()]


async def test_any_half_typed_text_offers_titles_alone_and_is_not_logged(
    fake: FakeDiscord, bot: Running, shipped: BriefBase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.clear()
    titles = {brief.title for brief in shipped.briefs.values()}
    for text in TEXTS.values():
        choices = (await fake.autocomplete("brief", "query", text)).choices
        assert {choice[key] for choice in choices for key in ("name", "value")} <= titles
    assert lines_of(caplog) == []
    assert rows(bot) == []


async def test_of_any_message_nothing_is_kept_before_whoever_asked_says_so(
    fake: FakeDiscord, bot: Running, matcher: Matcher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.clear()
    for name, text in TEXTS.items():
        shown = await fake.message_command("Brief this", text)
        assert shown.ephemeral
        assert_ours(shown, matcher)
        lines = lines_of(caplog)
        assert all(map(LINE.fullmatch, lines)), name
        assert len(lines) == (NO_TEXT not in shown.text)
        if ASK in shown.labels:
            await fake.press(shown, ASK)
            kept = rows(bot)[-1]["query"]
            assert kept
            assert _without_links(stored(text)).lstrip().startswith(kept.rstrip()[:20])
        elif lines:
            assert rows(bot)[-1]["query"] == ""


def _without_links(text: str) -> str:
    """Return a text as it reads: of a masked link its name alone."""
    return re.sub(r"\[([^\[\]]+)\]\(<?https?://[^\s<>)]*>?\)", r"\1", text)


async def test_whatever_was_unanswered_comes_back_to_admins_without_effect(
    fake: FakeDiscord, bot: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in TEXTS.values():
        await fake.slash("brief", {"query": text})
    shown = await fake.slash("briefs misses", {}, permissions=MANAGER)
    pages = 1
    while True:
        await settled(shown)
        for quoted in re.findall("“.*?”", shown.text, re.DOTALL):
            assert_inert(quoted)
        onward = [each["custom_id"] for each in components_of(shown.message) if is_onward(each)]
        if not onward:
            break
        shown = await fake.press(shown, onward[0], permissions=MANAGER)
        pages += 1
    assert pages > 3
    monkeypatch.setenv("BRIEFS_DIR", str(bot.folder))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{bot.database.name}")
    capsys.readouterr()
    assert await asyncio.to_thread(main, ["misses"]) == 0
    told = capsys.readouterr().out
    assert len(told.splitlines()) > pages
    assert all(line.isprintable() for line in told.split("\n"))


@PROPERTY
@given(ANY_TEXT)
def test_any_text_at_all_is_answered_and_reported_without_effect(matcher: Matcher, text: str) -> None:
    found = answer(text, matcher)
    assert found.outcome in ("answer", "suggest", "miss")
    assert all(brief in matcher.base.briefs.values() for brief in matcher.complete(text, 25))
    group = MissGroup(1, (stored(text), stored(text)), 2, 1, datetime(2024, 10, 20, tzinfo=UTC), None)
    for line in plain_misses([group], 7).split("\n"):
        assert line.isprintable()
    for quoted in re.findall("“.*?”", miss_line(group), re.DOTALL):
        assert_inert(quoted)
    assert len(miss_line(group)) < 600


def test_blank_lines_cost_no_time() -> None:
    """A pattern that begins anew on each of them would take 20 s for these."""
    started = time.monotonic()
    for sign in "\n\r \t\u2028":
        assert neutralised(sign * 30_000) == sign * 30_000
    assert time.monotonic() - started < 2
