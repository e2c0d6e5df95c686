"""Who may do what: every actor against every command, button, form and autocomplete of administration."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import discord
import pytest

from bot.commands.admin.permission import Power
from bot.gateway.fairness import Rate
from tests.admins import ADMIN, FILES, OTHER, TeamsDiscord, files, kept, settled, small_matcher, with_button
from tests.brief_files import write
from tests.conftest import Start, starter
from tools.fake_discord import MANAGER, MEMBER, Exchange, FakeDiscord, Guild, Upload, User, Where, components_of
from tools.fake_discord.rules import Json
from tools.running import Running

pytestmark = [pytest.mark.slow, pytest.mark.briefs(FILES)]

NONE, SERVER, BASE, BOT = Power

ROLE, OWNER, SOMEBODY = 1_999_000_000_000_000_000, 1_000_000_000_000_000_055, 73
HOME = Guild(1_111_000_000_000_000_000, "Home", roles={ROLE: "admins"})
SECOND = Guild(1_555_000_000_000_000_000, "Second", roles={ROLE: "admins"})
STRANGE = Guild(1_666_000_000_000_000_000, "Strange")
"""The bot is not in the last: somebody has installed it for themselves."""

HOLDER, OWNING = User(61, "holder", roles=(ROLE,)), User(OWNER, "set as owner")
ADMINISTRATOR = MEMBER | discord.Permissions(administrator=True)
NEW = FILES["ships.yaml"].replace("Cargo ships", "Submarines")

PLAIN: Where = {"user": User(60, "member"), "guild": HOME, "permissions": MEMBER, "dm": False}
"""A member at home, from whom each actor differs."""

ACTORS: dict[str, Where] = {
    "member": {},
    "member elsewhere": {"guild": SECOND},
    "member in a DM": {"dm": True},
    "manager at home": {"permissions": MANAGER},
    "administrator at home": {"permissions": ADMINISTRATOR},
    "manager in a DM": {"dm": True, "permissions": MANAGER},
    "manager elsewhere": {"guild": SECOND, "permissions": MANAGER},
    "manager of a strange server": {"guild": STRANGE, "permissions": MANAGER},
    "role at home": {"user": HOLDER},
    "role elsewhere": {"user": HOLDER, "guild": SECOND},
    "role in a strange server": {"user": HOLDER, "guild": STRANGE},
    "role in a DM": {"user": HOLDER, "dm": True},
    "owner at home": {"user": OWNING},
    "owner elsewhere": {"user": OWNING, "guild": SECOND},
    "owner in a strange server": {"user": OWNING, "guild": STRANGE},
    "owner in a DM": {"user": OWNING, "dm": True},
    "team mate in a DM": {"user": User(TeamsDiscord.MATE, "mate"), "dm": True},
    "invited to the team": {"user": User(TeamsDiscord.INVITED, "invited")},
    "somebody else": {"user": User(SOMEBODY, "somebody"), "guild": SECOND},
}

ALWAYS = {"manager elsewhere": SERVER, "manager of a strange server": SERVER}
OWNERS = {"owner at home": BOT, "owner elsewhere": BOT, "owner in a strange server": BOT, "owner in a DM": BOT}
MANAGERS = {"manager at home": BASE, "administrator at home": BASE}
NO_HOME = {"manager at home": SERVER, "administrator at home": SERVER}

CONFIGURATIONS: dict[str, tuple[dict[str, Any], Literal["one", "two", "team"], Mapping[str, Power]]] = {
    "all set": (
        {"home_guild_id": HOME.id, "admin_role_ids": frozenset({ROLE}), "owner_ids": frozenset({OWNER})},
        "two",
        ALWAYS | OWNERS | MANAGERS | {"role at home": BASE},
    ),
    "nothing set, one server": ({"home_guild_id": None}, "one", ALWAYS | OWNERS | NO_HOME),
    "a home alone": ({"home_guild_id": HOME.id}, "one", ALWAYS | OWNERS | MANAGERS),
    "a role and no home, two servers": (
        {"home_guild_id": None, "admin_role_ids": frozenset({ROLE})},
        "two",
        ALWAYS | OWNERS | NO_HOME,
    ),
    "another owner and a role, one server": (
        {"home_guild_id": HOME.id, "owner_ids": frozenset({SOMEBODY}), "admin_role_ids": frozenset({ROLE})},
        "one",
        ALWAYS | MANAGERS | {"role at home": BASE, "somebody else": BOT},
    ),
    "a team": ({"home_guild_id": None}, "team", ALWAYS | NO_HOME | {"team mate in a DM": BOT}),
}
"""Settings, in which servers the bot is and whose it is, and what each actor may do then; all others nothing."""


def needs(base: str, server: str = "", bot: str = "") -> dict[str, Power]:
    """Return the power that each of these actions needs."""
    return {
        f"briefs {name}": power
        for names, power in ((base, BASE), (server, SERVER), (bot, BOT))
        for name in names.split()
    }


COMMANDS = needs(
    "list show check reload add edit alias upload remove history undo export draft drafts translate",
    "help misses stats announce language",
    "home",
)
PRESSES = needs(
    "list apply again yaml today figures cancel undo restore alias give unalias write mend choose keep reopen history "
    "drafts topic open throw unthrow keepdraft keepdrafts undraft",
    "misses ignore ignored heed",
    "home",
)
SUBMITS = needs("save form translation")
MENUS = ("briefs restore", "briefs topic")
ARTICLE = "The Harbour Office in Ulm says that 1,500 ferries left."
MEMBERS = set("brief related all still language share wrong ask tell untell privacy".split())
"""Presses that are everybody's."""

