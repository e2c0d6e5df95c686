"""Thousands of texts by chance over the fake Discord, on the shipped base and on one of 15,000 phrases.

python -m pytest tests/soak/soak_hostile_members.py -o python_files='soak_*.py'
"""

import logging
import random
import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings

from bot.answering.answer import answer
from bot.answering.matcher import Matcher
from bot.briefs.brief import BriefBase
from bot.gateway.fairness import Rate
from tests.admins import press, settled
from tests.brief_files import a_brief, base_of
from tests.commands.test_brief import rows
from tests.hostile_texts import ANY_TEXT, TEXTS, stored
from tests.soak.conftest import Say
from tests.test_hostile_members import LINE, assert_ours, lines_of
from tools.fake_discord import MANAGER, Exchange, FakeDiscord, components_of
from tools.running import Running

EXAMPLES = settings(
    max_examples=1000, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

PROMISED = 100
"""Milliseconds of processor time within which any text is answered, which is what others wait for."""


ANYWAY = "Add it all the same"


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one member ask all of it."""
    monkeypatch.setattr("bot.gateway.fairness.MEMBER", Rate(burst=1e6, per_second=0))


LATIN = "abcdefghijklmnopqrstuvwxyz"
HANGUL = "".join(map(chr, range(0xAC00, 0xD7A4)))


def large_base(letters: str = LATIN) -> BriefBase:
    """Return 1,000 briefs with 15 phrases each, of a vocabulary of 6,000 words."""
    chance = random.Random(1)
    words = ["".join(chance.choices(letters, k=chance.randint(3, 10))) for _ in range(6000)]

    def phrase() -> str:
        return " ".join(chance.choices(words, k=chance.randint(2, 6)))

    return base_of(
        *(
            a_brief(f"b{n}", title=f"T{n} {phrase()}"[:100], questions=[phrase() for _ in range(14)])
            for n in range(1000)
        )
    )


@EXAMPLES
@given(text=ANY_TEXT)
async def test_any_text_by_any_way_gets_a_reply_of_ours_and_its_row_and_line(
    fake: FakeDiscord, bot: Running, matcher: Matcher, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    caplog.set_level(logging.INFO)
    before = len(rows(bot))
    caplog.clear()
    assert_ours(await fake.slash("brief", {"query": text}), matcher)
    assert_ours(await fake.message_command("Brief this", text[:4000]), matcher)
    await fake.autocomplete("brief", "query", text)
    lines = lines_of(caplog)
    assert 1 <= len(lines) <= 2  # a message without text is no lookup
    assert all(LINE.fullmatch(line) for line in lines)
    slash, *menu = rows(bot)[before:]
    assert slash["query"] == stored(text)
    assert [row["query"] for row in menu] == [""] * (len(lines) - 1)
    assert fake.faults == fake.pings == []


async def test_whatever_was_unanswered_can_be_made_an_alias_or_is_refused_in_words(
    fake: FakeDiscord, bot: Running, say: Say
) -> None:
    """A member may have found a brief by a title among 6,000 signs, and have said that it was not meant."""
    hidden = "troops" + "!" * 5994
    await fake.press(await fake.slash("brief", {"query": hidden}), "Not what I asked")
    for text in list(TEXTS.values())[::3]:
        await fake.slash("brief", {"query": text})
    refused = added = 0
    while True:
        shown = await fake.slash("briefs misses", {}, permissions=MANAGER)
        await settled(shown)
        if not (choose := first(shown, "Choose a brief …", "Another brief …")):
            break
        await press(fake, shown, choose)
        said = await press(fake, shown, "Add it as an alias to …", "weapons")
        if ANYWAY in shown.labels:
            said = await press(fake, shown, ANYWAY)
        assert "reference" not in said
        if "✅" in said:
            added += 1
            continue
        assert "can be no alias" in said
        refused += 1
        again = await fake.slash("briefs misses", {}, permissions=MANAGER)
        await settled(again)
        await press(fake, again, first(again, "Ignore", "Keep the answer"))
    say(f"{added} made an alias, {refused} refused")
    assert added
    assert refused


def first(shown: Exchange, *labels: str) -> str:
    """Return the custom_id of the first button with one of these labels, "" if there is none."""
    return next((each["custom_id"] for each in components_of(shown.message) if each.get("label") in labels), "")


def worst(act: Callable[[str], object]) -> tuple[float, str]:
    """Return the milliseconds of processor time that the slowest text takes, the least of three, and which it is."""

    def taken(text: str) -> float:
        started = time.thread_time()
        act(text)
        return (time.thread_time() - started) * 1000

    return max((min(taken(text) for _ in range(3)), name) for name, text in TEXTS.items())


@pytest.mark.parametrize("size", ["shipped", "15,000 phrases", "15,000 Korean phrases"])
def test_no_text_takes_long(matcher: Matcher, say: Say, size: str) -> None:
    if size != "shipped":
        matcher = Matcher(large_base(HANGUL if "Korean" in size else LATIN))
    for what, act in (("answer", partial(answer, matcher=matcher)), ("complete", partial(matcher.complete, limit=25))):
        milliseconds, name = worst(act)
        say(f"{size}, {what}: {milliseconds:.1f} ms at worst ({name})")
        assert milliseconds < PROMISED
