"""The stand-in turns down what Discord would, lets the rest pass, and carries a real discord.py client."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import aiohttp
import discord
import pytest
from discord import app_commands, ui

from tools.fake_discord import FakeDiscord, Guild, NoAnswerError, Upload, User, rules, until

V2 = rules.COMPONENTS_V2


def words(content: str = "hello", **more: Any) -> dict[str, Any]:
    return {"type": 10, "content": content, **more}


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "More", "custom_id": "more", **more}


def row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def menu(**more: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "menu", "options": [{"label": "One", "value": "1"}], **more}


def box(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 17, "components": list(children), **more}


def section(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 9, "components": list(children), "accessory": button(), **more}


def layout(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": V2, "components": list(components), **more}


GOOD_MESSAGES = {
    "content": {"content": "x" * 2000, "tts": False, "flags": 64},
    "rows": {"content": "x", "components": [row(button())] * 1},
    "nothing but null": {"content": None, "embeds": [], "components": [row(button())]},
    "layout": layout(box(words(), section(words()), {"type": 14, "spacing": 2}, accent_color=0xFFFFFF), row(menu())),
    "all forty": layout(*[words("x")] * 40),
    "all four thousand": layout(words("x" * 2000), box(words("x" * 2000))),
    "link": layout(row(button(style=5, custom_id=None, url="https://example.org/a?b=c"))),
    "emoji alone": layout(row(button(label=None, emoji={"id": None, "name": "\N{WARNING SIGN}"}))),
    "mentions": {"content": "x", "allowed_mentions": {"parse": ["users"], "roles": [1], "users": []}},
    "embed": {"embeds": [{"type": "rich", "title": "x", "color": 1, "fields": [{"name": "a", "value": "b"}]}]},
}

BAD_MESSAGES = {
    "content too long": ({"content": "x" * 2001}, "content"),
    "content no text": ({"content": 5}, "content"),
    "lone surrogate": ({"content": "\ud800"}, "content"),
    "unknown key": ({"content": "x", "colour": 1}, "colour"),
    "unknown flag": ({"content": "x", "flags": 1}, "flags"),
    "flag is a truth value": ({"content": "x", "flags": True}, "flags"),
    "text display without the flag": ({"components": [words()]}, "components.0.type"),
    "six rows": ({"components": [row(button(custom_id=str(n))) for n in range(6)]}, "components"),
    "content beside a layout": (layout(words(), content="x"), "content"),
    "embeds beside a layout": (layout(words(), embeds=[{"title": "x"}]), "embeds"),
    "poll": (layout(words(), poll={"question": {}}), "poll"),
    "forty-one": (layout(box(*[words("x")] * 40)), "components"),
    "nested forty-one": (
        layout(*[section(words("x"), accessory=button(custom_id=str(n))) for n in range(14)]),
        "components",
    ),
    "too much text": (layout(words("x" * 2000), box(words("x" * 2001))), "components"),
    "text too long": (layout(words("x" * 4001)), "components.0.content"),
    "blank text": (layout(words(" \n")), "components.0.content"),
    "no text": (layout({"type": 10}), "components.0.content"),
    "unknown component": (layout({"type": 99}), "components.0.type"),
    "button on its own": (layout(button()), "components.0.type"),
    "box in a box": (layout(box(box(words()))), "components.0.components.0.type"),
    "empty box": (layout(box()), "components.0.components"),
    "accent": (layout(box(words(), accent_color=0x1000000)), "components.0.accent_color"),
    "empty row": (layout(row()), "components.0.components"),
    "six buttons": (layout(row(*[button(custom_id=str(n)) for n in range(6)])), "components.0.components"),
    "menu beside button": (layout(row(menu(), button())), "components.0.components"),
    "four texts": (layout(section(*[words()] * 4)), "components.0.components"),
    "section without accessory": (layout(section(words(), accessory=None)), "components.0.accessory"),
    "menu as accessory": (layout(section(words(), accessory=menu())), "components.0.accessory.type"),
    "spacing": (layout(words(), {"type": 14, "spacing": 3}), "components.1.spacing"),
    "style": (layout(row(button(style=7))), "components.0.components.0.style"),
    "custom_id too long": (layout(row(button(custom_id="x" * 101))), "components.0.components.0.custom_id"),
    "no custom_id": (layout(row(button(custom_id=None))), "components.0.components.0.custom_id"),
    "label too long": (layout(row(button(label="x" * 81))), "components.0.components.0.label"),
    "no label": (layout(row(button(label=" "))), "components.0.components.0"),
    "no emoji": (layout(row(button(emoji={"name": "smile"}))), "components.0.components.0.emoji.name"),
    "link with custom_id": (layout(row(button(style=5, url="https://a.org"))), "components.0.components.0.custom_id"),
    "script link": (
        layout(row(button(style=5, custom_id=None, url="javascript:alert(1)"))),
        "components.0.components.0.url",
    ),
    "link too long": (
        layout(row(button(style=5, custom_id=None, url="https://a.org/" + "x" * 500))),
        "components.0.components.0.url",
    ),
    "no options": (layout(row(menu(options=[]))), "components.0.components.0.options"),
    "26 options": (
        layout(row(menu(options=[{"label": "x", "value": str(n)} for n in range(26)]))),
        "components.0.components.0.options",
    ),
    "same value twice": (
        layout(row(menu(options=[{"label": "x", "value": "x"}] * 2))),
        "components.0.components.0.options",
    ),
    "more to choose than there is": (layout(row(menu(max_values=2))), "components.0.components.0.options"),
    "min above max": (layout(row(menu(min_values=2))), "components.0.components.0.options"),
    "same custom_id": (layout(row(button(), button())), "components"),
    "same id": (layout(words(id=7), words(id=7)), "components"),
    "id too big": (layout(words(id=2**31)), "components.0.id"),
    "no such attachment": (
        layout({"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}),
        "components.0",
    ),
    "file from elsewhere": (layout({"type": 13, "file": {"url": "https://a.org/b"}}), "components.0.file.url"),
    "parse and list": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions.users",
    ),
    "mention type": ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0"),
    "embed too long": ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
    "eleven embeds": ({"embeds": [{"title": "x"}] * 11}, "embeds"),
}


def places(violations: list[rules.Violation]) -> list[str]:
    return [".".join(map(str, violation.path)) for violation in violations]


@pytest.mark.parametrize("name", GOOD_MESSAGES)
def test_good_messages_pass(name: str) -> None:
    assert rules.message_violations(GOOD_MESSAGES[name], "callback") == []


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_bad_messages_are_turned_down_where_they_are_wrong(name: str) -> None:
    payload, place = BAD_MESSAGES[name]
    assert place in places(rules.message_violations(payload, "callback"))


BEFORE_V2 = {"flags": V2, "content": "", "embeds": [], "components": [words()], "attachments": []}
BEFORE_V1 = {"flags": 0, "content": "old", "embeds": [], "components": [], "attachments": []}


@pytest.mark.parametrize(
    ("before", "payload", "place"),
    [
        (BEFORE_V2, layout(words()), None),
        (BEFORE_V2, {"components": [words()], "tts": False}, None),
        (BEFORE_V2, {"components": [words()], "flags": 0}, "flags"),
        (BEFORE_V2, {"content": "x"}, "content"),
        (BEFORE_V2, layout(words(), flags=V2 | 64), "flags"),
        (BEFORE_V1, layout(words()), "content"),
        (BEFORE_V1, layout(words(), content=None, embeds=[]), None),
        (BEFORE_V1, {"tts": True}, "tts"),
    ],
)
def test_an_edit_is_judged_by_the_message_it_meets(
    before: dict[str, Any], payload: dict[str, Any], place: str | None
) -> None:
    found = places(rules.message_violations(payload, "edit", before=before))
    assert found == ([] if place is None else [place])


def label(component: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 18, "label": "Text", "component": component, **more}


def field(**more: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": "text", "style": 2, **more}


def modal(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 9, "data": {"custom_id": "m", "title": "Add", "components": list(components), **more}}


def choices(*values: Any) -> dict[str, Any]:
    return {"type": 8, "data": {"choices": [{"name": "x", "value": value} for value in values]}}


@pytest.mark.parametrize(
    ("interaction", "payload", "place"),
    [
        (rules.COMMAND, {"type": 4, "data": {"content": "x"}}, None),
        (rules.COMMAND, {"type": 5, "data": {"flags": 64}}, None),
        (rules.COMMAND, {"type": 5, "data": {"flags": V2}}, "data.flags"),
        (rules.COMMAND, {"type": 6}, "type"),
        (rules.COMMAND, {"type": 7, "data": {"content": "x"}}, "type"),
        (rules.COMMAND, choices("a"), "type"),
        (rules.COMMAND, {"type": "4"}, "type"),
        (rules.AUTOCOMPLETE, {"type": 4, "data": {"content": "x"}}, "type"),
        (rules.AUTOCOMPLETE, choices(*map(str, range(25))), None),
        (rules.AUTOCOMPLETE, choices(*map(str, range(26))), "data.choices"),
        (rules.AUTOCOMPLETE, choices("x" * 101), "data.choices.0.value"),
        (rules.AUTOCOMPLETE, choices(1), "data.choices.0.value"),
        (rules.AUTOCOMPLETE, choices("a", "a"), "data.choices"),
        (rules.AUTOCOMPLETE, {"type": 8, "data": {"choices": [{"name": "", "value": "a"}]}}, "data.choices.0.name"),
        (rules.COMMAND, modal(label(field(min_length=1, max_length=4000, label=None))), None),
        (rules.COMMAND, modal(row(field(label="Text"))), None),
        (rules.COMMAND, modal(label({"type": 19, "custom_id": "file"}), {"type": 10, "content": "Hint"}), None),
        (rules.SUBMIT, modal(label(field())), "type"),
        (rules.COMMAND, modal(label(field()), title="x" * 46), "data.title"),
        (rules.COMMAND, modal(), "data.components"),
        (rules.COMMAND, modal(*[label(field(custom_id=str(n))) for n in range(6)]), "data.components"),
        (rules.COMMAND, modal(label(field(), label="x" * 46)), "data.components.0.label"),
        (rules.COMMAND, modal(label(field(), description="x" * 101)), "data.components.0.description"),
        (rules.COMMAND, modal(label(field(placeholder="x" * 101))), "data.components.0.component.placeholder"),
        (rules.COMMAND, modal(label(field(value="x" * 4001))), "data.components.0.component.value"),
        (rules.COMMAND, modal(label(field(min_length=3, max_length=2))), "data.components.0.component.min_length"),
        (rules.COMMAND, modal(label(menu(disabled=True))), "data.components.0.component.disabled"),
        (rules.COMMAND, modal(row(button())), "data.components.0.components.0.type"),
        (rules.COMMAND, modal(label(field()), label(field())), "data.components"),
    ],
)
def test_a_response_fits_its_interaction(interaction: int, payload: dict[str, Any], place: str | None) -> None:
    found = places(rules.callback_violations(payload, interaction))
    assert found == [] if place is None else place in found


def command(**more: Any) -> dict[str, Any]:
    return {"name": "brief", "description": "Ask.", **more}


def option(**more: Any) -> dict[str, Any]:
    return {"type": 3, "name": "query", "description": "What?", **more}


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ([command(type=1, options=[option(required=True, autocomplete=True, max_length=300)])], None),
        ([{"type": 3, "name": "Brief this", "contexts": [0, 1], "integration_types": [0, 1]}], None),
        ([command(name="поиск"), command(name="संदेश", default_member_permissions="32")], None),
        (
            [command(options=[{"type": 2, "name": "g", "description": "d", "options": [option(type=1, options=[])]}])],
            None,
        ),
        ([command(name="Brief")], "0.name"),
        ([command(name="brief it")], "0.name"),
        ([command(name="x" * 33)], "0.name"),
        ([command(description="")], "0.description"),
        ([command(description="x" * 101)], "0.description"),
        ([command(colour=1)], "0.colour"),
        ([command(contexts=[3])], "0.contexts.0"),
        ([command(default_member_permissions="manage")], "0.default_member_permissions"),
        ([{"type": 3, "name": "Brief this", "description": "x"}], "0.description"),
        ([{"type": 3, "name": "Brief this", "options": []}], "0.options"),
        ([command(options=[option(name="a"), option(name="b", required=True)])], "0.options"),
        ([command(options=[option(), option()])], "0.options"),
        ([command(options=[option(name=f"o{n}") for n in range(26)])], "0.options"),
        ([command(options=[option(max_value=3)])], "0.options.0.max_value"),
        ([command(options=[option(type=5, autocomplete=True)])], "0.options.0.autocomplete"),
        ([command(options=[option(autocomplete=True, choices=[{"name": "a", "value": "b"}])])], "0.options.0.choices"),
        ([command(options=[option(choices=[{"name": "a", "value": 1}])])], "0.options.0.choices.0.value"),
        ([command(options=[option(), option(type=1, name="sub")])], "0.options"),
        (
            [
                command(
                    options=[
                        option(
                            name=f"o{n}", choices=[{"name": f"{m}" + "x" * 90, "value": "y" * 90} for m in range(25)]
                        )
                        for n in range(2)
                    ]
                )
            ],
            "0",
        ),
        ([command(), command()], ""),
        ([{"type": 3, "name": str(n)} for n in range(16)], ""),
    ],
)
def test_commands_are_well_formed(payload: list[dict[str, Any]], place: str | None) -> None:
    found = places(rules.command_violations(payload))
    assert found == ([] if place is None else [place])


@pytest.mark.parametrize(
    ("payload", "pinged"),
    [
        ({"content": "<@1> <@&2> @everyone"}, ["<@1>"]),
        ({"content": "<@1> @here", "allowed_mentions": {"parse": []}}, []),
        ({"content": "<@1> @here", "allowed_mentions": {"parse": ["everyone"]}}, ["@here"]),
        ({"content": "<@1> <@!3>", "allowed_mentions": {"users": [3]}}, ["<@!3>"]),
        (layout(box(words("<@1>")), section(words("<@&2>")), allowed_mentions={"roles": ["2"]}), ["<@&2>"]),
    ],
)
def test_only_allowed_mentions_ping(payload: dict[str, Any], pinged: list[str]) -> None:
    assert rules.pings(payload, ["users"]) == pinged


# A client of the real library


class Card(ui.LayoutView):
    """A text, a button that edits it, and one that opens a modal."""

    def __init__(self, text: str) -> None:
        super().__init__(timeout=None)
        more: ui.Button[Card] = ui.Button(label="More", custom_id="more")
        more.callback = self.more  # type: ignore[method-assign]
        correct: ui.Button[Card] = ui.Button(label="Correct", custom_id="correct")
        correct.callback = self.correct  # type: ignore[method-assign]
        self.add_item(ui.Container(ui.TextDisplay(text), ui.Section("Sources", accessory=more)))
        self.add_item(ui.ActionRow(correct))

    async def more(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=Card("more of it"))

    async def correct(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Correction())


class Correction(ui.Modal, title="Correct it"):
    name: ui.Label[Any] = ui.Label(text="Name", component=ui.TextInput(custom_id="name"))
    file: ui.Label[Any] = ui.Label(text="File", component=ui.FileUpload(custom_id="file", required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(self.name.component, ui.TextInput)
        assert isinstance(self.file.component, ui.FileUpload)
        files = [(await each.read()).decode() for each in self.file.component.values]
        await interaction.response.send_message(f"{self.name.component.value} {files}", ephemeral=True)


class Bot(discord.Client):
    def __init__(self, **options: Any) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0, **options)
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="brief", description="Ask.")(brief)
        self.tree.command(name="late", description="Answer later.")(late)
        self.tree.context_menu(name="Brief this")(brief_this)

    async def before_identify_hook(self, _: int | None, *, initial: bool = False) -> None:
        """Do without the library's five seconds between two identifications."""

    async def setup_hook(self) -> None:
        await self.tree.sync()