MEMBERS_FORMS = {"wrong"}

REFUSALS = {
    BOT: "Only the owners of the bot can do that.",
    BASE: "Only those who administer the briefs can do that.",
    SERVER: "Only those who manage this server, or administer the briefs, can do that, and in a server.",
}

Act = Callable[[Where], Awaitable[Exchange]]


@asynccontextmanager
async def configured(name: str, tmp_path: Path) -> AsyncIterator[tuple[FakeDiscord, Running]]:
    """Connect a bot with the settings, the servers and the owners of a configuration."""
    settings, belongs, _ = CONFIGURATIONS[name]
    guilds = [HOME] if belongs == "one" else [HOME, SECOND]
    kind = TeamsDiscord if belongs == "team" else FakeDiscord
    folder = write(tmp_path / "briefs", FILES)
    async with kind(guilds=guilds, owner=OWNING) as fake:
        with fake.redirected():
            async with starter(fake, folder) as start:
                yield fake, await start(**settings)
    assert fake.faults == []
    assert fake.pings == []


def subcommands(fake: FakeDiscord) -> dict[str, list[Json]]:
    """Return the registered subcommands of `/briefs` with their options."""
    briefs = next(each for each in fake.commands[None] if each["name"] == "briefs")
    return {f"briefs {each['name']}": each.get("options", []) for each in briefs["options"]}


def filled_in(options: list[Json], file: Upload) -> dict[str, Any]:
    """Return something for each option that is required, by its type."""
    values: dict[int, Any] = {3: "cats", 4: 7, 11: file}
    given = {option["name"]: values[option["type"]] for option in options if option.get("required")}
    texts = {"words": "moggies", "language": "ko"}
    return given | {name: texts[name] for name in given if name in texts}


async def draft(fake: FakeDiscord, where: Where, word: str = "hiss") -> Exchange:
    """Propose to change a brief, and return the preview."""
    opened = await fake.slash("briefs edit", {"brief": "cats", "as_yaml": True}, **where)
    preview = await fake.submit(opened, {"text": FILES["cats.yaml"].replace("purr", word)})
    assert "Change `cats`?" in await settled(preview)
    return preview


