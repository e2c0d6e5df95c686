"""Whose the bot is, as Discord says at the moment: a team changes while the bot runs, and has roles."""

from collections.abc import AsyncIterator

import pytest

from bot.commands.admin import owners
from bot.commands.admin.owners import UNKNOWN
from bot.commands.admin.permission import changes
from tests.admins import FILES
from tests.conftest import Start
from tools.fake_discord import FakeDiscord, Json, User, Where, user_json
from tools.running import Running

OWNER, MATE, OTHER = 70, 71, 72
REFUSED = "Only those who administer the briefs can do that."
CHANGE = "briefs reload"


class Team(FakeDiscord):
    """A Discord whose application belongs to a team; ``team`` holds who is in it: state and role by user."""

    def __init__(self) -> None:
        super().__init__()
        self.team: dict[int, tuple[int, str]] = {OWNER: (2, ""), MATE: (2, "admin")}

    def application_json(self) -> Json:
        members = [
            {"user": user_json(User(user, "mate")), "membership_state": state, "team_id": "9", "role": role}
            for user, (state, role) in self.team.items()
        ]
        team = {"id": "9", "name": "T", "icon": None, "owner_user_id": str(OWNER), "members": members}
        return super().application_json() | {"team": team}

    @property
    def asked(self) -> int:
        return sum("/oauth2/applications/@me" in each.path for each in self.requests)


@pytest.fixture
async def fake() -> AsyncIterator[Team]:
    async with Team() as fake:
        with fake.redirected():
            yield fake
    assert fake.faults == []


pytestmark = pytest.mark.briefs(FILES)


def who(user: int) -> Where:
    return Where(user=User(user, "mate"), dm=True)


async def may(fake: Team, user: int, command: str = "briefs list") -> bool:
    shown = await fake.slash(command, **who(user))
    if shown.callback and shown.callback["type"] == 5:
        await shown.filled()
    return shown.text != REFUSED and shown.text != UNKNOWN


@pytest.mark.parametrize(
    ("state", "role", "allowed"),
    [(2, "admin", True), (2, "developer", True), (2, "read_only", False), (2, "", False), (2, "new", False),
     (1, "admin", False), (1, "developer", False)],
)  # fmt: skip
async def test_who_has_joined_a_team_with_a_role_that_may_change_the_bot_administers_the_briefs(
    fake: Team, start: Start, state: int, role: str, allowed: bool
) -> None:
    fake.team[MATE] = (state, role)
    await start()
    assert await may(fake, MATE) == allowed
    assert await may(fake, OWNER)


@pytest.mark.parametrize("now", [None, (2, "read_only"), (1, "admin")])
async def test_who_has_left_the_team_or_lost_the_role_changes_nothing_from_then_on(
    fake: Team, start: Start, now: tuple[int, str] | None
) -> None:
    await start()
    assert await may(fake, MATE, CHANGE)
    del fake.team[MATE]
    if now:
        fake.team[MATE] = now
    assert not await may(fake, MATE, CHANGE)
    assert not await may(fake, MATE)


async def test_who_only_looks_is_looked_up_again_within_ten_minutes_and_so_is_who_is_new(
    fake: Team, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert owners.EVERY <= 600
    bot = await start()
    assert bot
    del fake.team[MATE]
    fake.team[OTHER] = (2, "developer")
    asked = fake.asked
    assert await may(fake, MATE)
    assert not await may(fake, OTHER, CHANGE)
    assert fake.asked == asked
    monkeypatch.setattr(owners, "EVERY", 0)
    monkeypatch.setattr(owners, "AGAIN", 0)
    assert not await may(fake, MATE)
    assert await may(fake, OTHER, CHANGE)


async def test_no_change_is_made_while_discord_does_not_say_who_is_in_the_team(fake: Team, bot: Running) -> None:
    fake.fail_next("GET", "/oauth2/applications/@me", 403)
    shown = await fake.slash(CHANGE, **who(MATE))
    assert (shown.text, shown.ephemeral) == (UNKNOWN, True)
    assert await may(fake, MATE, CHANGE)


async def test_a_discord_that_takes_long_to_say_so_is_not_waited_for(
    fake: Team, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "OWNERS_TIMEOUT", 0.05)
    fake.fail_next("GET", "/oauth2/applications/@me", 2.0)
    assert (await fake.slash(CHANGE, **who(MATE))).text == UNKNOWN


async def test_those_who_are_no_owners_make_nobody_ask_discord(fake: Team, bot: Running) -> None:
    asked = fake.asked
    for _ in range(5):
        assert not await may(fake, OTHER, CHANGE)
    assert (await fake.autocomplete("briefs edit", "brief", "ca", **who(MATE))).choices
    assert fake.asked == asked


async def test_owners_who_are_named_in_a_setting_are_the_only_ones_and_discord_is_not_asked(
    fake: Team, start: Start
) -> None:
    await start(owner_ids=frozenset({OTHER}))
    asked = fake.asked
    assert await may(fake, OTHER, CHANGE)
    assert not await may(fake, MATE, CHANGE)
    assert fake.asked == asked


@pytest.mark.parametrize(("action", "changing"), [("briefs list", False), ("briefs apply", True), ("briefs new", True)])
def test_whatever_is_not_known_only_to_look_may_change_something(action: str, *, changing: bool) -> None:
    assert changes(action) == changing


async def test_what_was_known_ten_minutes_ago_admits_nobody_however_often_they_try(
    fake: Team, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "EVERY", 0)
    del fake.team[MATE]
    fake.fail_next("GET", "/oauth2/applications/@me", 403)
    for _ in range(2):
        assert (await fake.slash("briefs list", **who(MATE))).text == UNKNOWN
