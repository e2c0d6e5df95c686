"""Uploading, removing and taking back: each is shown first, kept in the history, and can be undone."""

import asyncio
import re
from pathlib import Path

import pytest

from bot.briefs.loader import MAX_BYTES
from bot.commands.admin import replies, versions_desk
from bot.storage.database import Database
from tests.admins import (
    ADMIN,
    FILES,
    OTHER,
    attached,
    edit,
    files,
    form,
    kept,
    press,
    rows,
    settled,
    with_button,
)
from tests.brief_files import brief_text, write
from tests.conftest import Start
from tools.fake_discord import MANAGER, Exchange, FakeDiscord, Guild, Upload, components_of
from tools.running import Running

CATS, DOGS, SHIPS = FILES["cats.yaml"], FILES["dogs.yaml"], FILES["ships.yaml"]
BIRDS = brief_text(title="Birds", summary="Birds are animals that sing.")
SAILING = SHIPS.replace("carry", "sail with")


pytestmark = pytest.mark.briefs(FILES)


async def command(fake: FakeDiscord, name: str, brief: str) -> Exchange:
    """Use a subcommand of `/briefs` on a brief, as an admin, and return what it says in the end."""
    shown = await fake.slash(f"briefs {name}", {"brief": brief}, **ADMIN)
    await settled(shown)
    return shown


async def upload(fake: FakeDiscord, *files: tuple[str, str | bytes]) -> Exchange:
    """Use `/briefs upload` with files and return what it says in the end."""
    contents = [Upload(name, content if isinstance(content, bytes) else content.encode()) for name, content in files]
    options = {f"file{n}" if n > 1 else "file": content for n, content in enumerate(contents, 1)}
    shown = await fake.slash("briefs upload", options, **ADMIN)
    await settled(shown)
    return shown


async def undo(fake: FakeDiscord, brief: str) -> None:
    """Undo the last change of a brief."""
    shown = await command(fake, "undo", brief)
    removes = f"### Remove `{brief}`?" in shown.text
    assert removes or f"### Set `{brief}` back?" in shown.text, shown.text
    assert f"`{brief}` was set back" in await press(fake, shown, "Remove" if removes else "Apply")


def menu(shown: Exchange) -> list[tuple[str, str]]:
    """Return what a message's menu offers, each with its value."""
    menus = [each for each in components_of(shown.message) if each["type"] == 3]
    return [(option["label"], option["value"]) for menu in menus for option in menu["options"]]


async def test_five_files_are_taken_up_as_one_change_byte_for_byte(fake: FakeDiscord, bot: Running) -> None:
    before = files(bot.folder)
    new = {f"b{n}.yaml": brief_text(title=f"Birds of kind {n}", related=["b4"] if n < 4 else []) for n in range(4)}
    shown = await upload(fake, *new.items(), ("ships.yaml", "\ufeff" + SAILING.replace("\n", "\r\n")))
    assert "related: there is no brief 'b4'" in shown.text
    assert (files(bot.folder), shown.labels) == (before, [])
    new |= {"b0.yaml": new["b3.yaml"].replace("b4", "b1").replace("kind 3", "kind 0")}
    new = {name: text.replace('"b4"', '"ships"') for name, text in new.items()}
    shown = await upload(fake, *new.items(), ("ships.yaml", "\ufeff" + SAILING.replace("\n", "\r\n")))
    assert "### Add or replace `b0`, `b1`, `b2`, `b3`, `ships`?" in shown.text
    assert shown.labels == ["Apply", "Cancel"]
    assert files(bot.folder) == before
    said = await press(fake, shown, "Apply")
    assert "`b0`, `b1`, `b2`, `b3`, `ships` were uploaded. That is what members get from now on." in said
    written = {name: text.encode() for name, text in new.items()}
    assert files(bot.folder) == before | written | {"ships.yaml": SAILING.replace("\n", "\r\n").encode()}
    assert shown.labels == ["Undo"]
    assert "sail with" in (await fake.slash("brief", {"query": "cargo ships"})).text
    said = await press(fake, shown, "Undo")
    assert "Done: `b0`, `b1`, `b2`, `b3`, `ships` were set back." in said
    assert files(bot.folder) == before