async def drafted(fake: FakeDiscord, where: Where) -> tuple[str, str]:
    """Have a draft wait, and topics be offered; return the states of the buttons that lead to them."""
    offers = [await fake.slash("briefs draft", {"file": Upload("a.txt", ARTICLE.encode())}, **where) for _ in "ab"]
    for each in offers:
        assert "### 1 topic" in await settled(each)
    batches = [button(each, "keepdrafts").partition(":")[2] for each in offers]
    await settled(await fake.press(offers[0], "Keep as draft"))
    return f"{batches[0]}-0000.1", batches[1]


def button(preview: Exchange, kind: str) -> str:
    """Return the custom_id of a button."""
    found = (str(each.get("custom_id", "")) for each in components_of(preview.message))
    return next(custom_id for custom_id in found if custom_id.startswith(f"briefs {kind}:"))


async def actions(fake: FakeDiscord, proposer: Where) -> list[tuple[str, Power, Act]]:
    """Return every action, what it needs, and how to take it: all of them would do something real."""

    def command(name: str, options: list[Json]) -> Act:
        file = Upload("a.txt", ARTICLE.encode()) if name == "briefs draft" else Upload("submarines.yaml", NEW.encode())
        return lambda where: fake.slash(name, filled_in(options, file), **where)

    def press(kind: str, message: Json) -> Act:
        values = [waiting if kind == "briefs topic" else "1"] if kind in MENUS else []
        return lambda where: fake.press(
            message, message["components"][0]["components"][0]["custom_id"], values, **where
        )

    assert "No brief" in (await fake.slash("brief", {"query": "wool"})).text
    proposed = button(await draft(fake, proposer), "apply").partition(":")[2]
    states = dict.fromkeys(PRESSES, proposed)
    states |= {"briefs list": "1", "briefs misses": "7:1", "briefs ignore": "7:1", "briefs choose": "7:1"}
    states |= {"briefs ignored": "7:1", "briefs heed": "7:1"}
    states |= {"briefs undo": "cats", "briefs restore": "cats", "briefs alias": "7:1:cats"}
    waiting, offered = await drafted(fake, proposer)
    states |= {"briefs drafts": "1", "briefs open": waiting, "briefs throw": f"{waiting}:1"}
    states |= {
        "briefs unthrow": f"{waiting}:1",
        "briefs topic": "x",
        "briefs keepdrafts": offered,
        "briefs undraft": offered,
    }
    states |= {"briefs give": "7:1:cats:1", "briefs write": "7:1:1", "briefs mend": "cats:1", "briefs unalias": "x:7:1"}
    states |= {"briefs history": "cats:1"}
    states |= {"briefs keep": "7:1:1", "briefs reopen": "7:1:1"}
    found = [(name, COMMANDS[name], command(name, options)) for name, options in subcommands(fake).items()]
    for kind, state in states.items():
        menu = [waiting if kind == "briefs topic" else "1"] if kind in MENUS else []
        found.append((kind, PRESSES[kind], press(kind, await with_button(fake, f"{kind}:{state}", menu))))
    form = await fake.slash("briefs add", {"as_yaml": True}, **proposer)
    new = {"id": "submarines", "text": NEW}
    plain = await fake.slash("briefs add", **proposer)
    typed = {"title": "Zeppelins", "summary": "They float.", "sources": "A book"}
    translating = await fake.slash("briefs translate", {"brief": "cats", "language": "ko"}, **proposer)
    korean = {"title": "고양이", "summary": "고양이는 가르랑거린다."}
    return [
        *found,
        ("Draft a brief", BASE, lambda where: fake.message_command("Draft a brief", ARTICLE, **where)),
        ("briefs save", BASE, lambda where: fake.submit(form, new, **where)),
        ("briefs form", BASE, lambda where: fake.submit(plain, typed, **where)),
        ("briefs translation", BASE, lambda where: fake.submit(translating, korean, **where)),
    ]


IN_SERVERS = ("Draft a brief",)
"""Commands that Discord shows in servers alone."""


async def test_every_command_button_and_form_of_administration_has_its_line_in_the_tables(
    fake: FakeDiscord, bot: Running
) -> None:
    assert subcommands(fake).keys() == COMMANDS.keys()
    assert len(completed(fake)) == 9
    await bot.client.router.add_more()
    assert bot.client.router._presses.keys() == PRESSES.keys() | MEMBERS
    assert bot.client.router._submits.keys() == SUBMITS.keys() | MEMBERS_FORMS