async def suggest(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{current}oops", value="troops")]


@app_commands.autocomplete(query=suggest)
async def brief(interaction: discord.Interaction, query: str) -> None:
    await interaction.response.send_message(view=Card(f"About {query}"), ephemeral=True)


async def late(interaction: discord.Interaction, wrong: bool = False) -> None:
    await interaction.response.defer(ephemeral=True)
    await interaction.edit_original_response(content="x" * (2001 if wrong else 20))
    await interaction.followup.send("more", ephemeral=True)


async def brief_this(interaction: discord.Interaction, message: discord.Message) -> None:
    where = "a DM" if interaction.guild is None else interaction.guild.name
    await interaction.response.send_message(f"{message.author.name} in {where}: {message.content}")


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        with fake.redirected():
            yield fake


@asynccontextmanager
async def running(fake: FakeDiscord, **options: Any) -> AsyncIterator[Bot]:
    bot = Bot(**options)
    task = asyncio.create_task(bot.start(fake.token))
    try:
        await fake.connected()
        yield bot
    finally:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_slash_command_shows_a_card_whose_button_edits_it(fake: FakeDiscord) -> None:
    async with running(fake):
        shown = await fake.slash("brief", {"query": "troops"})
        assert (shown.text, shown.labels, shown.ephemeral) == ("About troops\nSources", ["More", "Correct"], True)
        pressed = await fake.press(shown, "More")
        assert pressed.message == shown.message
        assert shown.text == "more of it\nSources"
        assert shown.elapsed is not None
        assert shown.elapsed < 1
        assert fake.identifies[0]["intents"] == 1
    assert fake.faults == []


async def test_autocompletion_offers_choices(fake: FakeDiscord) -> None:
    async with running(fake):
        typed = await fake.autocomplete("brief", "query", "tro")
    assert typed.choices == [{"name": "trooops", "value": "troops"}]
    assert fake.faults == []


async def test_a_message_command_reads_a_message_in_a_server_and_in_a_dm(fake: FakeDiscord) -> None:
    async with running(fake):
        shown = await fake.message_command("Brief this", "troops?", author=User(5, "ann"))
        assert shown.text == "ann in Test server: troops?"
        shown = await fake.message_command("Brief this", "troops? <@7> @everyone", dm=True)
        assert shown.text == "author in a DM: troops? <@7> @everyone"
    assert fake.pings == ["<@7>"]
    assert fake.faults == []


async def test_a_modal_brings_text_and_files(fake: FakeDiscord) -> None:
    async with running(fake):
        shown = await fake.slash("brief", {"query": "troops"})
        opened = await fake.press(shown, "correct")
        with pytest.raises(AssertionError, match="requires 'Name'"):
            await fake.submit(opened)
        sent = await fake.submit(opened, {"Name": "Ann", "file": [Upload("a.txt", b"1,500")]})
        assert sent.text == "Ann ['1,500']"
    assert fake.faults == []


async def test_a_deferred_response_is_filled_and_followed_up(fake: FakeDiscord) -> None:
    async with running(fake):
        shown = await fake.slash("late")
        await shown.until(lambda it: it.followups)
        assert (shown.text, shown.followups[0]["content"], shown.ephemeral) == ("x" * 20, "more", True)
        assert fake.faults == []
        await (await fake.slash("late", {"wrong": True})).until(lambda _: fake.faults)
    assert fake.faults == [
        "PATCH /webhooks/1222000000000000000/…/messages/@original: content: must be 0 to 2000 characters, has 2001"
    ]


async def test_a_bot_may_answer_once_and_in_time(fake: FakeDiscord) -> None:
    async with running(fake):
        shown = await fake.slash("brief", {"query": "troops"})
        await fake.redeliver(shown)
        assert fake.faults == []
        fake.answer_within = 0.0
        with pytest.raises(NoAnswerError, match="10062"):
            await fake.slash("brief", {"query": "troops"}, within=0.2)
        fake.answer_within = 3.0
        await fake.slash("brief", {"query": "troops"})
        fake.token_lifetime = 0.0
        await fake.slash("late")
        await shown.until(lambda _: len(fake.faults) > 1)
    assert "50027 Invalid Webhook Token" in fake.faults[-1]


@pytest.mark.parametrize(("lost", "faults"), [(None, 1), ("reset", 0), (500, 0)])
async def test_a_second_answer_is_a_fault_of_a_bot_that_was_told_of_the_first(
    fake: FakeDiscord, lost: Literal["reset"] | int | None, faults: int
) -> None:
    async with running(fake), aiohttp.ClientSession() as session:
        if lost:
            fake.fail_next("POST", "/callback", lost, after_effect=True)
        shown = await fake.slash("brief", {"query": "troops"})
        again = f"{fake.api_base}/interactions/{shown.id}/{shown.token}/callback"
        async with session.post(again, json={"type": 5}) as refused:
            assert (await refused.json())["code"] == 40060
    assert len(fake.faults) == faults
    assert shown.text == "About troops\nSources"


@pytest.mark.parametrize("trouble", ["drop", "reconnect", "invalid"])
async def test_a_session_is_resumed_with_what_was_missed(fake: FakeDiscord, trouble: str) -> None:
    async with running(fake):
        if trouble == "drop":
            fake.drop()
        elif trouble == "reconnect":
            await fake.ask_to_reconnect()
        else:
            await fake.invalidate(resumable=True)
        shown = await fake.slash("brief", {"query": "troops"})
        assert shown.text == "About troops\nSources"
    assert (len(fake.identifies), len(fake.resumes)) == (1, 1)
    assert fake.faults == []


@pytest.mark.parametrize("trouble", ["freeze", "no heartbeats acknowledged"])
async def test_a_silent_gateway_is_left(fake: FakeDiscord, trouble: str) -> None:
    fake.heartbeat_interval = 20
    async with running(fake, heartbeat_timeout=0.2):
        if trouble == "freeze":
            fake.freeze()
        else:
            fake.acknowledge_heartbeats = False
        await until(lambda: fake.resumes)
        fake.acknowledge_heartbeats = True
        assert (await fake.slash("brief", {"query": "troops"})).text == "About troops\nSources"


async def test_a_lost_session_begins_anew(fake: FakeDiscord) -> None:
    async with running(fake):
        await fake.invalidate(resumable=False)
        await until(lambda: len(fake.identifies) == 2)
        assert (await fake.slash("brief", {"query": "troops"})).text == "About troops\nSources"


async def test_a_wrong_token_is_turned_away(fake: FakeDiscord) -> None:
    bot = Bot()
    with pytest.raises(discord.LoginFailure):
        await bot.start("wrong")
    await bot.close()


async def test_privileged_intents_must_be_granted(fake: FakeDiscord) -> None:
    async with discord.Client(intents=discord.Intents(message_content=True)) as client:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(fake.token)


class Reader(discord.Client):
    """Reads messages, and keeps what came of them."""

    def __init__(self, **intents: bool) -> None:
        super().__init__(intents=discord.Intents(guilds=True, **intents), guild_ready_timeout=0)
        self.read: list[str] = []

    async def on_message(self, message: discord.Message) -> None:
        where = message.guild.name if message.guild else "directly"
        self.read.append(f"{message.author.name} {where}: {message.content or '(withheld)'}")


@asynccontextmanager
async def reading(fake: FakeDiscord, **intents: bool) -> AsyncIterator[Reader]:
    async with Reader(**intents) as reader:
        task = asyncio.create_task(reader.start(fake.token))
        await fake.connected()
        await until(reader.is_ready)
        yield reader
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_messages_reach_who_asked_for_them_and_their_words_whom_they_concern(fake: FakeDiscord) -> None:
    async with reading(fake, dm_messages=True) as reader:
        await fake.say("not for bots")
        await fake.say("hello", dm=True)
        await until(lambda: reader.read)
    assert reader.read == ["member directly: hello"]
    async with reading(fake, guild_messages=True) as reader:
        await fake.say("hello", dm=True)
        first = await fake.say("not for bots")
        await fake.say("in code: `<@1222000000000000000>`")
        await fake.say("hello <@1222000000000000000>", reply_to=first)
        await until(lambda: len(reader.read) == 3)
    here = "member Test server:"
    assert reader.read == [f"{here} (withheld)", f"{here} (withheld)", f"{here} hello <@1222000000000000000>"]
    assert fake.faults == []


async def test_what_a_bot_sends_into_a_channel_is_told_to_it_and_replies_to_what_is_there(fake: FakeDiscord) -> None:
    async with reading(fake, guild_messages=True) as reader:
        asked = await fake.say("hello <@1222000000000000000>")
        there = reader.get_partial_messageable(fake.guilds[0].channel, guild_id=fake.guilds[0].id)
        there_too = discord.MessageReference(message_id=int(asked["id"]), channel_id=there.id)
        shown = await there.send("hi", reference=there_too, mention_author=False)
        assert fake.messages[str(shown.id)]["referenced_message"]["id"] == asked["id"]
        await until(lambda: reader.read[-1] == "briefbot Test server: hi")
        gone = discord.MessageReference(message_id=5, channel_id=there.id)
        with pytest.raises(discord.HTTPException, match="message_reference"):
            await there.send("hi", reference=gone)
        assert fake.faults.pop().endswith("message_reference: Unknown message")
        fake.refusals[there.id] = 160002
        with pytest.raises(discord.Forbidden, match="160002"):
            await there.send("hi", reference=there_too)
        await there.send("hi")
        fake.refusals[there.id] = 50013
        with pytest.raises(discord.Forbidden, match="50013"):
            await there.send("hi")
    assert fake.faults == []
    assert fake.pings == []


@pytest.mark.parametrize(
    ("number", "count", "most_guilds", "code"), [(1, 1, 2500, 4010), (2, 2, 2500, 4010), (0, 1, 0, 4011)]
)
async def test_a_shard_that_cannot_be_or_has_too_many_servers_is_turned_away(
    fake: FakeDiscord, number: int, count: int, most_guilds: int, code: int
) -> None:
    fake.most_guilds_of_a_shard = most_guilds
    async with discord.Client(intents=discord.Intents.none(), shard_id=number, shard_count=count) as client:
        with pytest.raises(discord.ConnectionClosed) as closed:
            await client.start(fake.token)
    assert closed.value.code == code


async def test_a_shard_hears_of_its_servers_alone_and_the_first_of_direct_messages(fake: FakeDiscord) -> None:
    (first,) = fake.guilds
    fake.guilds.append(second := Guild(first.id + (1 << 22), "The next one"))
    number = (second.id >> 22) % 2
    async with discord.Client(intents=discord.Intents(guilds=True), shard_id=number, shard_count=2) as client:
        connection = asyncio.create_task(client.start(fake.token))
        await fake.connected(guild_id=second.id)
        assert not fake.hears(first.id)
        assert fake.hears(None) == (number == 0)
        await until(lambda: client.guilds)
        assert [guild.id for guild in client.guilds] == [second.id]
        connection.cancel()


async def test_a_bucket_of_shards_gets_one_session_in_a_window(fake: FakeDiscord) -> None:
    fake.identify_window = 0.3
    began = time.monotonic()
    async with running(fake), running(fake):
        await until(lambda: len(fake.gateway.sessions) == 2)
    assert fake.refused_identifies
    assert time.monotonic() - began >= fake.identify_window


async def test_requests_fail_to_order(fake: FakeDiscord) -> None:
    channel = f"/channels/{fake.guilds[0].channel}/messages"
    async with running(fake) as bot:
        room = bot.get_partial_messageable(fake.guilds[0].channel)
        fake.fail_next("POST", channel, 429, 2, retry_after=0.01)
        fake.fail_next("POST", channel, 0.1)
        sent = await room.send("@everyone", file=discord.File(__file__, "a.txt"))
        assert [request.status for request in fake.requests if request.path == channel] == [429, 429, 200]
        assert sent.attachments[0].filename == "a.txt"
        fake.fail_next("POST", channel, "reset")
        with pytest.raises(OSError, match="reset"):
            await room.send("lost before it was sent")
        fake.fail_next("POST", channel, "reset", after_effect=True)
        with pytest.raises(OSError, match="reset"):
            await room.send("sent all the same")
        fake.fail_next("PATCH", "/messages/", 403)
        with pytest.raises(discord.Forbidden):
            await sent.edit(content="forbidden")
        await sent.edit(content="edited")
    assert [message["content"] for message in fake.messages.values()] == ["edited", "sent all the same"]
    assert fake.pings == ["@everyone"]
    assert fake.faults == []


async def test_a_message_with_the_nonce_of_another_is_that_one_as_long_as_discord_remembers_it(
    fake: FakeDiscord,
) -> None:
    async with running(fake) as bot:
        room = bot.get_partial_messageable(fake.guilds[0].channel)
        first = await room.send("first", nonce="one")
        assert (await room.send("again", nonce="one")).id == first.id
        await room.send("second", nonce="two")
        fake.sent_by_nonce.clear()
        await room.send("much later", nonce="one")
    assert [message["content"] for message in fake.messages.values()] == ["first", "second", "much later"]


async def test_what_is_in_no_channel_or_says_nothing_cannot_be_edited_so(fake: FakeDiscord) -> None:
    async with running(fake) as bot:
        shown = await fake.slash("brief", {"query": "troops"})
        assert shown.message is not None
        room = bot.get_partial_messageable(fake.guilds[0].channel)
        with pytest.raises(discord.NotFound):
            await room.get_partial_message(int(shown.message["id"])).edit(content="x")
        sent = await room.send("public")
        with pytest.raises(discord.HTTPException, match="50006"):
            await sent.edit(content=" ")
    assert [fault.partition(": ")[2] for fault in fake.faults] == [
        "10008 Unknown Message",
        "50006 Cannot send an empty message",
    ]


async def test_only_what_discord_shows_can_be_pressed(fake: FakeDiscord) -> None:
    async with running(fake):
        shown = await fake.slash("brief", {"query": "troops"})
        with pytest.raises(AssertionError, match="addressee alone"):
            await fake.press(shown, "More", user=User(7, "somebody else"))
        with pytest.raises(AssertionError, match="0 components match"):
            await fake.press(shown, "Less")
        with pytest.raises(AssertionError, match="'query' is required"):
            await fake.slash("brief")
        with pytest.raises(AssertionError, match="no command 'breif'"):
            await fake.slash("breif")
        in_servers = [each | {"contexts": [0]} for each in fake.commands[None]]
        fake.commands[None] = in_servers
        for elsewhere in ({"dm": True}, {"among": True}):
            with pytest.raises(AssertionError, match="no command 'brief'"):
                await fake.slash("brief", {"query": "x"}, **elsewhere)  # type: ignore[arg-type]
    assert fake.faults == []


async def test_servers_come_and_go(fake: FakeDiscord) -> None:
    other = Guild(2_111_000_000_000_000_000, "Other", roles={9: "editors"})
    async with running(fake) as bot:
        await fake.join(other)
        shown = await fake.message_command("Brief this", "x", guild=other)
        assert shown.text == "author in Other: x"
        assert [role.name for role in bot.guilds[1].roles] == ["@everyone", "editors"]
        await fake.leave(other)
        assert (await fake.slash("brief", {"query": "x"}, guild=other)).text == "About x\nSources"
        assert len(bot.guilds) == 1


async def test_what_the_stand_in_does_not_know_is_a_fault(fake: FakeDiscord) -> None:
    async with running(fake) as bot:
        with pytest.raises(discord.NotFound):
            await bot.fetch_user(5)
    assert fake.faults == ["GET /users/5: 0 404: Not Found"]