REFUSED: dict[str, tuple[list[tuple[str, str | bytes]], str]] = {
    "the same twice": ([("birds.yaml", BIRDS), ("birds.yaml", BIRDS)], "birds.yaml:1:1: comes twice; send it once"),
    "another suffix": ([("birds.yml", BIRDS)], "birds.yml:1:1: is not read; what can be uploaded ends in"),
    "no suffix": ([("birds", BIRDS)], "birds:1:1: is not read; what can be uploaded ends in"),
    "no UTF-8": ([("birds.yaml", b"title: B\xf6\n")], "birds.yaml:1:9: is not UTF-8 from here on"),
    "too large": ([("birds.yaml", b"#" * (MAX_BYTES + 1))], "birds.yaml:1:1: is larger than 1024 KiB"),
    "one of two": ([("birds.yaml", BIRDS), ("x.txt", BIRDS)], "x.txt:1:1: is not read; what can be uploaded ends in"),
}


async def test_a_file_that_can_be_no_brief_is_refused_with_what_to_do(fake: FakeDiscord, bot: Running) -> None:
    before = kept(bot)
    for case, (content, complaint) in REFUSED.items():
        shown = await upload(fake, *content)
        assert complaint in shown.text, case
        assert shown.text.startswith("Nothing was changed. Mend this and upload again:"), case
        assert shown.labels == [], case
    assert kept(bot) == before


async def test_a_mistake_in_a_file_that_was_uploaded_can_be_mended_in_a_form(fake: FakeDiscord, bot: Running) -> None:
    for name, mended in (("birds", BIRDS), ("ships", SAILING)):
        shown = await upload(fake, (f"{name}.yaml", mended + "titel: x\n"))
        assert "unknown key 'titel'" in shown.text
        again = await fake.press(shown, "Edit again")
        assert form(again)["text"] == mended + "titel: x\n"
        assert form(again).get("id", "ships") == name
        mending = await fake.submit(again, {"text": mended})
        await settled(mending)
        assert "Done" in await press(fake, mending, "Apply")
        assert files(bot.folder)[f"{name}.yaml"] == mended.encode()
    shown = await upload(fake, ("My_Brief!.yaml", BIRDS.replace("Birds", "Mine")))
    assert "My_Brief!.yaml:1:1: the file's name is the brief's id" in shown.text
    renamed = await fake.submit(await fake.press(shown, "Edit again"), {"id": "my-brief"})
    assert "### Add `my-brief`?" in await settled(renamed)


async def test_of_files_that_were_uploaded_those_that_change_nothing_stay_out_of_the_history(
    fake: FakeDiscord, bot: Running
) -> None:
    unchanged = await upload(fake, ("cats.yaml", CATS), ("dogs.yaml", DOGS))
    assert unchanged.text == "That is what the brief says already; nothing was changed."
    shown = await upload(fake, ("cats.yaml", CATS), ("ships.yaml", SAILING))
    assert "### Add or replace `ships`?" in shown.text
    await press(fake, shown, "Apply")
    assert [row["brief"] for row in rows(bot, "versions") if row["action"] == "upload"] == ["ships"]


async def test_a_brief_that_others_name_is_removed_and_unlinked_from_them_by_one_change(
    fake: FakeDiscord, start: Start, tmp_path: Path
) -> None:
    naming = {f"bird-{n}.yaml": brief_text(title=f"Bird {n}", related=["cats", "ships"]) for n in range(8)}
    write(tmp_path / "briefs", naming)
    bot = await start()
    before = files(bot.folder)
    shown = await command(fake, "remove", "cats")
    assert "### Remove `cats`, and unlink it from 9 briefs?" in shown.text
    assert b"-title: Cats" in (await attached(fake, shown))["changes.diff"]
    assert shown.labels == ["Remove, and unlink from 9 briefs", "Cancel"]
    assert files(bot.folder) == before
    said = await press(fake, shown, "Remove, and unlink from 9 briefs")
    assert said == "Done: `cats` was removed, and unlinked from 9 briefs. Members no longer get it."
    unlinked = {name: text.replace('"cats", ', "").encode() for name, text in naming.items()}
    unlinked["dogs.yaml"] = DOGS.replace("[cats]", "[]").encode()
    assert files(bot.folder) == unlinked | {"ships.yaml": SHIPS.encode()}
    assert "unlinked from a brief that was removed by <@" in (await command(fake, "history", "dogs")).text
    assert "`1` <t:" in (await command(fake, "history", "cats")).text
    assert "were set back" in await press(fake, shown, "Undo")
    assert files(bot.folder) == before


