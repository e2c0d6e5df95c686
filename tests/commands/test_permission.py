"""Who may do what: the base belongs to those who run the bot, and a server's numbers to those who manage it."""

import pytest

from bot.commands.admin.permission import Actor, Administration, Power, needed, power

HOME, ELSEWHERE, DIRECT = 10, 20, None
OWNER, SOMEBODY = 1, 2
ADMINS, MEMBERS = 100, 101

NOBODY_SET = Administration()
OWNED = Administration(frozenset({OWNER}))
AT_HOME = Administration(frozenset({OWNER}), HOME)
WITH_ROLE = Administration(frozenset({OWNER}), HOME, frozenset({ADMINS}))
ROLE_WITHOUT_HOME = Administration(frozenset({OWNER}), None, frozenset({ADMINS}))

PLACES = (HOME, ELSEWHERE, DIRECT)


def may(
    administration: Administration, user: int = SOMEBODY, roles: tuple[int, ...] = (MEMBERS,), *, manages: bool = False
) -> tuple[Power, ...]:
    """Return what somebody may do at home, elsewhere and in direct messages."""
    return tuple(power(Actor(user, place, frozenset(roles), manages), administration) for place in PLACES)


@pytest.mark.parametrize("manages", [True, False])
@pytest.mark.parametrize("roles", [(), (ADMINS,)])
@pytest.mark.parametrize("administration", [OWNED, AT_HOME, WITH_ROLE, ROLE_WITHOUT_HOME])
def test_an_owner_may_do_everything_anywhere(
    administration: Administration, roles: tuple[int, ...], *, manages: bool
) -> None:
    assert may(administration, OWNER, roles, manages=manages) == (Power.BOT, Power.BOT, Power.BOT)


@pytest.mark.parametrize(
    ("administration", "at_home"),
    [
        (NOBODY_SET, Power.SERVER),
        (OWNED, Power.SERVER),
        (AT_HOME, Power.BASE),
        (WITH_ROLE, Power.BASE),
        (ROLE_WITHOUT_HOME, Power.SERVER),
    ],
)
def test_a_manager_administers_the_base_at_home_and_sees_the_own_server_elsewhere(
    administration: Administration, at_home: Power
) -> None:
    assert may(administration, manages=True) == (at_home, Power.SERVER, Power.NONE)
    assert may(administration, roles=(ADMINS,), manages=True) == (at_home, Power.SERVER, Power.NONE)


@pytest.mark.parametrize(
    ("administration", "at_home"),
    [
        (NOBODY_SET, Power.NONE),
        (OWNED, Power.NONE),
        (AT_HOME, Power.NONE),
        (WITH_ROLE, Power.BASE),
        (ROLE_WITHOUT_HOME, Power.NONE),
    ],
)
def test_a_role_for_admins_counts_at_home_alone(administration: Administration, at_home: Power) -> None:
    assert may(administration, roles=(ADMINS, MEMBERS)) == (at_home, Power.NONE, Power.NONE)


@pytest.mark.parametrize("administration", [NOBODY_SET, OWNED, AT_HOME, WITH_ROLE, ROLE_WITHOUT_HOME])
@pytest.mark.parametrize("roles", [(), (MEMBERS,)])
def test_a_member_may_do_nothing_of_it(administration: Administration, roles: tuple[int, ...]) -> None:
    assert may(administration, roles=roles) == (Power.NONE, Power.NONE, Power.NONE)


def test_each_power_includes_those_before_it() -> None:
    assert Power.NONE < Power.SERVER < Power.BASE < Power.BOT
    assert not Power.NONE


def test_which_server_is_home_is_for_the_owners_to_say() -> None:
    assert needed("briefs home") is Power.BOT


@pytest.mark.parametrize("action", ["briefs misses", "briefs stats", "briefs announce", "briefs ignore"])
def test_a_servers_own_matters_are_for_its_managers(action: str) -> None:
    assert needed(action) is Power.SERVER


@pytest.mark.parametrize(
    "action",
    [f"briefs {what}" for what in (
        "list show check reload add edit upload remove history undo export save apply again cancel restore alias choose"
    ).split()],
)  # fmt: skip
def test_what_touches_or_shows_the_base_is_for_those_who_administer_it(action: str) -> None:
    assert needed(action) is Power.BASE


@pytest.mark.parametrize(
    "action",
    ["briefs", "briefs ", "briefs wipe", "briefs Misses", "briefs  misses", "briefs misses ", "briefs misses all",
     "briefs misses\n", "briefs missesx", "briefs stats:7", "briefs announce\0"],
)  # fmt: skip
def test_an_action_that_nobody_listed_is_for_those_who_administer_the_base(action: str) -> None:
    assert needed(action) is Power.BASE


@pytest.mark.parametrize(
    "action",
    ["brief", "brief:troops", "Brief this", "briefsx", "briefsx add", "brief add", "privacy show", "briefing", ""],
)  # fmt: skip
def test_what_only_looks_like_administration_is_for_everybody(action: str) -> None:
    assert needed(action) is Power.NONE