@pytest.mark.parametrize("name", CONFIGURATIONS)
async def test_each_may_do_what_the_tables_say_and_is_otherwise_told_so_in_one_private_line_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    await try_everything(tmp_path, monkeypatch, name, 12)


async def try_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, every_nth: int) -> None:
    """Have each actor try every nth of the actions that they may do, of those that they may not, and of what completes.

    The first of these is another one for each actor and configuration, so that all are tried in some of them.
    """
    monkeypatch.setattr("bot.commands.admin.reporting_desk.draw", no_picture)
    monkeypatch.setattr(
        "bot.gateway.fairness.MEMBER", Rate(burst=1e6, per_second=0)
    )  # each does everything here, at once
    power = CONFIGURATIONS[name][2]
    wrong: list[str] = []
    async with configured(name, tmp_path) as (fake, bot):
        bot.keeper.build = lambda _: small_matcher()  # what is answered is no matter here, and building takes time
        proposer = ACTORS[next(actor for actor, may in power.items() if may >= BASE)]
        every = await actions(fake, proposer)
        for number, (actor, differs) in enumerate(ACTORS.items(), [*CONFIGURATIONS].index(name)):
            where: Where = {**PLAIN, **differs}
            may = power.get(actor, NONE)
            before = kept(bot)
            there = [each for each in every if each[0] not in IN_SERVERS or not where["dm"]]
            denied = [(action, least, act) for action, least, act in there if least > may]
            allowed = [(action, act) for action, least, act in there if least <= may]
            for action, least, act in denied[number % every_nth :: every_nth]:
                if not is_refused(await act(where), REFUSALS[least]):
                    wrong.append(f"{actor} is not refused {action}")
            assert kept(bot) == before, actor
            for action, option in completed(fake)[number % every_nth :: every_nth]:
                typed = await fake.autocomplete(action, option, "ko" if option == "language" else "ca", **where)
                if bool(typed.choices) != (may >= COMMANDS[action]):
                    wrong.append(f"{actor} sees {len(typed.choices)} choices for {action}")
            for action, act in allowed[number % every_nth :: every_nth]:
                if await has_failed(await act(where)):
                    wrong.append(f"{actor} cannot do {action}")
    assert wrong == []


def completed(fake: FakeDiscord) -> list[tuple[str, str]]:
    """Return the options with autocomplete, each with its command."""
    options = [(action, each) for action, options in subcommands(fake).items() for each in options]
    return [(action, each["name"]) for action, each in options if each.get("autocomplete")]


async def no_picture(_: object) -> None:
    """Stand in for the picture of the statistics, which takes a second."""


def is_refused(shown: Exchange, line: str) -> bool:
    return len(shown.responses) == 1 and shown.ephemeral and shown.text.startswith(line) and not shown.followups


async def has_failed(shown: Exchange) -> bool:
    said = await settled(shown)
    return said.startswith(tuple(REFUSALS.values())) or "Something went wrong" in said


@pytest.mark.parametrize("kind", ["apply", "again", "today", "cancel"])
async def test_who_is_no_longer_an_admin_cannot_finish_what_was_begun_as_one(
    fake: FakeDiscord, bot: Running, kind: str
) -> None:
    preview = await draft(fake, ADMIN)
    before = kept(bot)
    pressed = await fake.press(preview, button(preview, kind), permissions=MEMBER)
    assert (pressed.text, pressed.ephemeral) == (REFUSALS[BASE], True)
    assert kept(bot) == before
    assert "Change `cats`?" in preview.text


async def test_a_form_that_was_opened_with_a_role_is_worth_nothing_without_it(tmp_path: Path) -> None:
    async with configured("all set", tmp_path) as (fake, bot):
        form = await fake.slash("briefs edit", {"brief": "cats", "as_yaml": True}, user=HOLDER)
        before = kept(bot)
        sent = await fake.submit(form, {"text": NEW}, user=User(HOLDER.id, "holder"))
        assert is_refused(sent, REFUSALS[BASE])
        assert kept(bot) == before