async def test_however_many_files_somebody_else_has_changed_meanwhile_that_can_be_said(
    fake: FakeDiscord, start: Start, tmp_path: Path
) -> None:
    naming = {f"bird-{n}{'-' * 50}.yaml": brief_text(title=f"Bird {n}", related=["cats"]) for n in range(10, 80)}
    write(tmp_path / "briefs", naming)
    bot = await start()
    shown = await command(fake, "remove", "cats")
    write(bot.folder, {name: f"{text}status: confirmed\n" for name, text in naming.items()})
    said = await press(fake, shown, "Remove, and unlink from 71 briefs")
    assert "`, 60 more since you began" in said


async def test_a_brief_that_cannot_be_taken_out_of_a_file_safely_is_not_removed(
    fake: FakeDiscord, bot: Running
) -> None:
    write(bot.folder, {"dogs.yaml": DOGS.replace("[cats]", "[cats, # these\n  ships]")})
    await bot.keeper.reload()
    before = files(bot.folder)
    shown = await command(fake, "remove", "cats")
    assert "dogs.yaml:8:11: related: there is no brief 'cats'" in shown.text
    assert (files(bot.folder), shown.labels) == (before, [])


async def test_a_brief_is_removed_only_after_asking_back(fake: FakeDiscord, bot: Running) -> None:
    before = files(bot.folder)
    shown = await command(fake, "remove", "Cargo ships")
    assert "### Remove `ships`?" in shown.text
    assert b"-title: Cargo ships" in (await attached(fake, shown))["changes.diff"]
    assert "no longer find `ships`: “Cargo ships”, “ships”" in shown.text
    assert shown.labels == ["Remove", "Cancel"]
    assert await press(fake, shown, "Cancel") == "Nothing was changed."
    assert files(bot.folder) == before
    shown = await command(fake, "remove", "ships")
    assert "`ships` was removed" in await press(fake, shown, "Remove")
    assert files(bot.folder).keys() == {"cats.yaml", "dogs.yaml"}
    assert "things over the sea" not in (await fake.slash("brief", {"query": "cargo ships"})).text
    assert "There is no brief" in (await command(fake, "remove", "ships")).text


async def test_the_last_brief_cannot_be_removed(fake: FakeDiscord, start: Start, tmp_path: Path) -> None:
    for name in ("cats.yaml", "dogs.yaml"):
        (tmp_path / "briefs" / name).unlink()
    bot = await start()
    assert "holds no briefs" in (await command(fake, "remove", "ships")).text
    assert files(bot.folder).keys() == {"ships.yaml"}


async def test_the_history_tells_who_did_what_and_when_and_its_menu_brings_a_version_back(
    fake: FakeDiscord, bot: Running
) -> None:
    await press(fake, await edit(fake, "ships", SAILING), "Apply")
    await press(fake, await edit(fake, "ships", SHIPS.replace("sea", "ocean"), OTHER), "Apply")
    await press(fake, await command(fake, "remove", "ships"), "Remove")
    shown = await command(fake, "history", "ships")
    lines = [re.sub(r"<t:\d+:f>", "<t>", line) for line in shown.text.splitlines()]
    me, other = (f"<@{user.id}>" for user in (fake.user, OTHER["user"]))
    assert lines == [
        "### History of `ships`",
        f"`1` <t> removed by {me}",
        f"`2` <t> edited by {other}",
        f"`3` <t> edited by {me}",
        "`4` <t> first seen",
    ]
    assert [label.rpartition(", ")[2] for label, _ in menu(shown)] == ["edited", "edited", "first seen"]
    said = await press(fake, shown, "Bring a version back …", menu(shown)[1][1])
    assert "### Set `ships` back?" in said
    assert "Done: `ships` was set back." in await press(fake, shown, "Apply")
    assert files(bot.folder)["ships.yaml"] == SAILING.encode()
    assert "sail with" in (await fake.slash("brief", {"query": "cargo ships"})).text


