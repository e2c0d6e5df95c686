"""Nobody who floods the bot slows it for others: the buckets with a made clock, then over the fake Discord."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway import fairness
from bot.gateway.admission import TOO_FAST
from bot.gateway.fairness import Buckets, Fairness, Rate, Turn
from bot.gateway.intake import action_of
from tests.admins import FILES, rows
from tests.brief_files import write
from tests.conftest import Start, starter
from tools.fake_discord import MANAGER, Exchange, FakeDiscord, Guild, User, Where, until
from tools.running import Running

FLOODER = User(1_000_000_000_000_000_066, "flooder")
OTHER_SERVER = Guild(1_777_000_000_000_000_000, "Other server")
BY_THE_FLOODER: Where = {"user": FLOODER, "expect_answer": False, "within": 0}
"""How a flood asks: nobody waits for an answer."""

rates = st.builds(Rate, burst=st.floats(1, 50, allow_nan=False), per_second=st.floats(0, 20, allow_nan=False))
asked = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5, allow_nan=False)), max_size=200)
"""Who asks, and how many seconds after the one before."""


def clocked(asked: list[tuple[str, float]]) -> list[tuple[str, float]]:
    now = 0.0
    return [(key, now := now + pause) for key, pause in asked]


@given(rates, asked)
def test_never_more_is_served_than_the_burst_and_what_time_adds(rate: Rate, asked: list[tuple[str, float]]) -> None:
    buckets = Buckets(rate)
    served: dict[str, list[float]] = {}
    for key, now in clocked(asked):
        if buckets.take(key, now):
            times = served.setdefault(key, [])
            times.append(now)
            for earlier, since in enumerate(times):
                assert len(times) - earlier <= rate.burst + rate.per_second * (now - since) + 1e-6


@given(rates, asked)
def test_nobody_who_keeps_to_the_rate_is_refused(rate: Rate, asked: list[tuple[str, float]]) -> None:
    buckets = Buckets(rate)
    granted: Counter[str] = Counter()
    for key, now in clocked(asked):
        if granted[key] + 1 <= rate.burst + rate.per_second * now - 1e-6 and granted[key] + 1 <= rate.burst:
            assert buckets.take(key, now)
            granted[key] += 1


@given(rates, asked)
def test_what_others_ask_changes_nothing_for_a_member(rate: Rate, asked: list[tuple[str, float]]) -> None:
    together, alone = Buckets(rate), Buckets(rate)
    for key, now in clocked(asked):
        taken = together.take(key, now)
        assert key != "a" or taken == alone.take(key, now)


def test_buckets_are_bounded_and_the_one_unused_for_longest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "MOST_BUCKETS", 3)
    buckets = Buckets(Rate(burst=1, per_second=0))
    assert [buckets.take(key, 0) for key in "abcab"] == [True, True, True, False, False]
    assert buckets.take("d", 0)
    assert len(buckets) == 3
    assert [buckets.take(key, 0) for key in "dabc"] == [False, False, False, True]


def test_a_flood_gets_its_burst_then_its_rate_and_is_told_every_five_seconds() -> None:
    fair, member = Fairness(), fairness.MEMBER
    seconds, asked = 40, 300
    turns = Counter(fair.turn(1, 1, now / asked) for now in range(asked * seconds))
    assert turns[Turn.SERVE] == pytest.approx(member.burst + member.per_second * seconds, abs=2)
    assert turns[Turn.REFUSE] == pytest.approx(seconds / 5, abs=1)


@pytest.mark.parametrize("action", fairness.COSTS)
def test_what_is_dear_takes_as_many_turns_as_it_costs(action: str) -> None:
    fair, cost = Fairness(), fairness.COSTS[action]
    dear = sum(fair.turn(1, 7, 0, action) is Turn.SERVE for _ in range(1000))
    assert dear == fairness.MEMBER.burst // cost
    assert fair.turn(2, 7, 0, "brief") is Turn.SERVE
    assert fair.turn(1, 7, cost / fairness.MEMBER.per_second, action) is Turn.SERVE


def test_what_costs_more_than_a_full_bucket_is_served_from_a_full_one() -> None:
    buckets = Buckets(Rate(burst=5, per_second=1))
    assert [buckets.take("a", now, 20) for now in (0, 1, 4, 5)] == [True, False, False, True]


def test_one_members_flood_takes_nothing_from_the_server_beyond_their_share() -> None:
    fair = Fairness()
    for now in range(300 * 20):
        fair.turn(1, 7, now / 300)
        if now % 300 == 0:
            assert fair.turn(2, 7, now / 300) is Turn.SERVE


def test_one_servers_flood_takes_nothing_from_another_or_from_direct_messages() -> None:
    fair = Fairness()
    flood = [fair.turn(user, 7, 0) for user in range(int(fairness.SERVER.burst) + 100)]
    assert flood.count(Turn.SERVE) == fairness.SERVER.burst
    assert fair.turn(10**6, 7, 0) is not Turn.SERVE
    assert fair.turn(10**6 + 1, 8, 0) is Turn.SERVE
    assert fair.turn(10**6 + 2, None, 0) is Turn.SERVE


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    monkeypatch.setattr(fairness, "MEMBER", Rate(burst=20, per_second=0.001))
    monkeypatch.setattr(fairness, "SERVER", Rate(burst=40, per_second=0.001))
    await fake.join(OTHER_SERVER)
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start


async def dealt_with(fake: FakeDiscord, bot: Running, *sent: Awaitable[Exchange]) -> list[Exchange]:
    """Send interactions at once, and return them when the bot has done with each of them what it does."""
    exchanges = await asyncio.gather(*sent)
    assert "bark" in (await fake.slash("brief", {"query": "dogs"}, dm=True, user=User(88, "last"))).text
    await until(lambda: not bot.client.in_flight.number)  # what was answered last arrived after all the others
    return exchanges


def lookups(fake: FakeDiscord, times: int, user: User = FLOODER) -> list[Awaitable[Exchange]]:
    where: Where = {**BY_THE_FLOODER, "user": user}
    return [fake.slash("brief", {"query": "cats"}, **where) for _ in range(times)]


async def test_who_floods_is_served_the_burst_and_told_once_and_others_are_served_as_ever(
    fake: FakeDiscord, bot: Running
) -> None:
    flooding = asyncio.create_task(dealt_with(fake, bot, *lookups(fake, 200)))
    await asyncio.sleep(0)
    others = [await fake.slash("brief", {"query": "dogs"}) for _ in range(3)]
    said = Counter(each.text if each.callback else None for each in await flooding)
    assert (said.pop(TOO_FAST), said.pop(None), said.total()) == (1, 179, 20)
    assert all("bark" in each.text for each in others)
    assert len(rows(bot, "lookups")) == 20 + len(others) + 1


async def test_who_is_told_to_be_too_fast_is_told_alone(fake: FakeDiscord, bot: Running) -> None:
    (told,) = [each for each in await dealt_with(fake, bot, *lookups(fake, 30)) if each.text == TOO_FAST]
    assert told.ephemeral


async def test_a_flood_of_buttons_and_completions_is_stopped_as_well(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("brief", {"query": "dogs"})
    presses = (fake.press(shown, "related:dogs", ["cats"], **BY_THE_FLOODER) for _ in range(40))
    assert sum("purr" in each.text for each in await dealt_with(fake, bot, *presses)) == 20
    typed = (fake.autocomplete("brief", "query", "c", **BY_THE_FLOODER) for _ in range(9))
    assert not any(each.choices for each in await dealt_with(fake, bot, *typed))


async def test_statistics_pressed_again_and_again_are_refused_and_lookups_go_on(
    fake: FakeDiscord, bot: Running
) -> None:
    manager: Where = {**BY_THE_FLOODER, "guild": OTHER_SERVER, "permissions": MANAGER}
    asked = await dealt_with(fake, bot, *(fake.slash("briefs stats", **manager) for _ in range(10)))
    await until(lambda: any(each.text == "No lookups in 30 days." for each in asked))
    assert bot.client.intake.limited == 9
    assert "bark" in (await fake.slash("brief", {"query": "dogs"}, guild=OTHER_SERVER)).text


def test_the_names_of_a_dear_command_cost_no_more_while_they_are_typed() -> None:
    typed = {"type": 4, "data": {"type": 1, "name": "briefs", "options": [{"type": 1, "name": "stats"}]}}
    assert (action_of(typed), action_of(typed | {"type": 2})) == ("", "briefs stats")
    pressed = {"type": 3, "data": {"component_type": 2, "custom_id": "briefs misses:7:2"}}
    assert action_of(pressed) == "briefs misses"
    assert action_of({"type": 1}) == action_of({"type": 3, "data": None}) == ""


@pytest.mark.parametrize(
    "custom_id", ["briefs misses:7:2", "briefs ignored:7:1", "briefs ignore:7:1", "briefs heed:7:1"]
)
def test_a_button_that_takes_as_much_time_as_a_dear_command_costs_as_much(custom_id: str) -> None:
    pressed = {"type": 3, "data": {"component_type": 2, "custom_id": custom_id}}
    assert fairness.COSTS.get(action_of(pressed)) == fairness.COSTS["briefs misses"]


def test_a_member_is_forgotten_three_times_in_a_row_and_then_once_in_twenty_seconds() -> None:
    action = action_of({"type": 3, "data": {"component_type": 2, "custom_id": "privacy:forget"}})
    members = Fairness()
    assert [members.turn(1, None, 0, action) for _ in range(4)] == [Turn.SERVE] * 3 + [Turn.REFUSE]
    assert members.turn(1, None, 19, action) is not Turn.SERVE
    assert members.turn(1, None, 21, action) is Turn.SERVE
    assert members.turn(2, None, 21, action) is Turn.SERVE


async def test_a_flooded_server_leaves_another_servers_members_alone(fake: FakeDiscord, bot: Running) -> None:
    users = [User(2_000_000_000_000_000_000 + number, f"user {number}") for number in range(4)]
    flooded = await dealt_with(fake, bot, *(each for user in users for each in lookups(fake, 20, user)))
    assert sum("purr" in each.text for each in flooded) == 40
    assert "bark" in (await fake.slash("brief", {"query": "dogs"}, guild=OTHER_SERVER)).text
    assert "bark" in (await fake.slash("brief", {"query": "dogs"}, dm=True)).text