async def test_a_proposal_is_its_authors_alone(fake: FakeDiscord, bot: Running) -> None:
    preview = await draft(fake, ADMIN)
    before = kept(bot)
    for kind, said in (
        ("apply", "no longer kept"),
        ("again", "no longer kept"),
        ("yaml", "no longer kept"),
        ("cancel", "Nothing was changed"),
    ):
        custom_id = button(preview, "apply").replace("apply", kind)
        pressed = await fake.press(await with_button(fake, custom_id), custom_id, **OTHER)
        assert said in await settled(pressed)
        assert pressed.modal is None
    assert kept(bot) == before
    await settled(await fake.press(preview, "Apply"))
    assert b"hiss" in files(bot.folder)["cats.yaml"]


FORGED = [
    *(f"{kind}{state}" for kind in PRESSES for state in ("", ":7:9999999999999999999999", ":..:²:²")),
    *("briefs", "briefs nonsense:1", "briefs  apply:x", "briefs apply :x"),
]


async def test_a_forged_button_is_refused_and_even_an_admin_only_learns_from_it_that_it_leads_nowhere(
    fake: FakeDiscord, bot: Running
) -> None:
    before = kept(bot)
    for number, custom_id in enumerate(FORGED):
        who = User(1_000_000_000_000_001_000 + number, "somebody")  # one alone would soon be told to wait
        message = await with_button(fake, custom_id, ["nonsense"])
        kind = custom_id.partition(":")[0]
        refused = await fake.press(message, custom_id, ["nonsense"], user=who)
        assert is_refused(refused, REFUSALS[PRESSES.get(kind, BASE)]), custom_id
        pressed = await fake.press(message, custom_id, ["nonsense"], user=who, permissions=MANAGER)
        assert "Something went wrong" not in await settled(pressed), custom_id
        assert pressed.ephemeral, custom_id
    assert kept(bot) == before


async def test_buttons_of_before_a_restart_are_served_although_no_admin_has_used_a_command_since(
    fake: FakeDiscord, bot: Running
) -> None:
    message = await with_button(fake, "briefs list:1", [])
    both = await asyncio.gather(*(fake.press(message, "briefs list:1", **ADMIN) for _ in range(2)))
    assert ["cats" in await settled(pressed) for pressed in both] == [True, True]


async def test_a_form_that_is_no_longer_in_use_is_said_to_be_so(fake: FakeDiscord, bot: Running) -> None:
    form = await fake.slash("briefs edit", {"brief": "cats"}, **ADMIN)
    assert form.modal
    form.modal["custom_id"] = "briefs of old:cats"
    assert (await fake.submit(form)).text == "That form is no longer in use. Open it anew."
    assert is_refused(await fake.submit(form, permissions=MEMBER), REFUSALS[BASE])


@pytest.mark.parametrize(
    ("settings", "shown_to"),
    [
        ({}, str(discord.Permissions(manage_guild=True).value)),
        ({"home_guild_id": 5}, str(discord.Permissions(manage_guild=True).value)),
        ({"owner_ids": frozenset({5})}, None),
        ({"admin_role_ids": frozenset({5})}, None),
    ],
)
async def test_discord_hides_the_commands_unless_owners_or_roles_are_set_whom_it_would_hide_them_from(
    fake: FakeDiscord, start: Start, settings: dict[str, Any], shown_to: str | None
) -> None:
    await start(**settings)
    assert {each["name"]: each["default_member_permissions"] for each in fake.commands[None]} == {
        "brief": None,
        "Brief this": None,
        "privacy": None,
        "briefs": shown_to,
        "Draft a brief": shown_to,
    }
    draft = next(each for each in fake.commands[None] if each["name"] == "Draft a brief")
    assert (draft["contexts"], draft["integration_types"]) == ([0], [0])  # nothing hides it in direct messages