async def test_what_was_changed_in_an_editor_is_in_the_history_too(fake: FakeDiscord, bot: Running) -> None:
    write(bot.folder, {"ships.yaml": SAILING})
    assert "Reloaded: 3 briefs" in await settled(await fake.slash("briefs reload", **ADMIN))
    assert re.search(r"`1` <t:\d+:f> changed outside Discord\n", (await command(fake, "history", "ships")).text)
    await undo(fake, "ships")
    assert files(bot.folder)["ships.yaml"] == SHIPS.encode()


async def test_every_kind_of_change_can_be_undone_and_so_can_the_undoing(fake: FakeDiscord, bot: Running) -> None:
    before = files(bot.folder)
    await press(fake, await edit(fake, "ships", SAILING), "Apply")
    await undo(fake, "ships")
    assert files(bot.folder) == before
    await undo(fake, "ships")
    assert files(bot.folder) == before | {"ships.yaml": SAILING.encode()}

    await press(fake, await upload(fake, ("birds.yaml", BIRDS)), "Apply")
    await undo(fake, "birds")
    assert "birds.yaml" not in files(bot.folder)
    assert "No brief on" in (await fake.slash("brief", {"query": "birds"})).text
    await undo(fake, "birds")
    assert files(bot.folder)["birds.yaml"] == BIRDS.encode()

    removed = await command(fake, "remove", "birds")
    await press(fake, removed, "Remove")
    assert "`birds` was set back" in await press(fake, removed, "Undo")
    assert "sing" in (await fake.slash("brief", {"query": "birds"})).text


async def test_a_brief_that_was_never_changed_has_nothing_to_undo(fake: FakeDiscord, bot: Running) -> None:
    shown = await command(fake, "undo", "cats")
    assert shown.text == "`cats` has not been changed since the bot first saw it; there is nothing to undo."
    assert menu(await command(fake, "history", "cats")) == []


async def test_an_undo_that_would_break_the_base_is_refused(fake: FakeDiscord, bot: Running) -> None:
    await press(fake, await upload(fake, ("birds.yaml", BIRDS)), "Apply")
    await press(fake, await edit(fake, "ships", SHIPS + "related: [birds]\n"), "Apply")
    shown = await command(fake, "undo", "birds")
    assert "ships.yaml:6:11: related: there is no brief 'birds'" in shown.text
    assert shown.labels == []


async def test_the_history_of_a_restart_goes_on_and_a_long_one_shows_the_newest(
    fake: FakeDiscord, start: Start
) -> None:
    await start()
    await press(fake, await edit(fake, "ships", SAILING), "Apply")
    bot = await start()
    bot.keeper.build = lambda _: bot.keeper.matcher
    for n in range(30):
        await press(fake, await edit(fake, "ships", f"{SAILING}# {n}\n"), "Apply")
    shown = await command(fake, "history", "ships")
    assert shown.text.count("edited by") == 20
    assert len(menu(shown)) == 19
    assert (await attached(fake, await command(fake, "show", "ships")))["ships.yaml"].endswith(b"# 29\n")
    assert len(rows(bot, "versions")) == 3 + 31


async def test_what_was_broken_in_an_editor_is_undone_to_how_it_was_before(fake: FakeDiscord, bot: Running) -> None:
    write(bot.folder, {"ships.yaml": "titel: Ships\n"})
    assert "the key 'title' is missing" in await settled(await fake.slash("briefs reload", **ADMIN))
    differs = "⚠️ The file holds something else, which is not in use."
    assert differs in (await command(fake, "history", "ships")).text
    assert differs in (await command(fake, "show", "ships")).text
    await undo(fake, "ships")
    assert files(bot.folder)["ships.yaml"] == SHIPS.encode()
    assert [row["text"] for row in rows(bot, "versions") if row["brief"] == "ships"] == [SHIPS]  # all that was in use
    assert differs not in (await command(fake, "show", "ships")).text


@pytest.mark.parametrize("what", ["history", "cancel", "again"])
async def test_a_log_that_does_not_answer_is_said_before_discord_gives_up(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    preview = await edit(fake, "cats", CATS.replace("purr", "hiss"))

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(replies, "READ_TIMEOUT", 0.05)
    monkeypatch.setattr(Database, "read", hang)
    if what == "history":
        shown = await fake.slash("briefs history", {"brief": "cats"}, **ADMIN)
    else:
        shown = await fake.press(preview, "Cancel" if what == "cancel" else "Edit again")
    assert "The log cannot be read at the moment" in await settled(shown)


async def test_removed_briefs_are_offered_to_be_brought_back(fake: FakeDiscord, bot: Running) -> None:
    for brief in ("ships", "dogs"):
        await press(fake, await command(fake, "remove", brief), "Remove")
    for name in ("undo", "history"):
        offered = (await fake.autocomplete(f"briefs {name}", "brief", "", **ADMIN)).choices
        assert [each["value"] for each in offered] == ["dogs", "ships", "cats"], "what was changed last comes first"
        assert offered[1]["name"] == "ships (removed)"
        typed = (await fake.autocomplete(f"briefs {name}", "brief", "shi", **ADMIN)).choices
        assert [each["value"] for each in typed] == ["ships"]
    assert len((await fake.autocomplete("briefs edit", "brief", "", **ADMIN)).choices) == 1
    shown = await command(fake, "undo", "ships")
    await press(fake, shown, "Apply")
    offered = (await fake.autocomplete("briefs undo", "brief", "", **ADMIN)).choices
    assert [each["name"] for each in offered] == ["Cargo ships", "dogs (removed)", "Cats"]


async def test_help_names_every_command_on_one_screen(fake: FakeDiscord, bot: Running) -> None:
    said = (await fake.slash("briefs help", **ADMIN)).text
    briefs = next(each for each in fake.commands[None] if each["name"] == "briefs")
    for each in briefs["options"]:
        assert f"`/briefs {each['name']}`" in said or each["name"] == "help"
    assert len(said.splitlines()) <= 25
    assert len(said) < 1500
    elsewhere = Guild(1_555_000_000_000_000_000, "Second")
    await fake.join(elsewhere)
    theirs = await fake.slash("briefs help", guild=elsewhere, permissions=MANAGER)
    assert "`/briefs stats`" in theirs.text
    assert "`/briefs edit`" not in theirs.text


async def test_a_long_history_comes_in_pages_and_each_of_its_versions_can_be_brought_back(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions_desk, "PAGE", 4)
    for n in range(2, 11):
        write(bot.folder, {"cats.yaml": FILES["cats.yaml"].replace("purr", f"purr {n} times")})
        await bot.keeper.reload()
    shown = await fake.slash("briefs history", {"brief": "cats"}, **ADMIN)
    seen = _numbers(shown)
    for page in ("2 of 3", "3 of 3"):
        await press(fake, shown, "Next ▶")
        assert page in shown.labels
        seen += _numbers(shown)
    assert seen == list(range(1, 11))
    (menu,) = [each for each in components_of(shown.message) if each["type"] == 3]
    assert [option["label"].partition(":")[0] for option in menu["options"]] == ["9", "10"]
    assert "### Set `cats` back?" in await press(fake, shown, "Bring a version back …", menu["options"][-1]["value"])
    await press(fake, shown, "Apply")
    assert files(bot.folder)["cats.yaml"] == FILES["cats.yaml"].encode()


def _numbers(shown: Exchange) -> list[int]:
    return [int(number) for number in re.findall(r"^`(\d+)` <t:", shown.text, re.MULTILINE)]


@pytest.mark.parametrize("state", ["", "cats", "cats:0", "cats:99999999999999999999", "../x:1", ":1", "gone:1"])
async def test_a_forged_button_of_a_history_leads_to_a_page_or_a_plain_line(
    fake: FakeDiscord, bot: Running, state: str
) -> None:
    custom_id = f"briefs history:{state}"
    pressed = await fake.press(await with_button(fake, custom_id), custom_id, **ADMIN)
    said = await settled(pressed)
    assert said.startswith("### History of `cats`") or "has no history" in said
